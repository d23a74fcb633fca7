"""Time, taken as an argument: the only module that asks the machine what time it is.

``now_ms`` is wall time in epoch milliseconds (UTC). ``monotonic`` measures durations, in seconds.
"""

import time
from typing import Protocol

from leadops.core.fast_dataclass import record


class Clock(Protocol):
    """What a stage may know of time."""

    def now_ms(self) -> int:
        """Return the wall clock, in epoch milliseconds."""
        ...

    def monotonic(self) -> float:
        """Return seconds on a clock that never steps back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait ``seconds``."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now_ms(self) -> int:
        """Return the wall clock, in epoch milliseconds."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Return seconds on a clock that never steps back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait ``seconds``."""
        import asyncio  # noqa: PLC0415 (dear, and most that ask for the time never wait)

        await asyncio.sleep(max(0.0, seconds))


@record(frozen=False)
class ManualClock:
    """A clock that moves only when it is told to, or when someone sleeps on it.

    Attributes:
        wall_ms: the wall clock, in epoch milliseconds.
        elapsed: seconds since the clock was made.
    """

    wall_ms: int
    elapsed: float = 0.0

    def now_ms(self) -> int:
        """Return the wall clock, in epoch milliseconds."""
        return self.wall_ms

    def monotonic(self) -> float:
        """Return seconds on a clock that never steps back."""
        return self.elapsed

    async def sleep(self, seconds: float) -> None:
        """Move the clock on by ``seconds`` and let others run."""
        import asyncio  # noqa: PLC0415 (as above)

        self.advance(max(0.0, seconds))
        await asyncio.sleep(0)

    def advance(self, seconds: float) -> None:
        """Move the clock on by ``seconds``."""
        self.elapsed += seconds
        self.wall_ms += round(seconds * 1000)
