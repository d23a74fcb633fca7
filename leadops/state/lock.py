"""One runner a workspace on a machine: a lock that the system frees however its holder dies (docs/reliability.md).

The lock is SQLite's own exclusive lock on a small database. Who holds it stands in a file beside, for the message only.
"""

import os
import socket
import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from leadops.core.clock import Clock
from leadops.core.errors import ConfigurationError, LockedError
from leadops.core.text import visible
from leadops.state.lock_probe import is_held
from leadops.state.private import private_dir, private_file, write_private

_POLL_S = 0.2


class Holder(BaseModel):
    """Who holds the lock.

    Attributes:
        since: when it was taken, ISO 8601 in UTC.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    pid: int
    host: str
    run: str = ""
    playbook: str = ""
    since: str = ""

    def __str__(self) -> str:
        parts = [f"process {self.pid} on {visible(self.host)}"]
        parts += [f"run {visible(self.run)}"] if self.run else []
        parts += [f"playbook {visible(self.playbook)}"] if self.playbook else []
        parts += [f"since {visible(self.since)}"] if self.since else []
        return ", ".join(parts)


class WorkspaceLock:
    """The lock of one workspace; an async context manager.

    ``path`` is the lock's database. ``wait_s`` is how long to wait for another holder.

    Raises:
        LockedError: another runner holds it; names that runner.
        ConfigurationError: the file is not ours, or cannot be written.
    """

    def __init__(self, path: Path, holder: Holder, clock: Clock, *, wait_s: float = 0.0) -> None:
        self._path = path
        self._holder = holder
        self._clock = clock
        self._wait_s = wait_s
        self._db: sqlite3.Connection | None = None

    async def __aenter__(self) -> Self:
        await self.acquire()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    async def acquire(self) -> None:
        """Take the lock, waiting for it as long as was said."""
        until = self._clock.monotonic() + self._wait_s
        while not self._try():
            left = until - self._clock.monotonic()
            if left <= 0:
                raise self._locked()
            await self._clock.sleep(min(_POLL_S, left))

    def name(self, holder: Holder) -> None:
        """Say more about the holder (which run it became) while holding the lock."""
        self._holder = holder
        if self._db is not None:
            write_private(self._side_file, holder.model_dump_json().encode())

    def release(self) -> None:
        """Give the lock back; does nothing when it is not held."""
        if self._db is None:
            return
        self._side_file.unlink(missing_ok=True)  # before the lock goes: after it the file is another's
        self._db.close()
        self._db = None

    def holder(self) -> Holder | None:
        """Return who last said that it holds the lock; None when nobody did."""
        try:
            return Holder.model_validate_json(self._side_file.read_bytes())
        except (OSError, ValidationError):
            return None

    def at_work(self) -> bool:
        """Whether a runner holds the lock, as the system tells; nothing is locked for the look.

        Where the system does not tell: whether the process that took the lock last still lives.
        """
        if self._db is not None:
            return True
        held = is_held(self._path)
        return self._lives() if held is None else held

    def _lives(self) -> bool:
        holder = self.holder()
        if holder is None:
            return False
        if holder.host != socket.gethostname():
            return True
        try:
            os.kill(holder.pid, 0)
        except ProcessLookupError:
            return False
        except OSError:
            return True
        return True

    @property
    def _side_file(self) -> Path:
        return self._path.with_suffix(".json")

    def _try(self) -> bool:
        private_dir(self._path.parent)
        private_file(self._path)
        db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=0.0)
        try:
            db.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            db.close()
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                return False
            raise ConfigurationError(
                f"the lock {self._path} cannot be taken: {error}", "the state folder must be on a local disk"
            ) from error
        except sqlite3.DatabaseError as error:
            db.close()
            raise ConfigurationError(f"the lock {self._path} is damaged: {error}", "delete it") from error
        self._db = db
        try:
            self.name(self._holder)
        except BaseException:
            self.release()
            raise
        return True

    def _locked(self) -> LockedError:
        holder = self.holder()
        who = f": {holder}" if holder else ""
        return LockedError(
            f"another runner works on this workspace{who}",
            "wait for it, or say how long to wait (--lock-timeout SECONDS)",
        )
