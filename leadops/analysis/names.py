"""Names of a playbook against the workspace: fields, actions, their fields, members."""

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
from leadops.core.diagnostics import Edit, Fix
from leadops.core.suggest import did_you_mean, nearest
from leadops.core.text import fold
from leadops.model.actions import BUILT_IN, PAYMENT
from leadops.model.schema import ActionType, Field, FieldType, Schema
from leadops.syntax import ast

STAMPS = (
    Field("created_on", FieldType.DATE, "Created", read_only=True),
    Field("modified_on", FieldType.DATE, "Modified", read_only=True),
)
"""What the service writes on every lead, whether or not its metadata lists it."""
_ALIASES = {"created": "created_on", "modified": "modified_on"}


def fields_of(schema: Schema) -> tuple[Field, ...]:
    """Return every field that a lead has."""
    known = {field.api_name for field in schema.fields}
    return (*schema.fields, *(stamp for stamp in STAMPS if stamp.api_name not in known))


def find_field(ctx: Context, ref: ast.FieldRef) -> Field | None:
    """Return the field that ``ref`` names; None after saying why there is none, or without a schema."""
    if ctx.schema is None:
        return None
    fields = fields_of(ctx.schema)
    exact = next((f for f in fields if f.api_name == ref.name), None)
    if exact is not None:
        return exact
    if not ref.quoted and fold(ref.name) in _ALIASES:
        return next(f for f in fields if f.api_name == _ALIASES[fold(ref.name)])
    labelled = [f for f in fields if f.label is not None and fold(f.label) == fold(ref.name)]
    if ref.quoted and labelled:
        if len(labelled) == 1:
            return labelled[0]
        names = " and ".join(f.api_name for f in labelled)
        ctx.error(
            "E103", f"“{ref.name}” is the label of {len(labelled)} fields", ref.span, f"they are {names}"
        )
        return None
    _unknown_field(ctx, ref, fields, labelled)
    return None


def _unknown_field(ctx: Context, ref: ast.FieldRef, fields: tuple[Field, ...], labelled: list[Field]) -> None:
    near = [f.api_name for f in fields if fold(f.api_name) == fold(ref.name)]
    if len(near) == 1:
        ctx.error(
            "E102",
            f"the field is spelt {near[0]}; names of fields are case-sensitive",
            ref.span,
            f"write {near[0]}",
            Fix(f"write {near[0]}", (Edit(ref.span, near[0]),), safe=True),
        )
        return
    if len(labelled) == 1:
        advice = f"“{ref.name}” is the label of {labelled[0].api_name}: write `{ref.name}` in backticks"
    else:
        labels = [f.label for f in fields if f.label]
        names = [f.api_name for f in fields]
        advice = did_you_mean(ref.name, [*names, *labels] if ref.quoted else names) or (
            "the workspace's fields: " + ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
        )
    what = "label" if ref.quoted else "name"
    ctx.error("E101", f"the workspace has no field of the {what} “{ref.name}”", ref.span, advice)


# ── actions ──────────────────────────────────────────────────────────────────────────────────────


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


def find_key(
    ctx: Context, ref: ast.FieldRef, targets: Mapping[str, Target] | None, what: str
) -> Target | None:
    """Return the field of an action that ``ref`` names; None after saying why there is none."""
    if targets is None:
        return None
    if ref.name in targets:
        return targets[ref.name]
    near = [key for key in targets if fold(key) == fold(ref.name)]
    if len(near) == 1:
        ctx.error(
            "E102",
            f"the field is spelt {near[0]}; names of fields are case-sensitive",
            ref.span,
            f"write {near[0]}",
            Fix(f"write {near[0]}", (Edit(ref.span, near[0]),), safe=True),
        )
        return None
    known = f"it has {', '.join(targets)}" if targets else "it has no fields"
    ctx.error("E105", f"{what} has no field “{ref.name}”", ref.span, did_you_mean(ref.name, targets) or known)
    return None


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
