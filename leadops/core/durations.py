"""Stretches of time as a person reads them."""


def duration(seconds: float) -> str:
    """Return a stretch of time in the two largest units that matter.

    >>> duration(0.4), duration(42), duration(150), duration(7260)
    ('under 1 s', '42 s', '2 min 30 s', '2 h 1 min')
    """
    if seconds < 1:
        return "under 1 s"
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    if minutes:
        return f"{minutes} min {left} s" if left else f"{minutes} min"
    return f"{left} s"
