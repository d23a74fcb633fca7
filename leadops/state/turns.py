"""One process after the other at a small file that is read, changed and replaced: each change is on top of the last."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from leadops.state.private import private_file

_LONGEST_S = 5.0
_POLL_S = 0.01


@contextmanager
def turn_at(path: Path) -> Iterator[None]:
    """Have the turn at ``path`` for the length of the block, which must be short.

    Who does not get it within seconds goes on without: a process that stands still must not hold up all others.

    Raises:
        ConfigurationError: the file beside it that orders the turns is not ours, or cannot be made.
    """
    number = os.open(
        private_file(path.with_name(f"{path.name}.turn")), os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
    )
    try:
        until = time.monotonic() + _LONGEST_S
        while not _taken(number) and time.monotonic() < until:
            time.sleep(_POLL_S)
        yield
    finally:
        os.close(number)


def _taken(number: int) -> bool:
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
