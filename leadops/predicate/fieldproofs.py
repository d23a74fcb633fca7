"""Whether one field can satisfy several tests at once: by trying its values, or by reckoning with ranges and texts."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from decimal import Decimal
from itertools import pairwise

from leadops.core.fast_dataclass import record
from leadops.core.text import fold
from leadops.model.predicate import (
    Compare,
    Equals,
    FieldTest,
    HasTags,
    InWindow,
    Missing,
    OneOf,
    TextMatch,
    Window,
)
from leadops.model.schema import FieldType
from leadops.model.values import Value, number
from leadops.predicate.evaluate import field_holds
from leadops.predicate.lists import listed

__all__ = ["FieldTest", "Known", "possible"]

_MOST_VALUES = 1_000
"""So many values are tried."""
_RANGED = frozenset({FieldType.NUMBER, FieldType.MONEY, FieldType.DATE})


@record()
class Known:
    """What is known of fields besides their tests.

    Attributes:
        values: all values that a field may have, by API name; nothing for one that may have any.
        present: fields that every lead has.
        country_code: of phones without one.
        on_any_day: of windows that move with the clock nothing is reckoned: what is proved holds tomorrow too.
    """

    values: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    present: frozenset[str] = frozenset()
    country_code: str = "91"
    on_any_day: bool = False

    def moves(self, window: Window | None) -> bool:
        """Whether nothing is to be reckoned of ``window``."""
        return self.on_any_day and window is not None and window.moving


def possible(name: str, tests: Sequence[tuple[FieldTest, bool]], known: Known) -> bool:
    """Return False where no value of the field ``name``, a missing one included, makes each test what it is said to be."""
    if name not in known.present and _fits(tests, None, known):
        return True
    yes = [test for test, true in tests if true]
    no = [test for test, true in tests if not true and not isinstance(test, Missing)]
    if any(isinstance(test, Missing) for test in yes):
        return False
    values = _candidates(name, yes, known)
    if values is not None:
        return len(values) > _MOST_VALUES or any(_fits(tests, value, known) for value in values)
    if any(isinstance(test, TextMatch) for test in yes):
        return _texts(yes, no)
    if any(isinstance(test, HasTags) for test in (*yes, *no)):
        return _tags(yes, no)
    moving = {test for test in yes if isinstance(test, InWindow) and known.moves(test.window)}
    if not moving.isdisjoint(no):
        return False
    return bool(_ranges(_still(yes, known), _still(no, known)))


def _still(tests: Iterable[FieldTest], known: Known) -> list[FieldTest]:
    return [test for test in tests if not (isinstance(test, InWindow) and known.moves(test.window))]


def _fits(tests: Iterable[tuple[FieldTest, bool]], value: Value, known: Known) -> bool:
    return all(field_holds(test, value, known.country_code) is true for test, true in tests)


def _candidates(name: str, yes: Iterable[FieldTest], known: Known) -> tuple[Value, ...] | None:
    """Return the only values that may satisfy the tests; None: it may be any."""
    named = [values for test in yes if isinstance(test, Equals | OneOf) and (values := listed(test))]
    if named:
        return min(named, key=len)
    return known.values.get(name)


# ── ranges of numbers and dates ──────────────────────────────────────────────────────────────────

_Range = tuple[Decimal | None, bool, Decimal | None, bool]
"""From, whether it is part of it, to, whether it is; None: without end."""
_ALL: tuple[_Range, ...] = ((None, False, None, False),)


def _ranges(yes: Iterable[FieldTest], no: Iterable[FieldTest]) -> tuple[_Range, ...]:
    """Return what is left of all numbers; everything where a test is of another kind."""
    left = _ALL
    for test in yes:
        left = _common(left, _allowed(test))
    for test in no:
        left = _common(left, _other(_allowed(test)))
    return left


def _allowed(test: FieldTest) -> tuple[_Range, ...]:
    match test:
        case Compare(_, _, op, value) if (limit := number(value)) is not None:
            part = op in {"<=", ">="}
            return ((None, False, limit, part),) if op in {"<", "<="} else ((limit, part, None, False),)
        case InWindow(_, window):
            return ((Decimal(window.start_ms), True, Decimal(window.end_ms), False),)
        case Equals(_, type) | OneOf(_, type) if type in _RANGED:
            points = [point for value in listed(test) or () if (point := number(value)) is not None]
            return tuple((point, True, point, True) for point in points)
        case _:
            return _ALL


def _other(ranges: tuple[_Range, ...]) -> tuple[_Range, ...]:
    """Return all that is in none of ``ranges``; everything where they are everything: their test is of another kind."""
    if ranges == _ALL:
        return _ALL
    left = _ALL
    for low, with_low, high, with_high in ranges:
        outside: list[_Range] = []
        if low is not None:
            outside.append((None, False, low, not with_low))
        if high is not None:
            outside.append((high, not with_high, None, False))
        left = _common(left, tuple(outside))
    return left


def _common(a: tuple[_Range, ...], b: tuple[_Range, ...]) -> tuple[_Range, ...]:
    return tuple(both for one in a for other in b if (both := _cut(one, other)) is not None)


def _cut(a: _Range, b: _Range) -> _Range | None:
    low, with_low = max(
        ((a[0], a[1]), (b[0], b[1])), key=lambda end: (end[0] is not None, end[0] or 0, not end[1])
    )
    high, with_high = min(((a[2], a[3]), (b[2], b[3])), key=lambda end: (end[0] is None, end[0] or 0, end[1]))
    if (
        low is not None
        and high is not None
        and (low > high or (low == high and not (with_low and with_high)))
    ):
        return None
    return low, with_low, high, with_high


# ── texts and tags ───────────────────────────────────────────────────────────────────────────────


def _texts(yes: Iterable[FieldTest], no: Iterable[FieldTest]) -> bool:
    """Whether a text may satisfy all of ``yes`` and none of ``no``; True where it is open."""
    wanted = [(test.kind, _needle(test)) for test in yes if isinstance(test, TextMatch)]
    for kind, text in wanted:
        for other, needle in ((test.kind, _needle(test)) for test in no if isinstance(test, TextMatch)):
            if other == "contains" and needle in text:
                return False
            if kind == other == "starts with" and text.startswith(needle):
                return False
            if kind == other == "ends with" and text.endswith(needle):
                return False
    begins = sorted((text for kind, text in wanted if kind == "starts with"), key=len)
    ends = sorted((text for kind, text in wanted if kind == "ends with"), key=len)
    return all(b.startswith(a) for a, b in pairwise(begins)) and all(b.endswith(a) for a, b in pairwise(ends))


def _needle(test: TextMatch) -> str:
    return re.sub(r"\D", "", test.value) if test.type is FieldType.PHONE else fold(test.value)


def _tags(yes: Iterable[FieldTest], no: Iterable[FieldTest]) -> bool:
    """Whether a set of tags may satisfy all of ``yes`` and none of ``no``: the largest one that ``no`` allows is tried."""
    needed: set[str] = set()
    some: list[set[str]] = []
    for test in yes:
        if isinstance(test, HasTags):
            tags = {fold(tag) for tag in test.values}
            some += [tags] if test.which == "any" else []
            needed |= tags if test.which == "all" else set()
    barred: set[str] = set()
    not_all: list[set[str]] = []
    for test in no:
        if isinstance(test, HasTags):
            tags = {fold(tag) for tag in test.values}
            barred |= tags if test.which == "any" or len(tags) == 1 else set()
            not_all += [tags] if test.which == "all" else []
    if needed & barred or any(tags <= barred for tags in some):
        return False
    return not any(tags <= needed for tags in not_all)
