"""Phrases of calls, actions and payments as predicates: one phrase is one action on the timeline."""

from collections.abc import Iterable, Mapping

from leadops.analysis.actions import action_targets, find_action, performers
from leadops.analysis.context import Context
from leadops.analysis.literals import typed
from leadops.analysis.names import find_key
from leadops.analysis.nothing import refuse_key
from leadops.analysis.targets import PAYMENT_TARGETS, Target
from leadops.analysis.windows import resolve
from leadops.model.actions import INCOMING_CALLS, MISSED_CALLS, OUTGOING_CALLS, PAYMENT
from leadops.model.predicate import (
    Activity,
    Condition,
    Having,
)
from leadops.syntax import ast
from leadops.syntax.printing.canonical import print_condition


def activity(ctx: Context, node: ast.CallPhrase | ast.ActionPhrase | ast.PaymentPhrase) -> Condition | None:
    """Return what a phrase means; None after saying what is wrong in it, or without a schema."""
    by = performers(ctx, node.by)
    within = resolve(ctx, node.period) if node.period is not None else None
    made: tuple[Having, ...] | None = ()
    types: tuple[str, ...] | None
    match node:
        case ast.CallPhrase(direction=direction):
            types = call_types(ctx, direction)
        case ast.PaymentPhrase(having=wanted):
            types = (PAYMENT,)
            made = having(ctx, wanted, PAYMENT_TARGETS, "a payment")
        case ast.ActionPhrase(action=action, having=wanted):
            found = find_action(ctx, action, write=False)
            types = (found.code,) if found else None
            made = having(
                ctx, wanted, action_targets(ctx, found), f"the action {found.name}" if found else ""
            )
    undated = node.period is not None and within is None
    if types is None or made is None or by is None or undated or ctx.schema is None:
        return None
    return Activity(types, by, within, made, text=print_condition(node), origin=node.span)


def call_types(ctx: Context, direction: str) -> tuple[str, ...]:
    """Return the action types that ``called`` (outgoing), ``called us`` or ``missed call`` means."""
    if direction == "incoming":
        return INCOMING_CALLS
    if direction == "missed":
        return MISSED_CALLS
    return ctx.call_types or OUTGOING_CALLS


def having(
    ctx: Context, wanted: Iterable[ast.Assignment], targets: Mapping[str, Target] | None, what: str
) -> tuple[Having, ...] | None:
    """Return the tests of an action's fields; None after saying what is wrong, or without a schema."""
    made: list[Having] = []
    whole = True
    for pair in wanted:
        target = find_key(ctx, pair.field, targets, what)
        if refuse_key(ctx, pair, target):
            whole = False
            continue
        value = typed(ctx, pair.value, target)
        if target is None or value is None:
            whole = False
            continue
        text = print_condition(ast.Comparison(pair.field, "=", pair.value, span=pair.span))
        made.append(Having(target.name, target.type, value, text=text, origin=pair.span))
    return tuple(made) if whole else None
