"""Periods of a playbook, resolved: params looked up, windows noted for the step."""

from dataclasses import replace

from leadops.analysis.context import COUNT, Argument, Context
from leadops.analysis.literals import unknown_param
from leadops.analysis.periods import PeriodError, window
from leadops.model.predicate import Window
from leadops.syntax import ast


def resolve(ctx: Context, period: ast.Period) -> Window | None:
    """Return the window of ``period`` and note it for the step; None after saying why there is none."""
    written = period
    if isinstance(period, ast.ParamRef):
        argument = _period_argument(ctx, period)
        if argument is None or argument.period is None:
            return None
        period = argument.period
    try:
        found = window(period, ctx.zone, ctx.now_ms)
    except PeriodError as error:
        moving = isinstance(written, ast.LastPeriod)
        where = ctx.part(written.span, COUNT) if moving else written.span
        ctx.error(error.code, error.message, where, error.help)
        return None
    if isinstance(period, ast.MonthPeriod) and period.year is None and written is period:
        year = found.first_day[:4]
        ctx.hint(
            "W103",
            f"{found.text} means {found.first_day}..{found.last_day}; next year it will mean another month",
            written.span,
            f"write {found.text} {year} for always the same month",
        )
    if found not in ctx.step.windows:
        ctx.step.windows.append(found)
    return found


def _period_argument(ctx: Context, ref: ast.ParamRef) -> Argument | None:
    ctx.used.add(f"${ref.name}")
    if ref.name not in ctx.params:
        unknown_param(ctx, ref)
        return None
    argument = ctx.params[ref.name]
    if argument is not None and argument.type == "date":
        return replace(argument, period=ast.DayPeriod(argument.text[:10], span=ref.span))
    if argument is not None and argument.period is None:
        message = f"${ref.name} is a {argument.type}, not a period"
        ctx.error("E304", message, ref.span, f"declare it as: param {ref.name}: period")
    return argument
