"""The journal's tables, and how a row is summed up.

``audit`` is the trail: append-only, each row holding the hash of the one before. The other tables say how things
stand now and carry a checksum a row, because SQLite does not notice a flipped bit inside a row.
"""

import hashlib
import json
from collections.abc import Sequence

VERSION = 1

# Laid out by whichever of two processes comes first; the other one finds it done.
TABLES = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS run (
  id TEXT PRIMARY KEY, enterprise TEXT NOT NULL, playbook TEXT NOT NULL, title TEXT NOT NULL, digest TEXT NOT NULL,
  plan TEXT NOT NULL UNIQUE, folder TEXT NOT NULL, state TEXT NOT NULL, started_ms INTEGER NOT NULL,
  finished_ms INTEGER, exit_code INTEGER, exit_reason TEXT NOT NULL, calls_read INTEGER NOT NULL,
  calls_write INTEGER NOT NULL, sum TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS op (
  run TEXT NOT NULL REFERENCES run(id), key TEXT NOT NULL, state TEXT NOT NULL, attempt INTEGER NOT NULL,
  step INTEGER NOT NULL, kind TEXT NOT NULL, lead_id TEXT, type TEXT NOT NULL, payload TEXT NOT NULL,
  intent_ms INTEGER NOT NULL, outcome TEXT NOT NULL, evidence TEXT NOT NULL, reason TEXT NOT NULL, action_id TEXT,
  detail TEXT NOT NULL, done_ms INTEGER NOT NULL, sum TEXT NOT NULL, PRIMARY KEY (run, key)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS op_by_lead ON op (lead_id, type);
CREATE TABLE IF NOT EXISTS made (
  key TEXT PRIMARY KEY, state TEXT NOT NULL, run TEXT NOT NULL, lead_id TEXT, type TEXT NOT NULL,
  payload TEXT NOT NULL, action_id TEXT, at_ms INTEGER NOT NULL, sum TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rule (name TEXT PRIMARY KEY, first_ms INTEGER NOT NULL, sum TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS audit (
  seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, run TEXT NOT NULL, event TEXT NOT NULL, body TEXT NOT NULL,
  prev TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
CREATE TRIGGER IF NOT EXISTS audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER IF NOT EXISTS audit_is_not_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
"""

_NAMES = {
    "run": "id enterprise playbook title digest plan folder state started_ms finished_ms exit_code exit_reason"
    " calls_read calls_write",
    "op": "run key state attempt step kind lead_id type payload intent_ms outcome evidence reason action_id detail"
    " done_ms",
    "made": "key state run lead_id type payload action_id at_ms",
    "rule": "name first_ms",
    "audit": "seq at_ms run event body prev",
}
COLUMNS = {table: tuple(names.split()) for table, names in _NAMES.items()}
"""Columns of each table in the order in which its rows are read, written and summed up."""
KEYS = {"run": ("id",), "op": ("run", "key"), "made": ("key",), "rule": ("name",)}
"""Columns that name a row of each table that carries sums."""


def checksum(values: Sequence[object]) -> str:
    """Return the sum over a row's values."""
    text = json.dumps(list(values), ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def insert(table: str) -> str:
    """Return the statement that writes a whole row, sum included, over one of the same key."""
    columns = [*COLUMNS[table], "hash" if table == "audit" else "sum"]
    marks = ",".join("?" * len(columns))
    verb = "INSERT" if table == "audit" else "INSERT OR REPLACE"
    return f"{verb} INTO {table} ({','.join(columns)}) VALUES ({marks})"


def select(table: str, where: str = "") -> str:
    """Return the statement that reads rows with their sums."""
    columns = [*COLUMNS[table], "hash" if table == "audit" else "sum"]
    return f"SELECT {','.join(columns)} FROM {table} {where}"  # noqa: S608 (our own names)
