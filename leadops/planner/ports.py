"""What planning may ask of the world: reads only."""

from collections.abc import Sequence
from typing import Protocol

from leadops.model.lead import Lead, TimelineAction
from leadops.model.query import Body, Calls, Page


class Searcher(Protocol):
    """Lead searches."""

    async def search(self, body: Body, skip: int, limit: int) -> Page:
        """Return one page; ``limit`` is 1 to 100.

        Raises:
            RequestRefusedError: the service refuses this body (400), or fails on it again and again (500).
            CallBudgetError: the call would exceed the run's budget of calls; nothing was sent.
            DeniedError, UnavailableError, TemporaryError: as their names say.
        """
        ...


class Reader(Searcher, Protocol):
    """Every read of the service. Retries are inside; each is counted and paced by the rate limit."""

    @property
    def calls(self) -> Calls:
        """Requests made so far by this client, retries included."""
        ...

    @property
    def skew_ms(self) -> int:
        """The server's clock minus this machine's, from the Date headers; 0 while unknown."""
        ...

    async def lead(self, lead_id: str, *, timeline: bool = False) -> Lead | None:
        """Return the lead (with its whole timeline, if asked); None when there is no such lead (404)."""
        ...

    async def timeline(
        self,
        lead_id: str,
        *,
        type: str | None = None,
        window: tuple[int, int] | None = None,
        most: int | None = None,
    ) -> Sequence[TimelineAction]:
        """Return the timeline's entries, newest first, all pages (or at least the ``most`` newest).

        ``type`` is a bare code or an enum; ``window`` is inclusive epoch ms.

        Raises:
            LeadGoneError: there is no such lead.
        """
        ...


class Capabilities(Protocol):
    """What is known of the service's search, kept with the schema for a day."""

    def get(self, name: str) -> bool | None:
        """Return the verdict on a filter kind (``field:status``, ``actions:type``); None when none is fresh."""
        ...

    def put(self, name: str, verdict: bool) -> None:
        """Keep a verdict."""
        ...


class IdIndex(Protocol):
    """Every lead id ever seen, by the lead's identifier in its canonical form (``model.values.comparable``)."""

    def ids_of(self, identifier: str) -> Sequence[str]:
        """Return the ids recorded for a canonical identifier: none, one, or several."""
        ...

    def remember(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Record (canonical identifier, id) pairs."""
        ...
