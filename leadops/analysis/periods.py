"""Periods as windows: calendar arithmetic in the playbook's time zone, never in UTC and never in hours.

A day begins at its first instant. Where a clock change takes midnight away (or the whole day), that is the
instant of the change; where midnight comes twice, it is the earlier one.
"""

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from leadops.model.predicate import Window
from leadops.syntax import ast
from leadops.syntax.printing.canonical import print_period

if TYPE_CHECKING:
    from collections.abc import Callable

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_DAY = timedelta(days=1)
FIRST_YEAR, LAST_YEAR = 1970, 2199


class PeriodError(ValueError):
    """A period that names no stretch of time.

    Attributes:
        code: of the diagnostic.
        message: what is wrong with it.
        help: what to write instead.
    """

    def __init__(self, code: str, message: str, help: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.help = help


# ── instants and days ────────────────────────────────────────────────────────────────────────────


def to_ms(moment: datetime) -> int:
    """Return an aware ``moment`` in epoch ms, rounded down."""
    return (moment.astimezone(UTC) - _EPOCH) // _MS


def local(ms: int, zone: ZoneInfo) -> datetime:
    """Return the instant ``ms`` on the clocks of ``zone``."""
    return (_EPOCH + ms * _MS).astimezone(zone)


def day_start(day: date, zone: ZoneInfo) -> int:
    """Return the first instant of the local ``day``, in epoch ms."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    start = to_ms(midnight)
    if local(start, zone).replace(tzinfo=None) == midnight.replace(tzinfo=None):
        return start
    # Midnight does not exist: the day begins where the clocks jump over it.
    early, late = start - 48 * 3_600_000, start
    while late - early > 1:
        middle = (early + late) // 2
        if local(middle, zone).date() >= day:
            late = middle
        else:
            early = middle
    return late


def parse_day(text: str) -> date:
    """Return the day of an ISO text; raises PeriodError (E301) when there is no such day."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise PeriodError(
            "E301", f"{text} is not a day of the calendar", "write a day as 2026-04-30"
        ) from None
    _check_year(day.year)
    return day


def moment_bounds(text: str, zone: ZoneInfo) -> tuple[int, int]:
    """Return the half-open stretch of an ISO day, or of a local minute or second, in epoch ms.

    Raises PeriodError (E301). A time that the clocks jump over is the same time by the old offset; one that
    comes twice is the earlier one.
    """
    if "T" not in text and " " not in text.strip():
        day = parse_day(text)
        return day_start(day, zone), day_start(day + _DAY, zone)
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise PeriodError(
            "E301", f"{text} is not a time of the calendar", "write a time as 2026-04-30T09:00"
        ) from None
    _check_year(moment.year)
    length = 60_000 if text.count(":") < 2 else 1000
    start = to_ms(moment if moment.tzinfo else moment.replace(tzinfo=zone))
    return start, start + length


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise PeriodError("E301", f"{year} is not a year between {FIRST_YEAR} and {LAST_YEAR}")


# ── periods ──────────────────────────────────────────────────────────────────────────────────────


def window(period: ast.Period, zone: ZoneInfo, now_ms: int) -> Window:
    """Return the window of ``period`` on the clocks of ``zone``, seen from ``now_ms``.

    Raises PeriodError. A ParamRef must be resolved before.
    """
    today = local(now_ms, zone).date()
    text = print_period(period)

    def whole(first: date, after: date, *, moving: bool = False) -> Window:
        last = after - _DAY
        return Window(
            day_start(first, zone), day_start(after, zone), first.isoformat(), last.isoformat(), text, moving
        )

    def until_now(first: date) -> Window:
        start = day_start(first, zone)
        last = max(first, today)
        return Window(start, max(start, now_ms), first.isoformat(), last.isoformat(), text, moving=True)

    match period:
        case ast.MonthPeriod(month=month, year=None):
            first = date(today.year if month <= today.month else today.year - 1, month, 1)
            return whole(first, _step(first, "month", 1), moving=True)
        case ast.MonthPeriod(month=month, year=year):
            assert year is not None
            _check_year(year)
            first = date(year, month, 1)
            return whole(first, _step(first, "month", 1))
        case ast.QuarterPeriod(year=year, quarter=quarter):
            _check_year(year)
            if not 1 <= quarter <= 4:
                raise PeriodError("E301", f"{text} is not a quarter", "write 2026-Q1 to 2026-Q4")
            first = date(year, 3 * quarter - 2, 1)
            return whole(first, _step(first, "quarter", 1))
        case ast.YearPeriod(year=year):
            _check_year(year)
            return whole(date(year, 1, 1), date(year + 1, 1, 1))
        case ast.DayPeriod(day=day):
            first = parse_day(day)
            return whole(first, first + _DAY)
        case ast.RangePeriod(first=begin, last=end):
            first, last = parse_day(begin), parse_day(end)
            if last < first:
                raise PeriodError("E302", f"the period {text} ends before it begins", f"write {end}..{begin}")
            return whole(first, last + _DAY)
        case ast.NamedDayPeriod(name=name):
            first = today if name == "today" else today - _DAY
            return whole(first, first + _DAY, moving=True)
        case ast.RelativePeriod(which=which, unit=unit):
            first = _step(_unit_start(today, unit), unit, 0 if which == "this" else -1)
            return whole(first, _step(first, unit, 1), moving=True)
        case ast.LastPeriod(count=count, unit=unit):
            if not 1 <= count <= 10_000:
                raise PeriodError("E303", f"“{text}” is not a stretch of time", "count from 1 to 10000")
            try:
                first = _step(_unit_start(today, unit), unit, -count)
            except (ValueError, OverflowError):
                first = date.min
            _check_year(first.year)
            return until_now(first)
        case ast.SincePeriod(day=day):
            return until_now(parse_day(day))
        case ast.ParamRef(name=name):
            raise PeriodError("E304", f"${name} is not a period")


def _unit_start(day: date, unit: str) -> date:
    starts: dict[str, Callable[[], date]] = {
        "day": lambda: day,
        "week": lambda: day - day.weekday() * _DAY,
        "month": lambda: day.replace(day=1),
        "quarter": lambda: date(day.year, (day.month - 1) // 3 * 3 + 1, 1),
        "year": lambda: date(day.year, 1, 1),
    }
    return starts[unit]()


def _step(first: date, unit: str, count: int) -> date:
    if unit in {"day", "week"}:
        return first + count * (7 if unit == "week" else 1) * _DAY
    months = {"month": 1, "quarter": 3, "year": 12}[unit] * count + first.year * 12 + first.month - 1
    return date(months // 12, months % 12 + 1, 1)
