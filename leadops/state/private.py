"""Folders and files that only their owner may read (docs/reliability.md, "Files")."""

import os
import stat
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from leadops.core.errors import ConfigurationError

_HELP = "leadops keeps tokens' traces and people's data there; --state names another folder"


def private_dir(path: Path) -> Path:
    """Make ``path`` (0700) where it is missing, and return it; its missing parents are made private too.

    A folder that others may read or enter is closed to them: nothing of theirs belongs in it.

    Raises:
        ConfigurationError: it is a symbolic link, no folder, someone else's, or cannot be made.
    """
    try:
        _make(path)
        info = path.lstat()
    except OSError as error:
        raise ConfigurationError(f"the folder {path} cannot be made: {error.strerror}", _HELP) from error
    _check(path, info, stat.S_ISDIR, "folder")
    if stat.S_IMODE(info.st_mode) & 0o077:
        _close_to_others(path, 0o700)
    return path


def private_file(path: Path) -> Path:
    """Make ``path`` (0600, empty) where it is missing, and return it.

    An existing file is not opened: closing it would give up the locks that this process holds on it.

    Raises:
        ConfigurationError: it is a symbolic link, no regular file, someone else's, or cannot be made.
    """
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        os.close(os.open(path, flags, 0o600))
    except FileExistsError:
        pass
    except OSError as error:
        raise ConfigurationError(f"the file {path} cannot be made: {error.strerror}", _HELP) from error
    try:
        info = path.lstat()
    except OSError as error:
        raise ConfigurationError(f"the file {path} cannot be read: {error.strerror}", _HELP) from error
    _check(path, info, stat.S_ISREG, "file")
    if stat.S_IMODE(info.st_mode) & 0o077:
        _close_to_others(path, 0o600)
    return path


def seen_file(path: Path) -> bool:
    """Whether there is a file at ``path``; nothing is made or changed.

    Raises:
        ConfigurationError: it is a symbolic link, no regular file, someone else's, or cannot be looked at.
    """
    try:
        info = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise ConfigurationError(f"the file {path} cannot be read: {error.strerror}", _HELP) from error
    _check(path, info, stat.S_ISREG, "file")
    return True


def write_private(path: Path, data: bytes) -> None:
    """Put ``data`` in place of whatever ``path`` holds, at once: a reader sees the old bytes or the new ones.

    Raises:
        ConfigurationError: the place is a symbolic link or someone else's, or cannot be written.
    """
    write_private_parts(path, (data,))


def write_private_parts(path: Path, parts: Iterable[bytes], mode: int = 0o600) -> None:
    """Do the same with what ``parts`` yields, which need not be held as a whole.

    Another ``mode`` is for a file that holds nothing of people and is meant for others.

    Raises:
        ConfigurationError: the place is a symbolic link or someone else's, or cannot be written.
    """
    try:
        if _is_stream(path):
            with path.open("wb") as file:
                file.writelines(parts)
            return
        if path.is_symlink():
            raise ConfigurationError(f"the file {path} is a symbolic link", _HELP)
        number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # made with 0600
        try:
            with os.fdopen(number, "wb") as file:
                file.writelines(parts)
                file.flush()
                os.fsync(file.fileno())
            if mode != 0o600:
                Path(name).chmod(mode)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ConfigurationError(f"the file {path} cannot be written: {error.strerror}", _HELP) from error


def _is_stream(path: Path) -> bool:
    """Whether ``path`` is a device or a pipe, such as /dev/null: it is written to, never replaced by a file."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return False
    return stat.S_ISCHR(mode) or stat.S_ISFIFO(mode)


def _make(path: Path) -> None:
    missing = []
    place = path
    while not place.is_symlink() and not place.exists():
        missing.append(place)
        place = place.parent
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)


def _check(path: Path, info: os.stat_result, is_kind: Callable[[int], bool], kind: str) -> None:
    if stat.S_ISLNK(info.st_mode):
        raise ConfigurationError(f"the {kind} {path} is a symbolic link", _HELP)
    if not is_kind(info.st_mode):
        raise ConfigurationError(f"{path} is no {kind}", _HELP)
    if info.st_uid != os.getuid():
        raise ConfigurationError(f"the {kind} {path} belongs to another user", _HELP)


def _close_to_others(path: Path, mode: int) -> None:
    try:
        path.chmod(mode)
    except OSError as error:
        raise ConfigurationError(
            f"others may read {path}, and that cannot be changed: {error.strerror}", _HELP
        ) from error
