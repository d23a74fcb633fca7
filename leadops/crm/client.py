"""One workspace of TeleCRM, as two objects: one that reads and one that writes."""

import random
from collections.abc import Callable
from types import TracebackType
from typing import Self

import httpx

from leadops.core.clock import Clock
from leadops.crm.connection import Connection
from leadops.crm.pacing import Backoff, Limiter, NoLimit, Patience, Pause, RetryQuota, Tickets
from leadops.crm.reader import TeleReader
from leadops.crm.retrying_reads import Asker
from leadops.crm.transport import Door
from leadops.crm.writer import TeleWriter
from leadops.model.query import Calls

NEARBY = Patience(probes=(1.0, 2.0, 4.0))
"""A server on this machine that is down needs no half minute of rest."""


class TeleCrm:
    """The service. An async context manager; a dry run is given only ``reader``.

    Attributes:
        connection: where it is.
        reader: every read, retried inside; fits ``planner.ports.Reader``.
        writer: every write, tried once; fits ``engine.ports.Writer``.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        clock: Clock,
        rng: random.Random,
        limiter: Limiter | None = None,
        async_limiter: Limiter | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        patience: Patience | None = None,
        max_calls: int | None = None,
        on_call: Callable[[Calls], None] | None = None,
    ) -> None:
        """Make a client; nothing is sent yet.

        ``limiter`` paces both APIs unless ``async_limiter`` is given; ``transport`` replaces the network (an app in
        process, a mock); ``max_calls`` is the run's budget, retries included; ``on_call`` is told the count before
        each call.
        """
        self.connection = connection
        chosen = patience or (NEARBY if connection.is_loopback else Patience())
        pace = limiter or NoLimit()
        backoff = Backoff(rng, chosen)
        tickets = Tickets()
        self._door = Door(
            connection,
            clock=clock,
            limiter=pace,
            async_limiter=async_limiter or pace,
            pause=Pause(clock, backoff, pace, tickets),
            tickets=tickets,
            patience=chosen,
            transport=transport,
            max_calls=max_calls,
            on_call=on_call,
        )
        self.reader = TeleReader(Asker(self._door, clock, chosen, backoff, RetryQuota(chosen.quota)))
        self.writer = TeleWriter(self._door)

    async def __aenter__(self) -> Self:
        await self._door.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        await self._door.__aexit__(kind, error, trace)

    def limit_calls(self, most: int | None) -> None:
        """Make no more than ``most`` calls in all, those that were made counted; None: no limit."""
        self._door.limit_calls(most)

    @property
    def calls(self) -> Calls:
        """Requests made so far, reads and writes, retries included."""
        return self._door.calls

    @property
    def throttled(self) -> int:
        """How often the service has asked to slow down (429)."""
        return self._door.throttled

    @property
    def skew_ms(self) -> int:
        """The server's clock minus this machine's; 0 while unknown."""
        return self._door.skew.ms
