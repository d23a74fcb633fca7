"""Months and weekdays without a year or a date, of fields that may lie ahead: in May, ``in December`` may be either one.

Stamps of the service (created, modified) and what stands on a timeline lie behind, so that a bare month of theirs is
the latest one.
"""

from datetime import timedelta

from leadops.analysis.context import Context
from leadops.analysis.periods import local
from leadops.analysis.targets import compared_values
from leadops.core.diagnostics import Edit, Fix
from leadops.core.positions import Span
from leadops.core.text import fold
from leadops.model.schema import Field, FieldType
from leadops.syntax import ast
from leadops.syntax.printing.canonical import MONTHS, print_field

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = {name.lower(): number for number, name in enumerate(MONTHS, 1)}
_SHORTEST = 3


def refuse_month(ctx: Context, field: Field, node: ast.InPeriod) -> bool:
    """Say that a bare month may be the last or the next one; return whether it may."""
    month, where = _bare_month(ctx, node.period)
    if month is None or field.read_only or field.type is not FieldType.DATE:
        return False
    readings = _years(ctx, month)
    advice = f"write {readings[0]} or {readings[1]}"
    if isinstance(node.period, ast.ParamRef):
        advice = f'give the year: -p {node.period.name}="{readings[0]}", or "{readings[1]}"'
    _say(ctx, MONTHS[month - 1], where, advice)
    return True


def refuse_calendar_word(ctx: Context, field: Field, node: ast.Condition) -> bool:
    """Say that a date is compared with a month or a weekday as a word, which is no day; return whether one is."""
    if field.type is not FieldType.DATE or not isinstance(
        node, ast.Comparison | ast.Between | ast.Membership
    ):
        return False
    for value in compared_values(node):
        days = _days(ctx, value, behind=field.read_only)
        if days:
            _compared(ctx, node, value, days)
            return True
    return False


def refuse_set_calendar_word(ctx: Context, word: ast.Word) -> bool:
    """Say that a date is set to a month or a weekday as a word; return whether it is."""
    days = _days(ctx, word, behind=False)
    if days:
        _say(ctx, word.text, word.span, f"write {' or '.join(first for first, _ in days)}")
    return bool(days)


def _bare_month(ctx: Context, period: ast.Period) -> tuple[int | None, Span]:
    span = period.span
    if isinstance(period, ast.ParamRef):
        argument = ctx.params.get(period.name)
        held = argument.period if argument is not None else None
        if held is None:
            return None, span
        period = held
    bare = isinstance(period, ast.MonthPeriod) and period.year is None
    return (period.month if bare and isinstance(period, ast.MonthPeriod) else None), span


def _years(ctx: Context, month: int) -> tuple[str, str]:
    """Return the latest month of this name that has begun, and the next one."""
    today = local(ctx.now_ms, ctx.zone).date()
    year = today.year if month <= today.month else today.year - 1
    return f"{MONTHS[month - 1]} {year}", f"{MONTHS[month - 1]} {year + 1}"


def _days(ctx: Context, value: ast.Value, *, behind: bool) -> tuple[tuple[str, str], ...]:
    """Return the readings of a word of the calendar: a first day, and a period; nothing for another word.

    ``behind``: only what has begun.
    """
    if not isinstance(value, ast.Word) or len(value.text) < _SHORTEST:
        return ()
    word = fold(value.text)
    month = next(
        (number for name, number in _MONTHS.items() if name == word or name[:_SHORTEST] == word), None
    )
    if month is not None:
        months = [(f"{int(text[-4:]):04}-{month:02}-01", text) for text in _years(ctx, month)]
        return tuple(months[:1] if behind else months)
    weekday = next((at for at, name in enumerate(WEEKDAYS) if word in {name, name[:_SHORTEST]}), None)
    if weekday is None:
        return ()
    today = local(ctx.now_ms, ctx.zone).date()
    last = today - timedelta(days=(today.weekday() - weekday) % 7 or 7)
    ahead = today + timedelta(days=(weekday - today.weekday()) % 7 or 7)
    return tuple((day.isoformat(), day.isoformat()) for day in ((last,) if behind else (last, ahead)))


def _compared(
    ctx: Context,
    node: ast.Comparison | ast.Between | ast.Membership,
    value: ast.Value,
    days: tuple[tuple[str, str], ...],
) -> None:
    assert isinstance(value, ast.Word)
    if not isinstance(node, ast.Comparison) or node.op not in {"=", "!="}:
        _say(ctx, value.text, value.span, f"write {' or '.join(first for first, _ in days)}")
        return
    before = f"{'not ' if node.op == '!=' else ''}{print_field(node.field)} in"
    rights = [f"{before} {period}" for _, period in days]
    fix = Fix(f"write {rights[0]}", (Edit(node.span, rights[0]),)) if len(rights) == 1 else None
    _say(ctx, value.text, value.span, f"write {' or '.join(rights)}", fix)


def _say(ctx: Context, word: str, span: Span, advice: str, fix: Fix | None = None) -> None:
    which = "is no day" if fix else "may be the last one or the next"
    ctx.error("E307", f"“{word}” {which}", span, advice, fix)
