"""The published shape of a saved plan (docs/machine-forms.md), as models that take nothing else."""

from datetime import MAXYEAR, MINYEAR, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from leadops.core.diagnostics import Diagnostic, Severity
from leadops.core.positions import Span
from leadops.core.time_zones import zone_of
from leadops.model.change import ActionSpec, Change, FieldChange, Kind, LeadRef
from leadops.model.lead import Lead, TimelineAction
from leadops.model.plan import Parameter
from leadops.model.predicate import Window
from leadops.model.saved import Belt, Message, PlanCalls, Refusal, SavedPlan, SavedStep, SearchUse
from leadops.model.schema import FieldType
from leadops.model.values import Value


def to_ms(text: object) -> int:
    """Return an instant as epoch milliseconds; the other way round is ``model.forms.instant``."""
    if not isinstance(text, str):
        raise ValueError("an instant is a text")  # noqa: TRY004 (pydantic's word for a bad value)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("an instant has a zone")
    if not MINYEAR < moment.year < MAXYEAR:  # in another zone it must be a day too
        raise ValueError(f"an instant lies in the years {MINYEAR + 1} to {MAXYEAR - 1}")
    return round(moment.timestamp() * 1000)


def to_value(value: object) -> Value:
    """Return a JSON value as a field's value: a list is a tuple of tags."""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(value)
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise ValueError("a value is a text, a number, true, false, null or a list of texts")


Instant = Annotated[int, BeforeValidator(to_ms)]
Count = Annotated[int, Field(ge=0, le=10**12)]
AnyValue = Annotated[Any, BeforeValidator(to_value)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class LeadRefForm(_Form):
    """A lead by name."""

    id: str | None
    identifier: str
    name: str

    def model(self) -> LeadRef:
        """Return what it says."""
        return LeadRef(self.id, self.identifier, self.name)


class WindowForm(_Form):
    """A window; ``end`` is exclusive."""

    start: Instant
    end: Instant
    first_day: str
    last_day: str
    text: str
    moving: bool

    def model(self) -> Window:
        """Return what it says."""
        return Window(self.start, self.end, self.first_day, self.last_day, self.text, self.moving)


class _Pair(_Form):
    before: AnyValue
    after: AnyValue


class _ActionForm(_Form):
    type: str
    fields: dict[str, AnyValue]


class ChangeForm(_Form):
    """One change of a plan."""

    kind: Kind
    lead: LeadRefForm
    fields: dict[str, _Pair]
    action: _ActionForm | None
    key: str
    step: int
    types: dict[str, FieldType]
    action_types: dict[str, FieldType]
    target_action_id: str | None
    with_create: bool
    occurrence: WindowForm | None
    each_run: bool
    depends: str
    row: int | None

    def model(self) -> Change:
        """Return what it says; raises ValueError when a field has no type."""
        if set(self.types) != set(self.fields):
            raise ValueError("a change names the type of each of its fields, and of no other")
        action = None
        if self.action is not None:
            action = ActionSpec(
                self.action.type, self.action.fields, self.action_types, self.target_action_id
            )
        return Change(
            self.key,
            self.step,
            self.kind,
            self.lead.model(),
            {name: FieldChange(one.before, one.after, self.types[name]) for name, one in self.fields.items()},
            action,
            self.with_create,
            self.occurrence.model() if self.occurrence else None,
            self.each_run,
            self.depends,
            self.row,
        )


class _RefusalForm(_Form):
    lead: LeadRefForm
    outcome: Literal["rejected", "skipped_by_guard"]
    reason: str
    help: str
    field: str
    value: str
    row: int | None

    def model(self) -> Refusal:
        return Refusal(
            self.lead.model(), self.reason, self.help, self.outcome, self.field, self.value, self.row
        )


class _EntryForm(_Form):
    id: str | None
    type: str
    at: Instant | None
    performer: str
    fields: dict[str, AnyValue]


class _LeadForm(_Form):
    id: str | None
    fields: dict[str, AnyValue]
    timeline: list[_EntryForm] | None

    def model(self) -> Lead:
        timeline = None
        if self.timeline is not None:
            timeline = tuple(TimelineAction(e.id, e.type, e.at, e.performer, e.fields) for e in self.timeline)
        return Lead(self.id, self.fields, timeline)


class _SearchForm(_Form):
    body: dict[str, Any]
    count: Count
    pages: Count


class _MessageForm(_Form):
    to: str
    parts: list[str]
    secrets: list[str]
    lead: LeadRefForm | None
    needs_change: bool

    def model(self) -> Message:
        if len(self.parts) != len(self.secrets) + 1:
            raise ValueError("a message has one part more than secrets")
        return Message(
            self.to,
            tuple(self.parts),
            tuple(self.secrets),
            None if self.lead is None else self.lead.model(),
            self.needs_change,
        )


class _StepForm(_Form):
    name: str
    matched: Count
    compliant: Count
    windows: list[WindowForm]
    searches: list[_SearchForm]
    changes: list[ChangeForm]
    refused: list[_RefusalForm]
    notes: list[str]
    explain: list[str]
    read: list[_LeadForm]
    messages: list[_MessageForm] = []
    query: dict[str, Any] | None = None

    def model(self) -> SavedStep:
        return SavedStep(
            self.name,
            self.matched,
            self.compliant,
            tuple(one.model() for one in self.windows),
            tuple(SearchUse(one.body, one.count, one.pages) for one in self.searches),
            tuple(one.model() for one in self.changes),
            tuple(one.model() for one in self.refused),
            tuple(self.notes),
            tuple(self.explain),
            tuple(one.model() for one in self.read),
            tuple(one.model() for one in self.messages),
            self.query,
        )


class _BeltForm(_Form):
    name: Literal["leads", "percent", "calls"]
    limit: float
    count: float
    origin: Literal["default", "playbook", "flag", "override"]
    exceeded: bool
    reason: str


class _CallsForm(_Form):
    reads: Count
    writes: Count
    bound: Count
    eta_seconds: Count


class _ParameterForm(_Form):
    name: str
    type: str
    text: str
    secret: bool


class _DiagnosticForm(_Form):
    code: str
    severity: Severity
    message: str
    file: str | None
    line: int | None
    column: int | None
    end_line: int | None
    end_column: int | None
    help: str

    def model(self) -> Diagnostic:
        span = None
        if self.file is not None:
            line, column = self.line or 1, self.column or 1
            span = Span(self.file, line, column, self.end_line or line, self.end_column or column, 0, 0)
        return Diagnostic(self.code, self.severity, self.message, span, self.help)


class PlanForm(_Form):
    """A plan."""

    format_version: Literal[1]
    digest: str
    workspace: str
    workspace_name: str
    title: str
    clock: Instant
    made: Instant
    nonce: str
    timezone: str
    timezone_origin: str
    calls: _CallsForm
    belts: list[_BeltForm]
    appliable: bool
    refusals: list[str]
    steps: list[_StepForm]
    parameters: list[_ParameterForm]
    warnings: list[_DiagnosticForm]
    canonical: str
    sources: dict[str, str]
    asked: dict[str, str]
    schema_hash: str
    journal: str
    sandbox: bool
    unchecked: bool
    version: str
    seal: dict[str, Any]

    def model(self) -> SavedPlan:
        """Return what it says; raises ValueError when it holds no playbook or no time zone."""
        if not self.sources:
            raise ValueError("it holds no playbook")
        if zone_of(self.timezone) is None:
            raise ValueError("its timezone is none")
        return SavedPlan(
            digest=self.digest,
            workspace=self.workspace,
            workspace_name=self.workspace_name,
            title=self.title,
            canonical=self.canonical,
            schema_hash=self.schema_hash,
            clock_ms=self.clock,
            timezone=self.timezone,
            timezone_origin=self.timezone_origin,
            made_ms=self.made,
            calls=PlanCalls(self.calls.reads, self.calls.writes, self.calls.bound, self.calls.eta_seconds),
            belts=tuple(Belt(b.name, b.limit, b.count, b.origin, b.exceeded, b.reason) for b in self.belts),
            appliable=self.appliable,
            steps=tuple(step.model() for step in self.steps),
            parameters=tuple(Parameter(p.name, p.type, p.text, p.secret) for p in self.parameters),
            refusals=tuple(self.refusals),
            warnings=tuple(one.model() for one in self.warnings),
            sources=self.sources,
            asked=self.asked,
            journal=self.journal,
            sandbox=self.sandbox,
            unchecked=self.unchecked,
            version=self.version,
            nonce=self.nonce,
        )
