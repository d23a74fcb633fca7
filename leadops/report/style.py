"""Lines of text with a meaning: toned, aligned and wrapped by terminal cells, coloured only if asked."""

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum

from leadops.core.excerpt import cells
from leadops.core.text import visible
from leadops.model.run import Outcome


class Tone(Enum):
    """What a stretch of text means; its value is the escape code that colours it."""

    PLAIN = ""
    STRONG = "1"
    FAINT = "2"
    ADDED = "32"
    CHANGED = "33"
    REMOVED = "31"
    ALARM = "35;1"


Segment = tuple[str, Tone]
Line = Sequence[Segment]

OUTCOME_TONES = {
    Outcome.CHANGED: Tone.ADDED,
    Outcome.CREATED: Tone.ADDED,
    Outcome.ALREADY: Tone.FAINT,
    Outcome.REJECTED: Tone.REMOVED,
    Outcome.IGNORED_BY_CRM: Tone.REMOVED,
    Outcome.STALE: Tone.CHANGED,
    Outcome.SKIPPED_BY_GUARD: Tone.CHANGED,
    Outcome.NOT_ATTEMPTED: Tone.CHANGED,
    Outcome.IN_DOUBT: Tone.ALARM,
    Outcome.GHOST: Tone.ALARM,
}


def words(outcome: str) -> str:
    """Return an outcome as people say it: ``ignored by CRM``."""
    return outcome.replace("_", " ").replace("crm", "CRM")


def lay(line: Line, width: int, *, indent: int = 0, hang: int = 2, color: bool = False) -> Iterator[str]:
    """Yield ``line`` as text of at most ``width`` cells, broken at blanks where it can be.

    Every row begins with ``indent`` blanks, those after the first with ``hang`` more. Control and bidi characters
    are made visible here, so nothing that a CRM holds can speak to the terminal.
    """
    room = max(1, width - indent)
    row: list[Segment] = []
    used, start = 0, 0
    for text, tone in _pieces(line):
        size = cells(text)
        if used + size > room and used > start:
            yield _row(row, indent + start, color=color)
            row, used, start = [], min(hang, room - 1), min(hang, room - 1)
            if text.isspace():
                continue
        for part in _broken(text, room - used, room - min(hang, room - 1)):
            if used > start and used + cells(part) > room:
                yield _row(row, indent + start, color=color)
                row, used, start = [], min(hang, room - 1), min(hang, room - 1)
            row.append((part, tone))
            used += cells(part)
    yield _row(row, indent + start, color=color)


def clip(text: str, most: int) -> str:
    """Return ``text`` cut to about ``most`` characters, saying how many more there are."""
    if len(text) <= most + 24:
        return text
    return f"{text[:most]}… ({len(text) - most:,} more characters)"


def pad(text: str, width: int) -> str:
    """Return ``text``, made visible, with blanks up to ``width`` cells."""
    shown = visible(text)
    return shown + " " * max(0, width - cells(shown))


def joined(parts: Iterable[Line], between: str = " · ") -> list[Segment]:
    """Return the parts as one line with ``between`` between them."""
    line: list[Segment] = []
    for part in parts:
        if line:
            line.append((between, Tone.FAINT))
        line.extend(part)
    return line


def _pieces(line: Line) -> Iterator[Segment]:
    for text, tone in line:
        for piece in re.findall(r" +|[^ ]+", visible(text)):
            yield piece, tone


def _broken(word: str, first: int, rest: int) -> Iterator[str]:
    """Cut a word that fits no row between characters, never before a combining mark."""
    if cells(word) <= max(first, rest):
        yield word
        return
    part, used, room = "", 0, max(1, first)
    for char in word:
        size = cells(char)
        if size and used + size > room and part:
            yield part
            part, used, room = "", 0, max(1, rest)
        part += char
        used += size
    yield part


def _row(row: Sequence[Segment], indent: int, *, color: bool) -> str:
    while row and row[-1][0].isspace():
        row = row[:-1]
    if not row:
        return ""
    return " " * indent + "".join(
        f"\x1b[{tone.value}m{text}\x1b[0m" if color and tone is not Tone.PLAIN else text
        for text, tone in _merged(row)
    )


def _merged(row: Sequence[Segment]) -> Iterator[Segment]:
    text, tone = row[0]
    for more, other in row[1:]:
        if other is tone:
            text += more
        else:
            yield text, tone
            text, tone = more, other
    yield text, tone
