"""Written values: parameters resolved, typed for their field, and what is wrong with them said."""

import json
import re

from leadops.analysis.context import CellUse, Context, Shape
from leadops.analysis.nothing import refuse_part
from leadops.analysis.other_templates import refuse_lookalikes, warn_of_param
from leadops.analysis.other_words import refuse_other_word
from leadops.analysis.targets import Target
from leadops.analysis.templates import compile_template, has_template
from leadops.analysis.values import Converted, Misfit, Rules, Use, convert, raw
from leadops.core.diagnostics import Diagnostic, Edit, Fix, Severity
from leadops.core.did_you_mean import did_you_mean
from leadops.core.fast_dataclass import record
from leadops.core.positions import Span
from leadops.model.plan import Cell, Constant, Expression
from leadops.model.schema import FieldType
from leadops.model.values import Value
from leadops.syntax import ast


@record()
class Literal:
    """A value without parameters.

    Attributes:
        direct: True when its text stands at ``span``; False behind a ``$param``.
    """

    text: str
    shape: Shape
    span: Span
    direct: bool = True


def literal(ctx: Context, value: ast.Value, *, templates: bool = False) -> Literal | None:
    """Return ``value`` with its parameter resolved; None after saying why it cannot stand here."""
    match value:
        case ast.Word(text=text):
            return Literal(text, "word", value.span)
        case ast.String(text=text):
            if not templates and has_template(text):
                ctx.error(
                    "E405",
                    "a template cannot stand in a condition",
                    value.span,
                    "declare a param and compare with $name",
                )
                return None
            return Literal(text, "string", value.span)
        case ast.Number(text=text):
            return Literal(text, "number", value.span)
        case ast.Date(text=text):
            return Literal(text, "date", value.span)
        case ast.ParamRef():
            return _argument(ctx, value)
        case ast.RowRef():
            ctx.error(
                "E518",
                f"row.{value.column} cannot stand here",
                value.span,
                "cells of a CSV row are values of effects, after `for each row in csv …`",
            )
            return None
        case ast.List():
            ctx.error(
                "E219",
                "a list cannot stand here",
                value.span,
                "lists are values of tags fields, in set and with",
            )
            return None


def _argument(ctx: Context, ref: ast.ParamRef) -> Literal | None:
    ctx.used.add(f"${ref.name}")
    if ref.name not in ctx.params:
        unknown_param(ctx, ref)
        return None
    argument = ctx.params[ref.name]
    if argument is None:
        return None
    if argument.type == "secret":
        ctx.error("E414", f"the secret ${ref.name} can be used only in notify", ref.span)
        return None
    if argument.type in {"period", "file"}:
        where = "after `in`" if argument.type == "period" else "after `csv`"
        ctx.error("E415", f"${ref.name} is a {argument.type}; it can stand only {where}", ref.span)
        return None
    return Literal(argument.text, argument.shape, ref.span, direct=False)


def unknown_param(ctx: Context, ref: ast.ParamRef) -> None:
    """Say that no such parameter is declared."""
    if ctx.may_be_declared(ref.name):
        return
    if ref.name.isdecimal():
        ctx.error("E111", f"there is no param ${ref.name}", ref.span, f"a sum of money is written {ref.name}")
        return
    ctx.error(
        "E111",
        f"there is no param ${ref.name}",
        ref.span,
        did_you_mean(ref.name, ctx.params) or f"declare it at the top: param {ref.name}: text",
    )


def rules(ctx: Context, use: Use) -> Rules:
    """Return the rules of values in this playbook and step."""
    return Rules(ctx.zone, ctx.country_code, use, ctx.step.new_option)


def typed(ctx: Context, value: ast.Value, target: Target | None, use: Use = "test") -> Value:
    """Return ``value`` as ``target`` takes it; None after saying why not, or when the target is unknown."""
    if isinstance(value, ast.Word) and target is not None and refuse_other_word(ctx, value, target, use):
        return None
    found = literal(ctx, value)
    return None if found is None or target is None else typed_literal(ctx, found, target, use)


def typed_literal(ctx: Context, found: Literal, target: Target, use: Use) -> Value:
    """Return a resolved literal as ``target`` takes it; None after saying why not."""
    converted = convert(found.text, target, rules(ctx, use))
    say(ctx, converted, found)
    if converted.value is None and ctx.unchecked:
        return raw(found.text, found.shape, target)
    return converted.value


def say(ctx: Context, converted: Converted, found: Literal) -> None:
    """Add a diagnostic for each misfit; under ``--unchecked`` none of them is an error."""
    for misfit in converted.misfits:
        mild = misfit.harmless or ctx.unchecked
        severity = Severity.WARNING if mild else Severity.ERROR
        fix = _fix(ctx, misfit, found) if found.direct else None
        ctx.findings.add(Diagnostic(misfit.code, severity, misfit.message, found.span, misfit.help, fix))


def _fix(ctx: Context, misfit: Misfit, found: Literal) -> Fix | None:
    if misfit.spelling is None:
        return None
    plain = re.fullmatch(r"[^\W\d_][\w]*|\d+(\.\d+)?|[\w.+-]+@[\w.-]+", misfit.spelling)
    quoted = _raw(ctx, found.span).startswith('"') or not plain
    text = json.dumps(misfit.spelling, ensure_ascii=False) if quoted else misfit.spelling
    return Fix(f"write {text}", (Edit(found.span, text),), safe=True)


def _raw(ctx: Context, span: Span) -> str:
    return ctx.sources.get(span.file, "")[span.start : span.end]


def expression(ctx: Context, value: ast.Value, target: Target | None) -> Expression | None:
    """Return ``value`` of an effect for ``target``; None after saying why not."""
    if isinstance(value, ast.RowRef):
        return _cell(ctx, value, target)
    if isinstance(value, ast.String) and refuse_lookalikes(ctx, value):
        return None
    if isinstance(value, ast.String) and has_template(value.text):
        return compile_template(ctx, value)
    if isinstance(value, ast.List) and (target is None or target.type is FieldType.TAGS):
        return _tags(ctx, value, target)
    if isinstance(value, ast.ParamRef):
        warn_of_param(ctx, value.name, value.span)
    found = typed(ctx, value, target, "set")
    return None if found is None else Constant(found)


def _tags(ctx: Context, value: ast.List, target: Target | None) -> Constant | None:
    tags: list[str] = []
    for each in value.values:
        if isinstance(each, ast.String) and has_template(each.text):
            ctx.error(
                "E219",
                "a list holds plain values",
                each.span,
                "write one text with a template, or `add … to`",
            )
            return None
        if isinstance(each, ast.String) and refuse_lookalikes(ctx, each):
            return None
        if refuse_part(ctx, each, target, "among tags", "leave it out"):
            return None
        found = typed(ctx, each, target, "set")
        if isinstance(found, tuple):
            tags.extend(found)
    return Constant(tuple(dict.fromkeys(tags))) if len(tags) == len(value.values) else None


def _cell(ctx: Context, ref: ast.RowRef, target: Target | None) -> Cell | None:
    if not ctx.step.rows:
        ctx.error(
            "E518",
            f"row.{ref.column} has no row: this step's source is no CSV file",
            ref.span,
            "begin the step with `for each row in csv …`",
        )
        return None
    if ctx.schema is not None and target is None:
        return None
    ctx.step.cells.append(CellUse(ref.column, target, ref.span))
    return Cell(ref.column)
