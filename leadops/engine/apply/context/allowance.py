"""``stop when P % fail``: how many leads of a step may still fail, and so how many may be under way at a time."""

import asyncio
import math
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(slots=True)
class Allowance:
    """Guards count what is under way: never more leads than failures still allowed, and never fewer than one.

    A lead is under way from before its first request until nothing of it is unknown.

    Attributes:
        leads: of the step.
        percent: of them that trip the guard when they have failed; None: there is no guard.
        bad: leads that failed.
        away: leads that are under way.
    """

    leads: int
    percent: Decimal | None
    bad: set[str] = field(default_factory=set)
    away: set[str] = field(default_factory=set)
    _left: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def tripped(self) -> bool:
        """Whether so many failed that the step stops."""
        return self.percent is not None and len(self.bad) >= self._most

    @property
    def _most(self) -> int:
        """The number of failed leads that trips."""
        assert self.percent is not None
        return max(1, math.ceil(self.percent * self.leads / 100))

    @property
    def _full(self) -> bool:
        return self.percent is not None and len(self.away) >= max(1, self._most - len(self.bad))

    async def enter(self, lead: str) -> None:
        """Wait until ``lead`` may be under way."""
        while lead not in self.away and self._full:
            self._left.clear()
            await self._left.wait()
        self.away.add(lead)

    def leave(self, lead: str) -> None:
        """Take note that nothing of ``lead`` is under way any more; whether it failed was noted before."""
        self.away.discard(lead)
        self._left.set()
