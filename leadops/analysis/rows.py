"""The rows of a CSV file against the step's contract: every mistake names file, row and column."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Literal

from leadops.analysis.context import CellUse, Context
from leadops.analysis.row_mistakes import Mistakes
from leadops.analysis.row_values import CellReader
from leadops.analysis.tables import MOST_COLUMNS, OpenQuote, Record, TooWide, delimiter_of, records
from leadops.analysis.targets import Target
from leadops.core.did_you_mean import did_you_mean
from leadops.core.fast_dataclass import record
from leadops.core.positions import Span
from leadops.core.text import is_blank
from leadops.model.plan import Row
from leadops.model.values import Comparable, Value, comparable

MOST_ROWS = 1_048_576
"""Rows that a file may have: what a sheet of the common spreadsheets holds."""
_NAMED = 30
"""Columns of a file that are named when one is missing."""


@record()
class Contract:
    """What the playbook says of its CSV file.

    Attributes:
        column, target: what a row's lead is matched by.
        dates: the declared order, ``DD/MM/YYYY``; None: ISO only.
        columns: those that the file must have, and no others; None: not stated.
    """

    name: str
    column: str
    target: Target
    span: Span
    column_span: Span
    dates: str | None = None
    columns: tuple[str, ...] | None = None


class _Used:
    """A column that is used, where it stands, and under what its values are kept: one object for all rows."""

    __slots__ = ("key", "place", "use")

    def __init__(self, place: int, use: CellUse) -> None:
        self.place = place
        self.use = use
        self.key = (use.column, use.target.name if use.target else "")


class _Reader:
    """A file being checked."""

    def __init__(self, ctx: Context, contract: Contract, text: str, shown: str) -> None:
        self._ctx = ctx
        self._contract = contract
        self._text = text
        self._mistakes = Mistakes(ctx, contract.name, contract.span, shown)
        self._cells = CellReader(ctx, self._mistakes, contract.dates, undecodable=text is not shown)

    def rows(self, uses: Sequence[CellUse]) -> tuple[Row, ...]:
        """Return the rows typed for ``uses``; mistakes have been said."""
        try:
            return self._read(records(self._text, delimiter_of(self._text)), uses)
        except OpenQuote as error:
            self._mistakes.open_quote(error.at)
        except TooWide as error:
            self._too_large(f"has more than {MOST_COLUMNS:,} columns in row {error.line:,}")
        return ()

    def _read(self, table: Iterator[Record], uses: Sequence[CellUse]) -> tuple[Row, ...]:
        header = next(table, None)
        if header is None:
            self._mistakes.of_file("E432", "is empty; it has no header")
            return ()
        places = self._header(header, uses)
        if places is None:
            return ()
        match = CellUse(self._contract.column, self._contract.target, self._contract.span)
        self._ctx.step.columns = tuple(places)
        used = [_Used(places[use.column], use) for use in (match, *uses)]
        rows: list[Row] = []
        seen: dict[Comparable, int] = {}
        for line in islice(table, MOST_ROWS):
            if len(line.cells) == len(header.cells):
                row = self._row(line, used, seen)
                if row is not None:
                    rows.append(row)
            else:
                self._ragged(line, header)
        if next(table, None) is not None:
            self._too_large(f"has more than {MOST_ROWS:,} rows")
        self._mistakes.count_rest()
        return tuple(rows)

    def _header(self, header: Record, uses: Sequence[CellUse]) -> Mapping[str, int] | None:
        contract = self._contract
        names = [cell.text for cell in header.cells]
        places = {name: place for place, name in reversed(list(enumerate(names))) if name}
        good = True
        for name in [name for name, count in Counter(names).items() if name and count > 1]:
            cell = header.cells[names.index(name, places[name] + 1)]
            self._mistakes.say("E432", f"row 1: the column “{name}” stands twice", cell)
            good = False
        wanted = [(contract.column, contract.column_span), *((use.column, use.span) for use in uses)]
        wanted += [(column, contract.span) for column in contract.columns or ()]
        for column, span in dict(reversed(wanted)).items():
            if column not in places:
                advice = did_you_mean(column, places) or _columns(places)
                self._mistakes.of_file("E432", f"has no column “{column}”", advice, span)
                good = False
        if contract.columns is not None:
            agreed = frozenset(contract.columns)
            for extra in [name for name in places if name not in agreed]:
                cell = header.cells[places[extra]]
                self._mistakes.say("E432", f"row 1: the column “{extra}” is not one of those agreed", cell)
                good = False
        if not good:
            self._mistakes.count_rest()
        return places if good else None

    def _ragged(self, record: Record, header: Record) -> None:
        message = f"row {record.line} has {len(record.cells)} cells, the header has {len(header.cells)}"
        advice = "put cells that hold the delimiter in double quotes"
        self._mistakes.say("E433", message, record.cells[-1], advice)

    def _too_large(self, message: str) -> None:
        self._mistakes.of_file(
            "E441", message, "it is more than a spreadsheet holds: make several files of it"
        )

    def _row(self, record: Record, used: Sequence["_Used"], seen: dict[Comparable, int]) -> Row | None:
        """Return a row typed for its uses, the first of which is the key; None after saying what is wrong with it."""
        contract = self._contract
        values: dict[tuple[str, str], Value] = {}
        cells: dict[str, str] = {}
        bad = False
        for each in used:
            use, cell = each.use, record.cells[each.place]
            first = use.column not in cells
            cells[use.column] = cell.text
            broken = self._cells.is_broken(record.line, use, cell)
            if broken or is_blank(cell.text):
                bad = bad or broken
                continue
            if first:
                self._cells.tell_nothing(record.line, use, cell)
            if use.target is None:
                continue
            purpose: Literal["test", "set"] = "test" if each is used[0] else "set"
            value = self._cells.value(record.line, use.column, cell, use.target, purpose)
            bad = bad or value is None
            values[each.key] = value
        key = record.cells[used[0].place]
        if is_blank(key.text):
            where = f"row {record.line}, column {contract.column}"
            self._mistakes.say("E438", f"{where}: the key is blank", key)
            return None
        value = values.get((contract.column, contract.target.name))
        if bad or value is None:
            return None
        same = comparable(value, contract.target.type, self._ctx.country_code)
        if same in seen:
            where = f"row {record.line}, column {contract.column}"
            message = f"{where}: “{key.text}” stands in row {seen[same]} too"
            self._mistakes.say("E434", message, key, "keep one row for each lead")
            return None
        seen[same] = record.line
        return Row(record.line, cells, values, str(value))


def read_rows(ctx: Context, contract: Contract, data: bytes, uses: Iterable[CellUse]) -> tuple[Row, ...]:
    """Return the rows of a CSV file, typed for their uses; what is wrong in it has been said."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\x00" in data:
        message = f"{contract.name} is not a text in UTF-8 (it may be UTF-16, or a spreadsheet's own format)"
        ctx.error("E431", message, contract.span, "save it as CSV UTF-8")
        return ()
    try:
        text = shown = data.decode("utf-8-sig")
    except UnicodeDecodeError:  # told of at each of its cells that is used
        text = data.decode("utf-8-sig", "surrogateescape")
        shown = re.sub("[\udc80-\udcff]", "\ufffd", text)
    ctx.sources[contract.name] = shown
    return _Reader(ctx, contract, text, shown).rows(tuple(uses))


def _columns(places: Mapping[str, int]) -> str:
    rest = len(places) - _NAMED
    named = ", ".join(islice(places, _NAMED))
    return f"its columns are: {named}" + (f" and {rest:,} more" if rest > 0 else "")
