"""The shapes of the metadata endpoints and the names of field types (docs/api.md §7, §9, §10)."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from leadops.model.schema import FieldType

_TYPES: dict[str, FieldType] = {
    "TEXT": FieldType.TEXT,
    "EMAIL": FieldType.EMAIL,
    "PHONE": FieldType.PHONE,
    "NUMBER": FieldType.NUMBER,
    "DATE": FieldType.DATE,
    "DATETIME": FieldType.DATE,
    "DROPDOWN": FieldType.DROPDOWN,
    "SELECT": FieldType.DROPDOWN,
    "SINGLESELECT": FieldType.DROPDOWN,
    "TAG": FieldType.TAGS,
    "TAGS": FieldType.TAGS,
    "MULTISELECT": FieldType.TAGS,
    "MULTIDROPDOWN": FieldType.TAGS,
    "MONEY": FieldType.MONEY,
    "CURRENCY": FieldType.MONEY,
    "AMOUNT": FieldType.MONEY,
    "WEBSITE": FieldType.WEBSITE,
    "URL": FieldType.WEBSITE,
    "LINK": FieldType.WEBSITE,
    "MEDIALINK": FieldType.MEDIALINK,
    "ACTIVEUSER": FieldType.MEMBER,
    "ACTIVEUSERS": FieldType.MEMBER,
    "ASSIGNEE": FieldType.MEMBER,
    "USER": FieldType.MEMBER,
    "RATING": FieldType.RATING,
    "STATUS": FieldType.STATUS,
    "LEADSTATUS": FieldType.STATUS,
    "LOSTREASON": FieldType.LOST_REASON,
    "CHECKBOX": FieldType.CHECKBOX,
    "BOOLEAN": FieldType.CHECKBOX,
}
"""The documented names, and those that a service may plausibly use where its pages are cut; blanks and _ do not count."""


def field_type(name: str) -> FieldType:
    """Return the type that metadata's ``name`` stands for; text when nobody knows it."""
    return _TYPES.get(re.sub(r"[^A-Z]", "", name.upper()), FieldType.TEXT)


def _label(raw: Any) -> Any:
    if isinstance(raw, Mapping):
        keys = ("label", "reasonLabel", "statusLabel", "name", "status", "reason", "value")
        raw = next((raw[key] for key in keys if isinstance(raw.get(key), str)), None)
    return raw if isinstance(raw, str) else ""


def _list(raw: Any) -> Any:
    return [] if raw is None else raw


def _schema(raw: Any) -> Any:
    """Bring a list of field descriptions into the documented form: an object by key."""
    if isinstance(raw, list):
        names = ("key", "apiName", "name", "id")
        found = {
            next((str(one[name]) for name in names if one.get(name)), ""): one
            for one in raw
            if isinstance(one, Mapping)
        }
        return {key: one for key, one in found.items() if key}
    return raw


def _flag(raw: Any) -> Any:
    return raw is True or (isinstance(raw, str) and raw.strip().lower() == "true")


Flag = Annotated[bool, BeforeValidator(_flag)]
Label = Annotated[str, BeforeValidator(_label)]
Labels = Annotated[list[Label], BeforeValidator(_list)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Enterprise(_Shape):
    """GET /metadata."""

    name: Label = ""
    identifier_id: Any = Field(default=None, validation_alias="leadIdentifierFieldId")


class FieldRow(_Shape):
    """An item of GET /custom-fields, in either detail."""

    id: Any = None
    type: Label = ""
    api_name: str = Field(validation_alias="apiName")
    label: Label = Field(default="", validation_alias=AliasChoices("label", "displayName", "displayLabel"))
    description: Label = ""
    options: Labels = Field(default_factory=list)
    locked: Flag = Field(default=False, validation_alias="lockAfterCreate")
    identifier: Flag = Field(default=False, validation_alias="isLeadid")


class FieldList(_Shape):
    """GET /custom-fields; an item is a FieldRow."""

    fields: list[Any] = Field(validation_alias="customFields")


class ActionFieldRow(_Shape):
    """One field of a custom action."""

    type: Label = ""
    options: Labels = Field(default_factory=list)


class ActionTypeRow(_Shape):
    """An item of GET /custom-actions, or the answer of GET /custom-actions/{code}; a field is an ActionFieldRow."""

    code: Annotated[str, Field(coerce_numbers_to_str=True)]
    name: Label = Field(default="", validation_alias=AliasChoices("displayName", "name"))
    source: Label = "USER"
    fields: Annotated[dict[str, Any] | None, BeforeValidator(_schema)] = Field(
        default=None, validation_alias="fieldSchema"
    )


class ActionTypeList(_Shape):
    """GET /custom-actions; an item is an ActionTypeRow."""

    actions: list[Any] = Field(validation_alias="customActions")


class StageRow(_Shape):
    """A stage of the documented pipeline."""

    type: Any = Field(default="", validation_alias=AliasChoices("stageType", "type", "stage", "category"))
    active: Labels = Field(default_factory=list, validation_alias="activeStatuses")
    archived: Labels = Field(default_factory=list, validation_alias="archivedStatuses")


class StatusRow(_Shape):
    """A status of the live shape: its stage stands beside its label."""

    label: Label = Field(default="", validation_alias=AliasChoices("label", "statusLabel", "name", "status"))
    type: Any = Field(default="", validation_alias=AliasChoices("stageType", "type", "stage", "category"))
    archived: Flag = Field(default=False, validation_alias=AliasChoices("archived", "isArchived"))


class Pipeline(_Shape):
    """GET /lead-stage-pipeline, in the documented or the live shape: StageRows, or StatusRows."""

    stages: Annotated[list[Any], BeforeValidator(_list)] = Field(
        default_factory=list, validation_alias="leadStages"
    )
    statuses: Annotated[list[Any], BeforeValidator(_list)] = Field(default_factory=list)
    reasons: Labels = Field(
        default_factory=list, validation_alias=AliasChoices("activeLeadLostReasons", "lostReasons")
    )
    archived_reasons: Labels = Field(
        default_factory=list, validation_alias=AliasChoices("archivedLeadLostReasons", "archivedLostReasons")
    )


class MemberRow(_Shape):
    """A row of GET /team-members."""

    email: Label = ""
    name: Label = ""
    status: Label = ""


def stage_of(raw: Any) -> Literal["OPEN", "WON", "LOST", ""]:
    """Return the stage that a stage type names; empty when it is none of the three."""
    match str(raw).strip().upper() if isinstance(raw, str) else "":
        case "OPEN" | "WON" | "LOST" as stage:
            return stage
        case _:
            return ""
