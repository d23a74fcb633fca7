"""Safe corrections, applied to a playbook's file: what ``check --fix`` does."""

import os
import stat
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from leadops.cli.source import Source, source_of
from leadops.core.diagnostics import Diagnostic, Edit, Severity
from leadops.core.errors import UsageError
from leadops.core.fast_dataclass import record
from leadops.core.trials import edited

_ROUNDS = 20
"""A correction may uncover the next mistake; after so many rounds something goes in circles."""
_BOM = "\ufeff"
_UNREADABLE = frozenset({"E018", "E019"})
"""Files that were not read as they are, and so cannot be written back."""


@record()
class Fixed:
    """What came of a text.

    Attributes:
        source: the playbook with every safe correction made.
        done: the findings that were corrected, in the order of doing.
    """

    source: Source
    done: tuple[Diagnostic, ...]


def fix_source(source: Source, findings: Callable[[Source], Sequence[Diagnostic]]) -> Fixed:
    """Return ``source`` with its safe corrections made, again and again until nothing is left to correct.

    A round that brings more errors than it found is not kept. ``findings`` says what is wrong with a playbook.
    """
    done: list[Diagnostic] = []
    found = findings(source)
    for _ in range(_ROUNDS):
        if any(d.code in _UNREADABLE for d in found):
            break
        chosen = _chosen(found, source.parsed.file)
        if not chosen:
            break
        text = edited(source.parsed.source, (edit for d in chosen for edit in _edits(d)))
        after = source_of(text, source)
        left = findings(after)
        if _errors(left) > _errors(found):
            break
        source, found = after, left
        done += chosen
    return Fixed(source, tuple(done))


def write_fixed(path: Path, text: str) -> None:
    """Put ``text`` in the place of a file's, whole or not at all; its mode and byte order mark stay.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        marked = path.read_bytes().startswith(_BOM.encode())
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
    write_whole(path, (_BOM if marked else "") + text)


def write_whole(path: Path, text: str) -> None:
    """Put ``text`` in the place of a file's content, whole or not at all; its mode stays.

    Raises:
        UsageError: it cannot be written.
    """
    target = path.resolve()
    try:
        mode = stat.S_IMODE(target.stat().st_mode)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(mode)
            Path(name).replace(target)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


def _chosen(found: Iterable[Diagnostic], file: str) -> list[Diagnostic]:
    """Return findings with a safe correction in ``file``, none of which overlaps another."""
    chosen: list[Diagnostic] = []
    taken: list[Edit] = []
    for diagnostic in found:
        edits = _edits(diagnostic)
        mine = bool(edits) and all(edit.span.file == file for edit in edits)
        if mine and not any(_overlap(a, b) for a in edits for b in taken):
            chosen.append(diagnostic)
            taken += edits
    return chosen


def _edits(diagnostic: Diagnostic) -> tuple[Edit, ...]:
    return diagnostic.fix.edits if diagnostic.fix is not None and diagnostic.fix.safe else ()


def _overlap(a: Edit, b: Edit) -> bool:
    if a.span.start == b.span.start:
        return True
    return a.span.start < b.span.end and b.span.start < a.span.end


def _errors(found: Iterable[Diagnostic]) -> int:
    return sum(d.severity is Severity.ERROR for d in found)
