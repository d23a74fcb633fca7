"""A test's claims against what the plan leaves behind: expected and actual, clause by clause."""

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from leadops.cli.rehearsal.outcome import After, Outcome, action_in_words, names, shown
from leadops.core.positions import Span
from leadops.model.lead import Lead
from leadops.model.plan import Find
from leadops.model.predicate import Condition
from leadops.model.rehearsal import Matches, NotTouched, WouldHave, WouldHaveAction
from leadops.model.saved import SavedPlan
from leadops.model.schema import FieldType
from leadops.model.values import Value, number, same
from leadops.predicate.evaluate import holds
from leadops.predicate.facts import Facts
from leadops.predicate.flip import decision
from leadops.predicate.normalise import normalise
from leadops.predicate.words import words

_SHOWN = 5
"""Of so many leads it is said why a step does not select them."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A claim that does not hold.

    Attributes:
        expected: the claim as written.
        actual: what the plan does instead.
        details: more lines, that say why.
        span: where the claim stands.
    """

    expected: str
    actual: str
    details: tuple[str, ...] = ()
    span: Span | None = field(default=None, compare=False, repr=False)


Claims = Matches | WouldHave | WouldHaveAction | NotTouched


def judged(claim: Claims, saved: SavedPlan, outcome: Outcome) -> Failure | None:
    """Return why ``claim`` does not hold; None when it does."""
    if isinstance(claim, Matches):
        return _matches(claim, saved, outcome)
    after = outcome.of(claim.lead)
    if after is None:
        return Failure(claim.text, "no such lead comes into being", (), claim.span)
    match claim:
        case WouldHave():
            return _would_have(claim, after, outcome)
        case WouldHaveAction():
            return _would_have_action(claim, after, outcome)
        case NotTouched():
            if not after.done:
                return None
            return Failure(claim.text, "; ".join(after.done), (), claim.span)


# ── matches ──────────────────────────────────────────────────────────────────────────────────────


def _matches(claim: Matches, saved: SavedPlan, outcome: Outcome) -> Failure | None:
    matched = saved.steps[claim.step].matched
    if matched == claim.count:
        return None
    actual = f"{matched} lead{'' if matched == 1 else 's'}"
    source = outcome.plan.steps[claim.step].source
    if not isinstance(source, Find):
        return Failure(claim.text, actual, (), claim.span)
    facts = Facts(outcome.plan.schema.identifier, outcome.plan.country_code)
    condition = normalise(source.condition, outcome.plan.country_code)
    leads = outcome.before[claim.step]
    selected = [lead for lead in leads if holds(condition, lead, facts)]
    if len(selected) == matched and selected:
        actual += f": {names(selected, outcome.plan)}"
    left = [lead for lead in leads if lead not in selected] if matched < claim.count else []
    details = tuple(_why_not(lead, condition, facts, outcome) for lead in left[:_SHOWN])
    return Failure(claim.text, actual, details, claim.span)


def _why_not(lead: Lead, condition: Condition, facts: Facts, outcome: Outcome) -> str:
    tests = " and ".join(f"`{words(test)}`" for test in decision(condition, lead, facts).flip)
    return f"{names([lead], outcome.plan)} is not selected: {tests or 'nothing'} does not hold"


# ── would have ───────────────────────────────────────────────────────────────────────────────────


def _would_have(claim: WouldHave, after: After, outcome: Outcome) -> Failure | None:
    value = after.lead.fields.get(claim.name)
    if claim.bounds is not None:
        at = number(value)
        if at is not None and claim.bounds[0] <= at < claim.bounds[1]:
            return None
    elif same(value, claim.value, claim.type, outcome.plan.country_code):
        return None
    actual = f"{claim.name} = {_of_type(value, claim.type, outcome)}"
    return Failure(claim.text, actual, tuple(after.refused), claim.span)


def _of_type(value: Value, type: FieldType, outcome: Outcome) -> str:
    at = number(value) if type is FieldType.DATE else None
    if at is None:
        return shown(value)
    zone = ZoneInfo(outcome.plan.timezone)
    return datetime.fromtimestamp(int(at) / 1000, zone).isoformat(timespec="minutes")[:16]


def _would_have_action(claim: WouldHaveAction, after: After, outcome: Outcome) -> Failure | None:
    of_type = [action for action in after.lead.timeline or () if action.type == claim.type]
    for action in of_type:
        if all(
            same(action.fields.get(h.key), h.value, h.type, outcome.plan.country_code) for h in claim.having
        ):
            return None
    actual = (
        "; ".join(action_in_words(action.type, action.fields) for action in of_type)
        or f"no action {claim.type}"
    )
    return Failure(claim.text, actual, tuple(after.refused), claim.span)
