"""Waiting for another process at a SQLite file: long enough that looking ends no run, and not in silence."""

import sqlite3
import time
from collections.abc import Callable

LONGEST_S = 30.0
"""Seconds that a process waits for others before it gives up. Each of them needs the file for some thousandths."""
_TRY_S = 1.0
"""Seconds after which a wait is told of."""

Told = Callable[[str], None]


def silent(_: str) -> None:
    """Tell nobody."""


def connect(path: str, *, uri: bool = False, wait_s: float = LONGEST_S) -> sqlite3.Connection:
    """Open a SQLite file without a transaction of Python's own; statements wait ``wait_s`` for other processes."""
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=wait_s, uri=uri)


def is_busy(error: sqlite3.Error) -> bool:
    """Whether ``error`` says that another process has the file, and nothing worse."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def patiently(connection: sqlite3.Connection, statement: str, tell: Told, what: str) -> None:
    """Execute ``statement`` (a BEGIN, a COMMIT), waiting at most ``LONGEST_S``; ``tell`` hears after a second.

    Raises:
        sqlite3.Error: it failed, or the file (``what``) was not free in all that time.
    """
    begun = time.monotonic()
    told = False
    _wait_at_most(connection, _TRY_S)
    try:
        while True:
            try:
                connection.execute(statement)
            except sqlite3.OperationalError as error:
                if not is_busy(error) or time.monotonic() - begun >= LONGEST_S:
                    raise
                if not told:
                    tell(f"another process has {what}: waiting for it, at most {LONGEST_S:g} seconds")
                    told = True
            else:
                return
    finally:
        _wait_at_most(connection, LONGEST_S)


def _wait_at_most(connection: sqlite3.Connection, seconds: float) -> None:
    connection.execute(f"PRAGMA busy_timeout = {round(seconds * 1000)}")
