"""The reading loop: token by token through the tables; every mistake is reported and reading goes on behind it.

A slip whose meaning is plain is reported and read as what was meant. Any other failing statement is left out
(SKIPPED stands for it), and reading goes on at the next place where a statement may begin. Every round reads a
token, drops one, or leaves an unfinished statement, so the whole is linear in the text.
"""

import re
from collections import deque
from dataclasses import field

from lark import Token, Tree
from lark.parsers.lalr_parser_state import ParserState

from leadops.core.diagnostics import Diagnostic
from leadops.core.did_you_mean import nearest
from leadops.core.fast_dataclass import record
from leadops.syntax.grammar.parse_tables import END, IGNORED, SKIPPED, Tables
from leadops.syntax.grammar.prescan import FOREIGN_STATEMENTS, STARTERS, Scan
from leadops.syntax.grammar.source_text import Source
from leadops.syntax.hints.mistakes import UNKNOWN, Mistake, Place, Seen

MOST_MISTAKES = 100
"""After so many mistakes the rest of the text is not read."""

MOST_TOKENS = 50_000
"""After so many words and signs the rest is not read: the largest playbook has them only in its densest form."""

_LINES_AHEAD = 20
_BLANKS = re.compile(r"\s+")
_FIRST_WORD = re.compile(r'[ \t]*([A-Za-z]{2,12})[ \t]+["\w$*]')
"""A line that begins as a statement does."""


@record(frozen=False)
class Reader:
    """One reading of one text.

    Attributes:
        tables: the language.
        source: the text as it is lexed: hidden characters and stretches nested too deep are blanks.
        scan: the first look at it.
        findings: what was found, in the order of finding.
        at: the offset of what is read next.
        seen: the last tokens, each with the parser's stack before it.
        blocks: offsets of the open braces.
        begun: where the present statement begins.
    """

    tables: Tables
    source: Source
    scan: Scan
    findings: list[Diagnostic] = field(default_factory=list)
    at: int = 0
    seen: deque[Seen] = field(default_factory=lambda: deque(maxlen=16))
    blocks: list[int] = field(default_factory=list)
    begun: int = 0
    _state: ParserState[int] = field(init=False)
    _mistakes: int = 0
    _tokens: int = 0
    _end: int = 0

    def __post_init__(self) -> None:
        self._state = self.tables.begin()
        self._end = len(self.source.text)

    def read(self) -> Tree[Token]:
        """Return the parse tree of the text without its failing statements."""
        while True:
            token = self._next()
            self._tokens += 1
            if self._tokens == MOST_TOKENS:
                self._stop(token)
                continue
            before = self._state.state_stack
            if not self.tables.can_follow(before, token.type):
                self._recover(token)
            elif token.type == END:
                tree = self._state.feed_token(token, is_end=True)
                assert isinstance(tree, Tree)
                return tree
            else:
                self._feed(token)
                self.at = token.end_pos or 0

    def _next(self) -> Token:
        """Return the next token as the present state reads it; one that it cannot read as any state would."""
        size = self._end
        state = self._state.position
        while True:
            blanks = _BLANKS.match(self.source.text, self.at)
            if blanks is not None:
                self.at = blanks.end()
            if self.at >= size:
                break
            found = self.tables.match(state, self.source.text, self.at)
            if found is None:
                found = self.tables.match(None, self.source.text, self.at) or (
                    self.source.text[self.at],
                    UNKNOWN,
                )
            elif found[1] in IGNORED:
                self.at += len(found[0])
                continue
            return _token(found[1], found[0], self.at)
        return _token(END, "", max(self.at, size))

    def _feed(self, token: Token) -> None:
        stack = tuple(self._state.state_stack)
        self._state.feed_token(token)
        if token.type == SKIPPED:
            return
        self.seen.append(Seen(token, stack))
        if self._state.state_stack[-2] in self.tables.lists and token.type not in {"SEMI", "RBRACE"}:
            self.begun = token.start_pos or 0
        if token.type == "LBRACE":
            self.blocks.append(token.start_pos or 0)
        elif token.type == "RBRACE":
            self.blocks.pop()

    def _recover(self, token: Token) -> None:
        """Report ``token``, which cannot stand where it stands, and find the way on."""
        from leadops.syntax.hints.diagnosis import diagnose, stray, unclosed  # noqa: PLC0415 (most texts have no mistake)

        start = token.start_pos or 0
        whole = self.tables.can_follow(self._state.state_stack, SKIPPED)
        if whole and self.blocks and (token.type == END or self._left_open(start)):
            if (
                self.source.text[self.blocks[-1] :][:1] == "{"
            ):  # not one that was only meant, and told of already
                self._report(Mistake(unclosed(self.source, self.blocks[-1])))
            self._feed(_token("RBRACE", "}", start, 0))
            return
        if whole and token.type == "RBRACE":
            self._report(Mistake(stray(self.source, token)))
            self.at = start + 1
            return
        if whole and token.type in {"RPAR", "RSQB"} and self.findings and start in self.scan.closing:
            self.at = start + 1  # the bracket that it closes was told of
            return
        if token.type == "LBRACE" and (begun := self._step_within()) is not None:
            self._report(Mistake(unclosed(self.source, self.blocks[-1])))
            self._leave()
            self._feed(_token("RBRACE", "}", begun, 0))
            self._back_to(begun)
            return
        place = Place(
            self.tables,
            self.source,
            self.scan,
            token,
            tuple(self._state.state_stack),
            tuple(self.seen),
            self.begun,
            whole,
        )
        mistake = diagnose(place)
        self._report(mistake)
        meant = mistake.read_as
        if meant is not None and self.tables.can_follow(self._state.state_stack, meant.type):
            self._feed(meant)
            self.at = meant.end_pos or 0
            return
        if mistake.go_on is not None:
            self._leave()
            self._feed(_token(SKIPPED, "", start))
            self._back_to(mistake.go_on)
            return
        starter = self.scan.starts_statement(start)
        if not (whole and (starter or self._first_on_line(start))):
            self._leave()
        self._feed(_token(SKIPPED, "", start))
        self.at = self._way_on(start + 1 if whole and starter else start)

    def _way_on(self, start: int) -> int:
        """Return where a statement may begin behind a mistake at ``start``: a line may begin with a misspelt one."""
        sync = self.scan.next_sync(start)
        end = len(self.source.text) if sync is None else sync
        line = self.source.line_of(start)
        for begin in self.source.starts[line : line + _LINES_AHEAD]:
            if begin >= end:
                break
            found = _FIRST_WORD.match(self.source.text, begin)
            if found is None or found[1].lower() in self.tables.keywords:
                continue
            if nearest(found[1], STARTERS, 1) or found[1].lower() in FOREIGN_STATEMENTS:
                return found.start(1)
        return end

    def _back_to(self, start: int) -> None:
        """Read again from ``start``, where a statement begins that was read as part of the one before."""
        self.at = self.begun = start
        while self.seen and (self.seen[-1].token.start_pos or 0) >= start:
            self.seen.pop()

    def _step_within(self) -> int | None:
        """Return where ``step "title"`` begins, read as a claim of a test that was never closed, if it is a step."""
        held = [seen.token for seen in list(self.seen)[-2:]]
        if [token.type for token in held] != ["STEP", "STRING"]:
            return None
        if (
            not self.blocks
            or self.blocks[-1] in self.scan.match
            or self.source.text[self.blocks[-1] :][:1] != "{"
        ):
            return None
        return held[0].start_pos or 0

    def _left_open(self, start: int) -> bool:
        """Whether a statement at ``start`` shows that the innermost block was never closed."""
        return self.scan.starts_statement(start) and self.blocks[-1] not in self.scan.match

    def _first_on_line(self, start: int) -> bool:
        return not self.seen or self.source.line_of(
            (self.seen[-1].token.end_pos or 1) - 1
        ) < self.source.line_of(start)

    def _leave(self) -> None:
        """Drop the unfinished statement from the parser's stacks, with the blocks that it closed already."""
        stack, values = self._state.state_stack, self._state.value_stack
        closed = 0
        while closed or stack[-1] not in self.tables.lists:
            stack.pop()
            value = values.pop()
            if isinstance(value, Token):
                closed += (value.type == "RBRACE") - (value.type == "LBRACE")

    def _stop(self, token: Token) -> None:
        """Leave the rest of the text unread; what is open is closed without a word."""
        from leadops.syntax.hints.diagnosis import too_long  # noqa: PLC0415 (as above)

        self.findings.append(too_long(self.source, token, MOST_TOKENS))
        self._mistakes = MOST_MISTAKES + 1
        self._end = self.at

    def _report(self, mistake: Mistake) -> None:
        self._mistakes += 1
        if self._mistakes <= MOST_MISTAKES:
            self.findings.append(mistake.diagnostic)
        if self._mistakes == MOST_MISTAKES:
            from leadops.syntax.hints.diagnosis import too_many  # noqa: PLC0415 (as above)

            self.findings.append(too_many(self.source, self.at, MOST_MISTAKES))
            self._end = self.at


def _token(kind: str, text: str, start: int, size: int | None = None) -> Token:
    return Token(kind, text, start_pos=start, end_pos=start + (len(text) if size is None else size))
