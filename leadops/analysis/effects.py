"""Effects of a step, lowered: what must be true of a lead, or be added to it."""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal

from leadops.analysis.actions import action_targets, find_action
from leadops.analysis.activities import having
from leadops.analysis.conditions import lower
from leadops.analysis.context import TEXT, Case, Claim, Context
from leadops.analysis.growing import check_growing_tag, check_growth
from leadops.analysis.literals import expression
from leadops.analysis.names import find_field, find_key
from leadops.analysis.nothing import nothing, refuse_part, refuse_word
from leadops.analysis.provable import judge_case
from leadops.analysis.targets import PAYMENT_TARGETS, Target, lead_target
from leadops.analysis.templates import text_template
from leadops.analysis.windows import resolve
from leadops.core.did_you_mean import did_you_mean
from leadops.core.positions import Span
from leadops.core.text import is_blank
from leadops.model.actions import PAYMENT
from leadops.model.plan import (
    Append,
    Assign,
    ChangeTags,
    ClearField,
    Constant,
    Effect,
    Expression,
    Notify,
    Once,
    ReadTimeline,
    Report,
    SetField,
    Template,
    UpdateAction,
    When,
)
from leadops.model.predicate import Not
from leadops.model.schema import Field, FieldType
from leadops.syntax import ast

if TYPE_CHECKING:
    from leadops.model.predicate import Having

_MOVING_ONCE = (ast.LastPeriod, ast.SincePeriod)


def lower_effects(ctx: Context, effects: Iterable[ast.Effect]) -> tuple[Effect, ...]:
    """Return the effects that could be understood; what is wrong with the others has been said."""
    made: list[Effect] = []
    for effect in effects:
        match effect:
            case ast.SetFields(fields=fields):
                made += _set(ctx, fields)
            case ast.ClearFields(fields=refs):
                made += _clear(ctx, refs)
            case ast.ChangeTags():
                made += _tags(ctx, effect)
            case ast.AddAction() | ast.AddPayment():
                made += _append(ctx, effect)
            case ast.UpdateAction() | ast.UpdatePayment():
                made += _update(ctx, effect)
            case ast.ReadTimeline(period=period):
                within = resolve(ctx, period) if period is not None else None
                made.append(ReadTimeline(within))
            case ast.When():
                made += _when(ctx, effect)
            case ast.Report():
                made += _report(ctx, effect)
            case ast.Notify():
                made += _notify(ctx, effect)
    return tuple(made)


# ── fields of the lead ───────────────────────────────────────────────────────────────────────────


def assigns(ctx: Context, pairs: Iterable[ast.Assignment], *, creating: bool) -> list[Assign]:
    """Return assignments to fields of the lead; ``creating``: the identifier and locked fields are welcome.

    A field that is given nothing is told of: a lead that is being made has nothing to be cleared.
    """
    made: list[Assign] = []
    for pair in pairs:
        field, target = _field_of(ctx, pair)
        where = f"for {field.api_name}" if field is not None else ""
        advice = "leave it out"
        if field is not None and field.identifier:
            advice = "it names the lead"
        elif field is not None and ctx.step.has_lead:
            advice = f"leave it out, or clear it where the lead is there: clear {field.api_name}"
        if refuse_part(ctx, pair.value, target, where, advice):
            continue
        made += _assign(ctx, pair, field, target, creating=creating)
    return made


def _set(ctx: Context, pairs: Iterable[ast.Assignment]) -> list[Effect]:
    """Return what ``set`` does: a field that is set to nothing is cleared."""
    made: list[Effect] = []
    for pair in pairs:
        field, target = _field_of(ctx, pair)
        none = nothing(ctx, pair.value, target)
        if none is None or target is None or field is None or not ctx.step.has_lead:
            made += [SetField(one) for one in assigns(ctx, (pair,), creating=False)]
        elif _settable(ctx, field, pair.field, creating=False) and not refuse_word(ctx, pair, none, target):
            _claim(ctx, field, "set", pair.field.span, Constant(None))
            made.append(ClearField(field.api_name, field.type))
    return made


def _field_of(ctx: Context, pair: ast.Assignment) -> tuple[Field | None, Target | None]:
    field = find_field(ctx, pair.field)
    return field, lead_target(ctx.schema, field) if field is not None and ctx.schema is not None else None


def _assign(
    ctx: Context,
    pair: ast.Assignment,
    field: Field | None,
    target: Target | None,
    *,
    creating: bool,
) -> list[Assign]:
    value = expression(ctx, pair.value, target)
    if field is None or not _settable(ctx, field, pair.field, creating=creating):
        return []
    _claim(ctx, field, "set", pair.field.span, value)
    if isinstance(value, Template):
        check_growth(ctx, field.api_name, field.type, value, pair.value.span)
    return [] if value is None else [Assign(field.api_name, field.type, value, pair.span)]


def _settable(ctx: Context, field: Field, ref: ast.FieldRef, *, creating: bool) -> bool:
    if field.read_only:
        ctx.error("E223", f"{field.api_name} is written by the service only", ref.span)
    elif creating:
        return True
    elif field.identifier or (ctx.schema is not None and ctx.schema.identifier.api_name == field.api_name):
        ctx.error(
            "E222",
            f"{field.api_name} names the lead; it cannot be changed through the API",
            ref.span,
            "change it in the CRM, by hand",
        )
    elif field.locked:
        ctx.error("E223", f"{field.api_name} cannot change once the lead exists", ref.span)
    else:
        return True
    return False


def _claim(
    ctx: Context,
    field: Field,
    verb: Literal["set", "add", "remove"],
    span: Span,
    value: Expression | None = None,
    tags: Iterable[Expression] = (),
) -> None:
    """Note what an effect wants of a field, under the cases around it."""
    plain = tuple(str(tag.value) for tag in tags if isinstance(tag, Constant))
    ctx.step.claims.append(Claim(field.api_name, field.type, verb, value, plain, ctx.step.path, span))


def _clear(ctx: Context, refs: Iterable[ast.FieldRef]) -> list[Effect]:
    made: list[Effect] = []
    for ref in refs:
        field = find_field(ctx, ref)
        if field is not None and _settable(ctx, field, ref, creating=False):
            _claim(ctx, field, "set", ref.span, Constant(None))
            made.append(ClearField(field.api_name, field.type))
    return made


def _tags(ctx: Context, effect: ast.ChangeTags) -> list[Effect]:
    field = find_field(ctx, effect.field)
    target = lead_target(ctx.schema, field) if field is not None and ctx.schema is not None else None
    if field is not None and field.type is not FieldType.TAGS:
        ctx.error(
            "E224",
            f"{field.api_name} is no tags field, so that nothing can be added to or removed from it",
            effect.field.span,
            f"write: set {field.api_name} = …",
        )
        return []
    tags: list[Expression] = []
    for tag in effect.tags:
        if refuse_part(ctx, tag, target, f"to {effect.verb}", "leave it out"):
            continue
        made_of = expression(ctx, tag, target)
        if isinstance(made_of, Template) and effect.verb == "add" and field is not None:
            check_growing_tag(ctx, field.api_name, made_of, tag.span)
        match made_of:
            case Constant(value=tuple() as single):
                tags += [Constant(each) for each in single]
            case None:
                pass
            case found:
                tags.append(found)
    if field is None or not _settable(ctx, field, effect.field, creating=False):
        return []
    _claim(ctx, field, effect.verb, effect.field.span, tags=tags)
    return [ChangeTags(effect.verb, field.api_name, tuple(tags))]


# ── actions ──────────────────────────────────────────────────────────────────────────────────────


def _append(ctx: Context, effect: ast.AddAction | ast.AddPayment) -> list[Effect]:
    ctx.step.appends += 1
    rule = effect.key or f"{ctx.step.rule_base}/{ctx.step.appends}"
    ctx.step.rules.append((rule, effect.span))
    if isinstance(effect, ast.AddPayment):
        code, what = PAYMENT, "a payment"
        targets: Mapping[str, Target] | None = PAYMENT_TARGETS
        named = {p.field.name for p in effect.fields}
        missing = [name for name in PAYMENT_TARGETS if name not in named]
        if missing and named <= PAYMENT_TARGETS.keys():  # else one of them may be meant by the unknown name
            ctx.error(
                "E226",
                f"a payment needs {', '.join(missing)}",
                effect.span,
                "write: add payment status = PENDING, currency = INR, amount = 100",
            )
    else:
        action = find_action(ctx, effect.action, write=True)
        code, what = (action.code, f"the action {action.name}") if action else ("", "")
        targets = action_targets(ctx, action)
    fields = action_assigns(ctx, effect.fields, targets, what)
    once = _once(ctx, effect.once)
    return [Append(code, fields, once, rule)] if code and once else []


def action_assigns(
    ctx: Context, pairs: Iterable[ast.Assignment], targets: Mapping[str, Target] | None, what: str
) -> tuple[Assign, ...]:
    """Return assignments to fields of an action; what is wrong with the others has been said."""
    made: list[Assign] = []
    seen: set[str] = set()
    for pair in pairs:
        target = find_key(ctx, pair.field, targets, what)
        if refuse_part(ctx, pair.value, target, "of an action's field", "leave it out"):
            continue
        value = expression(ctx, pair.value, target)
        if target is None:
            continue
        if target.name in seen:
            ctx.error("E504", f"{target.name} stands twice in this action", pair.field.span, "keep one")
        seen.add(target.name)
        if value is not None:
            made.append(Assign(target.name, target.type, value, pair.span))
    return tuple(made)


def _once(ctx: Context, once: ast.OncePer | None) -> Once | None:
    if once is None:
        return Once("lead")
    if once.each_run:
        ctx.warning(
            "W102",
            "`each run` adds the action again in every run, for every lead",
            once.span,
            "write `once per lead in this day`, or another period",
        )
        return Once("run", None, "run")
    if once.period is None:
        return Once("lead")
    window = resolve(ctx, once.period)
    if window is None:
        return None
    if isinstance(once.period, _MOVING_ONCE):
        ctx.warning(
            "W109",
            f"“{window.text}” is another period every day, so that the action is added every day",
            once.period.span,
            "write a whole period: this day, this week, this month",
        )
    return Once("period", window, f"{window.first_day}..{window.last_day}")


def _update(ctx: Context, effect: ast.UpdateAction | ast.UpdatePayment) -> list[Effect]:
    if isinstance(effect, ast.UpdatePayment):
        code, what = PAYMENT, "a payment"
        targets: Mapping[str, Target] | None = PAYMENT_TARGETS
        fixed = [
            pair
            for pair in effect.fields
            if pair.field.name in PAYMENT_TARGETS and pair.field.name != "status"
        ]
        for pair in fixed:
            message = (
                f"the {pair.field.name} of a payment is fixed once it stands; only its status can change"
            )
            ctx.error("E519", message, pair.span)
    else:
        action = find_action(ctx, effect.action, write=True)
        code, what = (action.code, f"the action {action.name}") if action else ("", "")
        targets = action_targets(ctx, action)
    where: tuple[Having, ...] | None = having(ctx, effect.where, targets, what)
    fields = action_assigns(ctx, effect.fields, targets, what)
    return [UpdateAction(code, where, fields)] if code and where is not None else []


# ── the rest ─────────────────────────────────────────────────────────────────────────────────────


def _when(ctx: Context, effect: ast.When) -> list[Effect]:
    condition = lower(ctx, effect.condition)
    if condition is not None:
        judge_case(ctx, condition, ctx.step.found)
    for inner in (*effect.then, *effect.otherwise):
        if isinstance(inner, ast.Report):
            message = "a report is made once a step; it cannot depend on one lead"
            ctx.error("E505", message, inner.span, "move it out of `when`")
    around = ctx.step.path
    ctx.step.whens = when = ctx.step.whens + 1
    ctx.step.path = (*around, Case(when, then=True, condition=condition))
    then = lower_effects(ctx, effect.then)
    other = Not(condition) if condition is not None else None
    ctx.step.path = (*around, Case(when, then=False, condition=other))
    otherwise = lower_effects(ctx, effect.otherwise)
    ctx.step.path = around
    return [When(condition, then, otherwise)] if condition is not None else []


_REPORT_ENDINGS = (
    ".md", ".markdown", ".html", ".htm", ".txt", ".csv", ".tsv", ".json", ".jsonl", ".xml", ".log",
)  # fmt: skip
"""What a report may be; a playbook of somebody else's writes over no program and no settings."""


def _report(ctx: Context, effect: ast.Report) -> list[Effect]:
    parts = re.split(r"[/\\]", effect.path)
    if not effect.path.strip() or ".." in parts or parts[0] in {"", "~"} or ":" in parts[0]:
        ctx.error(
            "E515",
            f"a report cannot be written to “{effect.path}”",
            ctx.part(effect.span, TEXT),
            "write a path inside the project's folder, relative to it",
        )
        return []
    if any(part.startswith(".") for part in parts) or not effect.path.lower().endswith(_REPORT_ENDINGS):
        ctx.error(
            "E515",
            f"no report is written to “{effect.path}”",
            ctx.part(effect.span, TEXT),
            f"its name ends in {', '.join(_REPORT_ENDINGS)}, and no part of it begins with a dot",
        )
        return []
    return [Report(effect.path, effect.template)]


def _notify(ctx: Context, effect: ast.Notify) -> list[Effect]:
    if is_blank(effect.text.text):
        ctx.error("E230", "an empty text is no message", effect.text.span, "say what happened")
        return []
    text = text_template(ctx, effect.text)
    if ctx.notify_names is not None and effect.name not in ctx.notify_names:
        advice = did_you_mean(effect.name, ctx.notify_names)
        ctx.error(
            "E514",
            f"the profile has no [notify.{effect.name}]",
            ctx.part(effect.span, TEXT),
            advice or f"declare [notify.{effect.name}] in leadops.toml",
        )
        return []
    return [Notify(effect.name, text)] if text is not None else []
