"""Spellings of other languages that the lexer knows in order to name them: operators, dates, quotes."""

import re
from collections.abc import Iterator
from datetime import date

from leadops.syntax.hints.mistakes import Mistake, Place, meant
from leadops.syntax.hints.trial import Change, fix, reads_on
from leadops.syntax.printing.canonical import print_text

_OPERATORS = {
    "==": "=", "===": "=", ":=": "=", "<>": "!=", "!==": "!=", "\u2260": "!=", "=<": "<=", "\u2264": "<=",
    "=>": ">=", "\u2265": ">=", "&&": "and", "&": "and", "||": "or", "|": "or", "!": "not",
}  # fmt: skip
_KINDS = {"=": "EQUALS", "and": "AND", "or": "OR", "not": "NOT"}
_QUOTES = "\"'\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb"
_ENDS_OF_TEXT = (
    re.compile(r"\s*;\s*[a-z]+\b", re.IGNORECASE),
    re.compile(r"\s*,\s*\w+\s*="),
    re.compile(r"\s+(?:once\s+per|each\s+run|key\s+\"|and\s+\w+\s*[=!<>]|in\s+\w+)", re.IGNORECASE),
    re.compile(r"[\s;}\]]*$"),
    re.compile(r"\s*$"),
)


def trap(place: Place) -> Mistake | None:
    """Name a spelling of another language."""
    match place.token.type:
        case "OTHER_OPERATOR":
            return _operator(place)
        case "OTHER_DATE":
            return _date(place)
        case "OTHER_QUOTES":
            return _quotes(place)
        case "OPEN_STRING" | "OPEN_BACKTICK":
            return _open(place)
        case _:
            return _turned_inside_out(place)


def _operator(place: Place) -> Mistake | None:
    wrong = str(place.token)
    right = _OPERATORS.get(wrong) or "".join(wrong.split())
    if wrong in {"&", "|"} and place.touching and place.source.text[place.end : place.end + 1].isalnum():
        return None  # a name, as A&B
    if wrong == "=>" and "EQUALS" in place.accepts and "COMPARE" not in place.accepts:
        right = "="
    kind = _KINDS.get(right, "COMPARE")
    if kind not in place.accepts:
        return None
    where = (place.start, place.end)
    spaced = f" {right} " if right.isalpha() else right
    return place.mistake(
        "E006",
        f"“{place.token}” is no operator here",
        where,
        f"write {right}",
        fix(place, f"replace {place.token} by {right}", [(*where, spaced)], safe=True),
        meant(kind, right, *where),
    )


def _date(place: Place) -> Mistake | None:
    if "DATE" not in place.accepts:
        return None
    where = (place.start, place.end)
    readings = _readings(str(place.token))
    if not readings:
        return place.mistake(
            "E007",
            f"“{place.token}” is no date",
            where,
            "write a day as 2026-04-30, or put the text in double quotes",
        )
    day_first = readings[0][1]
    both = " or ".join(f"{iso} ({order})" for order, iso in readings)
    order, _ = readings[0]
    return place.mistake(
        "E007",
        f"“{place.token}” is not how a date is written"
        if len(readings) == 1
        else f"“{place.token}” can be read in two ways",
        where,
        f"write {both}",
        fix(place, f"write {day_first} ({order})", [(*where, day_first)], safe=len(readings) == 1),
        meant("DATE", day_first, *where),
    )


def _readings(text: str) -> list[tuple[str, str]]:
    """Return (order, ISO day) for each way in which ``text`` is a day, the day before the month first."""
    a, b, c = (int(part) for part in re.split(r"[/.-]", text))
    if len(re.split(r"[/.-]", text)[0]) == 4:
        orders = [("year first", a, b, c), ("year, day, month", a, c, b)]
        orders = orders[:1] if _day(a, b, c) else orders
    else:
        year = c if c > 99 else 2000 + c
        orders = [("day first", year, b, a), ("month first", year, a, b)]
    found: list[tuple[str, str]] = []
    for order, year, month, day in orders:
        iso = _day(year, month, day)
        if iso and iso not in [known for _, known in found]:
            found.append((order, iso))
    return found


def _day(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _quotes(place: Place) -> Mistake | None:
    text = str(place.token)
    if place.touching and place.before is not None and place.before.type in {"WORD", "NUMBER"}:
        return None
    where = (place.start, place.end)
    closed = len(text) > 1 and text[-1] in _QUOTES
    kind = "single" if text[0] in "'\u2018\u2019\u201a\u201b" else "curly"
    if not closed:
        return place.mistake(
            "E004",
            "the quote opened here is not closed",
            where,
            "texts stand in straight double quotes, on one line",
        )
    inside = text[1:-1]
    if "STRING" in place.accepts:
        plain = print_text(inside)
        return place.mistake(
            "E005",
            f"{kind} quotes do not hold a text",
            where,
            f"write {plain}",
            fix(place, "use straight double quotes", [(*where, plain)], safe=True),
            meant("STRING", plain, *where),
        )
    if "BACKTICKED" in place.accepts and inside and "`" not in inside:
        plain = f"`{inside}`"
        change: list[Change] = [(*where, plain)]
        ready = fix(place, "use backticks", change) if reads_on(place, change) else None
        return place.mistake(
            "E005",
            "a field's label stands in backticks",
            where,
            f"write {plain}",
            ready,
            meant("BACKTICKED", plain, *where),
        )
    return None


def _open(place: Place) -> Mistake:
    mark = str(place.token)[0]
    name = "backtick" if mark == "`" else "double quote"
    end = place.source.line_end(place.start)
    one = (place.start, place.start + 1)
    kind = "STRING" if mark == '"' else "BACKTICKED"
    unopened = _unopened(place) if kind == "STRING" else None
    if unopened is not None:
        return unopened
    for at in _closings(str(place.token)):
        close = min(place.start + at, end)
        change: list[Change] = [(close, close, mark)]
        if close > place.start + 1 and reads_on(place, change):
            return place.mistake(
                "E004",
                f"the {name} opened here is not closed",
                one,
                f"add {mark} behind “{place.source.text[close - 1 - min(12, close - place.start - 2) : close]}”",
                fix(place, f"add the closing {name}", change),
                meant(kind, place.source.text[place.start : close] + mark, place.start, close),
            )
    return place.mistake(
        "E004",
        f"the {name} opened here is not closed",
        one,
        "a text begins and ends on one line; \\n in it is a new line",
    )


def _unopened(place: Place) -> Mistake | None:
    """Name the text that has a closing quote only: ``note = Thanks"``."""
    before = place.before
    behind = str(place.token)[1:].strip()
    if before is None or not place.touching or before.type != "WORD" or (behind and behind[0] not in ";,}])"):
        return None
    where = (before.start_pos or 0, place.start + 1)
    change: list[Change] = [(where[0], where[0], '"')]
    return place.mistake(
        "E004",
        "the double quote that closes here was never opened",
        where,
        f'write "{place.source.text[where[0] : where[1]]}',
        fix(place, "add the opening double quote", change) if reads_on(place, change) else None,
    )


def _closings(text: str) -> Iterator[int]:
    """Yield where the quote that opens ``text`` may have been meant to close, the likeliest first."""
    for pattern in _ENDS_OF_TEXT:
        found = pattern.search(text, 1)
        if found:
            yield found.start()


def _turned_inside_out(place: Place) -> Mistake | None:
    """Name the quote that is missing where texts and what stands between them have changed places."""
    before = place.before
    if before is None or before.type != "STRING" or not place.touching or not str(place.token)[:1].isalnum():
        return None
    start = before.start_pos or 0
    return place.mistake(
        "E004",
        "the double quote opened here seems to lack its closing one",
        (start, start + 1),
        f'the text ends in front of “{place.token}”; a quote within a text is written \\"',
    )
