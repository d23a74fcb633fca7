"""A user's own report template: sandboxed, strict, bounded, escaped by the kind of file that it makes.

The kind is the name's ending without ``.j2``: ``my.html.j2`` escapes for HTML, ``.md`` for Markdown, ``.csv`` and ``.tsv``
write every value as a quoted cell that no spreadsheet takes for a formula, anything else is plain text. What the template
may read is the view model of variables.py; mistakes in it are diagnostics with a line.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import jinja2
from jinja2.exceptions import SecurityError

from leadops.core.clock import Clock, SystemClock
from leadops.core.diagnostics import Diagnostic, Severity
from leadops.core.did_you_mean import did_you_mean
from leadops.core.errors import FindingsError, UsageError
from leadops.core.positions import span_at
from leadops.report.escaping import Escape, csv_cell, html_text, markdown_text, plain_text
from leadops.report.render import context
from leadops.report.template_meter import Meter, TooMuchError
from leadops.report.template_sandbox import FILTERS, OWN_FILTERS, TemplateSandbox
from leadops.report.variables import View, documented

MOST_TEMPLATE = 256 * 1024
"""Bytes of a template file."""
_TOO_DEEP = "the template calls itself too often, or one part stands too deep within another"
_NESTED = "one part of the template stands too deep within another"
_PARTS = {path: tuple(name for name, _ in names) for path, _, names in documented()}
"""Names by the part that has them; the names at the top under ""."""
_NAMES = frozenset(name for names in _PARTS.values() for name in names)

_ESCAPES: Mapping[str, Escape] = {
    "html": html_text,
    "htm": html_text,
    "md": markdown_text,
    "markdown": markdown_text,
    "csv": csv_cell,
    "tsv": csv_cell,
}


def render_template(path: str | Path, view: View, clock: Clock | None = None) -> str:
    """Return what the template in ``path`` makes of ``view``; ``clock`` bounds its time, by default the machine's.

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
    return render_template_text(str(path), text, view, clock)


def render_template_text(name: str, text: str, view: View, clock: Clock | None = None) -> str:
    """Return what the template ``text`` makes of ``view``; ``name`` is its file's, which says how values are escaped.

    Raises FindingsError when the template has a mistake.
    """
    environment = TemplateSandbox(
        _ESCAPES.get(_kind(name), plain_text), Meter((clock or SystemClock()).monotonic)
    )
    try:
        code = environment.code_of(text, name)
        template = jinja2.Template.from_code(environment, code, environment.make_globals(None))
        return environment.bounded(template.generate(**context(view)))
    except jinja2.TemplateSyntaxError as error:
        raise _mistake("E701", str(error.message), name, text, error.lineno, _syntax_help(error)) from error
    except jinja2.UndefinedError as error:
        raise _mistake(
            "E702", _plain(str(error.message)), name, text, _line(error, name), _names_help(error)
        ) from error
    except (TooMuchError, SecurityError) as error:
        raise _mistake("E703", str(error), name, text, _line(error, name), "") from error
    except (
        RecursionError,
        MemoryError,
        SyntaxError,
    ) as error:  # SyntaxError: Python's, of the code that Jinja made
        line = _line(error, name)
        raise _mistake("E703", _TOO_DEEP if line else _NESTED, name, text, line, "") from error
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, AssertionError) as error:
        line = _line(error, name)
        if not line and not isinstance(error, ValueError):  # of the lexer: a number of thousands of digits
            raise
        message = _plain(f"{type(error).__name__}: {error}")
        raise _mistake("E701", message, name, text, line, "") from error


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
    top = did_you_mean(word, _PARTS[""]) if message.endswith("is undefined") else ""
    if not top and word in _NAMES:
        return _where(word)
    return top or did_you_mean(word, _NAMES) or "leadops report --list-variables lists all names"


def _where(name: str) -> str:
    """Return of which part ``name`` is a name, and how one gets there."""
    paths = [path for path, names in _PARTS.items() if name in names]
    if "" in paths:
        return f"“{name}” stands at the top: {{{{ {name} }}}}"
    single = next((path for path in paths if "[]" not in path), None)
    if single is not None:
        return f"“{name}” is a part of “{single}”: {{{{ {single}.{name} }}}}"
    row = paths[0].removesuffix("[]").rpartition(".")[2]
    return (
        f"“{name}” is a part of each of “{row}”: {{% for one in {row} %}}{{{{ one.{name} }}}}{{% endfor %}}"
    )
