"""The process exit codes: a promise to CI and cron (docs/exit-codes.md)."""

from enum import IntEnum


class Exit(IntEnum):
    """Why the process ended. Values up to 6 are leadops' own; from 64 on they are those of sysexits."""

    DONE = 0
    FINDINGS = 1
    CHANGES = 2
    """The plan has changes; only with ``--detailed-exitcode``."""
    INCOMPLETE = 3
    """Finished, but something was rejected, ignored, stale, in doubt or not attempted."""
    REFUSED = 4
    """Refused before any write."""
    STALE_PLAN = 5
    """A stale, consumed or foreign plan."""
    LOCKED = 6
    USAGE = 64
    UNAVAILABLE = 69
    BUG = 70
    TEMPORARY = 75
    DENIED = 77
    CONFIGURATION = 78
    INTERRUPTED = 130
    TERMINATED = 143
