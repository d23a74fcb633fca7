"""The rate on a server of this machine: no more than the rate in any rolling hour, but not spread out.

A server on loopback is a sandbox or a gateway of one's own: waiting a second between calls would protect nobody.
The hour is remembered across processes and restarts all the same. Where a rate is stated, state/ratelimit.py paces.
"""

import asyncio
import sqlite3
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from leadops.core.clock import Clock
from leadops.state.private import private_dir, private_file
from leadops.state.ratelimit import HOUR_MS, LONGEST_PAUSE_S, unusable
from leadops.state.waiting import connect

_TABLE = """
CREATE TABLE IF NOT EXISTS call (at_ms INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS call_at ON call (at_ms);
"""
_PAUSE_S = 2.0


class RollingHour:
    """Fits ``crm.pacing.Limiter``. ``rate`` is requests an hour.

    Raises:
        ConfigurationError: the file cannot be used.
    """

    def __init__(self, path: Path, rate: int, clock: Clock) -> None:
        self._path = path
        self._rate = rate
        self._clock = clock
        self._turn = asyncio.Lock()
        self._until = 0.0
        private_dir(path.parent)
        private_file(path)
        try:
            self._db = connect(str(path))
            # A power cut may forget the last second of calls: harmless, and not worth waiting for the disk.
            self._db.execute("PRAGMA synchronous=OFF")
            self._db.executescript(_TABLE)
        except sqlite3.Error as error:
            raise unusable(f"the count of calls {path}", error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    async def acquire(self) -> None:
        """Wait until the last hour holds fewer calls than the rate, and until a pause is over."""
        async with self._turn:
            while (left := self._until - self._clock.monotonic()) > 0:
                await self._clock.sleep(left)
            while (wait := self._take()) > 0:
                await self._clock.sleep(wait / 1000)

    def throttled(self, pause_s: float | None) -> None:
        """Take note of a 429: nobody of this process sends for ``pause_s`` seconds."""
        seconds = _PAUSE_S if pause_s is None else max(0.0, pause_s)
        self._until = max(self._until, self._clock.monotonic() + min(LONGEST_PAUSE_S, seconds))

    def _take(self) -> int:
        now = self._clock.now_ms()
        try:
            self._db.execute("BEGIN IMMEDIATE")
            # A clock that stepped back leaves calls in the future; they count as made now.
            self._db.execute("UPDATE call SET at_ms = ? WHERE at_ms > ?", (now, now))
            self._db.execute("DELETE FROM call WHERE at_ms <= ?", (now - HOUR_MS,))
            (count, oldest) = self._db.execute("SELECT count(*), min(at_ms) FROM call").fetchone()
            wait = 0 if count < self._rate else int(oldest + HOUR_MS - now) + 1
            if not wait:
                self._db.execute("INSERT INTO call VALUES (?)", (now,))
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            raise unusable(f"the count of calls {self._path}", error) from error
        return wait
