"""What the journal remembers: runs, ops with their intents and outcomes, and the appends that were made.

No values of leads: those stand in the run folder. A text that the service wrote may quote one and is kept in
``OpRecord.detail`` only, which ``forget`` empties.
"""

from dataclasses import dataclass
from enum import StrEnum


class OpState(StrEnum):
    """How far an op came."""

    INTENT = "intent"
    """It may have been sent; what became of it is not known."""
    UNSENT = "unsent"
    """It is known not to have been applied; it may be sent again."""
    SETTLED = "settled"
    """Its outcome is known, or known to be in doubt."""


class RunState(StrEnum):
    """How far a run came."""

    RUNNING = "running"
    """Not ended: at work, or killed."""
    STOPPED = "stopped"
    """Ended early (a signal, the token, the network); ``resume`` and ``run`` go on with it."""
    WAITING = "waiting"
    """Its canary waits for ``resume RUN --confirm-canary``."""
    DONE = "done"


class MadeState(StrEnum):
    """What is known of an append by its op key."""

    INTENT = "intent"
    MADE = "made"
    DOUBT = "doubt"


@dataclass(frozen=True, slots=True)
class Made:
    """An append that stands, or may stand, on a timeline.

    Attributes:
        key: its op key.
        payload: hash of its type and fields: another one is another text of the same op.
    """

    key: str
    state: MadeState
    run: str
    lead_id: str | None
    type: str
    payload: str
    action_id: str | None
    at_ms: int


@dataclass(frozen=True, slots=True)
class Intent:
    """Written, durable, before a request may leave.

    Attributes:
        key: of the change; a create's appends have intents of their own.
        attempt: 1 for the first sending.
        at_ms: epoch ms on the server-corrected clock.
        once: True for an append that is made once by its key.
    """

    run: str
    key: str
    attempt: int
    step: int
    kind: str
    lead_id: str | None
    type: str
    payload: str
    at_ms: int
    once: bool = False


@dataclass(frozen=True, slots=True)
class Unsent:
    """The intent's request is known to have done nothing."""

    run: str
    key: str
    at_ms: int
    reason: str


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a change.

    Attributes:
        outcome: of model.run.Outcome.
        detail: JSON of the remarks and of the fields' outcomes.
        step, kind, type, payload: as in the intent; there may have been none (a stale lead).
        by: ``engine``, or ``hand`` for ``resolve``.
    """

    run: str
    key: str
    outcome: str
    evidence: str
    reason: str
    action_id: str | None
    lead_id: str | None
    detail: str
    at_ms: int
    step: int
    kind: str
    type: str
    payload: str
    once: bool = False
    by: str = "engine"


Entry = Intent | Unsent | Settled


@dataclass(frozen=True, slots=True)
class OpRecord:
    """An op as the journal has it."""

    run: str
    key: str
    state: OpState
    attempt: int
    step: int
    kind: str
    lead_id: str | None
    type: str
    payload: str
    intent_ms: int
    outcome: str
    evidence: str
    reason: str
    action_id: str | None
    detail: str
    done_ms: int


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run.

    Attributes:
        playbook: sha256 of the canonical playbook.
        plan: names one making of a plan; a plan is applied once.
        folder: the run folder's path.
        exit_code: None until it ended.
        calls_read, calls_write: requests, over all its sittings.
    """

    id: str
    enterprise: str
    playbook: str
    title: str
    digest: str
    plan: str
    folder: str
    state: RunState
    started_ms: int
    finished_ms: int | None = None
    exit_code: int | None = None
    exit_reason: str = ""
    calls_read: int = 0
    calls_write: int = 0


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """A row of the journal that is not as it was written."""

    table: str
    row: str
    message: str
