"""How far the server's clock is from this machine's, learnt from Date headers."""

from dataclasses import dataclass

_RESOLUTION_MS = 999
"""A Date header is cut to whole seconds."""


@dataclass(slots=True)
class Skew:
    """The interval in which the difference (server minus this machine, ms) must lie; each answer narrows it."""

    _low: int | None = None
    _high: int = 0

    def learn(self, server_ms: int, sent_ms: int, done_ms: int) -> None:
        """Take note of a Date that was written between two readings of this machine's clock."""
        low, high = server_ms - done_ms, server_ms + _RESOLUTION_MS - sent_ms
        if low > high:
            return
        if self._low is None or low > self._high or high < self._low:
            self._low, self._high = low, high
        else:
            self._low, self._high = max(low, self._low), min(high, self._high)

    @property
    def ms(self) -> int:
        """The difference; 0 while unknown, or while the clocks may well agree."""
        if self._low is None or self._low <= 0 <= self._high:
            return 0
        return (self._low + self._high) // 2
