"""Opening the journal's file: private, whole, of a version that this leadops knows; or a refusal by name.

A writer makes the file where it is missing. Who only looks opens it read-only, makes nothing and keeps nobody waiting.
"""

import sqlite3
import sys
from pathlib import Path
from urllib.parse import quote

from leadops.core.errors import ConfigurationError, LeadopsError, RefusedError, TemporaryError
from leadops.state.journal_schema import TABLES, VERSION
from leadops.state.private import private_dir, private_file, seen_file
from leadops.state.waiting import LONGEST_S, Told, connect, is_busy, patiently, silent

_HEADER = b"SQLite format 3\x00"
_NEVER = "without a journal every append is first looked for on the lead's timeline"


def open_file(path: Path, lineage: str, tell: Told = silent) -> sqlite3.Connection:
    """Return a connection to the journal at ``path``; a new one is made with ``lineage``.

    Raises:
        ConfigurationError: the file or its folder is not ours, or cannot be written.
        RefusedError: the journal is damaged, or was written by a newer leadops.
        TemporaryError: another process did not let go of it.
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
        connection = connect(str(path))
    except sqlite3.Error as error:
        raise ConfigurationError(f"the journal {path} cannot be opened: {error}") from error
    try:
        _prepare(connection, path, lineage, tell)
    except BaseException:
        connection.close()
        raise
    return connection


def open_view(path: Path) -> sqlite3.Connection | None:
    """Return a connection that can only read the journal at ``path``; None when there is none yet.

    Raises:
        ConfigurationError: the file is not ours, or cannot be read.
        RefusedError: the journal is damaged, or was written by a newer leadops.
        TemporaryError: another process did not let go of it.
    """
    if not seen_file(path):
        return None
    for last in (False, True):
        connection = connect(f"file:{quote(str(path))}?mode=ro", uri=True)
        try:
            connection.execute("PRAGMA trusted_schema=OFF")
            if _version(connection, path) == 0:  # another process is making it at this moment
                connection.close()
                return None
        except sqlite3.Error as error:
            connection.close()
            if last or not is_cut_short(error):
                raise unusable(path, error) from error
            take_back(path)
        except BaseException:
            connection.close()
            raise
        else:
            return connection
    raise AssertionError("unreachable")


def is_cut_short(error: sqlite3.Error) -> bool:
    """Whether a process was killed in the middle of a commit, so that somebody must take the half of it back."""
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_READONLY_ROLLBACK


def take_back(path: Path) -> None:
    """Let SQLite take back what a killed process had written of a commit; does nothing while a writer is at work.

    Raises:
        ConfigurationError, RefusedError, TemporaryError: see ``open_view``.
    """
    connection = connect(str(path))
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    except sqlite3.Error as error:
        raise unusable(path, error) from error
    finally:
        connection.close()


def unusable(path: Path, error: sqlite3.Error) -> LeadopsError:
    """Return what an error of SQLite means for whoever opened the journal."""
    if is_busy(error):
        return TemporaryError(
            f"another process kept the journal {path} for {LONGEST_S:g} seconds", "wait for it, and try again"
        )
    if isinstance(error, sqlite3.OperationalError):
        return ConfigurationError(
            f"the journal {path} cannot be used: {error}",
            "the state folder must be writable, on a local disk with free space",
        )
    return _damaged(path, str(error))


def _prepare(connection: sqlite3.Connection, path: Path, lineage: str, tell: Told) -> None:
    try:
        for pragma in ("trusted_schema=OFF", "journal_mode=TRUNCATE", "synchronous=EXTRA", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        if sys.platform == "darwin":
            connection.execute("PRAGMA fullfsync=ON")
        if _version(connection, path) == 0:
            _create(connection, lineage)
        elif (verdict := str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])) != "ok":
            raise _damaged(path, verdict)
        patiently(connection, "BEGIN IMMEDIATE", tell, "the journal")
        connection.execute(
            "UPDATE meta SET value = value WHERE name = 'serial'"
        )  # fails where it is read-only
        patiently(connection, "COMMIT", tell, "the journal")
    except sqlite3.Error as error:
        raise unusable(path, error) from error


def _version(connection: sqlite3.Connection, path: Path) -> int:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > VERSION:
        raise RefusedError(
            f"the journal {path} is of version {version}; this leadops knows {VERSION}",
            "use the leadops that wrote it, or a newer one; the file was not changed",
        )
    return version


def _create(connection: sqlite3.Connection, lineage: str) -> None:
    """Lay the journal out, unless another process did so meanwhile: then its lineage stays."""
    connection.executescript(f"BEGIN IMMEDIATE; {TABLES}")
    facts = (("lineage", lineage), ("serial", "0"), ("head", ""))
    connection.executemany("INSERT OR IGNORE INTO meta VALUES (?, ?)", facts)
    connection.execute(f"PRAGMA user_version={VERSION}")
    connection.execute("COMMIT")


def _damaged(path: Path, why: str) -> RefusedError:
    return RefusedError(
        f"the journal {path} is damaged: {why}", f"nothing was sent. Move the file away: {_NEVER}"
    )
