"""Ways of saying it that come from speech and from other languages: comparisons in words, joints, numbers, quarters."""

import re
from decimal import Decimal

from leadops.syntax.grammar.prescan import STARTERS
from leadops.syntax.hints.mistakes import Mistake, Place, meant
from leadops.syntax.hints.trial import Change, fix, reads_on

_COMPARISON = re.compile(
    r"(?:(?P<up>greater|more|larger|bigger|higher|above|over)|(?P<down>less|fewer|smaller|lower|below|under)"
    r"|(?P<least>at[ \t]+least)|(?P<most>at[ \t]+most)|(?P<unequal>not[ \t]+equal)|(?P<equal>equal))"
    r"(?:[ \t]+than)?(?P<too>[ \t]+or[ \t]+equal)?(?:[ \t]+to)?(?![\w-])",
    re.IGNORECASE,
)
_SIGNS = {"up": ">", "down": "<", "least": ">=", "most": "<=", "unequal": "!=", "equal": "="}
_AMOUNT = re.compile(
    r"(?:[\u20b9\u20ac\u00a3$]|Rs\.?|INR\b|USD\b)?[ \t]*(?P<digits>[0-9][0-9,]*(?:\.[0-9]+)?)"
    r"[ \t]*(?P<unit>lakhs?\b|lacs?\b|crores?\b|cr\b|k\b|thousand\b|million\b|%|/-|rs\b|inr\b|rupees?\b)?",
    re.IGNORECASE,
)
_UNITS = {"la": 100_000, "cr": 10_000_000, "k": 1_000, "th": 1_000, "mi": 1_000_000}
_QUARTER = re.compile(
    r"(?:Q(?P<a>[0-9])(?:[ \t-]*(?P<year>[0-9]{4}))?|(?P<before>[0-9]{4})[ \t-]*Q(?P<b>[0-9]))(?![\w-])",
    re.IGNORECASE,
)
_DEEP = 3
"""So many tokens behind a joint are read before it is taken for one."""
_CURRENCIES = frozenset({"rs", "inr", "usd"})
_TO_COME = frozenset({"tomorrow", "next", "coming", "upcoming", "now"})
_NEXT_WORD = re.compile(r"[ \t]*([A-Za-z]+)")
_END = re.compile(r"[;\r\n}]")
_ENDS_HERE = re.compile(r"[ \t]*(?:[;}#\r\n]|$)")


def comparison_in_words(place: Place) -> Mistake | None:
    """Name an operator in words: ``greater than``, ``is less than``."""
    start = place.start
    behind_is = bool(place.seen) and place.seen[-1].token.type == "IS"
    found = _COMPARISON.match(place.source.text, start)
    if found is None or not (behind_is or "COMPARE" in place.accepts):
        return None
    if behind_is:
        start = place.seen[-1].token.start_pos or 0
    sign = next(sign for name, sign in _SIGNS.items() if found[name])
    if found["too"] and sign in {"<", ">"}:
        sign += "="
    change: list[Change] = [(start, found.end(), sign)]
    if not reads_on(place, change):
        return None
    return place.mistake(
        "E006",
        f"“{place.source.text[start : found.end()]}” is no operator here",
        (start, found.end()),
        f"write {sign}",
        fix(place, f"write {sign}", change),
        None if behind_is else meant("EQUALS" if sign == "=" else "COMPARE", sign, start, found.end()),
    )


def negated_value(place: Place) -> Mistake | None:
    """Name ``status not Won``."""
    if len(place.seen) < 2 or place.seen[-1].token.type != "NOT" or "IN" not in place.accepts:
        return None
    last = place.seen[-1].token
    if place.seen[-2].token.type not in {"NAME", "BACKTICKED"}:
        return None
    where = (last.start_pos or 0, place.end if place.token.type == "EQUALS" else last.end_pos or 0)
    change: list[Change] = [(*where, "!=")]
    if not reads_on(place, change):
        return None
    return place.mistake(
        "E006",
        f"“{place.source.text[slice(*where)]}” is no operator here",
        where,
        "write !=",
        fix(place, "write !=", change),
    )


def list_behind_equals(place: Place) -> Mistake | None:
    """Name ``status = [Won, Lost]``."""
    last = place.seen[-1].token if place.seen else None
    if place.token.type != "LSQB" or last is None or str(last) not in {"=", "!="}:
        return None
    word = "in" if str(last) == "=" else "not in"
    operator = (last.start_pos or 0, last.end_pos or 0)
    change: list[Change] = [(*operator, f" {word} ")]
    if not reads_on(place, change):
        return None
    return place.mistake(
        "E006",
        f"“{last}” compares with one value, not with a list",
        operator,
        f"write {word} […]; of tags has any […] or has all […]",
        fix(place, f"write {word}", change),
    )


def bare_list(place: Place) -> Mistake | None:
    """Name ``set interests = VIP, Plot``, a list without its brackets."""
    held = [seen.token for seen in place.seen if (seen.token.start_pos or 0) >= place.begun]
    end = len(held)
    while end > 2 and held[end - 1].type == "NAME" and held[end - 2].type == "COMMA":
        end -= 2
    if end == len(held) or end < 2 or held[end - 2].type not in {"EQUALS", "TO"}:
        return None
    where = (held[end - 1].start_pos or 0, held[-1].end_pos or 0)
    right = f"[{place.source.text[slice(*where)]}]"
    change: list[Change] = [(*where, right)]
    if not reads_on(place, change):
        return None
    return place.mistake(
        "E011",
        "a list stands in square brackets",
        where,
        f"write {right}",
        fix(place, "use square brackets", change),
    )


def amount(place: Place) -> Mistake | None:
    """Name a number with more to it than digits: ``₹500``, ``5 lakh``, ``10 %``."""
    before = place.before
    start = place.start
    if "NUMBER" not in place.accepts:
        if before is None or "PERCENT" in place.accepts:
            return None
        if before.type != "NUMBER" and str(before).lower() not in _CURRENCIES:
            return None
        start = before.start_pos or 0
    found = _AMOUNT.match(place.source.text, start)
    if found is None or found.end() <= place.start:
        return _with_a_noun(place)
    unit = (found["unit"] or "").lower()
    times = next((size for name, size in _UNITS.items() if unit.startswith(name)), 1)
    number = Decimal(found["digits"].replace(",", "")) * times
    right = f"{number.normalize():f}" if times > 1 else str(number)
    change: list[Change] = [(*found.span(), right)]
    text = found.group()
    if text == right or not reads_on(place, change):
        return None
    return place.mistake(
        "E010",
        f"“{text}” is more than a number",
        found.span(),
        f"write {right}; if it is a text, put it in double quotes",
        fix(place, f"write {right}", change),
    )


def _with_a_noun(place: Place) -> Mistake | None:
    """Name ``rating >= 4 stars``: what is compared by size is no text of two words."""
    held = [seen.token for seen in place.seen[-2:]]
    if [token.type for token in held] != ["COMPARE", "NUMBER"] or str(held[0]) == "!=" or not place.same_line:
        return None
    change: list[Change] = [(place.start, place.end, "")]
    if not str(place.token).isalpha() or not reads_on(place, change):
        return None
    where = (held[1].start_pos or 0, place.end)
    text = place.source.text[slice(*where)]
    return place.mistake(
        "E010",
        f"“{text}” is more than a number",
        where,
        f"write {held[1]}",
        fix(place, f"write {held[1]}", change),
    )


def quarter(place: Place) -> Mistake | None:
    """Name ``Q2 2026`` and ``2026-Q5``."""
    start, accepts = place.start, place.accepts
    if place.before is not None and place.before.type == "YEAR" and place.seen:
        start, accepts = place.before.start_pos or 0, place.tables.accepts(place.seen[-1].stack)
    found = _QUARTER.match(place.source.text, start)
    if "QUARTER" not in accepts or found is None or found.end() <= place.start:
        return None
    number, year = found["a"] or found["b"], found["year"] or found["before"]
    where = found.span()
    if number not in "1234":
        return place.mistake("E021", f"“{found.group()}” does not exist", where, "the quarters are Q1 to Q4")
    if year is None:
        return place.mistake("E011", f"“{found.group()}” lacks its year", where, f"write 2026-Q{number}")
    right = f"{year}-Q{number}"
    return place.mistake(
        "E003",
        f"“{found.group()}” is not known here",
        where,
        f"write {right}",
        fix(place, f"write {right}", [(*where, right)]),
        meant("QUARTER", right, *where) if start == place.start else None,
    )


def time_to_come(place: Place) -> Mistake | None:
    """Name ``tomorrow`` and ``next month``, which are no periods."""
    if "NAMED_DAY" not in place.accepts or str(place.token).lower() not in _TO_COME:
        return None
    return place.mistake(
        "E003",
        f"“{place.token}” begins no period",
        (place.start, place.end),
        "write the days: 2026-05-01, or 2026-05-01..2026-05-31; this month is the whole month",
    )


def joined_statements(place: Place) -> Mistake | None:
    """Name ``… and set …`` and ``… then set …``: statements are not joined by words."""
    text = place.source.text
    where = (place.start, place.end)
    last = place.before
    if (
        place.scan.starts_statement(place.start)
        and last is not None
        and last.type == "AND"
        and place.same_line
    ):
        change: list[Change] = [(last.start_pos or 0, last.end_pos or 0, ";")]
        return place.mistake(
            "E001",
            f"“{place.token}” begins a statement of its own",
            where,
            "write ; in front of it, not and",
            fix(place, "write ; for and", change) if reads_on(place, change) else None,
        )
    listed: list[Change] = [(*where, ",")]
    if place.token.type in {"AND", "OR"} and "COMMA" in place.accepts and reads_on(place, listed, _DEEP):
        return place.mistake(
            "E006",
            f"“{place.token}” joins conditions only",
            where,
            "write a comma; if it is one text, put it in double quotes",
            fix(place, "write a comma", listed),
            meant("COMMA", ",", *where),
        )
    if place.token.type in {"AND", "OR"} and place.seen and place.seen[-1].token.type == "SEMI":
        semi = place.seen[-1].token
        joined: list[Change] = [(semi.start_pos or 0, semi.end_pos or 0, "")]
        message, advice = f"“{place.token}” begins no statement", "remove the ; in front of it"
        return place.mistake("E001", message, where, advice, fix(place, "remove the ;", joined))
    if str(place.token).lower() == "then" and "LBRACE" in place.accepts and reads_on(place, [(*where, "")]):
        ready = fix(place, "remove then", [(*where, "")], safe=True)
        return place.mistake("E001", "“then” stands in no when", where, "remove it", ready)
    following = _NEXT_WORD.match(text, place.end)
    if (
        str(place.token).lower() == "then"
        and place.whole
        and following is not None
        and following[1].lower() in STARTERS
    ):
        change = [(*where, ";")]
        return place.mistake(
            "E001",
            "“then” joins no statements",
            where,
            "write ; or begin a new line",
            fix(place, "write ;", change, safe=True),
            meant("SEMI", ";", *where),
        )
    return None


def joining_comma(place: Place) -> Mistake | None:
    """Name a comma between statements: ``limits { at most 5 leads, lane async }``."""
    if place.token.type != "COMMA" or not place.whole:
        return None
    where = (place.start, place.end)
    change: list[Change] = [(*where, ";")]
    if not reads_on(place, change, 2):
        return None
    ready = fix(place, "write ;", change, safe=True)
    read_as = meant("SEMI", ";", *where)
    return place.mistake("E001", "statements are not joined by a comma", where, "write ;", ready, read_as)


def wrong_end(place: Place) -> Mistake | None:
    """Name a full stop or a colon at the end of a statement."""
    mark = place.source.text[place.start : place.start + 1]
    if mark not in {".", ":", "!", "?"} or not place.whole or not place.touching:
        return None
    following = _NEXT_WORD.match(place.source.text, place.start + 1)
    starts = following is not None and following[1].lower() in STARTERS
    if not starts and not _ENDS_HERE.match(place.source.text, place.start + 1):
        return None
    where = (place.start, place.start + 1)
    return place.mistake(
        "E001",
        f"“{mark}” ends no statement",
        where,
        "a statement ends with ; or where the next one begins",
        fix(place, "write ;", [(*where, ";")], safe=True),
        meant("SEMI", ";", *where),
    )


def stray_where(place: Place) -> Mistake | None:
    """Name ``set rating = 5 where …``: conditions stand with the source."""
    if str(place.token).lower() not in {"where", "if"} or not place.whole or not place.same_line:
        return None
    return place.mistake(
        "E022",
        f"“{place.token}” cannot stand here",
        (place.start, place.end),
        "conditions stand with the source: find leads where …, or around effects: when … { … }",
    )


def plain_count(place: Place) -> Mistake | None:
    """Name ``expect 5 leads``."""
    if place.token.type not in {"LEADS", "LEAD", "WORD", "NAME"} or "DOTS" not in place.accepts:
        return None
    last = place.seen[-1].token
    where = (last.start_pos or 0, last.end_pos or 0)
    change: list[Change] = [(where[0], where[0], "exactly ")]
    if not reads_on(place, change):
        return None
    return place.mistake(
        "E011",
        f"“exactly” is missing in front of “{last}”",
        where,
        f"write exactly {last}, at most {last} or at least {last}",
        fix(place, "add exactly", change),
    )


def comma_for_with(place: Place) -> Mistake | None:
    """Name ``add action 1001, note = …``."""
    if place.token.type != "COMMA" or "WITH" not in place.accepts:
        return None
    where = (place.start, place.end)
    change: list[Change] = [(*where, " with")]
    if not reads_on(place, change):
        return None
    return place.mistake(
        "E006",
        "fields of an action follow “with”, not a comma",
        where,
        "write with",
        fix(place, "write with", change, safe=True),
        meant("WITH", "with", *where),
    )


def sql_update(place: Place) -> Mistake | None:
    """Name ``update leads set …``."""
    last = place.before
    if str(place.token).lower() not in {"lead", "leads"} or last is None or last.type != "UPDATE":
        return None
    found = place.mistake(
        "E001",
        f"expected “action” or “payment” after “update”, found “{place.token}”",
        (place.start, place.end),
        "to change fields write: find leads where … ; set f = v",
    )
    ends = _END.search(place.source.text, place.end)  # its set and where belong to it
    return Mistake(found.diagnostic, go_on=ends.start() if ends else len(place.source.text))
