"""Days, stretches of time and numbers as people say them: ``5 April``, ``last days 14``, ``once a month``, ``ten``."""

import re
from datetime import date, timedelta

from leadops.syntax.hints.mistakes import Mistake, Place, meant
from leadops.syntax.hints.trial import Change, fix, reads_on
from leadops.syntax.printing.canonical import MONTHS
from leadops.syntax.printing.wording import expected

_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_NUMBER = r"(?P<day>[0-9]{1,2})(?:st|[nr]d|th)?"
_DAY_IN_WORDS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_NUMBER}[ \t-]+(?:of[ \t]+)?{_MONTH}(?:[ \t,-]+(?P<year>[0-9]{{4}}))?(?![\w-])",
        rf"{_MONTH}[ \t]+{_NUMBER}(?![\w:.-])(?:,?[ \t]+(?P<year>[0-9]{{4}}))?(?![\w-])",
    )
)
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![\w-])"
_SPAN = re.compile(
    rf"(?:between[ \t]+|from[ \t]+|in[ \t]+)?(?P<first>{_DAY})[ \t]*(?:to\b|until\b|till\b|through\b|and\b|[-\u2013])[ \t]*(?P<last>{_DAY})",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"(?:last[ \t]+)?(?P<unit>day|week|month|quarter|year)s?[ \t]+(?P<n>[0-9]+)(?![\w-])", re.IGNORECASE
)
_PLAIN_COUNT = re.compile(
    r"(?P<n>[0-9]+)[ \t]+(?P<unit>day|week|month|quarter|year)s?(?![\w-])", re.IGNORECASE
)
_ONCE = re.compile(
    r"once[ \t]+(?:(?:a|an|per|each|every|in|for)[ \t]+)?(?:(?:each|every)[ \t]+)?(?:lead[ \t]+)?(?:(?:a|per|each|every|this)[ \t]+)?"
    r"(?P<unit>day|week|month|quarter|year|lead)s?(?![\w-])",
    re.IGNORECASE,
)
_SHORT_MONTH = re.compile(
    r"(?:(?P<year>[0-9]{4})[-/](?P<month>1[0-2]|0?[1-9])|(?P<before>1[0-2]|0?[1-9])[-/](?P<behind>[0-9]{4}))(?![\w/-])"
)
_COMMA_YEAR = re.compile(r",[ \t]*(?P<year>[0-9]{4})(?![\w-])")
_STRETCH = re.compile(
    r"(?P<a>[0-9]{4}(?:-[0-9]{2})?)(?:[ \t]*(?:\.\.+|\u2026|-|\u2013)[ \t]*|[ \t]+(?:to|until|till|through)[ \t]+)"
    r"(?P<b>[0-9]{4}(?:-[0-9]{2})?)(?![\w-])",
    re.IGNORECASE,
)
_DOTS = re.compile(rf"(?P<first>{_DAY})[ \t]*(?:\.{{3,}}|\u2026)[ \t]*(?P<last>{_DAY})")
_SECONDS = re.compile(
    r"(?P<minute>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2})(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?(?![\w:-])",
    re.IGNORECASE,
)
_IN_WORDS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twelve": 12, "fourteen": 14, "fifteen": 15, "twenty": 20, "thirty": 30, "fifty": 50, "sixty": 60, "hundred": 100,
}  # fmt: skip


def day_in_words(place: Place) -> Mistake | None:
    """Name a day that is not written as ``2026-04-05``: ``5 April 2026``, ``April 5``."""
    start, accepts = place.start, place.accepts
    before = place.before
    if before is not None and before.type in {"MONTH", "NUMBER", "WORD"} and place.same_line:
        start, accepts = before.start_pos or 0, place.tables.accepts(place.seen[-1].stack)
    found = next((m for p in _DAY_IN_WORDS if (m := p.match(place.source.text, start)) is not None), None)
    if "DATE" not in accepts or found is None or found.end() <= place.start:
        return None
    month = next(i for i, name in enumerate(MONTHS, 1) if name.lower().startswith(found["month"].lower()))
    try:
        day = date(int(found["year"] or 2024), month, int(found["day"])).isoformat()
    except ValueError:
        return None
    text, where = found.group(), found.span()
    if found["year"] is None:
        name = MONTHS[month - 1]
        also = f"; for the month write {name} 20{found['day']}" if len(found["day"]) == 2 else ""
        message = f"“{text}” is not how a day is written"
        return place.mistake("E007", message, where, f"write it with its year, as 2026{day[4:]}{also}")
    change: list[Change] = [(*where, day)]
    ready = fix(place, f"write {day}", change, safe=True) if reads_on(place, change) else None
    read_as = meant("DATE", day, *where) if start == place.start else None
    return place.mistake(
        "E007", f"“{text}” is not how a day is written", where, f"write {day}", ready, read_as
    )


def days_from_to(place: Place) -> Mistake | None:
    """Name ``2026-04-01 to 2026-04-30`` and ``called between 2026-04-01 and 2026-04-30``."""
    start = place.start
    before = place.before
    if before is not None and before.type in {"YEAR", "ISO_MONTH", "DATE", "DOTS"}:
        return _stretch(place) or _days(place, before.start_pos or 0)
    return _days(place, start)


def _stretch(place: Place) -> Mistake | None:
    """Name ``2025 to 2026`` and ``2026-04..2026-06``, and a range with three dots."""
    at = -2 if place.seen[-1].token.type == "DOTS" and len(place.seen) > 1 else -1
    start = place.seen[at].token.start_pos or 0
    found = _STRETCH.match(place.source.text, start) or _DOTS.match(place.source.text, start)
    if found is None or found.end() <= place.start:
        return None
    if found.re is _DOTS:
        right = f"{found['first']}..{found['last']}"
    else:
        a, b = found["a"], found["b"]
        year, month = int(b[:4]), int(b[5:] or 12)
        if not (1 <= month <= 12 and 1 <= year < 9999):
            return None
        last = date(year + month // 12, month % 12 + 1, 1) - timedelta(1)
        right = f"{a if len(a) > 4 else a + '-01'}-01..{last.isoformat()}"
    change: list[Change] = [(*found.span(), right)]
    if not reads_on(place, change):
        return None
    where = (place.start if found.re is _DOTS else start, found.end())
    return place.mistake(
        "E006",
        "two dots join the first and the last day",
        where,
        f"write {right}",
        fix(place, f"write {right}", change),
    )


def _days(place: Place, start: int) -> Mistake | None:
    before = place.before
    if before is not None and before.type == "DATE" and "DOTS" in place.accepts:
        start = before.start_pos or 0
    found = _SPAN.match(place.source.text, start)
    if found is None or found.end() <= place.start or found.start("first") == place.start:
        return None
    right = f"{found['first']}..{found['last']}"
    if found.start("first") > start:
        right = f"in {right}"
    where = (place.start, found.end())
    change: list[Change] = [(start, found.end(), right)]
    if not reads_on(place, change):
        return None
    return place.mistake(
        "E006",
        "two dots join the first and the last day",
        where,
        f"write {right}",
        fix(place, f"write {right}", change),
    )


def counted(place: Place) -> Mistake | None:
    """Name ``last days 14`` and ``in 14 days``."""
    start = place.start
    if place.token.type == "UNIT" and place.seen and place.seen[-1].token.type == "LAST":
        start = place.seen[-1].token.start_pos or 0
        found = _COUNTED.match(place.source.text, start)
    elif place.token.type in {"NUMBER", "YEAR"} or str(place.token).isdigit():
        found = _PLAIN_COUNT.match(place.source.text, start) if "LAST" in place.accepts else None
    else:
        return None
    if found is None:
        return None
    right = f"last {found['n']} {found['unit'].lower()}s"
    change: list[Change] = [(start, found.end(), right)]
    if not reads_on(place, change):
        return None
    where = (place.start, found.end())
    message = f"“{found.group()}” is no period"
    return place.mistake("E011", message, where, f"write {right}", fix(place, f"write {right}", change))


def once_in_words(place: Place) -> Mistake | None:
    """Name ``once a month`` and ``once per month``."""
    for seen in list(reversed(place.seen))[:5]:
        start = seen.token.start_pos or 0
        if start < place.begun:
            break
        if seen.token.type != "ONCE":
            continue
        found = _ONCE.match(place.source.text, start)
        if found is None or found.end() <= place.start:
            break
        unit = found["unit"].lower()
        right = "once per lead" if unit == "lead" else f"once per lead in this {unit}"
        change: list[Change] = [(start, found.end(), right)]
        if not reads_on(place, change):
            break
        where = (place.start, found.end())
        message = f"“{found.group()}” is not how a repetition is written"
        return place.mistake("E001", message, where, f"write {right}", fix(place, f"write {right}", change))
    return None


def short_month(place: Place) -> Mistake | None:
    """Name ``2026-4``, ``04/2026`` and ``April, 2026``."""
    if place.token.type == "COMMA" and "YEAR" in place.accepts:
        comma = _COMMA_YEAR.match(place.source.text, place.start)
        change: list[Change] = [(place.start, place.end, "" if comma and comma.group()[1].isspace() else " ")]
        if comma is not None and reads_on(place, change):
            where = (place.start, place.end)
            ready = fix(place, "remove the comma", change, safe=True)
            return place.mistake(
                "E001", "no comma stands in front of the year", where, "remove the comma", ready
            )
    found = _SHORT_MONTH.match(place.source.text, place.start)
    if found is None or "ISO_MONTH" not in place.accepts:
        return None
    right = f"{found['year'] or found['behind']}-{found['month'] or found['before']:0>2}"
    change = [(*found.span(), right)]
    if not reads_on(place, change):
        return None
    message = f"“{found.group()}” is not how a month is written"
    ready = fix(place, f"write {right}", change, safe=True)
    return place.mistake(
        "E007", message, found.span(), f"write {right}", ready, meant("ISO_MONTH", right, *found.span())
    )


def seconds(place: Place) -> Mistake | None:
    """Name a time with seconds or with a zone: ``2026-04-30T10:00:00Z``."""
    start, accepts = place.start, place.accepts
    if place.before is not None and place.touching:
        start, accepts = place.before.start_pos or 0, place.tables.accepts(place.seen[-1].stack)
    found = _SECONDS.match(place.source.text, start)
    if found is None or "DATETIME" not in accepts or found.end() <= place.start:
        return None
    right = found["minute"]
    change: list[Change] = [(*found.span(), right)]
    if not reads_on(place, change):
        return None
    message = f"“{found.group()}” is more than a local minute"
    advice = f"write {right}, a time of the playbook's time zone"
    return place.mistake("E007", message, found.span(), advice, fix(place, f"write {right}", change))


def number_in_words(place: Place) -> Mistake | None:
    """Name ``ten`` where digits stand."""
    number = _IN_WORDS.get(str(place.token).lower())
    if number is None or "NUMBER" not in place.accepts or "STRING" in place.accepts:
        return None
    where = (place.start, place.end)
    behind = f" after “{place.seen[-1].token}”" if place.seen else ""
    message = f"expected {expected(place.accepts)}{behind}, found “{place.token}”"
    ready = fix(place, f"write {number}", [(*where, str(number))])
    return place.mistake(
        "E001", message, where, f"write {number}", ready, meant("NUMBER", str(number), *where)
    )
