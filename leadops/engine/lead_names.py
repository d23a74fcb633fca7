"""A lead's name as people write it, its id or its identifier, and the one key of all spellings."""

import re
import unicodedata

from leadops.core.cells import is_broken_cell
from leadops.core.text import is_hidden
from leadops.model.phones import named_phone
from leadops.model.schema import Field, FieldType
from leadops.model.values import number
from leadops.planner.lookup import canonical

_ID = re.compile(r"[0-9a-fA-F]{24}")
_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s.,;]+")
_PREFIX = re.compile(r"(?:p|tel|ph|phone|mobile|whatsapp|mailto)\s*:\s*", re.IGNORECASE)
_HYPHENS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
_FIRST = re.compile(r"[^,;|\t]*")


def is_id(text: str) -> bool:
    """Whether ``text`` has the form of a lead's id: 24 hex digits."""
    return _ID.fullmatch(text) is not None


def is_broken(text: str) -> bool:
    """Whether ``text`` begins with a cell that a spreadsheet could not compute, such as #N/A; a row of # is a line."""
    found = _FIRST.match(text)
    cell = found[0] if found else ""
    return is_broken_cell(cell) and bool(cell.strip("# \t\r\n"))


def tidied(text: str) -> str:
    """Return a name without what people's tools add to it: invisible marks, quotes, `tel:`, the ``=`` of a formula."""
    shown = "".join(
        char for char in unicodedata.normalize("NFKC", text) if not is_hidden(char) or char.isspace()
    )
    shown = "".join(str(unicodedata.decimal(char, char)) for char in shown.translate(_HYPHENS))
    shown = " ".join(shown.split())
    if shown.startswith('="') and shown.endswith('"'):
        shown = shown[1:]
    shown = shown.removeprefix("'").strip('"').strip()
    return _PREFIX.sub("", shown, count=1) if _PREFIX.match(shown) else shown


def lead_key(text: str, by: Field, country_code: str) -> str | None:
    """Return the key of a lead's name: equal for all spellings of it; None when it is neither id nor identifier.

    ``by`` is the field that names a lead. A phone of another form than the workspace's is none: a letter, a slash or
    a digit too few would name somebody else, or nobody.
    """
    name = text if text.isascii() and text.isdigit() else tidied(text)
    if not name or is_broken(name):
        return None
    if is_id(name):
        return name.lower()
    if by.type is FieldType.PHONE:
        return named_phone(text, country_code)
    if by.type is FieldType.EMAIL and not _EMAIL.fullmatch(name):
        return None
    if by.type is FieldType.NUMBER and number(name) is None:
        return None
    return canonical(text.strip() if by.type is FieldType.TEXT else name, by, country_code)
