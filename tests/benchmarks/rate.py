"""The use of the rate on a virtual clock: no rolling hour exceeds it, and nearly all of it is used when there is work."""

import asyncio
import tempfile
from bisect import bisect_left
from pathlib import Path

from leadops.core.clock import ManualClock
from leadops.state.ratelimit import HOUR_MS, RateBucket
from tests.simulation.service import START

HOURS = 3
TARGET = 0.98


def measure(results):
    """Spend as fast as the bucket lets for some hours and print the table."""
    rows = []
    for rate in (3600, 3000, 1000):
        times = asyncio.run(_spent(rate))
        used = sum(at - START < HOURS * HOUR_MS for at in times) / (HOURS * rate)
        most = max(at + 1 - bisect_left(times, times[at] - HOUR_MS + 1) for at in range(len(times)))
        rows.append((f"{rate} an hour", most, used))
        results.require(most <= rate, f"{most} calls in an hour at a rate of {rate}")
        results.require(used >= TARGET, f"{used:.1%} of a rate of {rate} is used")
    results.table(
        f"Use of the rate over {HOURS} virtual hours (target: at least {TARGET}, never more in any hour)",
        ("rate", "most in an hour", "used"),
        rows,
    )


async def _spent(rate):
    clock = ManualClock(START)
    times = []
    with tempfile.TemporaryDirectory() as folder, RateBucket(Path(folder) / "rate.db", rate, clock) as bucket:
        while clock.now_ms() - START < HOURS * HOUR_MS:
            await bucket.acquire()
            times.append(clock.now_ms())
    return times
