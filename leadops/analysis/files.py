"""The files that a playbook names: read inside the project's root, or out of a saved plan."""

import posixpath
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from leadops.core.project_files import FileRefused, read_inside

__all__ = ["EmbeddedFiles", "FileRefused", "Files", "ProjectFiles", "refuse_url"]


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
    """Files of a project on disk, read through its one door."""

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
        start = here if here.is_relative_to(self._root) else self._root
        return read_inside(self._root, start / name)


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
