"""A text in its canonical spelling, every comment kept in its place. It proves itself before it answers."""

from leadops.core.diagnostics import Severity
from leadops.syntax.grammar.prescan import Scan, scan
from leadops.syntax.parser import Parsed, parse
from leadops.syntax.printing.layout import playbook_entries
from leadops.syntax.printing.writer import Rendering


class FormatterBugError(Exception):
    """The formatted text would not mean the same, or lose a comment: a mistake in leadops, not in the playbook."""


def format_source(parsed: Parsed) -> str:
    """Return the canonical text of ``parsed`` with its comments.

    A text with errors comes back as it is: what could not be read cannot be written. Raises FormatterBugError
    when the result does not parse to the same AST, has other comments, or would change again.
    """
    if any(found.severity is Severity.ERROR for found in parsed.diagnostics):
        return parsed.source
    look = scan(parsed.source)
    text = _rendered(parsed, look)
    again = parse(text, parsed.file)
    second_look = scan(text)
    if again.diagnostics or again.playbook != parsed.playbook:
        raise FormatterBugError("the formatted text has another meaning")
    if [comment.text for comment in second_look.comments] != [comment.text for comment in look.comments]:
        raise FormatterBugError("the formatted text has other comments")
    if _rendered(again, second_look) != text:
        raise FormatterBugError("the formatted text would be formatted again")
    return text


def _rendered(parsed: Parsed, look: Scan) -> str:
    return Rendering(parsed.source, look).file(playbook_entries(parsed.playbook))
