"""Steps: one source, its effects, its guards."""

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from leadops.analysis.conditions import lower
from leadops.analysis.conflicts import check_conflicts
from leadops.analysis.context import COUNT, TEXT, Context, StepState
from leadops.analysis.effects import lower_effects
from leadops.analysis.files import Files
from leadops.analysis.growing import check_circles
from leadops.analysis.limits import share_of
from leadops.analysis.other_templates import judge_suspects, warn_of_cells
from leadops.analysis.other_words import judge_words
from leadops.analysis.provable import judge
from leadops.analysis.sources import each_row, fold_into_create, open_source
from leadops.core.positions import Span
from leadops.model.plan import Canary, CountGuard, Create, EachRow, Permissions, Source, Step
from leadops.syntax import ast
from leadops.syntax.printing.printer import print_step

if TYPE_CHECKING:
    from decimal import Decimal

    from leadops.model.predicate import Condition

_SOURCES = (ast.FindLeads, ast.FindLeadById, ast.CreateLead, ast.UpsertLead, ast.EachRow, ast.RetryRejects)
_EFFECTS = (
    ast.SetFields,
    ast.ClearFields,
    ast.ChangeTags,
    ast.AddAction,
    ast.AddPayment,
    ast.UpdateAction,
    ast.UpdatePayment,
    ast.ReadTimeline,
    ast.When,
    ast.Report,
    ast.Notify,
)
_SINGLE = (ast.Order, ast.Limit, ast.StopWhen, ast.Canary)
_WORDS: dict[type, str] = {
    ast.Order: "newest/oldest first",
    ast.Limit: "limit",
    ast.StopWhen: "stop when",
    ast.Canary: "canary",
    ast.ClearFields: "clear",
    ast.ChangeTags: "remove",
    ast.UpdateAction: "update action",
    ast.UpdatePayment: "update payment",
    ast.ReadTimeline: "read timeline",
    ast.When: "when",
    ast.ExpectEvery: "expect every lead",
}


def lower_step(
    ctx: Context, node: ast.Step, index: int, playbook: str, files: Files, *, whole: bool
) -> tuple[Step | None, list[tuple[str, Span]]]:
    """Return the step and its appends' rule names with their places; None where it could not be understood.

    ``whole``: the file's syntax is right, so that what is absent was not written.
    """
    text = print_step(node)
    ctx.step = StepState(
        rows=any(isinstance(s, ast.EachRow) for s in node.statements),
        new_option=any(isinstance(s, ast.AllowNewOption) for s in node.statements),
        rule_base=_rule_base(playbook, node.title, text),
    )
    source_node = _structure(ctx, node, whole=whole)
    opened = open_source(ctx, source_node) if source_node is not None else None
    effects = list(lower_effects(ctx, [s for s in node.statements if isinstance(s, _EFFECTS)]))
    check_conflicts(ctx)
    check_circles(ctx)
    source: Source | None = opened.source if opened else None
    if isinstance(source_node, ast.EachRow):
        source = each_row(ctx, source_node, files)
        columns = ctx.step.columns if isinstance(source, EachRow) and source.rows else ()
        judge_suspects(ctx, columns)
        judge_words(ctx, columns)
        if isinstance(source, EachRow):
            warn_of_cells(ctx, source, columns)
    if isinstance(source, Create):
        source, effects = fold_into_create(ctx, source, effects, node)
    guarded = _guards(ctx, node)
    if source is None:
        return None, ctx.step.rules
    step = replace(
        guarded,
        name=node.title if node.title is not None else f"step {index + 1}",
        title=node.title,
        source=source,
        effects=tuple(effects),
        text=text,
        windows=tuple(dict.fromkeys(ctx.step.windows)),
    )
    return step, ctx.step.rules


def _rule_base(playbook: str, title: str | None, text: str) -> str:
    if playbook and title:
        return f"{playbook}/{title}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _structure(ctx: Context, node: ast.Step, *, whole: bool) -> ast.Source | None:
    sources = [s for s in node.statements if isinstance(s, _SOURCES)]
    if not sources:
        if whole:
            first = (
                node.statements[0].span
                if node.statements and node.title is None
                else ctx.part(node.span, TEXT)
            )
            ctx.error("E501", "this step has no source", first, "begin it with: find leads where …")
        return None
    if len(sources) > 1:
        line = sources[0].span.line
        advice = "write a second step"
        ctx.error("E502", f"a step has one source; the first stands in line {line}", sources[1].span, advice)
    for statement in node.statements[: node.statements.index(sources[0])]:
        if whole and isinstance(statement, _EFFECTS):
            ctx.error("E503", "this stands before the step's source", statement.span, "begin with the source")
    _company(ctx, node, sources[0])
    _repeats(ctx, node)
    changes = any(isinstance(s, _EFFECTS) for s in node.statements)
    if whole and not changes and isinstance(sources[0], ast.FindLeads | ast.FindLeadById | ast.EachRow):
        ctx.hint("W110", "this step finds leads and changes nothing", sources[0].span)
    return sources[0]


def _company(ctx: Context, node: ast.Step, source: ast.Source) -> None:
    """Say what cannot go with this source."""
    for statement in node.statements:
        match source, statement:
            case ast.CreateLead(), ast.ChangeTags(verb="add"):
                continue
            case ast.CreateLead(), (
                ast.ClearFields()
                | ast.ChangeTags()
                | ast.UpdateAction()
                | ast.UpdatePayment()
                | ast.ReadTimeline()
                | ast.When()
                | ast.ExpectEvery()
            ):
                word = _WORDS[type(statement)]
                ctx.error(
                    "E505", f"`{word}` does not go with `create lead`: there is no lead yet", statement.span
                )
            case ast.RetryRejects(), effect if isinstance(effect, _EFFECTS):
                message = "`retry rejects` sends again what was refused, and nothing else"
                ctx.error("E505", message, effect.span, "write a second step")
            case ast.FindLeads(single=True) | ast.FindLeadById(), ast.Order() | ast.Limit() | ast.Canary():
                word = _WORDS[type(statement)]
                ctx.error("E512", f"`{word}` does not go with `find lead`, which finds one", statement.span)
            case (
                ast.CreateLead() | ast.UpsertLead() | ast.RetryRejects(),
                ast.Order() | ast.Limit() | ast.Canary(),
            ):
                word = _WORDS[type(statement)]
                ctx.error("E512", f"`{word}` goes with `find leads` and `for each row`", statement.span)
            case ast.EachRow(), ast.Order():
                ctx.error("E512", "rows are taken in the order of their file", statement.span)
            case _:
                continue


def _repeats(ctx: Context, node: ast.Step) -> None:
    seen: dict[type, ast.Node] = {}
    for statement in node.statements:
        if not isinstance(statement, _SINGLE):
            continue
        if type(statement) in seen:
            line = seen[type(statement)].span.line
            word = _WORDS[type(statement)]
            ctx.error(
                "E509",
                f"`{word}` stands twice in this step, first in line {line}",
                statement.span,
                "keep one",
            )
        seen[type(statement)] = statement


# ── guards ───────────────────────────────────────────────────────────────────────────────────────


def _guards(ctx: Context, node: ast.Step) -> Step:
    """Return a step that holds only its guards, order and permissions."""
    counts: list[CountGuard] = []
    every: list[Condition] = []
    permissions = Permissions()
    stop: Decimal | None = None
    canary: Canary | None = None
    newest, limit = True, None
    for statement in node.statements:
        match statement:
            case ast.ExpectCount(at_least=least, at_most=most):
                counts.append(CountGuard(least, most, _count_text(least, most)))
                _possible(ctx, counts, statement)
            case ast.ExpectEvery(condition=condition):
                lowered = lower(ctx, condition)
                if lowered is not None:
                    judge(ctx, lowered)
                every += [lowered] if lowered is not None else []
            case ast.StopWhen(percent=percent):
                stop = share_of(percent)
                if stop is None:
                    ctx.error(
                        "E513", f"{percent} % is not above 0 and up to 100", ctx.part(statement.span, COUNT)
                    )
            case ast.Canary(count=count, then=then):
                canary = Canary(count, then)
                _at_least_one(ctx, count, statement)
            case ast.Limit(count=count):
                limit = count
                _at_least_one(ctx, count, statement)
            case ast.Order(newest=newest):
                pass
            case ast.AllowFullScan():
                permissions = replace(permissions, full_scan=True)
            case ast.AllowTimelines(at_most=most):
                permissions = replace(permissions, timelines=True, timelines_at_most=most)
            case ast.AllowNewOption():
                permissions = replace(permissions, new_option=True)
            case _:
                pass
    return Step(
        "", None, Create(()), (), "", newest, limit, tuple(counts), tuple(every), stop, canary, permissions
    )


def _count_text(least: int | None, most: int | None) -> str:
    if least is None:
        return f"expect at most {most} lead{'' if most == 1 else 's'}"
    if most is None:
        return f"expect at least {least} lead{'' if least == 1 else 's'}"
    if least == most:
        return f"expect exactly {least} lead{'' if least == 1 else 's'}"
    return f"expect {least}..{most} leads"


def _possible(ctx: Context, counts: list[CountGuard], statement: ast.ExpectCount) -> None:
    least = max((c.at_least for c in counts if c.at_least is not None), default=0)
    most = min((c.at_most for c in counts if c.at_most is not None), default=None)
    if most is not None and least > most:
        message = f"no number of leads is at least {least} and at most {most}"
        where = ctx.part(statement.span, r"([0-9]+\s*\.\.\s*[0-9]+)")
        ctx.error("E508", message, where, "the smaller number comes first")


def _at_least_one(ctx: Context, count: int, statement: ast.Canary | ast.Limit) -> None:
    if count < 1:
        ctx.error("E513", f"`{_WORDS[type(statement)]}` counts from 1", ctx.part(statement.span, COUNT))
