"""Names of a playbook against the workspace: fields of leads and of actions."""

from collections.abc import Mapping

from leadops.analysis.context import Context
from leadops.analysis.synonyms import meant_by
from leadops.analysis.targets import Target
from leadops.core.diagnostics import Edit, Fix
from leadops.core.did_you_mean import did_you_mean
from leadops.core.text import fold
from leadops.model.schema import Field, FieldType, Schema
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
        meant = meant_by(ref.name, fields)
        guess = f"did you mean {' or '.join(f'“{name}”' for name in meant[:3])}?" if meant else ""
        advice = (
            guess
            or did_you_mean(ref.name, [*names, *labels] if ref.quoted else names)
            or ("the workspace's fields: " + ", ".join(names[:12]) + (", …" if len(names) > 12 else ""))
        )
    what = "label" if ref.quoted else "name"
    ctx.error("E101", f"the workspace has no field of the {what} “{ref.name}”", ref.span, advice)


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
