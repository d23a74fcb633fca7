"""Where the characters of a string literal's text stand in the file: escapes are longer than what they mean."""

import re
from dataclasses import field

from leadops.core.fast_dataclass import record
from leadops.core.positions import Span
from leadops.syntax import ast

_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.", re.DOTALL
)


@record(frozen=False)
class LiteralPlaces:
    """One string literal of a file.

    Attributes:
        string: the literal.
        source: the text of its file; None where that is not at hand.
    """

    string: ast.String
    source: str | None
    _offsets: tuple[int, ...] | None = field(default=None, repr=False, compare=False)

    def span(self, start: int, end: int) -> Span:
        """Return where ``text[start:end]`` stands in the file. A literal stands on one line, so that no line is counted."""
        whole = self.string.span
        if self.source is None:
            return whole
        offsets = self._all(self.source)
        first, last = offsets[min(start, len(offsets) - 1)], offsets[min(end, len(offsets) - 1)]
        last = max(last, first + (end > start))
        return Span(
            whole.file,
            whole.line,
            whole.column + first,
            whole.line,
            whole.column + last,
            whole.start + first,
            whole.start + last,
        )

    def _all(self, source: str) -> tuple[int, ...]:
        """Return the offset in the literal of each character of its text, and of its end; looked at once."""
        if self._offsets is None:
            whole = self.string.span
            self._offsets = _offsets(source[whole.start : whole.end], len(self.string.text))
        return self._offsets


def _offsets(raw: str, length: int) -> tuple[int, ...]:
    if not raw.startswith('"'):
        return tuple(range(length + 1))  # a bare e-mail
    if len(raw) == length + 2:
        return tuple(range(1, length + 2))
    offsets: list[int] = []
    at = 1
    while at < len(raw) - 1 and len(offsets) < length:
        offsets.append(at)
        escape = _ESCAPE.match(raw, at) if raw[at] == "\\" else None
        at = escape.end() if escape else at + 1
    return (*offsets, at)
