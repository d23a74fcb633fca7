"""Lays entries out as lines, with comments between them where there are any."""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import field

from leadops.core.fast_dataclass import record
from leadops.syntax.grammar.prescan import MAX_DEPTH, Comment, Scan
from leadops.syntax.printing.layout import Entry
from leadops.syntax.printing.pieces import Piece, behind

WIDTH = 110
"""A statement longer than this is broken into its pieces."""
SHORT = 100
"""A block longer than this does not stand on one line."""


@record(frozen=False)
class Rendering:
    """One layout.

    Attributes:
        text: the source; empty for an AST that has none.
        scan: the first look at it, for its comments and braces.
        lines: what is laid out so far.
    """

    text: str = ""
    scan: Scan = field(default_factory=Scan)
    lines: list[str] = field(default_factory=list)
    _comments: deque[Comment] = field(init=False)
    _starts: list[int] = field(init=False)
    _brackets: list[int] = field(init=False)
    _last: int = 0
    _opened: bool = True
    _tail: bool = False

    def __post_init__(self) -> None:
        self._comments = deque(self.scan.comments)
        self._starts = [comment.start for comment in self.scan.comments]
        self._brackets = sorted(self.scan.match)

    def file(self, entries: Sequence[Entry]) -> str:
        """Return the text of a whole file."""
        self.block(entries, 0, len(self.text) + 1)
        return "".join(f"{line}\n" for line in self.lines)

    def block(self, entries: Sequence[Entry], indent: int, end: int) -> None:
        """Lay out the entries of a block that ends at offset ``end`` of the source."""
        before: Entry | None = None
        for at, entry in enumerate(entries):
            if before is not None and (entry.group is None or entry.group != before.group):
                self._blank()
            self._leading(entry.start, indent)
            self._entry(entry, indent)
            self._last = max(self._last, entry.end)
            following = entries[at + 1].start if at + 1 < len(entries) else end
            self._trailing(entry.end, min(following, end))
            before = entry
        self._leading(end, indent, closing=True)

    def _entry(self, entry: Entry, indent: int) -> None:
        pad = " " * indent
        commented = bool(self._comments) and self._comments[0].start < entry.end
        if not entry.blocks:
            self._pieces(entry.pieces, indent, "", entry.end)
            return
        if entry.short and not commented:
            line = pad + one_line(entry)
            if len(line) <= SHORT and not any(child.blocks for arm in entry.blocks for child in arm):
                self._add(line)
                return
        opening = self._brace(entry.head_end)
        self._pieces(entry.pieces, indent, " {", opening)
        closing = entry.end
        for at, arm in enumerate(entry.blocks):
            if at:
                pieces, head_end = entry.heads[at - 1]
                self._leading(closing, indent + 2, closing=True)
                opening = self._brace(max(closing, head_end))
                if pieces:
                    self._pieces((behind("} ", pieces[0]), *pieces[1:]), indent, " {", opening)
                else:
                    self._add(f"{pad}}} otherwise {{")
                self._trailing(closing, opening)
            closing = self.scan.match.get(opening, entry.end)
            self._trailing(opening, arm[0].start if arm else closing)
            self._last, self._opened = opening, True
            self.block(arm, indent + 2, closing)
        self._add(f"{pad}}}")

    def _pieces(self, pieces: Sequence[Piece], indent: int, tail: str, end: int) -> None:
        """Lay out what a statement says until ``end``: on one line, or in pieces where it is long or commented."""
        whole = " " * indent + " ".join(piece.text for piece in pieces) + tail
        commented = bool(self._comments) and (
            self._comments[0].start < self._start(pieces[-1])
            or any(self._opened_by(piece) is not None for piece in pieces)
        )
        if len(whole) <= WIDTH and not commented:
            self._add(whole)
        else:
            for at, piece in enumerate(pieces):
                final = at == len(pieces) - 1
                self._piece(piece, indent + 2 if at else indent, indent + 2, tail if final else "")
                if not final:
                    self._between(max(self._start(pieces[at + 1]), piece.start), indent + 2)
        if self._comments and self._comments[0].start < end and not self._own_line(self._comments[0]):
            self._append(self._comments.popleft())

    def _piece(self, piece: Piece, indent: int, inner: int, tail: str) -> None:
        """Lay out a piece; where comments stand inside its brackets, each thing that they hold on a line of its own."""
        bracket = self._opened_by(piece)
        if bracket is None:
            self._add(" " * indent + piece.text + tail)
            return
        opening, *held, closing = piece.parts
        self._add(" " * indent + opening.text)
        for part in held:
            self._between(self._start(part), inner + 2)
            self._piece(part, inner + 2, inner + 2, "")
        self._between(self.scan.match[bracket], inner + 2)
        self._add(" " * inner + closing.text + tail)

    def _opened_by(self, piece: Piece) -> int | None:
        """Return where the bracket of a piece opens that holds a comment; None: there is none to be laid out."""
        bracket = self._bracket(piece) if self._comments else None
        if bracket is None:
            return None
        at = bisect_left(self._starts, max(bracket, self._comments[0].start))
        held = at < len(self._starts) and self._starts[at] < self.scan.match[bracket]
        return bracket if held else None

    def _bracket(self, piece: Piece) -> int | None:
        """Return where the bracket of a piece opens: the innermost around what it holds."""
        if not piece.parts:
            return None
        at = bisect_left(self._brackets, piece.parts[1].start)
        for opening in reversed(self._brackets[max(0, at - 2 * MAX_DEPTH) : at]):
            if self.scan.match[opening] >= piece.parts[-1].start and self.text[opening] in "([":
                return opening
        return None

    def _start(self, piece: Piece) -> int:
        bracket = self._bracket(piece)
        return piece.start if bracket is None else min(piece.start, bracket)

    def _between(self, until: int, indent: int) -> None:
        """Put the comments before ``until`` behind a piece: one on its line, the others on lines of their own."""
        while self._comments and self._comments[0].start < until:
            comment = self._comments.popleft()
            if self._tail or self.lines[-1].lstrip().startswith("#") or self._own_line(comment):
                self._add(" " * indent + comment.text)
            else:
                self._append(comment)

    def _leading(self, until: int, indent: int, *, closing: bool = False) -> None:
        """Put the comments before ``until`` on lines of their own, empty lines around them as they were."""
        seen = False
        while self._comments and self._comments[0].start < until:
            comment = self._comments.popleft()
            if not self._opened and self._gap(self._last, comment.start):
                self._blank()
            self._add(" " * indent + comment.text)
            self._last = comment.start + len(comment.text)
            seen = True
        if seen and not closing and self._gap(self._last, until):
            self._blank()

    def _trailing(self, behind: int, until: int) -> None:
        """Put a comment that stands on the line of ``behind`` at the end of the last line."""
        if not self._comments or self._tail:
            return
        comment = self._comments[0]
        if behind <= comment.start < until and "\n" not in self.text[behind : comment.start]:
            self._comments.popleft()
            self._append(comment)

    def _brace(self, behind: int) -> int:
        """Return where the first brace opens behind an offset of the source."""
        return next((place for place, kind in self.scan.marks if kind == "{" and place >= behind), behind)

    def _own_line(self, comment: Comment) -> bool:
        return not self.text[self.text.rfind("\n", 0, comment.start) + 1 : comment.start].strip()

    def _gap(self, start: int, end: int) -> bool:
        """Whether an empty line stands between two offsets of the source."""
        return self.text.count("\n", start, end) > 1

    def _add(self, line: str) -> None:
        self.lines.append(line)
        self._opened = self._tail = False

    def _append(self, comment: Comment) -> None:
        self.lines[-1] += f"  {comment.text}"
        self._last = comment.start + len(comment.text)
        self._tail = True

    def _blank(self) -> None:
        if self.lines and self.lines[-1]:
            self.lines.append("")


def one_line(entry: Entry) -> str:
    """Return an entry with its blocks on one line."""
    text = " ".join(piece.text for piece in entry.pieces)
    for at, arm in enumerate(entry.blocks):
        inside = "; ".join(one_line(child) for child in arm)
        if at:
            head, _ = entry.heads[at - 1]
            text += f" {' '.join(piece.text for piece in head) or 'otherwise'}"
        text += f" {{ {inside} }}" if inside else " { }"
    return text


def lay_out(entries: Iterable[Entry]) -> str:
    """Return the text of ``entries`` without comments."""
    return Rendering().file(tuple(entries))
