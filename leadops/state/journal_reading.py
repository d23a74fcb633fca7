"""Reading the journal. Each look is one short transaction whose rows are in memory when it ends."""

import secrets
import sqlite3
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from leadops.core.errors import RefusedError
from leadops.model.journal import AuditFinding, Made, MadeState, OpRecord, OpState, RunRecord, RunState
from leadops.state.journal_audit import findings
from leadops.state.journal_file import is_cut_short, open_view, take_back, unusable
from leadops.state.journal_schema import TABLES, checksum, select

_MOST = 500
"""Keys asked for in one statement."""


class JournalReading:
    """The journal of one workspace, to be looked at: by many processes at once, beside one that writes."""

    def __init__(self, connection: sqlite3.Connection, path: Path | None = None) -> None:
        self._connection = connection
        self._path = path
        self._guard = threading.RLock()
        self.lineage: str = self._meta()["lineage"]

    @staticmethod
    def look(path: Path) -> "JournalReading":
        """Open the journal at ``path`` for looking at it. Where there is none it is empty, and none is made.

        Raises:
            ConfigurationError: it is not ours, or cannot be read.
            RefusedError: it is damaged, or of a newer version.
            TemporaryError: another process did not let go of it.
        """
        connection = open_view(path)
        return nothing_yet() if connection is None else JournalReading(connection, path)

    def close(self) -> None:
        """Close the file."""
        with self._guard:
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def serial(self) -> int:
        """How many commits the journal has seen; a copy restored from a backup has fewer."""
        return int(self._meta()["serial"])

    @property
    def mark(self) -> str:
        """A word for the history up to now: ``LINEAGE:SERIAL:LENGTH OF THE TRAIL:HASH OF ITS LAST ROW``."""
        [(serial, length, head)] = self._read(
            "SELECT (SELECT value FROM meta WHERE name = 'serial'), (SELECT coalesce(max(seq), 0) FROM audit),"
            " (SELECT value FROM meta WHERE name = 'head')"
        )
        return mark_of(self.lineage, int(serial), length, head)

    def holds(self, mark: str) -> bool:
        """Whether this journal's history goes on from ``mark``: it is not older, not another's, and did not fork."""
        lineage, serial, length, head = (*mark.split(":"), "", "", "")[:4]
        if lineage != self.lineage or not serial.isdigit() or not length.isdigit():
            return False
        if length == "0":
            return head == ""
        rows = self._read("SELECT hash FROM audit WHERE seq = ?", (int(length),))
        return rows == [(head,)] and int(serial) <= self.serial

    # ── what stands there ────────────────────────────────────────────────────────────────────────

    def made(self, keys: Collection[str]) -> Mapping[str, Made]:
        """Return what is known of the appends of these op keys; those never seen are absent."""
        wanted = list(keys)
        found: dict[str, Made] = {}
        for start in range(0, len(wanted), _MOST):
            part = wanted[start : start + _MOST]
            marks = ",".join("?" * len(part))
            for row in self._read(select("made", f"WHERE key IN ({marks})"), part):
                values = _checked("made", row)
                found[values[0]] = Made(values[0], MadeState(values[1]), *values[2:])
        return found

    def knows_rule(self, rule: str) -> bool:
        """Whether a run has brought this rule before."""
        return bool(self._read("SELECT 1 FROM rule WHERE name = ?", (rule,)))

    def tries(self, leads: Collection[str], keys: Collection[str]) -> Sequence[OpRecord]:
        """Return the settled ops on the leads of these ids, and those of these keys whose lead has no id.

        Raises:
            RefusedError: a row is not as it was written.
        """
        found: list[OpRecord] = []
        for where, names in (("lead_id IN", list(leads)), ("lead_id IS NULL AND key IN", list(keys))):
            for start in range(0, len(names), _MOST):
                part = tuple(names[start : start + _MOST])
                marks = ",".join("?" * len(part))
                found += self._ops(f"WHERE state = 'settled' AND {where} ({marks})", part)
        return found

    def owned_actions(self, lead_id: str, type: str) -> frozenset[str]:
        """Return ids of the actions of this type on the lead that ops are known to have made."""
        rows = self._read(
            "SELECT action_id FROM op WHERE lead_id = ? AND type = ? AND action_id IS NOT NULL"
            " AND kind <> 'update_action'",
            (lead_id, type),
        )
        return frozenset(row[0] for row in rows)

    def open_twins(self, lead_id: str, type: str, payload: str) -> frozenset[tuple[str, str]]:
        """Return (run, key) of the ops on the lead of equal type and fields whose fate is not known."""
        rows = self._read(
            "SELECT run, key FROM op WHERE lead_id = ? AND type = ? AND payload = ?"
            " AND (state = 'intent' OR (outcome = 'in_doubt' AND state = 'settled'))",
            (lead_id, type, payload),
        )
        return frozenset((row[0], row[1]) for row in rows)

    def ops(self, run: str) -> Mapping[str, OpRecord]:
        """Return the run's ops by key.

        Raises:
            RefusedError: a row is not as it was written.
        """
        return {op.key: op for op in self._ops("WHERE run = ?", (run,))}

    def in_doubt(self, run: str) -> bool:
        """Whether the fate of any op of the run is not known."""
        return bool(
            self._read(
                "SELECT 1 FROM op WHERE run = ? AND (state = 'intent'"
                " OR (outcome = 'in_doubt' AND state = 'settled')) LIMIT 1",
                (run,),
            )
        )

    def runs(self) -> Sequence[RunRecord]:
        """Return every run, newest first."""
        rows = self._read(select("run", "ORDER BY started_ms DESC, id DESC"))
        return [_run(_checked("run", row)) for row in rows]

    def run(self, id: str) -> RunRecord | None:
        """Return the run of this id, or of the only id that begins so; None when there is none."""
        runs = self.runs()
        exact = [run for run in runs if run.id == id]
        near = [run for run in runs if run.id.startswith(id)] if id else []
        return exact[0] if exact else near[0] if len(near) == 1 else None

    def applied(self, plan: str) -> str | None:
        """Return the id of the run that applied this making of a plan; None when none did."""
        rows = self._read("SELECT id FROM run WHERE plan = ?", (plan,))
        return str(rows[0][0]) if rows else None

    def audit(self) -> Sequence[AuditFinding]:
        """Return every row that is not as it was written; empty when all is well."""
        return findings(self._read)

    # ── inside ───────────────────────────────────────────────────────────────────────────────────

    def _meta(self) -> dict[str, str]:
        return dict(self._read("SELECT name, value FROM meta"))

    def _ops(self, where: str, parameters: tuple[str, ...]) -> list[OpRecord]:
        values = [_checked("op", row) for row in self._read(select("op", where), parameters)]
        return [OpRecord(v[0], v[1], OpState(v[2]), *v[3:]) for v in values]

    def _read(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._guard:
            try:
                return self._connection.execute(statement, parameters).fetchall()
            except sqlite3.Error as error:
                if self._path is None:
                    raise
                if not is_cut_short(error):
                    raise unusable(self._path, error) from error
                take_back(self._path)
                return self._connection.execute(statement, parameters).fetchall()


def nothing_yet(lineage: str = "") -> JournalReading:
    """Return a journal in memory that has seen nothing."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.executescript(TABLES)
    name = lineage or f"none-{secrets.token_hex(4)}"
    connection.executemany(
        "INSERT INTO meta VALUES (?, ?)", (("lineage", name), ("serial", "0"), ("head", ""))
    )
    return JournalReading(connection)


def mark_of(lineage: str, serial: int, length: int, head: str) -> str:
    """Return the mark of a history: see ``JournalReading.mark``."""
    return f"{lineage}:{serial}:{length}:{head}"


def _run(values: Sequence[Any]) -> RunRecord:
    return replace(RunRecord(*values), state=RunState(values[7]))


def _checked(table: str, row: Sequence[Any]) -> list[Any]:
    values = list(row[:-1])
    if checksum(values) != row[-1]:
        raise RefusedError(
            f"a row of the journal ({table} {values[0]}) is not as it was written",
            "`leadops doctor` lists all such rows and says what to do",
        )
    return values
