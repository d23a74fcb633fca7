"""Reports by Jinja, from the templates in this package: Markdown, HTML, text. Streamed, escaped by default.

The templates read the view model of variables.py and nothing else. A user's own template goes through
usertemplate.py.
"""

import base64
import hashlib
from collections.abc import Iterator
from functools import cache

import jinja2
from markupsafe import Markup

from leadops.model.run import CLEAN
from leadops.report import charts
from leadops.report.escaping import Escape, code_span, html_text, markdown_text, plain_text
from leadops.report.style import words
from leadops.report.variables import CountView, RunView, View, list_variables

__all__ = ["html", "list_variables", "markdown", "render_html", "render_markdown", "render_text"]

_CHUNK = 64 * 1024
_IN_MARKDOWN = 500


def markdown(view: View, *, most: int = _IN_MARKDOWN) -> Iterator[str]:
    """Yield ``view`` as Markdown with at most ``most`` leads a step, unless the view is full."""
    return _chunks(_environment("md").get_template("report.md.j2"), view, most=most)


def html(view: View) -> Iterator[str]:
    """Yield ``view`` as one HTML file that needs nothing else and runs no script but its own."""
    style, script = _packaged("report.css"), _packaged("report.js")
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    return _chunks(
        _environment("html").get_template("report.html.j2"),
        view,
        style=Markup(style),  # noqa: S704 (a file of this package)
        script=Markup(script),  # noqa: S704 (a file of this package)
        policy=policy,
        picks=_picks(view),
    )


def render_markdown(view: View) -> str:
    """Return ``view`` as Markdown."""
    return "".join(markdown(view))


def render_html(view: View) -> Iterator[str]:
    """Yield ``view`` as one HTML file, in chunks; leads are made while it is read."""
    return html(view)


def render_text(view: View) -> str:
    """Return ``view`` as a short plain text, fit for a mail."""
    return "".join(_chunks(_environment("txt").get_template("report.txt.j2"), view))


def context(view: View) -> dict[str, object]:
    """Return the names at the top of a template."""
    return {name: getattr(view, name) for name in View.__dataclass_fields__}


def _chunks(template: jinja2.Template, view: View, **extra: object) -> Iterator[str]:
    kept: list[str] = []
    size = 0
    for piece in template.generate(**context(view), **extra):
        kept.append(piece)
        size += len(piece)
        if size >= _CHUNK:
            yield "".join(kept)
            kept, size = [], 0
    yield "".join(kept)


@cache
def _environment(kind: str) -> jinja2.Environment:
    escape: dict[str, Escape] = {"html": html_text, "md": markdown_text, "txt": plain_text}
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("leadops.report", "templates"),
        autoescape=True,  # so that macros yield escaped text; what escaping means, finalize says
        undefined=jinja2.StrictUndefined,
        finalize=escape[kind],
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"words": words, "code": code_span, "number": _number}
    environment.globals |= {
        "bars": charts.bars,
        "columns": charts.columns,
        "meter": charts.meter,
        "outcome_counts": _outcome_counts,
        "clean": frozenset(outcome.value for outcome in CLEAN),
    }
    return environment


def _packaged(name: str) -> str:
    loader = jinja2.PackageLoader("leadops.report", "templates")
    return loader.get_source(_environment("html"), name)[0]


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _picks(view: View) -> list[CountView]:
    """Return what the rows can be filtered by: outcomes of a run, new and changed leads of a plan."""
    if view.run:
        return [CountView(one.name, 0) for one in _outcome_counts(view.run)]
    new = view.totals.creates
    return [CountView("create", new), CountView("update", len(view.leads) - new)] if new else []


def _number(value: int) -> str:
    return f"{value:,}"


def _outcome_counts(run: RunView) -> list[CountView]:
    return [CountView(name, many) for name, many in run.outcomes.items() if many]
