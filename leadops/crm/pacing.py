"""When the next request may go: the rate limit, one pause for all after a 429, the breaker, the quota of retries.

Numbers: docs/reliability.md, "Retry, rate and budget".
"""

import random
from dataclasses import dataclass, field
from typing import Protocol

from leadops.core.clock import Clock
from leadops.core.errors import TemporaryError, UnavailableError


class Limiter(Protocol):
    """A rate limit that several processes may share."""

    async def acquire(self) -> None:
        """Wait until one more request may be sent."""
        ...

    def throttled(self, pause_s: float | None) -> None:
        """Take note of a 429: nobody sends for ``pause_s`` seconds (None: as long as it sees fit), then slower."""
        ...


class NoLimit:
    """No limit, for servers on this machine and for tests."""

    async def acquire(self) -> None:
        """Return at once."""

    def throttled(self, pause_s: float | None) -> None:
        """Take no note: the client's own pause is enough."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often a client tries. Times are seconds.

    Attributes:
        deadline: of one request, from its first byte to the last of its answer.
        connect: of connecting, TLS included.
        attempts: of a read whose connection broke, or that got a 5xx or a malformed answer.
        unreachable_attempts: of a read that could not even be sent.
        broken_attempts: 500s after which one and the same read is refused.
        base, throttled_base, cap: the back-off is random() · min(cap, base · 2^n).
        throttled_total: how long one read waits in all because of 429s.
        quota: tokens for retries of the whole run.
        probes: pauses of the breaker before each probe; after the last one it stays open.
        trip: consecutive failures that open the breaker.
    """

    deadline: float = 25.0
    connect: float = 5.0
    attempts: int = 5
    unreachable_attempts: int = 3
    broken_attempts: int = 3
    base: float = 0.25
    throttled_base: float = 2.0
    cap: float = 20.0
    throttled_total: float = 900.0
    quota: int = 500
    probes: tuple[float, ...] = (30.0, 60.0, 120.0)
    trip: int = 5


@dataclass(slots=True)
class Backoff:
    """Full jitter: a random part of a span that doubles."""

    rng: random.Random
    patience: Patience

    def failed(self, attempt: int) -> float:
        """Return the seconds before the next try after ``attempt`` failures (from 1)."""
        return self._jitter(self.patience.base, attempt)

    def throttled(self, attempt: int) -> float:
        """Return the seconds of the pause after ``attempt`` 429s in a row (from 1)."""
        return self._jitter(self.patience.throttled_base, attempt)

    def _jitter(self, base: float, attempt: int) -> float:
        return self.rng.random() * min(self.patience.cap, base * float(2 ** min(attempt, 30)))


@dataclass(slots=True)
class RetryQuota:
    """What all retries of a run may cost together: an outage must not multiply the load."""

    left: int
    most: int = field(init=False)

    def __post_init__(self) -> None:
        self.most = self.left

    def spend(self, *, timed_out: bool) -> bool:
        """Pay for one retry; False when the quota does not allow it."""
        cost = 10 if timed_out else 5
        if self.left < cost:
            return False
        self.left -= cost
        return True

    def succeeded(self) -> None:
        """Give one token back."""
        self.left = min(self.most, self.left + 1)


@dataclass(slots=True)
class Tickets:
    """Numbers requests, so that those under way together can be told from those that came after.

    Attributes:
        latest: the number of the request that was sent last.
    """

    latest: int = 0

    def issue(self) -> int:
        """Return the next number."""
        self.latest += 1
        return self.latest


@dataclass(slots=True)
class Pause:
    """One pause for all callers after a 429; those that were under way when it began do not lengthen it twice."""

    clock: Clock
    backoff: Backoff
    limiter: Limiter
    tickets: Tickets
    _until: float = 0.0
    _mark: int = 0
    _strikes: int = 0

    async def over(self) -> None:
        """Wait until nobody asks for a pause any more."""
        while (left := self._until - self.clock.monotonic()) > 0:
            await self.clock.sleep(left)

    def throttled(self, ticket: int, asked_s: float | None) -> None:
        """Take note of a 429 to the request of that number."""
        is_first = ticket > self._mark
        if not is_first and asked_s is None:
            return
        if is_first:
            self._strikes += 1
            self._mark = self.tickets.latest
        pause = asked_s if asked_s is not None else self.backoff.throttled(self._strikes)
        until = self.clock.monotonic() + pause
        if until > self._until:
            self._until = until
            self.limiter.throttled(pause)

    def answered(self, ticket: int) -> None:
        """Take note of an answer that was no 429."""
        if ticket > self._mark:
            self._strikes = 0


@dataclass(slots=True)
class Breaker:
    """Stops sending to a service that is down: some failures in a row, then single probes, then no more.

    Failures of requests that were under way together count as one.
    """

    clock: Clock
    patience: Patience
    host: str
    tickets: Tickets
    _failures: int = 0
    _probes: int = 0
    _mark: int = 0
    _last: float = 0.0
    _probing: bool = False

    async def closed(self) -> bool:
        """Wait until a request may go; True when it is a probe.

        Raises:
            UnavailableError: the last probe failed as well.
        """
        while self._failures >= self.patience.trip:
            if self._probes >= len(self.patience.probes) and not self._probing:
                raise UnavailableError(
                    f"{self.host} is out of order: {self._failures} requests in a row failed",
                    "run the same command again when the service is back",
                )
            due = self._last + self.patience.probes[min(self._probes, len(self.patience.probes) - 1)]
            left = due - self.clock.monotonic()
            if left <= 0 and not self._probing:
                self._probing = True
                self._probes += 1
                return True
            await self.clock.sleep(max(left, 0.05))
        return False

    def failed(self, ticket: int, *, probe: bool) -> None:
        """Take note that the request of that number ended in a broken connection or a 5xx."""
        if probe:
            self._probing = False
        if probe or ticket > self._mark:
            self._failures += 1
            self._mark = self.tickets.latest
            self._last = self.clock.monotonic()

    def answered(self, *, probe: bool) -> None:
        """Take note of an answer."""
        if probe:
            self._probing = False
        self._failures = self._probes = 0

    def abandoned(self, *, probe: bool) -> None:
        """Take note that a request was given up before it ended (cancelled, or never sent)."""
        if probe:
            self._probing = False
            self._probes -= 1


def out_of_patience(host: str, waited_s: float) -> TemporaryError:
    """Return the failure that ends a storm of 429s."""
    return TemporaryError(
        f"{host} keeps saying that the limit of requests is reached (429); waited {waited_s:.0f} s",
        "others use the same quota; run the same command again later",
    )
