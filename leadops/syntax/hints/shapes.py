"""Slips of shape: a field in quotes, a range with a hyphen, a tag without its list, a day beside its time."""

import re

from leadops.syntax.grammar.parse_tables import END
from leadops.syntax.hints.mistakes import Mistake, Place, meant
from leadops.syntax.hints.trial import Change, fix, reads_on
from leadops.syntax.printing.wording import VALUES, expected

_HYPHENS = re.compile(r"([0-9]+)[ \t]*(?:-|\u2013|to)[ \t]*([0-9]+)(?![\w-])")
_DAY_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ \t]+([0-9]{1,2}):([0-9]{2})(?::[0-9]{2})?(?![\w:])")
_NAME = re.compile(r"(?=[0-9]*[^\W0-9])\w+")
_WORDS = re.compile(r"\w+(?:[ \t]+(?!as\b)\w+)+", re.IGNORECASE)
_DOLLAR = re.compile(r"\$+\{?(?P<name>[^\W0-9]\w*)\}?")
_VALUE = re.compile(r'"(?:[^"\\\r\n]|\\[^\r\n])*"|[^\s,;{}()\[\]"`#=]+')


def quoted_field(place: Place) -> Mistake | None:
    """Name a field that stands in double quotes."""
    if place.token.type != "STRING" or "BACKTICKED" not in place.accepts:
        return None
    name = str(place.token)[1:-1]
    if not name or "`" in name:
        return None
    plain = name if _NAME.fullmatch(name) and name.upper() not in place.reserved else f"`{name}`"
    change: list[Change] = [(place.start, place.end, plain)]
    if not reads_on(place, change):
        return None
    return place.mistake(
        "E005",
        "a field stands without double quotes",
        (place.start, place.end),
        f"write {plain}; a label of several words stands in backticks",
        fix(place, f"write {plain}", change, safe=True),
        meant("BACKTICKED" if plain.startswith("`") else "NAME", plain, place.start, place.end),
    )


def quoted_name(place: Place) -> Mistake | None:
    """Name the name of a param or a define in quotes: ``matches "cool"``."""
    if place.token.type != "STRING" or "NAME" not in place.accepts or "BACKTICKED" in place.accepts:
        return None
    name = str(place.token)[1:-1]
    change: list[Change] = [(place.start, place.end, name)]
    if _NAME.fullmatch(name) is None or not reads_on(place, change):
        return None
    where = (place.start, place.end)
    ready = fix(place, f"write {name}", change, safe=True)
    return place.mistake(
        "E005", "a name stands without quotes", where, f"write {name}", ready, meant("NAME", name, *where)
    )


def two_word_name(place: Place) -> Mistake | None:
    """Name the name of a param or a define of several words: ``define very cool as``."""
    held = place.seen[-2:]
    if [seen.token.type for seen in held] not in (
        ["DEFINE", "NAME"],
        ["PARAM", "NAME"],
    ) or not place.same_line:
        return None
    start = held[1].token.start_pos or 0
    found = _WORDS.match(place.source.text, start)
    if found is None or found.end() <= place.start:
        return None
    right = "_".join(found.group().split())
    change: list[Change] = [(*found.span(), right)]
    if not reads_on(place, change):
        return None
    message = f"“{found.group()}” is not one word"
    return place.mistake(
        "E009", message, found.span(), f"write {right}", fix(place, f"write {right}", change)
    )


def dollar(place: Place) -> Mistake | None:
    """Name a param as other languages write it: ``${who}``, ``$$who``."""
    found = _DOLLAR.match(place.source.text, place.start)
    if found is None or "PARAM_REF" not in place.accepts:
        return None
    right = f"${found['name']}"
    change: list[Change] = [(*found.span(), right)]
    if not reads_on(place, change):
        return None
    message = f"“{found.group()}” is not how a param is written"
    ready = fix(place, f"write {right}", change, safe=True)
    return place.mistake(
        "E001", message, found.span(), f"write {right}", ready, meant("PARAM_REF", right, *found.span())
    )


def number_range(place: Place) -> Mistake | None:
    """Name a range with a hyphen: ``expect 1-5 leads``."""
    found = _HYPHENS.match(place.source.text, place.start)
    if found is None:
        return None
    return _replaced(
        place, found.span(), f"{found[1]}..{found[2]}", "a range is written with two dots", "E006"
    )


def last_unit(place: Place) -> Mistake | None:
    """Name ``last month``, which could mean two things."""
    if place.token.type != "UNIT" or not place.seen or place.seen[-1].token.type != "LAST":
        return None
    start = place.seen[-1].token.start_pos or 0
    unit = str(place.token).lower().removesuffix("s")
    change: list[Change] = [(start, place.end, f"previous {unit}")]
    if not reads_on(place, change):
        return None
    return place.mistake(
        "E011",
        f"“last {unit}” lacks a number",
        (start, place.end),
        f"write previous {unit} for the whole {unit} before this one, last 1 {unit} for it and this one until now",
        fix(place, f"write previous {unit}", change),
    )


def bare_tag(place: Place) -> Mistake | None:
    """Name a tag without its list: ``interests has VIP``."""
    if not {"ANY", "ALL"} <= place.accepts:
        return None
    found = _VALUE.match(place.source.text, place.start)
    if found is None:
        return None
    return _replaced(
        place, found.span(), f"any [{found.group()}]", "tags are asked for with any or all", "E011"
    )


def day_and_time(place: Place) -> Mistake | None:
    """Name a day and a time that lack the T between them."""
    before = place.before
    if before is None or before.type != "DATE" or not VALUES.isdisjoint(place.accepts):
        return None
    found = _DAY_TIME.match(place.source.text, before.start_pos or 0)
    if found is None:
        return None
    return _replaced(
        place,
        found.span(),
        f"{found[1]}T{found[2]:0>2}:{found[3]}",
        "a day and its time are joined by T",
        "E007",
    )


def _replaced(place: Place, where: tuple[int, int], right: str, message: str, code: str) -> Mistake | None:
    change: list[Change] = [(*where, right)]
    if not reads_on(place, change):
        return None
    return place.mistake(code, message, where, f"write {right}", fix(place, f"write {right}", change))


def define_alone(place: Place) -> Mistake | None:
    """Name a condition's name without ``matches``: ``where cool``."""
    before = place.before
    if before is None or before.type != "NAME" or not {"EQUALS", "CONTAINS"} <= place.accepts:
        return None
    if str(before) not in place.scan.defined:
        return None
    where = (before.start_pos or 0, before.end_pos or 0)
    change: list[Change] = [(where[0], where[0], "matches ")]
    if not reads_on(place, change):
        return None
    return place.mistake(
        "E011",
        f"“matches” is missing in front of “{before}”",
        where,
        f"write matches {before}",
        fix(place, "add matches", change),
    )


def missing_brace(place: Place) -> Mistake | None:
    """Name the brace that is missing in front of a block: ``step "a"``, a new line, ``find leads``."""
    if "LBRACE" not in place.accepts or place.whole or place.token.type in {END, "SEMI", "COMMA"}:
        return None
    last = place.seen[-1].token
    begun = place.source.text[place.begun : last.end_pos or 0].split(maxsplit=1)
    starts = place.scan.starts_statement(place.start) or place.token.type == "COLON"
    if place.token.type == "RBRACE" or not (starts or len(place.accepts) == 1):
        return None
    at = last.end_pos or 0
    closed = place.scan.closes_nothing(place.start)
    return place.mistake(
        "E002",
        f"expected {expected(place.accepts)} after “{last}”, found “{place.token}”",
        (place.start, place.end) if place.same_line else (at, at),
        f"write {last.lower() if last.type == 'OTHERWISE' else begun[0].lower()} … {{ … }}: its statements stand in braces",
        None,
        meant("LBRACE", "{", place.start, place.start) if closed else None,
    )
