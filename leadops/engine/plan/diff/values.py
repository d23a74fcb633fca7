"""The values that a step's effects ask for, for one lead and one row."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from leadops.analysis.render import TemplateMissing, render, rendered_value
from leadops.core.text import is_blank
from leadops.model.lead import Lead
from leadops.model.plan import Assign, Cell, Constant, Expression, Plan, Row, Step, Template
from leadops.model.schema import FieldType
from leadops.model.values import Value


class CannotRenderError(Exception):
    """A template that has no text for this lead.

    Attributes:
        field: the field or action key that was to get it.
        text: the template as written.
        reason: one sentence.
    """

    def __init__(self, field: str, text: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.text = text
        self.reason = reason


class TwoValuesError(Exception):
    """Effects that ask for two values of one field of one lead; in what order they stand decides nothing.

    Attributes:
        field: the field's API name.
        values: what is asked for, for people.
    """

    def __init__(self, field: str, values: Iterable[str]) -> None:
        self.field = field
        self.values = " and ".join(dict.fromkeys(values))
        super().__init__(f"{field} would get two values: {self.values}")


@dataclass(frozen=True, slots=True)
class Values:
    """Evaluates the expressions of one step for one lead, as the step found it."""

    plan: Plan
    step: Step
    lead: Lead
    row: Row | None = None

    def of(self, assign: Assign, action: str | None = None) -> Value:
        """Return the value of ``assign``; None: nothing, which is no value (of a cell: the field stays as it is).

        Args:
            assign: the assignment.
            action: the action's type, for a field of an action.

        Raises:
            CannotRenderError: a template meets a missing or unfit value.
        """
        return self._value(assign.value, assign, action)

    def written(self, assign: Assign) -> str:
        """Return how the value of ``assign`` is written, for people."""
        match assign.value:
            case Template(text=text):
                return text
            case Cell(column=column):
                return f"row.{column}"
            case Constant(value=int() as ms) if assign.type is FieldType.DATE:
                moment = datetime.fromtimestamp(ms / 1000, UTC).astimezone(ZoneInfo(self.plan.timezone))
                return moment.strftime(
                    "%Y-%m-%d" if (moment.hour, moment.minute) == (0, 0) else "%Y-%m-%d %H:%M"
                )
            case Constant(value=value):
                return ", ".join(value) if isinstance(value, tuple | list) else str(value)

    def tag(self, name: str, expression: Expression) -> tuple[str, ...]:
        """Return the tags that ``expression`` names for the tags field ``name``; raises CannotRenderError."""
        value = self._value(expression, Assign(name, FieldType.TAGS, expression), None)
        if value is None:
            return ()
        return tuple(value) if isinstance(value, tuple | list) else (str(value),)

    def text(self, template: Template) -> str:
        """Return the text of ``template``; raises TemplateMissing."""
        zone = ZoneInfo(self.plan.timezone)
        now = datetime.fromtimestamp(self.plan.clock_ms / 1000, UTC).astimezone(zone)
        params = {one.name: one.text for one in self.plan.parameters if not one.secret}
        return render(template, self.lead.fields, self.row.cells if self.row else {}, params, now)

    def _value(self, expression: Expression, assign: Assign, action: str | None) -> Value:
        match expression:
            case Constant(value):
                return value
            case Cell(column):
                return self._cell(column, assign.name)
            case Template():
                try:
                    text = self.text(expression)
                    if is_blank(text):
                        return None
                    return rendered_value(
                        text,
                        assign,
                        self.plan.schema,
                        ZoneInfo(self.plan.timezone),
                        action=action,
                        country_code=self.plan.country_code,
                        new_option=self.step.permissions.new_option,
                    )
                except TemplateMissing as missing:
                    raise CannotRenderError(assign.name, expression.text, missing.reason) from missing

    def _cell(self, column: str, name: str) -> Value:
        if self.row is None or is_blank(self.row.cells.get(column, "")):
            return None
        return self.row.values.get((column, name), self.row.cells[column])
