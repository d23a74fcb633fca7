"""The sandbox in which a user's own report template runs: Jinja's, strict and bounded in every way we know.

Jinja bounds neither time nor memory. So each statement, each call, each element that a filter reads and each value
that is put together is counted by a Meter, before it is made where that is possible.
"""

from collections.abc import Callable, Iterable
from math import isfinite
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from leadops.report.escaping import Escape
from leadops.report.style import words
from leadops.report.template_meter import Meter
from leadops.report.variables import Rows

FILTERS = (
    "abs", "capitalize", "count", "default", "d", "dictsort", "first", "float", "groupby", "int", "items", "last",
    "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "select", "selectattr", "sort", "string",
    "sum", "title", "trim", "truncate", "unique", "upper", "wordcount",
)  # fmt: skip
"""Jinja's own filters that cannot make much out of little and mark nothing as safe."""
OWN_FILTERS = ("join", "number", "replace", "round", "words")
"""Ours; join, replace and round do as Jinja's, within bounds."""

_TICK = "tick"


class _Code(CodeGenerator):
    """Jinja's compiler, but statements are counted, and ``~`` and the making of lists are bounded."""

    def visit_ExprStmt(self, node: nodes.ExprStmt, frame: Frame) -> None:  # noqa: N802, ARG002 (as Jinja's)
        """Write a tick: a template itself has no such statement, for the extension ``do`` is not there."""
        assert isinstance(node.node, nodes.Const)
        self.writeline(f"environment.{_TICK}({node.node.value})", node)

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802 (Jinja's name)
        self.write("environment.joined((")
        for one in node.nodes:
            self.visit(one, frame)
            self.write(", ")
        self.write("))")

    def visit_List(self, node: nodes.List, frame: Frame) -> None:  # noqa: N802 (Jinja's name)
        self._built(super().visit_List, node, frame)

    def visit_Dict(self, node: nodes.Dict, frame: Frame) -> None:  # noqa: N802 (Jinja's name)
        self._built(super().visit_Dict, node, frame)

    def visit_Tuple(self, node: nodes.Tuple, frame: Frame) -> None:  # noqa: N802 (Jinja's name)
        if node.ctx == "load":
            self._built(super().visit_Tuple, node, frame)
        else:
            super().visit_Tuple(node, frame)

    def _built(self, visit: Callable[[Any, Frame], None], node: nodes.Node, frame: Frame) -> None:
        self.write("environment.made(")
        visit(node, frame)
        self.write(")")


class TemplateSandbox(ImmutableSandboxedEnvironment):
    """The sandbox of one rendering; its meter counts what that takes."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})
    code_generator_class = _Code

    def __init__(self, escape: Escape, meter: Meter) -> None:
        super().__init__(
            autoescape=True,  # so that macros yield escaped text; what escaping means, finalize says
            undefined=jinja2.StrictUndefined,
            finalize=self._counted,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            extensions=["jinja2.ext.loopcontrols"],
        )
        self._escape = escape
        self._meter = meter
        self.tick = meter.spend
        self.made = meter.made
        own: dict[str, Callable[..., Any]] = {
            "words": lambda value: words(str(value)),
            "number": lambda value: f"{value:,}",
            "replace": self._replaced,
            "round": lambda value, places=0: round(value, places) if places else round(value),
            "join": self._join,
            "truncate": self._truncated(self.filters["truncate"]),
        }
        known = {name: self.filters[name] for name in FILTERS} | own
        self.filters = {name: self._metered(function) for name, function in known.items()}
        offered: dict[str, Any] = {
            name: self.globals[name] for name in ("range", "dict", "cycler", "joiner", "namespace")
        }
        self.globals.clear()
        self.globals.update(offered)

    def code_of(self, text: str, name: str) -> Any:
        """Return the code of a template, its statements counted."""
        tree = self._parse(text, name, name)
        for constant in tree.find_all(nodes.Const):
            if isinstance(constant.value, float) and not isfinite(constant.value):
                raise jinja2.TemplateSyntaxError("this number is too large", constant.lineno, name, name)
        tree.body = _ticking(tree.body)
        for node in tree.find_all((nodes.For, nodes.If, nodes.Macro, nodes.CallBlock, nodes.FilterBlock,
                                   nodes.With, nodes.AssignBlock, nodes.Block, nodes.ScopedEvalContextModifier)):  # fmt: skip
            for held in ("body", "else_"):
                if isinstance(getattr(node, held, None), list):
                    setattr(node, held, _ticking(getattr(node, held)))
            if isinstance(node, nodes.For) and node.test is not None:
                ticked = nodes.Call(nodes.EnvironmentAttribute("ticked"), [], [], None, None)
                node.test = nodes.And(ticked, node.test)
        return self.compile(tree, name=name, filename=name)

    def ticked(self) -> bool:
        """Return true; that it is called is counted: a loop may look at many elements and take none."""
        return True

    def bounded(self, pieces: Iterable[str]) -> str:
        """Return the pieces as one text, unless they are too much."""
        kept: list[str] = []
        for piece in pieces:
            kept.append(piece)
            self._meter.write(len(piece))
        return "".join(kept)

    def wrap_str_format(self, value: Any) -> None:
        """Let ``is_safe_attribute`` refuse ``str.format`` with the other methods of texts: it makes much of little."""

    def call(self, context: Any, called: Any, /, *args: Any, **named: Any) -> Any:
        """Call what a template may call, and count it: a macro that calls itself twice doubles."""
        self._meter.spend()
        for one in (*args, *named.values()):
            self._meter.made(one)
        return super().call(context, called, *args, **named)

    def joined(self, parts: Iterable[object]) -> object:
        """Return ``a ~ b``."""
        texts = [part if isinstance(part, Markup) else self._text(part) for part in parts]
        self._meter.sized(sum(map(len, texts)))
        if any(isinstance(text, Markup) for text in texts):
            return Markup("").join(text if isinstance(text, Markup) else self._escape(text) for text in texts)
        return "".join(texts)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Compute ``left operator right`` if the result is of a sane size."""
        sized = [len(one) for one in (left, right) if isinstance(one, str | list | tuple)]
        if operator == "+" and sized:
            self._meter.sized(sum(sized))
        if operator == "*" and sized:
            self._meter.sized(sized[0] * next((one for one in (left, right) if isinstance(one, int)), 0))
        if operator == "**":
            raise SecurityError("a template may not raise to a power")
        if operator == "%" and isinstance(left, str):
            raise SecurityError("a template may not format by %; write the parts one after the other")
        if isinstance(left, int) and isinstance(right, int):
            self._meter.sized(left.bit_length() + right.bit_length())
        return self._meter.made(super().call_binop(context, operator, left, right))

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Allow the view model's own names, a mapping's methods and what Jinja's own objects offer."""
        if isinstance(obj, str | bytes | int | float | list | tuple | Rows):
            return False
        return super().is_safe_attribute(obj, attr, value)

    def _metered(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a filter that counts what it reads and what it makes."""
        given = getattr(function, "jinja_pass_arg", None)
        at = 0 if given is None else 1

        def metered(*args: Any, **named: Any) -> Any:
            args = (*args[:at], self._meter.read(args[at]), *args[at + 1 :])
            return self._meter.made(function(*args, **named))

        return _passed(metered, given)

    def _truncated(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def truncated(environment: Any, text: object, *args: Any, **named: Any) -> Any:
            self._meter.sized(len(self._text(text)) + sum(len(str(one)) for one in (*args, *named.values())))
            return function(environment, text, *args, **named)

        return _passed(truncated, getattr(function, "jinja_pass_arg", None))

    def _replaced(self, value: object, old: str, new: str) -> str:
        text = self._text(value)
        self._meter.sized(len(text) + text.count(old) * len(new))
        return text.replace(old, new)

    def _join(self, values: Iterable[Any], between: str = "", attribute: str | None = None) -> object:
        parts: list[object] = []
        size = 0
        for value in values:
            parts += [between] * bool(parts) + [
                value if attribute is None else self.getattr(value, attribute)
            ]
            size += len(between) + len(self._text(parts[-1]))
            self._meter.sized(size)
        return self.joined(parts)

    def _counted(self, value: object) -> Markup:
        text = self._escape(value if isinstance(value, Markup) else self._text(value))
        self._meter.write(len(text))
        return text

    def _text(self, value: object) -> str:
        """Return a value as text; raise TooMuchError where that would be too long."""
        if value is None:
            return ""
        return value if isinstance(value, str) else str(self._meter.made(self._meter.read(value)))


def _passed(function: Callable[..., Any], given: object) -> Callable[..., Any]:
    """Return ``function`` marked as one that Jinja passes its own objects to, as the one that it replaces."""
    if given is not None:
        vars(function)["jinja_pass_arg"] = given
    return function


def _ticking(body: list[nodes.Node]) -> list[nodes.Node]:
    """Return statements with a tick in front of each, which counts it and the letters that it writes by itself."""
    ticking: list[nodes.Node] = []
    for node in body:
        letters = 0
        if isinstance(node, nodes.Output):
            letters = sum(len(part.data) for part in node.nodes if isinstance(part, nodes.TemplateData))
        tick = nodes.ExprStmt(nodes.Const(1 + letters // 16), lineno=node.lineno)
        ticking += [tick, node]
    return ticking or [nodes.ExprStmt(nodes.Const(1))]
