"""Whether some process holds a SQLite file, asked of the system without touching the lock: a look turns nobody away."""

import fcntl
import os
import struct
import sys
from pathlib import Path

_FIRST, _COUNT = 0x40000000, 512
"""The bytes that SQLite locks (its PENDING, RESERVED and SHARED bytes)."""
# struct flock: on Linux type, whence, start, length, pid; on macOS start, length, pid, type, whence.
_LINUX = struct.Struct("@hhqqi")
_DARWIN = struct.Struct("@qqihh")


def is_held(path: Path) -> bool | None:
    """Whether another process holds the file; None where the system does not tell.

    Not for a file that this very process has locked: closing any descriptor of it would give the lock up.
    """
    try:
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError:
        return None
    try:
        if sys.platform == "linux":
            asked = _LINUX.pack(fcntl.F_WRLCK, os.SEEK_SET, _FIRST, _COUNT, 0)
            told = _LINUX.unpack(fcntl.fcntl(number, fcntl.F_GETLK, asked)[: _LINUX.size])[0]
        elif sys.platform == "darwin":
            asked = _DARWIN.pack(_FIRST, _COUNT, 0, fcntl.F_WRLCK, os.SEEK_SET)
            told = _DARWIN.unpack(fcntl.fcntl(number, fcntl.F_GETLK, asked)[: _DARWIN.size])[3]
        else:
            return None
    except OSError:
        return None
    finally:
        os.close(number)
    return bool(told != fcntl.F_UNLCK)
