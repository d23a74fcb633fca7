"""From AST to canonical text: the one spelling that ``fmt`` writes, without comments."""

from leadops.syntax import ast
from leadops.syntax.printing.canonical import print_condition, print_period, print_value
from leadops.syntax.printing.layout import item_entry, playbook_entries, step_entry
from leadops.syntax.printing.writer import lay_out

__all__ = [
    "print_condition",
    "print_period",
    "print_playbook",
    "print_statement",
    "print_step",
    "print_value",
]


def print_playbook(playbook: ast.Playbook) -> str:
    """Return the canonical text of a whole file; empty for a playbook without items."""
    return lay_out(playbook_entries(playbook))


def print_step(step: ast.Step) -> str:
    """Return the canonical text of a step; one without a title is its bare statements."""
    if step.title is None:
        return lay_out(step_entry(statement) for statement in step.statements)
    return lay_out([item_entry(step)])


def print_statement(statement: ast.StepStatement) -> str:
    """Return the canonical text of one statement, on several lines where it is long or has blocks; no last newline."""
    return lay_out([step_entry(statement)]).rstrip("\n")
