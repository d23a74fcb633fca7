"""Whether a command printed what a page says.

``...`` alone on a line stands for any lines, inside a line for any text of that line. In a block whose values move with
the day (``console moving``) any number stands for any number, any id for any id and any lead's name for any name, so
that a page can show real output; the words, the lines and their order are still held.
"""

import re

from leadops.sandbox.world.names import FIRST, LAST

_NAME = re.compile(rf"\b(?:{'|'.join(FIRST)}) (?:{'|'.join(LAST)})\b")
_ID = re.compile(r"\b(?=[a-f]*\d)[0-9a-f]{6,}\b")
_NUMBER = re.compile(r"[\d•]+(?:,\d{3})*(?:\.\d+)?(?:·\d+)?")
"""A masked phone is a number too, also with what tells it from another that looks the same."""
_GAP = re.compile(r"(?<=\S) {2,}")


def matches(expected, shown, *, moving=False):
    """Whether ``shown`` is what ``expected`` says; an empty expectation says nothing."""
    if not expected.strip():
        return True
    if moving:
        expected, shown = _still(expected), _still(shown)
    pattern = "".join(_line(row) for row in expected.strip("\n").splitlines())
    return re.fullmatch(pattern + r"\n*", shown.strip("\n") + "\n") is not None


def _line(row):
    if row.strip() == "...":
        return r"(?:[^\n]*\n)*?"
    return r"[^\n]*?".join(re.escape(part) for part in row.rstrip().split("...")) + r"[ ]*\n"


def _still(text):
    for pattern, word in ((_NAME, "NAME"), (_ID, "#"), (_NUMBER, "0"), (_GAP, " ")):
        text = pattern.sub(word, text)
    return text
