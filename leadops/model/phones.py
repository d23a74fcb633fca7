"""Which texts are phones, and the one form in which two spellings of a number are compared.

A phone that people write is judged (``read_phone``): it is a valid number of the profile's country, or it carries a
written plus or 00 and is a valid number of another. A phone that the service returns is never judged
(``phone_digits``): whatever it holds, it is compared by its digits.
"""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from leadops.core.fast_dataclass import record
from leadops.model.phone_texts import bare_phone, misreading, whole_number

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

_OWN = {"91": re.compile(r"(?:\+?0{0,2}91)?[ -]*0?([6-9][0-9]{4}[ -]*[0-9]{5})")}
"""Own numbers by country code that are certain without the library's tables: mobiles of India, written in the
groups in which people write them, a trunk zero or an international 00 in front."""
_PLAIN = {"91": re.compile(r"(?:0{0,2}91)?0?([6-9][0-9]{9})")}
"""The same without plus and separators."""
_TAIL = re.compile(r"(.*[0-9])[ ./-]+[0-9]{1,4}")
"""A few digits behind a number: an extension, or the second line of an office."""
_HELD = re.compile(r"\s*[1-9][0-9]{10,14}\s*")
"""What the service holds, country code and digits."""
_SEPARATORS = re.compile(r"[\s().\-/]+")
_SHORTEST, _LONGEST = 7, 15
"""Digits that a phone has, country code included (ITU-T E.164 allows fifteen)."""
_NATIONAL = 10
"""Digits to which the service puts its own country code (docs/api.md §7)."""


@record()
class Reading:
    """What a text says as a phone.

    Attributes:
        value: what the service is sent: country code and digits, with a plus where the digits alone would be taken
            for a number of the profile's country; None when the text is no phone.
        text: a spelling that is read as the same number again; empty when the text is no phone.
        note: what was dropped although it stood in the text; empty mostly.
        reason: why it is no phone, with the digits that were read; empty when it is one.
        help: what to write instead.
    """

    value: str | None = None
    text: str = ""
    note: str = ""
    reason: str = ""
    help: str = ""


def read_phone(text: str, country_code: str = "91") -> Reading:
    """Return how ``text``, which somebody has written, reads as a phone.

    Wrappers that tools add are taken off, digits of any script are read, and `.0` behind a number is dropped with a
    note. Every spelling of one number has one ``value``, and reading ``text`` of a reading gives the same again.

    >>> read_phone("+91 98765-43210").value, read_phone("p:09876543210").value, read_phone("98765 43210/11").value
    ('919876543210', '919876543210', None)
    """
    own = _OWN.get(country_code)
    found = own.fullmatch(text) if own else None
    if found:
        digits = country_code + re.sub(r"[ -]", "", found[1])
        return Reading(digits, digits)
    bare = bare_phone(text)
    number = whole_number(bare)
    if number.reason:
        return Reading(reason=number.reason, help=number.help)
    tail = _TAIL.fullmatch(number.text)
    reason = misreading(number.text)
    if not reason and own and tail and own.fullmatch(tail[1]):
        reason = f"digits stand behind {tail[1]}: an extension, or a second number"
    if reason:
        return Reading(reason=reason, help=_advice(country_code))
    reading = _judged(number.text, country_code)
    if number.note and reading.value is not None:
        return Reading(reading.value, reading.text, number.note)
    return reading


def named_phone(text: str, country_code: str = "91") -> str | None:
    """Return the digits of a phone that names a lead; None when it is no phone.

    It is judged like any that people write, but for bare digits as the service holds them: a list of leads may be its
    own export.

    >>> named_phone("p:98765 43210"), named_phone("971987654321012"), named_phone("98765 43210/11")
    ('919876543210', '971987654321012', None)
    """
    value = read_phone(text, country_code).value or (text if _HELD.fullmatch(text) else "")
    return phone_digits(value, country_code) if value else None


def written_phone(held: str, country_code: str = "91") -> str:
    """Return a spelling that is read as the phone which the service holds; empty where it is no valid number.

    >>> written_phone("919876543210"), written_phone("971501234567"), written_phone("98765432101")
    ('919876543210', '+971501234567', '')
    """
    for text in (held, f"+{held}"):
        reading = read_phone(text, country_code)
        if reading.value is not None and reading.value.removeprefix("+") == held:
            return reading.text
    return ""


def phone_part(text: str) -> str | None:
    """Return the digits of a piece of a phone, for a search in phones; None when it holds anything but digits.

    >>> phone_part("98765-"), phone_part("0001.0"), phone_part("98x76")
    ('98765', '0001', None)
    """
    bare = whole_number(bare_phone(text)).text
    return _SEPARATORS.sub("", bare).removeprefix("+") if re.fullmatch(r"[0-9+\s().\-]*", bare) else None


def phone_digits(text: str, country_code: str = "91") -> str | None:
    """Return the digits by which a phone is compared: country code and national number; None without any.

    For what the service holds: nothing is judged but the count of digits.

    >>> phone_digits("+91 98765-43210"), phone_digits("9876543210"), phone_digits("09876543210")
    ('919876543210', '919876543210', '919876543210')
    """
    if not (text.isascii() and text.isdigit()):
        text = whole_number(bare_phone(text)).text
        if not re.fullmatch(r"\(?\+?[\d\s().\-/]+", text):
            return None
    digits = _SEPARATORS.sub("", text)
    written = digits.startswith(("+", "00"))
    digits = digits.removeprefix("+")
    own = _own(digits, country_code, national=not written)
    if own:
        return own
    if country_code not in _PLAIN:
        judged = _elsewhere(text, country_code)
        if judged is not None:
            return judged
    if written:
        digits = digits.removeprefix("00")
    elif len(digits) == _NATIONAL + 1 and digits.startswith("0"):
        digits = country_code + digits[1:]
    elif len(digits) == _NATIONAL:
        digits = country_code + digits
    return digits if _SHORTEST <= len(digits) <= _LONGEST else None


@lru_cache(maxsize=100_000)
def _elsewhere(text: str, country_code: str) -> str | None:
    """Return the digits of a number of a country whose own form is not known without the library.

    The service holds country code and digits, so that bare digits are first a whole number.
    """
    if text.isdigit() and not text.startswith("0") and _valid(text):
        return text
    value = _judged(text, country_code).value
    return value.removeprefix("+") if value else None


def _own(digits: str, country_code: str, *, national: bool) -> str | None:
    """Return the digits of a number that is plainly the country's own; None when it is not plain."""
    plain = _PLAIN.get(country_code)
    found = plain.fullmatch(digits) if plain else None
    if found is None or not (national or digits.lstrip("0").startswith(country_code)):
        return None
    return country_code + found[1] if national or len(digits.lstrip("0")) > _NATIONAL else None


def _judged(text: str, country_code: str) -> Reading:
    digits = _SEPARATORS.sub("", text)
    written = digits.startswith(("+", "00"))
    bare = digits.removeprefix("+")
    coded = re.match(rf"\(?(?:0[ -]?)?{country_code}\)?[ ./-]", text) is not None
    own = _own(bare, country_code, national=not written and not coded)
    if own:
        return Reading(own, own)
    if coded:
        number = _valid(bare.removeprefix("0"))
        return _shown(number, country_code) if number else _too_few(bare.removeprefix("0"), country_code)
    if written:
        number = _valid(bare.lstrip("0"), text if digits.startswith("+") else "")
        return _shown(number, country_code) if number else _no_number(digits, country_code)
    whole = bare.startswith(country_code) and _valid(bare)
    number = whole or _national(text, country_code)
    if number is None and bare.startswith(f"0{country_code}"):
        number = _valid(bare[1:])
    if number is None or len(_digits(number)) > _LONGEST:
        return _no_number(bare, country_code)
    return _shown(number, country_code)


def _valid(digits: str, written: str = "") -> "PhoneNumber | None":
    """Return the valid number of country code and digits; ``written`` is its spelling with a plus."""
    import phonenumbers  # noqa: PLC0415 (35 ms, and mostly every phone is plainly the country's own)

    for text in (f"+{digits}", written):
        try:
            number = phonenumbers.parse(text, None)
        except phonenumbers.NumberParseException:
            continue  # the next spelling, or no number: the caller says so
        if number.extension is None and phonenumbers.is_valid_number(number):
            return number
    return None


def _national(text: str, country_code: str) -> "PhoneNumber | None":
    """Return the valid number that ``text`` is within the profile's country; None when it is none."""
    import phonenumbers  # noqa: PLC0415 (as above)

    region = phonenumbers.region_code_for_country_code(int(country_code))
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None  # no number: the caller says so
    own = number.country_code == int(country_code) and number.extension is None
    return number if own and phonenumbers.is_valid_number(number) else None


def _digits(number: "PhoneNumber") -> str:
    import phonenumbers  # noqa: PLC0415 (as above)

    return f"{number.country_code}{phonenumbers.national_significant_number(number)}"


def _shown(number: "PhoneNumber", country_code: str) -> Reading:
    digits = _digits(number)
    ours = str(number.country_code) == country_code
    short = len(digits) <= _NATIONAL
    return Reading(f"+{digits}" if short else digits, digits if ours and not short else f"+{digits}")


def _too_few(digits: str, country_code: str) -> Reading:
    reason = f"it reads as +{digits}, which is no number of the country +{country_code}"
    return Reading(reason=reason, help=_advice(country_code))


def _no_number(digits: str, country_code: str) -> Reading:
    if digits.startswith(("+", "00")):
        reason = f"it reads as {digits}, and no country has such a number"
        own = _own(digits.lstrip("+"), country_code, national=True)
        advice = f"write +{own} if its country code is missing" if own else _advice(country_code)
        return Reading(reason=reason, help=advice)
    reason = f"it reads as {digits} ({len(digits)} digits), which is no number of the country +{country_code}"
    number = _valid(digits)
    if number is not None:
        return Reading(reason=reason, help=f"write +{digits} if it is the number of another country")
    return Reading(reason=reason, help=_advice(country_code))


def _advice(country_code: str) -> str:
    example = "919876543210" if country_code == "91" else f"+{country_code} …"
    return f"write one number with its country code: {example}; --unchecked sends it as it stands"
