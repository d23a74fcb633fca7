"""What one write request is known to have done (docs/reliability.md, "Outcome of a request")."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from leadops.model.lead import TimelineAction
from leadops.model.values import Value


class Delivery(StrEnum):
    """What is known of a write after it was tried once."""

    ACKED = "acked"
    """2xx with a well-shaped answer; per-entry verdicts stand in the reply."""
    REJECTED = "rejected"
    """The application refused it (4xx in the API's envelope): nothing was written."""
    THROTTLED = "throttled"
    """429: nothing was written; may be sent again after the pause."""
    NOT_SENT = "not_sent"
    """No byte of the request left this machine."""
    OUTDATED = "outdated"
    """No byte of the request left this machine: what was read of the lead had grown too old when its turn came."""
    UNKNOWN = "unknown"
    """It may have been applied: reset, timeout, truncated or malformed answer, 5xx."""
    BLOCKED = "blocked"
    """Something that is not the API answered (an HTML page, a redirect with 4xx): stop the run."""
    DENIED = "denied"
    """401, 402 or 403 about the token or licence: stop the run."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The verdict on one action of a request, in request order."""

    action_id: str | None
    created: bool


@dataclass(frozen=True, slots=True)
class Words:
    """A remark as the service wrote it: the path and its text."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back.

    Attributes:
        status: HTTP status; None when there was no answer.
        code, message: of the API's error envelope, or our one sentence; never holds a token.
        retry_after_s: clamped, of a 429 or 503; None when absent or unreadable.
        lead_id: of a create; of other writes, where the answer says so, the lead that it is about.
        fields: of an update: the lead's current fields as echoed, normalised like a Lead's; None when absent.
        entries: of a create or append: one per action sent.
        remarks: of a create or append.
        action: of an action update: the action as it stands now.
        sent_ms: when the request was handed to the transport, epoch ms on the server-corrected clock.
        done_ms: when it ended, on the same clock.
    """

    delivery: Delivery
    status: int | None = None
    code: str = ""
    message: str = ""
    retry_after_s: float | None = None
    lead_id: str | None = None
    fields: Mapping[str, Value] | None = None
    entries: tuple[Entry, ...] = ()
    remarks: tuple[Words, ...] = ()
    action: TimelineAction | None = None
    sent_ms: int = 0
    done_ms: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
