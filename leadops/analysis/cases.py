"""Tests in the file: their names, values and leads against the playbook and the workspace."""

from collections.abc import Iterable, Sequence

from leadops.analysis.conditions import having
from leadops.analysis.context import Context, StepState
from leadops.analysis.literals import Literal, literal, typed
from leadops.analysis.names import action_targets, find_action, find_field, performers
from leadops.analysis.periods import PeriodError, moment_bounds
from leadops.analysis.targets import PAYMENT_TARGETS, lead_target
from leadops.core.positions import Span
from leadops.core.suggest import did_you_mean
from leadops.model.schema import FieldType
from leadops.model.values import Comparable, comparable
from leadops.syntax import ast

_ASSERTIONS = (ast.StepMatches, ast.LeadWouldHave, ast.LeadWouldHaveAction, ast.LeadNotTouched)


def check_tests(
    ctx: Context, tests: Sequence[ast.Test], steps: Sequence[ast.Step], params: Iterable[str]
) -> None:
    """Say what is wrong in the file's tests."""
    titles: set[str] = set()
    for test in tests:
        ctx.step = StepState()
        if test.title in titles:
            ctx.error("E604", f"two tests are called “{test.title}”", test.span, "give each its own title")
        titles.add(test.title)
        _check(ctx, test, steps, tuple(params))


def _check(ctx: Context, test: ast.Test, steps: Sequence[ast.Step], params: tuple[str, ...]) -> None:
    leads: list[ast.GivenLead] = [s for s in test.statements if isinstance(s, ast.GivenLead)]
    known: set[Comparable] = {key for key in (_key_of(ctx, lead) for lead in leads) if key is not None}
    now: ast.GivenNow | None = None
    for statement in test.statements:
        match statement:
            case ast.GivenNow(at=at):
                if now is not None:
                    ctx.error(
                        "E603", f"`given now` stands twice, first in line {now.span.line}", statement.span
                    )
                now = now or statement
                _moment(ctx, at, statement.span)
            case ast.GivenLead():
                _given_lead(ctx, statement)
            case ast.GivenParam(name=name):
                if name not in params:
                    ctx.error("E111", f"there is no param {name}", statement.span, did_you_mean(name, params))
            case ast.StepMatches(title=title):
                _step(ctx, title, statement.span, steps)
            case ast.LeadWouldHave(lead=lead, fields=fields):
                _lead(ctx, lead, known)
                _fields(ctx, fields)
            case ast.LeadWouldHaveAction(lead=lead):
                _lead(ctx, lead, known)
                found = find_action(ctx, statement.action, write=False)
                having(
                    ctx,
                    statement.having,
                    action_targets(ctx, found),
                    f"the action {found.name}" if found else "",
                )
            case ast.LeadNotTouched(lead=lead):
                _lead(ctx, lead, known)
    if not any(isinstance(s, _ASSERTIONS) for s in test.statements):
        ctx.warning("W113", f"the test “{test.title}” asserts nothing", test.span)


def _given_lead(ctx: Context, lead: ast.GivenLead) -> None:
    _fields(ctx, lead.fields)
    if ctx.schema is not None:
        identifier = ctx.schema.identifier.api_name
        if identifier not in {pair.field.name for pair in lead.fields}:
            ctx.error("E605", f"a given lead needs its {identifier}, by which it is named", lead.span)
    for event in lead.history:
        if event.by is not None:
            performers(ctx, (event.by,))
        if event.at is not None:
            _moment(ctx, event.at, event.span)
        if isinstance(event, ast.GivenAction):
            if event.action is None:
                having(ctx, event.having, PAYMENT_TARGETS, "a payment")
            else:
                found = find_action(ctx, event.action, write=False)
                having(
                    ctx, event.having, action_targets(ctx, found), f"the action {found.name}" if found else ""
                )


def _fields(ctx: Context, pairs: Iterable[ast.Assignment]) -> None:
    for pair in pairs:
        field = find_field(ctx, pair.field)
        target = lead_target(ctx.schema, field) if field is not None and ctx.schema is not None else None
        if isinstance(pair.value, ast.List):
            if target is not None and target.type is not FieldType.TAGS:
                ctx.error("E219", "a list is a value of tags fields", pair.value.span)
            for value in pair.value.values:
                typed(ctx, value, target)
        else:
            typed(ctx, pair.value, target)


def _moment(ctx: Context, text: str, span: Span) -> None:
    try:
        moment_bounds(text, ctx.zone)
    except PeriodError as error:
        ctx.error(error.code, error.message, span, error.help)


def _step(ctx: Context, title: str | None, span: Span, steps: Sequence[ast.Step]) -> None:
    titles = [step.title for step in steps]
    if titles.count(title) == 1:
        return
    named = [t for t in titles if t is not None]
    if title is None:
        count = titles.count(None)
        message = (
            "there is no step without a title" if count == 0 else f"there are {count} steps without a title"
        )
        ctx.error("E601", message, span, "name the step by its title")
    elif title not in named:
        ctx.error("E601", f"there is no step “{title}”", span, did_you_mean(title, named))


def _key_of(ctx: Context, lead: ast.GivenLead) -> Comparable:
    if ctx.schema is None:
        return None
    name = ctx.schema.identifier.api_name
    pair = next((p for p in lead.fields if p.field.name == name), None)
    return None if pair is None else _comparable(ctx, literal(ctx, pair.value))


def _comparable(ctx: Context, found: Literal | None) -> Comparable:
    if found is None or ctx.schema is None:
        return None
    return comparable(found.text, ctx.schema.identifier.type, ctx.country_code)


def _lead(ctx: Context, lead: ast.Value, known: set[Comparable]) -> None:
    found = literal(ctx, lead)
    if found is None or ctx.schema is None or _comparable(ctx, found) in known:
        return
    name = ctx.schema.identifier.api_name
    ctx.error(
        "E602", f"this test gives no lead with {name} {found.text}", found.span, "add: given lead with …"
    )
