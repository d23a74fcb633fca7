"""A search, its page, and what one exchange with the service is worth."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leadops.model.lead import Lead

Body = Mapping[str, Any]
"""The JSON body of a lead search (docs/api.md §6): ``{"fields": {…}, "actions": {…}}``."""

PAGE = 100
"""The most leads that one search returns (docs/api.md §4)."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a lead search, newest first by creation time.

    Attributes:
        leads: its rows in the order received.
        total_count: how many leads match in all, as the service says.
        skip, limit: as asked.
        server_ms: the server's Date, epoch ms; None where absent.
        sent_ms: when it was asked for, epoch ms on the server-corrected clock: its rows are no older; None where unknown.
    """

    leads: tuple[Lead, ...]
    total_count: int
    skip: int
    limit: int
    server_ms: int | None = None
    sent_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Calls:
    """How many requests, by right."""

    reads: int = 0
    writes: int = 0

    @property
    def total(self) -> int:
        """Reads and writes together."""
        return self.reads + self.writes
