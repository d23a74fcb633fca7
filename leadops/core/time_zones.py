"""Time zones by their IANA names."""

from collections.abc import Mapping
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from leadops.core.did_you_mean import did_you_mean
from leadops.core.text import fold


def zone_of(name: str) -> ZoneInfo | None:
    """Return the zone; None when there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


_ABBREVIATIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "IST": ("Asia/Kolkata",), "INDIA": ("Asia/Kolkata",), "BST": ("Europe/London", "Asia/Dhaka"), "GST": ("Asia/Dubai",),
        "PKT": ("Asia/Karachi",), "NPT": ("Asia/Kathmandu",), "SGT": ("Asia/Singapore",), "CET": ("Europe/Berlin",),
        "CST": ("America/Chicago", "Asia/Shanghai"), "EDT": ("America/New_York",), "PST": ("America/Los_Angeles",),
        "PDT": ("America/Los_Angeles",), "CDT": ("America/Chicago",), "MDT": ("America/Denver",), "AEST": ("Australia/Sydney",),
    }
)  # fmt: skip
"""What people write for zones that have no such name; more than one where it means several."""


def zone_advice(name: str) -> str:
    """Return what to write instead of a name that no zone has.

    A name of three or four letters is an abbreviation: another one that looks like it is another zone.
    """
    if meant := _ABBREVIATIONS.get(name.strip().upper()):
        return f"did you mean {' or '.join(f'“{one}”' for one in meant)}?"
    if len(name) > 4 and (near := did_you_mean(name, available_timezones())):
        return near
    cities = [
        one for one in available_timezones() if fold(one.rpartition("/")[2]) == fold(name).replace(" ", "_")
    ]
    return did_you_mean(cities[0], cities) if cities else 'write an IANA name, as "Asia/Kolkata"'
