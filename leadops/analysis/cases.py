"""Tests in the file: their names, values and leads against the playbook and the workspace."""

from collections.abc import Iterable, Sequence

from leadops.analysis.actions import action_targets, find_action, performers
from leadops.analysis.activities import having
from leadops.analysis.context import TEXT, Context, StepState
from leadops.analysis.literals import Literal, literal, typed
from leadops.analysis.names import find_field
from leadops.analysis.nothing import clears_in_test
from leadops.analysis.periods import PeriodError, moment_bounds
from leadops.analysis.targets import PAYMENT_TARGETS, lead_target
from leadops.analysis.values import Use
from leadops.core.did_you_mean import did_you_mean
from leadops.core.positions import Span
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
            ctx.error(
                "E604",
                f"two tests are called “{test.title}”",
                ctx.part(test.span, TEXT),
                "give each its own title",
            )
        titles.add(test.title)
        _check(ctx, test, steps, tuple(params))


def _check(ctx: Context, test: ast.Test, steps: Sequence[ast.Step], params: tuple[str, ...]) -> None:
    leads: list[ast.GivenLead] = [s for s in test.statements if isinstance(s, ast.GivenLead)]
    given, made = _given_keys(ctx, leads), _made_keys(ctx, steps)
    known = given | made if made is not None else None
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
                if name not in params and not ctx.may_be_declared(name):
                    ctx.error("E111", f"there is no param {name}", statement.span, did_you_mean(name, params))
            case ast.StepMatches(title=title):
                _step(ctx, title, ctx.part(statement.span, TEXT), steps)
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
    _fields(ctx, lead.fields, "held")
    if ctx.schema is not None:
        identifier = ctx.schema.identifier.api_name
        if _identifier(ctx, lead.fields) is None:
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


def _fields(ctx: Context, pairs: Iterable[ast.Assignment], use: Use = "test") -> None:
    for pair in pairs:
        field = find_field(ctx, pair.field)
        target = lead_target(ctx.schema, field) if field is not None and ctx.schema is not None else None
        if clears_in_test(ctx, pair, target):
            continue
        if isinstance(pair.value, ast.List):
            if target is not None and target.type is not FieldType.TAGS:
                ctx.error("E219", "a list is a value of tags fields", pair.value.span)
            for value in pair.value.values:
                typed(ctx, value, target, use)
        else:
            typed(ctx, pair.value, target, use)


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


def _given_keys(ctx: Context, leads: Iterable[ast.GivenLead]) -> set[Comparable]:
    known: set[Comparable] = set()
    for lead in leads:
        pair = _identifier(ctx, lead.fields)
        key = None if pair is None else _comparable(ctx, literal(ctx, pair.value))
        if pair is not None and key is not None and key in known:
            ctx.error(
                "E606",
                f"another lead of this test has this {pair.field.name} already",
                pair.value.span,
                "give each lead its own",
            )
        known.add(key)
    return known - {None}


def _made_keys(ctx: Context, steps: Iterable[ast.Step]) -> set[Comparable] | None:
    """Return the identifiers of the leads that steps make; None where not all of them are written down."""
    known: set[Comparable] = set()
    for source in (statement for step in steps for statement in step.statements):
        match source:
            case ast.EachRow(contract=contract):
                if any(isinstance(item, ast.OnMissingLead) and item.what == "create" for item in contract):
                    return None
            case ast.CreateLead(fields=fields) | ast.UpsertLead(fields=fields):
                pair = _identifier(ctx, fields)
                if pair is None or not isinstance(pair.value, ast.Word | ast.String | ast.Number):
                    return None
                known.add(_comparable(ctx, literal(ctx, pair.value, templates=True)))
            case _:
                pass
    return known - {None}


def _identifier(ctx: Context, fields: Iterable[ast.Assignment]) -> ast.Assignment | None:
    if ctx.schema is None:
        return None
    names = {ctx.schema.identifier.api_name, ctx.schema.identifier.label}
    return next((pair for pair in fields if pair.field.name in names), None)


def _comparable(ctx: Context, found: Literal | None) -> Comparable:
    if found is None or ctx.schema is None:
        return None
    return comparable(found.text, ctx.schema.identifier.type, ctx.country_code)


def _lead(ctx: Context, lead: ast.Value, known: set[Comparable] | None) -> None:
    found = literal(ctx, lead)
    if found is None or ctx.schema is None or known is None or _comparable(ctx, found) in known:
        return
    name = ctx.schema.identifier.api_name
    ctx.error(
        "E602", f"this test gives no lead with {name} {found.text}", found.span, "add: given lead with …"
    )
