"""Misspelt keywords, missing and superfluous words. No change is proposed that does not let the text read on."""

from leadops.core.suggest import nearest
from leadops.syntax.mistakes import Mistake, Place, meant
from leadops.syntax.trial import Change, fix, reads_on
from leadops.syntax.wording import SYMBOLS, words

_BACK = 3
"""How many tokens before the unexpected one may be the misspelt one: ``add acton 1001``."""
_INSERTED = {
    "EQUALS": "=", "WHERE": "where", "WITH": "with", "TO": "to", "FROM": "from", "LEADS": "leads", "BY": "by", "PER": "per",
    "OF": "of", "LEAD": "lead", "AS": "as", "COLON": ":", "PERCENT": "%", "COMMA": ",", "AND": "and", "ROW": "row", "CSV": "csv",
    "MOST": "most", "THEN": "then", "WHEN": "when", "RUN": "run", "FIRST": "first", "IN": "in", "BE": "be", "ARE": "are",
    "MATCHES": "matches", "HAVE": "have", "ACTION": "action", "GIVEN": "given", "CALL": "call",
}  # fmt: skip
"""Words and signs whose absence is worth trying, by terminal; the first that helps is proposed."""


def misspelt(place: Place) -> Mistake | None:
    """Name the keyword that is misspelt: the unexpected token, or one shortly before it."""
    here = _respelt(place, place.start, place.end, str(place.token), place.accepts)
    if here is not None:
        return here
    for seen in list(reversed(place.seen))[:_BACK]:
        start, end = seen.token.start_pos or 0, seen.token.end_pos or 0
        if start < place.begun:
            break
        if seen.token.type in {"WORD", "NAME"}:
            accepts = place.tables.accepts(seen.stack)
            found = _respelt(place, start, end, str(seen.token), accepts)
            if found is not None:
                return Mistake(found.diagnostic)
    return None


def _respelt(place: Place, start: int, end: int, text: str, accepts: frozenset[str]) -> Mistake | None:
    if not text[:1].isalpha() or not text.isascii() or len(text) < 2:
        return None
    known = words(accepts)
    for word in nearest(text, known):
        change: list[Change] = [(start, end, word)]
        if word != text.lower() and reads_on(place, change):
            return place.mistake(
                "E003",
                f"“{text}” is not known here",
                (start, end),
                f"did you mean “{word}”?",
                fix(place, f"write {word}", change),
                meant(known[word], word, start, end),
            )
    if len(known) == 1 and not accepts - set(known.values()) - set(SYMBOLS) and place.same_line:
        ((word, kind),) = known.items()
        change = [(start, end, word)]
        if reads_on(place, change):
            return place.mistake(
                "E003",
                f"expected “{word}”, found “{text}”",
                (start, end),
                f"write {word}",
                fix(place, f"write {word}", change),
                meant(kind, word, start, end),
            )
    return None


def missing_word(place: Place) -> Mistake | None:
    """Name the one word or sign that is missing in front of the unexpected token."""
    if not place.same_line:
        return None
    for kind, word in _INSERTED.items():
        if kind not in place.accepts:
            continue
        padded = word if kind in SYMBOLS and kind != "EQUALS" else f"{word} "
        change: list[Change] = [(place.start, place.start, padded)]
        if reads_on(place, change):
            return place.mistake(
                "E011",
                f"“{word}” is missing in front of “{place.token}”",
                (place.start, place.end),
                f"write {word} {place.token}",
                fix(place, f"add {word}", change),
                meant(kind, word, place.start, place.start),
            )
    return None


def superfluous(place: Place) -> Mistake | None:
    """Name a word too many."""
    if not place.same_line or not str(place.token)[:1].isalpha():
        return None
    change: list[Change] = [(place.start, place.end, "")]
    if not reads_on(place, change, more=2):
        return None
    return place.mistake(
        "E001",
        f"“{place.token}” is not known here",
        (place.start, place.end),
        "remove it; a text of several words stands in double quotes",
        fix(place, "remove it", change),
    )
