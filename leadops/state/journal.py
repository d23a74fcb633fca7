"""The journal: a SQLite file that knows every run, every intent before it was sent, and every outcome after.

One per workspace, in the user's state folder. The lock (state/lock.py) sees to one writer at a time.
"""

import hashlib
import json
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Self

from leadops.core.crashpoint import crashpoint
from leadops.core.errors import RefusedError, StalePlanError, TemporaryError
from leadops.model.journal import (
    AuditFinding,
    Entry,
    Intent,
    Made,
    MadeState,
    OpRecord,
    OpState,
    RunRecord,
    RunState,
    Settled,
    Unsent,
)
from leadops.state.journal_audit import findings
from leadops.state.journal_file import open_file
from leadops.state.journal_group import Group
from leadops.state.journal_schema import checksum, insert, select

_MOST = 500
"""Keys asked for in one statement."""


class Journal:
    """The journal of one workspace.

    Writes are durable when the call returns. ``record`` groups what several workers write into one commit.
    """

    def __init__(self, connection: sqlite3.Connection, *, threaded: bool = True) -> None:
        self._connection = connection
        self._guard = threading.RLock()
        meta = dict(connection.execute("SELECT name, value FROM meta").fetchall())
        self.lineage: str = meta["lineage"]
        self._serial = int(meta["serial"])
        self._head: str = meta["head"]
        self._group = Group(self.write, threaded=threaded)

    @classmethod
    def open(cls, path: Path, *, lineage: str, threaded: bool = True) -> Self:
        """Open the journal at ``path``; ``lineage`` names it if it is new (any random text).

        Raises:
            ConfigurationError: it is not ours or not writable.
            RefusedError: it is damaged or of a newer version.
        """
        return cls(open_file(path, lineage), threaded=threaded)

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
        return self._serial

    # ── writing ──────────────────────────────────────────────────────────────────────────────────

    async def record(self, *entries: Entry) -> None:
        """Write ``entries``; they are durable when this returns.

        Raises:
            TemporaryError: they could not be written (disk full, read-only); nothing of them was.
        """
        await self._group.record(entries)

    def post(self, *entries: Entry) -> None:
        """Let the next ``record`` write ``entries`` along with its own, before them."""
        self._group.post(entries)

    def write(self, entries: Iterable[Entry]) -> None:
        """Write ``entries`` in one commit."""

        def work() -> None:
            for entry in entries:
                match entry:
                    case Intent():
                        self._intent(entry)
                    case Unsent():
                        self._unsent(entry)
                    case Settled():
                        self._settled(entry)

        self._commit(work)

    def begin_run(self, run: RunRecord, rules: Collection[str] = ()) -> None:
        """Write down that ``run`` begins, and the rules that it brings.

        Raises:
            StalePlanError: the plan was applied already.
        """

        def work() -> None:
            row = self._connection.execute("SELECT id FROM run WHERE plan = ?", (run.plan,)).fetchone()
            if row:
                raise StalePlanError(
                    f"this plan was applied already, by run {row[0]}",
                    "plan again; or `leadops resume` if that run did not end",
                )
            self._put("run", _values(run))
            for rule in rules:
                known = self._connection.execute("SELECT 1 FROM rule WHERE name = ?", (rule,)).fetchone()
                if not known:
                    self._put("rule", (rule, run.started_ms))
            self._log(run.started_ms, run.id, "run", {"digest": run.digest, "playbook": run.playbook})

        self._commit(work)

    def update_run(self, run: RunRecord) -> None:
        """Write down how far ``run`` came."""

        def work() -> None:
            self._put("run", _values(run))
            body = {"state": run.state.value, "exit_code": run.exit_code}
            self._log(run.finished_ms or run.started_ms, run.id, "run", body)

        self._commit(work)

    def forget(self, lead_id: str, at_ms: int) -> int:
        """Empty what the service said about the lead's ops; return how many rows that touched."""
        touched = 0

        def work() -> None:
            nonlocal touched
            for op in self._ops("WHERE lead_id = ?", (lead_id,)):
                if op.detail or op.reason:
                    self._put("op", _values(replace(op, detail="", reason="")))
                    touched += 1
            self._log(at_ms, "", "forget", {"lead_id": lead_id, "rows": touched})

        self._commit(work)
        self._connection.execute("VACUUM")
        return touched

    def settle_by_hand(self, entry: Settled, *, again: bool) -> None:
        """Write down what a person decided about an op in doubt; ``again``: it shall be sent once more."""

        def work() -> None:
            self._settled(entry)
            if again or entry.outcome == "not_attempted":
                self._connection.execute("DELETE FROM made WHERE key = ?", (entry.key,))
            if again:
                self._put("op", _values(replace(self._op(entry.run, entry.key), state=OpState.UNSENT)))

        self._commit(work)

    # ── reading ──────────────────────────────────────────────────────────────────────────────────

    def made(self, keys: Collection[str]) -> Mapping[str, Made]:
        """Return what is known of the appends of these op keys; those never seen are absent."""
        wanted = list(keys)
        found: dict[str, Made] = {}
        with self._guard:
            for start in range(0, len(wanted), _MOST):
                part = wanted[start : start + _MOST]
                marks = ",".join("?" * len(part))
                for row in self._connection.execute(select("made", f"WHERE key IN ({marks})"), part):
                    values = _checked("made", row)
                    found[values[0]] = Made(values[0], MadeState(values[1]), *values[2:])
        return found

    def knows_rule(self, rule: str) -> bool:
        """Whether a run has brought this rule before."""
        with self._guard:
            row = self._connection.execute("SELECT 1 FROM rule WHERE name = ?", (rule,)).fetchone()
        return row is not None

    def owned_actions(self, lead_id: str, type: str) -> frozenset[str]:
        """Return ids of the actions of this type on the lead that ops are known to have made."""
        with self._guard:
            rows = self._connection.execute(
                "SELECT action_id FROM op WHERE lead_id = ? AND type = ? AND action_id IS NOT NULL"
                " AND kind <> 'update_action'",
                (lead_id, type),
            ).fetchall()
        return frozenset(row[0] for row in rows)

    def open_twins(self, lead_id: str, type: str, payload: str) -> frozenset[tuple[str, str]]:
        """Return (run, key) of the ops on the lead of equal type and fields whose fate is not known."""
        with self._guard:
            rows = self._connection.execute(
                "SELECT run, key FROM op WHERE lead_id = ? AND type = ? AND payload = ?"
                " AND (state = 'intent' OR (outcome = 'in_doubt' AND state = 'settled'))",
                (lead_id, type, payload),
            ).fetchall()
        return frozenset((row[0], row[1]) for row in rows)

    def ops(self, run: str) -> Mapping[str, OpRecord]:
        """Return the run's ops by key.

        Raises:
            RefusedError: a row is not as it was written.
        """
        with self._guard:
            return {op.key: op for op in self._ops("WHERE run = ?", (run,))}

    def runs(self) -> Sequence[RunRecord]:
        """Return every run, newest first."""
        with self._guard:
            rows = self._connection.execute(select("run", "ORDER BY started_ms DESC, id DESC")).fetchall()
        return [_run(_checked("run", row)) for row in rows]

    def run(self, id: str) -> RunRecord | None:
        """Return the run of this id, or of the only id that begins so; None when there is none."""
        runs = self.runs()
        exact = [run for run in runs if run.id == id]
        near = [run for run in runs if run.id.startswith(id)] if id else []
        return exact[0] if exact else near[0] if len(near) == 1 else None

    def applied(self, plan: str) -> str | None:
        """Return the id of the run that applied this making of a plan; None when none did."""
        with self._guard:
            row = self._connection.execute("SELECT id FROM run WHERE plan = ?", (plan,)).fetchone()
        return None if row is None else str(row[0])

    def audit(self) -> Sequence[AuditFinding]:
        """Return every row that is not as it was written; empty when all is well."""
        with self._guard:
            return findings(self._connection, self._head)

    # ── inside ───────────────────────────────────────────────────────────────────────────────────

    def _commit(self, work: Callable[[], None]) -> None:
        with self._guard:
            head, serial = self._head, self._serial
            crashpoint("journal: before a commit")
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    work()
                    self._serial += 1
                    for name, value in (("serial", str(self._serial)), ("head", self._head)):
                        self._connection.execute("UPDATE meta SET value = ? WHERE name = ?", (value, name))
                    self._connection.execute("COMMIT")
                except BaseException:
                    self._head, self._serial = head, serial
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise TemporaryError(
                    f"the journal cannot be written: {error}",
                    "make room on the disk of the state folder; then `leadops resume`",
                ) from error
            crashpoint("journal: after a commit")

    def _intent(self, entry: Intent) -> None:
        op = OpRecord(
            entry.run, entry.key, OpState.INTENT, entry.attempt, entry.step, entry.kind, entry.lead_id, entry.type,
            entry.payload, entry.at_ms, "", "", "", None, "", 0,
        )  # fmt: skip
        self._put("op", _values(op))
        if entry.once:
            made = Made(
                entry.key,
                MadeState.INTENT,
                entry.run,
                entry.lead_id,
                entry.type,
                entry.payload,
                None,
                entry.at_ms,
            )
            self._put("made", _values(made))
        self._log(
            entry.at_ms, entry.run, "intent", {"key": entry.key, "attempt": entry.attempt, "kind": entry.kind}
        )

    def _unsent(self, entry: Unsent) -> None:
        op = self._op(entry.run, entry.key)
        self._put("op", _values(replace(op, state=OpState.UNSENT, done_ms=entry.at_ms, reason=entry.reason)))
        self._connection.execute("DELETE FROM made WHERE key = ? AND state = 'intent'", (entry.key,))
        self._log(entry.at_ms, entry.run, "unsent", {"key": entry.key, "attempt": op.attempt})

    def _settled(self, entry: Settled) -> None:
        before = next(iter(self._ops("WHERE run = ? AND key = ?", (entry.run, entry.key))), None)
        attempt, intent_ms = (before.attempt, before.intent_ms) if before else (0, 0)
        op = OpRecord(
            entry.run, entry.key, OpState.SETTLED, attempt, entry.step, entry.kind, entry.lead_id, entry.type,
            entry.payload, intent_ms, entry.outcome, entry.evidence, entry.reason, entry.action_id, entry.detail,
            entry.at_ms,
        )  # fmt: skip
        self._put("op", _values(op))
        if entry.once:
            self._settle_made(entry)
        body = {
            "key": entry.key, "outcome": entry.outcome, "evidence": entry.evidence, "action_id": entry.action_id,
            "by": entry.by, "detail": hashlib.sha256(f"{entry.reason}\n{entry.detail}".encode()).hexdigest(),
        }  # fmt: skip
        self._log(entry.at_ms, entry.run, "outcome", body)

    def _settle_made(self, entry: Settled) -> None:
        if entry.outcome in {"changed", "already", "in_doubt"}:
            state = MadeState.DOUBT if entry.outcome == "in_doubt" else MadeState.MADE
            made = Made(
                entry.key,
                state,
                entry.run,
                entry.lead_id,
                entry.type,
                entry.payload,
                entry.action_id,
                entry.at_ms,
            )
            self._put("made", _values(made))
        else:
            self._connection.execute(
                "DELETE FROM made WHERE key = ? AND run = ? AND state <> 'made'", (entry.key, entry.run)
            )

    def _op(self, run: str, key: str) -> OpRecord:
        return next(iter(self._ops("WHERE run = ? AND key = ?", (run, key))))

    def _ops(self, where: str, parameters: tuple[str, ...]) -> list[OpRecord]:
        rows = self._connection.execute(select("op", where), parameters).fetchall()
        values = [_checked("op", row) for row in rows]
        return [OpRecord(v[0], v[1], OpState(v[2]), *v[3:]) for v in values]

    def _put(self, table: str, values: tuple[Any, ...]) -> None:
        self._connection.execute(insert(table), (*values, checksum(values)))

    def _log(self, at_ms: int, run: str, event: str, body: Mapping[str, object]) -> None:
        text = json.dumps(body, sort_keys=True, separators=(",", ":"))
        row = self._connection.execute("SELECT coalesce(max(seq), 0) FROM audit").fetchone()
        values = (row[0] + 1, at_ms, run, event, text, self._head)
        self._head = checksum(values)
        self._connection.execute(insert("audit"), (*values, self._head))


def _values(record: OpRecord | RunRecord | Made) -> tuple[Any, ...]:
    values = (getattr(record, one.name) for one in fields(record))
    return tuple(v.value if isinstance(v, OpState | RunState | MadeState) else v for v in values)


def _run(values: Sequence[Any]) -> RunRecord:
    return replace(RunRecord(*values), state=RunState(values[7]))


def _checked(table: str, row: Sequence[Any]) -> list[Any]:
    values = list(row[:-1])
    if checksum(values) != row[-1]:
        raise RefusedError(
            f"a row of the journal's table {table!r} is not as it was written ({values[0]!r})",
            "`leadops runs --audit` lists all such rows; put back a good copy of the journal",
        )
    return values
