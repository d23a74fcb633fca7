"""What is wrong in a CSV file, told at its places: the first few mistakes, and how many more there are."""

from collections import Counter

from leadops.analysis.context import Context
from leadops.analysis.tables import CellText
from leadops.core.diagnostics import Diagnostic, Severity
from leadops.core.positions import Span, span_at

_MOST = 20
"""Mistakes told of one file; the rest is counted."""
_NOTES = 3
"""Cells of one column of which the same is told without being a mistake."""


class Mistakes:
    """The mistakes of one file.

    Attributes:
        shown: the file's text, as it is shown.
    """

    def __init__(self, ctx: Context, name: str, span: Span, shown: str) -> None:
        """Take the file's ``name`` and text, and where the playbook names it."""
        self.shown = shown
        self._ctx = ctx
        self._name = name
        self._span = span
        self._count = 0
        self._notes: Counter[tuple[str, str]] = Counter()

    def say(self, code: str, message: str, cell: CellText, help: str = "") -> None:
        """Tell of a mistake at ``cell``; of many, the first."""
        self._count += 1
        if self._count <= _MOST:
            self._add(code, Severity.ERROR, message, cell, help)

    def note(self, code: str, column: str, message: str, cell: CellText, help: str = "") -> None:
        """Tell of a cell that is used as it was understood; of many such in one column, the first few."""
        self._notes[code, column] += 1
        if self._notes[code, column] <= _NOTES:
            self._add(code, Severity.WARNING, message, cell, help)

    def of_file(self, code: str, message: str, help: str = "", span: Span | None = None) -> None:
        """Tell what is wrong with the file as a whole, where the playbook names it."""
        self._ctx.error(code, f"{self._name} {message}", span or self._span, help)

    def open_quote(self, at: int) -> None:
        """Tell of a quoted cell that never ends."""
        message = f"{self._name}: a quoted cell begins here and is never closed"
        self._ctx.error("E433", message, span_at(self.shown, at, at + 1, self._name))

    def count_rest(self) -> None:
        """Tell how many were not told."""
        for (code, column), count in self._notes.items():
            if count > _NOTES:
                message = f"{self._name}, column {column}: {count - _NOTES:,} more cells like this"
                self._ctx.warning(code, message, self._span)
        if self._count > _MOST:
            message = f"{self._name}: {self._count - _MOST:,} more mistakes of these kinds"
            self._ctx.error("E437", message, self._span)

    def _add(self, code: str, severity: Severity, message: str, cell: CellText, help: str) -> None:
        span = span_at(self.shown, cell.start, max(cell.end, cell.start + 1), self._name)
        self._ctx.findings.add(Diagnostic(code, severity, f"{self._name}, {message}", span, help))
