"""What the diagnosis of one mistake starts from, and what it ends in."""

from dataclasses import field

from lark import Token

from leadops.core.diagnostics import Diagnostic, Fix, Severity
from leadops.core.fast_dataclass import record
from leadops.syntax.grammar.parse_tables import Tables
from leadops.syntax.grammar.prescan import Scan
from leadops.syntax.grammar.source_text import Source

UNKNOWN = "UNKNOWN"
"""The type of a token that no terminal of the language matches."""


@record()
class Seen:
    """A token that was read, and the parser's stack before it."""

    token: Token
    stack: tuple[int, ...]


@record()
class Mistake:
    """A diagnosis.

    Attributes:
        diagnostic: what is said about it.
        read_as: the token that was plainly meant; None: the statement is left out.
        go_on: where reading goes on when the statement is left out; None: where a statement may begin next.
    """

    diagnostic: Diagnostic
    read_as: Token | None = None
    go_on: int | None = None


@record()
class Place:
    """Where reading stopped.

    Attributes:
        tables, source, scan: the language, the text, the first look at it.
        token: what cannot stand here.
        stack: the parser's stack before it.
        seen: the tokens before it, the last one last.
        begun: where the present statement begins.
        whole: whether the statement before it could end here.
        accepts: the terminals that could stand here.
    """

    tables: Tables
    source: Source
    scan: Scan
    token: Token
    stack: tuple[int, ...]
    seen: tuple[Seen, ...]
    begun: int
    whole: bool
    accepts: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "accepts", self.tables.accepts(self.stack))

    @property
    def start(self) -> int:
        """Where the token begins."""
        return self.token.start_pos or 0

    @property
    def end(self) -> int:
        """Where the token ends."""
        return self.token.end_pos or 0

    @property
    def before(self) -> Token | None:
        """The token before, if it belongs to the same statement."""
        last = self.seen[-1].token if self.seen else None
        return last if last is not None and (last.start_pos or 0) >= self.begun else None

    @property
    def same_line(self) -> bool:
        """Whether the token before stands on the same line."""
        if not self.seen:
            return False
        return "\n" not in self.source.text[self.seen[-1].token.end_pos or 0 : self.start]

    @property
    def reserved(self) -> frozenset[str]:
        """The terminals of the reserved words."""
        return frozenset(word.upper() for word in self.tables.words)

    @property
    def touching(self) -> bool:
        """Whether the token before ends where this one begins."""
        return bool(self.seen) and self.seen[-1].token.end_pos == self.start

    def mistake(
        self,
        code: str,
        message: str,
        where: tuple[int, int],
        help: str = "",
        fix: Fix | None = None,
        read_as: Token | None = None,
    ) -> Mistake:
        """Return an error at ``where``."""
        span = self.source.span(*where)
        return Mistake(Diagnostic(code, Severity.ERROR, message, span, help, fix), read_as)


def meant(kind: str, text: str, start: int, end: int) -> Token:
    """Return the token that was meant by what stands from ``start`` to ``end``."""
    return Token(kind, text, start_pos=start, end_pos=end)
