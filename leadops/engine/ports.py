"""What the engine asks of the world, split by right: a dry run is given only the Reader."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from leadops.model.change import ActionSpec
from leadops.model.exchange import Reply
from leadops.model.values import Value
from leadops.planner.ports import Reader, Searcher

__all__ = ["Reader", "Searcher", "Writer"]


class Writer(Protocol):
    """Every write of the service, tried exactly once; the engine decides whether to send again.

    None of these raises for what the service answers or for a broken connection: the Reply says what is known.
    Values are as in a Change; the adapter writes them as the service wants them (docs/api.md §7).
    """

    async def create(self, fields: Mapping[str, Value], actions: Sequence[ActionSpec]) -> Reply:
        """POST /lead (docs/api.md §5.1)."""
        ...

    async def update(self, lead_id: str, fields: Mapping[str, Value]) -> Reply:
        """POST /lead/{id} (docs/api.md §5.3)."""
        ...

    async def append(self, lead_id: str, actions: Sequence[ActionSpec]) -> Reply:
        """POST /lead/{id}/action (docs/api.md §5.5)."""
        ...

    async def update_action(self, lead_id: str, action: ActionSpec) -> Reply:
        """POST /lead/{id}/action/{actionId} (docs/api.md §5.7)."""
        ...

    async def upsert(self, fields: Mapping[str, Value]) -> Reply:
        """POST …/autoupdatelead on the async API (docs/api.md §11): ACKED means queued, no more."""
        ...
