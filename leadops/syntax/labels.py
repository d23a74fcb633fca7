"""Texts of several words, and reserved words, that lack their quotes."""

import re
from collections.abc import Iterator

from leadops.syntax.mistakes import Mistake, Place, meant
from leadops.syntax.phrases import print_text
from leadops.syntax.trial import Change, fix, reads_on
from leadops.syntax.wording import expected

_WORD = re.compile(r"[^\s,;{}()\[\]\"`#=]+")
_BLANKS = re.compile(r"[ \t\u00a0]+")
_CALCULATION = re.compile(r"[-+*/]=?[ \t]*[\w.$]+[ \t]*(?:[;}#\r\n]|$)")
_MOST_WORDS = 8
_LIKE_WORDS = frozenset({"WORD", "NUMBER", "DATE", "EMAIL"})


def several_words(place: Place) -> Mistake | None:
    """Name a text that needs quotes, the shortest that lets the statement read on."""
    if not place.same_line:
        return None
    if _CALCULATION.match(place.source.text, place.start):
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
    if (
        before is not None
        and before.type == "NAME"
        and "BACKTICKED" in place.tables.accepts(place.seen[-1].stack)
    ):
        return _label(place, before.start_pos or 0)
    return None


def _at_a_value(place: Place) -> Mistake | None:
    for count, end in _runs(place.source.text, place.start):
        text = place.source.text[place.start : end]
        change: list[Change] = [(place.start, end, print_text(text))]
        if reads_on(place, change):
            alone = count == 1 and place.token.type in place.reserved
            return place.mistake(
                "E012" if alone else "E009",
                f"“{text}” is a word of the language" if alone else f"“{text}” needs double quotes",
                (place.start, end),
                f"write {print_text(text)}",
                fix(place, "put it in double quotes", change),
                meant("STRING", print_text(text), place.start, end),
            )
    return None


def _behind_a_value(place: Place, start: int) -> Mistake | None:
    for _, end in _runs(place.source.text, start):
        if end <= place.start:
            continue
        text = place.source.text[start:end]
        change: list[Change] = [(start, end, print_text(text))]
        if reads_on(place, change):
            return place.mistake(
                "E009",
                f"“{text}” needs double quotes",
                (start, end),
                f"write {print_text(text)}{', or put commas between' if 'RSQB' in place.accepts else ''}",
                fix(place, "put it in double quotes", change),
            )
    return None


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


def _label(place: Place, start: int) -> Mistake | None:
    """Name a field's label of several words: ``where Lead Source = Web``."""
    for _, end in _runs(place.source.text, start):
        if end <= place.start:
            continue
        text = place.source.text[start:end]
        change: list[Change] = [(start, end, f"`{text}`")]
        if reads_on(place, change):
            return place.mistake(
                "E009",
                f"the label “{text}” needs backticks",
                (start, end),
                f"write `{text}`",
                fix(place, "put it in backticks", change),
            )
    return None


def _runs(text: str, start: int) -> Iterator[tuple[int, int]]:
    """Yield (words, end) of the runs of one, two, three … words that begin at ``start``, on one line."""
    at = start
    for count in range(1, _MOST_WORDS + 1):
        word = _WORD.match(text, at)
        if word is None:
            return
        yield count, word.end()
        blanks = _BLANKS.match(text, word.end())
        if blanks is None:
            return
        at = blanks.end()
