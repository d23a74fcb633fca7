"""A run as one table for spreadsheets: a row a lead and step, no cell taken for a formula."""

from collections.abc import Iterator

from leadops.report.escaping import csv_cell
from leadops.report.variables import ActionView, FieldView, View

HEADER = ("step", "id", "identifier", "name", "agent", "outcome", "changes", "actions", "reason")


def table(view: View) -> Iterator[str]:
    """Yield ``view`` as lines of CSV, the header first; refused leads stand last."""
    yield _row(HEADER)
    for lead in view.leads:
        yield _row(
            (
                lead.step_name,
                lead.id,
                lead.identifier,
                lead.name,
                lead.agent,
                lead.outcome,
                "; ".join(map(_field, lead.fields)),
                "; ".join(map(_action, lead.actions)),
                lead.reason,
            )
        )
    for refusal in view.refused:
        yield _row(
            (
                refusal.step_name,
                refusal.id,
                refusal.identifier,
                refusal.name,
                "",
                refusal.outcome,
                "",
                "",
                refusal.reason,
            )
        )


def _row(cells: tuple[str, ...]) -> str:
    return ",".join(str(csv_cell(cell)) for cell in cells) + "\r\n"


def _field(field: FieldView) -> str:
    return f"{field.name}: {field.before} → {field.after}"


def _action(action: ActionView) -> str:
    return action.text
