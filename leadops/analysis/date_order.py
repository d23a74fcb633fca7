"""Dates of a CSV file in the order that the playbook declares."""

import re

_ORDERED = re.compile(r"(?!\d{4}-\d{2}-\d{2}(?!\d))\d{1,4}([/. -])\d{1,2}\1\d{1,4}(\s.*)?")
"""A date in an order that somebody has to tell; an ISO day is none."""
_PATTERNS = {"DD": r"(?P<d>\d{1,2})", "MM": r"(?P<m>\d{1,2})", "YYYY": r"(?P<y>\d{4})"}


def needs_order(text: str) -> bool:
    """Whether ``text`` is a date that can be read in two ways."""
    return _ORDERED.fullmatch(text) is not None


def date_pattern(order: str) -> re.Pattern[str] | None:
    """Return what matches a date in ``order`` (``DD/MM/YYYY``); None when the order names no date."""
    if not re.fullmatch(r"(DD|MM|YYYY)([/.\- ])(DD|MM|YYYY)\2(DD|MM|YYYY)", order):
        return None
    if any(order.count(token) != 1 for token in _PATTERNS):
        return None
    pattern = re.escape(order)
    for token, part in _PATTERNS.items():
        pattern = pattern.replace(token, part)
    return re.compile(pattern + r"(?:[ T](?P<time>\d{2}:\d{2}(:\d{2})?))?")


def read_date(text: str, order: str) -> str | None:
    """Return ``text`` in ISO, read in the declared ``order``; None when it is no such date."""
    pattern = date_pattern(order)
    found = pattern.fullmatch(text) if pattern else None
    if found is None:
        return None
    day = f"{found['y']}-{found['m']:0>2}-{found['d']:0>2}"
    return f"{day}T{found['time']}" if found["time"] else day
