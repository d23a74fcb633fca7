"""What a Retry-After header asks for, within bounds (docs/api.md §2)."""

import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache

LEAST_S, MOST_S = 1.0, 900.0
"""No answer makes leadops come back sooner, or wait longer, than this."""


def retry_after(headers: Mapping[str, str], now_ms: int) -> float | None:
    """Return how many seconds to wait, 1 s to 15 min; None when the header is absent or unreadable.

    A date counts from the server's own Date where it sends one, else from ``now_ms`` (epoch ms).
    """
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    if re.fullmatch(r"[+-]?[0-9]{1,18}(\.[0-9]{0,9})?", text):
        return _clamped(float(text))
    until = http_date_ms(text)
    if until is None:
        return None
    since = http_date_ms(headers.get("date", ""))
    return _clamped((until - (now_ms if since is None else since)) / 1000)


@lru_cache(maxsize=16)
def http_date_ms(text: str) -> int | None:
    """Return an HTTP date as epoch ms; None when it is none. All answers of a second have the same."""
    if len(text) > 64:
        return None
    try:
        moment = parsedate_to_datetime(text)
        return round(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * 1000)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _clamped(seconds: float) -> float:
    return min(MOST_S, max(LEAST_S, seconds))
