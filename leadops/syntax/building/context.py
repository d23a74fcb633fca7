"""What every function of the builder needs: the source for spans, and a place for findings."""

from collections.abc import Iterator
from dataclasses import field

from lark import Token, Tree

from leadops.core.diagnostics import Diagnostic, Fix, Severity
from leadops.core.fast_dataclass import record
from leadops.core.positions import Span
from leadops.syntax.grammar.source_text import Source

Branch = Tree[Token]


@record(frozen=False)
class Building:
    """The builder's surroundings.

    Attributes:
        source: the text that was parsed.
        findings: what the builder found wrong, in the order of finding.
    """

    source: Source
    findings: list[Diagnostic] = field(default_factory=list)

    def span(self, part: Token | Branch) -> Span:
        """Return where ``part`` stands: every terminal is kept, so a rule ends where its last token ends."""
        first, last = part, part
        while isinstance(first, Tree):
            first = first.children[0]
        while isinstance(last, Tree):
            last = last.children[-1]
        return self.source.span(first.start_pos or 0, last.end_pos or 0)

    def error(self, code: str, message: str, span: Span, help: str = "", fix: Fix | None = None) -> None:
        """Add an error."""
        self.findings.append(Diagnostic(code, Severity.ERROR, message, span, help, fix))


def tokens(tree: Branch, *types: str) -> list[Token]:
    """Return the tokens of ``tree`` itself that are of ``types``."""
    return [child for child in tree.children if isinstance(child, Token) and child.type in types]


def token(tree: Branch, *types: str) -> Token:
    """Return the first token of ``tree`` itself that is of ``types``."""
    return tokens(tree, *types)[0]


def has(tree: Branch, *types: str) -> bool:
    """Whether ``tree`` itself holds a token of ``types``."""
    return bool(tokens(tree, *types))


def branches(tree: Branch, *rules: str) -> Iterator[Branch]:
    """Yield the branches of ``tree`` that are ``rules``; all of them when none is named."""
    for child in tree.children:
        if isinstance(child, Tree) and (not rules or child.data in rules):
            yield child


def branch(tree: Branch, *rules: str) -> Branch | None:
    """Return the first branch of ``tree`` that is one of ``rules``."""
    return next(branches(tree, *rules), None)
