"""Conditions as sentences: what is true of a lead that a step takes."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from leadops.model.actions import INCOMING_CALLS, MISSED_CALLS, OUTGOING_CALLS, PAYMENT
from leadops.model.plan import Plan
from leadops.model.predicate import (
    Activity,
    And,
    Compare,
    Condition,
    Equals,
    Everything,
    HasTags,
    InWindow,
    LeadIs,
    Missing,
    Not,
    OneOf,
    Or,
    TextMatch,
    Window,
)
from leadops.model.schema import FieldType
from leadops.model.values import Value
from leadops.predicate.evaluate import leaves
from leadops.report.masking import Masker
from leadops.report.shown import value_text

Line = tuple[int, str]
"""A line of text and how deep it stands."""

_ORDER = {"<": "below", "<=": "at most", ">": "above", ">=": "at least"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATED = {"<": "before", "<=": "up to", ">": "after", ">=": "from"}


def during(window: Window) -> str:
    """Return when something happened, as part of a sentence."""
    if window.text.lower().startswith(("since ", "today", "yesterday")):
        return window.text
    return f"on {window.text}" if _DAY.fullmatch(window.text) else f"in {window.text}"


def _including(said: str, negated: Iterable[Condition]) -> str:
    """Return a negation with the fields whose absence satisfies it."""
    tests = [leaf for test in negated for leaf in leaves(test) if not isinstance(leaf, Missing)]
    fields = sorted({str(getattr(leaf, "field", "")) for leaf in tests} - {"", "created_on"})
    return f"{said} (leads without {' or '.join(fields)} are included)" if fields else said


@dataclass(frozen=True, slots=True)
class Speaker:
    """How values and conditions of one plan are said.

    Attributes:
        masker: makes phones and e-mails unreadable; None shows them.
    """

    plan: Plan
    masker: Masker | None = None

    def value(self, value: Value, type: FieldType) -> str:
        """Return a value as reports show it; texts in quotes."""
        text = value_text(value, type, ZoneInfo(self.plan.timezone), self.masker)
        return f"“{text}”" if type is FieldType.TEXT and value is not None else text

    def action(self, code: str) -> str:
        """Return an action's type with the name that people know it by."""
        known = self.plan.schema.action(code)
        return f"{code} “{known.name}”" if known is not None and known.name != code else code

    def lines(self, condition: Condition, depth: int) -> Iterator[Line]:
        """Yield what ``condition`` asks for, one line a test; what stands deeper belongs to the line above."""
        match condition:
            case And(terms):
                for term in terms:
                    yield from self.lines(term, depth)
            case Or(terms):
                yield depth, "- at least one of these holds:"
                for term in terms:
                    yield from self._arm(term, depth + 1)
            case Not(And() | Or() as inner):
                head = "not all of these hold" if isinstance(inner, And) else "none of these holds"
                yield depth, f"- {_including(head, [t for t in inner.terms if not isinstance(t, Not)])}:"
                for term in inner.terms:
                    yield from self._arm(term, depth + 1)
            case _:
                yield depth, f"- {self.sentence(condition)}"
                test = condition.term if isinstance(condition, Not) else condition
                if isinstance(test, Activity) and len(test.types) > 1:
                    yield depth + 1, f"of one of the types {', '.join(test.types)}; answered or not"

    def _arm(self, term: Condition, depth: int) -> Iterator[Line]:
        if isinstance(term, And):
            yield depth, "- all of these together:"
            yield from self.lines(term, depth + 1)
        else:
            yield from self.lines(term, depth)

    def sentence(self, condition: Condition) -> str:
        """Return ``condition`` as part of one sentence."""
        match condition:
            case And(terms):
                return " and ".join(self._inner(term) for term in terms)
            case Or(terms):
                return " or ".join(self._inner(term) for term in terms)
            case Not(term):
                return self._negative(term)
            case _:
                return self._positive(condition)

    def _inner(self, term: Condition) -> str:
        return f"({self.sentence(term)})" if isinstance(term, And | Or) else self.sentence(term)

    def _positive(self, test: Condition) -> str:
        match test:
            case Everything():
                return "every lead of the workspace"
            case Equals(field, type_, value):
                return f"{field} is {self.value(value, type_)}"
            case OneOf(field, type_, values):
                return f"{field} is one of {self._listed(values, type_)}"
            case Compare(field, type_, op, value):
                order = (_DATED if type_ is FieldType.DATE else _ORDER)[op]
                return f"{field} is {order} {self.value(value, type_)}"
            case InWindow("created_on", window):
                return f"it was created {during(window)}"
            case InWindow(field, window):
                return f"{field} lies {during(window)}"
            case TextMatch(field, _, kind, value):
                verb = {"contains": "contains", "starts with": "begins with", "ends with": "ends with"}[kind]
                return f"{field} {verb} “{value}”"
            case Missing(field):
                return f"{field} is missing"
            case HasTags(field, which, values):
                least = "all of" if which == "all" else "at least one of"
                return f"{field} holds {least} {self._listed(values, FieldType.TEXT)}"
            case Activity():
                return f"it has {self._activity(test)}"
            case LeadIs(lead_id):
                return f"it is the lead {lead_id}"
            case _:
                return self.sentence(test)

    def _negative(self, test: Condition) -> str:
        match test:
            case Missing(field):
                return f"{field} has a value"
            case Equals(field, type_, value):
                said = f"{field} is not {self.value(value, type_)}"
            case OneOf(field, type_, values):
                said = f"{field} is none of {self._listed(values, type_)}"
            case InWindow("created_on", window):
                return f"it was not created {during(window)}"
            case TextMatch(field, _, kind, value):
                verb = {"contains": "contain", "starts with": "begin with", "ends with": "end with"}[kind]
                said = f"{field} does not {verb} “{value}”"
            case HasTags(field, which, values):
                tags = self._listed(values, FieldType.TEXT)
                said = (
                    f"{field} holds none of {tags}"
                    if which == "any"
                    else f"{field} lacks at least one of {tags}"
                )
            case Activity():
                return f"it has no {self._activity(test).removeprefix('an ').removeprefix('a ')}"
            case And() | Or():
                return f"not ({self.sentence(test)})"
            case Not(inner):
                return self.sentence(inner)
            case _:
                said = f"not: {self._positive(test)}"
        return _including(said, [test])

    def _listed(self, values: Iterable[Value], type_: FieldType) -> str:
        return ", ".join(self.value(value, type_) for value in values)

    def _activity(self, test: Activity) -> str:
        said = [self._kind(test.types)]
        if test.having:
            said.append("with " + ", ".join(f"{h.key} = {self.value(h.value, h.type)}" for h in test.having))
        if test.by:
            said.append("by " + " or ".join(self.value(name, FieldType.EMAIL) for name in test.by))
        if test.window is not None:
            said.append(during(test.window))
        return " ".join(said)

    def _kind(self, types: tuple[str, ...]) -> str:
        if types == (PAYMENT,):
            return "a payment"
        known = {OUTGOING_CALLS: "an outgoing call", INCOMING_CALLS: "an incoming call"}
        if types in known:
            return known[types]
        if types == MISSED_CALLS:
            return "a missed call"
        if len(types) == 1:
            return f"an action {self.action(types[0])}"
        return "an action of the types " + " or ".join(types)
