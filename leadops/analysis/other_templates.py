"""Letters that look like another tool's template: ``Hello {name}``, ``${lead.city}``, ``%name%``.

Here they are written letter for letter. Where something of that name can be filled in, they are an error; where
nothing has it, only what is hardly ever meant as letters is told of, as a warning.
"""

import re

from leadops.analysis.context import Context, Suspect
from leadops.analysis.literal_places import LiteralPlaces
from leadops.analysis.nothing import WORDY
from leadops.core.diagnostics import Edit, Fix
from leadops.core.positions import Span
from leadops.core.text import fold
from leadops.model.plan import EachRow
from leadops.model.schema import Schema
from leadops.syntax import ast

_NAME = r"[^\W\d]\w{0,60}(?:[ .]\w{1,60}){0,5}"
_WORD = r"[^\W\d]\w{0,60}(?:\.\w{1,60}){0,3}"
_LOOKALIKE = re.compile(
    "|".join(
        (
            r"(?P<ours>\{\{.*?\}\}|\{[%#].*?[%#]\})",  # read as a template, or told of where it cannot be
            rf"<%=?[ \t]*(?P<a>{_NAME})[ \t]*%>",
            rf"[$\#@!]\{{[ \t]*(?P<b>{_NAME})[ \t]*\}}",
            rf"\{{[!$@][ \t]*(?P<c>{_NAME})[ \t]*\}}",
            rf"\[\[[ \t]*(?P<d>{_NAME})[ \t]*\]\]",
            rf"<<[ \t]*(?P<e>{_NAME})[ \t]*>>|«[ \t]*(?P<f>{_NAME})[ \t]*»",
            rf"\*\|[ \t]*(?P<g>{_NAME})[ \t]*\|\*",
            rf"(?<![\w%])%%?(?P<h>{_WORD})%%?(?!\w)",
            rf"%\((?P<i>{_WORD})\)s",
            rf"(?<![\w$])\$+(?P<j>{_WORD})",
            rf"(?<!\{{)\{{[ \t]*(?P<brace>{_NAME})[ \t]*\}}(?!\}})",
            rf"<[ \t]*(?P<angle>{_NAME})[ \t]*>",
            rf"\[[ \t]*(?P<bracket>{_NAME})[ \t]*\]",
            rf"(?<![\w#@~|])(?P<sign>[\#@~|])(?P<paired>{_WORD})(?P=sign)(?![\w#@~|])",
            r"(?<![\w.$@/])(?P<dotted>(?:lead|row|param)\.[^\W\d]\w{0,60})(?![\w@(.])",
            r"(?P<stray>\}\})",
        )
    ),
    re.DOTALL,
)
_WEAK = frozenset({"brace", "angle", "bracket", "paired", "dotted"})
"""Signs that stand around ordinary words as well: told of only where something has the name."""
_SIGNS = frozenset("{}[<%$«*#@~|.")
_LEADS = frozenset({"lead", "contact", "customer", "recipient", "person"})
_MOST = 20
"""So many of one text are told of."""


def refuse_lookalikes(ctx: Context, string: ast.String) -> bool:
    """Say what in ``string`` looks like another tool's template; return whether that is an error.

    Columns of a CSV file are not known yet: what may name one is kept in the step.
    """
    if _SIGNS.isdisjoint(string.text):
        return False
    places = LiteralPlaces(string, ctx.sources.get(string.span.file))
    refused = False
    told = 0
    for found in _LOOKALIKE.finditer(string.text):
        kind = found.lastgroup or ""
        if kind == "ours" or told >= _MOST:
            continue
        if kind == "stray":
            told += _stray(ctx, string.text, found.start(), places)
            continue
        if kind == "dotted" and string.text.rfind("{{", 0, found.start()) > string.text.rfind(
            "}}", 0, found.start()
        ):
            continue  # of a template that is not closed: said there
        name = found[kind]
        suspect = Suspect(
            found.group(),
            name,
            places.span(*found.span()),
            weak=kind in _WEAK,
            mild=_is_mild(kind, found.group(), string.text),
        )
        right, exists = _meant(ctx, name)
        if right is None and ctx.step.rows and ctx.schema is not None:
            ctx.step.suspects.append(suspect)
        elif exists and not suspect.mild:
            _error(ctx, suspect, right or "")
            refused = True
        elif right is not None or not suspect.weak or _unborn(ctx, name):
            _warning(ctx, suspect, right)
        else:
            continue
        told += 1
    return refused


def _is_mild(kind: str, found: str, text: str) -> bool:
    return kind in {"bracket", "paired"} or (kind == "dotted" and found != text.strip())


def _stray(ctx: Context, text: str, at: int, places: LiteralPlaces) -> bool:
    """Warn of braces that close nothing; return whether they do."""
    if text.count("{", 0, at) - text.count("}", 0, at) > 0:
        return False
    span = places.span(at, at + 2)
    ctx.warning("W130", "“}}” closes nothing", span, "write {{ in front of what is to be filled in")
    return True


def warn_of_param(ctx: Context, name: str, span: Span) -> None:
    """Warn of a param whose text looks like a template: it is written as it is."""
    argument = ctx.params.get(name)
    if argument is None or argument.type != "text":
        return
    found = _first(ctx, argument.text, ())
    if found:
        message = f"the param {name} holds “{found}”, which is written letter for letter"
        ctx.warning(
            "W130", message, span, "a param is not filled in: write the text with {{ … }} in the playbook"
        )


def warn_of_cells(ctx: Context, source: EachRow, columns: tuple[str, ...]) -> None:
    """Warn of the first cell of each column used as text that looks like a template."""
    for use in ctx.step.cells:
        if use.target is not None and use.target.type not in WORDY:
            continue
        for row in source.rows:
            found = _first(ctx, row.cells.get(use.column, ""), columns)
            if found:
                where = f"{source.path}, row {row.number}, column {use.column}"
                advice = "a cell is not filled in: write the text with {{ … }} in the playbook"
                ctx.warning("W130", f"{where}: “{found}” is written letter for letter", use.span, advice)
                break


def _first(ctx: Context, text: str, columns: tuple[str, ...]) -> str:
    """Return the first letters of ``text`` that look like a template, as far as something has their name."""
    if _SIGNS.isdisjoint(text):
        return ""
    known = {fold(column) for column in columns}
    for found in _LOOKALIKE.finditer(text):
        kind = found.lastgroup or ""
        if kind == "stray":
            continue
        named = kind != "ours" and (_meant(ctx, found[kind])[0] is not None or fold(found[kind]) in known)
        if kind == "ours" or named or kind not in _WEAK:
            return found.group()
    return ""


def judge_suspects(ctx: Context, columns: tuple[str, ...]) -> None:
    """Say of the step's texts what could be told only with the columns of its CSV file."""
    known = {fold(column): column for column in columns}
    for suspect in ctx.step.suspects:
        column = known.get(fold(suspect.name))
        if column is not None:
            right = f"row.{column}" if re.fullmatch(r"[^\W\d]\w*", column) else f"row['{column}']"
            (_warning if suspect.mild else _error)(ctx, suspect, right)
        elif not suspect.weak:
            _warning(ctx, suspect, None)


def _meant(ctx: Context, name: str) -> tuple[str | None, bool]:
    """Return what to write for ``name``, None where nothing has it, and whether it is sure to be there."""
    root, _, rest = name.partition(".")
    if rest and fold(root) == "row":
        return f"row.{rest}", ctx.step.rows and " " not in rest
    if rest and fold(root) in {"param", "params"}:
        return (f"param.{rest}", True) if rest in ctx.params else (None, False)
    if rest and fold(root) in _LEADS:
        if ctx.schema is None:
            return (f"lead.{rest}", False) if " " not in rest else (None, False)
        return _field(ctx, ctx.schema, rest)
    if name in ctx.params:
        return f"param.{name}", True
    if fold(name) == "now":
        return "now", True
    return _field(ctx, ctx.schema, name) if ctx.schema is not None else (None, False)


def _unborn(ctx: Context, name: str) -> bool:
    """Whether ``name`` is a field of the lead, which this step only creates: there is nothing to read yet."""
    return not ctx.step.has_lead and ctx.schema is not None and bool(_named(ctx.schema, name))


def _field(ctx: Context, schema: Schema, name: str) -> tuple[str | None, bool]:
    if not ctx.step.has_lead:
        return None, False
    known = _named(schema, name)
    return (f"lead.{known[0]}", True) if len(known) == 1 else (None, False)


def _named(schema: Schema, name: str) -> list[str]:
    """Return the API names of the fields that are called ``name``, in any case, by API name or label."""
    wanted = fold(name)
    return [
        one.api_name
        for one in schema.fields
        if wanted in {fold(one.api_name), fold(one.label or ""), fold(one.api_name.replace("_", " "))}
    ]


def _error(ctx: Context, suspect: Suspect, right: str) -> None:
    message = f"“{suspect.text}” would be written letter for letter"
    ctx.error("E451", message, suspect.span, _advice(suspect, right), _fix(suspect, right))


def _warning(ctx: Context, suspect: Suspect, right: str | None) -> None:
    message = f"“{suspect.text}” is written letter for letter"
    fix = None if right is None else _fix(suspect, right)
    ctx.warning("W130", message, suspect.span, _advice(suspect, right), fix)


def _fix(suspect: Suspect, right: str) -> Fix:
    return Fix(f"write {{{{ {right} }}}}", (Edit(suspect.span, f"{{{{ {right} }}}}"),))


def _advice(suspect: Suspect, right: str | None) -> str:
    quote = "'" if "'" not in suspect.text else '\\"'
    literal = f"{{{{ {quote}{suspect.text}{quote} }}}}"
    if right is None:
        return f"nothing is filled in for it; if it is meant so, write {literal}"
    return f"write {{{{ {right} }}}}; if the letters themselves are meant, write {literal}"
