"""What would be done to leads, exactly (docs/machine-forms.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from leadops.model.predicate import Window
from leadops.model.schema import FieldType
from leadops.model.values import Value


class Kind(StrEnum):
    """What a change does; one update a lead and step."""

    UPDATE = "update"
    CREATE = "create"
    APPEND = "append"
    PAYMENT = "payment"
    UPDATE_ACTION = "update_action"


FORGOTTEN = "(forgotten)"
"""Stands in a run's files where a lead's values stood before ``leadops forget``."""


@dataclass(frozen=True, slots=True)
class LeadRef:
    """Which lead.

    Attributes:
        id: None for a lead to be created, or unresolved.
        identifier: the value of the workspace's identifier field.
    """

    id: str | None
    identifier: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field before and after; ``type`` says how the two are compared."""

    before: Value
    after: Value
    type: FieldType = FieldType.TEXT


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """An action as it shall stand; ``types`` says how its fields are compared.

    Attributes:
        type: the bare code, or ``PAYMENT``.
        action_id: of the action to update; None for appends.
    """

    type: str
    fields: Mapping[str, Value]
    types: Mapping[str, FieldType] = field(default_factory=dict)
    action_id: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One op: the unit of intent, outcome and report.

    Attributes:
        key: unique in the plan and stable between equal plans; for appends the op key.
        step: index of the step in the plan, from 0.
        fields: of updates and creates.
        action: of appends, payments and action updates.
        with_create: True for an append that travels in the create of the same lead and step.
        occurrence: window of a ``once per lead in PERIOD`` append; None: ever.
        each_run: True when the append is made in every run.
        depends: what only the service can know ("" when nothing): a created lead's status, an id.
        row: the CSV row that asked for it.
    """

    key: str
    step: int
    kind: Kind
    lead: LeadRef
    fields: Mapping[str, FieldChange] = field(default_factory=dict)
    action: ActionSpec | None = None
    with_create: bool = False
    occurrence: Window | None = None
    each_run: bool = False
    depends: str = ""
    row: int | None = None
