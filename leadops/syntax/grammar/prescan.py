"""A first look at a text: comments, brackets that match, places where a statement may begin.

It needs no parser, so it also serves texts that do not parse. Strings, names in backticks and comments hide
what stands in them.
"""

import re
from bisect import bisect_left
from dataclasses import field

from leadops.core.fast_dataclass import record

MAX_DEPTH = 64
"""How deep brackets, blocks and ``not`` may be nested."""

_STARTERS = """
find create upsert for retry set clear add remove update read when report notify expect stop canary allow limit
newest oldest step test playbook timezone limits include param define given
"""
STARTERS = frozenset(_STARTERS.split())
"""Reserved words that begin a statement; the other reserved words join or negate."""
RESERVED = STARTERS | {"and", "or", "not", "otherwise"}
"""The words that are lexed in every place; as a value they are quoted, as a field's name they stand in backticks."""

FOREIGN_STATEMENTS = frozenset(
    {
        "select",
        "insert",
        "delete",
        "if",
        "else",
        "elif",
        "assign",
        "order",
        "sort",
        "let",
        "var",
        "const",
        "import",
    }
)
"""Words that begin a statement of another language."""

_OF_BLOCKS = frozenset({"lead", "at", "lane", "match", "dates", "columns", "on"})
"""Words that begin a statement of a block when they stand first on a line."""

_NOT_STARTING = {"when": "stop", "create": "lead", "param": "given"}
"""Words that do not begin a statement behind this one, on its line."""

_SHAPES = re.compile(
    r"""
      (?P<comment>\#[^\r\n]*)
    | (?P<string>"(?:[^"\\\r\n]|\\[^\r\n])*"?)
    | (?P<backtick>`[^`\r\n]*`?)
    | (?P<word>[^\W0-9][\w-]*(?![\w\u0300-\u036f.@]))
    | (?P<open>[({\[])
    | (?P<close>[)}\]])
    | (?P<semi>;)
    | (?P<other>[^\s\w;(){}\[\]"`\#]+|[\w.@+-]+)
    """,
    re.VERBOSE,
)
_PAIRS = {")": "(", "]": "[", "}": "{"}


@record()
class Comment:
    """A comment: its place and its text from ``#`` on, trailing blanks removed."""

    start: int
    text: str


@record(frozen=False)
class Scan:
    """What a first look finds.

    Attributes:
        comments: in their order.
        match: opening bracket's offset → closing bracket's offset, for those that have both.
        marks: (offset, kind) of statement starters, ``;`` and braces, in their order.
        closing: the closing brackets' offsets in ``match``.
        last_stray: where the last ``}`` stands that closes nothing; -1: nowhere.
        defined: the words behind ``define``.
        too_deep: (start, end) of each stretch in which brackets and ``not`` stand deeper than MAX_DEPTH.
    """

    comments: list[Comment] = field(default_factory=list)
    match: dict[int, int] = field(default_factory=dict)
    marks: list[tuple[int, str]] = field(default_factory=list)
    too_deep: list[tuple[int, int]] = field(default_factory=list)
    closing: set[int] = field(default_factory=set)
    last_stray: int = -1
    defined: set[str] = field(default_factory=set)

    def starts_statement(self, offset: int) -> bool:
        """Whether a word at ``offset`` begins a statement."""
        at = bisect_left(self.marks, (offset, ""))
        return at < len(self.marks) and self.marks[at] == (offset, "start")

    def closes_nothing(self, offset: int) -> bool:
        """Whether some closing brace behind ``offset`` has no opening one."""
        return self.last_stray >= offset

    def statement_before(self, offset: int) -> int:
        """Return where the statement that holds ``offset`` begins, or what stands behind the last ``;`` or brace."""
        at = bisect_left(self.marks, (offset, "")) - 1
        if at < 0:
            return 0
        place, kind = self.marks[at]
        return place if kind == "start" else place + 1

    def next_sync(self, offset: int) -> int | None:
        """Return where reading can go on after a mistake at ``offset``; None: nowhere. Whole blocks are stepped over."""
        at = bisect_left(self.marks, (offset, ""))
        while at < len(self.marks):
            place, kind = self.marks[at]
            if kind != "{":
                return place
            closing = self.match.get(place)
            at = bisect_left(self.marks, (closing + 1, "")) if closing is not None else at + 1
        return None


def scan(text: str) -> Scan:
    """Look ``text`` over."""
    found = Scan()
    brackets: list[tuple[int, str, int]] = []  # offset, bracket, depth before it
    depth = nots = 0
    previous = before = ""
    line_start = True
    last_end = 0
    deep: int | None = None
    for shape in _SHAPES.finditer(text):
        kind, start = shape.lastgroup, shape.start()
        line_start = line_start or "\n" in text[last_end:start]
        last_end = shape.end()
        if kind == "comment":
            found.comments.append(Comment(start, shape.group().rstrip()))
            continue
        word = shape.group().lower()
        if kind == "word":
            if previous == "define":
                found.defined.add(shape.group())
            if word in STARTERS:
                joined = _NOT_STARTING.get(word) == previous and not line_start
                if not joined or (word == "create" and before != "missing"):
                    found.marks.append((start, "start"))
            elif line_start and word in _OF_BLOCKS:
                found.marks.append((start, "start"))
        elif kind == "semi":
            found.marks.append((start, ";"))
        elif kind == "open":
            brackets.append((start, word, depth))
            depth += nots + 1
            if word == "{":
                found.marks.append((start, "{"))
        elif kind == "close":
            opened = _opening(brackets, _PAIRS[word])
            if word == "}":
                found.marks.append((start, "}"))
                found.last_stray = start if opened is None else found.last_stray
            if opened is not None and (word == "}" or all(b[1] != "{" for b in brackets[opened:])):
                found.match[brackets[opened][0]] = start
                found.closing.add(start)
                depth = brackets[opened][2]
                del brackets[opened:]
        if word == "not" and kind == "word":
            nots += 1
        else:
            nots = 0
        if depth + nots > MAX_DEPTH:
            deep = start if deep is None else deep
        elif deep is not None:
            found.too_deep.append((deep, shape.end()))
            deep = None
        before, previous, line_start = previous, word, False
    if deep is not None:
        found.too_deep.append((deep, len(text)))
    return found


def _opening(brackets: list[tuple[int, str, int]], bracket: str) -> int | None:
    """Return where the innermost open ``bracket`` stands in ``brackets``; one too far out is none."""
    outermost = max(0, len(brackets) - 2 * MAX_DEPTH)
    for at in range(len(brackets) - 1, outermost - 1, -1):
        if brackets[at][1] == bracket:
            return at
    return None
