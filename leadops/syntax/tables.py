"""The door to Lark: the grammar's text, the parse tables made from it, and what may stand where.

Only this package imports lark, and only when a text is parsed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lark import Lark, TextSlice, Token
from lark.lexer import BasicLexer, ContextualLexer
from lark.parsers.lalr_analysis import Shift
from lark.parsers.lalr_parser_state import ParserState

HERE = Path(__file__).parent
GRAMMAR = "leadops.lark"
START = "playbook"
SKIPPED = "SKIPPED"
END = "$END"
IGNORED = frozenset({"COMMENT", "BLANKS"})
TRAPS = ("OTHER_OPERATOR", "OTHER_DATE", "OTHER_QUOTES", "OPEN_STRING", "OPEN_BACKTICK")

_RESERVED = re.compile(r'^([A-Z]+)\.6: "([a-z]+)"i END$', re.MULTILINE)


class KnownEverywhere:
    """Names the terminals that are lexed in every state: reserved words and traps."""

    def __init__(self, terminals: Sequence[str]) -> None:
        self.always_accept = tuple(terminals)

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        """Return ``stream`` as it is."""
        return stream


@dataclass(frozen=True, slots=True)
class Tables:
    """The language's parser, ready to be driven token by token.

    Attributes:
        lark: the parser.
        lexers: the lexer of each parser state.
        root: the lexer that knows every terminal.
        actions: state → terminal or rule → (action, argument).
        lists: the states in which a statement may begin.
        end: the state of a whole text.
        words: the reserved words.
    """

    lark: Lark
    lexers: dict[int, BasicLexer]
    root: BasicLexer
    actions: dict[int, dict[str, tuple[object, object]]]
    lists: frozenset[int]
    end: int
    words: tuple[str, ...]

    def begin(self) -> ParserState[int]:
        """Return the state of a parse that has read nothing."""
        return self.lark.parse_interactive("", start=START).parser_state

    def match(self, state: int | None, text: TextSlice[str], at: int) -> tuple[str, str] | None:
        """Return (text, terminal) of the token at ``at`` as ``state`` reads it; None: as any state would."""
        lexer = self.root if state is None else self.lexers[state]
        found: tuple[str, str] | None = lexer.scanner.match(text, at)
        return found

    def can_follow(self, stack: Sequence[int], terminal: str) -> bool:
        """Whether ``terminal`` can really come next, not merely whether the state lists it."""
        step = self.actions[stack[-1]].get(terminal)
        return step is not None and (step[0] is Shift or self.advance(stack, terminal) is not None)

    def advance(self, stack: Sequence[int], terminal: str) -> list[int] | None:
        """Return ``stack`` after ``terminal``, or None when it cannot stand there."""
        states = list(stack)
        while True:
            step = self.actions[states[-1]].get(terminal)
            if step is None:
                return None
            action, argument = step
            if action is Shift:
                states.append(argument)  # type: ignore[arg-type]
                return states
            size = len(argument.expansion)  # type: ignore[attr-defined]
            if size:
                del states[-size:]
            states.append(self.actions[states[-1]][argument.origin.name][1])  # type: ignore[attr-defined,arg-type]
            if terminal == END and states[-1] == self.end:
                return states

    def accepts(self, stack: Sequence[int]) -> frozenset[str]:
        """Return the terminals that can really come next, not merely those that the state lists."""
        return frozenset(
            name
            for name in self.actions[stack[-1]]
            if (name.isupper() or name == END) and name != SKIPPED and self.can_follow(stack, name)
        )


def grammar_text() -> str:
    """Return the grammar: the copy in the wheel, or the one of the checkout."""
    for place in (HERE / GRAMMAR, HERE.parents[1] / "grammar" / GRAMMAR):
        if place.is_file():
            return place.read_text(encoding="utf-8")
    raise FileNotFoundError(GRAMMAR)


def reserved_words(grammar: str) -> tuple[str, ...]:
    """Return the words that ``grammar`` reserves, in its order."""
    return tuple(word for _, word in _RESERVED.findall(grammar))


def build(grammar: str) -> Lark:
    """Make the parser from the grammar's text."""
    return Lark(
        grammar,
        parser="lalr",
        lexer="contextual",
        start=START,
        postlex=_postlex(grammar),
        propagate_positions=True,
        maybe_placeholders=False,
    )


def _postlex(grammar: str) -> KnownEverywhere:
    return KnownEverywhere([*(word.upper() for word in reserved_words(grammar)), *TRAPS])


@cache
def tables() -> Tables:
    """Return the language's tables, made once a process."""
    grammar = grammar_text()
    lark = build(grammar)
    contextual = lark.parser.lexer.lexer
    assert isinstance(contextual, ContextualLexer)
    begun = lark.parse_interactive("", start=START).parser_state
    actions = begun.parse_conf.states
    lists = frozenset(state for state, row in actions.items() if row.get(SKIPPED, (None,))[0] is Shift)
    return Tables(
        lark,
        contextual.lexers,  # type: ignore[arg-type]
        contextual.root_lexer,  # type: ignore[arg-type]
        actions,
        lists,
        begun.parse_conf.end_state,
        reserved_words(grammar),
    )
