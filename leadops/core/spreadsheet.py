"""The one form in which a value stands in a cell of a CSV file that people open in a spreadsheet."""

import re

from leadops.core.text import visible

_LINE_END = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_FORMULA = re.compile(
    r"(?:^|(?<=;))(?=\s*[=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212])", re.MULTILINE
)
"""Where a spreadsheet may begin to compute: at a sign, wide, small or plain, be it behind blanks.

In a line's beginning, and behind a semicolon: where that parts cells, a file with commas is cut there, quotes or not.
"""
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")


def cell(value: object) -> str:
    r"""Return the text of a cell that shows what ``value`` is and that no spreadsheet computes.

    Control, bidi and invisible characters are made visible; line ends become line feeds. In front of whatever
    could be a formula stands a TAB. A number with its sign, which includes a phone with its plus, stays as it is:
    it is a value for every spreadsheet. None is an empty cell. A cell is safe inside quotes only.

    >>> cell("=1+1"), cell("-5.20"), cell("+919876543210"), cell("a\x1b")
    ('\t=1+1', '-5.20', '+919876543210', 'a\\e')
    """
    text = "" if value is None else str(value)
    if _NUMBER.fullmatch(text) or (text.isascii() and text.isalnum()):
        return text
    shown = visible(_LINE_END.sub("\n", text), keep_newlines=True)
    return _FORMULA.sub("\t", shown)


def quoted(value: object) -> str:
    """Return a cell in its quotes."""
    return '"' + cell(value).replace('"', '""') + '"'
