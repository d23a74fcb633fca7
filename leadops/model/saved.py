"""A plan as it is shown, saved and applied: the exact changes and everything that names them.

Its JSON form is docs/machine-forms.md; state/ reads and writes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from leadops.core.diagnostics import Diagnostic
from leadops.model.change import Change, LeadRef
from leadops.model.lead import Lead
from leadops.model.plan import Parameter
from leadops.model.predicate import Window
from leadops.model.query import Body


@dataclass(frozen=True, slots=True)
class SearchUse:
    """A search of the plan and how many leads it counts."""

    body: Body
    count: int
    pages: int = 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """A lead (or a CSV row) that the plan cannot change, by name, with the reason and the remedy.

    Attributes:
        outcome: ``rejected`` (template, no id) or ``skipped_by_guard``.
    """

    lead: LeadRef
    reason: str
    help: str = ""
    outcome: Literal["rejected", "skipped_by_guard"] = "rejected"
    field: str = ""
    value: str = ""
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Belt:
    """A limit with its count.

    Attributes:
        name: leads, percent, calls, fail_percent.
        limit: the value in force; ``origin`` says who set it: default, playbook, flag or override.
        count: what this plan has of it.
    """

    name: str
    limit: float
    count: float
    origin: str
    exceeded: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A text of ``notify``, rendered when the plan was made; sent after the run.

    Attributes:
        to: a name in the profile's ``[notify]``.
        parts: the text, cut where a secret stands: one part more than ``secrets``.
        secrets: names of the parameters between the parts; their values are never saved.
        lead: whom it is about; None: the step as a whole.
        needs_change: sent only when the run changed the lead (or, without one, any lead of the step).
    """

    to: str
    parts: tuple[str, ...]
    secrets: tuple[str, ...] = ()
    lead: LeadRef | None = None
    needs_change: bool = True


LAST = "come after all others"
"""What a note says of leads that are left for the end of a step, or for another run."""


@dataclass(frozen=True, slots=True)
class SavedStep:
    """A step's selection and changes.

    Attributes:
        matched: how many leads the condition selects.
        compliant: how many of them need nothing.
        refused: leads that could not be planned.
        notes: sentences for people (missing values that ``!=`` includes, new rules, clipped limits).
        explain: the query plan as lines of a tree.
        read: leads of ``read timeline``, with their timelines; of a step that only finds, its leads, without.
        messages: what ``notify`` will send.
        query: the query plan as data; None where the leads are looked up by their identifiers.
    """

    name: str
    matched: int
    compliant: int
    windows: tuple[Window, ...] = ()
    searches: tuple[SearchUse, ...] = ()
    changes: tuple[Change, ...] = ()
    refused: tuple[Refusal, ...] = ()
    notes: tuple[str, ...] = ()
    explain: tuple[str, ...] = ()
    read: tuple[Lead, ...] = ()
    messages: tuple[Message, ...] = ()
    query: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class PlanCalls:
    """Requests: made while planning, to be made by apply, the most that the whole may make, and the seconds it takes."""

    reads: int
    writes: int
    bound: int
    eta_seconds: int


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan.

    Attributes:
        digest: sha256 hex over all that applying obeys (engine/plan/digest.py); an equal plan of another hour has it too.
        workspace: the enterprise id.
        sources: texts of the files it was compiled from, by path; the first is the playbook.
        made_ms: wall clock when it was made; a plan is at most 24 h old when applied.
        asked: what the command line and the profile asked for, by flag; lists of leads, and templates, as digests.
        nonce: names this making of it; with the digest, what makes it applied once.
        journal: mark of the journal that made it; one that does not hold it looks on the timeline first.
        refusals: why it may not be applied; empty when ``appliable``.
        sandbox: True when it was made against the embedded sandbox.
    """

    digest: str
    workspace: str
    workspace_name: str
    title: str
    canonical: str
    schema_hash: str
    clock_ms: int
    timezone: str
    timezone_origin: str
    made_ms: int
    calls: PlanCalls
    belts: tuple[Belt, ...]
    appliable: bool
    steps: tuple[SavedStep, ...]
    parameters: tuple[Parameter, ...] = ()
    refusals: tuple[str, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, str] = field(default_factory=dict)
    journal: str = ""
    sandbox: bool = False
    unchecked: bool = False
    version: str = ""
    nonce: str = ""
    format_version: Literal[1] = 1

    @property
    def changes(self) -> tuple[Change, ...]:
        """Every change, in the order of the steps."""
        return tuple(change for step in self.steps for change in step.changes)

    @property
    def rejected(self) -> tuple[Refusal, ...]:
        """Every refused lead that nobody asked to leave out: findings, for a plan as for a run."""
        return tuple(one for one in self.refused if one.outcome == "rejected")

    @property
    def refused(self) -> tuple[Refusal, ...]:
        """Every refused lead, in the order of the steps."""
        return tuple(refusal for step in self.steps for refusal in step.refused)
