"""Statements, patterns, names and signs of other languages, keyboards and pages."""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

from leadops.syntax.grammar.prescan import STARTERS
from leadops.syntax.hints.mistakes import UNKNOWN, Mistake, Place, meant
from leadops.syntax.hints.trial import Change, fix, reads_on
from leadops.syntax.printing.canonical import print_text
from leadops.syntax.printing.wording import SYMBOLS

_FIND = "to choose leads write: find leads where …"
_KEEP = "leads are not deleted; a field is emptied by: clear FIELD"
_NESTED = "write otherwise when … { … }"
_LOG = "to log an action write: add action CODE with FIELD = VALUE"
_STATEMENTS: Mapping[str, str] = MappingProxyType(
    {
        "select": _FIND, "filter": _FIND, "where": _FIND, "search": _FIND, "get": _FIND, "delete": _KEEP, "drop": _KEEP,
        "elif": _NESTED, "elseif": _NESTED, "elsif": _NESTED,
        "insert": "to make a lead write: create lead with FIELD = VALUE, …",
        "assign": "write set FIELD = VALUE, as set assignee = NAME@COMPANY.COM",
        "order": "write newest first, or oldest first", "sort": "write newest first, or oldest first",
        "import": 'write include "FILE"', "use": 'write include "FILE"', "let": "write param NAME: TYPE = VALUE",
        "var": "write param NAME: TYPE = VALUE", "const": "write param NAME: TYPE = VALUE",
        "function": "write define NAME as CONDITION", "def": "write define NAME as CONDITION",
        "print": 'write report to "FILE"', "echo": 'write report to "FILE"', "log": _LOG, "note": _LOG, "call": _LOG,
        "tag": 'write add "TAG" to FIELD', "untag": 'write remove "TAG" from FIELD',
        "send": 'write notify "NAME" with "TEXT"', "max": "write expect at most N leads, or limit N",
        "otherwise": "otherwise { … } stands right behind the braces of a when",
        "end": "a statement ends with ; or where the next one begins, a block with }",
    }
)  # fmt: skip
_ORDER = re.compile(r"(?:order|sort(?:ed)?)[ \t]+by\b[^\r\n;#}]*", re.IGNORECASE)
_DIRECTION = re.compile(r"\b(?:asc|ascending|oldest)\b", re.IGNORECASE)
_LIKE = re.compile(
    r"""i?like[ \t]+(?P<q>["'])(?P<start>%?)(?P<text>[^"'\r\n%]*)(?P<end>%?)(?P=q)""", re.IGNORECASE
)
_MEMBER = re.compile(r"\$?(?:lead|param|now|row)\.[\w.]+(?![\w(])", re.IGNORECASE)
_TEMPLATE = re.compile(r"\{\{[^\r\n\"]*?\}\}")
_EFFECTS = frozenset({"set", "add", "create", "upsert", "update", "notify"})
_FIRST = re.compile(r"\w+")
_LIKE_ASCII = {
    "\u3002": ".", "\u3001": ",", "\u060c": ",", "\u061b": ";", "\u2013": "-", "\u2014": "-", "\u2212": "-", "\u2236": ":",
    "\u2018": "'", "\u02d0": ":", "\u3010": "[", "\u3011": "]", "\u2254": "=", "\u037e": ";",
}  # fmt: skip
_KINDS = {symbol: kind for kind, symbol in SYMBOLS.items()} | {"<": "COMPARE", ">": "COMPARE"}


def foreign_statement(place: Place) -> Mistake | None:
    """Name a statement of another language where one of ours may begin: ``SELECT``, ``order by``, ``delete``."""
    first = not place.seen or not place.same_line or place.seen[-1].token.type in {"SEMI", "LBRACE", "RBRACE"}
    word = str(place.token)
    advice = _STATEMENTS.get(word.lower())
    if not (place.whole and first) or advice is None:
        return None
    return place.mistake("E003", f"“{word}” begins no statement", (place.start, place.end), advice)


def unset(place: Place) -> Mistake | None:
    """Name an assignment without ``set``: a line ``status = Lost``."""
    first = not place.seen or not place.same_line or place.seen[-1].token.type in {"SEMI", "LBRACE", "RBRACE"}
    change: list[Change] = [(place.start, place.start, "set ")]
    if (
        not (place.whole and first and place.seen)
        or not str(place.token)[:1].isalpha()
        or not reads_on(place, change, 3)
    ):
        return None
    where = (place.start, place.end)
    message = f"“set” is missing in front of “{place.token}”"
    return place.mistake("E011", message, where, f"write set {place.token}", fix(place, "add set", change))


def order_by(place: Place) -> Mistake | None:
    """Name ``order by``, which is no part of a condition."""
    found = _ORDER.match(place.source.text, place.start)
    if found is None or not place.whole:
        return None
    right = "oldest first" if _DIRECTION.search(found.group()) else "newest first"
    where = (place.start, found.start() + len(found.group().rstrip()))
    change: list[Change] = [(*where, f"; {right}" if place.same_line else right)]
    advice = f"write {right}, a statement of its own: leads come by the date of their creation"
    ready = fix(place, f"write {right}", change) if reads_on(place, change) else None
    return place.mistake("E003", f"“{found.group().split()[0]} by” is not known here", where, advice, ready)


def sql_like(place: Place) -> Mistake | None:
    """Name ``like '%x%'``."""
    found = _LIKE.match(place.source.text, place.start)
    if found is None or "CONTAINS" not in place.accepts:
        return None
    word = "contains"
    if bool(found["start"]) != bool(found["end"]):
        word = "ends with" if found["start"] else "starts with"
    right = f"{word} {print_text(found['text'])}"
    change: list[Change] = [(*found.span(), right)]
    if not reads_on(place, change):
        return None
    where = (place.start, place.end)
    return place.mistake(
        "E003",
        f"“{place.token}” is not known here",
        where,
        f"write {right}",
        fix(place, f"write {right}", change),
    )


def bare_template(place: Place) -> Mistake | None:
    """Name a template without its quotes: ``set name = {{ lead.name }}``, ``set name = lead.name``."""
    text = place.source.text
    start, accepts = place.start, place.accepts
    if place.touching and place.before is not None and str(place.token)[:1] == ".":
        start, accepts = place.before.start_pos or 0, place.tables.accepts(place.seen[-1].stack)
    if "STRING" not in accepts:
        return None
    found = _TEMPLATE.match(text, start)
    if found is not None:
        right, message = f'"{found.group()}"', "a template stands in double quotes"
    else:
        found = _MEMBER.match(text, start)
        if found is None or place.token.type == "ROW_CELL":
            return None
        right, message = (
            f'"{{{{ {found.group().lstrip("$")} }}}}"',
            f"“{found.group()}” is no value by itself",
        )
    begun = _FIRST.match(text, place.begun)
    if begun is None or begun.group().lower() not in _EFFECTS:
        advice = "a condition compares a field with a value, not with another field; declare a param and write $name"
        return place.mistake("E001", message, found.span(), advice)
    change: list[Change] = [(*found.span(), right)]
    if not reads_on(place, change):
        return None
    ready = fix(place, f"write {right}", change)
    read_as = meant("STRING", right, *found.span()) if start == place.start else None
    return place.mistake("E009", message, found.span(), f"write {right}", ready, read_as)


def lookalike(place: Place) -> Mistake | None:
    """Name a sign of another keyboard: ``＝``, ``；``, ``（``."""
    sign = str(place.token)
    plain = _LIKE_ASCII.get(sign) or unicodedata.normalize("NFKC", sign)
    if place.token.type != UNKNOWN or sign.isascii() or len(plain) != 1 or not plain.isascii():
        return None
    where = (place.start, place.end)
    change: list[Change] = [(*where, plain)]
    if not reads_on(place, change):
        return None
    message = f"“{sign}” (U+{ord(sign):04X}) only looks like “{plain}”"
    kind = _KINDS.get(plain)
    read_as = meant(kind, plain, *where) if kind is not None and kind not in {"LBRACE", "RBRACE"} else None
    return place.mistake(
        "E006", message, where, f"write {plain}", fix(place, f"write {plain}", change, safe=True), read_as
    )


def glued(place: Place) -> Mistake | None:
    """Name a keyword without the blank behind it: ``findleads``."""
    word = str(place.token)
    if not place.whole or not word.isascii() or not word.isalpha():
        return None
    for starter in sorted(STARTERS, key=len, reverse=True):
        rest = word[len(starter) :]
        if len(rest) < 2 or not word.lower().startswith(starter):
            continue
        change: list[Change] = [(place.start, place.end, f"{word[: len(starter)]} {rest}")]
        if reads_on(place, change, 2):
            return place.mistake(
                "E003",
                f"“{word}” is not known here",
                (place.start, place.end),
                f"write {change[0][2]}",
                fix(place, f"write {change[0][2]}", change),
            )
    return None
