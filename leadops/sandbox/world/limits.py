"""The rate limit: so many requests in any rolling hour, on the world's clock."""

from collections import defaultdict, deque

_HOUR_MS = 3_600_000


class RollingHour:
    """Counts the requests of each key in the last hour."""

    def __init__(self) -> None:
        self._seen: defaultdict[str, deque[int]] = defaultdict(deque)

    def wait_ms(self, key: str, limit: int, now: int) -> int:
        """Count one request and return 0; beyond ``limit`` count nothing and return how long to wait."""
        seen = self._seen[key]
        while seen and seen[0] <= now - _HOUR_MS:
            seen.popleft()
        if len(seen) >= limit:
            return (seen[0] if seen else now) + _HOUR_MS - now
        seen.append(now)
        return 0
