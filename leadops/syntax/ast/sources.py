"""Where a step's leads come from."""

from dataclasses import field
from typing import Literal

from leadops.core.fast_dataclass import record
from leadops.syntax.ast.conditions import Condition
from leadops.syntax.ast.nodes import Node
from leadops.syntax.ast.values import Assignment, FieldRef, Value


@record()
class FindLeads(Node):
    """``find leads [where …]`` (any number) or ``find lead where …`` (``single``: exactly one)."""

    where: Condition | None
    single: bool = False


@record()
class FindLeadById(Node):
    """``find lead "<id>"``."""

    lead_id: Value


@record()
class CreateLead(Node):
    """``create lead with f = v, …``."""

    fields: tuple[Assignment, ...]


@record()
class UpsertLead(Node):
    """``upsert lead by FIELD with f = v, …``."""

    by: FieldRef
    fields: tuple[Assignment, ...]


@record()
class DatesAre(Node):
    """``dates are "DD/MM/YYYY"`` in a CSV contract."""

    format: str


@record()
class ColumnsMustBe(Node):
    """``columns must be a, b`` in a CSV contract.

    Attributes:
        starts: where each stands.
    """

    columns: tuple[str, ...]
    starts: tuple[int, ...] = field(default=(), compare=False, repr=False)


@record()
class OnMissingLead(Node):
    """``on missing lead create|skip|fail`` in a CSV contract."""

    what: Literal["create", "skip", "fail"]


@record()
class EachRow(Node):
    """``for each row in csv "file.csv" { match lead by F = row.c; …contract… }``; its effects follow as statements."""

    path: str
    match_field: FieldRef
    match_value: Value
    contract: tuple["DatesAre | ColumnsMustBe | OnMissingLead", ...] = ()


@record()
class RetryRejects(Node):
    """``retry rejects of last run`` (``run`` None) or ``of run "<id>"``."""

    run: str | None = None


Source = FindLeads | FindLeadById | CreateLead | UpsertLead | EachRow | RetryRejects
