"""Misspelt keywords, missing and superfluous words. No change is proposed that does not let the text read on."""

import re

from leadops.core.did_you_mean import nearest
from leadops.syntax.grammar.parse_tables import END
from leadops.syntax.grammar.prescan import FOREIGN_STATEMENTS
from leadops.syntax.hints.mistakes import Mistake, Place, meant
from leadops.syntax.hints.trial import Change, fix, reads_on
from leadops.syntax.printing.canonical import MONTHS
from leadops.syntax.printing.wording import SYMBOLS, expected, words

_DEEP = 5
"""How many tokens behind the mistake are read when there is a choice of words: ``wher`` is ``when`` or ``where``."""
_BACK = 3
"""How many tokens before the unexpected one may be the misspelt one: ``add acton 1001``."""
_INSERTED = {
    "EQUALS": "=", "WHERE": "where", "WITH": "with", "TO": "to", "FROM": "from", "LEADS": "leads", "BY": "by", "PER": "per",
    "OF": "of", "LEAD": "lead", "AS": "as", "COLON": ":", "PERCENT": "%", "COMMA": ",", "AND": "and", "ROW": "row", "CSV": "csv",
    "MOST": "most", "THEN": "then", "WHEN": "when", "RUN": "run", "FIRST": "first", "IN": "in", "BE": "be", "ARE": "are",
    "LSQB": "[", "MATCHES": "matches", "HAVE": "have", "ACTION": "action", "GIVEN": "given", "CALL": "call", "EACH": "each",
}  # fmt: skip
_NOISE = frozenset(
    {"the", "a", "an", "to", "of", "tag", "tags", "all", "any", "please", "that", "which", "who", "field", "value", "label",
     "lead", "leads", "their", "its", "only", "also", "just", "be", "are", "is", "it", "then"}
)  # fmt: skip
"""Words that may be left out without another meaning."""
_NO_FIELD = re.compile(r"\s+(?:in|during|times?)\b", re.IGNORECASE)
_BEGIN_PERIODS = frozenset(
    {"today", "yesterday", "this", "previous", "last", "since", *(m.lower() for m in MONTHS)}
)
_SYNONYMS = {
    "like": ("contains",), "includes": ("contains",), "begins": ("starts",), "containing": ("contains",), "select": ("find",), "get": ("find",), "search": ("find",),
    "if": ("when", "where"), "else": ("otherwise",), "change": ("set",), "unset": ("clear",),
    "with": ("where",), "whose": ("where",), "having": ("where", "with"), "values": ("with",),
    "current": ("this",), "past": ("last",), "until": ("in",), "equals": ("=",), "eq": ("=",),
    "after": (">",), "before": ("<",), "above": (">",), "below": ("<",), "over": (">",), "under": ("<",), "percent": ("%",),
    "delete": ("clear", "remove"), "max": ("at most",), "min": ("at least",), "upto": ("at most",), "atmost": ("at most",),
    "atleast": ("at least",), "on": ("in",), "from": ("in",), "contacts": ("leads",), "deal": ("lead",), "null": ("missing",),
    "every": ("each",), "string": ("text",), "str": ("text",), "int": ("number",), "integer": ("number",), "float": ("number",),
    "money": ("number",), "day": ("date",), "datetime": ("date",), "mail": ("email",), "password": ("secret",), "token": ("secret",),
}  # fmt: skip
"""Words of other languages, and what they may mean here."""
"""Words and signs whose absence is worth trying, by terminal; the first that helps is proposed."""
_WEEKDAYS = frozenset({"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"})


def misspelt(place: Place) -> Mistake | None:
    """Name the keyword that is misspelt: the unexpected token, or one shortly before it."""
    return next((found for more in (_DEEP, 1) if (found := _misspelt(place, more)) is not None), None)


def _misspelt(place: Place, more: int) -> Mistake | None:
    word = str(place.token).lower()
    if place.whole and word in FOREIGN_STATEMENTS and word not in _SYNONYMS:
        return None  # `let` is no misspelt `set`
    if not place.scan.starts_statement(
        place.start
    ):  # `read` behind a truncated statement is no misspelt `lead`
        here = _respelt(place, place.start, place.end, str(place.token), place.accepts, more)
        if here is not None:
            return here
    for seen in list(reversed(place.seen))[:_BACK]:
        start, end = seen.token.start_pos or 0, seen.token.end_pos or 0
        if start < place.begun:
            break
        if seen.token.type in {"WORD", "NAME"}:
            accepts = place.tables.accepts(seen.stack)
            found = _respelt(place, start, end, str(seen.token), accepts, more)
            if found is not None:
                return Mistake(found.diagnostic)
    return None


def _respelt(
    place: Place, start: int, end: int, text: str, accepts: frozenset[str], more: int
) -> Mistake | None:
    if not _is_word(text):
        return None
    if text.lower() in _WEEKDAYS and "NAMED_DAY" in accepts:
        message = f"“{text}” is no period: it may be the last one or the next"
        return place.mistake("E003", message, (start, end), "write its date, as 2026-04-27")
    known = words(accepts)
    for word in nearest(text, known):
        change: list[Change] = [(start, end, word)]
        if word != text.lower() and reads_on(place, change, more):
            return place.mistake(
                "E003",
                f"“{text}” is not known here",
                (start, end),
                f"did you mean “{word}”?",
                fix(place, f"write {word}", change),
                meant(known[word], word, start, end),
            )
    return None


def _is_word(text: str) -> bool:
    return text[:1].isalpha() and text.isascii() and len(text) > 1


def wrong_word(place: Place) -> Mistake | None:
    """Name a word where only one other can stand: ``between 1 to 5``."""
    return _wrong_word(place, _DEEP)


def likely_wrong_word(place: Place) -> Mistake | None:
    """Name a word where only one other can stand, whatever follows."""
    return _wrong_word(place, 1)


def _wrong_word(place: Place, more: int) -> Mistake | None:
    text = str(place.token)
    known = words(place.accepts)
    if len(known) != 1 or place.accepts - set(known.values()) - set(SYMBOLS) or not place.same_line:
        return None
    ((word, kind),) = known.items()
    change: list[Change] = [(place.start, place.end, word)]
    if not (_is_word(text) or place.token.type == "EQUALS") or place.token.type == "ROW_CELL":
        return None
    inserted: list[Change] = [(place.start, place.start, f"{word} ")]
    if _is_word(text) and reads_on(place, inserted, _DEEP):
        return _missing(place, kind, word, inserted)
    if word == "by" and reads_on(place, [(place.start, place.start, "by x ")], _DEEP):
        message = f"“by” and a field are missing in front of “{text}”"
        advice = f"write by phone {text}, with the field that names the leads"
        return place.mistake("E011", message, (place.start, place.end), advice)
    if not reads_on(place, change, more):
        return None
    return place.mistake(
        "E003",
        f"expected “{word}”, found “{text}”",
        (place.start, place.end),
        f"write {word}",
        fix(place, f"write {word}", change),
        meant(kind, word, place.start, place.end),
    )


def foreign_word(place: Place) -> Mistake | None:
    """Name a word of another language, where one of ours can stand."""
    text = str(place.token)
    known = words(place.accepts)
    for word in _SYNONYMS.get(text.lower(), ()):
        change: list[Change] = [(place.start, place.end, word)]
        if reads_on(place, change, 2):
            return place.mistake(
                "E003",
                f"“{text}” is not known here",
                (place.start, place.end),
                f"write {word}",
                fix(place, f"write {word}", change),
                meant(known[word], word, place.start, place.end) if word in known else None,
            )
    return None


def missing_value(place: Place) -> Mistake | None:
    """Name the value that is missing in front of a keyword, which was read as the value: ``called by in April``."""
    for seen in list(reversed(place.seen))[:2]:
        start, word = seen.token.start_pos or 0, str(seen.token)
        if start < place.begun:
            break
        if (
            seen.token.type == "WORD"
            and word.lower() in place.tables.keywords
            and reads_on(place, [(start, start, "x ")])
        ):
            return place.mistake(
                "E002",
                f"expected {expected(place.tables.accepts(seen.stack))}, found “{word}”",
                (start, start + len(word)),
                f"a value is missing in front of “{word}”; as a value itself it stands in double quotes",
            )
    return None


def missing_word(place: Place) -> Mistake | None:
    """Name the one word or sign that is missing in front of the unexpected token."""
    if not place.same_line or place.token.type in {"RBRACE", "SEMI", END}:
        return None
    tag = place.token.type == "STRING" and place.before is not None and place.before.type == "WORD"
    who = (
        place.token.type not in {"WORD", "NAME", "NUMBER", "YEAR"}
        or place.touching
        or "@" in str(place.token)
    )
    dated = str(place.token).lower() in _BEGIN_PERIODS
    for kind, word in sorted(_INSERTED.items(), key=lambda pair: dated and pair[0] != "IN"):
        if kind not in place.accepts or (kind == "COMMA" and tag) or (kind == "BY" and not who):
            continue
        if kind == "AND" and "BY" in place.accepts and _NO_FIELD.match(place.source.text, place.end):
            continue  # `called twice in April`
        padded = word if kind in SYMBOLS and kind != "EQUALS" else f"{word} "
        change: list[Change] = [(place.start, place.start, padded)]
        if reads_on(place, change, _DEEP if kind in {"COMMA", "WHEN"} else 1):
            return _missing(place, kind, word, change)
    return None


def _missing(place: Place, kind: str, word: str, change: list[Change]) -> Mistake:
    return place.mistake(
        "E011",
        f"“{word}” is missing in front of “{place.token}”",
        (place.start, place.end),
        f"write {word} {place.token}",
        fix(place, f"add {word}", change),
        meant(kind, word, place.start, place.start),
    )


def superfluous(place: Place) -> Mistake | None:
    """Name a word too many: the unexpected one, or the one before it."""
    if not place.same_line:
        return None
    token = place.token
    if str(token).lower() in _NOISE and reads_on(place, [(place.start, place.end, "")], more=2):
        return place.mistake(
            "E001",
            f"expected {expected(place.accepts)}, found “{token}”",
            (place.start, place.end),
            "remove it; a text of several words stands in double quotes",
            fix(place, f"remove {token}", [(place.start, place.end, "")]),
        )
    before = place.before
    if before is None or before.type not in {"WORD", "NAME"}:
        return None
    where = (before.start_pos or 0, before.end_pos or 0)
    if str(before).lower() not in _NOISE or not reads_on(place, [(*where, "")], more=2):
        return None
    return place.mistake(
        "E001",
        f"“{before}” is not known here",
        where,
        "remove it; a text of several words stands in double quotes",
        fix(place, f"remove {before}", [(*where, "")]),
    )
