"""What a playbook says of actions, against the workspace: their types and fields, and who performed them."""

from collections.abc import Mapping

from leadops.analysis.context import Context
from leadops.analysis.literals import literal, typed_literal
from leadops.analysis.targets import (
    BUILT_IN_TARGETS,
    PAYMENT_TARGETS,
    Target,
    action_target,
    member_target,
)
from leadops.core.did_you_mean import did_you_mean, nearest
from leadops.model.actions import BUILT_IN, PAYMENT
from leadops.model.schema import ActionType
from leadops.syntax import ast


def find_action(ctx: Context, value: ast.Value, *, write: bool) -> ActionType | None:
    """Return the action type that ``value`` names; None after saying why there is none, or without a schema.

    A built-in type is an ActionType that is not writable, whose code is its enum.
    """
    found = literal(ctx, value)
    if found is None or ctx.schema is None:
        return None
    name = found.text.strip()
    action = ctx.schema.action(name)
    if action is None and name.upper() in BUILT_IN:
        action = ActionType(name.upper(), name.upper(), writable=False)
    if action is None:
        action = _unlisted(ctx, name, found.shape, value)
    if action is not None and write and not action.writable:
        advice = "write: add payment" if action.code == PAYMENT else "only custom actions can be written"
        ctx.error("E106", f"{action.name} is built in; it can be read, not written", value.span, advice)
        return None
    return action


def _unlisted(ctx: Context, name: str, shape: str, value: ast.Value) -> ActionType | None:
    assert ctx.schema is not None
    custom = [x for a in ctx.schema.actions for x in (a.name, a.code)]
    guess = did_you_mean(name, custom if shape == "number" else [*custom, *BUILT_IN])
    enum = shape == "word" and name.isupper() and not nearest(name, BUILT_IN, 1)
    if enum and not name.startswith("ACTION_"):
        ctx.warning(
            "W108", f"{name} is not a type that leadops knows; it is searched for as written", value.span
        )
        return ActionType(name, name, writable=False)
    known = ", ".join(f"{a.code} “{a.name}”" for a in ctx.schema.actions[:8])
    ctx.error(
        "E104",
        f"the workspace has no action “{name}”",
        value.span,
        guess or (f"its custom actions: {known}" if known else "it has no custom actions"),
    )
    return None


def action_targets(ctx: Context, action: ActionType | None) -> Mapping[str, Target] | None:
    """Return the fields of ``action`` by key; None where they are not known."""
    if action is None or ctx.schema is None:
        return None
    if action.code == PAYMENT:
        return PAYMENT_TARGETS
    if action.code in BUILT_IN or not action.writable:
        return BUILT_IN_TARGETS
    return {field.key: action_target(ctx.schema, field) for field in action.fields}


def performers(ctx: Context, by: tuple[ast.Value, ...]) -> tuple[str, ...] | None:
    """Return the e-mails behind ``by …``; None after saying what is wrong, or without a schema."""
    emails: list[str] = []
    for value in by:
        found = literal(ctx, value)
        if found is None or ctx.schema is None:
            continue
        email = typed_literal(ctx, found, member_target(ctx.schema, "after by", "member"), "test")
        if isinstance(email, str):
            emails.append(email)
    return tuple(dict.fromkeys(emails)) if len(emails) == len(by) else None
