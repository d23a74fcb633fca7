"""Checking the journal: the chain of the audit trail and the sum of every row."""

import sqlite3
from collections.abc import Iterator, Sequence

from leadops.model.journal import AuditFinding
from leadops.state.journal_schema import COLUMNS, checksum, select


def findings(connection: sqlite3.Connection, head: str) -> Sequence[AuditFinding]:
    """Return every row that is not as it was written; ``head`` is the hash that the last audit row must have."""
    return [*_chain(connection, head), *_sums(connection)]


def _chain(connection: sqlite3.Connection, head: str) -> Iterator[AuditFinding]:
    before, expected = "", 1
    for row in connection.execute(select("audit", "ORDER BY seq")):
        values, own = list(row[:-1]), row[-1]
        if values[0] != expected:
            yield AuditFinding("audit", str(values[0]), f"rows are missing before it (expected {expected})")
        if checksum(values) != own:
            yield AuditFinding("audit", str(values[0]), "it is not as it was written")
        elif values[-1] != before:
            yield AuditFinding("audit", str(values[0]), "it does not follow the row before it")
        before, expected = own, values[0] + 1
    if before != head:
        yield AuditFinding("audit", "last", "the trail does not end where it ended")


def _sums(connection: sqlite3.Connection) -> Iterator[AuditFinding]:
    for table in COLUMNS:
        if table == "audit":
            continue
        for row in connection.execute(select(table)):
            if checksum(list(row[:-1])) != row[-1]:
                name = " ".join(str(part) for part in row[: 2 if table == "op" else 1])
                yield AuditFinding(table, name, "it is not as it was written")
