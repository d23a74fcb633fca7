"""What the diagnosis of one mistake starts from, and what it ends in."""

from dataclasses import dataclass

from lark import Token

from leadops.core.diagnostics import Diagnostic
from leadops.syntax.scan import Scan
from leadops.syntax.source import Source
from leadops.syntax.tables import Tables

UNKNOWN = "UNKNOWN"
"""The type of a token that no terminal of the language matches."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A token that was read, and the parser's stack before it."""

    token: Token
    stack: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where reading stopped.

    Attributes:
        tables, source, scan: the language, the text, the first look at it.
        token: what cannot stand here.
        stack: the parser's stack before it.
        seen: the tokens before it, the last one last.
        begun: where the present statement begins.
        whole: whether the statement before it could end here.
    """

    tables: Tables
    source: Source
    scan: Scan
    token: Token
    stack: tuple[int, ...]
    seen: tuple[Seen, ...]
    begun: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Mistake:
    """A diagnosis.

    Attributes:
        diagnostic: what is said about it.
        read_as: the token that was plainly meant; None: the statement is left out.
    """

    diagnostic: Diagnostic
    read_as: Token | None = None
