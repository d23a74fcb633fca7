"""A diagnostic as text for people: the place, the line with a caret under it, the reason, the way out."""

import unicodedata

from leadops.core.diagnostics import Diagnostic
from leadops.core.text import visible

_WIDTH = 100


def render(diagnostic: Diagnostic, text: str | None) -> str:
    """Return ``diagnostic`` as lines of text; ``text`` is the source it points into, if it is at hand."""
    span = diagnostic.span
    where = f"{visible(span.file)}:{span.line}:{span.column}: " if span else ""
    lines = [f"{where}{diagnostic.severity}[{diagnostic.code}]: {visible(diagnostic.message)}"]
    if span and text is not None:
        lines += _caret(text, span.line, span.column, span.end_line, span.end_column)
    if diagnostic.help:
        lines.append(
            "  = help: " + visible(diagnostic.help, keep_newlines=True).replace("\n", "\n          ")
        )
    if diagnostic.fix:
        lines.append(f"  = fix: {visible(diagnostic.fix.title)}")
    return "\n".join(lines)


def _caret(text: str, line: int, column: int, end_line: int, end_column: int) -> list[str]:
    source = text.split("\n")
    if not 1 <= line <= len(source):
        return []
    row = source[line - 1].rstrip("\r")
    stop = end_column if end_line == line else len(row) + 1
    start = column - 1
    offset = max(0, start - _WIDTH // 2) if len(row) > _WIDTH else 0
    before, under = row[offset:start], row[start : max(stop - 1, start)]
    head = "…" if offset else ""
    tail = "…" if len(row) > offset + _WIDTH else ""
    shown = head + visible(row[offset : offset + _WIDTH]) + tail
    pad = " " * (cells(visible(before)) + len(head))
    carets = "^" * max(1, min(cells(visible(under)), _WIDTH))
    gutter = str(line)
    blank = " " * len(gutter)
    return [f"{blank} |", f"{gutter} | {shown}", f"{blank} | {pad}{carets}"]


def cells(text: str) -> int:
    """Return how many terminal cells ``text`` takes: wide characters two, combining marks none."""
    return sum(
        0
        if unicodedata.combining(c) or unicodedata.category(c) in {"Mn", "Me", "Cf"}
        else 2
        if unicodedata.east_asian_width(c) in {"W", "F"}
        else 1
        for c in text
    )
