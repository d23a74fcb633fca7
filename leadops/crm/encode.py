"""Values and actions as the service wants them written (docs/api.md §7, §8.1)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from leadops.model.change import ActionSpec
from leadops.model.schema import FieldType
from leadops.model.values import Value, number

PAYMENT = "PAYMENT"


def fields_out(fields: Mapping[str, Value], types: Mapping[str, FieldType] | None = None) -> dict[str, Any]:
    """Return fields for a request: tags as a list, and where the type is known numbers as numbers, money as text."""
    known = types or {}
    return {name: value_out(value, known.get(name)) for name, value in fields.items()}


def value_out(value: Value, type: FieldType | None = None) -> Any:
    """Return one value for a request. A value that does not fit its type goes out as it is."""
    if isinstance(value, tuple):
        return list(value)
    parsed = None if isinstance(value, bool) else number(value)
    if parsed is None:
        return value
    match type:
        case FieldType.MONEY:
            return _plain(parsed)
        case FieldType.NUMBER | FieldType.RATING | FieldType.DATE:
            return int(parsed) if parsed == parsed.to_integral_value() else float(parsed)
        case _:
            return value


def action_out(action: ActionSpec) -> dict[str, Any]:
    """Return an action for the sync API: a payment flat, a custom one by its bare code with its fields inside."""
    if action.type == PAYMENT:
        types = {"amount": FieldType.MONEY, **action.types}
        return {"type": PAYMENT, **fields_out(action.fields, types)}
    return {"type": action.type.removeprefix("ACTION_"), "fields": fields_out(action.fields, action.types)}


def _plain(value: Decimal) -> str:
    return f"{value:f}"
