"""The text of a file that a person brings: saved by a spreadsheet, an export, an editor of any system."""

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How .xlsx and .xls files begin."""
_SEPARATOR = re.compile(r"\"?sep=([^\r\n\"]?)\"?(?:\r\n|\r|\n|\Z)", re.IGNORECASE)
HELP = "save it as text in UTF-8 (in a spreadsheet: CSV UTF-8)"


class NotText(ValueError):  # noqa: N818 (says what was found)
    """Bytes that are no text of a known encoding; the message says why."""


def incoming_text(data: bytes) -> str:
    """Return the text of ``data``: UTF-8, or UTF-16 and UTF-32 by their byte order mark; the mark is left out.

    Raises:
        NotText: it is a workbook, or in another encoding.
    """
    if data.startswith(_WORKBOOKS):
        raise NotText("it is a workbook, not a text")
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise NotText(f"it is not {encoding[:6].upper()}: byte {error.start} cannot be decoded") from error
    if "\x00" in text:
        raise NotText("it holds NUL characters: it may be UTF-16 without a byte order mark")
    return text.rstrip("\x1a")  # with which a text of DOS ends


def separator_line(text: str) -> tuple[str, str, int]:
    """Return what Excel's first line ``sep=;`` says, the text behind that line, and how many lines it was (0 or 1).

    Without such a line the separator is empty and the text as it is.
    """
    found = _SEPARATOR.match(text)
    return ("", text, 0) if found is None else (found[1], text[found.end() :], 1)
