"""Periods agree with an independent calendar."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
import whenever
from hypothesis import given
from hypothesis import strategies as st

from leadops.analysis.periods import PeriodError, day_start, local, moment_bounds, window
from leadops.core.positions import Span
from leadops.syntax import ast

SPAN = Span("x", 1, 1, 1, 1, 0, 0)
KOLKATA = ZoneInfo("Asia/Kolkata")
NOW = 1_777_694_400_000
ZONES = (
    "Asia/Kolkata", "UTC", "America/Sao_Paulo", "America/New_York", "Europe/London", "Asia/Kathmandu",
    "Australia/Lord_Howe", "Africa/Cairo", "America/Havana", "Asia/Beirut", "Pacific/Auckland", "Asia/Tehran",
    "America/Santiago", "Africa/Casablanca", "America/St_Johns", "Asia/Amman", "Pacific/Chatham",
)  # fmt: skip
LAST_MS = 4_102_444_800_000
"""2100-01-01."""

zones = st.sampled_from(ZONES)
instants = st.integers(86_400_000, LAST_MS - 1)
units = st.sampled_from(("day", "week", "month", "quarter", "year"))


def oracle_start(day: date, zone: str) -> int:
    """Return the first instant of a day: midnight, or where the clocks land that jump over it."""
    midnight = whenever.PlainDateTime(day.year, day.month, day.day)
    return midnight.assume_tz(zone, disambiguation="compatible").timestamp(unit="millisecond")


def of(period, zone="Asia/Kolkata", now=NOW):
    return window(period, ZoneInfo(zone), now)


def today(zone: str, now: int) -> date:
    there = whenever.Instant.from_timestamp(now, unit="millisecond").to_tz(zone)
    return date(there.year, there.month, there.day)


def begin(day: date, unit: str) -> date:
    match unit:
        case "day":
            return day
        case "week":
            return date.fromisocalendar(*day.isocalendar()[:2], 1)
        case "month":
            return date(day.year, day.month, 1)
        case "quarter":
            return date(day.year, {1: 1, 2: 4, 3: 7, 4: 10}[(day.month + 2) // 3], 1)
        case _:
            return date(day.year, 1, 1)


def shifted(day: date, unit: str, count: int) -> date:
    plain = whenever.Date(day.year, day.month, day.day)
    names = {"day": "days", "week": "weeks", "month": "months", "year": "years"}
    moved = plain.add(months=3 * count) if unit == "quarter" else plain.add(**{names[unit]: count})
    return date(moved.year, moved.month, moved.day)


def test_april_in_kolkata_begins_at_half_past_six_in_the_evening_in_utc():
    april = of(ast.MonthPeriod(4, 2026, span=SPAN))
    assert whenever.Instant.from_timestamp(april.start_ms, unit="millisecond") == whenever.Instant(
        "2026-03-31T18:30Z"
    )
    assert whenever.Instant.from_timestamp(april.end_ms, unit="millisecond") == whenever.Instant(
        "2026-04-30T18:30Z"
    )
    assert (april.first_day, april.last_day, april.text, april.moving) == (
        "2026-04-01",
        "2026-04-30",
        "April 2026",
        False,
    )


@given(st.dates(date(1970, 1, 2), date(2099, 12, 30)), zones)
def test_a_day_begins_at_its_first_instant(day, zone):
    start = day_start(day, ZoneInfo(zone))
    assert start == oracle_start(day, zone)
    assert local(start, ZoneInfo(zone)).date() == day


@given(instants, zones, units, st.sampled_from(("this", "previous")))
def test_whole_units_begin_and_end_with_their_days(now, zone, unit, which):
    first = shifted(begin(today(zone, now), unit), unit, 0 if which == "this" else -1)
    if first.year < 1970:
        return
    after = shifted(first, unit, 1)
    found = of(ast.RelativePeriod(which, unit, span=SPAN), zone, now)
    assert (found.start_ms, found.end_ms) == (oracle_start(first, zone), oracle_start(after, zone))
    assert (found.first_day, found.last_day) == (str(first), str(after - timedelta(days=1)))
    assert found.moving
    if which == "this":
        assert found.start_ms <= now < found.end_ms


@given(st.integers(400 * 86_400_000, LAST_MS), zones, units, st.integers(1, 30))
def test_the_last_units_are_whole_ones_and_the_present_one_until_now(now, zone, unit, count):
    first = shifted(begin(today(zone, now), unit), unit, -count)
    if first.year < 1970:
        return
    found = of(ast.LastPeriod(count, unit, span=SPAN), zone, now)
    assert (found.start_ms, found.end_ms) == (oracle_start(first, zone), now)
    assert (found.first_day, found.last_day) == (str(first), str(today(zone, now)))


@given(instants, zones, st.integers(1, 12))
def test_a_month_without_a_year_is_the_latest_that_has_begun(now, zone, month):
    found = of(ast.MonthPeriod(month, span=SPAN), zone, now)
    here = today(zone, now)
    assert date.fromisoformat(found.first_day) <= here
    assert shifted(date.fromisoformat(found.first_day), "year", 1) > here
    assert date.fromisoformat(found.first_day).month == month


@given(st.dates(date(1970, 1, 2), date(2099, 12, 1)), st.integers(0, 400), zones)
def test_a_range_includes_both_of_its_days(first, days, zone):
    last = first + timedelta(days=days)
    found = of(ast.RangePeriod(str(first), str(last), span=SPAN), zone)
    assert (found.start_ms, found.end_ms) == (
        oracle_start(first, zone),
        oracle_start(last + timedelta(days=1), zone),
    )


@given(instants, zones)
def test_a_local_minute_is_the_same_instant_for_both_calendars(at, zone):
    there = whenever.Instant.from_timestamp(at, unit="millisecond").to_tz(zone)
    text = f"{there.year:04}-{there.month:02}-{there.day:02}T{there.hour:02}:{there.minute:02}"
    plain = whenever.PlainDateTime(there.year, there.month, there.day, there.hour, there.minute)
    start, end = moment_bounds(text, ZoneInfo(zone))
    assert start == plain.assume_tz(zone, disambiguation="compatible").timestamp(unit="millisecond")
    assert end - start == 60_000


def test_where_midnight_does_not_exist_the_day_begins_at_one():
    day = of(ast.DayPeriod("2018-11-04", span=SPAN), "America/Sao_Paulo")
    assert local(day.start_ms, ZoneInfo("America/Sao_Paulo")).hour == 1
    assert day.end_ms - day.start_ms == 23 * 3_600_000


def test_a_day_on_which_the_clocks_go_back_has_25_hours():
    day = of(ast.DayPeriod("2026-11-01", span=SPAN), "America/New_York")
    assert day.end_ms - day.start_ms == 25 * 3_600_000


def test_a_day_that_a_zone_left_out_is_empty():
    day = of(ast.DayPeriod("2011-12-30", span=SPAN), "Pacific/Apia")
    assert day.start_ms == day.end_ms
    assert local(day.end_ms, ZoneInfo("Pacific/Apia")).date() == date(2011, 12, 31)


def test_quarters_years_and_named_days():
    quarter = of(ast.QuarterPeriod(2026, 2, span=SPAN))
    assert (quarter.first_day, quarter.last_day) == ("2026-04-01", "2026-06-30")
    year = of(ast.YearPeriod(2024, span=SPAN))
    assert (year.first_day, year.last_day) == ("2024-01-01", "2024-12-31")
    yesterday = of(ast.NamedDayPeriod("yesterday", span=SPAN))
    assert (yesterday.first_day, yesterday.last_day) == ("2026-05-01", "2026-05-01")
    assert of(ast.NamedDayPeriod("today", span=SPAN)).start_ms == yesterday.end_ms


def test_since_runs_from_the_day_until_now():
    since = of(ast.SincePeriod("2026-04-01", span=SPAN))
    assert (since.first_day, since.last_day, since.end_ms) == ("2026-04-01", "2026-05-02", NOW)


def test_since_a_day_to_come_is_empty():
    since = of(ast.SincePeriod("2026-06-01", span=SPAN))
    assert since.start_ms == since.end_ms


@pytest.mark.parametrize(
    ("period", "code"),
    [
        (ast.DayPeriod("2026-02-30", span=SPAN), "E301"),
        (ast.YearPeriod(1066, span=SPAN), "E301"),
        (ast.QuarterPeriod(2026, 5, span=SPAN), "E301"),
        (ast.MonthPeriod(4, 9999, span=SPAN), "E301"),
        (ast.RangePeriod("2026-04-30", "2026-04-01", span=SPAN), "E302"),
        (ast.LastPeriod(0, "day", span=SPAN), "E303"),
        (ast.LastPeriod(9999, "year", span=SPAN), "E301"),
        (ast.ParamRef("month", span=SPAN), "E304"),
    ],
)
def test_what_is_no_stretch_of_time_is_refused(period, code):
    with pytest.raises(PeriodError) as refused:
        window(period, KOLKATA, NOW)
    assert refused.value.code == code


@pytest.mark.parametrize("text", ["2026-13-01", "2026-04-30T25:00", "tomorrow", "2026-04-30T", "1-1-1"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(PeriodError):
        moment_bounds(text, KOLKATA)
