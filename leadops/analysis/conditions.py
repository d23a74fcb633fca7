"""Conditions of a playbook as predicates: what joins them, what defines stand for."""

from leadops.analysis.activities import activity
from leadops.analysis.context import Context
from leadops.analysis.define_expansion import MOST_UNFOLDED
from leadops.analysis.fieldtests import field_test
from leadops.core.did_you_mean import did_you_mean
from leadops.model.predicate import (
    And,
    Condition,
    Not,
    Or,
)
from leadops.syntax import ast
from leadops.syntax.printing.canonical import print_condition


def lower(ctx: Context, node: ast.Condition, inside: tuple[str, ...] = ()) -> Condition | None:
    """Return what ``node`` means; None after saying what is wrong in it, or without a schema.

    ``inside`` names the defines that are being looked into.
    """
    match node:
        case ast.And(terms=terms):
            found = _all(ctx, terms, inside)
            return None if found is None else And(found, text=print_condition(node), origin=node.span)
        case ast.Or(terms=terms):
            found = _all(ctx, terms, inside)
            return None if found is None else Or(found, text=print_condition(node), origin=node.span)
        case ast.Not(term=term):
            inner = lower(ctx, term, inside)
            return None if inner is None else Not(inner, text=print_condition(node), origin=node.span)
        case ast.Matches():
            return _define(ctx, node, inside)
        case ast.CallPhrase() | ast.ActionPhrase() | ast.PaymentPhrase():
            return activity(ctx, node)
        case _:
            return field_test(ctx, node)


def _all(
    ctx: Context, terms: tuple[ast.Condition, ...], inside: tuple[str, ...]
) -> tuple[Condition, ...] | None:
    lowered = [lower(ctx, term, inside) for term in terms]
    whole = tuple(term for term in lowered if term is not None)
    return whole if len(whole) == len(lowered) else None


def _define(ctx: Context, node: ast.Matches, inside: tuple[str, ...]) -> Condition | None:
    ctx.used.add(node.name)
    if node.name in inside:
        way = " → ".join((*inside[inside.index(node.name) :], node.name))
        ctx.error("E109", f"the define {node.name} leads back to itself: {way}", node.span)
        return None
    if node.name not in ctx.defines and ctx.may_be_declared(node.name):
        return None
    if node.name not in ctx.defines:
        advice = did_you_mean(node.name, ctx.defines) or f"declare it at the top: define {node.name} as …"
        ctx.error(
            "E108", f"there is no define called {node.name}", ctx.part(node.span, r"matches\s+(\w+)"), advice
        )
        return None
    size = ctx.sizes[node.name]
    too_far = size.too_large
    if not inside and not too_far:
        ctx.unfolded += size.tests
        too_far = ctx.unfolded > MOST_UNFOLDED
    if too_far:
        message = f"with the define {node.name} the condition unfolds to too many tests"
        ctx.error(
            "E112", message, ctx.part(node.span, r"matches\s+(\w+)"), "name fewer defines in one another"
        )
        return None
    return lower(ctx, ctx.defines[node.name].condition, (*inside, node.name))
