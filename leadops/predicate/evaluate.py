"""The local evaluator: what a condition says of one lead.

Two-valued: a field test of a missing value is False, and Not turns it round. Unknown may be an Activity term, while
nobody has asked for it, and a field that our own write moved; ``decide`` then answers None if the rest leaves it open.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from leadops.core.text import fold, folded
from leadops.model.lead import Lead
from leadops.model.phones import phone_digits
from leadops.model.predicate import (
    Activity,
    And,
    Compare,
    Condition,
    Equals,
    Everything,
    FieldTest,
    HasTags,
    InWindow,
    LeadIs,
    Missing,
    Not,
    OneOf,
    Or,
    TextMatch,
)
from leadops.model.schema import FieldType
from leadops.model.values import FREE_TEXTS, Value, comparable, is_missing, number, same
from leadops.predicate.facts import Facts


def holds(condition: Condition, lead: Lead, facts: Facts) -> bool:
    """Whether ``condition`` is true of ``lead``.

    Raises:
        LookupError: it turns on an Activity term that neither the lead's timeline nor ``facts`` answers.
    """
    verdict = decide(condition, lead, facts)
    if verdict is None:
        raise LookupError(f"nobody has asked for the activity in: {condition.text or condition!r}")
    return verdict


def decide(condition: Condition, lead: Lead, facts: Facts) -> bool | None:
    """Return whether ``condition`` is true of ``lead``; None when an activity not asked for decides it."""
    match condition:
        case Everything():
            return True
        case And(terms):
            return _all(decide(term, lead, facts) for term in terms)
        case Or(terms):
            some = _all(_negated(decide(term, lead, facts)) for term in terms)
            return _negated(some)
        case Not(term):
            return _negated(decide(term, lead, facts))
        case Activity():
            return facts.activity(condition, lead)
        case LeadIs(lead_id):
            return lead.id == lead_id
        case _:
            if facts.is_unknown(condition.field, lead):
                return None
            return field_holds(condition, lead.fields.get(condition.field), facts.country_code)


def field_holds(test: FieldTest, value: Value, country_code: str = "91") -> bool:
    """Whether ``test`` is true of a field with this value."""
    match test:
        case Missing():
            return is_missing(value)
        case _ if is_missing(value):
            return False
        case Equals(_, type_, wanted):
            return _equal(value, wanted, type_, country_code)
        case OneOf(_, type_, values):
            return any(_equal(value, one, type_, country_code) for one in values)
        case Compare(_, _, op, wanted):
            return _compared(number(value), op, number(wanted))
        case InWindow(_, window):
            at = number(value)
            return at is not None and window.start_ms <= at < window.end_ms
        case TextMatch():
            return any(_matches(test, part, country_code) for part in _parts(value))
        case HasTags(_, which, values):
            have = comparable(value, FieldType.TAGS)
            wanted_tags = {fold(tag) for tag in values}
            assert isinstance(have, frozenset)
            return wanted_tags <= have if which == "all" else bool(wanted_tags & have)


def _equal(value: Value, wanted: Value, type: FieldType, country_code: str) -> bool:
    """Whether a lead's value is the wanted one. Blanks of a text count, as they do in a search: else it would miss some."""
    if is_missing(wanted):
        return False
    if type in FREE_TEXTS and isinstance(value, str) and isinstance(wanted, str):
        return folded(value) == folded(wanted)
    return same(value, wanted, type, country_code)


def activities(condition: Condition) -> tuple[Activity, ...]:
    """Return the distinct Activity terms of ``condition``, in the order of writing."""
    return tuple(dict.fromkeys(leaf for leaf in leaves(condition) if isinstance(leaf, Activity)))


def needs_timeline(condition: Condition) -> bool:
    """Whether some Activity of ``condition`` asks for an action's fields, which no search can say."""
    return any(term.having for term in activities(condition))


def leaves(condition: Condition) -> Iterator[Condition]:
    """Yield the tests of ``condition``, without And, Or and Not."""
    match condition:
        case And(terms) | Or(terms):
            for term in terms:
                yield from leaves(term)
        case Not(term):
            yield from leaves(term)
        case _:
            yield condition


def _all(verdicts: Iterator[bool | None]) -> bool | None:
    answer: bool | None = True
    for verdict in verdicts:
        if verdict is False:
            return False
        if verdict is None:
            answer = None
    return answer


def _negated(verdict: bool | None) -> bool | None:
    return None if verdict is None else not verdict


def _compared(a: Decimal | None, op: str, b: Decimal | None) -> bool:
    if a is None or b is None:
        return False
    return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[op]


def _parts(value: Value) -> tuple[str, ...]:
    return tuple(str(part) for part in value) if isinstance(value, tuple | list) else (str(value),)


def _matches(test: TextMatch, value: str, country_code: str) -> bool:
    if test.type is FieldType.PHONE:
        text = phone_digits(value, country_code) or re.sub(r"\D", "", value)
        wanted = re.sub(r"\D", "", test.value)
    else:
        text, wanted = fold(value), fold(test.value)
    if not wanted:
        return False
    match test.kind:
        case "contains":
            return wanted in text
        case "starts with":
            return text.startswith(wanted)
        case "ends with":
            return text.endswith(wanted)
