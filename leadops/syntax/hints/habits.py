"""Habits of speech and of other languages that name a thing of ours: ``has no payment``, ``let x = …``, ``add site visit``."""

import re
from datetime import date

from leadops.syntax.hints.mistakes import Mistake, Place
from leadops.syntax.hints.trial import Change, fix, reads_on
from leadops.syntax.printing.canonical import MONTHS, print_text

_NO_ACTIVITY = re.compile(
    r"(?:has|have|had|with)[ \t]+(?:no|not|never)[ \t]+(?:(?P<kind>payments?|action)\b|(?P<calls>calls?\b))",
    re.IGNORECASE,
)
_LET = re.compile(
    r"(?:let|var|const)[ \t]+(?P<name>[^\W\d]\w*)[ \t]*=[ \t]*(?P<value>[^\r\n;#]*[^\s;#])", re.IGNORECASE
)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:]+)?")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_IMPORT = re.compile(r"import\b[^\r\n;]*?(?P<file>\"[^\"\r\n]*\.(?:csv|tsv|txt)\")", re.IGNORECASE)
_ADDED = re.compile(
    r"add[ \t]+(?!action\b|payment\b|tag\b)(?P<name>[^\W\d]\w*(?:[ \t]+(?!with\b)\w+){0,3})[ \t]+with\b",
    re.IGNORECASE,
)


_FIELD = r"(?P<field>[^\W\d]\w*|`[^`\r\n]+`)"
_PAIR = re.compile(
    rf"{_FIELD}[ \t]*(?:[<>]=?)[ \t]*[0-9.]+[ \t]+(?:and|or)[ \t]+(?=(?P<sign>[<>]=?)[ \t]*[0-9])",
    re.IGNORECASE,
)
_WORDED = re.compile(
    rf"{_FIELD}[ \t]+(?P<word>before|after|since|until|on)[ \t]+(?:(?P<iso>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})(?:[ \t]+(?P<time>[0-9]{{2}}:[0-9]{{2}}))?"
    r"|(?P<day>[0-9]{1,2})(?:st|[nr]d|th)?[ \t]+(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ \t,]+(?P<year>[0-9]{4}))(?![\w:-])",
    re.IGNORECASE,
)
_SIGNS = {"before": "<", "after": ">", "since": ">=", "until": "<=", "on": "="}
_WAS = re.compile(rf"{_FIELD}[ \t]+(?:was|were|changed|had)[ \t]+(?!called\b)[\w\"]", re.IGNORECASE)
_LIMITED = re.compile(
    r"(?:first|top|only|take)[ \t]+(?P<n>[0-9]{1,6})(?:[ \t]+leads?)?(?=[ \t]*(?:[;}#\r\n]|$))", re.IGNORECASE
)
_ZONES = {"UTC": "UTC", "GMT": "UTC", "Z": "UTC"}
_ZONE = re.compile(r"IST|UTC|GMT|EST|PST|CET|BST", re.IGNORECASE)
_MATCHING = re.compile(r"(?P<no>!)?~\*?")


def shortened_test(place: Place) -> Mistake | None:
    """Name ``rating > 3 and < 5``, ``created after 1 April 2026``, ``name ~ "x"`` and ``status was Won``."""
    text = place.source.text
    starts = [seen.token.start_pos or 0 for seen in place.seen if (seen.token.start_pos or 0) >= place.begun]
    for start in starts[-6:]:
        pair = _PAIR.match(text, start)
        if pair is not None and pair.end("sign") == place.end:
            change: list[Change] = [(place.start, place.start, f"{pair['field']} ")]
            right = f"{pair['field']} {pair['sign']}"
            if reads_on(place, change):
                message = f"“{pair['sign']}” is compared with nothing"
                return place.mistake(
                    "E011",
                    message,
                    (place.start, place.end),
                    f"write {right}",
                    fix(place, f"write {right}", change),
                )
        worded = _WORDED.match(text, start)
        if worded is not None and worded.end() > place.start:
            day = worded["iso"] or _iso(worded)
            if day is not None:
                right = f"{worded['field']} {_SIGNS[worded['word'].lower()]} {day}{'T' + worded['time'] if worded['time'] else ''}"
                return _whole(place, worded, "E006", f"“{worded['word']}” is no operator here", right)
        was = _WAS.match(text, start)
        if was is not None and was.end() > place.start and "COMPARE" in place.accepts:
            advice = f"{was['field']} = … asks for what it is now"
            return place.mistake(
                "E026", "what a field was before cannot be asked", (place.start, place.end), advice
            )
    sign = _MATCHING.match(text, place.start)
    if sign is not None and "CONTAINS" in place.accepts and sign["no"] is None:
        contains: list[Change] = [(*sign.span(), "contains")]
        if reads_on(place, contains):
            message = f"“{sign.group()}” is no operator here"
            return place.mistake(
                "E006", message, sign.span(), "write contains", fix(place, "write contains", contains)
            )
    return None


def _iso(found: re.Match[str]) -> str | None:
    month = next(i for i, name in enumerate(MONTHS, 1) if name.lower().startswith(found["month"].lower()))
    try:
        return date(int(found["year"]), month, int(found["day"])).isoformat()
    except ValueError:
        return None


def negated_activity(place: Place) -> Mistake | None:
    """Name ``has no payment`` and ``with no calls``: ``not`` stands in front of the test."""
    for seen in list(reversed(place.seen))[:2]:
        start = seen.token.start_pos or 0
        found = _NO_ACTIVITY.match(place.source.text, start)
        if found is None or found.end() <= place.start or start < place.begun:
            continue
        kind = (found["kind"] or "").lower().removesuffix("s")
        right = f"not has {kind}" if kind else "not called"
        if str(seen.token).lower() == "with":
            right = f"where {right}"
        change: list[Change] = [(*found.span(), right)]
        if reads_on(place, change):
            message = f"“{found.group()}” is not how it is negated"
            return place.mistake(
                "E003", message, found.span(), f"write {right}", fix(place, f"write {right}", change)
            )
    return None


def limited(place: Place) -> Mistake | None:
    """Name ``first 3``, ``top 10 leads`` and ``only 3 leads``, which are a ``limit``."""
    for start in (place.start, place.begun):
        found = _LIMITED.match(place.source.text, start)
        if found is not None and found.end() > place.start and (start != place.start or place.whole):
            right = f"limit {found['n']}"
            text = found.group().strip()
            change: list[Change] = [
                (*found.span(), right if start != place.start or not place.same_line else f"; {right}")
            ]
            ready = fix(place, f"write {right}", change) if reads_on(place, change) else None
            return place.mistake(
                "E003",
                f"“{text}” is not how a number of leads is taken",
                found.span(),
                f"write {right}",
                ready,
            )
    return None


def stray_zone(place: Place) -> Mistake | None:
    """Name a time zone behind a period: ``in April 2026 IST``."""
    if _ZONE.fullmatch(str(place.token)) is None or not place.whole or not place.same_line:
        return None
    zone = _ZONES.get(str(place.token).upper(), "Asia/Kolkata")
    advice = f'all days are of one time zone, which stands at the top: timezone "{zone}"'
    where = (place.start, place.end)
    return place.mistake("E022", f"“{place.token}” cannot stand here", where, advice)


def foreign_name(place: Place) -> Mistake | None:
    """Name ``let cutoff = 2026-04-01`` and ``import leads from "new.csv"``."""
    text = place.source.text
    for start in (place.start, place.begun):
        declared = _LET.match(text, start)
        if declared is not None and declared.end() > place.start:
            value = declared["value"]
            kind = "date" if _DAY.fullmatch(value) else "number" if _NUMBER.fullmatch(value) else "text"
            right = f"param {declared['name']}: {kind} = {value}"
            return _whole(
                place, declared, "E003", f"“{text[start:].split(maxsplit=1)[0]}” declares nothing here", right
            )
        listed = _IMPORT.match(text, start)
        if listed is not None and listed.end() > place.start:
            advice = f"write for each row in csv {listed['file']} {{ match lead by FIELD = row.COLUMN }}"
            return place.mistake("E003", "“import” begins no statement", listed.span(), advice)
    return None


def bare_action(place: Place) -> Mistake | None:
    """Name ``add site visit with note = …`` and ``add lead with name = …``."""
    added = _ADDED.match(place.source.text, place.begun)
    if added is None or added.end() <= place.start:
        return None
    name = added["name"]
    right = "create lead with" if name.lower() == "lead" else f"add action {print_text(name)} with"
    return _whole(place, added, "E009", f"“{added.group()}” lacks a word", right)


def _whole(place: Place, found: re.Match[str], code: str, message: str, right: str) -> Mistake | None:
    change: list[Change] = [(*found.span(), right)]
    ready = fix(place, f"write {right}", change) if reads_on(place, change) else None
    return place.mistake(code, message, found.span(), f"write {right}", ready)
