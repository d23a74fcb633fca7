"""The door to jinja2's parser: ``{{ … }}`` in texts of effects as our own, closed set of nodes.

Only the parser is used, and only when a text holds a template. Nothing is ever compiled or run by jinja2:
names, attributes, constants and eight filters become model.plan.Template, anything else is a diagnostic.
"""

import re
from functools import cache
from math import inf, isfinite
from typing import TYPE_CHECKING, Literal

from leadops.analysis import render
from leadops.analysis.context import CellUse, Context
from leadops.analysis.literal_places import LiteralPlaces
from leadops.analysis.other_templates import refuse_lookalikes, warn_of_param
from leadops.core.diagnostics import Edit, Fix
from leadops.core.did_you_mean import did_you_mean
from leadops.core.fast_dataclass import record
from leadops.core.positions import Span
from leadops.model.plan import Filter, Placeholder, Template
from leadops.model.schema import FieldType
from leadops.syntax import ast

if TYPE_CHECKING:
    from jinja2 import Environment, nodes

Root = Literal["lead", "row", "param", "now"]
ROOTS = ("lead", "row", "param", "now")
_MARK = re.compile(r"\{\{|\{%|\{#")
_BRACES = re.compile(r"\{{3,9}[ \t]*([^{}]+?)[ \t]*\}{2,9}")
_CARRIAGE = "\ue000"
_REFUSED = {
    "Call": "a call", "CondExpr": "if and else", "Compare": "a comparison", "Test": "a test", "BinExpr": "a calculation",
    "UnaryExpr": "a calculation", "Concat": "a joint of texts", "List": "a list", "Tuple": "a list", "Dict": "a dictionary",
}  # fmt: skip
"""What people write in templates of other tools, by the kind of node, the first that fits."""
_FIXES = "a template may hold lead.FIELD, row.COLUMN, param.NAME, now, constants, and filters: " + ", ".join(
    render.FILTERS
)
_NUMERIC = frozenset({FieldType.NUMBER, FieldType.MONEY, FieldType.RATING})


@record()
class _Token:
    offset: int
    kind: str
    text: str


class _BadTemplate(Exception):  # noqa: N818 (carries a finding, and never leaves this module)
    def __init__(
        self, code: str, message: str, start: int, end: int, help: str = "", right: str | None = None
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.start, self.end, self.help = code, message, start, end, help
        self.right = right


def has_template(text: str) -> bool:
    """Whether ``text`` holds anything that a template's reader would look at."""
    return _MARK.search(text) is not None


def compile_template(ctx: Context, string: ast.String, *, secrets: bool = False) -> Template | None:
    """Return the template of ``string``; None after saying what is wrong with it.

    ``secrets``: parameters that are secrets may be used.
    """
    reader = _Reader(ctx, string, secrets=secrets)
    try:
        parts = reader.parts()
    except _BadTemplate as bad:
        where = reader.span(bad.start, bad.end)
        fix = Fix(f"write {bad.right}", (Edit(where, bad.right),)) if bad.right else None
        ctx.error(bad.code, bad.message, where, bad.help, fix)
        return None
    return None if reader.failed else Template(parts, string.text)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment  # noqa: PLC0415 (only texts with a template pay for it)

    return Environment(keep_trailing_newline=True, autoescape=False)  # noqa: S701 (it only parses)


class _Reader:
    """One text being read; offsets are into the string's text."""

    def __init__(self, ctx: Context, string: ast.String, *, secrets: bool) -> None:
        self._ctx = ctx
        self._places = LiteralPlaces(string, ctx.sources.get(string.span.file))
        self._secrets = secrets
        self._text = string.text.replace("\r", _CARRIAGE)
        self.failed = False

    def span(self, start: int, end: int) -> Span:
        """Return where ``text[start:end]`` stands in the file, escapes of the string literal counted."""
        return self._places.span(start, end)

    def parts(self) -> tuple[str | Placeholder, ...]:
        """Return the text's parts; raises _BadTemplate when it cannot be read at all."""
        parts: list[str | Placeholder] = []
        inner: list[_Token] = []
        begin = -1
        for token in self._tokens():
            match token.kind:
                case "data":
                    parts.append(token.text.replace(_CARRIAGE, "\r"))
                case "variable_begin":
                    begin, inner = token.offset, []
                    if token.text != "{{":
                        raise self._control(token)
                case "variable_end":
                    if token.text != "}}":
                        raise self._control(token)
                    part = self._segment(begin, token.offset + 2, inner)
                    if part is not None:
                        parts.append(part)
                case _ if begin >= 0 and token.kind not in _STATEMENTS:
                    inner.append(token)
                case _:
                    raise _BadTemplate(
                        "E402",
                        "statements and comments cannot stand in a template",
                        token.offset,
                        token.offset + len(token.text),
                        "use `when COND { … } otherwise { … }` around the effect",
                    )
        return tuple(parts)

    def _control(self, token: _Token) -> _BadTemplate:
        # jinja2 strips the text before such a mark, so that offsets of tokens are not those of the text.
        mark = token.text.strip()
        start = max(self._text.find(mark), 0)
        message = "white space cannot be controlled in a template"
        return _BadTemplate("E402", message, start, start + len(mark), _FIXES)

    def _tokens(self) -> list[_Token]:
        from jinja2 import TemplateSyntaxError  # noqa: PLC0415 (see _environment)

        tokens: list[_Token] = []
        offset = 0
        try:
            for _, kind, text in _environment().lex(self._text):
                tokens.append(_Token(offset, kind, text))
                offset += len(text)
        except (TemplateSyntaxError, ValueError) as error:
            place = re.search(r" at (\d+)$", str(error.args[0]) if error.args else "")
            start = int(place[1]) if place else max(self._text.rfind(mark) for mark in ("{{", "{%", "{#"))
            message = "this template cannot be read" if place is None else "this cannot stand in a template"
            if place is None and start >= 0 and "}}" not in self._text[start:]:
                raise _BadTemplate(
                    "E401", "“{{” is not closed", start, start + 2, "close it with }}"
                ) from error
            raise _BadTemplate("E401", message, max(start, 0), start + 1, _help(error)) from error
        begins = [i for i, token in enumerate(tokens) if token.kind == "variable_begin"]
        if begins and not any(token.kind == "variable_end" for token in tokens[begins[-1] :]):
            start = tokens[begins[-1]].offset
            raise _BadTemplate("E401", "“{{” is not closed", start, start + 2, "close it with }}")
        return tokens

    def _segment(self, start: int, end: int, tokens: list[_Token]) -> str | Placeholder | None:
        from jinja2 import TemplateSyntaxError, nodes  # noqa: PLC0415 (see _environment)

        try:
            parsed = _environment().parse(self._text[start:end])
        except (TemplateSyntaxError, ValueError, RecursionError) as error:
            braces = _BRACES.fullmatch(self._text[start:end])
            if braces is not None:
                right = f"{{{{ {braces[1]} }}}}"
                raise _BadTemplate(
                    "E401", "there are too many braces", start, end, f"write {right}", right
                ) from error
            raise _BadTemplate("E401", "this template cannot be read", start, end, _help(error)) from error
        output = parsed.body[0] if parsed.body else None
        if not isinstance(output, nodes.Output) or len(output.nodes) != 1:
            raise _BadTemplate("E402", "this cannot stand in a template", start, end, _FIXES)
        return self._expression(output.nodes[0], _Segment(start, end, tuple(tokens)))

    def _expression(self, node: "nodes.Expr", segment: "_Segment") -> str | Placeholder | None:
        from jinja2 import nodes  # noqa: PLC0415 (see _environment)

        filters: list[Filter] = []
        while isinstance(node, nodes.Filter) and node.node is not None:
            filters.insert(0, self._filter(node, segment))
            node = node.node
        match node:
            case nodes.TemplateData(data=data):
                return str(data)
            case nodes.Const(value=float() as value) if not isfinite(value):
                raise _BadTemplate("E402", "this number is too large", segment.start, segment.end)
            case nodes.Const(value=str() | int() | float() as value):
                return render.constant(value, tuple(filters))
            case nodes.Name(name="now"):
                return self._finish("now", (), None, tuple(filters), segment)
            case nodes.Getattr(node=nodes.Name(name=str(root)), attr=str(name)):
                return self._name(root, name, tuple(filters), segment)
            case nodes.Getitem(node=nodes.Name(name=str(root)), arg=nodes.Const(value=str(name))):
                return self._name(root, name, tuple(filters), segment)
            case nodes.Name(name=str(root)) if root in ROOTS:
                advice = f"write {root}.NAME"
                raise segment.bad("E402", f"“{root}” alone is no text", root, advice)
            case nodes.Name(name=str(root)):
                raise segment.bad(
                    "E403",
                    f"a template knows no name “{root}”",
                    root,
                    _root_help(self._ctx, root),
                    _right(self._ctx, root),
                )
            case _:
                message = next(
                    (why for kind, why in _REFUSED.items() if isinstance(node, getattr(nodes, kind))), "this"
                )
                raise _BadTemplate(
                    "E402", f"{message} cannot stand in a template", segment.start, segment.end, _FIXES
                )

    def _filter(self, node: "nodes.Filter", segment: "_Segment") -> Filter:
        from jinja2 import nodes  # noqa: PLC0415 (see _environment)

        if node.name not in render.FILTERS:
            advice = did_you_mean(node.name, render.FILTERS) or "the filters are: " + ", ".join(
                render.FILTERS
            )
            raise segment.bad("E404", f"there is no filter “{node.name}”", node.name, advice)
        arguments: list[str | int | float] = []
        for argument in node.args:
            value = argument.value if isinstance(argument, nodes.Const) else None
            if isinstance(argument, nodes.Neg) and isinstance(argument.node, nodes.Const):
                value = -argument.node.value if isinstance(argument.node.value, int | float) else None
            if not isinstance(value, str | int | float) or isinstance(value, bool) or value in {inf, -inf}:
                raise segment.bad("E404", f"the filter {node.name} takes constants only", node.name)
            arguments.append(value)
        made = Filter(node.name, tuple(arguments))
        wrong = render.misuse(made)
        if wrong or node.kwargs or node.dyn_args is not None or node.dyn_kwargs is not None:
            raise segment.bad(
                "E404", f"the filter {node.name} {wrong or 'takes no named arguments'}", node.name
            )
        return made

    def _name(
        self, root: str, name: str, filters: tuple[Filter, ...], segment: "_Segment"
    ) -> Placeholder | None:
        ctx = self._ctx
        where = self.span(*segment.place(name))
        match root:
            case "lead":
                return self._lead(name, filters, segment, where)
            case "row" if not ctx.step.rows:
                message = "this step's source is no CSV file, so that there is no row"
                raise segment.bad("E518", message, root, "begin the step with `for each row in csv …`")
            case "row":
                ctx.step.cells.append(CellUse(name, None, where))
                return self._finish("row", (name,), None, filters, segment)
            case "param":
                ctx.used.add(f"${name}")
                if name not in ctx.params and ctx.may_be_declared(name):
                    return None
                if name not in ctx.params:
                    advice = did_you_mean(name, ctx.params) or f"declare it: param {name}: text"
                    raise segment.bad("E111", f"there is no param {name}", name, advice)
                argument = ctx.params[name]
                if argument is not None and argument.type == "secret" and not self._secrets:
                    raise segment.bad("E414", f"the secret {name} can be used only in notify", name)
                if argument is not None and argument.type == "secret" and filters:
                    raise segment.bad("E404", f"the secret {name} takes no filter", name)
                warn_of_param(ctx, name, where)
                return self._finish("param", (name,), None, filters, segment)
            case _:
                raise segment.bad("E403", f"a template knows no name “{root}”", root, _root_help(ctx, root))

    def _lead(
        self, name: str, filters: tuple[Filter, ...], segment: "_Segment", where: Span
    ) -> Placeholder | None:
        from leadops.analysis.names import find_field  # noqa: PLC0415 (names reads values, which read templates)

        if not self._ctx.step.has_lead:
            message = "a lead that is being created has no fields to read yet"
            raise segment.bad("E403", message, "lead", "use param.NAME, row.COLUMN or now")
        field = find_field(self._ctx, ast.FieldRef(name, span=where))
        if field is None:
            self.failed = self.failed or self._ctx.schema is not None
            return None
        return self._finish("lead", (field.api_name,), field.type, filters, segment)

    def _finish(
        self,
        root: Root,
        path: tuple[str, ...],
        type: FieldType | None,
        filters: tuple[Filter, ...],
        segment: "_Segment",
    ) -> Placeholder:
        dated = root == "now" or type is FieldType.DATE
        names = [f.name for f in filters]
        if "date" in names and not dated:
            raise segment.bad("E404", "the filter date takes now, or a field that is a date", "date")
        numeric = type in _NUMERIC or (root in {"row", "param"})
        for name in ("round", "money"):
            if name in names and not numeric:
                raise segment.bad("E404", f"the filter {name} takes a number", name)
        if dated and "date" not in names:
            pattern = ("YYYY-MM-DD HH:mm",) if root == "now" else ()
            filters = (Filter("date", pattern), *filters)
        return Placeholder(root, path, filters)


_STATEMENTS = frozenset(
    {"block_begin", "block_end", "comment_begin", "comment", "comment_end", "raw_begin", "raw_end"}
)


@record()
class _Segment:
    """One ``{{ … }}`` with its tokens."""

    start: int
    end: int
    tokens: tuple[_Token, ...]

    def place(self, text: str) -> tuple[int, int]:
        """Return where ``text`` stands in it; the whole when it is spelt otherwise."""
        for token in self.tokens:
            if token.text == text or token.text[1:-1] == text:
                return token.offset, token.offset + len(token.text)
        return self.start, self.end

    def bad(
        self, code: str, message: str, text: str, help: str = "", right: str | None = None
    ) -> _BadTemplate:
        """Return the finding that ``text`` in here is wrong; ``right`` is what to write for it."""
        return _BadTemplate(code, message, *self.place(text), help, right)


def _help(error: Exception) -> str:
    return f"{getattr(error, 'message', None) or error}; {_FIXES}"


def _right(ctx: Context, root: str) -> str | None:
    """Return what was meant by a bare name, where that is plain."""
    if ctx.schema is not None and ctx.schema.field(root) is not None and ctx.step.has_lead:
        return f"lead.{root}"
    return f"param.{root}" if root in ctx.params else None


def _root_help(ctx: Context, root: str) -> str:
    right = _right(ctx, root)
    if right is not None:
        return f"write {right}"
    return did_you_mean(root, ROOTS) or _FIXES


def text_template(ctx: Context, string: ast.String) -> Template | None:
    """Return the text of a notification as a template, even where it holds no placeholder."""
    if refuse_lookalikes(ctx, string):
        return None
    if has_template(string.text):
        return compile_template(ctx, string, secrets=True)
    return Template((string.text,), string.text)
