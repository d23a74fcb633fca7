"""Texts of several words, and reserved words, that lack their quotes."""

import re
from collections.abc import Iterator

from leadops.syntax.hints.mistakes import Mistake, Place, meant
from leadops.syntax.hints.trial import Change, fix, reads_on
from leadops.syntax.printing.canonical import print_text
from leadops.syntax.printing.wording import SYMBOLS, expected

_WORD = re.compile(r"[^\s,;{}()\[\]\"`#=]+")
_BLANKS = re.compile(r"[ \t\u00a0]+")
_CALCULATION = re.compile(r"[-+*/]=?[ \t]*[\w.$]+[ \t]*(?:[;}#\r\n]|$)")
_MAIL = re.compile(r"[^@\s\"]*@[^@\s\"]*")
_MOST_WORDS = 8
_BACK = 5
"""How many tokens before the unexpected one a text that needs quotes may begin."""
_LIKE_WORDS = frozenset({"WORD", "NUMBER", "DATE", "EMAIL"})


def several_words(place: Place) -> Mistake | None:
    """Name a text that needs quotes, the shortest that lets the statement read on."""
    if not place.same_line:
        return None
    name = place.touching and place.before is not None and place.before.type == "WORD"  # Pune/Mumbai
    if not name and _CALCULATION.match(place.source.text, place.start):
        return place.mistake(
            "E001",
            f"expected {expected(place.accepts)}, found “{place.token}”",
            (place.start, place.end),
            "values are not calculated; write the value itself",
        )
    if "STRING" in place.accepts:
        return _at_a_value(place)
    if "BACKTICKED" in place.accepts and place.token.type in place.reserved:
        return _reserved_field(place)
    before = place.before
    if before is not None and before.type in _LIKE_WORDS:
        return _behind_a_value(place, before.start_pos or 0)
    if before is not None and before.type == "ROW_CELL" and place.token.type not in SYMBOLS:
        return _label(place, (before.start_pos or 0) + len("row."), before.start_pos or 0)
    if (
        before is not None
        and before.type == "NAME"
        and "BACKTICKED" in place.tables.accepts(place.seen[-1].stack)
    ):
        return _label(place, before.start_pos or 0)
    return None


def label_further_back(place: Place) -> Mistake | None:
    """Name a text whose next words were read on as something else: ``add action Site visit with note = …``."""
    for seen in list(reversed(place.seen))[1:_BACK]:
        start = seen.token.start_pos or 0
        if start < place.begun or "\n" in place.source.text[start : place.start]:
            break
        if seen.token.type != "WORD":
            continue
        for count, end in _runs(place.source.text, start):
            text = place.source.text[start:end]
            change: list[Change] = [(start, end, print_text(text))]
            if count > 1 and end < place.start and reads_on(place, change, 3):
                return place.mistake(
                    "E009",
                    f"“{text}” needs double quotes",
                    (start, end),
                    f"write {print_text(text)}",
                    fix(place, "put it in double quotes", change),
                )
    return None


def _at_a_value(place: Place) -> Mistake | None:
    for count, end in _runs(place.source.text, place.start):
        text = place.source.text[place.start : end]
        change: list[Change] = [(place.start, end, print_text(text))]
        if reads_on(place, change):
            alone = count == 1 and place.token.type in place.reserved
            if _is_negated(place, text):
                return _or_unequal(place, (place.start, end))
            if not alone and _MAIL.fullmatch(text):
                return _half_an_address(place, (place.start, end))
            return place.mistake(
                "E012" if alone else "E009",
                f"“{text}” is a word of the language" if alone else f"“{text}” needs double quotes",
                (place.start, end),
                f"write {print_text(text)}",
                fix(place, "put it in double quotes", change),
                meant("STRING", print_text(text), place.start, end),
            )
    return None


def _is_negated(place: Place, text: str) -> bool:
    return text.startswith("not ") and place.before is not None and place.before.type == "EQUALS"


def _or_unequal(place: Place, where: tuple[int, int]) -> Mistake:
    """Name ``status = not Won``, which is a text of two words, or a comparison with all others."""
    text = place.source.text[slice(*where)]
    equals = place.before.start_pos or 0 if place.before is not None else where[0]
    other = text[4:].strip()
    right = f"!= {other if other.isalnum() else print_text(other)}"
    advice = f"for all others write {right}; as one text write {print_text(text)}"
    ready = fix(place, f"write {right}", [(equals, where[1], right)])
    return place.mistake("E009", f"“{text}” needs double quotes", where, advice, ready)


def _behind_a_value(place: Place, start: int) -> Mistake | None:
    for _, end in _runs(place.source.text, start):
        if end <= place.start:
            continue
        text = place.source.text[start:end]
        change: list[Change] = [(start, end, print_text(text))]
        if reads_on(place, change):
            if _MAIL.fullmatch(text):
                return _half_an_address(place, (start, end))
            return place.mistake(
                "E009",
                f"“{text}” needs double quotes",
                (start, end),
                f"write {print_text(text)}{', or put commas between' if 'RSQB' in place.accepts else ''}",
                fix(place, "put it in double quotes", change),
            )
    return None


def _half_an_address(place: Place, where: tuple[int, int]) -> Mistake:
    text = place.source.text[slice(*where)]
    advice = "write it as name@company.com; if it is another text, put it in double quotes"
    return place.mistake("E009", f"“{text}” is no whole e-mail address", where, advice)


def swallowed_for(place: Place) -> Mistake | None:
    """Name a text in which ``for`` was read as a statement: ``note = Thanks for calling``."""
    if (
        len(place.seen) < 2
        or place.seen[-1].token.type != "FOR"
        or place.seen[-2].token.type not in _LIKE_WORDS
    ):
        return None
    start = place.seen[-2].token.start_pos or 0
    return _behind_a_value(place, start) if "\n" not in place.source.text[start : place.start] else None


def _reserved_field(place: Place) -> Mistake | None:
    plain = f"`{place.token}`"
    change: list[Change] = [(place.start, place.end, plain)]
    if not reads_on(place, change):
        return None
    return place.mistake(
        "E012",
        f"“{place.token}” is a word of the language",
        (place.start, place.end),
        f"as a field's name write {plain}",
        fix(place, "put it in backticks", change),
        meant("BACKTICKED", plain, place.start, place.end),
    )


def label_before_equals(place: Place) -> Mistake | None:
    """Name a field's label whose second word was read as its value: ``set Deal size = 5``."""
    held = place.seen[-2:]
    if place.token.type not in {"EQUALS", "TO"} or [seen.token.type for seen in held] != ["NAME", "WORD"]:
        return None
    start = held[0].token.start_pos or 0
    if start < place.begun or "\n" in place.source.text[start : place.start]:
        return None
    label = place.source.text[start : held[1].token.end_pos or 0]
    change: list[Change] = [(start, held[1].token.end_pos or 0, f"`{label}`")]
    if not reads_on(place, change):
        return None
    return place.mistake(
        "E009",
        f"the label “{label}” needs backticks",
        (start, held[1].token.end_pos or 0),
        f"write `{label}`",
        fix(place, "put it in backticks", change),
    )


def _label(place: Place, start: int, shown: int | None = None) -> Mistake | None:
    """Name a label of several words: ``where Lead Source = Web``, ``row.Met on``."""
    for _, end in _runs(place.source.text, start):
        if end <= place.start:
            continue
        text = place.source.text[start:end]
        change: list[Change] = [(start, end, f"`{text}`")]
        if reads_on(place, change):
            return place.mistake(
                "E009",
                f"the label “{text}” needs backticks",
                (start if shown is None else shown, end),
                f"write {place.source.text[shown:start] if shown is not None else ''}`{text}`",
                fix(place, "put it in backticks", change),
            )
    return None


def _runs(text: str, start: int) -> Iterator[tuple[int, int]]:
    """Yield (words, end) of the runs of one, two, three … words that begin at ``start``, on one line.

    A text does not end in ``and`` or ``or``: there a condition goes on, or was meant to.
    """
    at = start
    for count in range(1, _MOST_WORDS + 1):
        word = _WORD.match(text, at)
        if word is None:
            return
        if count == 1 or word.group().casefold() not in {"and", "or"}:
            yield count, word.end()
        blanks = _BLANKS.match(text, word.end())
        if blanks is None:
            return
        at = blanks.end()
