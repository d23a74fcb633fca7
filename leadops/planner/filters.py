"""What one field test says in a search body: push-down, one test at a time (docs/api.md §6).

What is pushed may select more leads than the test, never fewer. Returned rows are tested again.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from leadops.core.text import fold
from leadops.model.phones import phone_digits
from leadops.model.predicate import (
    Activity,
    And,
    Compare,
    Condition,
    Equals,
    Everything,
    FieldTest,
    HasTags,
    InWindow,
    LeadIs,
    Missing,
    Not,
    OneOf,
    Or,
)
from leadops.model.schema import Field, FieldType, Schema
from leadops.model.values import FREE_TEXTS, Value, comparable, number
from leadops.predicate.evaluate import field_holds

FAR_PAST_MS = -62_135_596_800_000
"""The year 1: the lower end of an open range, for a range always carries both ends (docs/api.md §14.20)."""
FAR_FUTURE_MS = 253_402_300_799_999
"""The year 9999."""

Scalar = str | int | float | bool

_TEXTS = frozenset({FieldType.TEXT, FieldType.EMAIL, FieldType.WEBSITE, FieldType.MEDIALINK})
_LABELLED = frozenset({FieldType.STATUS, FieldType.LOST_REASON, FieldType.DROPDOWN, FieldType.MEMBER})
_CLOSED = frozenset({*_LABELLED, FieldType.RATING, FieldType.CHECKBOX})


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The field equals one of these; ``several``: a lead may hold more than one of them (tags)."""

    values: tuple[Scalar, ...]
    several: bool = False


@dataclass(frozen=True, slots=True)
class Between:
    """The field lies in these epoch ms, both ends included."""

    start_ms: int
    end_ms: int


Filter = AnyOf | Between


def pushed(test: FieldTest, schema: Schema, country_code: str = "91") -> Filter | None:
    """Return the filter that finds every lead of ``test``; None when no search can say it."""
    match test:
        case Equals(_, type_, value):
            return _listed(test.field, type_, (value,), schema, country_code)
        case OneOf(_, type_, values):
            return _listed(test.field, type_, values, schema, country_code)
        case InWindow(_, window):
            return Between(window.start_ms, window.end_ms - 1)
        case Compare(_, FieldType.RATING):
            return AnyOf(tuple(r for r in range(1, 6) if field_holds(test, r)))
        case Compare(_, FieldType.DATE, op, value):
            return _side(op, value)
        case HasTags(_, "any", values):
            return AnyOf(_tags(test.field, values, schema), several=True)
        case HasTags(_, "all", values):
            return AnyOf(_tags(test.field, values[:1], schema), several=True)
        case _:
            return None


def outline(terms: Iterable[Condition], schema: Schema, country_code: str = "91") -> dict[str, Filter]:
    """Return filters by API name that every lead of the conjunction of ``terms`` passes, and others may."""
    found: dict[str, Filter] = {}
    for term in terms:
        if isinstance(term, Activity | And | Or | Not | LeadIs | Everything):
            continue
        one = pushed(term, schema, country_code)
        if one is not None:
            found[term.field] = (intersection(found[term.field], one) if term.field in found else None) or one
    return found


def is_exact(test: FieldTest) -> bool:
    """Whether the filter of ``test`` finds the leads of ``test`` and no others.

    A free text with blanks to spare is sent without them too, and that finds leads that hold it so.
    """
    if isinstance(test, Equals | OneOf) and test.type in FREE_TEXTS:
        values = (test.value,) if isinstance(test, Equals) else test.values
        return all(text == " ".join(text.split()) for text in map(str, values))
    return not (isinstance(test, HasTags) and test.which == "all" and len(test.values) > 1)


def known(field: str, type: FieldType, schema: Schema) -> Filter | None:
    """Return the filter that finds every lead whose field holds a value the workspace knows.

    None for fields of which not every possible value is known. Leads outside it lack the field, or hold a value
    that the metadata does not tell.
    """
    if type is FieldType.DATE:
        return Between(FAR_PAST_MS, FAR_FUTURE_MS)
    values = domain(field, type, schema)
    return AnyOf(values) if values else None


def present(test: Missing, schema: Schema) -> Filter | None:
    """Return the filter of ``not (field is missing)``; only for types that cannot hold an unknown value."""
    if test.type in {FieldType.STATUS, FieldType.RATING, FieldType.DATE, FieldType.CHECKBOX}:
        return known(test.field, test.type, schema)
    return None


def others(test: FieldTest, schema: Schema, country_code: str = "91") -> tuple[Filter, ...] | None:
    """Return the filters that together find every lead of ``not test`` whose value the workspace knows."""
    match test:
        case Equals() | OneOf() | Compare() if test.type in _CLOSED:
            values = domain(test.field, test.type, schema)
            rest = tuple(v for v in values if not field_holds(test, v, country_code))
            return (AnyOf(rest),) if values else None
        case InWindow(_, window):
            return (
                Between(FAR_PAST_MS, window.start_ms - 1),
                Between(window.end_ms, FAR_FUTURE_MS),
            )
        case Compare(_, FieldType.DATE, op, value):
            flipped = _side({"<": ">=", "<=": ">", ">": "<=", ">=": "<"}[op], value)
            return (flipped,) if flipped else None
        case _:
            return None


def always_there(field: str) -> bool:
    """Whether the service itself gives every lead this field."""
    return field == "created_on"


def domain(field: str, type: FieldType, schema: Schema) -> tuple[Scalar, ...]:
    """Return every value that a field of a closed type may have; empty for the others."""
    if type is FieldType.RATING:
        return (1, 2, 3, 4, 5)
    if type is FieldType.CHECKBOX:
        return (True, False)
    if type not in _LABELLED:
        return ()
    return schema.labels(schema.field(field) or Field(field, type))


def impossible(field: Field, shape: str) -> Scalar | dict[str, int] | None:
    """Return a filter that no lead can match, of the shape ``list`` or ``range``; None where there is none."""
    if shape == "range":
        return {"from": FAR_FUTURE_MS - 1, "to": FAR_FUTURE_MS}
    match field.type:
        case FieldType.RATING | FieldType.NUMBER:
            return 987_654_321
        case FieldType.PHONE:
            return "000000000000001"
        case FieldType.EMAIL | FieldType.MEMBER:
            return "nobody@leadops.invalid"
        case FieldType.CHECKBOX | FieldType.DATE | FieldType.MONEY:
            return None
        case _:
            return "leadops: no such value"


def intersection(a: Filter, b: Filter) -> Filter | None:
    """Return the filter of both, where one filter can say it."""
    match a, b:
        case AnyOf(), AnyOf() if not a.several and not b.several:
            keys = {_key(value) for value in b.values}
            return AnyOf(tuple(value for value in a.values if _key(value) in keys))
        case Between(), Between():
            return Between(max(a.start_ms, b.start_ms), min(a.end_ms, b.end_ms))
        case _:
            return None


def is_empty(filter_: Filter) -> bool:
    """Whether nothing can match."""
    return filter_.end_ms < filter_.start_ms if isinstance(filter_, Between) else not filter_.values


def phone_spellings(text: str, country_code: str) -> tuple[str, ...]:
    """Return the spellings under which a service may hold a phone: canonical, with plus, national."""
    digits = phone_digits(text, country_code)
    if digits is None:
        return (text,)
    national = digits.removeprefix(country_code)
    spellings = [digits, f"+{digits}"]
    if len(national) == 10:
        spellings.append(national)
    return tuple(dict.fromkeys(spellings))


def _typed_spellings(text: str, country_code: str) -> tuple[str, ...]:
    """Return the spellings of a phone that people type: a field that is no identifier may hold any of them."""
    spellings = phone_spellings(text, country_code)
    digits = phone_digits(text, country_code)
    national = (digits or "").removeprefix(country_code)
    if len(national) != 10:
        return tuple(dict.fromkeys([*spellings, text]))
    spaced, dashed = f"{national[:5]} {national[5:]}", f"{national[:5]}-{national[5:]}"
    plus = f"+{country_code}"
    return tuple(
        dict.fromkeys(
            [
                *spellings, text, f"0{national}", spaced, dashed,
                f"{plus} {national}", f"{plus} {spaced}", f"{plus} {dashed}", f"{plus}-{national}", f"{plus}-{dashed}",
                f"{country_code} {national}", f"{country_code} {spaced}", f"{country_code}-{national}",
            ]
        )
    )  # fmt: skip


def _listed(
    field: str, type_: FieldType, values: tuple[Value, ...], schema: Schema, cc: str
) -> Filter | None:
    if type_ is FieldType.DATE:
        moments = [number(value) for value in values]
        if len(moments) == 1 and moments[0] is not None:
            return Between(int(moments[0]), int(moments[0]))
        return None
    sent: list[Scalar] = []
    for value in values:
        spelled = _spelled(field, type_, value, schema, cc)
        if spelled is None:
            return None
        sent += spelled
    return AnyOf(tuple(dict.fromkeys(sent)))


def _spelled(
    field: str, type_: FieldType, value: Value, schema: Schema, cc: str
) -> tuple[Scalar, ...] | None:
    if type_ in {FieldType.MONEY, FieldType.TAGS} or value is None or isinstance(value, tuple):
        return None
    if type_ is FieldType.CHECKBOX:
        flag = comparable(value, type_)
        return (flag,) if isinstance(flag, bool) else None
    if type_ is FieldType.PHONE:
        declared = schema.field(field)
        typed = declared is not None and not declared.identifier
        return (_typed_spellings if typed else phone_spellings)(str(value), cc)
    if type_ in {FieldType.NUMBER, FieldType.RATING}:
        parsed = number(value)
        return None if parsed is None else (_json_number(parsed),)
    if type_ in _LABELLED:
        labels = schema.labels(schema.field(field) or Field(field, type_))
        return tuple(label for label in labels if fold(label) == fold(str(value))) or (str(value),)
    return text_spellings(str(value)) if type_ in _TEXTS else None


def _json_number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def text_spellings(text: str) -> tuple[str, ...]:
    """Return the spellings of a text that equal it when folded and that a service may hold apart.

    ASCII needs one: the service ignores its case. Other scripts have composed and decomposed forms.
    """
    trimmed = " ".join(text.split())
    forms = [text] if text.isascii() else [
        text, *(unicodedata.normalize(form, change(trimmed)) for form in ("NFC", "NFD")
                for change in (str, str.lower, str.upper, fold))
    ]  # fmt: skip
    return tuple(dict.fromkeys([*forms, trimmed] if trimmed != text else forms))


def _tags(field: str, values: tuple[str, ...], schema: Schema) -> tuple[str, ...]:
    """Return the tags in the workspace's own spelling first: leads may hold tags that the metadata does not tell."""
    declared = schema.field(field)
    own = declared.options if declared else ()
    forms = [
        form
        for value in values
        for form in (*(tag for tag in own if fold(tag) == fold(value)), *text_spellings(value))
    ]
    return tuple(dict.fromkeys(forms))


def _side(op: str, value: Value) -> Between | None:
    at = number(value)
    if at is None:
        return None
    moment = int(at)
    match op:
        case "<":
            return Between(FAR_PAST_MS, moment - 1)
        case "<=":
            return Between(FAR_PAST_MS, moment)
        case ">":
            return Between(moment + 1, FAR_FUTURE_MS)
        case _:
            return Between(moment, FAR_FUTURE_MS)


def _key(value: Scalar) -> str:
    return str(value).casefold()
