"""The journal: a SQLite file that knows every run, every intent before it was sent, and every outcome after.

One per workspace, in the user's state folder. The lock (state/lock.py) sees to one writer at a time.
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Self

from leadops.core.crash_point import crashpoint
from leadops.core.errors import StalePlanError, TemporaryError
from leadops.model.journal import (
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
from leadops.state.journal_file import open_file
from leadops.state.journal_group import Group
from leadops.state.journal_reading import JournalReading, mark_of
from leadops.state.journal_schema import checksum, insert
from leadops.state.waiting import LONGEST_S, Told, is_busy, patiently, silent


class Journal(JournalReading):
    """The journal of one workspace, to be written. Whoever opens it so holds the workspace's lock (state/lock.py).

    Writes are durable when the call returns. ``record`` groups what several workers write into one commit. Where the
    history stands is read inside each commit, never remembered from before.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path | None = None,
        *,
        threaded: bool = True,
        tell: Told = silent,
    ) -> None:
        super().__init__(connection, path)
        self._tell = tell
        self._head, self._length = "", 0
        self._leave: Callable[[str], None] = silent
        self._group = Group(self.write, threaded=threaded)

    @classmethod
    def open(cls, path: Path, *, lineage: str, threaded: bool = True, tell: Told = silent) -> Self:
        """Open the journal at ``path``; ``lineage`` names it if it is new (any random text).

        ``tell`` hears that another process keeps the file for longer than it should.

        Raises:
            ConfigurationError: it is not ours or not writable.
            RefusedError: it is damaged or of a newer version.
            TemporaryError: another process did not let go of it.
        """
        return cls(open_file(path, lineage, tell), path, threaded=threaded, tell=tell)

    def leave_marks(self, leave: Callable[[str], None]) -> None:
        """Call ``leave`` with the history's mark after each commit from now on, before anybody acts on it."""
        self._leave = leave

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
        with self._guard:
            try:
                patiently(self._connection, "VACUUM", self._tell, "the journal")
            except sqlite3.Error as error:
                raise _unwritten(error) from error
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

    # ── inside ───────────────────────────────────────────────────────────────────────────────────

    def _commit(self, work: Callable[[], None]) -> None:
        with self._guard:
            crashpoint("journal: before a commit")
            try:
                patiently(self._connection, "BEGIN IMMEDIATE", self._tell, "the journal")
                try:
                    mark = self._step(work)
                    patiently(self._connection, "COMMIT", self._tell, "the journal")
                except BaseException:
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise _unwritten(error) from error
            crashpoint("journal: after a commit")
            self._leave(mark)

    def _step(self, work: Callable[[], None]) -> str:
        """Do ``work`` on top of the history as it is inside this transaction; return the mark of what it is then."""
        meta = self._meta()
        serial, self._head = int(meta["serial"]) + 1, meta["head"]
        [(self._length,)] = self._read("SELECT coalesce(max(seq), 0) FROM audit")
        work()
        for name, value in (("serial", str(serial)), ("head", self._head)):
            self._connection.execute("UPDATE meta SET value = ? WHERE name = ?", (value, name))
        return mark_of(self.lineage, serial, self._length, self._head)

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

    def _put(self, table: str, values: tuple[Any, ...]) -> None:
        self._connection.execute(insert(table), (*values, checksum(values)))

    def _log(self, at_ms: int, run: str, event: str, body: Mapping[str, object]) -> None:
        text = json.dumps(body, sort_keys=True, separators=(",", ":"))
        self._length += 1
        values = (self._length, at_ms, run, event, text, self._head)
        self._head = checksum(values)
        self._connection.execute(insert("audit"), (*values, self._head))


def _values(record: OpRecord | RunRecord | Made) -> tuple[Any, ...]:
    values = (getattr(record, one.name) for one in fields(record))
    return tuple(v.value if isinstance(v, OpState | RunState | MadeState) else v for v in values)


def _unwritten(error: sqlite3.Error) -> TemporaryError:
    if is_busy(error):
        return TemporaryError(
            f"the journal cannot be written: another process kept it for {LONGEST_S:g} seconds",
            "end that process; then `leadops resume`",
        )
    return TemporaryError(
        f"the journal cannot be written: {error}",
        "make room on the disk of the state folder; then `leadops resume`",
    )
