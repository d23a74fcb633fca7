"""Files that the user names on the command line: private and whole, or a stream that is written to."""

import os
import re
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

from leadops.core.errors import ConfigurationError
from leadops.state.private import write_private_parts

_STANDARD = re.compile(r"/dev/(?P<name>stdout|stderr)|/(?:dev|proc/self)/fd/(?P<number>\d+)")


def write_output(path: Path, parts: Iterable[bytes]) -> None:
    """Put what ``parts`` yields in place of whatever ``path`` holds, at once and readable by its owner only.

    A pipe, a device or an open stream such as /dev/stdout is written to, also through a link. A link to a file is
    refused: in a project that others wrote it may lead anywhere.

    Raises:
        ConfigurationError: it is a link to a file or someone else's, or cannot be written.
    """
    number = _open_stream(path)
    if number is None and not is_stream(path):
        write_private_parts(path, parts)
        return
    try:
        if number is not None:
            sys.stdout.flush()
        with path.open("wb") if number is None else os.fdopen(os.dup(number), "wb") as file:
            file.writelines(parts)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}") from error


def is_stream(path: Path) -> bool:
    """Whether ``path`` is, or leads to, an open stream, a pipe, a socket or a device."""
    if _open_stream(path) is not None:
        return True
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return stat.S_ISCHR(mode) or stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _open_stream(path: Path) -> int | None:
    """Return the descriptor that ``path`` names: opened anew, a redirected one would lose what was written to it."""
    found = _STANDARD.fullmatch(str(path))
    if found is None:
        return None
    return int(found["number"]) if found["number"] else {"stdout": 1, "stderr": 2}[found["name"]]
