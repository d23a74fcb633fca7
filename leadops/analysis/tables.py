"""CSV text as cells that know where they stand."""

import re
from collections.abc import Iterator
from functools import cache

from leadops.core.fast_dataclass import record

DELIMITERS = (",", ";", "\t")
MOST_COLUMNS = 16_384
"""Cells that a row may have: what a sheet of the common spreadsheets holds."""


class OpenQuote(ValueError):  # noqa: N818 (says what was found)
    """A quoted cell that never ends; ``at`` is the offset of its quote."""

    def __init__(self, at: int) -> None:
        super().__init__("a quoted cell is not closed")
        self.at = at


class TooWide(ValueError):  # noqa: N818 (says what was found)
    """A row of more cells than a spreadsheet holds; ``line`` is the one on which it begins."""

    def __init__(self, line: int) -> None:
        super().__init__(f"the row has more than {MOST_COLUMNS:,} cells")
        self.line = line


@record()
class CellText:
    """A cell: its text, trimmed and unquoted, and its offsets in the file's text."""

    text: str
    start: int
    end: int


@record()
class Record:
    """A row of cells; ``line`` is the line on which it begins, the header's being 1."""

    line: int
    cells: tuple[CellText, ...]


def delimiter_of(text: str) -> str:
    """Return the delimiter of the header's line: the commonest of comma, semicolon and tab; else the comma."""
    header = text.lstrip("\r\n").split("\n", 1)[0]
    return max(DELIMITERS, key=lambda delimiter: (header.count(delimiter), delimiter == ","))


def records(text: str, delimiter: str) -> Iterator[Record]:
    """Yield the rows of ``text`` that hold anything, the header first; raises OpenQuote and TooWide."""
    at, line = 0, 1
    cells: list[CellText] = []
    begins = 1
    while at < len(text):
        cell, stop = _cell(text, at, delimiter)
        cells.append(cell)
        if len(cells) > MOST_COLUMNS:
            raise TooWide(begins)
        line += text.count("\n", at, stop)
        at = stop
        if at < len(text) and text[at] == delimiter:
            at += 1
            if at == len(text):
                cells.append(CellText("", at, at))
            else:
                continue
        at += 1 + text.startswith("\r\n", at)
        line += 1
        if any(cell.text for cell in cells) or len(cells) > 1:
            yield Record(begins, tuple(cells))
        cells, begins = [], line


def _cell(text: str, at: int, delimiter: str) -> tuple[CellText, int]:
    """Return the cell that begins at ``at``, and the offset of the delimiter or line break after it."""
    begin = at
    while at < len(text) and text[at] in " \t" and text[at] != delimiter:
        at += 1
    if at < len(text) and text[at] == '"':
        parts: list[str] = []
        quote = at
        while True:
            close = text.find('"', at + 1)
            if close < 0:
                raise OpenQuote(quote)
            parts.append(text[at + 1 : close])
            at = close + 1
            if not text.startswith('"', at):
                break
        stop = _stop(text, at, delimiter)
        return CellText(('"'.join(parts) + text[at:stop].rstrip()).strip(), quote, at), stop
    stop = _stop(text, at, delimiter)
    return CellText(text[at:stop].strip(), begin, stop), stop


@cache
def _end(delimiter: str) -> re.Pattern[str]:
    """Return what ends a cell that is not quoted."""
    return re.compile(rf"[\r\n{re.escape(delimiter)}]")


def _stop(text: str, at: int, delimiter: str) -> int:
    found = _end(delimiter).search(text, at)
    return found.start() if found else len(text)
