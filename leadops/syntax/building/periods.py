"""Periods."""

from collections.abc import Callable
from typing import Literal, cast

from lark import Token

from leadops.syntax import ast
from leadops.syntax.building.context import Branch, Building, branch, has, token, tokens
from leadops.syntax.building.values import VALUES, count, moment, value

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
Unit = Literal["day", "week", "month", "quarter", "year"]


def month(b: Building, tree: Branch) -> ast.Period:
    """Build: MONTH YEAR?."""
    number = [name.lower() for name in MONTHS].index(token(tree, "MONTH").lower()) + 1
    year = next((_year(b, part) for part in tokens(tree, "YEAR")), None)
    return ast.MonthPeriod(span=b.span(tree), month=number, year=year)


def iso_month(b: Building, tree: Branch) -> ast.Period:
    """Build: ISO_MONTH."""
    part = token(tree, "ISO_MONTH")
    number = int(part[5:])
    if not 1 <= number <= 12:
        b.error("E021", f"{part} does not exist", b.span(part), "months are written 01 to 12")
        number = 1
    return ast.MonthPeriod(span=b.span(tree), month=number, year=_year(b, part))


def quarter(b: Building, tree: Branch) -> ast.Period:
    """Build: QUARTER."""
    part = token(tree, "QUARTER")
    return ast.QuarterPeriod(span=b.span(tree), year=_year(b, part), quarter=int(part[-1]))


def year(b: Building, tree: Branch) -> ast.Period:
    """Build: YEAR."""
    return ast.YearPeriod(span=b.span(tree), year=_year(b, token(tree, "YEAR")))


def day(b: Building, tree: Branch) -> ast.Period:
    """Build: DATE."""
    return ast.DayPeriod(span=b.span(tree), day=moment(b, token(tree, "DATE")))


def day_range(b: Building, tree: Branch) -> ast.Period:
    """Build: DATE DOTS DATE."""
    first, last_day = tokens(tree, "DATE")
    return ast.RangePeriod(span=b.span(tree), first=moment(b, first), last=moment(b, last_day))


def named_day(b: Building, tree: Branch) -> ast.Period:
    """Build: NAMED_DAY."""
    name = cast("Literal['today', 'yesterday']", token(tree, "NAMED_DAY").lower())
    return ast.NamedDayPeriod(span=b.span(tree), name=name)


def last(b: Building, tree: Branch) -> ast.Period:
    """Build: LAST NUMBER UNIT."""
    return ast.LastPeriod(span=b.span(tree), count=count(b, token(tree, "NUMBER")), unit=_unit(tree))


def relative(b: Building, tree: Branch) -> ast.Period:
    """Build: WHICH UNIT."""
    which = cast("Literal['this', 'previous']", token(tree, "WHICH").lower())
    return ast.RelativePeriod(span=b.span(tree), which=which, unit=_unit(tree))


def since(b: Building, tree: Branch) -> ast.Period:
    """Build: SINCE DATE."""
    return ast.SincePeriod(span=b.span(tree), day=moment(b, token(tree, "DATE")))


def from_param(b: Building, tree: Branch) -> ast.Period:
    """Build: PARAM_REF."""
    return ast.ParamRef(span=b.span(tree), name=token(tree, "PARAM_REF")[1:])


RULES: dict[str, Callable[[Building, Branch], ast.Period]] = {
    rule.__name__: rule
    for rule in (
        month, iso_month, quarter, year, day, day_range, named_day, last, relative, since, from_param,
    )
}  # fmt: skip


def period(b: Building, tree: Branch) -> ast.Period:
    """Build the period that ``tree`` itself holds."""
    found = branch(tree, *RULES)
    assert found is not None
    return RULES[found.data](b, found)


def default(b: Building, tree: Branch, kind: str | None) -> ast.Value | ast.Period | None:
    """Build: _value | _only_period.

    A param of type period has a period; in one of another (or unknown) type, a word that could also be a
    period, as ``April`` or ``today``, is a word.
    """
    found = branch(tree, *RULES)
    if found is None:
        held = next((value(b, part) for part in tokens(tree, *VALUES)), None)
        return (as_period(held) or held) if kind == "period" and held is not None else held
    parts = [child for child in found.children if isinstance(child, Token)]
    if kind != "period" and len(parts) == 1 and has(found, "MONTH", "NAMED_DAY", "QUARTER"):
        return ast.Word(span=b.span(found), text=str(parts[0]))
    return RULES[found.data](b, found)


def as_period(held: ast.Value) -> ast.Period | None:
    """Read a value as a period where its text is one as well: a day, a year, a param; None: it is none."""
    match held:
        case ast.Date(text=text) if "T" not in text:
            return ast.DayPeriod(span=held.span, day=text)
        case ast.Number(text=text) if text.isdecimal() and len(text) == 4 and text != "0000":
            return ast.YearPeriod(span=held.span, year=int(text))
        case ast.ParamRef():
            return held
        case _:
            return None


def _year(b: Building, part: Token) -> int:
    number = int(part[:4])
    if number == 0:
        b.error("E021", "the year 0000 does not exist", b.span(part))
    return number


def _unit(tree: Branch) -> Unit:
    return cast("Unit", token(tree, "UNIT").lower().removesuffix("s"))
