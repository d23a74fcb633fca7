"""One sitting of a run: what all its workers share, and where outcomes are written down."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from leadops.core.crash_point import crashpoint
from leadops.core.errors import LeadopsError, TemporaryError
from leadops.core.exit_codes import Exit
from leadops.engine.apply.context.budget import AmbiguityBudget, Gate, Pace, Quota
from leadops.engine.apply.context.readback import ReadBack
from leadops.engine.op_keys import payload
from leadops.engine.plan.options import ApplyOptions
from leadops.engine.plan.tried import signs_of
from leadops.engine.ports import Journal, RunFolder, Writer
from leadops.model.change import Change, Kind
from leadops.model.journal import Entry, Intent, OpRecord, OpState, RunState, Settled, Unsent
from leadops.model.plan import Plan
from leadops.model.run import Outcome, Remark, Result
from leadops.model.saved import SavedPlan
from leadops.planner.ports import Reader

APPENDS = frozenset({Kind.APPEND, Kind.PAYMENT})
_MAY_CHANGE = frozenset(
    {Outcome.CHANGED, Outcome.CREATED, Outcome.IN_DOUBT, Outcome.IGNORED_BY_CRM, Outcome.GHOST}
)


@dataclass(frozen=True, slots=True)
class Halt:
    """Why nothing more is sent.

    Attributes:
        exit_code: of the process, if nothing was written.
        state: what becomes of the run.
    """

    exit_code: int
    reason: str
    state: RunState = RunState.STOPPED


@dataclass(slots=True)
class Sitting:
    """What the workers of a run share.

    Attributes:
        run: the run's id.
        begun_ms: when this sitting began, server-corrected.
        foreign: the journal lacks history: appends are first looked for on the timeline.
        results: outcomes known so far, by key of the change.
        prior: what earlier sittings left in the journal.
        created: ids of leads made by this run, by identifier.
        taken: ids of the actions that results of this run stand for, by the lead's id.
        unclean: results that leave something to do, by the lead's identifier (its id where it has none).
        misled: leads about which an answer was not although it should have been: nothing more is sent to them.
        written: leads (ids; ``~`` and the identifier of those without) that a write of this run may have changed.
        loose: outcomes that are not durable yet.
        sent: requests that were made; ``wrote``: those that may have written.
        closed: why nothing new may be sent; doubts are settled nevertheless.
        planned: ids of the plan's leads.
        tripped: why the step at hand sends nothing more; empty while it may.
    """

    run: str
    saved: SavedPlan
    plan: Plan
    reader: Reader
    writer: Writer
    journal: Journal
    folder: RunFolder
    options: ApplyOptions
    begun_ms: int = 0
    foreign: bool = False
    results: dict[str, Result] = field(default_factory=dict)
    prior: Mapping[str, OpRecord] = field(default_factory=dict)
    created: dict[str, str] = field(default_factory=dict)
    taken: dict[str, frozenset[str]] = field(default_factory=dict)
    unclean: dict[str, list[Result]] = field(default_factory=dict)
    misled: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)
    loose: dict[str, Result] = field(default_factory=dict)
    sent: int = 0
    wrote: int = 0
    closed: str = ""
    tripped: str = ""
    halted: Halt | None = None
    quota: Quota = field(default_factory=Quota)
    budget: AmbiguityBudget = field(default_factory=AmbiguityBudget)
    pace: Pace = field(default_factory=Pace)
    gate: Gate = field(init=False)
    slots: asyncio.Semaphore = field(init=False)
    planned: frozenset[str] = field(init=False)
    readback: ReadBack = field(init=False)

    def __post_init__(self) -> None:
        self.gate = Gate(self.options.clock, self.options.stop)
        self.slots = asyncio.Semaphore(self.options.in_flight)
        self.planned = frozenset(one.lead.id for one in self.saved.changes if one.lead.id is not None)
        self.readback = ReadBack(self.plan, self.reader, self.options.ids)

    @property
    def country_code(self) -> str:
        """Of phones without one."""
        return self.plan.country_code

    def now_ms(self) -> int:
        """Return the wall clock, corrected by the server's."""
        return self.options.clock.now_ms() + self.reader.skew_ms

    async def hear_the_clock(self) -> None:
        """Let the service say what time it is, where nothing was asked of it yet; then the sitting begins.

        An intent's instant is on the service's clock. Before this machine knows how far it is off, it can neither
        write one down nor tell how long ago an earlier process did.

        Raises:
            LeadopsError: the service cannot be asked.
        """
        if not self.reader.calls.total:
            await self.reader.search({}, 0, 1)
        self.begun_ms = self.now_ms()

    def lead_id(self, change: Change) -> str | None:
        """Return the id of the change's lead; of one made by this run too."""
        return change.lead.id or self.created.get(change.lead.identifier)

    def is_known(self, lead_id: str | None, change: Change) -> bool:
        """Whether ``lead_id`` is the id of another lead than the one of ``change``."""
        others = (one for name, one in self.created.items() if name != change.lead.identifier)
        return lead_id is not None and (lead_id in self.planned or lead_id in others)

    def queues(self, change: Change) -> bool:
        """Whether ``change`` goes by the async lane: an update under ``lane async``, of a lead that was there."""
        asynchronous = self.plan.limits.lane == "async" and change.kind is Kind.UPDATE
        return asynchronous and change.lead.identifier not in self.created

    # ── stopping ─────────────────────────────────────────────────────────────────────────────────

    def halt(self, exit_code: int, reason: str, state: RunState = RunState.STOPPED) -> None:
        """Send nothing more; the first reason counts."""
        if self.halted is None:
            self.halted = Halt(exit_code, reason, state)

    def halt_by(self, error: LeadopsError) -> None:
        """Send nothing more because of a failure of the world."""
        self.halt(int(error.exit_code), error.message)

    @property
    def stopping(self) -> bool:
        """Whether nothing more may be sent."""
        stop = self.options.stop
        if self.halted is None and stop.check(self.options.clock):
            self.halt(stop.exit_code, stop.reason)
        return self.halted is not None

    def barred(self, change: Change, *, probing: bool) -> bool:
        """Whether a guard forbids by now to send ``change``; ``probing``: to find out whether it may be lifted."""
        held = change.kind in APPENDS and self.budget.tripped and not probing
        return held or bool(self.tripped)

    # ── the journal ──────────────────────────────────────────────────────────────────────────────

    async def intend(self, changes: Iterable[Change], attempt: int, at_ms: int) -> bool:
        """Make the intent to send durable; False (and halted) when that is impossible: nothing may be sent then."""
        intents = [
            Intent(
                self.run, one.key, attempt, one.step, one.kind.value, self.lead_id(one),
                one.action.type if one.action else "", payload(one.action), at_ms, _once(one),
            )
            for one in changes
        ]  # fmt: skip
        return await self._record(intents)

    async def unsent(self, changes: Iterable[Change], reason: str) -> bool:
        """Write down that an intent's request did nothing."""
        return await self._record([Unsent(self.run, one.key, self.now_ms(), reason) for one in changes])

    def settle(self, results: Iterable[Result]) -> None:
        """Hand outcomes to the journal, tell the run folder and whoever watches.

        They are durable with the next intent, or the next ``flush``. A crash before that costs no more than a look at
        the timeline.
        """
        crashpoint("engine: before an outcome")
        for one in results:
            self.journal.post(self._entry(one))
            self.loose[one.change.key] = one
            self.note(one)

    async def flush(self) -> None:
        """Make every outcome durable that was handed over."""
        if self.loose:
            await self._record([])

    def note(self, result: Result) -> None:
        """Take a result that the journal need not know; of a lead made by this run it learns the id."""
        if result.lead_id is None and (made := self.lead_id(result.change)) is not None:
            result = replace(result, lead_id=made)
        self.keep(result)
        if result.action_id is not None and result.lead_id is not None:
            self.taken[result.lead_id] = self.taken.get(result.lead_id, frozenset()) | {result.action_id}
        if result.outcome is Outcome.CREATED and result.lead_id:
            self.created[result.change.lead.identifier] = result.lead_id
            if self.options.ids is not None:
                self.options.ids.remember([(result.change.lead.identifier, result.lead_id)])
        if not result.clean:
            lead = result.change.lead
            self.unclean.setdefault(lead.identifier or lead.id or "~", []).append(result)
        self.folder.add(result)
        if self.options.progress is not None:
            self.options.progress(result)

    def keep(self, result: Result) -> None:
        """Take a result that is known, of this sitting or an earlier one."""
        self.results[result.change.key] = result
        if result.outcome in _MAY_CHANGE:
            lead = result.change.lead
            self.written.add(lead.id or f"~{lead.identifier}")

    def open_op(self, change: Change) -> OpRecord | None:
        """Return the op if an earlier sitting left its fate unknown."""
        op = self.prior.get(change.key)
        if op is None or change.key in self.results:
            return None
        doubtful = op.state is OpState.SETTLED and op.outcome == Outcome.IN_DOUBT.value
        return op if op.state is OpState.INTENT or doubtful else None

    async def _record(self, entries: Iterable[Entry]) -> bool:
        along = list(self.loose)
        try:
            await self.journal.record(*entries)
        except TemporaryError as error:
            self.halt_by(error)
            self._keep(along)
            return False
        for key in along:
            self.loose.pop(key, None)
        return True

    def _keep(self, keys: Iterable[str]) -> None:
        """Keep outcomes that the journal could not take where they may yet be read."""
        for key in keys:
            one = self.loose.pop(key, None)
            if one is not None:
                known = {
                    "key": key,
                    "outcome": one.outcome.value,
                    "action_id": one.action_id,
                    "lead_id": one.lead_id,
                }
                self.folder.emergency(json.dumps(known))

    def _entry(self, result: Result) -> Settled:
        change = result.change
        return Settled(
            self.run, change.key, result.outcome.value, result.evidence, result.reason, result.action_id,
            result.lead_id or self.lead_id(change), detail_of(result), self.now_ms(), change.step, change.kind.value,
            change.action.type if change.action else "", payload(change.action), _once(change),
        )  # fmt: skip


def detail_of(result: Result) -> str:
    """Return the remarks, the fields' outcomes and signs of their values as JSON; empty when there are none."""
    signs = signs_of(result.change) if result.change.action is None else {}
    if not (result.remarks or result.fields or signs):
        return ""
    return json.dumps(
        {
            "signs": signs,
            "remarks": [[one.field, one.name, one.value, one.words] for one in result.remarks],
            "fields": {name: one.value for name, one in result.fields.items()},
        }
    )


def result_of(change: Change, op: OpRecord) -> Result:
    """Return the result that an earlier sitting wrote down."""
    detail = json.loads(op.detail) if op.detail else {"remarks": [], "fields": {}}
    return Result(
        change,
        Outcome(op.outcome),
        op.evidence,
        op.reason,
        tuple(
            Remark(path, name, tuple(value) if isinstance(value, list) else value, words)
            for path, name, value, words in detail["remarks"]
        ),
        op.action_id,
        op.lead_id,
        {name: Outcome(one) for name, one in detail["fields"].items()},
    )


def _once(change: Change) -> bool:
    return change.kind in APPENDS and not change.each_run


EXIT_OF_BLOCK = int(Exit.UNAVAILABLE)
