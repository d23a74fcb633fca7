"""What people and automations do to a workspace while a client works in it. Data only."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class _Event(BaseModel):
    """``lead`` is an id, an identifier, ``$lead`` (that of the request at hand) or ``$newest``."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class EditIdentifier(_Event):
    """Somebody edits a lead's identifier in the dashboard."""

    kind: Literal["edit_identifier"]
    lead: str
    value: str


class Delete(_Event):
    """A lead is deleted."""

    kind: Literal["delete"]
    lead: str


class Merge(_Event):
    """A lead is merged into another: its timeline moves there, it is gone."""

    kind: Literal["merge"]
    lead: str
    into: str


class Arrive(_Event):
    """New leads arrive; the phones follow ``seed``, or ``fields`` gives one lead whole."""

    kind: Literal["arrive"]
    count: int = Field(default=1, ge=1, le=10_000)
    seed: int = 0
    fields: dict[str, Any] = Field(default_factory=dict)


class SetFields(_Event):
    """Somebody writes fields of a lead in the dashboard, unchecked; null takes one away."""

    kind: Literal["set"]
    lead: str
    fields: dict[str, Any]


class Act(_Event):
    """An action appears on a timeline: an automation's, a call, a vendor's own type; ``at_ms`` None is now."""

    kind: Literal["action"]
    lead: str
    type: str
    performer: str = "automation"
    detail: dict[str, Any] = Field(default_factory=dict)
    at_ms: int | None = None


class ArchiveStatus(_Event):
    """A status is archived; it still stands on leads."""

    kind: Literal["archive_status"]
    label: str


class DeleteOption(_Event):
    """An option of a dropdown or tags field is deleted; it still stands on leads."""

    kind: Literal["delete_option"]
    field: str
    label: str


class RenameField(_Event):
    """A lead field gets another API name; the values go with it."""

    kind: Literal["rename_field"]
    field: str
    to: str


class RemoveMember(_Event):
    """A member leaves; the e-mail still stands on leads."""

    kind: Literal["remove_member"]
    email: str


Event = Annotated[
    EditIdentifier
    | Delete
    | Merge
    | Arrive
    | SetFields
    | Act
    | ArchiveStatus
    | DeleteOption
    | RenameField
    | RemoveMember,
    Field(discriminator="kind"),
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
