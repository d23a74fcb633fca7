"""The canonical spelling of values, fields, periods and conditions."""

import unicodedata

from leadops.core.text import is_hidden
from leadops.syntax import ast
from leadops.syntax.grammar.prescan import RESERVED

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

_NAMED_ESCAPES = {"\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def print_text(text: str) -> str:
    """Return ``text`` in double quotes, with JSON's escapes for quotes, controls and what cannot be seen."""
    return f'"{"".join(_escaped(char) for char in text)}"'


def _escaped(char: str) -> str:
    if char in _NAMED_ESCAPES:
        return _NAMED_ESCAPES[char]
    if not is_hidden(char):
        return char
    units = char.encode("utf-16-be", errors="surrogatepass")
    return "".join(f"\\u{units[i] << 8 | units[i + 1]:04x}" for i in range(0, len(units), 2))


def print_value(value: ast.Value) -> str:
    """Return ``value`` as the language writes it."""
    match value:
        case ast.String(text=text):
            return print_text(text)
        case ast.ParamRef(name=name):
            return f"${name}"
        case ast.RowRef(column=column):
            return f"row.{print_column(column, reserved=False)}"
        case ast.List(values=values):
            return print_list(values)
        case ast.Word(text=text) | ast.Number(text=text) | ast.Date(text=text):
            return text


def print_list(values: tuple[ast.Value, ...]) -> str:
    """Return ``[a, b]``."""
    return f"[{', '.join(print_value(value) for value in values)}]"


def print_column(name: str, *, reserved: bool = True) -> str:
    """Return a CSV column's name: bare where that is plain, else in backticks, else in quotes.

    ``reserved``: reserved words need backticks here.
    """
    if _is_plain(name) and not (reserved and name.lower() in RESERVED):
        return name
    if reserved and (not name or "`" in name or any(is_hidden(char) for char in name)):
        return print_text(name)
    return f"`{name}`"


def _is_plain(name: str) -> bool:
    """Whether ``name`` can be read as a word: letters and digits of any script with their marks, a letter first."""
    return name[:1].isalpha() and all(
        char.isalpha() or char in "_0123456789" or unicodedata.category(char) in {"Mn", "Mc"} for char in name
    )


def print_field(field: ast.FieldRef) -> str:
    """Return a field's name, or its label in backticks."""
    return f"`{field.name}`" if field.quoted else field.name


def print_assignment(assignment: ast.Assignment) -> str:
    """Return ``field = value``."""
    return f"{print_field(assignment.field)} = {print_value(assignment.value)}"


def print_assignments(assignments: tuple[ast.Assignment, ...]) -> str:
    """Return ``f = v, g = v``."""
    return ", ".join(print_assignment(assignment) for assignment in assignments)


def print_period(period: ast.Period) -> str:
    """Return a period, a month by its name."""
    match period:
        case ast.MonthPeriod(month=month, year=None):
            return MONTHS[month - 1]
        case ast.MonthPeriod(month=month, year=year):
            return f"{MONTHS[month - 1]} {year:04}"
        case ast.QuarterPeriod(year=year, quarter=quarter):
            return f"{year:04}-Q{quarter}"
        case ast.YearPeriod(year=year):
            return f"{year:04}"
        case ast.DayPeriod(day=day):
            return day
        case ast.RangePeriod(first=first, last=last):
            return f"{first}..{last}"
        case ast.NamedDayPeriod(name=name):
            return name
        case ast.LastPeriod(count=count, unit=unit):
            return f"last {count} {unit}{'' if count == 1 else 's'}"
        case ast.RelativePeriod(which=which, unit=unit):
            return f"{which} {unit}"
        case ast.SincePeriod(day=day):
            return f"since {day}"
        case ast.ParamRef(name=name):
            return f"${name}"


def print_default(held: ast.Value | ast.Period) -> str:
    """Return a param's value, which may be a period."""
    if isinstance(held, ast.Word | ast.String | ast.Number | ast.Date | ast.ParamRef | ast.RowRef | ast.List):
        return print_value(held)
    return print_period(held)


def print_condition(condition: ast.Condition) -> str:
    """Return a condition; parentheses stand only where ``and``, ``or`` and ``not`` need them."""
    match condition:
        case ast.And(terms=terms):
            return " and ".join(print_operand(term) for term in terms)
        case ast.Or(terms=terms):
            return " or ".join(print_operand(term) for term in terms)
        case _:
            return print_operand(condition)


def print_operand(condition: ast.Condition) -> str:
    """Return a condition as it stands beside ``and``, ``or`` or ``not``."""
    match condition:
        case ast.And() | ast.Or():
            return f"({print_condition(condition)})"
        case ast.Not(term=term):
            return f"not {print_operand(term)}"
        case ast.Comparison(field=field, op=op, value=value):
            return f"{print_field(field)} {op} {print_value(value)}"
        case ast.Membership(field=field, values=values, negated=negated):
            return f"{print_field(field)} {'not ' if negated else ''}in {print_list(values)}"
        case ast.Between(field=field, low=low, high=high):
            return f"{print_field(field)} between {print_value(low)} and {print_value(high)}"
        case ast.TextTest(field=field, kind=kind, value=value):
            return f"{print_field(field)} {kind} {print_value(value)}"
        case ast.Presence(field=field, missing=missing):
            return f"{print_field(field)} is {'missing' if missing else 'present'}"
        case ast.TagTest(field=field, which=which, values=values):
            return f"{print_field(field)} has {which} {print_list(values)}"
        case ast.InPeriod(field=field, period=period):
            return f"{print_field(field)} in {print_period(period)}"
        case ast.CallPhrase(direction=direction, by=by, period=period):
            return print_direction(direction) + print_by(by) + print_within(period)
        case ast.ActionPhrase(action=action, having=having, by=by, period=period):
            return (
                f"has action {print_value(action)}{print_having(having)}{print_by(by)}{print_within(period)}"
            )
        case ast.PaymentPhrase(having=having, by=by, period=period):
            return f"has payment{print_having(having)}{print_by(by)}{print_within(period)}"
        case ast.Matches(name=name):
            return f"matches {name}"


def print_direction(direction: str) -> str:
    """Return ``called``, ``called us`` or ``missed call``."""
    return {"outgoing": "called", "incoming": "called us", "missed": "missed call"}[direction]


def print_having(having: tuple[ast.Assignment, ...]) -> str:
    """Return `` with f = v``, or nothing."""
    return f" with {print_assignments(having)}" if having else ""


def print_by(by: tuple[ast.Value, ...]) -> str:
    """Return `` by WHO``, or nothing."""
    return f" by {print_list(by) if len(by) > 1 else print_value(by[0])}" if by else ""


def print_within(period: ast.Period | None) -> str:
    """Return `` in PERIOD``, or nothing."""
    return f" in {print_period(period)}" if period is not None else ""
