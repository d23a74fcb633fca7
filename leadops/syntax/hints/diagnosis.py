"""Why a token cannot stand where it stands: the slips that people make first, then what was expected."""

from collections.abc import Callable
from dataclasses import replace

from lark import Token

from leadops.core.diagnostics import Diagnostic, Severity
from leadops.core.did_you_mean import nearest
from leadops.syntax.grammar.parse_tables import END
from leadops.syntax.grammar.prescan import RESERVED, STARTERS
from leadops.syntax.grammar.source_text import Source
from leadops.syntax.hints.foreign import (
    bare_template,
    foreign_statement,
    glued,
    lookalike,
    order_by,
    sql_like,
    unset,
)
from leadops.syntax.hints.habits import (
    bare_action,
    foreign_name,
    limited,
    negated_activity,
    shortened_test,
    stray_zone,
)
from leadops.syntax.hints.idioms import (
    amount,
    bare_list,
    comma_for_with,
    comparison_in_words,
    joined_statements,
    joining_comma,
    list_behind_equals,
    negated_value,
    plain_count,
    quarter,
    sql_update,
    stray_where,
    time_to_come,
    wrong_end,
)
from leadops.syntax.hints.labels import label_before_equals, label_further_back, several_words, swallowed_for
from leadops.syntax.hints.mistakes import Mistake, Place
from leadops.syntax.hints.moving import counted_times, moving_day, period_in_words
from leadops.syntax.hints.operators import (
    alternatives,
    colon,
    comma,
    foreign_comment,
    grouped_digits,
    is_value,
    list_brackets,
    trailing_comma,
)
from leadops.syntax.hints.sayings import by_several, doubled, is_too_much, negated_test, never, there_or_not
from leadops.syntax.hints.shapes import (
    bare_tag,
    day_and_time,
    define_alone,
    dollar,
    last_unit,
    missing_brace,
    number_range,
    quoted_field,
    quoted_name,
    two_word_name,
)
from leadops.syntax.hints.speech import (
    counted,
    day_in_words,
    days_from_to,
    number_in_words,
    once_in_words,
    seconds,
    short_month,
)
from leadops.syntax.hints.spelling import (
    foreign_word,
    likely_wrong_word,
    missing_value,
    missing_word,
    misspelt,
    superfluous,
    wrong_word,
)
from leadops.syntax.hints.traps import trap
from leadops.syntax.printing.wording import SYMBOLS, expected

_OWN_PLACE = {
    "given": 'it stands in a test: test "TITLE" { given … }',
    "step": "steps are not nested: close the step before it with }",
}
_FINISH = "finish the statement, or remove it"
_FIRST_WORDS = f"a statement begins with {', '.join(sorted(STARTERS - {'given'}))}"


def _swallowed(place: Place) -> Mistake | None:
    """Name a truncated statement that went on to read a misspelt one on the next line as its own."""
    for at in range(len(place.seen) - 1, max(0, len(place.seen) - 3), -1):
        token, before = place.seen[at].token, place.seen[at - 1].token
        start, end = token.start_pos or 0, before.end_pos or 0
        if start <= place.begun or token.type not in {"NAME", "WORD"}:
            return None
        word = str(token).lower()
        first = "\n" in place.source.text[end:start]
        if first and word not in place.tables.keywords and len(word) > 2 and nearest(word, STARTERS, 1):
            wanted = expected(place.tables.accepts(place.seen[at].stack))
            message = f"the statement ends too early: expected {wanted} after “{_shown(before)}”"
            found = place.mistake("E002", message, (end, end), "finish the statement, or remove it")
            return Mistake(found.diagnostic, go_on=start)
    return None


_TAKEN = (("STOP", "WHEN", -1, ""), ("GIVEN", "PARAM", -2, "COLON"), ("LEAD", "CREATE", -1, "LEAD"))
"""Words that go on with the one before, or begin a statement: the pair, where it ends, the token that settles it."""


def _taken(place: Place) -> Mistake | None:
    """Name a truncated statement that took the first word of the next line's: ``stop``, a new line, ``when a = 1``."""
    for first, second, at, settles in _TAKEN:
        held = place.seen[at - 1 : at + len(place.seen) + 1][:2]
        if [seen.token.type for seen in held] != [first, second]:
            continue
        if (held[0].token.start_pos or 0) < place.begun:
            continue  # told of already: reading went on at the second word
        end, start = held[0].token.end_pos or 0, held[1].token.start_pos or 0
        if place.token.type != (settles or place.token.type) or "\n" not in place.source.text[end:start]:
            continue
        wanted = expected(place.tables.accepts(held[1].stack))
        message = f"the statement ends too early: expected {wanted} after “{held[0].token}”, but “{held[1].token}” follows"
        return Mistake(place.mistake("E002", message, (end, end), _FINISH).diagnostic, go_on=start)
    return None


_SLIPS: tuple[Callable[[Place], Mistake | None], ...] = (
    trap,
    lookalike,
    doubled,
    by_several,
    moving_day,
    counted_times,
    period_in_words,
    shortened_test,
    negated_test,
    negated_activity,
    is_too_much,
    there_or_not,
    _swallowed,
    _taken,
    missing_brace,
    foreign_name,
    stray_zone,
    limited,
    define_alone,
    colon,
    trailing_comma,
    grouped_digits,
    foreign_comment,
    order_by,
    sql_like,
    bare_template,
    comparison_in_words,
    is_value,
    joined_statements,
    day_in_words,
    days_from_to,
    counted,
    once_in_words,
    short_month,
    seconds,
    number_in_words,
    never,
    misspelt,
    bare_action,
    label_before_equals,
    negated_value,
    missing_value,
    wrong_word,
    time_to_come,
    stray_where,
    sql_update,
    foreign_word,
    foreign_statement,
    glued,
    unset,
    list_behind_equals,
    quarter,
    list_brackets,
    quoted_field,
    quoted_name,
    two_word_name,
    dollar,
    alternatives,
    number_range,
    last_unit,
    bare_tag,
    bare_list,
    day_and_time,
    plain_count,
    amount,
    wrong_end,
    swallowed_for,
    several_words,
    label_further_back,
    comma,
    joining_comma,
    comma_for_with,
    likely_wrong_word,
    missing_word,
)


_GUESSES = frozenset({several_words, label_further_back, label_before_equals, swallowed_for, misspelt})
"""Slips that may be found in any text of several words: where the text with the correction makes no sense, the plain
message says more."""


def diagnose(place: Place) -> Mistake:
    """Name the cause of what stopped reading at ``place``."""
    if place.whole and place.scan.starts_statement(place.start):
        return _misplaced(place)
    for slip in _SLIPS:
        found = slip(place)
        if found is None:
            continue
        if slip in _GUESSES:
            plain = replace(_unexpected(place).diagnostic, help="")
            return replace(found, diagnostic=replace(found.diagnostic, otherwise=plain))
        return found
    if not place.whole and (place.token.type in {END, "SEMI", "RBRACE"} or not place.same_line):
        return _truncated(place)
    return superfluous(place) or _unexpected(place)


def _misplaced(place: Place) -> Mistake:
    word = str(place.token).lower()
    where = expected(place.accepts)
    return place.mistake(
        "E022",
        f"“{word}” cannot stand here",
        (place.start, place.end),
        f"expected {where}" if where != "the next statement" else _OWN_PLACE.get(word, ""),
    )


def _truncated(place: Place) -> Mistake:
    opened = _innermost(place) if place.accepts & {"RPAR", "RSQB"} else None
    if opened is not None:
        return Mistake(unclosed(place.source, opened))
    last = place.seen[-1].token if place.seen else place.token
    at = last.end_pos or 0
    found = "the file ends" if place.token.type == END else f"“{_shown(place.token)}” follows"
    return place.mistake(
        "E002",
        f"the statement ends too early: expected {expected(place.accepts)} after “{_shown(last)}”, but {found}",
        (at, at),
        "finish the statement, or remove it",
    )


def _innermost(place: Place) -> int | None:
    """Return the innermost ( or [ of the statement that is open here."""
    depth = 0
    for seen in reversed(place.seen):
        start = seen.token.start_pos or 0
        if start < place.begun:
            break
        if seen.token.type in {"RPAR", "RSQB"}:
            depth += 1
        elif seen.token.type in {"LPAR", "LSQB"}:
            if depth == 0:
                return start
            depth -= 1
    return None


def _unexpected(place: Place) -> Mistake:
    token = place.token
    where = (place.start, place.end)
    if token.type in {"RPAR", "RSQB"} and _innermost(place) is None:
        return Mistake(stray(place.source, token))
    if place.whole and not place.same_line:
        return place.mistake("E001", f"“{_shown(token)}” begins no statement", where, _FIRST_WORDS)
    behind = f" after “{_shown(place.seen[-1].token)}”" if place.seen else ""
    message = f"expected {expected(place.accepts)}{behind}, found “{_shown(token)}”"
    advice = _advice(place)
    if str(token).lower() in RESERVED and place.accepts & {"STRING", "BACKTICKED"}:
        advice = "as a value put it in double quotes, as a field's name in backticks"
    return place.mistake("E001", message, where, advice)


def _advice(place: Place) -> str:
    if place.token.type == "RSQB" and place.seen and place.seen[-1].token.type == "LSQB":
        return "a list holds at least one value; for no value write: is missing"
    if place.token.type == "LSQB" and place.seen and place.seen[-1].token.type in {"EQUALS", "COMPARE"}:
        return "a list stands after in, has any and has all; for no value write: is missing"
    if place.token.type not in SYMBOLS and "STRING" in place.accepts:
        return "put the text in double quotes, if it is one"
    begun = place.source.text[place.begun : place.start].split()
    if begun and begun[0].lower() == "add" and place.token.type == "LSQB":
        return "write the tags without brackets: add VIP, Plot to FIELD"
    if begun and begun[0].lower() == "remove":
        return 'write remove "TAG" from FIELD; actions cannot be removed'
    if len(begun) == 1 and begun[0].lower() == "find":
        return "write find leads where …, or find lead where … for exactly one"
    if begun and begun[0].lower() == "param":
        return "write param NAME: TYPE, or param NAME: TYPE = VALUE"
    if begun and begun[0].lower() == "given":
        return "write given lead with FIELD = VALUE, given now 2026-05-02T09:00 or given param NAME = VALUE"
    if place.source.text[place.begun : place.begun + 4].lower() == "add ":
        return 'write: add "TAG" to FIELD, or: add action CODE with FIELD = VALUE'
    return ""


def _shown(token: Token) -> str:
    text = str(token)
    return text if len(text) <= 40 else f"{text[:39]}…"


def unclosed(source: Source, opened: int) -> Diagnostic:
    """Say that the bracket at ``opened`` is never closed."""
    bracket = source.text[opened]
    closing = {"{": "}", "(": ")", "[": "]"}[bracket]
    span = source.span(opened, opened + 1)
    return Diagnostic("E013", Severity.ERROR, f"this “{bracket}” is never closed", span, f"add “{closing}”")


def stray(source: Source, token: Token) -> Diagnostic:
    """Say that a closing bracket closes nothing."""
    span = source.span(token.start_pos or 0, token.end_pos or 0)
    return Diagnostic("E014", Severity.ERROR, f"this “{token}” closes nothing", span, "remove it")


def too_long(source: Source, token: Token, most: int) -> Diagnostic:
    """Say that the text has more words and signs than are read."""
    span = source.span(token.start_pos or 0, token.end_pos or 0)
    message = f"more than {most} words and signs; the rest is not read"
    advice = "split the playbook, or read the rows of a list from a CSV file"
    return Diagnostic("E019", Severity.ERROR, message, span, advice)


def too_many(source: Source, at: int, most: int) -> Diagnostic:
    """Say that the rest of the text was not read."""
    message = f"{most} mistakes; the rest is not read"
    return Diagnostic("E024", Severity.ERROR, message, source.span(at, at), "mend those above first")
