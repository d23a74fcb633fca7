"""What a run's folder knows of the journal: how far its history had come when the run last wrote into it.

A journal that does not hold that mark was put back from an older copy, or is another's. The mark is rewritten in place
after each commit and never synced: it may claim less than the journal has, never more. After a power cut it may have
missed the last commits; so what was left before this machine was started proves nothing of them.
"""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_FILE = "journal-mark.json"
_LENGTH = 1024
"""Bytes of the file, whatever it says: it is written at once, over what was there."""
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Left:
    """A mark that was left.

    Attributes:
        workspace: the enterprise id.
        boot: which start of the machine it was left in; empty where the system does not tell.
        mark: as ``state.journal_reading.mark_of`` writes it.
    """

    workspace: str
    boot: str
    mark: str


class MarkFile:
    """The file of one run folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _FILE
        self._number: int | None = None
        self._boot = this_boot()

    def write(self, workspace: str, mark: str) -> None:
        """Write ``mark``. Where that is impossible the old one stays, or none: the next run looks the more closely."""
        said = {"format_version": 1, "workspace": workspace, "boot": self._boot, "mark": mark}
        text = json.dumps(said).encode()
        with suppress(OSError):
            os.pwrite(self._opened(), text.ljust(_LENGTH - 1) + b"\n", 0)

    def close(self) -> None:
        """Let go of the file."""
        if self._number is not None:
            os.close(self._number)
            self._number = None

    def _opened(self) -> int:
        if self._number is None:
            flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            self._number = os.open(self._path, flags, 0o600)
        return self._number


def read_left(folder: Path) -> Left | None:
    """Return what was left in ``folder``; None where nothing was, or nothing that can be read."""
    try:
        said = json.loads((folder / _FILE).read_text("utf-8"))
        left = Left(said["workspace"], said["boot"], said["mark"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return left if all(isinstance(one, str) for one in (left.workspace, left.boot, left.mark)) else None


def marks_below(root: Path, workspace: str) -> tuple[str, ...]:
    """Return the marks that the workspace's runs left in the folders below ``root``, each once."""
    return tuple(dict.fromkeys(left.mark for left in _below(root) if left.workspace == workspace))


def this_boot() -> str:
    """Return what names this start of the machine; empty where the system does not tell."""
    try:
        return _BOOT.read_text("ascii").strip()
    except (OSError, ValueError):
        return ""


def _below(root: Path) -> Iterator[Left]:
    try:
        folders = sorted(one for one in root.iterdir())
    except OSError:
        return
    for folder in folders:
        left = read_left(folder)
        if left is not None:
            yield left
