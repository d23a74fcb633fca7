"""The text of a plan file as JSON, strictly: what a reader would let pass quietly is no plan."""

import json
import math
from collections import Counter
from typing import Any, NoReturn

_DEEPEST = 100
"""How deep a plan may nest; leadops writes a dozen levels."""
_LONGEST = 300
"""Digits of the longest number."""


def read_strictly(text: str) -> Any:
    """Return the JSON value of ``text``.

    Raises:
        ValueError: it is no JSON, has a key twice, NaN, Infinity, a number beyond all bounds, or nests too deeply.
        RecursionError: it nests far too deeply.
    """
    value = json.loads(
        text,
        parse_constant=_constant,
        parse_int=_whole,
        parse_float=_fraction,
        object_pairs_hook=_object,
    )
    if text.count("[") + text.count("{") > _DEEPEST:
        _check_depth(value)
    return value


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _whole(text: str) -> int:
    if len(text) > _LONGEST:
        raise ValueError(f"a number of {len(text)} digits")
    return int(text)


def _fraction(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text[:20]} is too large")
    return number


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(name for name, many in Counter(name for name, _ in pairs).items() if many > 1)
        raise ValueError(f"the key {json.dumps(twice)[:60]} stands twice in one object")
    return found


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(_DEEPEST):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise ValueError(f"it nests deeper than {_DEEPEST} levels")
