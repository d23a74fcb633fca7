"""A field's value, and the one form in which two of them are compared.

A value is what the service is sent and answers, near its JSON: text, a number, True or False, a tuple of tags,
an instant in epoch ms, or None. Money is a numeric text, a rating an int (docs/api.md §7).
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from leadops.core.text import fold
from leadops.model.phones import phone_digits
from leadops.model.schema import FieldType

Value = str | int | float | bool | tuple[str, ...] | None
Comparable = str | Decimal | bool | int | frozenset[str] | None

FREE_TEXTS = frozenset({FieldType.TEXT, FieldType.EMAIL, FieldType.WEBSITE, FieldType.MEDIALINK})
_FOLDED = FREE_TEXTS | {FieldType.DROPDOWN, FieldType.MEMBER, FieldType.STATUS, FieldType.LOST_REASON}


def is_missing(value: object) -> bool:
    """Whether ``value`` counts as missing: absent, None, an empty or blank text, no tags."""
    if value is None:
        return True
    if isinstance(value, str):
        return not value.strip()
    return isinstance(value, Sequence | Mapping) and not value


def comparable(value: Value, type: FieldType, country_code: str = "91") -> Comparable:
    """Return the form of ``value`` that equals another's exactly when the two mean the same; None when missing.

    Text is NFC and folded, a phone its canonical digits, numbers and money Decimals, tags a set of folded texts,
    dates epoch ms. A value that does not fit its type compares as folded text.
    """
    if is_missing(value):
        return None
    if isinstance(value, tuple | list):
        return frozenset(fold(str(tag)) for tag in value)
    if type is FieldType.TAGS:
        return frozenset({fold(str(value))})
    if type in _FOLDED:
        return fold(str(value))
    if type is FieldType.PHONE:
        return phone_digits(str(value), country_code) or fold(str(value))
    if type is FieldType.CHECKBOX:
        text = fold(str(value))
        return text in {"true", "1", "yes"} if text in {"true", "false", "1", "0", "yes", "no"} else text
    return number(value) if number(value) is not None else fold(str(value))


def same(a: Value, b: Value, type: FieldType, country_code: str = "91") -> bool:
    """Whether ``a`` and ``b`` mean the same as values of ``type``.

    A phone is also the same with its plus and without: the service may hold ten digits that are a whole number abroad.
    """
    if comparable(a, type, country_code) == comparable(b, type, country_code):
        return True
    return type is FieldType.PHONE and _plus_apart(a, b)


def _plus_apart(a: Value, b: Value) -> bool:
    return isinstance(a, str) and isinstance(b, str) and a != b and a.removeprefix("+") == b.removeprefix("+")


def reached(there: Value, before: Value, after: Value, type: FieldType, country_code: str = "91") -> bool:
    """Whether ``there`` is what a change from ``before`` asked for: where only case or blanks change, exactly that."""
    if not same(there, after, type, country_code):
        return False
    return there == after or not same(before, after, type, country_code)


def number(value: object) -> Decimal | None:
    """Return ``value`` as a finite number; None when it is none."""
    if isinstance(value, bool):
        return Decimal(int(value))
    try:
        parsed = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return parsed if parsed.is_finite() else None
