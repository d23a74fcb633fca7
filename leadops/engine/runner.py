"""The steps of a run: chains of leads, several at a time, doubts settled beside them, guards watched."""

import asyncio
import itertools
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial

from leadops.core.errors import LeadGoneError, LeadopsError, UnreadableError
from leadops.engine.chain import Chain, Doubt, Progress, chains_of, obstacle
from leadops.engine.foreign import look_first
from leadops.engine.identity import MISLED
from leadops.engine.reconcile import reconcile
from leadops.engine.sending import send
from leadops.engine.sitting import APPENDS, Sitting, result_of
from leadops.engine.staleness import Rechecker
from leadops.engine.together import first_failure
from leadops.model.change import Change, Kind
from leadops.model.journal import MadeState, OpState, RunState
from leadops.model.plan import Step
from leadops.model.run import Outcome, Result

FAILURES = frozenset({Outcome.REJECTED, Outcome.IGNORED_BY_CRM, Outcome.IN_DOUBT, Outcome.GHOST})
"""Outcomes that ``stop when`` counts."""

_CRASH_MS = 1_000_000
"""No request leaves later than this after its intent: an intent grows no older than ``OLDEST_MS`` before its turn, and
longer than a quarter of an hour the client lets no write wait (a 429's longest pause; the queue of a low rate)."""


_ROUNDS = 20
"""How often a lead is read again before one write of it: more shows that requests come too slowly ever to be in time."""
_TOO_SLOW = (
    "requests are so slow that a lead that was read cannot be written within a minute: raise the rate, or let fewer "
    "others use the quota"
)
_MISLED = "an answer about this lead was about another one: nothing more is sent to it"
_WORKERS = 4
"""Workers for each request in flight: most of them wait for the disk, together, while one waits for the network."""


@dataclass(slots=True)
class Runner:
    """Runs every step of a sitting."""

    sitting: Sitting
    rechecker: Rechecker = field(init=False)
    _queue: deque[Chain] = field(default_factory=deque)
    _hands: dict[str, Chain] = field(default_factory=dict)
    _held: list[Chain] = field(default_factory=list)
    _bad: set[str] = field(default_factory=set)
    _closed: bool = False

    def __post_init__(self) -> None:
        self.rechecker = Rechecker(self.sitting)

    async def run(self) -> None:
        """Run the steps in order; results stand in the sitting."""
        for index, step in enumerate(self.sitting.plan.steps):
            if self.sitting.halted is not None:
                return
            await self._step(index, step)

    # ── a step ───────────────────────────────────────────────────────────────────────────────────

    async def _step(self, index: int, step: Step) -> None:
        changes = self.sitting.saved.steps[index].changes
        read_ms = self.sitting.options.read_ms
        chains = chains_of(changes, index, 0 if read_ms is None else read_ms + self.sitting.reader.skew_ms)
        for chain in chains:
            self._recall(chain)
        self.sitting.tripped = ""
        self._bad = {chain.lead for chain in chains if self._failed(chain)}
        first, rest = chains, list[Chain]()
        if step.canary is not None:
            first, rest = chains[: step.canary.count], chains[step.canary.count :]
        await self._chains(first, chains, step)
        if (
            rest
            and not self.sitting.tripped
            and self.sitting.halted is None
            and await self._canary(step, first)
        ):
            await self._chains(rest, chains, step)
        if self.sitting.tripped:
            self._skip(chains, self.sitting.tripped)
            self.sitting.halt(3, self.sitting.tripped, RunState.DONE)

    def _recall(self, chain: Chain) -> None:
        """Take over what earlier sittings know of the chain."""
        for change in chain.changes:
            op = self.sitting.prior.get(change.key)
            if op is None:
                continue
            if op.state is OpState.SETTLED and op.outcome != Outcome.IN_DOUBT.value:
                continue
            if op.state is OpState.SETTLED and op.evidence == MISLED:
                self.sitting.misled.add(chain.lead)
            if op.state is not OpState.UNSENT:
                latest = max(op.intent_ms, min(self.sitting.begun_ms, op.intent_ms + _CRASH_MS))
                doubt = Doubt(op.attempt, op.intent_ms, latest, "the run was interrupted")
                chain.earlier[change.key] = doubt

    async def _canary(self, step: Step, first: Sequence[Chain]) -> bool:
        assert step.canary is not None
        done = tuple(r for chain in first for c in chain.changes if (r := self.sitting.results.get(c.key)))
        if step.canary.then == "continue":
            bad = sum(not result.clean for result in done)
            if not bad:
                return True
            self.sitting.halt(
                3,
                f"the canary of step “{step.name}” failed: {'a change is' if bad == 1 else f'{bad} changes are'} not as asked",
                RunState.DONE,
            )
            return False
        options = self.sitting.options
        if options.confirm_canary:
            return True
        if options.confirm is not None and await options.confirm(done):
            return True
        self.sitting.halt(
            3, f"the canary of step “{step.name}” waits: `leadops resume {self.sitting.run} --confirm-canary`",
            RunState.WAITING,
        )  # fmt: skip
        return False

    def _stop_when(self, step: Step, chain: Chain, of_step: Sequence[Chain]) -> None:
        """Trip the step's ``stop when P % fail`` if with ``chain`` so many of its leads failed."""
        limits = [p for p in (step.stop_percent, self.sitting.options.max_fail_percent) if p is not None]
        if self._failed(chain):
            self._bad.add(chain.lead)
        if not limits or self.sitting.tripped or not self._bad:
            return
        percent = min(limits)
        if Decimal(len(self._bad) * 100) >= percent * len(of_step):
            self.sitting.tripped = f"stop when {percent} % fail: {len(self._bad)} of {len(of_step)} leads of step “{step.name}” failed"

    def _failed(self, chain: Chain) -> bool:
        results = (self.sitting.results.get(change.key) for change in chain.changes)
        return any(
            one.outcome in FAILURES or any(each in FAILURES for each in one.fields.values())
            for one in results
            if one is not None
        )

    def _skip(self, chains: Sequence[Chain], why: str) -> None:
        for chain in chains:
            for change in chain.changes:
                if change.key not in self.sitting.results:
                    self.sitting.note(
                        Result(change, Outcome.SKIPPED_BY_GUARD, "", why, lead_id=change.lead.id)
                    )

    # ── many chains ──────────────────────────────────────────────────────────────────────────────

    async def _chains(self, chains: Sequence[Chain], of_step: Sequence[Chain], step: Step) -> None:
        """Run ``chains``; appends that are held wait for one of them to prove that the service is well again."""
        await self._pool(list(chains), of_step, step)
        while self._held and self.sitting.halted is None and not self.sitting.tripped:
            held, self._held = self._held, []
            self.sitting.budget.rearm()
            probe, rest = held[0], held[1:]
            await self._whole(probe, of_step, step, probing=True)
            if self.sitting.budget.in_a_row:
                self._closed = True
                reason = "too many appends ended unknown: no more are sent; `leadops resume` goes on"
                self.sitting.halt(3, reason)
                return
            await self._pool(rest, of_step, step)

    async def _pool(self, chains: Sequence[Chain], of_step: Sequence[Chain], step: Step) -> None:
        self._queue = deque(chains)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(_WORKERS * self.sitting.options.in_flight, len(chains))):
                    group.create_task(self._worker(group, of_step, step))
        except BaseExceptionGroup as failures:
            raise first_failure(failures) from None

    async def _worker(self, group: asyncio.TaskGroup, of_step: Sequence[Chain], step: Step) -> None:
        while self._queue and self.sitting.halted is None and not self.sitting.tripped:
            chain = self._queue.popleft()
            progress = await self._advance(chain)
            if progress is Progress.HELD:
                self._held.append(chain)
            elif progress is Progress.DOUBT:
                group.create_task(self._whole(chain, of_step, step))
            self._stop_when(step, chain, of_step)
        await self.sitting.flush()

    async def _whole(
        self, chain: Chain, of_step: Sequence[Chain], step: Step, *, probing: bool = False
    ) -> None:
        """Advance a chain to its end, its doubts included; beside the workers."""
        await self._to_the_end(chain, of_step, step, probing=probing)
        await self.sitting.flush()

    async def _to_the_end(self, chain: Chain, of_step: Sequence[Chain], step: Step, *, probing: bool) -> None:
        while True:
            if chain.doubt is not None:
                op = chain.next_op(self.sitting.results)
                results = await reconcile(op, chain, self.sitting)
                if results is None and chain.doubt is not None:
                    self._unknown(op, chain)
                    return
                await self._settle(results or [])
                self._stop_when(step, chain, of_step)
            if self.sitting.tripped:
                return
            progress = await self._advance(chain, probing=probing)
            if progress is Progress.HELD:
                self._held.append(chain)
            if progress is not Progress.DOUBT:
                self._stop_when(step, chain, of_step)
                return

    def _unknown(self, op: Sequence[Change], chain: Chain) -> None:
        """Report an op whose fate the next sitting must find out; the journal keeps its intent."""
        assert chain.doubt is not None
        reason = f"{chain.doubt.why}; the run stopped before it could be looked for"
        for change in op:
            self.sitting.note(Result(change, Outcome.IN_DOUBT, "", reason, lead_id=change.lead.id))

    # ── one chain ────────────────────────────────────────────────────────────────────────────────

    async def _advance(self, chain: Chain, *, probing: bool = False) -> Progress:
        """Send the chain's ops until it is done, or cannot go on here."""
        self._hands[chain.lead] = chain
        try:
            return await self._ops(chain, probing=probing)
        finally:
            del self._hands[chain.lead]

    async def _ops(self, chain: Chain, *, probing: bool) -> Progress:
        sitting = self.sitting
        while op := chain.next_op(sitting.results):
            chain.recall(op)
            if chain.doubt is not None:
                return Progress.DOUBT
            change = op[0]
            if chain.lead in sitting.misled:
                for one in op:
                    sitting.note(Result(one, Outcome.NOT_ATTEMPTED, "", _MISLED, lead_id=one.lead.id))
                continue
            if why := obstacle(change, chain, sitting):
                for one in op:
                    sitting.note(Result(one, Outcome.NOT_ATTEMPTED, "", why, lead_id=one.lead.id))
                continue
            if sitting.closed:
                for one in op:
                    sitting.note(Result(one, Outcome.NOT_ATTEMPTED, "", sitting.closed, lead_id=one.lead.id))
                continue
            if sitting.stopping:
                return Progress.HALTED
            if not self.rechecker.stands(chain):
                if not await self._judge(chain):
                    return Progress.HALTED
                continue
            if sitting.barred(change, probing=probing):
                return Progress.HELD
            results = await self._known(change)
            if results is None and sitting.halted is None:
                results = await send(
                    op, chain, sitting, partial(self.rechecker.stands, chain), probing=probing
                )
            if results is None and self._may_go_on(chain, change, probing=probing):
                continue
            if results is None:
                progress = chain.progress()
                barred = progress is Progress.HALTED and sitting.barred(change, probing=probing)
                return Progress.HELD if barred else progress
            await self._settle(results)
        return Progress.DONE

    async def _judge(self, chain: Chain) -> bool:
        """Read the chain's lead again if its reading is too old, and judge it; False: the sitting is halted."""
        chain.rounds += 1
        if chain.rounds > _ROUNDS:
            self.sitting.halt(75, _TOO_SLOW)
            return False
        if not await self.rechecker.refresh(chain, itertools.chain(self._hands.values(), self._queue)):
            return False
        verdicts = await self.rechecker.judge(chain)
        if verdicts is None:
            return False
        await self._settle(verdicts, sent=False)
        return True

    def _may_go_on(self, chain: Chain, change: Change, *, probing: bool) -> bool:
        """Whether what was not sent is only to be judged anew."""
        sitting = self.sitting
        if chain.doubt is not None or sitting.stopping or sitting.barred(change, probing=probing):
            return False
        return not self.rechecker.stands(chain)

    async def _settle(self, results: Sequence[Result], *, sent: bool = True) -> None:
        """Write results down; what was not attempted stays open for ``resume``."""
        open_ = [one for one in results if one.outcome is Outcome.NOT_ATTEMPTED]
        self.sitting.settle(one for one in results if one.outcome is not Outcome.NOT_ATTEMPTED)
        if open_ and sent:
            await self.sitting.unsent([one.change for one in open_], "not sent")
        for one in open_:
            self.sitting.note(one)

    async def _known(self, change: Change) -> list[Result] | None:
        """Return the result of an op that need not, or may not, be sent; None when it is to be sent."""
        sitting = self.sitting
        lead_id = sitting.lead_id(change)
        if change.kind is not Kind.CREATE and lead_id is None and not sitting.queues(change):
            return [Result(change, Outcome.NOT_ATTEMPTED, "", "the lead has no id")]
        if change.kind not in APPENDS or change.action is None or lead_id is None:
            return None
        if not change.each_run:
            made = sitting.journal.made([change.key]).get(change.key)
            if made is not None and made.state is MadeState.MADE:
                reason = f"made by run {made.run}"
                return [
                    Result(
                        change, Outcome.ALREADY, "journal", reason, action_id=made.action_id, lead_id=lead_id
                    )
                ]
            if made is not None and made.run != sitting.run:
                reason = f"run {made.run} may have made it; `leadops resume {made.run}` finds out"
                return [Result(change, Outcome.IN_DOUBT, "journal", reason, lead_id=lead_id)]
        if not sitting.foreign:
            return None
        try:
            found = await look_first(change, lead_id, sitting)
        except LeadGoneError:
            return [Result(change, Outcome.STALE, "timeline", "the lead is gone", lead_id=lead_id)]
        except UnreadableError as error:
            return [Result(change, Outcome.IN_DOUBT, "timeline", error.message, lead_id=lead_id)]
        except LeadopsError as error:
            sitting.halt_by(error)
            return None
        return None if found is None else [found]


def recalled(sitting: Sitting) -> None:
    """Put the outcomes of earlier sittings into the results; what is in doubt or was not attempted is left open."""
    for change in sitting.saved.changes:
        op = sitting.prior.get(change.key)
        if op is not None and op.state is OpState.SETTLED and op.outcome != Outcome.IN_DOUBT.value:
            result = result_of(change, op)
            sitting.keep(result)
            if not result.clean:
                sitting.unclean.setdefault(change.lead.identifier or change.lead.id or "~", []).append(result)
            if result.outcome is Outcome.CREATED and result.lead_id:
                sitting.created[change.lead.identifier] = result.lead_id
