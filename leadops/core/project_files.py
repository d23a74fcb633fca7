"""The door for files of a project: whatever a playbook or leadops.toml names inside the project is read here.

A project may be a stranger's, fresh from a clone. No symbolic link is followed anywhere below the project's folder,
nothing but a regular file is opened, and what was looked at is what is read: each folder is entered from the one before.
"""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

LARGEST = 64 * 1024 * 1024
"""Bytes; a larger file is refused rather than read."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class FileRefused(PermissionError):  # noqa: N818 (reads as what happened, like FileNotFoundError)
    """A file of the project that may not be read; the message says why."""


def inside(root: Path, path: Path) -> Path | None:
    """Return ``path`` (relative to ``root``, or absolute) as a way below ``root``; None when it leads elsewhere.

    Two dots are taken as written, before any link is looked at.
    """
    base = root.resolve()
    target = Path(os.path.normpath(base / path))
    return target.relative_to(base) if target.is_relative_to(base) else None


def belongs(root: Path, path: Path) -> bool:
    """Whether ``path`` is a file of the project, as it is written or when its links are followed."""
    if inside(root, path) is not None:
        return True
    try:
        return (root / path).resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):
        return True


def read_inside(root: Path, path: Path, *, largest: int = LARGEST) -> bytes:
    """Return the bytes of ``path`` (relative to ``root``, or absolute).

    Raises:
        FileRefused: it lies outside of ``root``, a symbolic link stands on the way, it is no regular file, or too large.
        FileNotFoundError: there is none.
        OSError: it cannot be read.
    """
    way = inside(root, path)
    if way is None:
        raise FileRefused(f"{path} lies outside the project's folder")
    if not way.parts:
        raise FileRefused(f"{path} is not a regular file")
    folder = os.open(root.resolve(), _FOLDER)
    try:
        for part in way.parts[:-1]:
            entered = _entered(folder, part, path)
            os.close(folder)
            folder = entered
        return _read(folder, way.name, path, largest)
    finally:
        os.close(folder)


def read_regular(path: Path, *, largest: int = LARGEST) -> bytes:
    """Return the bytes of a file that the user names, links followed; a pipe or a device is not waited for.

    Raises:
        FileRefused: it is no regular file, or too large.
        OSError: it cannot be read.
    """
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        return _bounded(file, path, largest)


def refuse_links(root: Path, path: Path) -> Path:
    """Return the place of ``path``, which may not exist yet, below ``root``.

    Raises:
        FileRefused: it lies outside of ``root``, or a symbolic link stands on the way or in the place.
    """
    way = inside(root, path)
    if way is None:
        raise FileRefused(f"{path} lies outside the project's folder")
    place = root.resolve()
    for part in way.parts:
        place /= part
        if place.is_symlink():
            raise _linked(path)
    return place


def _entered(folder: int, part: str, path: Path) -> int:
    _no_link(folder, part, path)
    try:
        return os.open(part, _FOLDER, dir_fd=folder)
    except NotADirectoryError:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path)) from None


def _read(folder: int, name: str, path: Path, largest: int) -> bytes:
    if not stat.S_ISREG(_no_link(folder, name, path).st_mode):
        raise FileRefused(f"{path} is not a regular file")
    try:
        number = os.open(name, _FILE, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _linked(path) from None
        raise
    with os.fdopen(number, "rb") as file:
        return _bounded(file, path, largest)


def _bounded(file: BinaryIO, path: Path, largest: int) -> bytes:
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        raise FileRefused(f"{path} is not a regular file")
    data = file.read(largest + 1)
    if len(data) > largest:
        raise FileRefused(f"{path} is larger than {largest // 1024} KiB")
    return data


def _no_link(folder: int, name: str, path: Path) -> os.stat_result:
    info = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if stat.S_ISLNK(info.st_mode):
        raise _linked(path)
    return info


def _linked(path: Path) -> FileRefused:
    return FileRefused(f"{path} is reached by a symbolic link; files of a project are read without")
