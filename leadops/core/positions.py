"""Places in a source text."""

import re

from leadops.core.fast_dataclass import record


@record()
class Span:
    """A stretch of a source text; the end is exclusive.

    Attributes:
        file: the path as the user gave it; ``<-e>`` for text from the command line.
        line, column: 1-based; columns count code points.
        end_line, end_column: where the stretch ends (exclusive).
        start, end: 0-based offsets into the text, in code points.
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    start: int
    end: int

    def to(self, other: "Span") -> "Span":
        """Return the span from the start of this one to the end of ``other``."""
        return Span(
            self.file, self.line, self.column, other.end_line, other.end_column, self.start, other.end
        )


def span_at(text: str, start: int, end: int, file: str) -> Span:
    """Return the span of ``text[start:end]``; offsets beyond the text are clamped to it."""
    start = max(0, min(start, len(text)))
    end = max(start, min(end, len(text)))
    line, column = _line_column(text, start)
    end_line, end_column = _line_column(text, end)
    return Span(file, line, column, end_line, end_column, start, end)


def part_of(text: str, span: Span, pattern: str) -> Span:
    """Return where ``pattern`` (its first group) first stands in ``text`` under ``span``; else ``span`` itself."""
    found = re.search(pattern, text[span.start : span.end], re.IGNORECASE)
    if found is None:
        return span
    start, end = found.span(1)
    return span_at(text, span.start + start, span.start + end, span.file)


def _line_column(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1
