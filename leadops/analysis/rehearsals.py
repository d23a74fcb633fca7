"""Tests in the file, lowered: names resolved, values typed, times as instants.

Whether they are sound has been said by cases.py, so that nothing here can be wrong any more.
"""

from collections.abc import Iterable, Iterator, Mapping
from zoneinfo import ZoneInfo

from leadops.analysis.actions import action_targets, find_action, performers
from leadops.analysis.activities import call_types, having
from leadops.analysis.context import Argument, Context, Shape
from leadops.analysis.literals import literal, typed
from leadops.analysis.names import find_field
from leadops.analysis.nothing import nothing
from leadops.analysis.periods import moment_bounds
from leadops.analysis.targets import PAYMENT_TARGETS, lead_target
from leadops.analysis.values import Use
from leadops.core.diagnostics import Findings
from leadops.model.actions import PAYMENT
from leadops.model.plan import Plan
from leadops.model.rehearsal import (
    Event,
    GivenLead,
    Matches,
    NotTouched,
    Rehearsal,
    WouldHave,
    WouldHaveAction,
)
from leadops.model.schema import Field, FieldType
from leadops.model.values import Value
from leadops.syntax import ast
from leadops.syntax.printing.canonical import (
    print_assignment,
    print_default,
    print_having,
    print_text,
    print_value,
)

_SHAPES: Mapping[str, Shape] = {"number": "number", "date": "date"}
_BEFORE_NOW_MS = 1000
"""How long before `now` something happened that was given without a time."""


def given_params(test: ast.Test) -> dict[str, str]:
    """Return the params that a test gives, as texts."""
    return {s.name: _text(s.value) for s in test.statements if isinstance(s, ast.GivenParam)}


def given_now(test: ast.Test) -> str | None:
    """Return the local time that a test gives as `now`; None when it gives none."""
    return next((s.at for s in test.statements if isinstance(s, ast.GivenNow)), None)


def lower_test(test: ast.Test, plan: Plan, call_types: tuple[str, ...] | None = None) -> Rehearsal:
    """Return what ``test`` means.

    Args:
        test: a sound test of the playbook.
        plan: the playbook compiled with the test's own clock and params.
        call_types: what ``called`` means, from the profile; None: every known outgoing type.
    """
    ctx = Context(
        Findings(),
        plan.schema,
        ZoneInfo(plan.timezone),
        plan.clock_ms,
        plan.country_code,
        plan.unchecked,
        call_types,
        params={
            p.name: Argument(p.name, "secret" if p.secret else p.type, p.text, _SHAPES.get(p.type, "string"))
            for p in plan.parameters
        },
    )
    given = tuple(_given(ctx, s) for s in test.statements if isinstance(s, ast.GivenLead))
    claims = tuple(claim for s in test.statements for claim in _claims(ctx, s, plan))
    return Rehearsal(test.title, given, claims, test.span)


def _text(value: ast.Value | ast.Period) -> str:
    match value:
        case ast.Word(text=text) | ast.String(text=text) | ast.Number(text=text) | ast.Date(text=text):
            return text
        case _:
            return print_default(value)


# ── given ────────────────────────────────────────────────────────────────────────────────────────


def _given(ctx: Context, lead: ast.GivenLead) -> GivenLead:
    assert ctx.schema is not None
    fields = {field.api_name: value for field, value in _values(ctx, lead.fields, "held")}
    events = tuple(_event(ctx, event) for event in lead.history)
    created = fields.pop("created_on", None)
    modified = fields.pop("modified_on", None)
    first = min((event.at_ms for event in events), default=ctx.now_ms - _BEFORE_NOW_MS)
    created_ms = created if isinstance(created, int) else min(first, ctx.now_ms - _BEFORE_NOW_MS)
    modified_ms = modified if isinstance(modified, int) else created_ms
    return GivenLead(fields.get(ctx.schema.identifier.api_name), fields, created_ms, modified_ms, events)


def _values(
    ctx: Context, pairs: Iterable[ast.Assignment], use: Use = "test"
) -> Iterator[tuple[Field, Value]]:
    for pair in pairs:
        field = find_field(ctx, pair.field)
        assert field is not None
        yield field, _value(ctx, pair.value, field, use)


def _value(ctx: Context, value: ast.Value, field: Field, use: Use) -> Value:
    assert ctx.schema is not None
    target = lead_target(ctx.schema, field)
    if nothing(ctx, value, target) is not None:
        return None
    if not isinstance(value, ast.List):
        return typed(ctx, value, target, use)
    tags = [
        tag for each in value.values if isinstance(found := typed(ctx, each, target), tuple) for tag in found
    ]
    return tuple(dict.fromkeys(tags))


def _event(ctx: Context, event: ast.GivenCall | ast.GivenAction) -> Event:
    by = performers(ctx, (event.by,)) if event.by is not None else None
    at = moment_bounds(event.at, ctx.zone)[0] if event.at is not None else ctx.now_ms - _BEFORE_NOW_MS
    performer = by[0] if by else ""
    if isinstance(event, ast.GivenCall):
        return Event(call_types(ctx, event.direction)[0], at, performer)
    if event.action is None:
        made = having(ctx, event.having, PAYMENT_TARGETS, "a payment") or ()
        return Event(PAYMENT, at, performer, {one.key: one.value for one in made})
    action = find_action(ctx, event.action, write=False)
    assert action is not None
    made = having(ctx, event.having, action_targets(ctx, action), action.name) or ()
    return Event(action.code, at, performer, {one.key: one.value for one in made})


# ── claims ───────────────────────────────────────────────────────────────────────────────────────


def _claims(
    ctx: Context, statement: ast.TestStatement, plan: Plan
) -> Iterator[Matches | WouldHave | WouldHaveAction | NotTouched]:
    span = statement.span
    match statement:
        case ast.StepMatches(title=title, count=count):
            name = f"step {print_text(title)}" if title is not None else "step"
            index = next(i for i, step in enumerate(plan.steps) if step.title == title)
            text = f"{name} matches {count} lead{'' if count == 1 else 's'}"
            yield Matches(index, count, text=text, span=span)
        case ast.LeadWouldHave(lead=lead, fields=fields):
            who = _lead(ctx, lead)
            for pair, (field, value) in zip(fields, _values(ctx, fields), strict=True):
                text = f"lead {print_value(lead)} would have {print_assignment(pair)}"
                dated = field.type is FieldType.DATE and value is not None
                bounds = _bounds(ctx, pair.value) if dated else None
                yield WouldHave(who, field.api_name, field.type, value, bounds, text=text, span=pair.span)
        case ast.LeadWouldHaveAction(lead=lead, action=named, having=wanted):
            action = find_action(ctx, named, write=False)
            assert action is not None
            made = having(ctx, wanted, action_targets(ctx, action), action.name) or ()
            text = f"lead {print_value(lead)} would have action {print_value(named)}{print_having(wanted)}"
            yield WouldHaveAction(_lead(ctx, lead), action.code, made, text=text, span=span)
        case ast.LeadNotTouched(lead=lead):
            text = f"lead {print_value(lead)} is not touched"
            yield NotTouched(_lead(ctx, lead), text=text, span=span)


def _lead(ctx: Context, lead: ast.Value) -> Value:
    found = literal(ctx, lead)
    return None if found is None else found.text


def _bounds(ctx: Context, value: ast.Value) -> tuple[int, int] | None:
    found = literal(ctx, value)
    return None if found is None else moment_bounds(found.text.strip(), ctx.zone)
