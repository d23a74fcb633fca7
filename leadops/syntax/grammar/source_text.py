"""A source text and the places in it: offsets become spans without counting lines again."""

from bisect import bisect_right
from dataclasses import field

from leadops.core.fast_dataclass import record
from leadops.core.positions import Span


@record()
class Source:
    """A text with its file's name.

    Attributes:
        text: the text, positions in it are 0-based offsets in code points.
        file: the path as the user gave it; ``<-e>`` for text from the command line.
        starts: the offset at which each line starts.
    """

    text: str
    file: str
    starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = [0]
        at = self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        object.__setattr__(self, "starts", tuple(starts))

    def span(self, start: int, end: int) -> Span:
        """Return the span of ``text[start:end]``."""
        line = bisect_right(self.starts, start)
        last = line if end == start else bisect_right(self.starts, end)
        return Span(
            self.file,
            line,
            start - self.starts[line - 1] + 1,
            last,
            end - self.starts[last - 1] + 1,
            start,
            end,
        )

    def line_of(self, offset: int) -> int:
        """Return the 1-based line of ``offset``."""
        return bisect_right(self.starts, offset)

    def line_end(self, offset: int) -> int:
        """Return the offset at which the line of ``offset`` ends, before its line break."""
        line = self.line_of(offset)
        end = self.starts[line] - 1 if line < len(self.starts) else len(self.text)
        return end - 1 if end > offset and self.text[end - 1 : end] == "\r" else end
