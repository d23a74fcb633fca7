"""What a run may spend on failures: retries, pauses, and appends whose fate is unknown."""

import random
from dataclasses import dataclass

from leadops.core.clock import Clock
from leadops.engine.stop import Stop

RETRY, UNKNOWN, SUCCESS, FULL = 5, 10, 1, 500


@dataclass(slots=True)
class Quota:
    """Tokens for retries: an outage ends the run before it becomes a storm."""

    tokens: int = FULL

    def retry(self) -> bool:
        """Take a retry's price; False when there is too little left."""
        if self.tokens < RETRY:
            return False
        self.tokens -= RETRY
        return True

    def unknown(self) -> None:
        """Take the price of a request whose fate is unknown."""
        self.tokens = max(0, self.tokens - UNKNOWN)

    def success(self) -> None:
        """Give a little back."""
        self.tokens = min(FULL, self.tokens + SUCCESS)


@dataclass(slots=True)
class Pace:
    """How long requests take, the rate limit's wait included.

    Attributes:
        seconds: a moving mean that rises sooner than it falls: the few requests that a rate limit lets pass at once
            do not show that requests are quick.
    """

    seconds: float = 1.0

    def note(self, seconds: float) -> None:
        """Note a request."""
        self.seconds += (seconds - self.seconds) / (4 if seconds > self.seconds else 16)

    @property
    def quick(self) -> bool:
        """Whether a request takes no longer than a fifth of a second."""
        return self.seconds < 0.2


@dataclass(slots=True)
class Gate:
    """One pause for all workers: nobody sends before it is over."""

    clock: Clock
    stop: Stop
    until: float = 0.0

    def close(self, seconds: float) -> None:
        """Nothing is sent for so many seconds from now."""
        self.until = max(self.until, self.clock.monotonic() + seconds)

    async def passed(self) -> bool:
        """Wait until the pause is over; return False when the run is stopped first."""
        while (left := self.until - self.clock.monotonic()) > 0:
            if await self.stop.wait(left):
                return False
        return not self.stop.check(self.clock)


@dataclass(slots=True)
class AmbiguityBudget:
    """Stops appends when too many of them end unknown: an outage must not fill the list of doubts.

    Attributes:
        tripped: no append is sent until what is unknown is settled and one of them has gone well.
    """

    in_a_row: int = 0
    unknown: int = 0
    sent: int = 0
    tripped: bool = False

    def note(self, *, known: bool) -> None:
        """Note that an append was sent, and whether its fate was known at once."""
        self.sent += 1
        if known:
            self.in_a_row = 0
            return
        self.in_a_row += 1
        self.unknown += 1
        if self.in_a_row >= 5 or (self.sent >= 50 and self.unknown * 10 > self.sent):
            self.tripped = True

    def rearm(self) -> None:
        """Begin anew after an append went well."""
        self.in_a_row = self.unknown = self.sent = 0
        self.tripped = False


def full_jitter(rng: random.Random, base: float, attempt: int, most: float = 20.0) -> float:
    """Return seconds to wait before the next attempt: anything up to ``base`` doubled with each attempt."""
    return rng.random() * min(most, base * float(2 ** min(attempt, 16)))
