"""Values, fields, assignments, names, counts."""

import json
import re
from collections.abc import Sequence
from datetime import date, datetime

from lark import Token

from leadops.core.diagnostics import Edit, Fix
from leadops.syntax import ast
from leadops.syntax.building.context import Branch, Building, branch, branches, token, tokens

FIELDS = ("NAME", "BACKTICKED")
VALUES = ("STRING", "EMAIL", "NUMBER", "WORD", "DATE", "DATETIME", "PARAM_REF", "ROW_CELL")

_ESCAPED = re.compile(r"\\(?:u[0-9a-fA-F]{4}|.)")
_ESCAPES = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})')
_GROUP = re.compile(r"[0-9]{2,3}")
_MOST_DIGITS = 9


def value(b: Building, part: Token) -> ast.Value:
    """Build: STRING | EMAIL | NUMBER | WORD | DATE | DATETIME | PARAM_REF | ROW_CELL."""
    span = b.span(part)
    match part.type:
        case "STRING":
            return ast.String(span=span, text=text_of(b, part))
        case "EMAIL":
            return ast.String(span=span, text=str(part))
        case "NUMBER":
            return ast.Number(span=span, text=str(part))
        case "DATE" | "DATETIME":
            return ast.Date(span=span, text=moment(b, part))
        case "PARAM_REF":
            return ast.ParamRef(span=span, name=part[1:])
        case "ROW_CELL":
            return ast.RowRef(span=span, column=part[len("row.") :].strip("`"))
        case _:
            return ast.Word(span=span, text=str(part))


def values(b: Building, tree: Branch) -> tuple[ast.Value, ...]:
    """Return all values that stand in ``tree`` itself."""
    found = tokens(tree, *VALUES)
    _grouped(b, found)
    return tuple(value(b, part) for part in found)


def _grouped(b: Building, parts: Sequence[Token]) -> None:
    """Report the numbers of a list that are groups of one number's digits: ``[1,00,000]``.

    Only a group that begins with a zero is certain: ``[1,100]`` may well be two numbers.
    """
    done = 0
    for at in range(1, len(parts)):
        if at < done or not (_GROUP.fullmatch(parts[at]) and parts[at][0] == "0" and _tight(parts, at)):
            continue
        first, last = at - 1, at
        while first > done and len(parts[first]) == 2 and len(parts[first - 1]) <= 2 and _tight(parts, first):
            first -= 1
        while len(parts[last]) < 3 and last + 1 < len(parts) and _tight(parts, last + 1):
            last += 1
        done = last + 1
        if not parts[first].isdecimal() or len(parts[last]) != 3:
            continue
        start, end = parts[first].start_pos or 0, parts[last].end_pos or 0
        span, plain = b.source.span(start, end), "".join(parts[first : last + 1])
        b.error(
            "E010",
            f"“{b.source.text[start:end]}” holds commas",
            span,
            f"write {plain}",
            Fix("remove the commas", (Edit(span, plain),), safe=True),
        )


def _tight(parts: Sequence[Token], at: int) -> bool:
    return parts[at].type == "NUMBER" and parts[at].start_pos == (parts[at - 1].end_pos or 0) + 1


def field(b: Building, part: Token) -> ast.FieldRef:
    """Build: NAME | BACKTICKED."""
    if part.type == "BACKTICKED":
        return ast.FieldRef(span=b.span(part), name=part[1:-1], quoted=True)
    return ast.FieldRef(span=b.span(part), name=str(part))


def fields(b: Building, tree: Branch) -> tuple[ast.FieldRef, ...]:
    """Return all fields that stand in ``tree`` itself."""
    return tuple(field(b, part) for part in tokens(tree, *FIELDS))


def assignments(b: Building, tree: Branch | None) -> tuple[ast.Assignment, ...]:
    """Build: assignment (COMMA assignment)*; none without a tree."""
    if tree is None:
        return ()
    return tuple(assignment(b, child) for child in branches(tree, "assignment"))


def assignment(b: Building, tree: Branch) -> ast.Assignment:
    """Build: _field _equals? (_value | list)."""
    several = branch(tree, "list")
    held: ast.Value
    if several is not None:
        members = tuple(v for v in values(b, several) if not isinstance(v, ast.List))
        held = ast.List(span=b.span(several), values=members)
    else:
        held = value(b, tokens(tree, *VALUES)[-1])
    return ast.Assignment(span=b.span(tree), field=field(b, token(tree, *FIELDS)), value=held)


def text_of(b: Building, part: Token) -> str:
    """Return what a STRING says, its escapes resolved; unknown escapes are findings and stay as they are."""
    inside = part[1:-1]
    if "\\" not in inside:
        return inside
    start = (part.start_pos or 0) + 1
    wrong = False
    for found in _ESCAPED.finditer(inside):
        if not _ESCAPES.fullmatch(found.group()):
            wrong = True
            b.error(
                "E016",
                f"“{found.group()}” is no escape",
                b.source.span(start + found.start(), start + found.end()),
                'the escapes are \\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four hex digits; for a backslash write \\\\',
            )
    if wrong:
        return inside
    text: str = json.loads(f'"{inside}"', strict=False)
    if any("\ud800" <= char <= "\udfff" for char in text):
        b.error("E016", "half of a character: a \\ud800–\\udfff escape needs its other half", b.span(part))
    return text


def moment(b: Building, part: Token) -> str:
    """Return an ISO day or minute as written; one that no calendar has is a finding."""
    text = part.upper()
    try:
        date.fromisoformat(text) if "T" not in text else datetime.fromisoformat(text)
    except ValueError:
        b.error(
            "E021",
            f"{part} does not exist",
            b.span(part),
            "write a day as 2026-04-30, a minute as 2026-04-30T23:30",
        )
    return text


def count(b: Building, part: Token) -> int:
    """Return a whole number of things, 0 to 999,999,999; anything else is a finding and counts as 0."""
    if part.isdecimal() and len(part) <= _MOST_DIGITS:
        return int(part)
    b.error(
        "E023", f"{part} is not a number of things", b.span(part), "write a whole number from 0 to 999999999"
    )
    return 0


def percent(b: Building, part: Token) -> str:
    """Return a percentage as written; one with a sign is a finding."""
    if part[0] in "+-":
        b.error(
            "E023", f"{part} is not a percentage", b.span(part), "write a number without a sign, as 5 or 2.5"
        )
    return str(part)
