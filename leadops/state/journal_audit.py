"""Checking the journal: the chain of the audit trail and the sum of every row.

Read in pages, so that a long journal keeps nobody from writing: a row that was written stays true whatever follows,
and the trail is followed to where it ended when the look began.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from leadops.model.journal import AuditFinding
from leadops.state.journal_schema import KEYS, checksum, select

Read = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]
"""Runs one statement and returns all its rows; nothing is held afterwards."""
_PAGE = 2_000
_SPOILT = "it is not as it was written"


def findings(read: Read) -> Sequence[AuditFinding]:
    """Return every row that is not as it was written."""
    return [*_chain(read), *(one for table in KEYS for one in _sums(read, table))]


def _chain(read: Read) -> Iterator[AuditFinding]:
    [(head, last)] = read(
        "SELECT value, (SELECT coalesce(max(seq), 0) FROM audit) FROM meta WHERE name = 'head'", ()
    )
    before, expected, at = "", 1, -1
    while page := read(select("audit", f"WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT {_PAGE}"), (at, last)):
        for row in page:
            values, own = list(row[:-1]), row[-1]
            if values[0] != expected:
                yield AuditFinding(
                    "audit", str(values[0]), f"rows are missing before it (expected {expected})"
                )
            if checksum(values) != own:
                yield AuditFinding("audit", str(values[0]), _SPOILT)
            elif values[-1] != before:
                yield AuditFinding("audit", str(values[0]), "it does not follow the row before it")
            before, expected, at = own, values[0] + 1, values[0]
    if before != head:
        yield AuditFinding("audit", "last", "the trail does not end where it ended")


def _sums(read: Read, table: str) -> Iterator[AuditFinding]:
    names = KEYS[table]
    order = f"ORDER BY {', '.join(names)} LIMIT {_PAGE}"
    after = f"WHERE ({', '.join(names)}) > ({', '.join('?' * len(names))}) {order}"
    page = read(select(table, order), ())
    last: tuple[Any, ...] = ()
    while page:
        for row in page:
            if checksum(list(row[:-1])) != row[-1]:
                yield AuditFinding(table, " ".join(str(part) for part in row[: len(names)]), _SPOILT)
        before, last = last, tuple(page[-1][: len(names)])
        if before and last <= before:
            yield AuditFinding(table, " ".join(map(str, last)), "it does not stand in its order")
            return
        page = read(select(table, after), last)
