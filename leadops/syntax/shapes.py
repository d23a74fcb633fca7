"""Slips of shape: a field in quotes, a range with a hyphen, a tag without its list, a day beside its time."""

import re

from leadops.syntax.mistakes import Mistake, Place, meant
from leadops.syntax.trial import Change, fix, reads_on
from leadops.syntax.wording import VALUES

_HYPHENS = re.compile(r"([0-9]+)[ \t]*(?:-|\u2013|to)[ \t]*([0-9]+)(?![\w-])")
_DAY_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ \t]+([0-9]{1,2}):([0-9]{2})(?::[0-9]{2})?(?![\w:])")
_NAME = re.compile(r"(?=[0-9]*[^\W0-9])\w+")
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
