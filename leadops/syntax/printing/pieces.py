"""Parts of a statement that stay on one line, and how they are broken where comments stand inside their brackets."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from leadops.syntax import ast
from leadops.syntax.printing.canonical import (
    print_assignment,
    print_condition,
    print_list,
    print_operand,
    print_value,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a statement that is broken over lines only where a comment stands inside its brackets.

    Attributes:
        text: its canonical spelling.
        start: the offset in the source at which it begins.
        parts: the same in three or more: what opens its brackets, each thing that they hold, what closes them;
            the last begins at the closing bracket or before it. Empty where it has no brackets.
    """

    text: str
    start: int
    parts: tuple["Piece", ...] = ()


def behind(head: str, piece: Piece) -> Piece:
    """Return ``piece`` with ``head`` in front."""
    parts = (
        (replace(piece.parts[0], text=head + piece.parts[0].text), *piece.parts[1:]) if piece.parts else ()
    )
    return replace(piece, text=head + piece.text, parts=parts)


def conditional(start: int, head: str, condition: ast.Condition) -> list[Piece]:
    """Return ``head`` with a condition behind it, a piece for each term of the outermost and/or."""
    if not isinstance(condition, ast.And | ast.Or):
        return [_operand(head, condition, start)]
    joiner = "and" if isinstance(condition, ast.And) else "or"
    first, *others = condition.terms
    return [
        _operand(head, first, start),
        *(_operand(f"{joiner} ", term, term.span.start) for term in others),
    ]


def assigning(start: int, head: str, fields: tuple[ast.Assignment, ...]) -> list[Piece]:
    """Return ``head`` with assignments behind it, a piece for each."""
    if not fields:
        return [Piece(head, start)]
    texts = parted([print_assignment(field) for field in fields])
    texts[0] = head + texts[0]
    starts = [start, *(field.span.start for field in fields[1:])]
    return [
        _listed(text, field.value.values, at) if isinstance(field.value, ast.List) else Piece(text, at)
        for text, at, field in zip(texts, starts, fields, strict=True)
    ]


def several(head: str, texts: Sequence[str], starts: Sequence[int], tail: str = "") -> list[Piece]:
    """Return names or values that stand behind each other, a piece for each."""
    first, *others = parted([*texts[:-1], texts[-1] + tail])
    return [
        Piece(head + first, starts[0]),
        *(Piece(text, at) for text, at in zip(others, starts[1:], strict=True)),
    ]


def parted(texts: Sequence[str]) -> list[str]:
    """Return ``texts`` with a comma behind each but the last."""
    return [*(f"{text}," for text in texts[:-1]), texts[-1]]


def _operand(head: str, condition: ast.Condition, start: int) -> Piece:
    text = head + print_operand(condition)
    inner = condition
    while isinstance(inner, ast.Not):
        inner = inner.term
    match inner:
        case ast.And(terms=terms) | ast.Or(terms=terms):
            opening = Piece(text.removesuffix(f"{print_condition(inner)})"), start)
            held = conditional(terms[0].span.start, "", inner)
            return Piece(text, start, (opening, *held, Piece(")", terms[-1].span.end)))
        case ast.Membership(values=values) | ast.TagTest(values=values):
            return _listed(text, values, start)
        case ast.CallPhrase(by=by) | ast.ActionPhrase(by=by) | ast.PaymentPhrase(by=by):
            return _listed(text, by, start)
        case _:
            return Piece(text, start)


def _listed(text: str, values: tuple[ast.Value, ...], start: int) -> Piece:
    """Return a text that holds a list, with the list's values as parts."""
    opening, found, behind = text.rpartition(print_list(values)) if values else (text, "", "")
    if not found:
        return Piece(text, start)
    texts = parted([print_value(value) for value in values])
    held = [Piece(one, value.span.start) for one, value in zip(texts, values, strict=True)]
    return Piece(text, start, (Piece(f"{opening}[", start), *held, Piece(f"]{behind}", values[-1].span.end)))
