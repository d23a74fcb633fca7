import asyncio
import sqlite3
import subprocess
import sys
from bisect import bisect_left

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadops.core.clock import ManualClock
from leadops.core.errors import ConfigurationError
from leadops.state.ratelimit import BURST, HOUR_MS, SLOW_MS, RateBucket, Unlimited
from leadops.state.rolling import RollingHour

START = 1_777_000_000_000


def spend(bucket, clock, count):
    """Take ``count`` tokens; return when each was given, epoch ms."""

    async def go():
        times = []
        for _ in range(count):
            await bucket.acquire()
            times.append(clock.now_ms())
        return times

    return asyncio.run(go())


def most_in_an_hour(times):
    return max(index + 1 - bisect_left(times, at - HOUR_MS + 1) for index, at in enumerate(times))


@pytest.mark.parametrize("rate", [3600, 3000, 500, 60])
def test_no_rolling_hour_exceeds_the_rate_and_nearly_all_of_it_is_used(tmp_path, rate):
    clock = ManualClock(START)
    with RateBucket(tmp_path / "rate.sqlite", rate, clock) as bucket:
        times = spend(bucket, clock, rate * 2 + 50)
    assert most_in_an_hour(times) <= rate
    used = sum(1 for at in times if at - START < 2 * HOUR_MS) / (2 * rate)
    assert used >= (0.98 if rate >= 100 else 0.95)


@pytest.mark.parametrize("rate", [1, 2, 5])
def test_tiny_rates_are_kept_too(tmp_path, rate):
    clock = ManualClock(START)
    with RateBucket(tmp_path / "rate.sqlite", rate, clock) as bucket:
        assert most_in_an_hour(spend(bucket, clock, 3 * rate + 3)) <= rate


@settings(max_examples=15, deadline=None)
@given(idle=st.lists(st.floats(0, 4000), min_size=1, max_size=6), rate=st.integers(100, 400))
def test_no_pattern_of_rest_and_work_exceeds_the_rate(tmp_path_factory, idle, rate):
    clock = ManualClock(START)
    times = []
    with RateBucket(tmp_path_factory.mktemp("rate") / "rate.sqlite", rate, clock) as bucket:
        for rest in idle:
            clock.advance(rest)
            times += spend(bucket, clock, rate // 3)
    assert most_in_an_hour(times) <= rate


def test_a_new_process_does_not_burst_again(tmp_path):
    clock = ManualClock(START)
    for _ in range(5):
        with RateBucket(tmp_path / "rate.sqlite", 3600, clock) as bucket:
            spend(bucket, clock, BURST)
    assert clock.monotonic() > 4 * BURST * 0.99


def test_two_processes_share_one_bucket(tmp_path):
    clock = ManualClock(START)
    path = tmp_path / "rate.sqlite"
    with RateBucket(path, 3600, clock) as one, RateBucket(path, 3600, clock) as two:
        times = sorted(spend(one, clock, BURST) + spend(two, clock, BURST))
    assert times[BURST - 1] == START
    assert times[-1] - START >= (BURST - 1) * 1000


def test_really_separate_processes_share_it(tmp_path):
    path = tmp_path / "rate.sqlite"
    program = (
        "import sys; from pathlib import Path; from leadops.core.clock import ManualClock\n"
        "from leadops.state.ratelimit import RateBucket\n"
        "b = RateBucket(Path(sys.argv[1]), 3600, ManualClock(int(sys.argv[2])))\n"
        "print(sum(b._take() == 0 for _ in range(8)))\n"
    )
    runs = [
        subprocess.Popen([sys.executable, "-c", program, path, str(START)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert sum(int(run.communicate()[0]) for run in runs) == BURST


def test_callers_are_served_in_the_order_of_asking(tmp_path):
    clock = ManualClock(START)
    order = []

    async def go(bucket):
        async def one(number):
            await bucket.acquire()
            order.append(number)

        async with asyncio.TaskGroup() as group:
            for number in range(30):
                group.create_task(one(number))

    with RateBucket(tmp_path / "rate.sqlite", 3600, clock) as bucket:
        asyncio.run(go(bucket))
    assert order == list(range(30))


def test_a_429_stops_all_processes_and_halves_the_rate_for_five_minutes(tmp_path):
    clock = ManualClock(START)
    path = tmp_path / "rate.sqlite"
    with RateBucket(path, 3600, clock) as one, RateBucket(path, 3600, clock) as two:
        one.throttled(20.0)
        first = spend(two, clock, 1)[0]
        assert first - START == 20_000
        times = spend(two, clock, 400)
    slow = [at for at in times if at <= START + 20_000 + SLOW_MS]
    assert 0.45 <= len(slow) / 300 <= 0.51
    fast = [at for at in times if at > START + 25_000 + SLOW_MS]
    assert (fast[-1] - fast[0]) / (len(fast) - 1) == pytest.approx(1000, rel=0.02)


def test_a_pause_from_a_wrong_clock_does_not_last_for_years(tmp_path):
    path = tmp_path / "rate.sqlite"
    with RateBucket(path, 3600, ManualClock(START + 10**11)) as bucket:
        bucket.throttled(None)
    clock = ManualClock(START)
    with RateBucket(path, 3600, clock) as bucket:
        spend(bucket, clock, 1)
    assert clock.monotonic() <= 900.0


def test_a_clock_that_steps_back_earns_nothing(tmp_path):
    clock = ManualClock(START)
    with RateBucket(tmp_path / "rate.sqlite", 3600, clock) as bucket:
        spend(bucket, clock, BURST)
        for _ in range(20):
            clock.wall_ms -= 1000
            assert bucket._take() > 0


def test_a_damaged_bucket_is_made_anew_and_starts_empty(tmp_path):
    path = tmp_path / "rate.sqlite"
    path.write_bytes(b"not a database, whatever the name says" * 50)
    clock = ManualClock(START)
    with RateBucket(path, 3600, clock) as bucket:
        spend(bucket, clock, 1)
    assert clock.monotonic() > 0.9


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError):
        RateBucket(tmp_path / "file" / "rate.sqlite", 3600, ManualClock(START))


def test_without_a_rate_only_a_pause_makes_one_wait():
    clock = ManualClock(START)
    limit = Unlimited(clock)
    spend(limit, clock, 1000)
    assert clock.monotonic() == 0
    limit.throttled(3.0)
    spend(limit, clock, 1)
    assert clock.monotonic() == pytest.approx(3.0)


def test_on_this_machine_no_rolling_hour_holds_more_than_the_rate_restarts_included(tmp_path):
    clock = ManualClock(START)
    times = []
    for _ in range(4):
        with RollingHour(tmp_path / "hour.db", 5, clock) as hour:
            times += spend(hour, clock, 4)
        clock.advance(100)
    assert all(later - first >= HOUR_MS for first, later in zip(times, times[5:], strict=False))


def test_an_hour_that_cannot_be_written_down_lets_nothing_pass_and_says_why(tmp_path):
    clock = ManualClock(START)
    with RollingHour(tmp_path / "hour.db", 5, clock) as hour:
        spend(hour, clock, 1)
        with sqlite3.connect(tmp_path / "hour.db") as full:
            full.execute(
                "CREATE TRIGGER full BEFORE INSERT ON call BEGIN SELECT RAISE(ROLLBACK, 'disk full'); END"
            )
        with pytest.raises(ConfigurationError, match="disk full"):
            spend(hour, clock, 1)
