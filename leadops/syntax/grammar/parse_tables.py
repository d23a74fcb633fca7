"""The door to Lark: the grammar's text, the parse tables made from it, and what may stand where.

Only this package imports lark, and only when a text is parsed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal

from lark import Lark, Token
from lark.parsers.lalr_analysis import Shift
from lark.parsers.lalr_parser_state import ParserState

from leadops.core.fast_dataclass import record
from leadops.syntax.grammar.table_cache import Rows, shortened, unpacked

HERE = Path(__file__).parent
GRAMMAR = "leadops.lark"
PACKED = "leadops.tables"
START = "playbook"
SKIPPED = "SKIPPED"
END = "$END"
IGNORED = frozenset({"COMMENT", "BLANKS"})
TRAPS = ("OTHER_OPERATOR", "OTHER_DATE", "OTHER_QUOTES", "OPEN_STRING", "OPEN_BACKTICK")

_RESERVED = re.compile(r'^([A-Z]+)\.6: "([a-z]+)"i END$', re.MULTILINE)
_KEYWORDS = re.compile(r"^([A-Z_]+)\.[56]: (.*) END( NO_OPERATOR)?$", re.MULTILINE)
_SPELLING = re.compile(r'"([a-z]+)"i')
_KEYWORD = re.compile(r"[A-Za-z]+(?![\w\u0300-\u1fff@-])(?![.+'][\w.+'-]*@)")
_OPERATOR = re.compile(r"\s*[=!<>]")


class KnownEverywhere:
    """Names the terminals that are lexed in every state: reserved words and traps."""

    def __init__(self, terminals: Sequence[str]) -> None:
        self.always_accept = tuple(terminals)

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        """Return ``stream`` as it is."""
        return stream


@record()
class Keyword:
    """A keyword's terminal; ``guarded``: in front of an operator the word is a field."""

    terminal: str
    guarded: bool


@record()
class Lexer:
    """What one parser state can read, as Lark's lexer of that state reads it, but with its keywords in a table.

    Lark would compile an expression of some fifty alternatives for each of a hundred states, at every start. Here each
    terminal is compiled once and tried by itself: that takes a tenth of the time, and a text has few tokens.

    Attributes:
        keywords: lower-case word → keyword.
        literals: all other terminals, the ones that win first.
    """

    keywords: Mapping[str, Keyword]
    literals: Sequence[tuple[str, re.Pattern[str]]]

    def match(self, text: str, at: int) -> tuple[str, str] | None:
        """Return (text, terminal) of the token at ``at``, or None."""
        word = _KEYWORD.match(text, at)
        if word is not None:
            keyword = self.keywords.get(word.group().lower())
            if keyword is not None and not (keyword.guarded and _OPERATOR.match(text, word.end())):
                return word.group(), keyword.terminal
        for terminal, pattern in self.literals:
            found = pattern.match(text, at)
            if found is not None:
                return found.group(), terminal
        return None


@record()
class Tables:
    """The language's parser, ready to be driven token by token.

    Attributes:
        lark: the parser.
        lexers: make the lexer of a parser state when it is first read in.
        actions: state → terminal or rule → (action, argument).
        lists: the states in which a statement may begin.
        end: the state of a whole text.
        words: the reserved words.
        spellings: terminal → the words that it stands for.
        keywords: all words that some place knows.
    """

    lark: Lark
    lexers: "LexerMaker"
    actions: Rows
    lists: frozenset[int]
    end: int
    words: tuple[str, ...]
    spellings: Mapping[str, tuple[str, ...]]
    keywords: frozenset[str]

    def begin(self) -> ParserState[int]:
        """Return the state of a parse that has read nothing."""
        return self.lark.parse_interactive("", start=START).parser_state

    def match(self, state: int | None, text: str, at: int) -> tuple[str, str] | None:
        """Return (text, terminal) of the token at ``at`` as ``state`` reads it; None: as any state would."""
        return self.lexers.of(state).match(text, at)

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
                states.append(argument)
                return states
            size = len(argument.expansion)
            if size:
                del states[-size:]
            states.append(self.actions[states[-1]][argument.origin.name][1])
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
    for place in (HERE / GRAMMAR, HERE.parents[2] / "grammar" / GRAMMAR):
        if place.is_file():
            return place.read_text(encoding="utf-8")
    raise FileNotFoundError(GRAMMAR)


def reserved_words(grammar: str) -> tuple[str, ...]:
    """Return the words that ``grammar`` reserves, in its order."""
    return tuple(word for _, word in _RESERVED.findall(grammar))


def build(grammar: str, lexer: Literal["contextual", "basic"] = "contextual") -> Lark:
    """Make the parser from the grammar's text.

    ``basic``: for its tables only. It cannot read a text by itself, but a hundred lexers, which ``Lexer`` replaces,
    are then not made at every start.
    """
    return Lark(
        grammar,
        parser="lalr",
        lexer=lexer,
        start=START,
        postlex=KnownEverywhere(known_everywhere(grammar)),
        maybe_placeholders=False,
    )


def known_everywhere(grammar: str) -> tuple[str, ...]:
    """Return the terminals that are lexed in every state: reserved words and traps."""
    return (*(word.upper() for word in reserved_words(grammar)), *TRAPS)


def keywords(grammar: str) -> dict[str, tuple[tuple[str, ...], bool]]:
    """Return terminal → (its words, whether it is guarded) for all keywords of ``grammar``."""
    return {
        terminal: (tuple(_SPELLING.findall(words)), bool(guard))
        for terminal, words, guard in _KEYWORDS.findall(grammar)
    }


def _parser(grammar: str) -> tuple[Lark, Rows]:
    try:
        found = unpacked(grammar, (HERE / PACKED).read_bytes())
    except OSError:
        found = None
    if found is None:
        lark = build(grammar, "basic")
        found = lark, shortened(lark)
    return found


@cache
def tables() -> Tables:
    """Return the language's tables, made once a process: from the packed ones, else from the grammar."""
    grammar = grammar_text()
    lark, rows = _parser(grammar)
    conf = lark.parse_interactive("", start=START).parser_state.parse_conf
    conf.parse_table.states = rows
    known = keywords(grammar)
    everywhere = frozenset({*known_everywhere(grammar), *IGNORED})
    return Tables(
        lark,
        LexerMaker(lark, known, rows, everywhere),
        rows,
        frozenset(rows.shifting(SKIPPED)),
        conf.end_state,
        reserved_words(grammar),
        {terminal: words for terminal, (words, _) in known.items()},
        frozenset(word for words, _ in known.values() for word in words),
    )


class LexerMaker:
    """Makes each state's lexer when it is asked for; states that read alike share theirs. Most texts visit few states.

    Attributes:
        known: terminal → its words and whether it is guarded, for the keywords.
        actions: what each state accepts, besides what is known ``everywhere``.
        order: all terminals, in the order in which Lark tries them.
    """

    def __init__(
        self,
        lark: Lark,
        known: Mapping[str, tuple[tuple[str, ...], bool]],
        actions: Rows,
        everywhere: frozenset[str],
    ) -> None:
        self.known = known
        self.actions = actions
        self.everywhere = everywhere
        ordered = sorted(
            lark.parser.lexer_conf.terminals,
            key=lambda t: (-t.priority, -t.pattern.max_width, -len(t.pattern.value), t.name),
        )
        self.order = {terminal.name: terminal.pattern.to_regexp() for terminal in ordered}
        self._patterns: dict[str, re.Pattern[str]] = {}
        self._lexers: dict[int | None, Lexer] = {}

    def of(self, state: int | None) -> Lexer:
        """Return the lexer of ``state``; None: the one that knows every terminal."""
        found = self._lexers.get(state)
        if found is None:
            names = list(self.order)
            if state is not None:
                accepts = self.everywhere.union(self.actions.short[state])
                names = [name for name in names if name in accepts]
            found = self._lexers[state] = self._made(names)
        return found

    def _made(self, names: list[str]) -> Lexer:
        words: dict[str, Keyword] = {}
        for name in names:
            spellings, guarded = self.known.get(name, ((), False))
            for word in spellings:
                words.setdefault(word, Keyword(name, guarded))
        return Lexer(words, [(name, self._pattern(name)) for name in names if name not in self.known])

    def _pattern(self, name: str) -> re.Pattern[str]:
        found = self._patterns.get(name)
        if found is None:
            found = self._patterns[name] = re.compile(self.order[name])
        return found
