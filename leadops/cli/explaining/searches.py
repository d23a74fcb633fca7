"""What of a condition the service can search for, and what is decided here: known without asking it."""

from collections.abc import Iterator

from leadops.cli.explaining.conditions import Line, Speaker
from leadops.engine.select.noncompliant import goal
from leadops.model.plan import Find, Plan, Step
from leadops.model.predicate import (
    Activity,
    And,
    Condition,
    Everything,
    LeadIs,
    Missing,
    Not,
    Or,
    TextMatch,
)
from leadops.model.schema import FieldType
from leadops.planner.filters import is_exact, others, present, pushed
from leadops.predicate.evaluate import leaves
from leadops.predicate.lists import NOTHING
from leadops.predicate.normalise import normalise
from leadops.predicate.words import words


def search_lines(step: Step, plan: Plan, speaker: Speaker, depth: int) -> Iterator[Line]:
    """Yield how the leads of a step are found. The plan counts first and takes the way with the fewest calls."""
    if not isinstance(step.source, Find):
        return
    condition = normalise(step.source.condition, plan.country_code)
    if condition == NOTHING:
        yield depth, "- no lead can satisfy this condition; nothing is searched for"
        return
    terms = condition.terms if isinstance(condition, And) else (condition,)
    verdicts = [(term, *_verdict(term, plan)) for term in terms if not isinstance(term, Everything)]
    for term, searchable, how in verdicts:
        yield depth, f"- `{words(term)}`: {'pushed' if searchable else 'not pushed'}, {how}"
    if not any(searchable for _, searchable, _ in verdicts):
        allowed = "which this step allows" if step.permissions.full_scan else "add `allow full scan`"
        yield depth, f"- nothing of it narrows a search: every lead of the workspace is read; {allowed}"
    if any(isinstance(leaf, Activity) and leaf.having for leaf in leaves(condition)):
        allowed = "which this step allows" if step.permissions.timelines else "add `allow timelines`"
        yield depth, f"- fields of an action are read from timelines, one call a lead; {allowed}"
    wanted = goal(step)
    if wanted is not None:
        yield (
            depth,
            f"- leads of which this is true already are counted, not read: {speaker.sentence(wanted)}",
        )


def _verdict(term: Condition, plan: Plan) -> tuple[bool, str]:
    """Return whether a search can narrow by ``term``, and how, or why not."""
    schema, code = plan.schema, plan.country_code
    match term:
        case Activity():
            if term.having:
                return True, "without the action's fields, which no search knows"
            return True, "as one activity; a second activity is a search of its own"
        case Not(Activity()):
            return False, "leads that have it are searched for and taken out"
        case Not(Missing() as inner):
            if present(inner, schema) is not None:
                return True, "as the list of all its values"
            return False, "no search asks whether there is a value"
        case Missing():
            return False, "no search asks for a missing value"
        case Not(inner):
            if not isinstance(inner, Activity | And | Or | Not | Everything | LeadIs) and others(
                inner, schema, code
            ):
                return True, "as the list of the other values, where counting shows that no lead lacks one"
            return False, "no search says “not”"
        case Or(terms):
            if all(_narrows(part, plan) for part in terms):
                return True, "as one search for each alternative, or decided on the rows of the rest"
            return False, "an alternative of it cannot be searched for"
        case And() | Everything() | LeadIs():
            return False, "no search asks for it"
        case TextMatch():
            return False, "a search knows only whole values"
        case _:
            if pushed(term, schema, code) is None:
                return False, _why_not(term)
            if not is_exact(term):
                return True, "by one of the tags; the others are decided on the rows"
            return True, "exactly"


def _narrows(part: Condition, plan: Plan) -> bool:
    terms = part.terms if isinstance(part, And) else (part,)
    return any(_verdict(term, plan)[0] for term in terms)


def _why_not(term: Condition) -> str:
    if getattr(term, "type", None) is FieldType.MONEY:
        return "amounts are texts to the service and are compared as numbers here"
    return "a search cannot compare"
