"""Where a step's leads come from, lowered; and what cannot go with such a source."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from leadops.analysis.conditions import lower
from leadops.analysis.context import TEXT, Context
from leadops.analysis.date_order import date_pattern
from leadops.analysis.effects import assigns
from leadops.analysis.files import Files
from leadops.analysis.literals import literal
from leadops.analysis.names import find_field
from leadops.analysis.provable import judge
from leadops.analysis.rows import Contract, read_rows
from leadops.analysis.scope import read_bytes
from leadops.analysis.targets import lead_target
from leadops.core.fast_dataclass import record
from leadops.model.plan import (
    Assign,
    ChangeTags,
    Constant,
    Create,
    EachRow,
    Effect,
    Find,
    FindById,
    Rejects,
    SetField,
    Source,
    Template,
    Upsert,
)
from leadops.model.predicate import Everything
from leadops.model.schema import FieldType
from leadops.syntax import ast

_ID = r"[0-9A-Za-z_-]{1,64}"


@record()
class Opened:
    """A source before its step's effects were read.

    Attributes:
        source: None where it could not be understood; rows of a CSV file come later.
    """

    source: Source | None


def open_source(ctx: Context, node: ast.Source) -> Opened:
    """Return what ``node`` means; what is wrong with it has been said."""
    match node:
        case ast.FindLeads(where=None):
            ctx.warning(
                "W107",
                "without `where` this finds every lead of the workspace",
                node.span,
                "write: find leads where …",
            )
            return Opened(Find(Everything(text="every lead", origin=node.span), node.single))
        case ast.FindLeads(where=where, single=single):
            assert where is not None
            condition = lower(ctx, where)
            if condition is None:
                return Opened(None)
            ctx.step.found = condition
            return Opened(Find(condition, single, everyone=judge(ctx, condition)))
        case ast.FindLeadById():
            return Opened(_by_id(ctx, node))
        case ast.CreateLead():
            return _create(ctx, node)
        case ast.UpsertLead():
            return _upsert(ctx, node)
        case ast.EachRow():
            return Opened(None)
        case ast.RetryRejects(run=run):
            return Opened(Rejects(run))


def _by_id(ctx: Context, node: ast.FindLeadById) -> FindById | None:
    found = literal(ctx, node.lead_id)
    if found is None:
        return None
    if not re.fullmatch(_ID, found.text):
        ctx.error(
            "E201", f"“{found.text}” is not the id of a lead", found.span, "an id has 24 letters and digits"
        )
        return None
    return FindById(found.text)


def _create(ctx: Context, node: ast.CreateLead) -> Opened:
    ctx.step.has_lead = False
    fields = assigns(ctx, node.fields, creating=True)
    _needs_identifier(ctx, node, "a lead is made")
    return Opened(Create(tuple(fields)))


def _upsert(ctx: Context, node: ast.UpsertLead) -> Opened:
    fields = assigns(ctx, node.fields, creating=True)
    field = find_field(ctx, node.by)
    if field is None or ctx.schema is None:
        return Opened(None)
    identifier = ctx.schema.identifier.api_name
    if field.api_name != identifier:
        ctx.error(
            "E507",
            f"leads are named by {identifier} in this workspace, not by {field.api_name}",
            node.by.span,
            f"write: upsert lead by {identifier} with …",
        )
        return Opened(None)
    _needs_identifier(ctx, node, "a lead is made or found")
    return Opened(Upsert(field.api_name, tuple(fields)))


def _needs_identifier(ctx: Context, node: ast.CreateLead | ast.UpsertLead, what: str) -> None:
    if ctx.schema is None:
        return
    identifier = ctx.schema.identifier.api_name
    written = {pair.field.name for pair in node.fields} | {claim.name for claim in ctx.step.claims}
    if identifier not in written:
        ctx.error(
            "E506", f"{what} by its {identifier}, which is not given", node.span, f"add: {identifier} = …"
        )


# ── creates carry their fields in one call ───────────────────────────────────────────────────────


def fold_into_create(
    ctx: Context, source: Create, effects: Sequence[Effect], step: ast.Step
) -> tuple[Create, list[Effect]]:
    """Return a create that sets the step's own fields and tags as well, and the effects that are left."""
    fields = {assign.name: assign for assign in source.fields}
    rest: list[Effect] = []
    for effect in effects:
        match effect:
            case SetField(assign=assign):
                fields[assign.name] = assign
            case ChangeTags(verb="add", name=name, tags=tags):
                known = fields.get(name)
                parts = [known.value] if known else []
                whole = _one_value([*parts, *tags])
                if whole is None:
                    message = f"tags of a lead that is being made are plain values, or one template ({name})"
                    ctx.error("E505", message, step.span)
                else:
                    fields[name] = Assign(name, FieldType.TAGS, whole, known.origin if known else None)
            case _:
                rest.append(effect)
    return replace(source, fields=tuple(fields.values())), rest


def _one_value(parts: Sequence[object]) -> Constant | Template | None:
    if len(parts) == 1 and isinstance(parts[0], Template):
        return parts[0]
    tags: list[str] = []
    for part in parts:
        match part:
            case Constant(value=tuple() as several):
                tags.extend(several)
            case Constant(value=str() as single):
                tags.append(single)
            case _:
                return None
    return Constant(tuple(dict.fromkeys(tags)))


# ── CSV ──────────────────────────────────────────────────────────────────────────────────────────


def each_row(ctx: Context, node: ast.EachRow, files: Files) -> EachRow | None:
    """Return the rows of a CSV file, typed for the uses that the step's effects have noted."""
    field = find_field(ctx, node.match_field)
    if not isinstance(node.match_value, ast.RowRef):
        ctx.error("E439", "a row is matched by one of its cells", node.match_value.span, "write row.COLUMN")
        return None
    dates, columns, missing = _contract(ctx, node)
    path = _path(ctx, node)
    if path is None or (dates is not None and date_pattern(dates) is None):
        return None
    found = read_bytes(*path, ctx.part(node.span, TEXT), files, ctx.findings)
    if field is None or ctx.schema is None or found is None:
        return None
    identifier = ctx.schema.identifier.api_name
    if missing == "create" and field.api_name != identifier:
        message = f"leads are made by their {identifier}; match by it to create those that are missing"
        ctx.error("E507", message, node.match_field.span)
        return None
    if field.type in {FieldType.TAGS, FieldType.CHECKBOX}:
        ctx.error("E220", f"a lead cannot be matched by {field.api_name}", node.match_field.span)
        return None
    contract = Contract(
        found[0],
        node.match_value.column,
        lead_target(ctx.schema, field),
        node.span,
        node.match_value.span,
        dates,
        columns,
    )
    rows = read_rows(ctx, contract, found[1], ctx.step.cells)
    return EachRow(found[0], field.api_name, field.type, missing, rows)


def _path(ctx: Context, node: ast.EachRow) -> tuple[str, str] | None:
    """Return the path of the file and what it is relative to; ``$name`` is a param of the type file."""
    if not node.path.startswith("$"):
        return node.path, node.span.file
    name = node.path[1:]
    ctx.used.add(f"${name}")
    argument = ctx.params.get(name)
    if name not in ctx.params or (argument is not None and argument.type != "file"):
        message = f"${name} is no param of the type file"
        ctx.error("E415", message, node.span, f"declare it: param {name}: file")
    return (argument.text, "<-p>") if argument is not None and argument.type == "file" else None


def _contract(
    ctx: Context, node: ast.EachRow
) -> tuple[str | None, tuple[str, ...] | None, Literal["create", "skip", "fail"]]:
    dates: str | None = None
    columns: tuple[str, ...] | None = None
    missing: Literal["create", "skip", "fail"] = "fail"
    seen: set[type] = set()
    for item in node.contract:
        if type(item) in seen:
            ctx.error("E509", "this stands twice for one file", item.span, "keep one")
        seen.add(type(item))
        match item:
            case ast.DatesAre(format=order):
                dates = order
                if date_pattern(order) is None:
                    advice = 'write "DD/MM/YYYY", "MM/DD/YYYY" or "YYYY/MM/DD", with / or - or . between'
                    ctx.error(
                        "E439",
                        f"“{order}” is no order of day, month and year",
                        ctx.part(item.span, TEXT),
                        advice,
                    )
            case ast.ColumnsMustBe(columns=names):
                columns = names
            case ast.OnMissingLead(what=what):
                missing = what
    return dates, columns, missing
