"""Opening the journal's file: private, whole, of a version that this leadops knows; or a refusal by name."""

import sqlite3
import sys
from pathlib import Path

from leadops.core.errors import ConfigurationError, RefusedError
from leadops.state.journal_schema import TABLES, VERSION
from leadops.state.private import private_dir, private_file

_HEADER = b"SQLite format 3\x00"


def open_file(path: Path, lineage: str) -> sqlite3.Connection:
    """Return a connection to the journal at ``path``; a new one is made with ``lineage``.

    Raises:
        ConfigurationError: the file or its folder is not ours, or cannot be written.
        RefusedError: the journal is damaged, or was written by a newer leadops.
    """
    private_dir(path.parent)
    private_file(path)
    try:
        with path.open("rb") as file:
            head = file.read(len(_HEADER))
    except OSError as error:
        raise ConfigurationError(f"the journal {path} cannot be read: {error.strerror}") from error
    if head and head != _HEADER:
        raise _damaged(path, "it does not begin as a SQLite file does")
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0.0)
    except sqlite3.Error as error:
        raise ConfigurationError(f"the journal {path} cannot be opened: {error}") from error
    try:
        _prepare(connection, path, lineage)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path, lineage: str) -> None:
    try:
        for pragma in ("trusted_schema=OFF", "journal_mode=TRUNCATE", "synchronous=EXTRA", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        if sys.platform == "darwin":
            connection.execute("PRAGMA fullfsync=ON")
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version > VERSION:
            raise RefusedError(
                f"the journal {path} is of version {version}; this leadops knows {VERSION}",
                "use the leadops that wrote it, or a newer one; the file was not changed",
            )
        if version == 0:
            _create(connection, lineage)
        elif (verdict := str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])) != "ok":
            raise _damaged(path, verdict)
        connection.execute(
            "UPDATE meta SET value = value WHERE name = 'serial'"
        )  # fails where it is read-only
    except sqlite3.OperationalError as error:
        raise ConfigurationError(
            f"the journal {path} cannot be used: {error}",
            "the state folder must be writable, on a local disk with free space",
        ) from error
    except sqlite3.DatabaseError as error:
        raise _damaged(path, str(error)) from error


def _create(connection: sqlite3.Connection, lineage: str) -> None:
    connection.executescript(f"BEGIN IMMEDIATE; {TABLES}")
    facts = (("lineage", lineage), ("serial", "0"), ("head", ""))
    connection.executemany("INSERT INTO meta VALUES (?, ?)", facts)
    connection.execute(f"PRAGMA user_version={VERSION}")
    connection.execute("COMMIT")


def _damaged(path: Path, why: str) -> RefusedError:
    return RefusedError(
        f"the journal {path} is damaged: {why}",
        "nothing was sent. Put back a good copy, or move the file away: without it every append is first looked "
        "for on the lead's timeline",
    )
