"""Tests of a lead's fields as predicates: names resolved, values typed, periods turned into windows."""

from dataclasses import replace
from typing import Literal as OneOfThese

from leadops.analysis.calendar_words import refuse_calendar_word, refuse_month
from leadops.analysis.context import Context
from leadops.analysis.literals import Literal, literal, rules, typed
from leadops.analysis.names import find_field
from leadops.analysis.nothing import refuse_test
from leadops.analysis.other_words import refuse_day, refuse_other_word
from leadops.analysis.periods import PeriodError, moment_bounds
from leadops.analysis.targets import Target, lead_target
from leadops.analysis.values import convert
from leadops.analysis.wildcards import refuse_wildcard
from leadops.analysis.windows import resolve
from leadops.core.fast_dataclass import record
from leadops.core.positions import Span
from leadops.model.phones import phone_part
from leadops.model.predicate import (
    And,
    Compare,
    Condition,
    Equals,
    HasTags,
    InWindow,
    Missing,
    Not,
    OneOf,
    Or,
    TextMatch,
    Window,
)
from leadops.model.schema import Field, FieldType
from leadops.model.values import Value
from leadops.syntax import ast
from leadops.syntax.printing.canonical import print_condition

_Order = OneOfThese["<", "<=", ">", ">="]
_ORDERED = frozenset({FieldType.NUMBER, FieldType.MONEY, FieldType.RATING, FieldType.DATE})
_LONG = 1000
"""Lists of more values are looked through for repetitions first."""
_UNSEARCHABLE = frozenset({*_ORDERED, FieldType.CHECKBOX, FieldType.TAGS})


@record()
class _Place:
    """A field test at hand: the field, its values' target, the canonical text and where it stands."""

    field: Field
    target: Target
    text: str
    origin: Span


def field_test(
    ctx: Context,
    node: ast.Comparison
    | ast.Membership
    | ast.Between
    | ast.TextTest
    | ast.Presence
    | ast.TagTest
    | ast.InPeriod,
) -> Condition | None:
    """Return what a test of a field means; None after saying what is wrong in it, or without a schema."""
    field = find_field(ctx, node.field)
    if field is None or ctx.schema is None:
        _values_alone(ctx, node)
        return None
    place = _Place(field, lead_target(ctx.schema, field), print_condition(node), node.span)
    if not isinstance(node, ast.Presence | ast.InPeriod) and (
        refuse_test(ctx, node, place.target)
        or refuse_wildcard(ctx, node, place.target)
        or refuse_day(ctx, node, place.target)
        or refuse_calendar_word(ctx, field, node)
    ):
        return None
    match node:
        case ast.Comparison(op="=" | "!="):
            return _equality(ctx, node, place)
        case ast.Comparison():
            return _comparison(ctx, node, place)
        case ast.Membership():
            return _membership(ctx, node, place)
        case ast.Between():
            return _between(ctx, node, place)
        case ast.TextTest():
            return _text_test(ctx, node, place)
        case ast.Presence(missing=missing):
            term = Missing(field.api_name, field.type, text=_missing_text(node), origin=node.span)
            return term if missing else Not(term, text=place.text, origin=node.span)
        case ast.TagTest():
            return _tag_test(ctx, node, place)
        case ast.InPeriod(period=period):
            if refuse_month(ctx, field, node):
                return None
            within = resolve(ctx, period)
            if field.type is not FieldType.DATE:
                _misused(ctx, place, "in PERIOD", "it goes with date fields, created and modified")
                return None
            if within is None:
                return None
            return InWindow(field.api_name, within, text=place.text, origin=node.span)


def _values_alone(ctx: Context, node: ast.Condition) -> None:
    """Check what can be checked of values whose field is not known: their params, their periods."""
    match node:
        case ast.Comparison(value=value) | ast.TextTest(value=value):
            literal(ctx, value)
        case ast.Membership(values=values) | ast.TagTest(values=values):
            for value in values:
                literal(ctx, value)
        case ast.Between(low=low, high=high):
            literal(ctx, low)
            literal(ctx, high)
        case ast.InPeriod(period=period):
            resolve(ctx, period)
        case _:
            pass


def _misused(ctx: Context, place: _Place, operator: str, help: str) -> None:
    message = f"“{operator}” does not go with {place.field.api_name}, which is a {_type_name(place.field.type)} field"
    ctx.error("E220", message, place.origin, help)


def _type_name(type: FieldType) -> str:
    return type.value.replace("_", " ")


def _missing_text(node: ast.Presence) -> str:
    return print_condition(replace(node, missing=True))


def _refuse_tags(ctx: Context, place: _Place, operator: str) -> bool:
    if place.field.type is not FieldType.TAGS:
        return False
    ctx.error(
        "E221",
        f"“{operator}” does not say which tags of {place.field.api_name} are meant",
        place.origin,
        f'write {place.field.api_name} has any ["…"] or {place.field.api_name} has all ["…"]',
    )
    return True


def _equality(ctx: Context, node: ast.Comparison, place: _Place) -> Condition | None:
    if _refuse_tags(ctx, place, node.op):
        literal(ctx, node.value)
        return None
    positive = replace(node, op="=")
    term = _equals(ctx, node.value, replace(place, text=print_condition(positive)))
    if term is None or node.op == "=":
        return term
    return Not(term, text=place.text, origin=place.origin)


def _equals(ctx: Context, value: ast.Value, place: _Place) -> Equals | InWindow | None:
    if place.field.type is FieldType.DATE:
        bounds = _bounds(ctx, value, place)
        if bounds is None:
            return None
        found, start, end = bounds
        within = Window(start, end, found.text[:10], found.text[:10], found.text)
        ctx.step.windows.append(within)
        return InWindow(place.field.api_name, within, text=place.text, origin=place.origin)
    one = typed(ctx, value, place.target)
    if one is None:
        return None
    return Equals(place.field.api_name, place.field.type, one, text=place.text, origin=place.origin)


def _bounds(ctx: Context, value: ast.Value, place: _Place) -> tuple[Literal, int, int] | None:
    """Return a day or minute as a half-open stretch; None after saying why it is none.

    Never a mere warning: without an instant there is nothing to compare with.
    """
    found = literal(ctx, value)
    if found is None:
        return None
    try:
        start, end = moment_bounds(found.text.strip(), ctx.zone)
    except PeriodError:
        misfit = convert(found.text, place.target, rules(ctx, "test")).misfits[0]
        ctx.error(misfit.code, misfit.message, found.span, misfit.help)
        return None
    return found, start, end


def _comparison(ctx: Context, node: ast.Comparison, place: _Place) -> Condition | None:
    if _refuse_tags(ctx, place, node.op):
        return None
    if not _is_ordered(ctx, place, node.op):
        literal(ctx, node.value)
        return None
    assert node.op != "="
    assert node.op != "!="
    return _compare(ctx, node.op, node.value, place)


def _is_ordered(ctx: Context, place: _Place, operator: str) -> bool:
    if place.field.type in _ORDERED:
        return True
    _misused(ctx, place, operator, "it goes with number, money, rating and date fields")
    return False


def _compare(ctx: Context, op: _Order, value: ast.Value, place: _Place) -> Compare | None:
    if place.field.type is FieldType.DATE:
        bounds = _bounds(ctx, value, place)
        if bounds is None:
            return None
        # A day is a stretch: after it means from its end, up to it means before its end.
        _, start, end = bounds
        found: Value = start if op in {"<", ">="} else end
        op = "<" if op in {"<", "<="} else ">="
    else:
        found = typed(ctx, value, place.target)
    if found is None:
        return None
    return Compare(place.field.api_name, place.field.type, op, found, text=place.text, origin=place.origin)


def _membership(ctx: Context, node: ast.Membership, place: _Place) -> Condition | None:
    if _refuse_tags(ctx, place, "not in" if node.negated else "in"):
        return None
    positive = replace(place, text=print_condition(replace(node, negated=False)))
    term: Condition | None
    if place.field.type is FieldType.DATE:
        days = [_equals(ctx, value, positive) for value in _distinct(node.values)]
        whole = tuple(day for day in days if day is not None)
        term = Or(whole, text=positive.text, origin=place.origin) if len(whole) == len(days) else None
    else:
        values = [typed(ctx, value, place.target) for value in _distinct(node.values)]
        known = tuple(dict.fromkeys(value for value in values if value is not None))
        term = (
            OneOf(place.field.api_name, place.field.type, known, text=positive.text, origin=place.origin)
            if None not in values
            else None
        )
    if term is None or not node.negated:
        return term
    return Not(term, text=place.text, origin=place.origin)


def _distinct(values: tuple[ast.Value, ...]) -> tuple[ast.Value, ...]:
    """Return the values of a long list without those that stand there already: nodes are equal in any place."""
    return tuple(dict.fromkeys(values)) if len(values) > _LONG else values


def _between(ctx: Context, node: ast.Between, place: _Place) -> Condition | None:
    if _refuse_tags(ctx, place, "between") or not _is_ordered(ctx, place, "between"):
        return None
    low = _compare(ctx, ">=", node.low, _part(node, ">=", node.low, place))
    high = _compare(ctx, "<=", node.high, _part(node, "<=", node.high, place))
    if low is None or high is None:
        return None
    if _size(low.value) > _size(high.value):
        ctx.error("E302", "between begins above its end, so that nothing lies in it", place.origin)
        return None
    return And((low, high), text=place.text, origin=place.origin)


def _part(node: ast.Between, op: _Order, value: ast.Value, place: _Place) -> _Place:
    return replace(place, text=print_condition(ast.Comparison(node.field, op, value, span=node.span)))


def _size(value: Value) -> float:
    return float(value) if isinstance(value, str | int | float) else 0.0


def _text_test(ctx: Context, node: ast.TextTest, place: _Place) -> Condition | None:
    if isinstance(node.value, ast.Word) and refuse_other_word(ctx, node.value, place.target, "test"):
        return None
    found = literal(ctx, node.value)
    if place.field.type in _UNSEARCHABLE:
        advice = "tags are tested with has any and has all" if place.field.type is FieldType.TAGS else ""
        _misused(ctx, place, node.kind, advice or "it goes with texts; compare with =, < and >")
        return None
    if found is None:
        return None
    text = found.text
    if place.field.type is FieldType.PHONE:
        part = phone_part(text)
        if part is None:
            message = f"“{text}” is no part of a phone number ({place.target.noun} {place.target.name})"
            ctx.error("E204", message, found.span, "write digits: phone ends with 43210")
            return None
        text = part
    if not text.strip():
        ctx.error("E201", f"there is nothing to look for in {place.field.api_name}", found.span)
        return None
    return TextMatch(
        place.field.api_name, place.field.type, node.kind, text, text=place.text, origin=place.origin
    )


def _tag_test(ctx: Context, node: ast.TagTest, place: _Place) -> Condition | None:
    if place.field.type is not FieldType.TAGS:
        _misused(ctx, place, f"has {node.which}", "it goes with tags; write field in [..]")
        for value in node.values:
            literal(ctx, value)
        return None
    tags: list[str] = []
    for value in _distinct(node.values):
        found = typed(ctx, value, place.target)
        if not isinstance(found, tuple):
            return None
        tags.extend(found)
    return HasTags(
        place.field.api_name, node.which, tuple(dict.fromkeys(tags)), text=place.text, origin=place.origin
    )
