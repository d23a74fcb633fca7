"""A diagnostic as text for people: the place, the line with a caret under it, the reason, the way out."""

import unicodedata

from leadops.core.diagnostics import Diagnostic
from leadops.core.positions import Span
from leadops.core.text import visible

_WIDTH = 110
"""Columns of an excerpt where nobody says how many there are."""
_JOINER, _EMOJI = "\u200d", "\ufe0f"


def render(diagnostic: Diagnostic, text: str | None, *, width: int = _WIDTH) -> str:
    """Return ``diagnostic`` as lines of text; ``text`` is the source it points into, if it is at hand.

    The excerpt is no wider than ``width``, so that its caret stays below what it points at.
    """
    span = diagnostic.span
    where = f"{visible(span.file)}:{span.line}:{span.column}: " if span else ""
    lines = [f"{where}{diagnostic.severity}[{diagnostic.code}]: {visible(diagnostic.message)}"]
    if span and text is not None:
        lines += _caret(text, span, width)
    if diagnostic.help:
        lines.append(
            "  = help: " + visible(diagnostic.help, keep_newlines=True).replace("\n", "\n          ")
        )
    fix = diagnostic.fix
    if fix is not None and fix.safe:
        lines.append(f"  = fix: {visible(fix.title)} (check --fix does it)")
    elif fix is not None and not any(edit.text.strip(' "') in diagnostic.help for edit in fix.edits):
        lines.append(f"  = advice: {visible(fix.title)}")
    return "\n".join(lines)


def _caret(text: str, span: Span, width: int) -> list[str]:
    source = text.split("\n")
    if not 1 <= span.line <= len(source):
        return []
    row = source[span.line - 1].rstrip("\r")
    start = span.column - 1
    stop = max(span.end_column - 1 if span.end_line == span.line else len(row), start)
    gutter = str(span.line)
    room = max(20, width - len(gutter) - 5)  # " | " and an ellipsis at either end
    first = _begin(row, start, room) if cells(visible(row)) > room else 0
    shown = _fitting(row[first:], room)
    before, under = row[first:start], row[start : min(stop, first + len(shown))]
    head = "…" if first else ""
    tail = "…" if first + len(shown) < len(row) else ""
    pad = " " * (cells(visible(before)) + len(head))
    carets = "^" * max(1, cells(visible(under)))
    blank = " " * len(gutter)
    return [f"{blank} |", f"{gutter} | {head}{visible(shown)}{tail}", f"{blank} | {pad}{carets}"]


def _begin(row: str, start: int, room: int) -> int:
    """Return where a long row's excerpt begins: half its room in front of what is pointed at."""
    first, used = start, 0
    while first and used < room // 2:
        first -= 1
        used += cells(visible(row[first]))
    return first


def _fitting(text: str, room: int) -> str:
    """Return the beginning of ``text`` that fits into ``room`` cells."""
    used = 0
    for at, char in enumerate(text):
        used += cells(visible(char))
        if used > room:
            return text[:at]
    return text


def cells(text: str) -> int:
    """Return how many terminal cells ``text`` takes: wide characters two, marks and what is joined to an emoji none.

    Where terminals differ (a heart that is to be drawn as an emoji) it is the larger number: a line may be short.
    """
    if text.isascii():
        return len(text)
    total = last = 0
    joined = False
    for char in text:
        if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me", "Cf"}:
            if char == _EMOJI and last == 1:
                total, last = total + 1, 2
            joined = char == _JOINER and last == 2
            continue
        last = 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
        total += 0 if joined and last == 2 else last
        joined = False
    return total
