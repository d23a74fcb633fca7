"""A condition in the form that the planner reads: Not only on tests, flat And and Or, lists merged.

Every rewriting keeps the two-valued meaning: ``not (x = v)`` stays a Not, for it includes leads without x.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from leadops.model.predicate import (
    Activity,
    And,
    Condition,
    Equals,
    Everything,
    InWindow,
    Not,
    OneOf,
    Or,
    Window,
)
from leadops.model.values import Comparable, Value, is_missing
from leadops.predicate.alternatives import absorbed, widened
from leadops.predicate.lists import NOTHING, keyed, one_of
from leadops.predicate.words import words

EVERYTHING = Everything()


def normalise(condition: Condition, country_code: str = "91") -> Condition:
    """Return an equivalent condition in negation normal form, simplified."""
    return _build(condition, positive=True, country_code=country_code)


def conjunction(terms: Iterable[Condition], country_code: str = "91") -> Condition:
    """Return the And of conditions in normal form, simplified."""
    flat: list[Condition] = []
    for term in terms:
        flat += term.terms if isinstance(term, And) else (term,)
    flat = [term for term in dict.fromkeys(flat) if not isinstance(term, Everything)]
    if _contradicts(flat, NOTHING):
        return NOTHING
    flat = _narrowed(flat, country_code)
    if NOTHING in flat:
        return NOTHING
    whole = frozenset(flat)
    flat = [term for term in flat if not (isinstance(term, Or) and any(part in whole for part in term.terms))]
    return EVERYTHING if not flat else flat[0] if len(flat) == 1 else And(tuple(flat))


def disjunction(terms: Iterable[Condition], country_code: str = "91") -> Condition:
    """Return the Or of conditions in normal form, simplified."""
    flat: list[Condition] = []
    for term in terms:
        flat += term.terms if isinstance(term, Or) else (term,)
    flat = list(dict.fromkeys(flat))
    if _contradicts(flat, EVERYTHING):
        return EVERYTHING
    flat = absorbed(widened(flat, conjunction, country_code))
    return flat[0] if len(flat) == 1 else Or(tuple(flat))


def _build(condition: Condition, *, positive: bool, country_code: str) -> Condition:
    match condition:
        case Everything():
            return EVERYTHING if positive else NOTHING
        case Not(term):
            built = _build(term, positive=not positive, country_code=country_code)
            written = positive and condition.text and isinstance(built, Not)
            return replace(built, text=condition.text) if written else built
        case And(terms) | Or(terms):
            parts = [_build(term, positive=positive, country_code=country_code) for term in terms]
            joined = conjunction if isinstance(condition, And) is positive else disjunction
            return joined(parts, country_code)
        case _:
            leaf = _leaf(condition)
            if positive or leaf in {EVERYTHING, NOTHING}:
                return leaf if positive else NOTHING if leaf == EVERYTHING else EVERYTHING
            return Not(leaf, text=f"not ({words(leaf)})", origin=leaf.origin)


def _leaf(test: Condition) -> Condition:
    """Return ``test``, or NOTHING where no value can satisfy it."""
    match test:
        case OneOf(field, type_, values):
            present = tuple(value for value in values if not is_missing(value))
            if not present:
                return NOTHING
            return (
                Equals(field, type_, present[0], text=test.text, origin=test.origin)
                if len(present) == 1
                else test
            )
        case Equals() if is_missing(test.value):
            return NOTHING
        case InWindow() if test.window.end_ms <= test.window.start_ms:
            return NOTHING
        case Activity() if not test.types or (test.window and test.window.end_ms <= test.window.start_ms):
            return NOTHING
        case _:
            return test


def _contradicts(terms: list[Condition], decisive: Condition) -> bool:
    """Whether ``decisive`` is one of the terms, or one of them is the opposite of another."""
    whole = frozenset(terms)
    return decisive in whole or any(isinstance(term, Not) and term.term in whole for term in terms)


def _narrowed(terms: list[Condition], cc: str) -> list[Condition]:
    """Merge an And's tests of one field: lists are intersected, excluded values taken out, windows cut."""
    result: list[Condition] = []
    allowed: dict[str, int] = {}
    windows: dict[str, int] = {}
    excluded: dict[str, int] = {}
    out: dict[str, dict[Comparable, Value]] = {}
    for term in terms:
        match term:
            case Equals(field) | OneOf(field) if field in allowed:
                other = result[allowed[field]]
                assert isinstance(other, Equals | OneOf)
                keys = _keys(term, cc)
                result[allowed[field]] = one_of(other, tuple(v for v, k in keyed(other, cc) if k in keys))
                if result[allowed[field]] == NOTHING:
                    return [NOTHING]
            case Equals(field) | OneOf(field):
                allowed[field] = len(result)
                result.append(term)
            case InWindow(field, window) if field in windows:
                other_window = result[windows[field]]
                assert isinstance(other_window, InWindow)
                cut = _cut(other_window.window, window)
                if cut is None:
                    return [NOTHING]
                result[windows[field]] = InWindow(
                    field, cut, text=f"{other_window.text} and {term.text}", origin=other_window.origin
                )
            case InWindow(field):
                windows[field] = len(result)
                result.append(term)
            case Not(Equals(field) | OneOf(field) as gone) if field in excluded:
                out.setdefault(field, {}).update((key, value) for value, key in keyed(gone, cc))
            case Not(Equals(field) | OneOf(field)):
                excluded[field] = len(result)
                result.append(term)
            case _:
                result.append(term)
    for field, index in excluded.items():
        before = result[index]
        assert isinstance(before, Not)
        assert isinstance(before.term, Equals | OneOf)
        both = {key: value for value, key in keyed(before.term, cc)} | out.get(field, {})
        if field in allowed:
            test = result[allowed[field]]
            assert isinstance(test, Equals | OneOf)
            result[allowed[field]] = one_of(test, tuple(v for v, k in keyed(test, cc) if k not in both))
            result[index] = EVERYTHING
        elif field in out:
            inner = one_of(before.term, tuple(both.values()))
            result[index] = Not(inner, text=f"not ({words(inner)})", origin=before.origin)
    return [term for term in result if not isinstance(term, Everything)]


def _keys(test: Equals | OneOf, cc: str) -> set[Comparable]:
    return {key for _, key in keyed(test, cc)}


def _cut(a: Window, b: Window) -> Window | None:
    start, end = max(a.start_ms, b.start_ms), min(a.end_ms, b.end_ms)
    if end <= start:
        return None
    first, last = max(a.first_day, b.first_day), min(a.last_day, b.last_day)
    return Window(start, end, first, last, f"{a.text} and {b.text}", a.moving or b.moving)


def mapped(
    condition: Condition, change: Callable[[Condition], Condition], country_code: str = "91"
) -> Condition:
    """Return ``condition``, in normal form, with each test (with its Not) replaced by what ``change`` makes of it."""
    match condition:
        case And(terms):
            return conjunction([mapped(term, change, country_code) for term in terms], country_code)
        case Or(terms):
            return disjunction([mapped(term, change, country_code) for term in terms], country_code)
        case _:
            return change(condition)
