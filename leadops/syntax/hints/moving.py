"""Days that move and things that are counted, as people write them: where our language says it, and where it does not.

A comparison takes a day that stands still. What lies in a stretch of time until now is asked for by a period:
``created in last 30 days``. Of days to come, and of how often, nothing can be said; the help names what comes nearest.
"""

import re

from leadops.syntax.hints.mistakes import Mistake, Place
from leadops.syntax.hints.trial import Change, fix, reads_on

_UNIT = r"(?P<unit>day|week|month|quarter|year|d|w|m|y)s?"
_UNITS = {"d": "day", "w": "week", "m": "month", "y": "year"}
_NUMBER = r"(?P<n>[0-9]{1,5})"
_AGO = (
    rf"(?:{_NUMBER}[ \t]*{_UNIT}[ \t]+ago"
    rf"|(?:(?:today|now)(?:\(\))?[ \t]*)?[-\u2212][ \t]*(?P<n2>[0-9]{{1,5}})[ \t]*(?P<unit2>day|week|month|quarter|year|d|w|m|y)s?)"
)
_EARLIER = r"(?P<earlier><=?|before|more[ \t]+than|over|older[ \t]+than|earlier[ \t]+than)"
_LATER = r"(?P<later>>=?|after|since|from|less[ \t]+than|within|newer[ \t]+than|later[ \t]+than|in|not[ \t]+older[ \t]+than)"
_FIELD = r"(?P<field>(?!(?:is|in|on|not|and|or|where|was)\b)[^\W\d]\w*|`[^`\r\n]+`)"
_COMPARED = re.compile(
    rf"{_FIELD}[ \t]+(?:is[ \t]+|was[ \t]+)?(?:{_EARLIER}|{_LATER})[ \t]*{_AGO}(?![\w-])", re.IGNORECASE
)
_OLDER = re.compile(
    rf"{_FIELD}[ \t]+(?:is[ \t]+)?(?:{_EARLIER.replace('<=?|', '')}|within|newer[ \t]+than|for)[ \t]+(?:the[ \t]+)?(?:last[ \t]+)?{_NUMBER}[ \t]*{_UNIT}(?![\w-])",
    re.IGNORECASE,
)
_START_OF = re.compile(
    rf"{_FIELD}[ \t]*(?:>=?|after|since|from)[ \t]*(?:startOf|start_of_|beginningOf)(?P<which>Day|Week|Month|Quarter|Year)\(\)",
    re.IGNORECASE,
)
_TODAY = re.compile(
    rf"{_FIELD}[ \t]*(?P<op>=|<=?|>=?|before|after|since|on|until)[ \t]*(?P<day>today|yesterday|tomorrow|now)(?:\(\))?"
    r"(?P<step>[ \t]*[-+][ \t]*[0-9]{1,5}[ \t]*(?:day|week|month|year|hour|d|w|m|y|h)s?)?(?![\w-])",
    re.IGNORECASE,
)
_FORTH = re.compile(
    rf"{_FIELD}[ \t]+(?:in[ \t]+|within[ \t]+|on[ \t]+|=[ \t]*)?(?:the[ \t]+)?(?:tomorrow|(?:next|coming|upcoming)[ \t]+(?:[0-9]+[ \t]+)?\w+|in[ \t]+[0-9]+[ \t]+\w+|overdue)(?![\w-])",
    re.IGNORECASE,
)
_HOURS = re.compile(
    r"(?:in[ \t]+)?(?:the[ \t]+)?(?:last|past)[ \t]+[0-9]+[ \t]+(?:hour|minute|hr|min)s?(?![\w-])",
    re.IGNORECASE,
)
_PERIOD = re.compile(
    r"(?:(?:in|during|within|over|on|from)[ \t]+)?(?:the[ \t]+)?"
    r"(?:(?P<which>last|past|previous|this|current)[ \t]+(?:(?P<n>[0-9]{1,5})[ \t]+)?(?P<unit>day|week|month|quarter|year)s?"
    r"|(?P<day>today|yesterday)|for[ \t]+(?:the[ \t]+)?(?:last[ \t]+)?(?P<long>[0-9]{1,5})[ \t]+(?P<unit2>day|week|month|quarter|year)s?)(?![\w-])",
    re.IGNORECASE,
)
_TIMES = re.compile(
    r"(?:(?:at[ \t]+least|at[ \t]+most|more[ \t]+than|less[ \t]+than|fewer[ \t]+than|exactly|over|only|[<>=]+)[ \t]*)?"
    r"(?:(?:[0-9]+|one|two|three|four|five|ten)[ \t]+times?|once(?![ \t]+per)|twice|thrice|[0-9]+[ \t]+or[ \t]+(?:more|less)(?:[ \t]+times?)?)(?![\w-])",
    re.IGNORECASE,
)
_STAMPS = frozenset({"created", "created_on", "modified", "modified_on"})
_ACTIVITIES = frozenset({"called", "call", "us", "action", "payment"})
"""Last words of what stands on a timeline: it is asked for in a period, and compared with no day."""
_CONDITION = re.compile(r"find|define|expect|when|where", re.IGNORECASE)
_BACK = 5
_PARAM = "declare param day: date at the top, write {field} {op} $day, and give the day with -p day=…"
_PERIOD_PARAM = "declare param days: period at the top, write {field} in $days, and give them with -p days=…"


def moving_day(place: Place) -> Mistake | None:
    """Name a day that is reckoned from today: ``created < 30 days ago``, ``follow_up_on = today + 3 days``."""
    for start in _begins(place):
        compared = _COMPARED.match(place.source.text, start) or _OLDER.match(place.source.text, start)
        if compared is not None and compared.end() > place.start:
            return _stretch(place, compared)
        begun = _START_OF.match(place.source.text, start)
        if begun is not None and begun.end() > place.start:
            unit = begun["which"].lower()
            right = f"{begun['field']} in " + ("today" if unit == "day" else f"this {unit}")
            return _offered(place, begun, right)
        today = _TODAY.match(place.source.text, start)
        if today is not None and today.end() > place.start:
            return _today(place, today)
        forth = _FORTH.match(place.source.text, start)
        counted = (
            forth is not None
            and forth["field"].lower() in _STAMPS
            and re.search(r"[ \t]in[ \t]+[0-9]", forth.group())
        )
        if forth is not None and forth.end() > place.start and not counted:
            advice = _PERIOD_PARAM.format(field=forth["field"])
            return _unsaid(place, forth.span(), "days to come cannot be reckoned here", advice)
    hours = _HOURS.match(place.source.text, _behind_in(place))
    if hours is not None and hours.end() > place.start:
        return _unsaid(
            place,
            hours.span(),
            "hours are not counted here",
            "the shortest stretches are today and last 1 day: yesterday and today",
        )
    return None


def _stretch(place: Place, found: re.Match[str]) -> Mistake | None:
    """Name a comparison with a day so many days ago: what lies since then is a period."""
    groups = found.groupdict()
    number, unit = (
        groups.get("n") or groups.get("n2"),
        (groups.get("unit") or groups.get("unit2") or "").lower(),
    )
    field = found["field"]
    period = f"{field} in last {number} {_UNITS.get(unit, unit)}s"
    if not groups.get("earlier"):
        return _offered(place, found, period)
    if field.lower() in _STAMPS:
        return _offered(place, found, f"not {period}")
    if field.lower() in _ACTIVITIES:
        advice = f"write in last {number} {_UNITS.get(unit, unit)}s behind it; with not in front, there was none in that time"
        return _unsaid(place, found.span(), "an activity is asked for in a period", advice)
    advice = _PARAM.format(field=field, op="<")
    return _unsaid(place, found.span(), "a comparison takes a day that stands still", advice)


def _today(place: Place, found: re.Match[str]) -> Mistake | None:
    operator, day = found["op"].lower(), found["day"].lower()
    if operator in {"=", "on"} and found["step"] is None and day in {"today", "yesterday"}:
        return _offered(place, found, f"{found['field']} in {day}")
    if found["field"].lower() in _ACTIVITIES:
        advice = "write a period behind it: in last 7 days, in this month, in April 2026"
        return _unsaid(place, found.span(), "an activity is asked for in a period", advice)
    sign = {"before": "<", "after": ">", "since": ">=", "on": "=", "until": "<="}.get(operator, operator)
    advice = _PARAM.format(field=found["field"], op=sign)
    what = "a comparison takes" if _CONDITION.match(place.source.text, place.begun) else "a field takes"
    return _unsaid(place, found.span(), f"{what} a day that stands still", advice)


def period_in_words(place: Place) -> Mistake | None:
    """Name a period as it is spoken: ``called last week``, ``not called for 14 days``, ``in the current month``."""
    start = _behind_in(place)
    found = _PERIOD.match(place.source.text, start)
    if found is None or found.end() <= place.start:
        return None
    if found["day"]:
        right = f"in {found['day'].lower()}"
    elif found["long"]:
        right = f"in last {found['long']} {found['unit2'].lower()}s"
    else:
        which, unit = found["which"].lower(), found["unit"].lower()
        if found["n"]:
            right = f"in last {found['n']} {unit}s"
        elif which in {"this", "current"}:
            right = f"in this {unit}"
        else:
            right = f"in previous {unit}"
    plain = re.sub(r"\bthe\s+", "", found.group().lower())
    if plain == right or (
        (found["which"] or "").lower() == "last" and not found["n"] and place.token.type == "UNIT"
    ):
        return None  # `last month` has two readings, which are told of elsewhere
    change: list[Change] = [(*found.span(), right)]
    if not reads_on(place, change):
        return None
    message = f"“{found.group()}” is not how a period is written"
    return place.mistake(
        "E003",
        message,
        (max(start, place.start), found.end()),
        f"write {right}",
        fix(place, f"write {right}", change),
    )


def counted_times(place: Place) -> Mistake | None:
    """Name ``called more than 3 times``: only whether is asked for, not how often."""
    found = _TIMES.match(place.source.text, place.start)
    held = [str(seen.token).lower() for seen in place.seen if (seen.token.start_pos or 0) >= place.begun]
    if found is None or not {"called", "call", "action", "payment", "us"} & set(held[-4:]):
        return None
    advice = "called, has action and has payment ask whether there is one, in a period or at all; leave the number out"
    return _unsaid(place, found.span(), "how often cannot be asked", advice)


def _begins(place: Place) -> list[int]:
    """Return where a test may begin whose words go on at the place: the tokens before it, the nearest last."""
    starts = [seen.token.start_pos or 0 for seen in place.seen if (seen.token.start_pos or 0) >= place.begun]
    return [at for at in starts[-_BACK:] if "\n" not in place.source.text[at : place.start]]


def _behind_in(place: Place) -> int:
    """Return where a period begins that goes on at the place: at the word ``in`` or ``last`` before it, if one stands there."""
    start = place.start
    for seen in list(reversed(place.seen))[:3]:
        if (
            seen.token.type not in {"IN", "LAST", "WHICH", "FOR", "NUMBER", "YEAR"}
            or (seen.token.start_pos or 0) < place.begun
        ):
            break
        start = seen.token.start_pos or 0
    return start


def _offered(place: Place, found: re.Match[str], right: str) -> Mistake | None:
    change: list[Change] = [(*found.span(), right)]
    if not reads_on(place, change):
        return None
    message = f"“{found.group()}” is not how a stretch of time is asked for"
    return place.mistake(
        "E003", message, found.span(), f"write {right}", fix(place, f"write {right}", change)
    )


def _unsaid(place: Place, where: tuple[int, int], message: str, advice: str) -> Mistake:
    """Return that the language has no words for it; reading goes on behind it."""
    text = place.source.text[slice(*where)]
    return place.mistake("E026", f"“{text}”: {message}", where, advice)
