"""A request to stop, and waits that end when it comes."""

import asyncio
from dataclasses import dataclass, field

from leadops.core.clock import Clock


@dataclass(slots=True)
class Stop:
    """Set by the first signal: calls in flight are settled, nothing new is sent, the run can be resumed.

    Attributes:
        exit_code: what the process shall end with: 130 or 143.
        reason: one sentence.
        deadline: on the clock's ``monotonic``; past it the run stops as if asked to.
    """

    exit_code: int = 0
    reason: str = ""
    deadline: float | None = None
    _event: asyncio.Event = field(default_factory=asyncio.Event)

    def request(self, exit_code: int, reason: str) -> None:
        """Ask the run to stop; the first request counts."""
        if not self._event.is_set():
            self.exit_code, self.reason = exit_code, reason
            self._event.set()

    @property
    def requested(self) -> bool:
        """Whether the run shall stop."""
        return self._event.is_set()

    def check(self, clock: Clock) -> bool:
        """Whether the run shall stop, its deadline included."""
        if self.deadline is not None and clock.monotonic() >= self.deadline:
            self.request(75, "the time allowed for the run is over")
        return self.requested

    async def wait(self, seconds: float) -> bool:
        """Wait for ``seconds`` or until the stop is asked for; return whether it was."""
        if seconds <= 0:
            return self.requested
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return self.requested
        return True
