"""Slips around operators, lists and numbers."""

import re

from leadops.core.did_you_mean import nearest
from leadops.syntax.hints.mistakes import Mistake, Place, meant
from leadops.syntax.hints.trial import Change, fix, reads_on
from leadops.syntax.printing.wording import VALUES, expected

_GROUPED = re.compile(r"(?<![\w.,])[0-9]{1,3}(?:,[0-9]{2,3})+(?:\.[0-9]+)?(?![\w])")
_OPERAND = re.compile(r"[^\s,;{}()\[\]#=]+")
_OR_VALUE = re.compile(r'\s+or\s+("(?:[^"\\\r\n]|\\[^\r\n])*"|[^\s,;{}()\[\]"`#=]+)', re.IGNORECASE)
_MOST_VALUES = 20
_EMPTY = {"null", "empty", "blank", "none", "nil", "unset", "not set"}


def grouped_digits(place: Place) -> Mistake | None:
    """Name digits grouped by commas: ``1,00,000``."""
    if place.token.type not in {"COMMA", "NUMBER", "YEAR", "WORD"} or not place.touching:
        return None
    begin = place.source.starts[place.source.line_of(place.start) - 1]
    for found in _GROUPED.finditer(
        place.source.text, max(begin, place.start - 60), place.source.line_end(place.start)
    ):
        if found.start() < place.end and place.start < found.end():
            plain = found.group().replace(",", "")
            change: list[Change] = [(found.start(), found.end(), plain)]
            if reads_on(place, change):
                return place.mistake(
                    "E010",
                    f"“{found.group()}” holds commas",
                    found.span(),
                    f"write {plain}",
                    fix(place, "remove the commas", change, safe=True),
                )
    return None


def foreign_comment(place: Place) -> Mistake | None:
    """Name a comment of another language."""
    if place.source.text.startswith("```", place.start):
        where = (place.start, place.start + 3)
        return place.mistake("E001", "a fence of Markdown is no part of a playbook", where, "remove its line")
    text = place.source.text[place.start : place.start + 2]
    if text not in {"//", "--", "/*"}:
        return None
    change: list[Change] = [(place.start, place.start + 2, "#")]
    return place.mistake(
        "E001",
        f"“{text}” begins no comment",
        (place.start, place.start + 2),
        "a comment begins with # and ends with its line",
        fix(place, "begin the comment with #", change) if text != "/*" else None,
    )


def is_value(place: Place) -> Mistake | None:
    """Name ``is`` used as ``=``, and other words for ``is missing``."""
    if not place.seen or place.seen[-1].token.type != "IS" or not {"MISSING", "PRESENT"} <= place.accepts:
        return None
    start = place.seen[-1].token.start_pos or 0
    text = str(place.token).lower()
    if text not in _EMPTY and text != "not" and nearest(text, ("missing", "present"), 1):
        return None  # a misspelt word of ours
    behind = _OPERAND.search(place.source.text, place.end)
    follows = behind.group().lower() if behind else ""
    changes: list[tuple[str, Change]] = []
    if text in _EMPTY:
        changes.append(("is missing", (start, place.end, "is missing")))
    if text == "not" and behind is not None:
        if follows in {"missing", *_EMPTY}:
            changes.append(("is present", (start, behind.end(), "is present")))
        elif follows == "present":
            changes.append(("is missing", (start, behind.end(), "is missing")))
        changes.append(("!=", (start, place.end, "!=")))
    changes += [
        ("=", (start, place.source.text.index(str(place.token), start), "= ")),
        ("in", (start, start + 2, "in")),
    ]
    for right, change in changes:
        if reads_on(place, [change]):
            return place.mistake(
                "E006",
                f"“is” asks for missing or present, not for “{place.token}”",
                (start, place.end),
                f"write {right}",
                fix(place, f"write {right}", [change]),
            )
    return None


def list_brackets(place: Place) -> Mistake | None:
    """Name a list without its square brackets: ``in (Won, Lost)``, ``in Won, Lost``."""
    if "LSQB" not in place.accepts:
        return None
    text = place.source.text
    if place.token.type == "LPAR":
        closing = place.scan.match.get(place.start)
        changes: list[Change] = [(place.start, place.start + 1, "[")]
        if closing is not None:
            changes.append((closing, closing + 1, "]"))
            if reads_on(place, changes):
                return _bracketed(place, (place.start, closing + 1), changes)
        return None
    if str(place.token) in {",", "]", ")"}:
        return None
    end = place.start
    best: Mistake | None = None
    while (found := _OPERAND.match(text, end)) is not None:
        changes = [(place.start, place.start, "["), (found.end(), found.end(), "]")]
        inserted: list[Change] = [(place.start, found.end(), f"[{text[place.start : found.end()]}]")]
        if reads_on(place, inserted):
            best = _bracketed(place, (place.start, found.end()), changes)
            if end == place.start and "NAMED_DAY" in place.accepts:
                best = _one_in_brackets(place, found.group(), changes)
        joint = re.compile(r"\s*,\s*").match(text, found.end())
        if joint is None:
            break
        end = joint.end()
    return best


def _one_in_brackets(place: Place, text: str, changes: list[Change]) -> Mistake:
    return place.mistake(
        "E011",
        f"“{text}” is no period, and a list stands in square brackets",
        (place.start, place.start + len(text)),
        f"write [{text}]; or a period as April 2026, 2026-04-01, today, this month or last 14 days",
        fix(place, "use square brackets", changes),
    )


def _bracketed(place: Place, where: tuple[int, int], changes: list[Change]) -> Mistake:
    return place.mistake(
        "E011",
        "a list stands in square brackets",
        where,
        "write [a, b]",
        fix(place, "use square brackets", changes, safe=True),
    )


def alternatives(place: Place) -> Mistake | None:
    """Name a second value without its own comparison: ``status = Won or Lost``."""
    tokens = [seen.token for seen in place.seen if (seen.token.start_pos or 0) >= place.begun]
    at = next((i for i in range(len(tokens) - 1, 0, -1) if tokens[i].type == "EQUALS"), 0)
    if at == 0 or at + 2 >= len(tokens) or tokens[at + 1].type not in VALUES or tokens[at + 2].type != "OR":
        return None
    text = place.source.text
    values = [(tokens[at + 1].start_pos or 0, tokens[at + 1].end_pos or 0)]
    while len(values) < _MOST_VALUES and (found := _OR_VALUE.match(text, values[-1][1])) is not None:
        values.append(found.span(1))
    for count in range(len(values), 1, -1):
        right = f"in [{', '.join(text[start:end] for start, end in values[:count])}]"
        change: list[Change] = [(tokens[at].start_pos or 0, values[count - 1][1], right)]
        if reads_on(place, change):
            return place.mistake(
                "E011",
                f"“{text[slice(*values[1])]}” is compared with nothing",
                values[1],
                f"write {tokens[at - 1]} {right}",
                fix(place, f"write {right}", change),
            )
    return None


def colon(place: Place) -> Mistake | None:
    """Name a colon used as ``=``: ``set status: Won``."""
    if place.token.type != "COLON" or "EQUALS" not in place.accepts:
        return None
    where = (place.start, place.end)
    return place.mistake(
        "E006",
        "“:” is no operator here",
        where,
        "write =",
        fix(place, "replace : by =", [(*where, " =")], safe=True),
        meant("EQUALS", "=", *where),
    )


def trailing_comma(place: Place) -> Mistake | None:
    """Name a comma behind the last of a list."""
    before = place.before
    if (
        before is None
        or before.type != "COMMA"
        or not place.same_line
        or place.token.type not in {"RSQB", "RPAR", "RBRACE", "SEMI"}
    ):
        return None
    where = (before.start_pos or 0, before.end_pos or 0)
    change: list[Change] = [(*where, "")]
    if not reads_on(place, change):
        return None
    return place.mistake(
        "E001",
        f"expected {expected(place.accepts)} behind the comma, found “{place.token}”",
        where,
        "remove the comma",
        fix(place, "remove the comma", change, safe=True),
    )


def comma(place: Place) -> Mistake | None:
    """Name a comma between conditions."""
    if place.token.type != "COMMA" or "AND" not in place.accepts:
        return None
    change: list[Change] = [(place.start, place.end, " and")]
    if not reads_on(place, change):
        return None
    return place.mistake(
        "E006",
        "conditions are not joined by a comma",
        (place.start, place.end),
        "write and",
        fix(place, "replace the comma by and", change, safe=True),
        meant("AND", "and", place.start, place.end),
    )
