"""The rate bucket: requests an hour, shared by processes and kept across restarts (docs/reliability.md, "Rate").

A bucket of capacity C that refills F an hour lets at most C + F requests through in any rolling hour. So that this is
never above the rate, F is the rate less C and less half a percent for requests that travel at different speeds.
"""

import asyncio
import math
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from leadops.core.clock import Clock
from leadops.core.errors import ConfigurationError, LeadopsError, TemporaryError
from leadops.state.private import private_dir, private_file
from leadops.state.waiting import LONGEST_S, connect, is_busy

HOUR_MS = 3_600_000
BURST = 10
"""The most requests at once."""
SLOW_MS = 300_000
"""How long the rate is halved after a 429."""
LONGEST_PAUSE_S = 900.0
_DEFAULT_PAUSE_S = 2.0
_TABLE = """
CREATE TABLE IF NOT EXISTS bucket (
  one INTEGER PRIMARY KEY CHECK (one = 1), tokens REAL NOT NULL, at_ms INTEGER NOT NULL,
  pause_until_ms INTEGER NOT NULL, slow_until_ms INTEGER NOT NULL) STRICT
"""


@dataclass(slots=True)
class Level:
    """How full the bucket is.

    Attributes:
        tokens: requests that may go at once.
        at_ms: when that was so, epoch ms.
        pause_until_ms: nobody sends before.
        slow_until_ms: the bucket refills at half speed until then.
    """

    tokens: float
    at_ms: int
    pause_until_ms: int = 0
    slow_until_ms: int = 0

    def refill(self, now_ms: int, capacity: float, per_hour: float) -> None:
        """Bring the level to ``now_ms``. Nothing is earned during a pause, or when the clock stepped back."""
        longest = now_ms + round(LONGEST_PAUSE_S * 1000)
        self.pause_until_ms = min(
            self.pause_until_ms, longest
        )  # a clock that was wrong must not stop us for years
        self.slow_until_ms = min(self.slow_until_ms, max(now_ms, self.pause_until_ms) + SLOW_MS)
        since = max(self.at_ms, self.pause_until_ms)
        earning = max(0, now_ms - since)
        slowly = max(0, min(now_ms, self.slow_until_ms) - since) if earning else 0
        self.tokens = min(capacity, self.tokens + (earning - slowly / 2) * per_hour / HOUR_MS)
        self.at_ms = now_ms

    def wait_ms(self, now_ms: int, per_hour: float) -> int:
        """Return how long to wait for a whole token; 0 when there is one."""
        if now_ms < self.pause_until_ms:
            return self.pause_until_ms - now_ms
        missing = (1.0 - self.tokens) * HOUR_MS / per_hour
        if missing <= 1e-6:
            return 0
        slow = self.slow_until_ms - now_ms
        if slow > 0:
            missing = missing * 2 if missing * 2 <= slow else missing + slow / 2
        return max(1, math.ceil(missing))


class RateBucket:
    """Fits ``crm.pacing.Limiter``. A context manager.

    ``rate`` is requests an hour, at least 1.

    Raises:
        ConfigurationError: the file is not ours, or cannot be written.
    """

    def __init__(self, path: Path, rate: int, clock: Clock) -> None:
        if rate < 1:
            raise ValueError("a rate is at least one request an hour")
        self._clock = clock
        self._capacity = float(max(1, min(BURST, rate // 100)))
        self._per_hour = max(rate * 0.995 - self._capacity, rate * 0.49)
        self._turn = asyncio.Lock()
        self._path = path
        self._first = self._capacity
        private_dir(path.parent)
        self._db = self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    async def acquire(self) -> None:
        """Wait until one more request may be sent; within this process in the order of asking."""
        async with self._turn:
            while (wait := self._take()) > 0:
                await self._clock.sleep(wait / 1000)

    def throttled(self, pause_s: float | None) -> None:
        """Take note of a 429: nobody sends for ``pause_s`` seconds, then at half the rate for five minutes."""
        seconds = min(LONGEST_PAUSE_S, _DEFAULT_PAUSE_S if pause_s is None else max(0.0, pause_s))
        now = self._clock.now_ms()
        with self._level(now) as level:
            level.tokens = min(level.tokens, 1.0)
            level.pause_until_ms = max(level.pause_until_ms, now + math.ceil(seconds * 1000))
            level.slow_until_ms = max(level.slow_until_ms, level.pause_until_ms + SLOW_MS, now + SLOW_MS)

    def level(self) -> Level:
        """Return how full the bucket is now."""
        with self._level(self._clock.now_ms()) as level:
            return level

    def _take(self) -> int:
        now = self._clock.now_ms()
        with self._level(now) as level:
            wait = level.wait_ms(now, self._per_hour)
            if wait == 0:
                level.tokens -= 1.0
        return wait

    @contextmanager
    def _level(self, now_ms: int) -> Iterator[Level]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                row = self._db.execute(
                    "SELECT tokens, at_ms, pause_until_ms, slow_until_ms FROM bucket"
                ).fetchone()
                level = Level(*row) if row else Level(self._first, now_ms)
                level.refill(now_ms, self._capacity, self._per_hour)
                yield level
                self._db.execute(
                    "INSERT OR REPLACE INTO bucket VALUES (1, ?, ?, ?, ?)",
                    (level.tokens, level.at_ms, level.pause_until_ms, level.slow_until_ms),
                )
                self._db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise unusable(f"the rate bucket {self._path}", error) from error

    def _open(self) -> sqlite3.Connection:
        for last in (False, True):
            private_file(self._path)
            db = connect(str(self._path))
            try:
                # Losing the last second of the bucket in a power cut does no harm; waiting for the disk would.
                db.execute("PRAGMA synchronous=OFF")
                db.execute(_TABLE)
                db.execute("SELECT tokens, at_ms, pause_until_ms, slow_until_ms FROM bucket").fetchall()
            except sqlite3.OperationalError as error:
                db.close()
                raise unusable(f"the rate bucket {self._path}", error) from error
            except sqlite3.DatabaseError as error:
                db.close()
                if last:
                    raise ConfigurationError(
                        f"the rate bucket {self._path} cannot be used: {error}"
                    ) from error
                self._path.unlink()  # a damaged bucket tells nothing: begin with an empty one
                self._first = 0.0
                continue
            return db
        raise AssertionError("unreachable")


def unusable(what: str, error: sqlite3.Error) -> LeadopsError:
    """Return the failure that an error of SQLite is, for ``what`` counts calls."""
    if is_busy(error):
        return TemporaryError(
            f"another process kept {what} for {LONGEST_S:g} seconds", "wait for it, and try again"
        )
    return ConfigurationError(
        f"{what} cannot be used: {error}",
        "the state folder must be writable, on a local disk with free space",
    )


@dataclass(slots=True)
class Unlimited:
    """No rate, for a server on this machine; fits ``crm.pacing.Limiter``. A 429 still makes everybody pause."""

    clock: Clock
    _until: float = field(default=0.0)

    async def acquire(self) -> None:
        """Return at once, or when the pause is over."""
        while (left := self._until - self.clock.monotonic()) > 0:
            await self.clock.sleep(left)

    def throttled(self, pause_s: float | None) -> None:
        """Begin a pause."""
        seconds = _DEFAULT_PAUSE_S if pause_s is None else pause_s
        self._until = max(self._until, self.clock.monotonic() + min(LONGEST_PAUSE_S, seconds))
