"""A lead as read, whatever spelling the service used (docs/api.md §5.2, §5.4, §8.3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from leadops.model.values import Value

UNREADABLE_HELP = "correct it in the CRM; all other leads go on"
"""What to do about a lead that cannot be read."""


@dataclass(frozen=True, slots=True)
class TimelineAction:
    """One entry of a lead's timeline.

    Attributes:
        id: the action's id; None where the service does not tell it.
        type: custom types as the bare code (``1001``), built-in ones by enum.
        at_ms: when it was written, epoch ms on the server's clock; None where unknown.
        performer: a member's e-mail; another text for an automation; empty for the system.
        fields: the action's values; for payments status, currency, amount; for notes text; for calls duration.
    """

    id: str | None
    type: str
    at_ms: int | None
    performer: str
    fields: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Lead:
    """One lead.

    Attributes:
        id: 24 hex; None where search rows carry none (docs/api.md §14.1).
        fields: by API name; status, assignee, rating, created_on and modified_on always here, never beside.
        timeline: newest first; None when it was not read.
        unreadable: why the service's row cannot be relied on; empty when it can. Such a lead is named and never written.
    """

    id: str | None
    fields: Mapping[str, Value] = field(default_factory=dict)
    timeline: tuple[TimelineAction, ...] | None = None
    unreadable: str = ""

    @property
    def name(self) -> str:
        """The lead's name, or an empty text."""
        value = self.fields.get("name")
        return value if isinstance(value, str) else ""

    @property
    def created_ms(self) -> int | None:
        """When the lead was created, epoch ms; None where unknown."""
        value = self.fields.get("created_on")
        return int(value) if isinstance(value, int | float) else None
