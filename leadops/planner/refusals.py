"""Why a condition cannot be searched for, or not by searching alone, in words."""

from leadops.core.errors import RefusedError
from leadops.model.plan import Permissions
from leadops.model.predicate import Activity, And, Condition, Everything, HasTags, LeadIs, Not, Or, TextMatch
from leadops.model.schema import FieldType, Schema
from leadops.planner.filters import pushed
from leadops.planner.probes import Probes
from leadops.planner.query_plan import QueryPlan
from leadops.predicate.evaluate import leaves
from leadops.predicate.words import words


def require_timelines(permissions: Permissions, plan: QueryPlan) -> None:
    """Make sure that the step may read the timelines that ``plan`` needs.

    Raises:
        RefusedError: it may not.
    """
    asks = [ask for arm in plan.arms for ask in arm.asks if ask.verify]
    if not asks or permissions.timelines:
        return
    term = asks[0].term
    reason = "no search asks for an action's fields" if term.having else "the service ignores this filter"
    raise RefusedError(
        f"`{words(term)}` needs the timelines of up to {plan.timelines} leads: {reason}",
        help="write `allow timelines at most N` in the step (one call a lead), or narrow the condition",
    )


def unsearchable(probes: Probes, wanted: Condition, schema: Schema, country_code: str) -> RefusedError:
    """Return that nobody can search for ``wanted``, with its parts and what the service ignores of them."""
    parts = wanted.terms if isinstance(wanted, And | Or) else (wanted,)
    named = "; ".join(f"`{words(part)}`" for part in parts[:4])
    return RefusedError(
        f"no search can find these leads, every lead would have to be read: {named}{_ignored(probes, wanted, schema, country_code)}",
        help="add a condition that a search can say (a status, a member, a date range, an activity), "
        "or write `allow full scan` in the step",
    )


def _ignored(probes: Probes, wanted: Condition, schema: Schema, country_code: str) -> str:
    """Return what the service is known not to honour of ``wanted``, as the end of a sentence."""
    found: list[str] = []
    for test in leaves(wanted):
        if isinstance(test, Activity):
            found += [] if probes.takes_activities() else ["the type of an action"]
        elif not isinstance(test, And | Or | Not | LeadIs | Everything):
            one = pushed(test, schema, country_code)
            found += [test.field] if one is not None and not probes.usable(test.field, one) else []
    return f"; the service ignores the filter on {', '.join(dict.fromkeys(found))}" if found else ""


def why_not(term: Condition) -> str:
    """Return why no search says ``term``."""
    if isinstance(term, TextMatch):
        return "a search knows only whole values"
    if getattr(term, "type", None) is FieldType.MONEY:
        return "amounts are texts to the service and are compared as numbers here"
    return "a search cannot compare"


def why_more(term: Condition) -> str:
    """Return why the filter of ``term`` finds other leads too."""
    if isinstance(term, HasTags):
        return "a search finds leads with one of the tags, not with all"
    return "a search finds the text without its spare blanks too"
