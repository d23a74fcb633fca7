"""What a plan costs: requests and time."""

from collections.abc import Sequence

from leadops.engine.select.activity_lookup import effect_terms
from leadops.model.change import Change, Kind
from leadops.model.plan import Find, Plan
from leadops.model.predicate import Everything
from leadops.model.query import PAGE
from leadops.model.saved import PlanCalls
from leadops.predicate.evaluate import activities

FRESH_S = 60
"""A lead that was read longer ago than this, in seconds, is read again before it is written."""
BURST = 10
"""Requests that the rate limit lets pass at once (state/ratelimit)."""


def calls_of(plan: Plan, changes: Sequence[Change], reads: int, bound: int, rate_per_hour: int) -> PlanCalls:
    """Return the calls made while planning, to be written, and at most made in all; and how long the rest takes.

    Args:
        plan: the playbook.
        changes: all of them.
        reads: made so far.
        bound: that planning was allowed to make.
        rate_per_hour: requests an hour.
    """
    writes = sum(not change.with_create for change in changes)
    again = sum(_rechecks(plan, index, changes, rate_per_hour) for index in range(len(plan.steps)))
    seconds = max(0, writes + again - BURST) * 3600 / rate_per_hour
    clock = any(
        change.kind is Kind.CREATE for change in changes
    )  # by `apply` nothing may be read before them
    return PlanCalls(reads, writes, max(reads, bound) + writes + again + clock, round(seconds))


def _rechecks(plan: Plan, index: int, changes: Sequence[Change], rate_per_hour: int) -> int:
    """Return how many calls it takes to read a step's leads again, page by page, so that no reading is over a minute old.

    A page serves the writes of the minute after it; actions that are to be changed are read one by one.
    """
    mine = [change for change in changes if change.step == index and change.lead.id]
    if not mine:
        return 0
    source = plan.steps[index].source
    condition = source.condition if isinstance(source, Find) else Everything()
    terms = (*activities(condition), *effect_terms(plan.steps[index]))
    each = 1 + len(terms)
    a_minute = max(1, min(PAGE, rate_per_hour * FRESH_S // 3600 - each))
    dear = len({change.lead for change in mine}) if any(term.having for term in terms) else 0
    actions = sum(change.kind is Kind.UPDATE_ACTION for change in mine)
    return -(-len(mine) // a_minute) * each + dear + actions
