"""Values in an answer that are JSON, or nearly, and cannot be relied on: they spoil the row in which they stand.

``parse`` of ``strict_json`` refuses a whole answer for one of them, as is right for the reply to a write. A page of
rows is read with ``parse_rows``: each such value is left in its place, marked, so that the other rows can be read.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from leadops.core.text import visible
from leadops.crm.strict_json import DEEPEST, MalformedError, without_mark

LARGEST = 2**63 - 1
"""The largest whole number that is taken for a value."""
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_LONE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Flaw:
    """What stands in the place of a value that cannot be read; ``reason`` says why."""

    reason: str


class Ambiguous(dict[str, Any]):
    """An object in which a key stands twice; the last value of each key is kept."""


def parse_rows(data: bytes) -> Any:
    """Return the value that ``data`` holds, with a ``Flaw`` for each value that cannot be read.

    Raises:
        MalformedError: it is no JSON at all, or begins with a byte order mark.
    """
    text = without_mark(data.decode("utf-8", "surrogateescape"))
    shallow = _cut(text)
    reasons = {} if shallow is text else {"Infinity": "it is nested too deeply"}
    try:
        return json.loads(
            shallow,
            strict=False,
            parse_constant=lambda name: Flaw(reasons.get(name, f"{name} is not JSON")),
            parse_int=_int,
            parse_float=_float,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError):
        raise MalformedError("it is not JSON") from None


def flaw_of(value: Any) -> str:
    """Return the first flaw in ``value`` as ``/place: reason``; empty when there is none."""
    return next(_flaws(value, ""), "")


def mended(value: Any) -> Any:
    """Return ``value`` with nothing in the place of flaws, and halves of characters made visible."""
    match value:
        case str():
            return visible(value, keep_newlines=True) if _LONE.search(value) else value
        case Mapping():
            return {mended(key): mended(one) for key, one in value.items()}
        case list():
            return [mended(one) for one in value]
        case Flaw():
            return None
        case _:
            return value


def _flaws(value: Any, place: str) -> Iterator[str]:
    match value:
        case str():
            if _LONE.search(value):
                yield f"{place or '/'}: a text holds half of a character"
        case Flaw(reason):
            yield f"{place or '/'}: {reason}"
        case Mapping():
            if isinstance(value, Ambiguous):
                yield f"{place or '/'}: a key stands twice in one object"
            for key, one in value.items():
                yield from _flaws(key, f"{place}/{visible(key)}")
                yield from _flaws(one, f"{place}/{visible(key)}")
        case list():
            for number, one in enumerate(value):
                yield from _flaws(one, f"{place}/{number}")
        case _:
            pass


def _cut(text: str) -> str:
    """Return ``text`` with ``Infinity`` in the place of what is nested too deeply; the same object if nothing is."""
    if text.count("[") + text.count("{") <= DEEPEST:
        return text
    depth, start = 0, 0
    kept: list[str] = []
    for found in _TOKENS.finditer(text):
        match found.group():
            case "[" | "{":
                depth += 1
                if depth == DEEPEST + 1:
                    kept.append(text[start : found.start()])
                    start = len(text)
            case "]" | "}":
                depth -= 1
                if depth == DEEPEST:
                    kept.append("Infinity")
                    start = found.end()
            case _:
                pass
    return text if not kept else "".join([*kept, text[start:]])


def _int(text: str) -> int | Flaw:
    if len(text) > len(str(LARGEST)) + 1 or abs(int(text)) > LARGEST:
        return Flaw("a number is too large")
    return int(text)


def _float(text: str) -> float | Flaw:
    value = float(text)
    return value if math.isfinite(value) else Flaw("a number is too large")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    return made if len(made) == len(pairs) else Ambiguous(made)
