"""Time zones by their IANA names."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from leadops.core.suggest import did_you_mean


def zone_of(name: str) -> ZoneInfo | None:
    """Return the zone; None when there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def zone_advice(name: str) -> str:
    """Return what to write instead of a name that no zone has."""
    return did_you_mean(name, available_timezones()) or 'write an IANA name, as "Asia/Kolkata"'
