"""Phones and e-mails, made unreadable for those who need not know them.

What is masked is a value, never a sentence of ours: a number in a sentence is one of its values only if the document
has it as a phone, or if it can be nothing else. Members of the team are shown, unless the profile hides them. Two
different values never look equal within one document: where they would, each gets its number (``91•••••••210·2``).
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import blake2b

from leadops.report.team import members_hidden

_EMAIL = re.compile(r"(?<![\w.+-])[^\W_][\w.+-]*@[\w-]+(?:\.[\w-]+)+")
_DIGITS = re.compile(r"(?<![\w.])\+?\(?\d[\d\s().\-]{5,22}\d(?![\w])")
_DECIMAL = re.compile(r"\d{1,9}\.\d+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_RUN = re.compile(r"(?<!\d)\d{7,15}(?!\d)")
_SPOKEN = re.compile(r"(?<![\w.])(?:\+?\d{7,15}|\+?\d{2,5}(?:[ -]\d{3,6}){1,3})(?!\w)")
"""Digits in a sentence of ours: in one run, or in groups as people write them."""
_PHONE = re.compile(r"\+\d{7,15}|(?:00|0)?(?:91)?[6-9]\d{9}|0?971\d{8,9}")
"""Digits that a sentence holds as a phone: a written plus, or a number as India and the Emirates have them."""
_UNIT = re.compile(
    r"\s*(?:%|(?:calls?|leads?|rows?|lines?|actions?|pages?|bytes|[km]ib|ms|s|min|h|days?|hours?|minutes?|seconds?|weeks?|months?|years?)\b)",
    re.IGNORECASE,
)
"""What makes the number before it a count."""
_SHORTEST, _LONGEST = 7, 15
"""Digits of a phone in a text; of a value that is known to be one, fewer are hidden whole."""


@dataclass(slots=True)
class Masker:
    """Masks the values of one document.

    Attributes:
        members: e-mails of the team, folded.
        phones: digits of values that the document has as phones; ``numbers``: of those that it has as numbers.
    """

    members: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    hide_members: bool = field(default_factory=members_hidden)
    _first: dict[bytes, bytes] = field(default_factory=dict)
    _others: dict[bytes, dict[bytes, int]] = field(default_factory=dict)

    def know(
        self, *, members: Iterable[str] = (), phones: Iterable[str] = (), numbers: Iterable[str] = ()
    ) -> None:
        """Take note of what values of the document are, before it is made."""
        self.members.update(one.casefold() for one in members if "@" in one)
        for one in phones:
            if len(digits := _digits_of(one)) >= _SHORTEST:
                self.phones.add(digits)
            self.text(one)
        self.numbers.update(numbers)

    def phone(self, text: str) -> str:
        """Return a value that is a phone with its first two and last three digits only.

        >>> Masker().phone("919876543210"), Masker().phone("12345")
        ('91•••••••210', '•••••')
        """
        return self._distinct(_phone_form(text), text)

    def member(self, text: str) -> str:
        """Return a member's e-mail: as it is, unless members are hidden."""
        return self.text(text) if self.hide_members else text

    def text(self, text: str) -> str:
        """Return a value with the middle of every phone and the name in every e-mail replaced by dots.

        ISO dates and hexadecimal ids stay; so does a number of fewer than seven digits.

        >>> Masker().text("Asha, +91 98765 43210, asha.rao@example.com, 2026-04-01")
        'Asha, 91•••••••210, a•••@example.com, 2026-04-01'
        """
        masked = _DIGITS.sub(self._number, _EMAIL.sub(self._email, text))
        return self._distinct(masked, text)

    def sentence(self, text: str) -> str:
        """Return a sentence of ours with its e-mails masked, and those of its numbers that are phones.

        >>> Masker().sentence("at most 0012345556 hours; 9876543210 leads; no lead has the phone 919876543210")
        'at most 0012345556 hours; 9876543210 leads; no lead has the phone 91•••••••210'
        """
        return _SPOKEN.sub(self._spoken, _EMAIL.sub(self._email, text))

    def _email(self, match: re.Match[str]) -> str:
        text = match.group()
        if text.casefold() in self.members and not self.hide_members:
            return text
        return self._distinct(f"{text[0]}•••@{text.rpartition('@')[2]}", text)

    def _number(self, match: re.Match[str]) -> str:
        text = match.group()
        digits = sum(c.isdigit() for c in text)
        if _DATE.search(text):
            return _around(_DATE, text, lambda part: _DIGITS.sub(self._number, part))
        if digits > _LONGEST and _RUN.search(text):
            return _RUN.sub(lambda run: self.phone(run.group()), text)
        if digits < _SHORTEST or (text.isdecimal() and digits > _LONGEST):
            return text
        if digits < 10 and _DECIMAL.fullmatch(text):
            return text
        return self.phone(text)

    def _spoken(self, match: re.Match[str]) -> str:
        text = match.group()
        plain = re.sub(r"[\s().-]", "", text)
        counted = _UNIT.match(match.string, match.end()) is not None
        if _digits_of(text) in self.phones:
            return self.phone(text)
        if counted or text in self.numbers or _DATE.search(text) or not _PHONE.fullmatch(plain):
            return text
        return self.phone(text)

    def _distinct(self, form: str, value: str) -> str:
        """Return ``form``; with a number where another value of this document has the same form."""
        if form == value and "•" not in form:
            return form
        seen, own = _hash(form), _hash(value)
        first = self._first.setdefault(seen, own)
        if first == own:
            return form
        others = self._others.setdefault(seen, {})
        if own not in others:
            number = len(others) + 2
            while self._first.setdefault(_hash(f"{form}·{number}"), own) != own:
                number += 1
            others[own] = number
        return f"{form}·{others[own]}"


def mask(text: str) -> str:
    """Return one value by itself, masked; see ``Masker.text``."""
    return Masker().text(text)


def mask_phone(text: str) -> str:
    """Return one phone by itself, masked; see ``Masker.phone``."""
    return Masker().phone(text)


def _phone_form(text: str) -> str:
    digits = _digits_of(text)
    if len(digits) < _SHORTEST:
        return "•" * len(text)
    return f"{digits[:2]}{'•' * (len(digits) - 5)}{digits[-3:]}"


def _around(apart: re.Pattern[str], text: str, change: Callable[[str], str]) -> str:
    """Return ``text`` with what stands between matches of ``apart`` changed."""
    kept, at = [], 0
    for found in apart.finditer(text):
        kept += [change(text[at : found.start()]), found.group()]
        at = found.end()
    return "".join([*kept, change(text[at:])])


def _digits_of(text: str) -> str:
    return re.sub(r"\D", "", text)


def _hash(text: str) -> bytes:
    """Return what stands for ``text``, so that a large document's values are not held."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).digest()
