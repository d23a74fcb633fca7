"""A phone as people and their tools write it, brought to plain digits and signs; and texts that are something else."""

import re
import unicodedata
from decimal import Decimal

from leadops.core.fast_dataclass import record
from leadops.core.text import visible

_LABEL = re.compile(
    r"(?:(?:https?:)?/*(?:wa\.me/|api\.whatsapp\.com/send/?\?phone=|whatsapp://send/?\?phone=)"
    r"|(?:p|ph|phone|tel|telephone|m|mob|mobile|t|cell|c|whatsapp|wa|sms|smsto|callto|call|contact|mailto|sip|skype)"
    r"(?:[ .]*(?:no|num|number|phone)?[ .]*:|\.|[ ]+(?=[+(0-9])))[ /]*",
    re.IGNORECASE,
)
"""What tools put in front of a number: `p:`, `tel:`, `whatsapp:`, `Mob. no.:`, a link to a chat."""
_CHAT = re.compile(r"@(?:c\.us|s\.whatsapp\.net)$|[?&]text=.*$", re.IGNORECASE)
_AROUND = "<>[]{}\"'`´‘’‚‛“”„‟′″«»"
_PLUS, _DASHES = "＋⁺﬩﹢", "‐‑‒–—―−⁃﹘﹣－⁻₋"
_FLOAT = re.compile(r"(\+?[0-9]+)[.,]0+")
_SCIENTIFIC = re.compile(r"\+?([0-9]+(?:[.,][0-9]+)?)[eE]\+?([0-9]{1,3})")
_DECIMAL = re.compile(r"[0-9]+\.[0-9]+")
_DOTTED = re.compile(r"[0-9]{5}\.[0-9]{5}|0[0-9]{2,5}\.[0-9]{5,8}")
"""Two groups of a number with a dot between; any other single dot is a decimal point."""
_DAY = re.compile(
    r"(?:19|20)[0-9]{2}([-/. ])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12][0-9]|3[01])(?:[ T].*)?"
    r"|(?:0?[1-9]|[12][0-9]|3[01])([-/.])(?:0?[1-9]|[12][0-9]|3[01])\2(?:19|20)?[0-9]{2}(?:[ T].*)?"
)
_SHAPE = re.compile(r"\(?\+?[0-9()\s.\-]*(?:/[0-9()\s.\-]*)?")
_AREA = 5
"""Digits of the longest area code that stands in front of a slash."""
_MOST = 15


@record()
class Whole:
    """A text whose decimal places have been dealt with.

    Attributes:
        note: what was dropped.
        reason: why the number is lost; ``help``: the way out.
    """

    text: str
    note: str = ""
    reason: str = ""
    help: str = ""


def bare_phone(text: str) -> str:
    """Return ``text`` without wrappers, its digits and signs in ASCII, its blanks plain.

    >>> bare_phone("p:+91 98765\u201143210"), bare_phone("'98765 43210"), bare_phone('="9876543210"')
    ('+91 98765-43210', '98765 43210', '9876543210')
    """
    plain = text if text.isascii() else "".join(_sign(char) for char in text)
    while True:
        before = plain
        plain = plain.strip().strip(_AROUND).strip().removeprefix("=").rstrip(",;. ")
        plain = _LABEL.sub("", plain, count=1) if _LABEL.match(plain) else plain
        plain = _CHAT.sub("", plain, count=1)
        if plain == before:
            return re.sub(r"\s", " ", plain)


def whole_number(text: str) -> Whole:
    """Return ``text`` without the decimal places that a tool has put behind a whole number."""
    found = _FLOAT.fullmatch(text)
    if found:
        return Whole(
            found[1], f"“{text}” was read as {found[1]}: a tool has made a number with decimals of it"
        )
    found = _SCIENTIFIC.fullmatch(text)
    if not found:
        return Whole(text)
    mantissa, exponent = found[1].replace(",", "."), int(found[2])
    kept = len(mantissa.replace(".", "").lstrip("0"))
    value = Decimal(mantissa).scaleb(exponent) if exponent <= _MOST else None
    if value is None or value != value.to_integral_value() or kept < len(str(int(value))):
        advice = "a spreadsheet has cut it short: format the column as text and export it again"
        return Whole(text, reason="its last digits are lost", help=advice)
    return Whole(str(int(value)), f"“{text}” was read as {int(value)}: a tool has made a power of ten of it")


def misreading(text: str) -> str:
    """Return why ``text``, already bare, is something other than a phone; empty where it may be one."""
    digits = re.sub(r"[^0-9]", "", text)
    if not digits:
        return "it holds no digits"
    if _DAY.fullmatch(text):
        return "it reads as a date"
    if _DECIMAL.fullmatch(text) and not _DOTTED.fullmatch(text):
        return "it reads as a number with decimals"
    strange = next((char for char in text if char not in "0123456789+-/(). "), "")
    if strange:
        return f"“{visible(strange)}” stands in it; its digits are {digits}"
    if len(digits) > _MOST:
        return f"it reads as {digits} ({len(digits)} digits), which is more than one number"
    if not _SHAPE.fullmatch(text) or ("/" in text and not _has_area(text)):
        return f"it holds more than one number; its digits are {digits}"
    return ""


def _has_area(text: str) -> bool:
    """Whether a slash stands between an area code and its number."""
    area, _, rest = text.partition("/")
    count = len(re.sub(r"[^0-9]", "", area).removeprefix("0"))
    return count <= _AREA <= len(re.sub(r"[^0-9]", "", rest))


def _sign(char: str) -> str:
    """Return the ASCII sign of a character; nothing for one that cannot be seen."""
    if char.isascii():
        return char
    kind = unicodedata.category(char)
    if kind == "Nd":
        return str(unicodedata.decimal(char))
    if kind in {"Cf", "Mn", "Me"}:
        return ""
    if kind == "Zs":
        return " "
    if char in _DASHES:
        return "-"
    if char in _PLUS:
        return "+"
    plain = unicodedata.normalize("NFKC", char)
    return plain if plain.isascii() else char
