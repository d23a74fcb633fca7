"""How conditions are said in speech: ``does not contain``, ``is one of``, ``never called``, ``email exists``."""

import re

from leadops.syntax.hints.mistakes import Mistake, Place
from leadops.syntax.hints.trial import Change, fix, reads_on

_NEGATED = re.compile(
    r"\s+(?:does\s+not|doesn['\u2019]?t|do\s+not|don['\u2019]?t|not)\s+"
    r"(?:(?P<contains>contains?|includes?)|(?P<starts>(?:starts?|begins?)\s+with)|(?P<ends>ends?\s+with))(?![\w-])",
    re.IGNORECASE,
)
_TESTS = {"contains": "contains", "starts": "starts with", "ends": "ends with"}
_IS_NOT = re.compile(r"(?:is|are|was|does)n['\u2019]t(?:[ \t]+equal)?(?![\w-])", re.IGNORECASE)
_ONE_OF = re.compile(r"(?:is[ \t]+)?(?:one|any|either)[ \t]+of(?![\w-])", re.IGNORECASE)
_PRESENT = frozenset({"exists", "exist", "present", "filled", "set", "known", "available"})
_MISSING = frozenset({"missing", "empty", "blank", "null", "unset", "unknown"})
_TOO_MUCH = frozenset({"was", "were", "been", "got", "is", "are", "have", "had", "being"})
_BY_SEVERAL = re.compile(r"\bby\s+(?P<one>[^\s,\[\]]+)\s*(?P<joint>,|and|or)\s*$", re.IGNORECASE)
_ADDRESS = re.compile(r"[\w.+'-]+@[\w.-]+\w")


def negated_test(place: Place) -> Mistake | None:
    """Name ``name does not contain "x"``: ``not`` stands in front of the field."""
    for seen in list(reversed(place.seen))[:3]:
        start, end = seen.token.start_pos or 0, seen.token.end_pos or 0
        if start < place.begun:
            break
        if seen.token.type not in {"NAME", "BACKTICKED"}:
            continue
        found = _NEGATED.match(place.source.text, end)
        if found is None or found.end() < place.start:
            continue
        test = next(right for name, right in _TESTS.items() if found[name])
        right = f"not {seen.token} {test}"
        change: list[Change] = [(start, found.end(), right)]
        if reads_on(place, change):
            said = found.group().strip()
            where = (found.end() - len(found.group().lstrip()), found.end())
            message = f"“{said}” is no operator here"
            return place.mistake(
                "E006", message, where, f"write {right}", fix(place, f"write {right}", change)
            )
    return None


def is_too_much(place: Place) -> Mistake | None:
    """Name ``status is in [Won]``, ``status is one of [Won]``, ``status isn't Won``, ``email is set``."""
    start, text = place.start, place.source.text
    if place.seen and place.seen[-1].token.type == "IS" and place.same_line:
        start = place.seen[-1].token.start_pos or 0
        if str(place.token).lower() in _PRESENT - {"present"}:
            found = _said(place, (start, place.end), "is present")
            begins = found is not None and place.scan.starts_statement(place.start)
            return Mistake(found.diagnostic, go_on=place.end) if found is not None and begins else found
        changes: list[Change] = [(start, place.start, "")]
        if place.token.type in {
            "IN",
            "BETWEEN",
            "CONTAINS",
            "STARTS",
            "ENDS",
            "HAS",
            "EQUALS",
            "COMPARE",
        } or str(place.token).lower() in {
            "in",
            "between",
            "contains",
            "starts",
            "ends",
            "=",
            "<",
            ">",
            "<=",
            ">=",
            "!=",
        }:
            return _said(place, (start, place.end), str(place.token), changes)
    elif "COMPARE" not in place.accepts:
        return None
    one_of = _ONE_OF.match(text, start)
    if one_of is not None:
        return _said(place, one_of.span(), "in")
    is_not = _IS_NOT.match(text, start)
    return _said(place, is_not.span(), "!=") if is_not is not None else None


def _said(
    place: Place, where: tuple[int, int], right: str, changes: list[Change] | None = None
) -> Mistake | None:
    changes = changes or [(*where, right)]
    if not reads_on(place, changes):
        return None
    message = f"“{place.source.text[slice(*where)]}” is no operator here"
    return place.mistake("E006", message, where, f"write {right}", fix(place, f"write {right}", changes))


def there_or_not(place: Place) -> Mistake | None:
    """Name ``email exists`` and ``email missing``, which lack their ``is``."""
    word = str(place.token).lower()
    right = "is present" if word in _PRESENT else "is missing" if word in _MISSING else None
    if right is None or "IS" not in place.accepts or not place.same_line:
        return None
    change: list[Change] = [(place.start, place.end, right)]
    if not reads_on(place, change):
        return None
    message = f"“{place.token}” is no operator here"
    where = (place.start, place.end)
    return place.mistake("E006", message, where, f"write {right}", fix(place, f"write {right}", change))


def never(place: Place) -> Mistake | None:
    """Name ``never called``, ``no email`` and ``was called``, whose first word was read as a field."""
    before = place.before
    if before is None or before.type != "NAME" or "EQUALS" not in place.accepts or not place.same_line:
        return None
    word, text = str(before).lower(), str(place.token)
    where = (before.start_pos or 0, before.end_pos or 0)
    rights: tuple[tuple[str, Change], ...]
    if word in _TOO_MUCH:
        rights = ((f"{text}, without “{before}”", (where[0], place.start, "")),)
    elif word in {"never", "no", "without"}:
        calls = "not called" if text.lower() in {"call", "calls", "called"} else f"{text} is missing"
        rights = ((calls, (where[0], place.end, calls)),)
    else:
        return None
    for right, change in rights:
        if reads_on(place, [change]):
            message = f"“{before}” is not known here"
            return place.mistake(
                "E003", message, where, f"write {right}", fix(place, f"write {right}", [change])
            )
    return None


def by_several(place: Place) -> Mistake | None:
    """Name ``called by a@b.com and c@d.com``: several members stand in a list."""
    text, before = place.source.text, place.before
    behind = (
        (before.start_pos or 0)
        if before is not None and before.type == "NAME" and place.touching
        else place.start
    )
    found = _ADDRESS.match(text, behind)
    if found is None and place.token.type == "COMMA":
        blank = re.compile(r"\s*").match(text, place.end)
        behind = blank.end() if blank else place.end
        found = _ADDRESS.match(text, behind)
    by = _BY_SEVERAL.search(text, place.begun, behind) if found is not None else None
    if found is None or by is None:
        return None
    right = f"[{by['one']}, {found.group()}]"
    change: list[Change] = [(by.start("one"), found.end(), right)]
    if not reads_on(place, change):
        return None
    ready = fix(place, f"write by {right}", change)
    return place.mistake("E011", "several members stand in a list", found.span(), f"write by {right}", ready)


def doubled(place: Place) -> Mistake | None:
    """Name a word that stands twice: ``find find leads``."""
    if not place.seen or not place.same_line:
        return None
    before, here = place.seen[-1].token, place.token
    if str(before).lower() != str(here).lower() and len(place.seen) > 1:
        before, here = place.seen[-2].token, before
    start, end = before.end_pos or 0, here.end_pos or 0
    if (before.start_pos or 0) < place.begun:
        return None
    if str(before).lower() != str(here).lower() or "\n" in place.source.text[start:end]:
        return None
    change: list[Change] = [(start, end, "")]
    if not str(here).isalpha() or not reads_on(place, change, 3):
        return None
    where = (here.start_pos or 0, end)
    found = place.mistake(
        "E001", f"“{here}” stands twice", where, "remove one", fix(place, "remove one", change)
    )
    if place.scan.starts_statement(place.start):
        return Mistake(found.diagnostic, go_on=place.start)
    return found
