"""A condition in the form that the planner reads: Not only on tests, flat And and Or, lists merged.

Every rewriting keeps the two-valued meaning: ``not (x = v)`` stays a Not, for it includes leads without x.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from leadops.core.text import folded
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
from leadops.model.values import FREE_TEXTS, Comparable, Value, comparable, is_missing
from leadops.predicate.words import words

EVERYTHING = Everything()
NOTHING = Or(())
"""True of no lead."""


def normalise(condition: Condition, country_code: str = "91") -> Condition:
    """Return an equivalent condition in negation normal form, simplified."""
    return _build(condition, positive=True, country_code=country_code)


def conjunction(terms: Iterable[Condition], country_code: str = "91") -> Condition:
    """Return the And of conditions in normal form, simplified."""
    flat: list[Condition] = []
    for term in terms:
        flat += term.terms if isinstance(term, And) else (term,)
    flat = [term for term in dict.fromkeys(flat) if not isinstance(term, Everything)]
    if NOTHING in flat or any(_opposite(term) in flat for term in flat):
        return NOTHING
    flat = _narrowed(flat, country_code)
    if NOTHING in flat:
        return NOTHING
    flat = [term for term in flat if not (isinstance(term, Or) and any(part in flat for part in term.terms))]
    return EVERYTHING if not flat else flat[0] if len(flat) == 1 else And(tuple(flat))


def disjunction(terms: Iterable[Condition], country_code: str = "91") -> Condition:
    """Return the Or of conditions in normal form, simplified."""
    flat: list[Condition] = []
    for term in terms:
        flat += term.terms if isinstance(term, Or) else (term,)
    flat = list(dict.fromkeys(flat))
    if any(isinstance(term, Everything) for term in flat) or any(_opposite(term) in flat for term in flat):
        return EVERYTHING
    flat = _absorbed(_widened(flat, country_code))
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


def _opposite(term: Condition) -> Condition:
    return term.term if isinstance(term, Not) else Not(term)


def listed(term: Condition) -> tuple[Value, ...] | None:
    """Return the values that an Equals or OneOf allows; None for any other test."""
    match term:
        case Equals(_, _, value):
            return (value,)
        case OneOf(_, _, values):
            return values
        case _:
            return None


def one_of(term: Equals | OneOf, values: tuple[Value, ...]) -> Condition:
    """Return the test that allows ``values`` of the field of ``term``."""
    if not values:
        return NOTHING
    made = (
        Equals(term.field, term.type, values[0]) if len(values) == 1 else OneOf(term.field, term.type, values)
    )
    return replace(made, text=words(made), origin=term.origin)


def _narrowed(terms: list[Condition], cc: str) -> list[Condition]:
    """Merge an And's tests of one field: lists are intersected, excluded values taken out, windows cut."""
    result: list[Condition] = []
    allowed: dict[str, int] = {}
    windows: dict[str, int] = {}
    excluded: dict[str, int] = {}
    for term in terms:
        match term:
            case Equals(field) | OneOf(field) if field in allowed:
                other = result[allowed[field]]
                assert isinstance(other, Equals | OneOf)
                keys = _keys(term, cc)
                result[allowed[field]] = one_of(other, tuple(v for v, k in _keyed(other, cc) if k in keys))
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
            case Not(Equals(field) | OneOf(field)) if field in excluded:
                before = result[excluded[field]]
                assert isinstance(before, Not)
                assert isinstance(before.term, Equals | OneOf)
                assert isinstance(term.term, Equals | OneOf)
                both = {k: v for test in (before.term, term.term) for v, k in _keyed(test, cc)}
                inner = one_of(before.term, tuple(both.values()))
                result[excluded[field]] = Not(inner, text=f"not ({words(inner)})", origin=before.origin)
            case Not(Equals(field) | OneOf(field)):
                excluded[field] = len(result)
                result.append(term)
            case _:
                result.append(term)
    for field, index in excluded.items():
        if field in allowed:
            test, gone = result[allowed[field]], result[index]
            assert isinstance(test, Equals | OneOf)
            assert isinstance(gone, Not)
            assert isinstance(gone.term, Equals | OneOf)
            out = _keys(gone.term, cc)
            result[allowed[field]] = one_of(test, tuple(v for v, k in _keyed(test, cc) if k not in out))
            result[index] = EVERYTHING
    return [term for term in result if not isinstance(term, Everything)]


def _keyed(test: Equals | OneOf, cc: str) -> list[tuple[Value, Comparable]]:
    """Return the test's values, each with what the evaluator compares: blanks of a free text count."""
    free = test.type in FREE_TEXTS
    return [
        (value, folded(value) if free and isinstance(value, str) else comparable(value, test.type, cc))
        for value in listed(test) or ()
    ]


def _keys(test: Equals | OneOf, cc: str) -> set[Comparable]:
    return {key for _, key in _keyed(test, cc)}


def _cut(a: Window, b: Window) -> Window | None:
    start, end = max(a.start_ms, b.start_ms), min(a.end_ms, b.end_ms)
    if end <= start:
        return None
    first, last = max(a.first_day, b.first_day), min(a.last_day, b.last_day)
    return Window(start, end, first, last, f"{a.text} and {b.text}", a.moving or b.moving)


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


def _widened(terms: list[Condition], cc: str) -> list[Condition]:
    """Merge an Or's terms that differ in one thing: values of a field, windows, types or performers."""
    result = terms
    merged = True
    while merged:
        merged = False
        for i, a in enumerate(result):
            for j in range(i + 1, len(result)):
                both = _either(a, result[j], cc)
                if both is not None:
                    result = [*result[:i], both, *result[i + 1 : j], *result[j + 1 :]]
                    merged = True
                    break
            if merged:
                break
    return result


def _either(a: Condition, b: Condition, cc: str) -> Condition | None:
    """Return one term that means ``a or b``, where there is one."""
    match a, b:
        case (Equals() | OneOf(), Equals() | OneOf()) if a.field == b.field:
            values = {key: value for test in (b, a) for value, key in _keyed(test, cc)}
            order = dict.fromkeys(key for test in (a, b) for _, key in _keyed(test, cc))
            return one_of(a, tuple(values[key] for key in order))
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
                both = _either(own[0], other[0], cc)
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


def _absorbed(terms: list[Condition]) -> list[Condition]:
    """Drop a term that another one of the Or includes: ``a or (a and b)`` is ``a``."""
    parts = [frozenset(term.terms) if isinstance(term, And) else frozenset({term}) for term in terms]
    return [
        term
        for i, term in enumerate(terms)
        if not any(
            parts[j] < parts[i] or (parts[j] == parts[i] and j < i) for j in range(len(terms)) if j != i
        )
    ]


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
