"""The rows of a CSV file against the step's contract: every mistake names file, row and column."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Literal

from leadops.analysis.context import CellUse, Context
from leadops.analysis.literals import rules
from leadops.analysis.nothing import WORDY
from leadops.analysis.tables import CellText, OpenQuote, Record, delimiter_of, records
from leadops.analysis.targets import Target
from leadops.analysis.values import Converted, Misfit, broken_message, convert, raw
from leadops.core.cells import is_broken_cell, means_nothing
from leadops.core.diagnostics import Diagnostic, Severity
from leadops.core.positions import Span, span_at
from leadops.core.records import record
from leadops.core.suggest import did_you_mean
from leadops.core.text import is_blank
from leadops.model.plan import Row
from leadops.model.schema import FieldType
from leadops.model.values import Comparable, Value, comparable

_MOST = 20
"""Mistakes told of one file; the rest is counted."""

_NOTES = 3
"""Cells of one column of which the same is told without being a mistake."""
_COUNTED = frozenset({FieldType.PHONE, FieldType.NUMBER, FieldType.MONEY, FieldType.RATING})
"""Types whose values can have lost digits; a flat called 3e10 is a text."""
_TEXTS = WORDY | {FieldType.TAGS, FieldType.DROPDOWN}
"""Types that take a word which stands for nothing; the others refuse it."""
_CUT_SHORT = "a spreadsheet has cut it short: format the column as text and export it again"
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d{1,3}")
_ORDERED = re.compile(r"(?!\d{4}-\d{2}-\d{2}(?!\d))\d{1,4}([/. -])\d{1,2}\1\d{1,4}(\s.*)?")
"""A date in an order that somebody has to tell; an ISO day is none."""
_PATTERNS = {"DD": r"(?P<d>\d{1,2})", "MM": r"(?P<m>\d{1,2})", "YYYY": r"(?P<y>\d{4})"}


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


class _Reader:
    """A file being checked."""

    def __init__(self, ctx: Context, contract: Contract, text: str) -> None:
        self._ctx = ctx
        self._contract = contract
        self._text = text
        self._shown = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        self._count = 0
        self._notes: Counter[tuple[str, str]] = Counter()

    def rows(self, uses: Iterable[CellUse]) -> tuple[Row, ...]:
        """Return the rows typed for ``uses``; mistakes have been said."""
        try:
            table = list(records(self._text, delimiter_of(self._text)))
        except OpenQuote as error:
            self._ctx.error(
                "E433",
                f"{self._contract.name}: a quoted cell begins here and is never closed",
                self._span(error.at, error.at + 1),
            )
            return ()
        if not table:
            self._ctx.error("E432", f"{self._contract.name} is empty; it has no header", self._contract.span)
            return ()
        places = self._header(table[0], uses)
        if places is None:
            return ()
        rows: list[Row] = []
        seen: dict[Comparable, int] = {}
        for cells in table[1:]:
            if self._is_whole(cells, table[0]):
                row = self._row(cells, places, list(uses), seen)
                if row is not None:
                    rows.append(row)
        self._rest()
        return tuple(rows)

    def _header(self, header: Record, uses: Iterable[CellUse]) -> Mapping[str, int] | None:
        names = [cell.text for cell in header.cells]
        places = {name: place for place, name in reversed(list(enumerate(names))) if name}
        good = True
        for name in dict.fromkeys(n for n in names if n and names.count(n) > 1):
            cell = header.cells[names.index(name, places[name] + 1)]
            self._say("E432", f"row 1: the column “{name}” stands twice", cell)
            good = False
        wanted = [(use.column, use.span) for use in uses]
        wanted.insert(0, (self._contract.column, self._contract.column_span))
        wanted += [(column, self._contract.span) for column in self._contract.columns or ()]
        for column, span in dict(reversed(wanted)).items():
            if column not in places:
                advice = did_you_mean(column, places) or f"its columns are: {', '.join(places)}"
                self._ctx.error("E432", f"{self._contract.name} has no column “{column}”", span, advice)
                good = False
        if self._contract.columns is not None:
            for extra in [name for name in places if name not in self._contract.columns]:
                cell = header.cells[places[extra]]
                self._say("E432", f"row 1: the column “{extra}” is not one of those agreed", cell)
                good = False
        return places if good else None

    def _is_whole(self, record: Record, header: Record) -> bool:
        if len(record.cells) == len(header.cells):
            return True
        message = f"row {record.line} has {len(record.cells)} cells, the header has {len(header.cells)}"
        self._say("E433", message, record.cells[-1], "put cells that hold the delimiter in double quotes")
        return False

    def _row(
        self,
        record: Record,
        places: Mapping[str, int],
        uses: list[CellUse],
        seen: dict[Comparable, int],
    ) -> Row | None:
        contract = self._contract
        values: dict[tuple[str, str], Value] = {}
        bad = False
        match = CellUse(contract.column, contract.target, contract.span)
        told: set[str] = set()
        for use in (match, *uses):
            cell = record.cells[places[use.column]]
            broken = self._broken(record.line, use, cell)
            if broken or is_blank(cell.text):
                bad = bad or broken
                continue
            if use.column not in told:
                self._tell_nothing(record.line, use, cell)
                told.add(use.column)
            if use.target is None:
                continue
            value = self._value(record.line, use.column, cell, use.target, "test" if use is match else "set")
            bad = bad or value is None
            values[use.column, use.target.name] = value
        key = record.cells[places[contract.column]]
        if is_blank(key.text):
            self._say("E438", f"row {record.line}, column {contract.column}: the key is blank", key)
            return None
        value = values.get((contract.column, contract.target.name))
        if bad or value is None:
            return None
        same = comparable(value, contract.target.type, self._ctx.country_code)
        if same in seen:
            message = (
                f"row {record.line}, column {contract.column}: “{key.text}” stands in row {seen[same]} too"
            )
            self._say("E434", message, key, "keep one row for each lead")
            return None
        seen[same] = record.line
        cells = {name: record.cells[place].text for name, place in places.items()}
        return Row(record.line, cells, values, str(value))

    def _broken(self, line: int, use: CellUse, cell: CellText) -> bool:
        where = f"row {line}, column {use.column}"
        if any(0xDC80 <= ord(char) <= 0xDCFF for char in cell.text):
            advice = "save the file as UTF-8 (in a spreadsheet: CSV UTF-8)"
            self._say("E431", f"{where}: a byte that is not UTF-8", cell, advice)
            return True
        if use.target is not None or not is_broken_cell(cell.text):
            return False
        mild = self._ctx.unchecked
        message = broken_message(cell.text, "a text is made of it")
        self._say("E440", f"{where}: {message}", cell, "correct the formula", mild=mild)
        return not mild

    def _tell_nothing(self, line: int, use: CellUse, cell: CellText) -> None:
        labels = use.target.labels if use.target is not None else ()
        texts = use.target is None or use.target.type in _TEXTS
        if not texts or cell.text in labels or not means_nothing(cell.text):
            return
        message = f"“{cell.text}” stands for nothing as a rule; here it is a text"
        misfit = Misfit("W141", message, "leave the cell blank to leave the field as it is", harmless=True)
        self._note(misfit, use.column, f"row {line}, column {use.column}", cell)

    def _value(
        self, line: int, column: str, cell: CellText, target: Target, use: Literal["test", "set"]
    ) -> Value:
        where = f"row {line}, column {column}"
        text = cell.text
        if target.type is FieldType.DATE:
            order = self._contract.dates
            iso = read_date(text, order) if order is not None else None
            if iso is None and _ORDERED.fullmatch(text):
                if order is None:
                    advice = 'say which it is, in the braces after the file: dates are "DD/MM/YYYY"'
                    self._say("E436", f"{where}: “{text}” can be read in two ways", cell, advice)
                else:
                    self._say("E437", f"{where}: “{text}” is not a date in the order {order}", cell)
                return None
            text = iso or text
        converted = self._convert(text, target, use)
        for misfit in converted.misfits:
            if misfit.harmless:
                self._note(misfit, column, where, cell)
                continue
            mild = self._ctx.unchecked
            if _SCIENTIFIC.fullmatch(text) and target.type in _COUNTED:
                self._say("E435", f"{where}: “{text}” has lost its digits", cell, _CUT_SHORT, mild=mild)
            else:
                code = misfit.code if misfit.code == "E440" else "E437"
                self._say(code, f"{where}: {misfit.message}", cell, misfit.help, mild=mild)
        if converted.value is None and self._ctx.unchecked:
            return raw(text, "string", target)
        return converted.value

    def _convert(self, text: str, target: Target, use: Literal["test", "set"]) -> Converted:
        how = rules(self._ctx, use)
        if target.type is not FieldType.TAGS or text in target.labels:
            return convert(text, target, how)
        parts = [convert(part, target, how) for part in re.split(r"[;,]", text) if part.strip()]
        tags = [str(tag) for part in parts if isinstance(part.value, tuple) for tag in part.value]
        return Converted(tuple(dict.fromkeys(tags)), tuple(m for part in parts for m in part.misfits))

    def _note(self, misfit: Misfit, column: str, where: str, cell: CellText) -> None:
        """Tell of a cell that is usable as it was understood; of many such in one column, the first few."""
        self._notes[misfit.code, column] += 1
        if self._notes[misfit.code, column] <= _NOTES:
            self._say(misfit.code, f"{where}: {misfit.message}", cell, misfit.help, mild=True)

    def _rest(self) -> None:
        """Count what was not told."""
        name, span = self._contract.name, self._contract.span
        for (code, column), count in self._notes.items():
            if count > _NOTES:
                message = f"{name}, column {column}: {count - _NOTES:,} more cells like this"
                self._ctx.warning(code, message, span)
        if self._count > _MOST:
            self._ctx.error("E437", f"{name}: {self._count - _MOST:,} more mistakes of these kinds", span)

    def _span(self, start: int, end: int) -> Span:
        return span_at(self._shown, start, end, self._contract.name)

    def _say(self, code: str, message: str, cell: CellText, help: str = "", *, mild: bool = False) -> None:
        self._count += not mild
        if self._count > _MOST:
            return
        severity = Severity.WARNING if mild else Severity.ERROR
        span = self._span(cell.start, max(cell.end, cell.start + 1))
        self._ctx.findings.add(Diagnostic(code, severity, f"{self._contract.name}, {message}", span, help))


def read_rows(ctx: Context, contract: Contract, data: bytes, uses: Iterable[CellUse]) -> tuple[Row, ...]:
    """Return the rows of a CSV file, typed for their uses; what is wrong in it has been said."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\x00" in data:
        message = f"{contract.name} is not a text in UTF-8 (it may be UTF-16, or a spreadsheet's own format)"
        ctx.error("E431", message, contract.span, "save it as CSV UTF-8")
        return ()
    text = data.decode("utf-8-sig", "surrogateescape")
    reader = _Reader(ctx, contract, text)
    ctx.sources[contract.name] = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return reader.rows(tuple(uses))


def date_pattern(order: str) -> re.Pattern[str] | None:
    """Return what matches a date in ``order`` (``DD/MM/YYYY``); None when the order names no date."""
    if not re.fullmatch(r"(DD|MM|YYYY)([/.\- ])(DD|MM|YYYY)\2(DD|MM|YYYY)", order):
        return None
    if any(order.count(token) != 1 for token in _PATTERNS):
        return None
    pattern = re.escape(order)
    for token, part in _PATTERNS.items():
        pattern = pattern.replace(token, part)
    return re.compile(pattern + r"(?:[ T](?P<time>\d{2}:\d{2}(:\d{2})?))?")


def read_date(text: str, order: str) -> str | None:
    """Return ``text`` in ISO, read in the declared ``order``; None when it is no such date."""
    pattern = date_pattern(order)
    found = pattern.fullmatch(text) if pattern else None
    if found is None:
        return None
    day = f"{found['y']}-{found['m']:0>2}-{found['d']:0>2}"
    return f"{day}T{found['time']}" if found["time"] else day
