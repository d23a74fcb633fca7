"""What became of the changes: outcomes with their evidence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from leadops.model.change import Change
from leadops.model.query import Calls
from leadops.model.values import Value


class Outcome(StrEnum):
    """What became of a change, or of one field of it. Every change has exactly one."""

    CHANGED = "changed"
    ALREADY = "already"
    CREATED = "created"
    IGNORED_BY_CRM = "ignored_by_crm"
    REJECTED = "rejected"
    STALE = "stale"
    SKIPPED_BY_GUARD = "skipped_by_guard"
    IN_DOUBT = "in_doubt"
    NOT_ATTEMPTED = "not_attempted"
    GHOST = "ghost"


CLEAN = frozenset({Outcome.CHANGED, Outcome.ALREADY, Outcome.CREATED})
"""Outcomes that leave nothing to do; any other makes the exit code 3."""


@dataclass(frozen=True, slots=True)
class Remark:
    """The service's own words about a value.

    Attributes:
        field: the path as the service names it: ``fields.rating``, ``actions[0].fields.email``.
        name: the API name or action key inside that path; empty where it cannot be told.
        value: what was sent.
        words: the service's text, verbatim.
    """

    field: str
    name: str
    value: Value
    words: str


@dataclass(frozen=True, slots=True)
class Result:
    """A change and what became of it.

    Attributes:
        outcome: of the change as a whole; for a create ``created`` once the lead exists.
        evidence: how it is known: ``echo``, ``created``, ``timeline``, ``journal``, ``reply``, ``read``, or empty.
        reason: one sentence where the outcome is not clean.
        fields: outcome by field where it differs from the change's own.
    """

    change: Change
    outcome: Outcome
    evidence: str = ""
    reason: str = ""
    remarks: tuple[Remark, ...] = ()
    action_id: str | None = None
    lead_id: str | None = None
    fields: Mapping[str, Outcome] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        """Whether the change and all of its fields are as asked."""
        return self.outcome in CLEAN and all(o in CLEAN for o in self.fields.values())


@dataclass(frozen=True, slots=True)
class RunResult:
    """A finished or stopped run.

    Attributes:
        exit_reason: one sentence: why this exit code.
        started_ms, finished_ms: wall clock, epoch ms.
    """

    run: str
    plan_digest: str
    exit_code: int
    exit_reason: str
    results: tuple[Result, ...]
    calls: Calls
    started_ms: int
    finished_ms: int

    @property
    def outcomes(self) -> dict[str, int]:
        """Counts by outcome, zeros included; a field that differs from its change counts on its own."""
        counts = dict.fromkeys((o.value for o in Outcome), 0)
        for result in self.results:
            counts[result.outcome] += 1
            for outcome in result.fields.values():
                counts[outcome] += outcome is not result.outcome
        return counts
