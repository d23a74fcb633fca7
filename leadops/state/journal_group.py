"""Grouped commits: what several workers write at nearly the same time becomes durable together."""

import asyncio
from collections.abc import Callable, Iterable

from leadops.core.errors import TemporaryError
from leadops.model.journal import Entry


class _Batch:
    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.done = False
        self.error: TemporaryError | None = None


class Group:
    """The first worker of a batch commits it for all that joined while the commit before was under way."""

    def __init__(self, write: Callable[[Iterable[Entry]], None], *, threaded: bool) -> None:
        self._write = write
        self._threaded = threaded
        self._turn = asyncio.Lock()
        self._batch = _Batch()

    def post(self, entries: Iterable[Entry]) -> None:
        """Put ``entries`` into the next commit; whoever records next makes them durable."""
        self._batch.entries.extend(entries)

    async def record(self, entries: Iterable[Entry]) -> None:
        """Write ``entries`` and return when they are durable.

        Raises:
            TemporaryError: the batch could not be written.
        """
        batch = self._batch
        batch.entries.extend(entries)
        async with self._turn:
            if not batch.done:
                await self._lead(batch)
        if batch.error:
            raise TemporaryError(batch.error.message, batch.error.help)

    async def _lead(self, batch: _Batch) -> None:
        await asyncio.sleep(0)  # lets workers that are ready in this very turn of the loop join
        self._batch = _Batch()
        batch.done = True
        batch.error = TemporaryError("the commit was interrupted")
        try:
            if self._threaded:
                await asyncio.shield(asyncio.to_thread(self._write, batch.entries))
            else:
                self._write(batch.entries)
            batch.error = None
        except TemporaryError as error:
            batch.error = error
