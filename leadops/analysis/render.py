"""Rendering our own templates: total, strict, bounded, and never jinja2's.

A placeholder that is missing, or that a filter cannot take, raises TemplateMissing; no placeholder renders
as an empty text by accident. Values put in are never rendered again.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from leadops.analysis.targets import PAYMENT_TARGETS, Target, action_target, lead_target
from leadops.analysis.values import Rules, Use, convert
from leadops.model.actions import PAYMENT
from leadops.model.plan import Assign, Expression, Filter, Placeholder, Template
from leadops.model.schema import FieldType, Schema
from leadops.model.values import Value, is_missing, number

LONGEST = 10_000
"""Characters that one template may render."""

FILTERS = ("upper", "lower", "title", "trim", "default", "round", "date", "money")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TOKENS = ("YYYY", "MM", "DD", "HH", "mm", "ss")
_CAPITALS = 4
_LAKHS = frozenset({"", "INR", "PKR"})


class TemplateMissing(ValueError):  # noqa: N818 (reads as the reason of a rejected change)
    """A template that cannot be rendered for this lead.

    Attributes:
        name: the placeholder, as ``lead.city``.
        reason: one sentence.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} {reason}")
        self.name = name
        self.reason = f"{name} {reason}"


def render(
    template: Template,
    lead_fields: Mapping[str, Value],
    row: Mapping[str, str],
    params: Mapping[str, str],
    now: datetime,
) -> str:
    """Return the text of ``template``; raises TemplateMissing.

    ``now`` is aware: its zone is that in which dates are written. ``row`` holds the cells by column.
    """
    rendered: list[str] = []
    length = 0
    for part in template.parts:
        text = part if isinstance(part, str) else _placeholder(part, lead_fields, row, params, now)
        length += len(text)
        if length > LONGEST:
            raise TemplateMissing("the text", f"is longer than {LONGEST} characters")
        rendered.append(text)
    return "".join(rendered)


def rendered_value(
    text: str,
    assign: Assign,
    schema: Schema,
    zone: ZoneInfo,
    *,
    action: str | None = None,
    country_code: str = "91",
    new_option: bool = False,
) -> Value:
    """Return a rendered ``text`` as the value that ``assign`` takes; raises TemplateMissing when it is none.

    ``action`` is the code of the action whose field it is; None: a field of the lead. A phone that the service holds
    is not judged when it is copied.
    """
    target = _target(assign, schema, action)
    use: Use = "held" if target.type is FieldType.PHONE and _copies_phone(assign.value, schema) else "set"
    converted = convert(text, target, Rules(zone, country_code, use, new_option))
    bad = next((m for m in converted.misfits if not m.harmless), None)
    if bad is not None:
        raise TemplateMissing(assign.name, f"gets no good value: {bad.message}")
    return converted.value


def _copies_phone(value: Expression, schema: Schema) -> bool:
    """Whether a template is one phone of the lead and nothing else."""
    match value:
        case Template(parts=(Placeholder(root="lead", path=(name,), filters=()),)):
            field = schema.field(name)
            return field is not None and field.type is FieldType.PHONE
        case _:
            return False


def _target(assign: Assign, schema: Schema, action: str | None) -> Target:
    if action == PAYMENT:
        return PAYMENT_TARGETS[assign.name]
    if action is not None:
        known = schema.action(action)
        fields = known.fields if known else ()
        return next(
            (action_target(schema, field) for field in fields if field.key == assign.name),
            Target(assign.name, assign.type),
        )
    field = schema.field(assign.name)
    return lead_target(schema, field) if field else Target(assign.name, assign.type)


def constant(value: str | float, filters: tuple[Filter, ...]) -> str:
    """Return a constant of a template with its filters, as text."""
    shown: Value = value
    for each in filters:
        if each.name != "date":
            shown = _apply(each, shown, "the constant", None)
    return _text(shown)


def misuse(filter: Filter) -> str:
    """Return what is wrong with the arguments of ``filter``; empty when nothing is."""
    arguments = filter.arguments
    match filter.name:
        case "default":
            return "" if len(arguments) == 1 else "takes one value"
        case "round":
            good = not arguments or (
                len(arguments) == 1 and isinstance(arguments[0], int) and 0 <= arguments[0] <= 6
            )
            return "" if good else "takes a number of digits from 0 to 6"
        case "date":
            good = not arguments or (
                len(arguments) == 1
                and isinstance(arguments[0], str)
                and any(t in arguments[0] for t in _TOKENS)
            )
            return "" if good else 'takes a pattern such as "DD/MM/YYYY"'
        case "money":
            good = not arguments or (len(arguments) == 1 and isinstance(arguments[0], str))
            return "" if good else 'takes a currency such as "INR"'
        case _:
            return "takes no arguments" if arguments else ""


def _placeholder(
    part: Placeholder,
    lead_fields: Mapping[str, Value],
    row: Mapping[str, str],
    params: Mapping[str, str],
    now: datetime,
) -> str:
    name = ".".join((part.root, *part.path))
    value: Value
    match part.root:
        case "lead":
            value = lead_fields.get(part.path[0])
        case "row":
            value = row.get(part.path[0])
        case "param":
            value = params.get(part.path[0])
        case "now":
            value = round(now.timestamp() * 1000)
    given = False
    for each in part.filters:
        if each.name == "default" and is_missing(value) and not given:
            value, given = each.arguments[0], True
        elif not is_missing(value):
            value = _apply(each, value, name, now.tzinfo)
    if is_missing(value) and not given:
        raise TemplateMissing(name, "is missing")
    return _text(value)


def _apply(filter: Filter, value: Value, name: str, zone: tzinfo | None) -> Value:
    texts: dict[str, Callable[[str], str]] = {
        "upper": str.upper,
        "lower": str.lower,
        "title": _title,
        "trim": str.strip,
    }
    if filter.name in texts:
        return texts[filter.name](_text(value))
    if filter.name == "default":
        return value
    if filter.name == "date":
        return _date(value, str(filter.arguments[0]) if filter.arguments else "YYYY-MM-DD", name, zone)
    amount = number(value) if not isinstance(value, bool) else None
    if amount is None or abs(amount) >= Decimal(10) ** 30:
        raise TemplateMissing(name, f"is no number: “{_text(value)[:40]}”")
    if filter.name == "round":
        digits = int(filter.arguments[0]) if filter.arguments else 0
        return format(amount.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP), "f")
    return _money(amount, str(filter.arguments[0]) if filter.arguments else "")


def _title(text: str) -> str:
    """Return each word with a capital in front, as it stays when it is done again: “ß” has a capital of two letters."""
    for _ in range(_CAPITALS):
        done = " ".join(word[:1].upper() + word[1:].lower() for word in text.split(" "))
        if done == text:
            break
        text = done
    return text


def _date(value: Value, pattern: str, name: str, zone: tzinfo | None) -> str:
    ms = number(value) if not isinstance(value, bool) else None
    if ms is None:
        raise TemplateMissing(name, f"is no date: “{_text(value)[:40]}”")
    try:
        moment = (_EPOCH + timedelta(milliseconds=int(ms))).astimezone(zone)
    except OverflowError:
        raise TemplateMissing(name, "is a date beyond the calendar") from None
    shown = {
        "YYYY": f"{moment.year:04}",
        "MM": f"{moment.month:02}",
        "DD": f"{moment.day:02}",
        "HH": f"{moment.hour:02}",
        "mm": f"{moment.minute:02}",
        "ss": f"{moment.second:02}",
    }
    for token in _TOKENS:
        pattern = pattern.replace(token, shown[token])
    return pattern


def _money(amount: Decimal, currency: str) -> str:
    """Return an amount with separators: by lakhs and crores for rupees, else by thousands."""
    shown = format(abs(amount).quantize(Decimal("0.01"), ROUND_HALF_UP), "f").removesuffix(".00")
    whole, _, rest = shown.partition(".")
    head, tail = whole[:-3], whole[-3:]
    size = 2 if currency.upper() in _LAKHS else 3
    groups: list[str] = []
    while head:
        groups.insert(0, head[-size:])
        head = head[:-size]
    text = ",".join([*groups, tail]) + (f".{rest}" if rest else "")
    return f"{currency} " * bool(currency) + ("-" if amount < 0 else "") + text


def _text(value: Value) -> str:
    if isinstance(value, tuple | list):
        return ", ".join(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
