"""The local id index: every lead id ever seen, by the lead's identifier (docs/reliability.md, "Ids")."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from leadops.core.clock import Clock
from leadops.core.errors import ConfigurationError, LeadopsError, TemporaryError
from leadops.state.private import private_dir, private_file, seen_file
from leadops.state.waiting import LONGEST_S, connect, is_busy

_TABLE = """
CREATE TABLE IF NOT EXISTS seen (
  identifier TEXT NOT NULL, lead_id TEXT NOT NULL, source TEXT NOT NULL, seen_ms INTEGER NOT NULL,
  PRIMARY KEY (identifier, lead_id)) STRICT, WITHOUT ROWID
"""
_REMEMBER = (
    "INSERT INTO seen VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET source = excluded.source,"
    " seen_ms = excluded.seen_ms WHERE excluded.seen_ms >= seen_ms"
)
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Sighting:
    """An id that was seen together with an identifier.

    Attributes:
        identifier: in its canonical form (``model.values.comparable``).
        source: where: ``search``, ``read``, ``create``, ``import``.
        seen_ms: when last, epoch ms.
    """

    identifier: str
    lead_id: str
    source: str
    seen_ms: int


@dataclass(frozen=True, slots=True)
class Learned:
    """What a file of ids changed.

    Attributes:
        new: pairs that were not known.
        replaced: pairs that were known and are no longer, for the file tells another id.
        doubled: identifiers for which the file itself tells more than one id.
    """

    new: int
    replaced: int
    doubled: tuple[str, ...]


class IdFile:
    """The index of one workspace; fits ``planner.ports.IdIndex``. A context manager.

    Raises:
        ConfigurationError: the file is not ours, damaged, or cannot be written.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._clock = clock
        self._path = path
        private_dir(path.parent)
        private_file(path)
        self._db = connect(str(path))
        try:
            self._db.execute("PRAGMA secure_delete=ON")  # what was forgotten stands nowhere in the file
            self._db.execute(_TABLE)
            self._db.execute("SELECT 1 FROM seen LIMIT 1").fetchall()
        except sqlite3.Error as error:
            self._db.close()
            raise self._unusable(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def ids_of(self, identifier: str) -> Sequence[str]:
        """Return the ids recorded for a canonical identifier, the latest first: none, one, or several."""
        return [one.lead_id for one in self.lookup([identifier]).get(identifier, ())]

    def remember(self, pairs: Sequence[tuple[str, str]], source: str = "read") -> None:
        """Record (canonical identifier, id) pairs, seen now; empty ones are left out."""
        now = self._clock.now_ms()
        self.remember_many(Sighting(identifier, lead_id, source, now) for identifier, lead_id in pairs)

    def remember_many(self, sightings: Iterable[Sighting]) -> int:
        """Record sightings in one transaction; return how many. A pair seen again keeps its latest time and source."""
        rows = [
            (one.identifier, one.lead_id, one.source, one.seen_ms)
            for one in sightings
            if one.identifier and one.lead_id
        ]
        if rows:
            self._write(_REMEMBER, rows)
        return len(rows)

    def learn(self, pairs: Sequence[tuple[str, str]]) -> Learned:
        """Record what a file tells; for the identifiers in it, what was known and is not in it is dropped."""
        told: dict[str, set[str]] = {}
        for identifier, lead_id in pairs:
            told.setdefault(identifier, set()).add(lead_id)
        before = self.lookup(list(told))
        known = {(identifier, one.lead_id) for identifier, seen in before.items() for one in seen}
        gone = [pair for pair in known if pair[1] not in told[pair[0]]]
        now = self._clock.now_ms()
        rows = [
            (identifier, lead_id, "import", now) for identifier, lead_id in pairs if identifier and lead_id
        ]
        self._write("DELETE FROM seen WHERE identifier = ? AND lead_id = ?", gone, _REMEMBER, rows)
        doubled = tuple(sorted(identifier for identifier, ids in told.items() if len(ids) > 1))
        return Learned(len({*pairs} - known), len(gone), doubled)

    def lookup(self, identifiers: Sequence[str]) -> dict[str, tuple[Sighting, ...]]:
        """Return what is known of each identifier, latest first; two ids under one mean that nobody can tell."""
        found: dict[str, list[Sighting]] = {}
        for start in range(0, len(identifiers), _CHUNK):
            chunk = identifiers[start : start + _CHUNK]
            marks = ", ".join("?" * len(chunk))
            for sighting in self._select(f"WHERE identifier IN ({marks})", tuple(chunk)):
                found.setdefault(sighting.identifier, []).append(sighting)
        return {identifier: tuple(several) for identifier, several in found.items()}

    def conflicts(self) -> dict[str, tuple[Sighting, ...]]:
        """Return every identifier that has more than one id."""
        doubled = "WHERE identifier IN (SELECT identifier FROM seen GROUP BY identifier HAVING count(*) > 1)"
        found: dict[str, list[Sighting]] = {}
        for sighting in self._select(doubled, ()):
            found.setdefault(sighting.identifier, []).append(sighting)
        return {identifier: tuple(several) for identifier, several in found.items()}

    def all(self) -> list[Sighting]:
        """Return the whole index by identifier."""
        return self._select("", ())

    def forget(self, identifier: str) -> int:
        """Erase an identifier; return how many entries that were."""
        known = len(self.lookup([identifier]).get(identifier, ()))
        if known:
            self._write("DELETE FROM seen WHERE identifier = ?", [(identifier,)])
        return known

    def _select(self, where: str, parameters: tuple[str, ...]) -> list[Sighting]:
        try:
            return _sightings(self._db, where, parameters)
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _write(self, *work: Any) -> None:
        """Execute statements, each with its rows, in one transaction."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                for statement, rows in zip(work[::2], work[1::2], strict=True):
                    self._db.executemany(statement, rows)
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _unusable(self, error: sqlite3.Error) -> LeadopsError:
        return _unusable(self._path, error)


def known_ids(path: Path) -> list[Sighting]:
    """Return the whole index at ``path`` by identifier, looking only: empty where there is none, and none is made.

    Raises:
        ConfigurationError, TemporaryError: it is not ours, damaged, or another process did not let go of it.
    """
    if not seen_file(path):
        return []
    db = connect(f"file:{quote(str(path))}?mode=ro", uri=True)
    try:
        if not db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'seen'").fetchall():
            return []
        return _sightings(db, "", ())
    except sqlite3.Error as error:
        raise _unusable(path, error) from error
    finally:
        db.close()


def _sightings(db: sqlite3.Connection, where: str, parameters: tuple[str, ...]) -> list[Sighting]:
    query = f"SELECT identifier, lead_id, source, seen_ms FROM seen {where} ORDER BY identifier, seen_ms DESC, lead_id"  # noqa: S608 (our own text)
    return [Sighting(*row) for row in db.execute(query, parameters).fetchall()]


def _unusable(path: Path, error: sqlite3.Error) -> LeadopsError:
    if is_busy(error):
        return TemporaryError(
            f"another process kept the id index {path} for {LONGEST_S:g} seconds",
            "wait for it, and try again",
        )
    return ConfigurationError(
        f"the id index {path} cannot be used: {error}",
        "it can be deleted: `leadops ids import` and every search fill it again",
    )
