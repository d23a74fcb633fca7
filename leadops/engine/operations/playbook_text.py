"""Values and effects as lines of a playbook, for the playbooks that leadops writes (retry, undo)."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from leadops.core.text import visible
from leadops.model.actions import PAYMENT
from leadops.model.change import ActionSpec
from leadops.model.schema import FieldType
from leadops.model.values import Value, number
from leadops.syntax.printing.canonical import print_column, print_text

_TEMPLATE = re.compile(r"\{[{%#]")
_NUMERIC = frozenset({FieldType.NUMBER, FieldType.MONEY, FieldType.RATING})


def value_text(value: Value, type: FieldType, zone: ZoneInfo) -> str:
    """Return ``value`` as a playbook writes it."""
    if isinstance(value, tuple | list):
        return "[" + ", ".join(print_text(tag) for tag in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if type is FieldType.DATE and isinstance(value, int | float):
        moment = datetime.fromtimestamp(value / 1000, UTC).astimezone(zone)
        if moment.second or moment.microsecond:  # which no bare date has
            whole = moment.replace(tzinfo=None)
            return print_text(whole.isoformat(timespec="milliseconds" if whole.microsecond else "seconds"))
        return moment.strftime("%Y-%m-%dT%H:%M")
    if type in _NUMERIC and number(value) is not None:
        return str(value)
    text = "" if value is None else str(value)
    return exact_text(text) if _TEMPLATE.search(text) else print_text(text)


def exact_text(text: str) -> str:
    """Return ``text`` as a template's constant: written to the letter, and not taken for a template itself."""
    quoted = text.replace("\\", "\\\\").replace("'", "\\'").replace("\r", "\\r").replace("\n", "\\n")
    return print_text(f"{{{{ '{quoted}' }}}}")


def pairs_text(fields: Mapping[str, Value], types: Mapping[str, FieldType], zone: ZoneInfo) -> str:
    """Return ``a = 1, b = "x"``."""
    return ", ".join(
        f"{print_column(name)} = {value_text(value, types.get(name, FieldType.TEXT), zone)}"
        for name, value in fields.items()
    )


def append_text(action: ActionSpec, zone: ZoneInfo) -> str:
    """Return the statement that adds ``action``."""
    what = "payment" if action.type == PAYMENT else f"action {action.type}"
    fields = pairs_text(action.fields, action.types, zone)
    return f"add {what} with {fields}" if fields else f"add {what}"


def comment(text: str) -> str:
    """Return ``text`` as one comment line."""
    return f"# {visible(' '.join(text.split()))}"


def step_text(title: str, source: str, lines: Sequence[str]) -> str:
    """Return a step."""
    body = "\n".join(f"  {line}" for line in (source, *lines))
    return f"step {print_text(title)} {{\n{body}\n}}"
