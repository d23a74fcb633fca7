"""A user's own report template: sandboxed, strict, bounded, escaped by the kind of file that it makes.

The kind is the name's ending without ``.j2``: ``my.html.j2`` escapes for HTML, ``.md`` for Markdown, ``.csv`` writes
every value as a quoted cell that no spreadsheet takes for a formula, anything else is plain text. What the template
may read is the view model of variables.py; mistakes in it are diagnostics with a line.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from leadops.core.diagnostics import Diagnostic, Severity
from leadops.core.errors import FindingsError, UsageError
from leadops.core.positions import span_at
from leadops.core.suggest import did_you_mean
from leadops.report.escaping import Escape, csv_cell, html_text, markdown_text, plain_text
from leadops.report.render import context
from leadops.report.style import words
from leadops.report.variables import Rows, View, documented

MOST_TEMPLATE = 256 * 1024
"""Bytes of a template file."""
MOST_OUTPUT = 16 * 1024 * 1024
"""Characters of all that a template writes, drafts included."""
MOST_VALUE = 64 * 1024
"""Characters of one value that a template puts together."""

FILTERS = (
    "abs", "capitalize", "count", "default", "d", "dictsort", "first", "float", "groupby", "int", "items", "last",
    "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "select", "selectattr", "sort", "string",
    "sum", "title", "trim", "truncate", "unique", "upper", "wordcount",
)  # fmt: skip
"""Jinja's own filters that cannot make much out of little and mark nothing as safe."""
OWN_FILTERS = ("join", "number", "replace", "round", "words")
"""Ours; join, replace and round do as Jinja's, within bounds."""

_NAMES = frozenset(name for _, _, names in documented() for name, _ in names)

_ESCAPES: Mapping[str, Escape] = {
    "html": html_text,
    "htm": html_text,
    "md": markdown_text,
    "markdown": markdown_text,
    "csv": csv_cell,
}


def render_template(path: str | Path, view: View) -> str:
    """Return what the template in ``path`` makes of ``view``.

    Raises UsageError when the file cannot be read, FindingsError when the template has a mistake.
    """
    try:
        with Path(path).open("rb") as file:
            raw = file.read(MOST_TEMPLATE + 1)
    except OSError as error:
        raise UsageError(f"cannot read the template {path}: {error.strerror}") from error
    if len(raw) > MOST_TEMPLATE:
        raise UsageError(f"the template {path} is larger than {MOST_TEMPLATE // 1024} KiB")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"the template {path} is not UTF-8 (byte {error.start + 1})") from error
    return render_template_text(str(path), text, view)


def render_template_text(name: str, text: str, view: View) -> str:
    """Return what the template ``text`` makes of ``view``; ``name`` is its file's, which says how values are escaped.

    Raises FindingsError when the template has a mistake.
    """
    environment = _Environment(_ESCAPES.get(_kind(name), plain_text))
    try:
        code = environment.compile(text, name=name, filename=name)
        template = jinja2.Template.from_code(environment, code, environment.make_globals(None))
        return environment.bounded(template.generate(**context(view)))
    except jinja2.TemplateSyntaxError as error:
        raise _mistake("E701", str(error.message), name, text, error.lineno, _syntax_help(error)) from error
    except jinja2.UndefinedError as error:
        raise _mistake(
            "E702", _plain(str(error.message)), name, text, _line(error, name), _names_help(error)
        ) from error
    except (_TooMuchError, SecurityError) as error:
        raise _mistake("E703", str(error), name, text, _line(error, name), "") from error
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError) as error:
        if not (line := _line(error, name)):
            raise
        message = _plain(f"{type(error).__name__}: {error}")
        raise _mistake("E701", message, name, text, line, "") from error


class _TooMuchError(Exception):
    """The template makes too much of little."""


class _Code(CodeGenerator):
    """Jinja's compiler, but ``~`` is bounded."""

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802 (Jinja's name)
        self.write("environment.joined((")
        for one in node.nodes:
            self.visit(one, frame)
            self.write(", ")
        self.write("))")


class _Environment(ImmutableSandboxedEnvironment):
    """The sandbox of one rendering; counts what is written."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})
    code_generator_class = _Code

    def __init__(self, escape: Escape) -> None:
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
        self._written = 0
        self.filters = {name: self.filters[name] for name in FILTERS} | {
            "words": lambda value: words(str(value)),
            "number": lambda value: f"{value:,}",
            "replace": self._replaced,
            "round": lambda value, places=0: round(value, places) if places else round(value),
            "join": self._join,
        }
        own: dict[str, Any] = {
            name: self.globals[name] for name in ("range", "dict", "cycler", "joiner", "namespace")
        }
        self.globals.clear()
        self.globals.update(own)

    def bounded(self, pieces: Iterable[str]) -> str:
        """Return the pieces as one text, unless they are too much."""
        kept: list[str] = []
        size = 0
        for piece in pieces:
            kept.append(piece)
            size += len(piece)
            if size > MOST_OUTPUT:
                raise _TooMuchError(f"the report is longer than {MOST_OUTPUT:,} characters")
        return "".join(kept)

    def wrap_str_format(self, value: Any) -> None:
        """Let ``is_safe_attribute`` refuse ``str.format`` with the other methods of texts: it makes much of little."""

    def joined(self, parts: Iterable[object]) -> object:
        """Return ``a ~ b``."""
        texts = [part if isinstance(part, Markup) else str(part) for part in parts]
        self._check(sum(map(len, texts)))
        if any(isinstance(text, Markup) for text in texts):
            return Markup("").join(text if isinstance(text, Markup) else self._escape(text) for text in texts)
        return "".join(texts)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Compute ``left operator right`` if the result is of a sane size."""
        sized = [len(one) for one in (left, right) if isinstance(one, str | list | tuple)]
        if operator == "+" and sized:
            self._check(sum(sized))
        if operator == "*" and sized:
            self._check(sized[0] * next((one for one in (left, right) if isinstance(one, int)), 0))
        if operator == "**":
            raise SecurityError("a template may not raise to a power")
        if operator == "%" and isinstance(left, str):
            raise SecurityError("a template may not format by %; write the parts one after the other")
        if isinstance(left, int) and isinstance(right, int):
            self._check(left.bit_length() + right.bit_length())
        return super().call_binop(context, operator, left, right)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Allow the view model's own names, a mapping's methods and what Jinja's own objects offer."""
        if isinstance(obj, str | bytes | int | float | list | tuple | Rows):
            return False
        return super().is_safe_attribute(obj, attr, value)

    def _replaced(self, value: object, old: str, new: str) -> str:
        text = str(value)
        self._check(len(text) + text.count(old) * len(new))
        return text.replace(old, new)

    def _join(self, values: Iterable[Any], between: str = "", attribute: str | None = None) -> object:
        parts: list[object] = []
        size = 0
        for value in values:
            parts += [between] * bool(parts) + [
                value if attribute is None else self.getattr(value, attribute)
            ]
            size += len(between) + len(str(parts[-1]))
            self._check(size)
        return self.joined(parts)

    def _check(self, size: int) -> None:
        if size > MOST_VALUE:
            raise _TooMuchError(f"a value would be longer than {MOST_VALUE:,} characters")

    def _counted(self, value: object) -> Markup:
        text = self._escape(value)
        self._written += len(text)
        if self._written > MOST_OUTPUT:
            raise _TooMuchError(f"the report is longer than {MOST_OUTPUT:,} characters")
        return text


def _kind(name: str) -> str:
    return Path(name.removesuffix(".j2").removesuffix(".jinja")).suffix.lower().removeprefix(".")


def _line(error: BaseException, name: str) -> int:
    """Return the line of the template that raised ``error``; 0 when none did."""
    found, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == name:
            found = trace.tb_lineno
        trace = trace.tb_next
    return found


def _mistake(code: str, message: str, name: str, text: str, line: int, help: str) -> FindingsError:
    lines = text.split("\n")
    line = min(max(1, line), len(lines))
    start = sum(len(one) + 1 for one in lines[: line - 1])
    row = lines[line - 1]
    blanks = len(row) - len(row.lstrip())
    span = span_at(text, start + blanks, start + len(row.rstrip()), name)
    return FindingsError(
        [Diagnostic(code, Severity.ERROR, message, span, help)], "the template has a mistake"
    )


def _plain(message: str) -> str:
    """Return Jinja's message without Python's names in it."""
    if "no loader" in message:
        return "a template stands alone: there is no include, import or extends"
    return re.sub(r"'?leadops\.report\.variables\.(\w+?)(?:View)? object'?", r"the part “\1”", message)


def _syntax_help(error: jinja2.TemplateSyntaxError) -> str:
    message = str(error.message)
    if not message.startswith("No filter named"):
        return ""
    filters = sorted((*FILTERS, *OWN_FILTERS))
    return did_you_mean(message.split("'")[1], filters) or f"the filters are {', '.join(filters)}"


def _names_help(error: jinja2.UndefinedError) -> str:
    message = str(error.message)
    if "Rows object" in message:
        return "rows are gone through by {% for %}; the first is (leads | first)"
    word = next(iter(message.split("'")[-2:-1]), "")
    return did_you_mean(word, _NAMES) or "leadops report --list-variables lists all names"
