"""What exists in an emulated workspace: fields, actions, stages, members. Data only; kept in the store as JSON."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

MemberStatus = Literal["Active", "Inactive", "On Leave", "Working", "Invited", "INVITED", "Deleted"]
StageType = Literal["OPEN", "WON", "LOST"]


class Kind(StrEnum):
    """The type of a field, as metadata spells it while the switch type_names is ``plain``."""

    TEXT = "TEXT"
    EMAIL = "EMAIL"
    PHONE = "PHONE"
    NUMBER = "NUMBER"
    DATE = "DATE"
    DROPDOWN = "DROPDOWN"
    TAGS = "TAGS"
    MONEY = "MONEY"
    WEBSITE = "WEBSITE"
    MEDIALINK = "MEDIALINK"
    MEMBER = "ACTIVEUSERS"
    RATING = "RATING"
    STATUS = "STATUS"
    LOST_REASON = "LOSTREASON"
    CHECKBOX = "CHECKBOX"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldDefinition(_Part):
    """A field of a lead (``name`` is its API name) or of a custom action (``name`` is its schema key)."""

    name: str
    kind: Kind
    options: tuple[str, ...] = ()
    description: str = ""
    locked: bool = False
    max_length: int | None = None


class ActionDefinition(_Part):
    """A custom action; ``code`` is the bare number, such as ``1001``."""

    code: str
    name: str
    fields: tuple[FieldDefinition, ...] = ()
    predated: bool = False
    score: int = 0

    def field(self, name: str) -> FieldDefinition | None:
        """Return the field of that schema key."""
        return next((field for field in self.fields if field.name == name), None)


class StageDefinition(_Part):
    """A stage of the pipeline with the labels of its statuses."""

    id: str
    type: StageType
    active: tuple[str, ...]
    archived: tuple[str, ...] = ()


class Member(_Part):
    """Somebody of the team; the e-mail is the key everywhere."""

    name: str
    email: str
    phone: str
    status: MemberStatus = "Active"
    role: Literal["ADMIN", "MANAGER", "CALLER", "MARKETING_USER"] = "CALLER"
    manager: str = ""


class WorkspaceDefinition(_Part):
    """A whole workspace, without its leads.

    Attributes:
        identifier: API name of the field that identifies a lead; a phone, e-mail or text field.
        country_code: what a phone without one gets.
        timezone: where dates without a zone are meant.
    """

    name: str = "Sandbox Realty"
    identifier: str = "phone"
    country_code: str = "91"
    timezone: str = "Asia/Kolkata"
    created_on: int = 0
    fields: tuple[FieldDefinition, ...]
    actions: tuple[ActionDefinition, ...] = ()
    stages: tuple[StageDefinition, ...] = ()
    lost_reasons: tuple[str, ...] = ()
    archived_lost_reasons: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()
    seats: int = 25

    def field(self, name: str) -> FieldDefinition | None:
        """Return the lead field of that API name; the case counts."""
        return next((field for field in self.fields if field.name == name), None)

    def action(self, code: str) -> ActionDefinition | None:
        """Return the custom action of that bare code."""
        return next((action for action in self.actions if action.code == code), None)

    def member(self, email: str) -> Member | None:
        """Return the member of that e-mail; the case does not count."""
        wanted = email.strip().lower()
        return next((member for member in self.members if member.email.lower() == wanted), None)

    @property
    def statuses(self) -> tuple[str, ...]:
        """The labels that may be written: those of the active statuses of all stages."""
        return tuple(label for stage in self.stages for label in stage.active)

    def with_option(self, name: str, label: str) -> "WorkspaceDefinition":
        """Return the workspace with one more option in the lead field ``name``."""
        fields = tuple(
            field.model_copy(update={"options": (*field.options, label)}) if field.name == name else field
            for field in self.fields
        )
        return self.model_copy(update={"fields": fields})

    def with_action_option(self, code: str, name: str, label: str) -> "WorkspaceDefinition":
        """Return the workspace with one more option in a field of a custom action."""
        actions = tuple(
            action.model_copy(
                update={
                    "fields": tuple(
                        field.model_copy(update={"options": (*field.options, label)})
                        if field.name == name
                        else field
                        for field in action.fields
                    )
                }
            )
            if action.code == code
            else action
            for action in self.actions
        )
        return self.model_copy(update={"actions": actions})

    def with_member(self, member: Member) -> "WorkspaceDefinition":
        """Return the workspace with ``member`` added, or put in place of the one with the same e-mail."""
        others = [one for one in self.members if one.email.lower() != member.email.lower()]
        return self.model_copy(update={"members": (*others, member)})
