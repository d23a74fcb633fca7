"""Cells of a CSV file as typed values, and what is wrong with them."""

import re

from leadops.analysis.context import CellUse, Context
from leadops.analysis.date_order import needs_order, read_date
from leadops.analysis.literals import rules
from leadops.analysis.nothing import WORDY
from leadops.analysis.row_mistakes import Mistakes
from leadops.analysis.tables import CellText
from leadops.analysis.targets import Target
from leadops.analysis.values import Converted, Misfit, Use, broken_message, convert, raw
from leadops.core.cells import is_broken_cell, means_nothing
from leadops.core.fast_dataclass import record
from leadops.model.schema import FieldType
from leadops.model.values import Value

_COUNTED = frozenset({FieldType.PHONE, FieldType.NUMBER, FieldType.MONEY, FieldType.RATING})
"""Types whose values can have lost digits; a flat called 3e10 is a text."""
_TEXTS = WORDY | {FieldType.TAGS, FieldType.DROPDOWN}
"""Types that take a word which stands for nothing; the others refuse it."""
_CUT_SHORT = "a spreadsheet has cut it short: format the column as text and export it again"
_LEFT_BLANK = "leave the cell blank to leave the field as it is"
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d{1,3}")


@record()
class CellReader:
    """How the cells of one file are read.

    Attributes:
        dates: the declared order of dates; None: ISO only.
        undecodable: whether the file holds bytes that are not UTF-8, as lone surrogates.
    """

    ctx: Context
    mistakes: Mistakes
    dates: str | None
    undecodable: bool

    def is_broken(self, line: int, use: CellUse, cell: CellText) -> bool:
        """Say what no value can be made of, whatever the cell is used for; return whether it is that."""
        where = f"row {line}, column {use.column}"
        if self.undecodable and any(0xDC80 <= ord(char) <= 0xDCFF for char in cell.text):
            advice = "save the file as UTF-8 (in a spreadsheet: CSV UTF-8)"
            self.mistakes.say("E431", f"{where}: a byte that is not UTF-8", cell, advice)
            return True
        if use.target is not None or not is_broken_cell(cell.text):
            return False
        message = f"{where}: {broken_message(cell.text, 'a text is made of it')}"
        self._mistake("E440", use.column, message, cell, "correct the formula")
        return not self.ctx.unchecked

    def tell_nothing(self, line: int, use: CellUse, cell: CellText) -> None:
        """Warn of a word that stands for no value, where it is a text."""
        labels = use.target.labels if use.target is not None else ()
        texts = use.target is None or use.target.type in _TEXTS
        if not texts or not means_nothing(cell.text) or cell.text in labels:
            return
        message = (
            f"row {line}, column {use.column}: “{cell.text}” stands for nothing as a rule; here it is a text"
        )
        self.mistakes.note("W141", use.column, message, cell, _LEFT_BLANK)

    def value(self, line: int, column: str, cell: CellText, target: Target, use: Use) -> Value:
        """Return the cell as ``target`` takes it; None after saying why it does not."""
        where = f"row {line}, column {column}"
        text = cell.text
        if target.type is FieldType.DATE:
            iso = read_date(text, self.dates) if self.dates is not None else None
            if iso is None and needs_order(text):
                self._misread(where, cell)
                return None
            text = iso or text
        converted = self._convert(text, target, use)
        for misfit in converted.misfits:
            self._tell(misfit, target, column, where, cell)
        if converted.value is None and self.ctx.unchecked:
            return raw(text, "string", target)
        return converted.value

    def _convert(self, text: str, target: Target, use: Use) -> Converted:
        how = rules(self.ctx, use)
        if target.type is not FieldType.TAGS or text in target.labels:
            return convert(text, target, how)
        parts = [convert(part, target, how) for part in re.split(r"[;,]", text) if part.strip()]
        tags = [str(tag) for part in parts if isinstance(part.value, tuple) for tag in part.value]
        return Converted(tuple(dict.fromkeys(tags)), tuple(m for part in parts for m in part.misfits))

    def _tell(self, misfit: Misfit, target: Target, column: str, where: str, cell: CellText) -> None:
        message = f"{where}: {misfit.message}"
        if misfit.harmless:
            self.mistakes.note(misfit.code, column, message, cell, misfit.help)
        elif target.type in _COUNTED and _SCIENTIFIC.fullmatch(cell.text):
            self._mistake("E435", column, f"{where}: “{cell.text}” has lost its digits", cell, _CUT_SHORT)
        else:
            code = misfit.code if misfit.code == "E440" else "E437"
            self._mistake(
                code, column, message, cell, _LEFT_BLANK if means_nothing(cell.text) else misfit.help
            )

    def _misread(self, where: str, cell: CellText) -> None:
        if self.dates is None:
            advice = 'say which it is, in the braces after the file: dates are "DD/MM/YYYY"'
            self.mistakes.say("E436", f"{where}: “{cell.text}” can be read in two ways", cell, advice)
        else:
            self.mistakes.say("E437", f"{where}: “{cell.text}” is not a date in the order {self.dates}", cell)

    def _mistake(self, code: str, column: str, message: str, cell: CellText, help: str) -> None:
        """Tell of a value that does not fit; under ``--unchecked`` it is sent all the same."""
        if self.ctx.unchecked:
            self.mistakes.note(code, column, message, cell, help)
        else:
            self.mistakes.say(code, message, cell, help)
