"""How a value stands in each kind of text file; what a CRM holds is hostile until it is escaped.

``Markup`` means "escaped for the file at hand": Jinja's own mark, so that macros and filters compose.
"""

import re
from collections.abc import Callable

from markupsafe import Markup, escape

from leadops.core.spreadsheet import quoted
from leadops.core.text import visible

_MARKDOWN = re.compile(r"[\\`*{}\[\]<>#|~&@]|(?<!\w)_|_(?!\w)|(?<=:)/(?=/)|(?<=www)\.", re.IGNORECASE)
_LINE_START = re.compile(r"^(\s*)([-+>]|\d+[.)])(?=\s|$)")

Escape = Callable[[object], Markup]


def html_text(value: object) -> Markup:
    """Return ``value`` for HTML: escaped, and controls, bidi marks and lone surrogates are made visible."""
    return value if isinstance(value, Markup) else escape(visible(_text(value), keep_newlines=True))


def plain_text(value: object) -> Markup:
    """Return ``value`` for a plain text: controls, bidi marks and lone surrogates are made visible."""
    if isinstance(value, Markup):
        return value
    return Markup(visible(_text(value), keep_newlines=True))  # noqa: S704 (a plain text has no markup)


def markdown_text(value: object) -> Markup:
    """Return ``value`` so that Markdown shows it as it is: no markup, no HTML, no link, no mention, one line."""
    if isinstance(value, Markup):
        return value
    text = _LINE_START.sub(r"\1\\\2", visible(_text(value)))
    return Markup(_MARKDOWN.sub(lambda match: _entity(match.group()), text))  # noqa: S704 (escaped for Markdown)


def code_span(value: object) -> Markup:
    """Return ``value`` as a code span of Markdown, whatever backticks it holds."""
    text = visible(_text(value))
    if text and text == text.strip() and not set(text) & set("`|"):
        return Markup(f"`{text}`")  # noqa: S704 (nothing in it can end the span)
    return Markup("<code>{}</code>").format(Markup("").join(Markup(f"&#{ord(c)};") for c in text))  # noqa: S704 (numbers)


def csv_cell(value: object) -> Markup:
    """Return ``value`` as a quoted cell that no spreadsheet takes for a formula."""
    if isinstance(value, Markup):
        return value
    return Markup(quoted(value))  # noqa: S704 (escaped for CSV)


def _entity(char: str) -> str:
    if char in "<>&@":
        return f"&#{ord(char)};"
    return "\\" + char


def _text(value: object) -> str:
    return "" if value is None else str(value)
