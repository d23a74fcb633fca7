"""The leads and timelines of an emulated workspace, in one SQLite file.

``lead_values`` is the index of search: one row a lead, field and value, clustered by (field, value, creation), so that
an equality filter reads its leads newest first without sorting. It holds living leads only.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from leadops.sandbox.world.definition import WorkspaceDefinition
from leadops.sandbox.world.records import (
    Action,
    Lead,
    NewAction,
    NewLead,
    dumps,
    index_entries,
    to_action,
    to_lead,
)
from leadops.sandbox.world.values import identifier_key

VERSION = 2
"""The layout of the file; a file of another version is made anew."""

_LAYOUT = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE leads (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, identifier TEXT, created INTEGER NOT NULL,
  modified INTEGER NOT NULL, captures INTEGER NOT NULL, deleted INTEGER NOT NULL, doc TEXT NOT NULL
);
CREATE INDEX leads_newest ON leads (deleted, created, seq);
CREATE INDEX leads_identifier ON leads (identifier);
CREATE TABLE lead_values (
  field TEXT NOT NULL, value NOT NULL, created INTEGER NOT NULL, lead INTEGER NOT NULL,
  PRIMARY KEY (field, value, created, lead)
) WITHOUT ROWID;
CREATE TABLE actions (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, lead INTEGER NOT NULL, type TEXT NOT NULL,
  performer TEXT NOT NULL, at INTEGER NOT NULL, modified INTEGER NOT NULL, doc TEXT NOT NULL
);
CREATE INDEX actions_of_lead ON actions (lead, at, seq);
CREATE INDEX actions_of_type ON actions (type, performer, at, lead);
CREATE INDEX actions_of_performer ON actions (performer, at, lead);
CREATE TABLE later (
  seq INTEGER PRIMARY KEY, due INTEGER NOT NULL, kind TEXT NOT NULL, doc TEXT NOT NULL
);
CREATE INDEX later_due ON later (due, seq);
"""


class Store:
    """One workspace on disk, or in memory when ``path`` is None."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self.connection = sqlite3.connect(
            path or ":memory:", isolation_level=None, check_same_thread=False, timeout=30
        )
        if path is not None:
            self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = OFF")
        self._depth = 0
        self._definition: tuple[object, WorkspaceDefinition] | None = None

    # ── the file ──────────────────────────────────────────────────────────────────────────────────
    def is_laid_out(self) -> bool:
        """Whether the file holds a whole workspace of this version."""
        return bool(self.connection.execute("PRAGMA user_version").fetchone()[0] == VERSION)

    def lay_out(self) -> None:
        """Empty the file and make its tables; call inside ``transaction``."""
        names = self.connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        for (name,) in names:
            self.connection.execute(f'DROP TABLE "{name}"')
        for statement in _LAYOUT.split(";"):
            self.connection.execute(statement)
        self.connection.execute(f"PRAGMA user_version = {VERSION}")

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do several writes as one; may be nested."""
        if self._depth == 0:
            self.connection.execute("BEGIN IMMEDIATE")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            if self._depth == 0:
                self.connection.execute("ROLLBACK")
            raise
        self._depth -= 1
        if self._depth == 0:
            self.connection.execute("COMMIT")

    def mark(self) -> tuple[int, int]:
        """Return a value that changes whenever the file does, by whomever."""
        theirs: int = self.connection.execute("PRAGMA data_version").fetchone()[0]
        return theirs, self.connection.total_changes

    # ── the workspace ─────────────────────────────────────────────────────────────────────────────
    def note(self, key: str) -> str | None:
        """Return a remembered text."""
        row = self.connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def remember(self, key: str, value: str) -> None:
        """Remember a text."""
        self.connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    @property
    def definition(self) -> WorkspaceDefinition:
        """The workspace as it stands, with the options that came to it."""
        text = self.note("definition")
        assert text is not None
        if self._definition is None or self._definition[0] != text:
            self._definition = (text, WorkspaceDefinition.model_validate_json(text))
        return self._definition[1]

    @definition.setter
    def definition(self, definition: WorkspaceDefinition) -> None:
        self.remember("definition", definition.model_dump_json())

    # ── leads ─────────────────────────────────────────────────────────────────────────────────────
    def lead(self, lead_id: str) -> Lead | None:
        """Return the lead of that id, deleted or not."""
        return self._lead("id = ?", lead_id)

    def lead_at(self, seq: int) -> Lead | None:
        """Return the lead of that number."""
        return self._lead("seq = ?", seq)

    def lead_called(self, identifier: str) -> Lead | None:
        """Return the living lead with that identifier, in its compared form."""
        return self._lead("identifier = ? AND deleted = 0", identifier)

    def leads_at(self, numbers: Iterable[int]) -> list[Lead]:
        """Return the leads of these numbers, in their order."""
        wanted = list(numbers)
        marks = ",".join("?" * len(wanted))
        rows = self.connection.execute(f"{_LEAD} WHERE seq IN ({marks})", wanted).fetchall()
        found = {row[0]: to_lead(row) for row in rows}
        return [found[number] for number in wanted if number in found]

    def _lead(self, where: str, value: object) -> Lead | None:
        row = self.connection.execute(f"{_LEAD} WHERE {where} ORDER BY seq LIMIT 1", (value,)).fetchone()
        return None if row is None else to_lead(row)

    def count_leads(self) -> int:
        """Return the number of living leads."""
        return int(self.connection.execute("SELECT count(*) FROM leads WHERE deleted = 0").fetchone()[0])

    def add_lead(
        self, fields: Mapping[str, object], *, created: int, modified: int | None = None, lead_id: str = ""
    ) -> Lead:
        """Store a lead as it is given, unchecked: two may share an identifier here."""
        return self.add_leads([NewLead(fields, created, created if modified is None else modified, lead_id)])[
            0
        ]

    def add_leads(self, new: Iterable[NewLead]) -> list[Lead]:
        """Store many leads as they are given, unchecked."""
        leads: list[Lead] = []
        with self.transaction():
            seq: int = self.connection.execute("SELECT coalesce(max(seq), 0) FROM leads").fetchone()[0]
            rows = []
            for number, one in enumerate(new, seq + 1):
                lead_id = one.id or self.new_id("lead", number, one.created)
                lead = Lead(
                    number, lead_id, one.created, one.modified, 1, deleted=False, fields=dict(one.fields)
                )
                key = self._identifier(lead.fields)
                rows.append((number, lead_id, key, one.created, one.modified, 1, 0, dumps(lead.fields)))
                leads.append(lead)
            self.connection.executemany("INSERT INTO leads VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
            self._index(leads)
        return leads

    def change_lead(
        self, lead: Lead, fields: Mapping[str, object], *, modified: int, captures: int | None = None
    ) -> Lead:
        """Put ``fields`` in the place of all fields of ``lead``."""
        new = Lead(
            lead.seq, lead.id, lead.created, modified, captures or lead.captures, lead.deleted, dict(fields)
        )
        with self.transaction():
            self._unindex(lead)
            self.connection.execute(
                "UPDATE leads SET identifier = ?, modified = ?, captures = ?, doc = ? WHERE seq = ?",
                (self._identifier(fields), modified, new.captures, dumps(fields), lead.seq),
            )
            if not lead.deleted:
                self._index([new])
        return new

    def rename_field(self, old: str, new: str) -> None:
        """Hand the values of one field to another name, in every lead."""
        path = '$."{}"'.format
        with self.transaction():
            self.connection.execute(
                "UPDATE leads SET doc = json_remove(json_set(doc, ?, json_extract(doc, ?)), ?)"
                " WHERE json_type(doc, ?) IS NOT NULL",
                (path(new), path(old), path(old), path(old)),
            )
            self.connection.execute("UPDATE lead_values SET field = ? WHERE field = ?", (new, old))

    def delete_lead(self, lead: Lead) -> None:
        """Take a lead out of the workspace; its row stays, marked."""
        with self.transaction():
            self._unindex(lead)
            self.connection.execute("UPDATE leads SET deleted = 1 WHERE seq = ?", (lead.seq,))

    def _identifier(self, fields: Mapping[str, object]) -> str | None:
        definition = self.definition
        kind = definition.field(definition.identifier)
        assert kind is not None
        return identifier_key(kind, fields.get(definition.identifier), definition.country_code)

    def _index(self, leads: Iterable[Lead]) -> None:
        kinds = {one.name: one.kind for one in self.definition.fields}
        rows: defaultdict[str, set[tuple[Any, int, int]]] = defaultdict(set)
        for lead in leads:
            for name, value in index_entries(lead, kinds):
                rows[name].add((value, lead.created, lead.seq))
        for name in sorted(rows):
            self.connection.executemany(
                "INSERT INTO lead_values VALUES (?, ?, ?, ?)", ((name, *row) for row in sorted(rows[name]))
            )

    def _unindex(self, lead: Lead) -> None:
        kinds = {one.name: one.kind for one in self.definition.fields}
        rows = [(name, value, lead.created, lead.seq) for name, value in index_entries(lead, kinds)]
        self.connection.executemany(
            "DELETE FROM lead_values WHERE field = ? AND value = ? AND created = ? AND lead = ?", rows
        )

    # ── timelines ─────────────────────────────────────────────────────────────────────────────────
    def add_actions(self, actions: Iterable[NewAction]) -> list[str]:
        """Put actions on timelines and return their ids."""
        ids: list[str] = []
        with self.transaction():
            seq: int = self.connection.execute("SELECT coalesce(max(seq), 0) FROM actions").fetchone()[0]
            rows = []
            for action in actions:
                seq += 1
                ids.append(action.id or self.new_id("action", seq, action.at))
                rows.append(
                    (
                        seq,
                        ids[-1],
                        action.lead,
                        action.type,
                        action.performer.lower(),
                        action.at,
                        action.at,
                        dumps(action.detail),
                    )
                )
            self.connection.executemany("INSERT INTO actions VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        return ids

    def action(self, lead: int, action_id: str) -> Action | None:
        """Return an action of that lead."""
        row = self.connection.execute(f"{_ACTION} WHERE id = ? AND lead = ?", (action_id, lead)).fetchone()
        return None if row is None else to_action(row)

    def change_action(self, action: Action, detail: Mapping[str, object], *, modified: int) -> None:
        """Put ``detail`` in the place of an action's."""
        self.connection.execute(
            "UPDATE actions SET doc = ?, modified = ? WHERE seq = ?", (dumps(detail), modified, action.seq)
        )

    def move_actions(self, source: Lead, target: Lead) -> None:
        """Hand the whole timeline of one lead to another."""
        self.connection.execute("UPDATE actions SET lead = ? WHERE lead = ?", (target.seq, source.seq))

    # ── what is due later ─────────────────────────────────────────────────────────────────────────
    def postpone(self, due: int, kind: str, doc: Mapping[str, object]) -> None:
        """Remember something that happens at ``due`` (epoch milliseconds)."""
        self.connection.execute(
            "INSERT INTO later (due, kind, doc) VALUES (?, ?, ?)", (due, kind, dumps(doc))
        )

    def is_due(self, now: int) -> bool:
        """Whether something is due."""
        return (
            self.connection.execute("SELECT 1 FROM later WHERE due <= ? LIMIT 1", (now,)).fetchone()
            is not None
        )

    def take_due(self, now: int) -> list[tuple[str, dict[str, Any]]]:
        """Return and forget what is due, as (kind, document), oldest first."""
        rows = self.connection.execute(
            "SELECT seq, kind, doc FROM later WHERE due <= ? ORDER BY due, seq", (now,)
        ).fetchall()
        if rows:
            self.connection.executemany("DELETE FROM later WHERE seq = ?", [(row[0],) for row in rows])
        return [(kind, json.loads(doc)) for _, kind, doc in rows]

    def new_id(self, kind: str, seq: int, at: int) -> str:
        """Return an id in the form of the service for what came into being at ``at`` (epoch milliseconds)."""
        return self.make_id(kind, seq, max(0, at // 1000) & 0xFFFFFFFF)

    @staticmethod
    def make_id(kind: str, seq: int, mark: int) -> str:
        """Return 24 hex digits as the service writes them: ``mark`` (its own ids: seconds), a constant, a counter."""
        middle = {"lead": "5eed1ead00", "action": "5eedac7100"}[kind]
        return f"{mark:08x}{middle}{seq & 0xFFFFFF:06x}"


_LEAD = "SELECT seq, id, created, modified, captures, deleted, doc FROM leads"
_ACTION = "SELECT seq, id, lead, type, performer, at, modified, doc FROM actions"
