"""``forget``: one person's data leaves the journal, the index of ids and the run folders."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from leadops.core.errors import UsageError
from leadops.engine.lead_names import is_id, lead_key
from leadops.engine.ports import Journal
from leadops.model.schema import Schema
from leadops.planner.lookup import canonical


class ForgettingFolder(Protocol):
    """A run folder that can take a lead out of its files."""

    def lead_ids(self, identifiers: frozenset[str]) -> frozenset[str]:
        """Return the ids of the leads of these identifiers that its files name."""
        ...

    def forget(self, lead_ids: frozenset[str], identifiers: frozenset[str]) -> int:
        """Take these leads out of every file; return how many files that touched."""
        ...


class ForgettingIds(Protocol):
    """The index of ids."""

    def ids_of(self, identifier: str) -> Sequence[str]:
        """Return the ids recorded for a canonical identifier."""
        ...

    def forget(self, identifier: str) -> int:
        """Take the identifier out; return how many ids that removed."""
        ...


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was touched."""

    lead_ids: tuple[str, ...]
    journal_rows: int
    files: int


def forget(
    identifier: str,
    schema: Schema,
    journal: Journal,
    ids: ForgettingIds,
    folders: Iterable[ForgettingFolder],
    *,
    now_ms: int,
    country_code: str = "91",
) -> Forgotten:
    """Take the lead of ``identifier`` out of everything that leadops keeps. The audit trail keeps its hashes and ids.

    Raises:
        UsageError: nothing is kept of it, and it is in no form of an identifier.
    """
    by = schema.identifier
    key = lead_key(identifier, by, country_code)
    sound = key is not None and not is_id(key)
    name = key if key is not None and sound else canonical(identifier, by, country_code)
    names = frozenset({identifier.strip(), name} - {""})
    folders = list(folders)
    lead_ids = set(ids.ids_of(name))
    for folder in folders:
        lead_ids |= folder.lead_ids(names)
    rows = sum(journal.forget(lead_id, now_ms) for lead_id in sorted(lead_ids))
    files = sum(folder.forget(frozenset(lead_ids), names) for folder in folders)
    ids.forget(name)
    if not (sound or lead_ids or files):
        raise UsageError(
            f"“{identifier}” is not a {by.api_name}: nothing was forgotten", "write it as the CRM has it"
        )
    return Forgotten(tuple(sorted(lead_ids)), rows, files)
