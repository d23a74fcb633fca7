"""JSON as the service must write it; anything that Python's reader would let pass quietly is malformed."""

import json
import math
import re
from typing import Any, NoReturn

DEEPEST = 64
"""How deep arrays and objects may nest."""
_LONGEST_INT = 30
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


class MalformedError(ValueError):
    """The bytes are no JSON that can be relied on."""


def parse(data: bytes) -> Any:
    """Return the value that ``data`` holds.

    Raises:
        MalformedError: no UTF-8, a byte order mark, NaN or Infinity, a key twice, a number out of any range,
            deep nesting, half of a surrogate pair, text after the end, or no JSON at all.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedError("it is not UTF-8") from None
    _check_depth(without_mark(text))
    try:
        value = json.loads(
            text,
            parse_constant=_constant,
            parse_int=_int,
            parse_float=_float,
            object_pairs_hook=_object,
        )
    except MalformedError:
        raise
    except (ValueError, RecursionError):
        raise MalformedError("it is not JSON") from None
    if "\\ud" in text or "\\uD" in text:
        _check_surrogates(value)
    return value


def without_mark(text: str) -> str:
    """Return ``text``, which begins with no byte order mark.

    Raises:
        MalformedError: it does.
    """
    if text.startswith("\ufeff"):
        raise MalformedError("it begins with a byte order mark")
    return text


def _check_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= DEEPEST:
        return
    depth = 0
    for found in _TOKENS.finditer(text):
        match found.group():
            case "[" | "{":
                depth += 1
                if depth > DEEPEST:
                    raise MalformedError("it is nested too deeply")
            case "]" | "}":
                depth -= 1
            case _:
                pass


def _check_surrogates(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise MalformedError("it holds half of a surrogate pair") from None


def _constant(name: str) -> NoReturn:
    raise MalformedError(f"{name} is not JSON")


def _int(text: str) -> int:
    if len(text) > _LONGEST_INT:
        raise MalformedError("a number is too long")
    return int(text)


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise MalformedError("a number is too large")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise MalformedError("a key stands twice in one object")
    return made
