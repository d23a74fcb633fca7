"""What exists in the workspace: fields, labels, actions, statuses, members.

Stdlib dataclasses: state/ and crm/ validate them with pydantic where they cross a trust boundary
(``leadops.schema.json``, the service's metadata). Sources: docs/api.md §7 to §10.
"""

from enum import StrEnum
from typing import ClassVar, Literal

from leadops.core.fast_dataclass import record
from leadops.core.text import fold

STRICT = {"extra": "forbid"}
"""The pydantic configuration of data that only leadops writes."""


class FieldType(StrEnum):
    """How a value of a field is written, read and compared (docs/api.md §7)."""

    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"
    NUMBER = "number"
    DATE = "date"
    DROPDOWN = "dropdown"
    TAGS = "tags"
    MONEY = "money"
    WEBSITE = "website"
    MEDIALINK = "medialink"
    MEMBER = "member"
    RATING = "rating"
    STATUS = "status"
    LOST_REASON = "lost_reason"
    CHECKBOX = "checkbox"


@record()
class Field:
    """A lead field.

    Attributes:
        api_name: the key in requests; case-sensitive.
        type: how its values behave.
        label: what people see in the CRM, where metadata tells it.
        options: labels of a dropdown or tags field.
        identifier: True for the one field that names a lead (docs/api.md §7); never set by an update.
        locked: True when it cannot change after the create.
        read_only: True for the service's own stamps (created_on, modified_on).
    """

    __pydantic_config__: ClassVar = STRICT

    api_name: str
    type: FieldType
    label: str | None = None
    options: tuple[str, ...] = ()
    identifier: bool = False
    locked: bool = False
    read_only: bool = False


@record()
class ActionField:
    """A field of a custom action."""

    __pydantic_config__: ClassVar = STRICT

    key: str
    type: FieldType
    options: tuple[str, ...] = ()


@record()
class ActionType:
    """A custom action.

    Attributes:
        code: the bare numeric code, ``1001``; metadata's ``ACTION_1001`` without its prefix.
        name: what people call it, ``Site visit``.
        writable: False for built-in (``source: SYSTEM``) entries.
    """

    __pydantic_config__: ClassVar = STRICT

    code: str
    name: str
    fields: tuple[ActionField, ...] = ()
    writable: bool = True


@record()
class Label:
    """A status or a lost reason.

    Attributes:
        stage: OPEN, WON or LOST for a status; empty for a lost reason.
        archived: fine in conditions, an error in ``set``.
    """

    __pydantic_config__: ClassVar = STRICT

    label: str
    stage: Literal["OPEN", "WON", "LOST", ""] = ""
    archived: bool = False


@record()
class Member:
    """A team member; the e-mail is the key.

    Attributes:
        former: True for deleted members: fine in conditions, an error in ``set``.
    """

    __pydantic_config__: ClassVar = STRICT

    email: str
    name: str
    former: bool = False


@record()
class Schema:
    """A workspace as its metadata describes it.

    Attributes:
        enterprise_id: which workspace.
        pulled_at_ms: when it was read, epoch ms; not part of what it says.
    """

    __pydantic_config__: ClassVar = STRICT

    enterprise_id: str
    name: str
    pulled_at_ms: int
    fields: tuple[Field, ...]
    actions: tuple[ActionType, ...] = ()
    statuses: tuple[Label, ...] = ()
    lost_reasons: tuple[Label, ...] = ()
    members: tuple[Member, ...] = ()
    format_version: Literal[1] = 1

    @property
    def identifier(self) -> Field:
        """The field that names a lead; ``phone`` where metadata marks none."""
        return next((f for f in self.fields if f.identifier), None) or Field(
            "phone", FieldType.PHONE, identifier=True
        )

    def field(self, api_name: str) -> Field | None:
        """Return the field of exactly this API name."""
        return next((f for f in self.fields if f.api_name == api_name), None)

    def action(self, code_or_name: str) -> ActionType | None:
        """Return the action of this code (``1001`` or ``ACTION_1001``) or name (folded)."""
        code = code_or_name.removeprefix("ACTION_")
        wanted = fold(code_or_name)
        return next((a for a in self.actions if a.code == code), None) or next(
            (a for a in self.actions if fold(a.name) == wanted), None
        )

    def labels(self, field: Field) -> tuple[str, ...]:
        """Return every label that a value of ``field`` may have now, archived ones and former members included."""
        match field.type:
            case FieldType.STATUS:
                return tuple(label.label for label in self.statuses)
            case FieldType.LOST_REASON:
                return tuple(label.label for label in self.lost_reasons)
            case FieldType.MEMBER:
                return tuple(member.email for member in self.members)
            case FieldType.RATING:
                return ("1", "2", "3", "4", "5")
            case _:
                return field.options
