"""What becomes of a text with a correction: what is wrong at its place now, and which findings are gone with it."""

from collections.abc import Callable, Iterable, Sequence

from leadops.core.diagnostics import Diagnostic, Edit, Fix, Severity
from leadops.core.fast_dataclass import record
from leadops.core.positions import Span

MOST_TRIALS = 40
"""So many corrections of one text are tried."""
MOST_READ = 400_000
"""So many characters are read again for it, all in all: a large text with many mistakes is not read for ever."""

Look = Callable[[str], Sequence[Diagnostic]]
"""Says what is wrong with a text; without trying anything."""

_BLANKS = " \t"
_NOT_READ_AGAIN = frozenset({"E018", "E019", "E024"})
"""What is found before a text is read, or instead of reading it: that it is gone says nothing."""
_FROM_ABSENCE = frozenset({"E108", "E111", "E501", "E503", "E601"})
"""What is missing may be what could not be read, wherever that stands."""
_UNREADABLE = frozenset({"E001", "E002"})


@record()
class _Place:
    """What a correction touches: ``[start, end)`` of the old text is ``[start, end + grown)`` of the new one."""

    start: int
    end: int
    grown: int

    def before(self, at: int) -> int:
        """Return where in the old text an offset of the new one lies; inside of the place its begin."""
        return at - self.grown if at >= self.end + self.grown else min(at, self.start)


@record()
class Outcome:
    """What came of a correction.

    Attributes:
        instead: what is wrong at its place now; None: nothing.
        gone: the findings that are gone with it.
        joined: the text with both corrections, where that is right.
    """

    instead: Diagnostic | None
    gone: frozenset[int]
    joined: str | None = None


class Trials:
    """The trials of one text."""

    def __init__(self, found: Sequence[Diagnostic], text: str, look: Look) -> None:
        self._found = found
        self.text = text
        self._look = look
        self._left = MOST_TRIALS
        self._read = max(MOST_READ, 2 * len(text))

    def outcome(self, finding: Diagnostic, edits: Sequence[Edit]) -> Outcome | None:
        """Return what becomes of the text with ``edits``; None: too much was tried already."""
        if self._left == 0 or self._read < len(self.text):
            return None
        self._left -= 1
        self._read -= len(self.text)
        after_text = edited(self.text, edits)
        after = self._look(after_text)
        place = _place(finding, edits)
        known = {_key(one, lambda at: at) for one in self._found if one is not finding}
        new = [one for one in after if _key(one, place.before) not in known and _weighs(one, finding)]
        here = [one for one in new if _touches(one, place, self.text) or _same(one, finding, place)]
        if finding.fix is not None and not finding.fix.safe:
            here += [one for one in after if _dead_end(one, finding, place, self.text)]
        left = {_key(one, place.before) for one in after}
        gone = frozenset(
            at
            for at, one in enumerate(self._found)
            if one is not finding
            and one.code not in _NOT_READ_AGAIN
            and _behind(one, finding)
            and _key(one, lambda at: at) not in left
        )
        return Outcome(here[0] if here else None, gone, self._joined(here[0], after_text) if here else None)

    def _joined(self, real: Diagnostic, text: str) -> str | None:
        """Return ``text`` with the correction of ``real`` too, where nothing is wrong with that at its place."""
        fix = real.fix
        if fix is None or self._left == 0:
            return None
        self._left -= 1
        self._read -= len(text)
        left = self._look(edited(text, fix.edits))
        place = _place(real, fix.edits)
        return (
            None
            if any(_touches(one, place, text) and _weighs(one, real) for one in left)
            else edited(text, fix.edits)
        )


def difference(text: str, right: str, finding: Diagnostic) -> Fix | None:
    """Return what makes ``right`` of ``text``, as one edit of the finding's line; None where it is not in that line."""
    span = finding.span
    if span is None:
        return None
    first = 0
    while first < min(len(text), len(right)) and text[first] == right[first]:
        first += 1
    last = 0
    while last < min(len(text), len(right)) - first and text[-1 - last] == right[-1 - last]:
        last += 1
    begin, end = min(first, span.start), max(len(text) - last, span.end)
    new = right[begin : len(right) - (len(text) - end)]
    if "\n" in text[begin:end]:
        return None
    where = Span(
        span.file,
        span.line,
        span.column + begin - span.start,
        span.line,
        span.column + end - span.start,
        begin,
        end,
    )
    return Fix(f"write {new.strip()}", (Edit(where, new),))


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Return ``text`` with ``edits`` made; they do not overlap."""
    for edit in sorted(edits, key=lambda one: one.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def _place(finding: Diagnostic, edits: Sequence[Edit]) -> _Place:
    spans = [edit.span for edit in edits] + ([finding.span] if finding.span else [])
    grown = sum(len(edit.text) - (edit.span.end - edit.span.start) for edit in edits)
    return _Place(min(span.start for span in spans), max(span.end for span in spans), grown)


def _key(finding: Diagnostic, before: Callable[[int], int]) -> tuple[str, str, int]:
    span = finding.span
    return (finding.code, span.file, before(span.start)) if span else (finding.code, finding.message, -1)


def _weighs(new: Diagnostic, finding: Diagnostic) -> bool:
    return new.severity is Severity.ERROR or new.severity is finding.severity


def _touches(new: Diagnostic, place: _Place, text: str) -> bool:
    """Whether a finding about the new text stands at the place, or right behind it."""
    if new.span is None:
        return False
    end = place.end
    while end < len(text) and text[end] in _BLANKS:
        end += 1
    return new.span.start <= end + place.grown and place.start <= new.span.end


def _dead_end(new: Diagnostic, finding: Diagnostic, place: _Place, text: str) -> bool:
    """Whether ``new`` is what a guess leads to: it stands right behind, or cannot be read on its line; no way out is known."""
    if new.fix is not None or new.severity is not Severity.ERROR or new.span is None or finding.span is None:
        return False
    if _touches(new, place, text):
        return True
    return new.code in _UNREADABLE and new.span.line == finding.span.line and new.span.start >= place.start


def _same(new: Diagnostic, finding: Diagnostic, place: _Place) -> bool:
    return (
        new.span is not None
        and finding.span is not None
        and new.code == finding.code
        and place.before(new.span.start) == finding.span.start
    )


def _behind(one: Diagnostic, finding: Diagnostic) -> bool:
    """Whether ``one`` is an error behind ``finding``, on its line: what it made seem wrong."""
    a, b = one.span, finding.span
    return (
        a is not None
        and b is not None
        and finding.severity is Severity.ERROR
        and a.file == b.file
        and ((a.line == b.line and a.start >= b.start) or one.code in _FROM_ABSENCE)
    )
