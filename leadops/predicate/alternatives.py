"""The terms of an Or: those that differ in one thing are merged, those that another includes are dropped."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from leadops.model.predicate import Activity, And, Condition, Equals, InWindow, OneOf, Window
from leadops.predicate.lists import keyed, one_of
from leadops.predicate.words import words

if TYPE_CHECKING:
    from leadops.model.values import Comparable, Value

MOST_PAIRED = 200
"""Of more terms no pairs are compared: that takes the square of their number."""

Conjunction = Callable[[Iterable[Condition], str], Condition]
"""Joins terms by ``and``, simplified."""
_Beside = tuple[str, frozenset[Condition]]
"""A field, and the tests that stand beside the list of its values."""


def widened(terms: list[Condition], conjunction: Conjunction, cc: str) -> list[Condition]:
    """Merge an Or's terms that differ in one thing: values of a field, windows, types or performers.

    Values of a field, alone or beside the same other tests, are gathered in one pass, for thousands may be written.
    What is left is compared pair by pair where it is not too much: unmerged terms mean the same.
    """
    result = _gathered(terms, conjunction, cc)
    if len(result) > MOST_PAIRED:
        return result
    merged = True
    while merged:
        merged = False
        for i, a in enumerate(result):
            for j in range(i + 1, len(result)):
                both = _either(a, result[j], conjunction, cc)
                if both is not None:
                    result = [*result[:i], both, *result[i + 1 : j], *result[j + 1 :]]
                    merged = True
                    break
            if merged:
                break
    return result


def _gathered(terms: list[Condition], conjunction: Conjunction, cc: str) -> list[Condition]:
    """Return ``terms`` with the lists of one field joined that stand alone, or in an And of the same other tests."""
    groups: dict[_Beside, list[int]] = {}
    for at, term in enumerate(terms):
        parts = term.terms if isinstance(term, And) else (term,)
        lists = [part for part in parts if isinstance(part, Equals | OneOf)]
        if len(lists) == 1:  # else it is open which of them another term differs in
            others = frozenset(part for part in parts if part is not lists[0])
            groups.setdefault((lists[0].field, others), []).append(at)
    result: list[Condition | None] = list(terms)
    for places in groups.values():
        if len(places) == 1:
            continue
        first = terms[places[0]]
        both = _joined_lists([_list_of(terms[at]) for at in places], cc)
        if isinstance(first, And):
            both = conjunction([both if part is _list_of(first) else part for part in first.terms], cc)
        for at in places:
            result[at] = None
        result[places[0]] = both
    return [term for term in result if term is not None]


def _list_of(term: Condition) -> Equals | OneOf:
    parts = term.terms if isinstance(term, And) else (term,)
    return next(part for part in parts if isinstance(part, Equals | OneOf))


def _joined_lists(tests: list[Equals | OneOf], cc: str) -> Condition:
    """Return the test that allows what any of ``tests`` allows, each value as it was written first."""
    values: dict[Comparable, Value] = {}
    for test in tests:
        own = {key: value for value, key in keyed(test, cc)}
        values |= {key: value for key, value in own.items() if key not in values}
    return one_of(tests[0], tuple(values.values()))


def _joined(a: Window, b: Window) -> Window | None:
    if max(a.start_ms, b.start_ms) > min(a.end_ms, b.end_ms):
        return None
    return Window(
        min(a.start_ms, b.start_ms),
        max(a.end_ms, b.end_ms),
        min(a.first_day, b.first_day),
        max(a.last_day, b.last_day),
        f"{a.text} or {b.text}",
        a.moving or b.moving,
    )


def _either(a: Condition, b: Condition, conjunction: Conjunction, cc: str) -> Condition | None:
    """Return one term that means ``a or b``, where there is one."""
    match a, b:
        case (Equals() | OneOf(), Equals() | OneOf()) if a.field == b.field:
            return _joined_lists([a, b], cc)
        case InWindow(), InWindow() if a.field == b.field:
            window = _joined(a.window, b.window)
            if window is None:
                return None
            return InWindow(a.field, window, text=f"{words(a)} or {words(b)}", origin=a.origin)
        case Activity(), Activity():
            return _either_activity(a, b)
        case And(), And():
            shared = [term for term in a.terms if term in b.terms]
            own, other = ([t for t in x.terms if t not in shared] for x in (a, b))
            if len(own) == 1 and len(other) == 1:
                both = _either(own[0], other[0], conjunction, cc)
                return None if both is None else conjunction([*shared, both], cc)
            return None
        case _:
            return None


def _either_activity(a: Activity, b: Activity) -> Activity | None:
    same = [a.having == b.having, a.window == b.window, set(a.types) == set(b.types), set(a.by) == set(b.by)]
    text = f"{words(a)} or {words(b)}"
    match same:
        case [True, True, True, True]:
            return a
        case [True, True, True, False]:
            by = tuple(dict.fromkeys((*a.by, *b.by))) if a.by and b.by else ()
            return replace(a, by=by, text=text)
        case [True, True, False, True]:
            return replace(a, types=tuple(dict.fromkeys((*a.types, *b.types))), text=text)
        case [True, False, True, True]:
            if a.window is None or b.window is None:
                return replace(a, window=None, text=text)
            window = _joined(a.window, b.window)
            return None if window is None else replace(a, window=window, text=text)
        case _:
            return None


def absorbed(terms: list[Condition]) -> list[Condition]:
    """Drop a term that another one of the Or includes: ``a or (a and b)`` is ``a``.

    A term that is included holds each test of the other, so that only those are compared with it that are filed under
    one of its own tests: each under its rarest.
    """
    parts = [frozenset(term.terms) if isinstance(term, And) else frozenset({term}) for term in terms]
    often = Counter(test for held in parts for test in held)
    filed: dict[Condition, list[int]] = {}
    for at, held in enumerate(parts):
        if held:
            filed.setdefault(min(held, key=often.__getitem__), []).append(at)
    return [
        term
        for i, term in enumerate(terms)
        if not any(
            parts[j] < parts[i] or (parts[j] == parts[i] and j < i)
            for test in parts[i]
            for j in filed.get(test, ())
            if j != i
        )
    ]
