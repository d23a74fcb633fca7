"""The files that a playbook names: read inside the project's root, or out of a saved plan."""

import posixpath
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

LARGEST = 64 * 1024 * 1024
"""Bytes; a larger file is refused rather than read."""


class FileRefused(PermissionError):  # noqa: N818 (reads as what happened, like FileNotFoundError)
    """A file that a playbook may not read; the message says why."""


class Files(Protocol):
    """What analysis may read."""

    def read(self, path: str, base: str) -> bytes:
        """Return the bytes of ``path``, relative to the folder of the file ``base`` (as ``resolve`` names it).

        Raises FileNotFoundError, or FileRefused for a path outside the root, a URL, or no regular file.
        """
        ...

    def resolve(self, path: str, base: str) -> str:
        """Return the name under which ``path`` is read and shown; the same file has one name."""
        ...


class ProjectFiles:
    """Files of a project on disk. Paths never leave ``root``, neither by ``..`` nor by a symbolic link."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def resolve(self, path: str, base: str) -> str:
        """Return ``path`` as one would type it from where the name ``base`` was typed."""
        refuse_url(path)
        return _join(path, base)

    def read(self, path: str, base: str) -> bytes:
        """Return the bytes of ``path``."""
        name = Path(self.resolve(path, base))
        here = Path.cwd()
        try:
            target = ((here if here.is_relative_to(self._root) else self._root) / name).resolve()
        except (OSError, RuntimeError) as error:
            raise FileRefused(f"{path} cannot be followed") from error
        if not target.is_relative_to(self._root):
            raise FileRefused(f"{path} lies outside the project's folder")
        if not target.exists():
            raise FileNotFoundError(path)
        if not target.is_file():
            raise FileRefused(f"{path} is not a regular file")
        if target.stat().st_size > LARGEST:
            raise FileRefused(f"{path} is larger than {LARGEST // 1024 // 1024} MiB")
        return target.read_bytes()


class EmbeddedFiles:
    """Files that a saved plan carries, by the names that they had."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def resolve(self, path: str, base: str) -> str:
        """Return the name that ``path`` had beside ``base``."""
        refuse_url(path)
        return _join(path, base)

    def read(self, path: str, base: str) -> bytes:
        """Return the bytes of ``path``."""
        name = self.resolve(path, base)
        if name not in self._texts:
            raise FileNotFoundError(path)
        return self._texts[name].encode("utf-8")


def _join(path: str, base: str) -> str:
    folder = "" if base.startswith("<") else posixpath.dirname(base.replace("\\", "/"))
    return posixpath.normpath(posixpath.join(folder, path))


def refuse_url(path: str) -> None:
    """Raise FileRefused when ``path`` is no plain relative path."""
    if "://" in path:
        raise FileRefused(f"{path} is an address; only files of the project can be read")
    if "\x00" in path or not path.strip():
        raise FileRefused("this path is empty or holds a NUL character")
    if path.startswith(("/", "~", "\\")) or (len(path) > 1 and path[1] == ":"):
        raise FileRefused(f"{path} is an absolute path; write it relative to the playbook")
