"""Phones and e-mails, made unreadable for those who need not know them."""

import re

_EMAIL = re.compile(r"(?<![\w.+-])([^\W_])[\w.+-]*@([\w-]+(?:\.[\w-]+)+)")
_DIGITS = re.compile(r"(?<![\w.])\+?\(?\d[\d\s().\-]{5,22}\d(?![\w])")
_DECIMAL = re.compile(r"\d{1,9}\.\d+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def mask(text: str) -> str:
    """Return ``text`` with the middle of every phone and the name in every e-mail replaced by dots.

    ISO dates and hexadecimal ids stay; so does a number of fewer than seven digits.

    >>> mask("Asha, +91 98765 43210, asha.rao@example.com, 2026-04-01")
    'Asha, 91•••••••210, a•••@example.com, 2026-04-01'
    """
    return _DIGITS.sub(_phone, _EMAIL.sub(r"\1•••@\2", text))


def mask_phone(text: str) -> str:
    """Return a value known to be a phone with only its first two and last three digits.

    >>> mask_phone("919876543210"), mask_phone("12345")
    ('91•••••••210', '•••••')
    """
    digits = re.sub(r"\D", "", text)
    if len(digits) < 7:
        return "•" * len(text)
    return f"{digits[:2]}{'•' * (len(digits) - 5)}{digits[-3:]}"


def _phone(match: re.Match[str]) -> str:
    text = match.group()
    digits = sum(c.isdigit() for c in text)
    if not 7 <= digits <= 15 or _DATE.search(text) or (digits < 10 and _DECIMAL.fullmatch(text)):
        return text
    return mask_phone(text)
