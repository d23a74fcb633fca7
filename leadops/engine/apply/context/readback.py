"""Reading back what the async lane was given: lists of identifiers, for all that wait at the time."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field

from leadops.core.errors import LeadopsError
from leadops.engine.memory_stores import ShortIds
from leadops.engine.select.lead_ids import Resolver
from leadops.model.lead import Lead
from leadops.model.plan import Plan
from leadops.planner.lookup import canonical, lookup_identifiers
from leadops.planner.ports import IdIndex, Reader, Searcher


@dataclass(slots=True)
class _Batch:
    names: set[str] = field(default_factory=set)
    found: dict[str, tuple[Lead, ...]] = field(default_factory=dict)
    done: bool = False
    error: LeadopsError | None = None


@dataclass(slots=True)
class ReadBack:
    """Looks identifiers up, one batch after another; who asks while a batch is read goes into the next."""

    plan: Plan
    reader: Reader
    index: IdIndex | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _batch: _Batch = field(default_factory=_Batch)

    async def rows(self, identifier: str) -> tuple[Lead, ...]:
        """Return the leads of this identifier, as they are now.

        Raises:
            LeadopsError: as the reader.
        """
        batch = self._batch
        batch.names.add(identifier)
        async with self._turn:
            if not batch.done:
                await asyncio.sleep(0)
                self._batch, batch.done = _Batch(), True
                try:
                    batch.found = await self.all(batch.names)
                except LeadopsError as error:
                    batch.error = error
        if batch.error is not None:
            raise batch.error
        return batch.found.get(canonical(identifier, self.plan.schema.identifier, self.plan.country_code), ())

    async def all(
        self, names: Collection[str], searcher: Searcher | None = None
    ) -> dict[str, tuple[Lead, ...]]:
        """Return the leads of each of ``names``, by canonical identifier; raises as the reader (or the ``searcher``)."""
        plan = self.plan
        rows = await lookup_identifiers(
            sorted(names), plan.schema, searcher or self.reader, country_code=plan.country_code
        )
        resolver = Resolver(self.index or ShortIds(), plan.schema, plan.country_code)
        return {
            name: tuple(row for row in resolver.resolve(some) if not row.unreadable)
            for name, some in rows.items()
        }
