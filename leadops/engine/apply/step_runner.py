"""The steps of a run: chains of leads, several at a time, doubts settled beside them, guards watched."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from leadops.engine.apply.advance import Sender
from leadops.engine.apply.context.allowance import Allowance
from leadops.engine.apply.context.lead_queue import Chain, Doubt, Progress, chains_of
from leadops.engine.apply.context.run_context import Sitting, result_of
from leadops.engine.apply.settle.identity import MISLED
from leadops.engine.apply.settle.in_doubt import reconcile
from leadops.engine.gather_limited import first_failure
from leadops.model.change import Change
from leadops.model.journal import OpRecord, OpState, RunState
from leadops.model.plan import Step
from leadops.model.run import Outcome, Result

FAILURES = frozenset({Outcome.REJECTED, Outcome.IGNORED_BY_CRM, Outcome.IN_DOUBT, Outcome.GHOST})
"""Outcomes that ``stop when`` counts."""

_CRASH_MS = 1_000_000
"""No request leaves later than this after its intent: an intent grows no older than ``OLDEST_MS`` before its turn, and
longer than a quarter of an hour the client lets no write wait (a 429's longest pause; the queue of a low rate)."""


_WORKERS = 4
"""Workers for each request in flight: most of them wait for the disk, together, while one waits for the network."""


@dataclass(slots=True)
class Runner:
    """Runs every step of a sitting."""

    sitting: Sitting
    _sender: Sender = field(init=False)
    _queue: deque[Chain] = field(default_factory=deque)
    _held: list[Chain] = field(default_factory=list)
    _allowance: Allowance = field(default_factory=lambda: Allowance(0, None))
    _closed: bool = False

    def __post_init__(self) -> None:
        self._sender = Sender(self.sitting)

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
        limits = [p for p in (step.stop_percent, self.sitting.options.max_fail_percent) if p is not None]
        self._allowance = Allowance(len(chains), min(limits, default=None))
        self._allowance.bad = {chain.lead for chain in chains if self._failed(chain)}
        first, rest = chains, list[Chain]()
        if step.canary is not None:
            first, rest = chains[: step.canary.count], chains[step.canary.count :]
        await self._chains(first, step)
        if (
            rest
            and not self.sitting.tripped
            and self.sitting.halted is None
            and await self._canary(step, first)
        ):
            await self._chains(rest, step)
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

    def _stop_when(self, step: Step, chain: Chain) -> None:
        """Trip the step's ``stop when P % fail`` if with ``chain`` so many of its leads failed."""
        allowance = self._allowance
        if self._failed(chain):
            allowance.bad.add(chain.lead)
        if allowance.bad and allowance.tripped and not self.sitting.tripped:
            self.sitting.tripped = (
                f"stop when {allowance.percent} % fail: {len(allowance.bad)} of {allowance.leads} leads of step "
                f"“{step.name}” failed"
            )

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

    async def _chains(self, chains: Sequence[Chain], step: Step) -> None:
        """Run ``chains``; appends that are held wait for one of them to prove that the service is well again."""
        await self._pool(list(chains), step)
        while self._held and self.sitting.halted is None and not self.sitting.tripped:
            held, self._held = self._held, []
            self.sitting.budget.rearm()
            probe, rest = held[0], held[1:]
            await self._whole(probe, step, probing=True)
            if self.sitting.budget.in_a_row:
                self._closed = True
                reason = "too many appends ended unknown: no more are sent; `leadops resume` goes on"
                self.sitting.halt(3, reason)
                return
            await self._pool(rest, step)

    async def _pool(self, chains: Sequence[Chain], step: Step) -> None:
        self._queue = self._sender.queue = deque(chains)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(_WORKERS * self.sitting.options.in_flight, len(chains))):
                    group.create_task(self._worker(group, step))
        except BaseExceptionGroup as failures:
            raise first_failure(failures) from None

    async def _worker(self, group: asyncio.TaskGroup, step: Step) -> None:
        while self._queue and self.sitting.halted is None and not self.sitting.tripped:
            chain = self._queue.popleft()
            progress = await self._sender.advance(chain, self._allowance)
            if progress is Progress.HELD:
                self._held.append(chain)
            elif progress is Progress.DOUBT:
                group.create_task(self._whole(chain, step))
            self._stop_when(step, chain)
            if progress is not Progress.DOUBT:
                self._allowance.leave(chain.lead)
        await self.sitting.flush()

    async def _whole(self, chain: Chain, step: Step, *, probing: bool = False) -> None:
        """Advance a chain to its end, its doubts included; beside the workers."""
        if chain.doubt is not None:
            self._allowance.away.add(chain.lead)
        try:
            await self._to_the_end(chain, step, probing=probing)
        finally:
            self._allowance.leave(chain.lead)
        await self.sitting.flush()

    async def _to_the_end(self, chain: Chain, step: Step, *, probing: bool) -> None:
        while True:
            if chain.doubt is not None:
                op = chain.next_op(self.sitting.results)
                results = await reconcile(op, chain, self.sitting)
                if results is None and chain.doubt is not None:
                    self._unknown(op, chain)
                    return
                await self._sender.settle(results or [])
                self._stop_when(step, chain)
            if self.sitting.tripped:
                return
            progress = await self._sender.advance(chain, self._allowance, probing=probing)
            if progress is Progress.HELD:
                self._held.append(chain)
            if progress is not Progress.DOUBT:
                self._stop_when(step, chain)
                return

    def _unknown(self, op: Sequence[Change], chain: Chain) -> None:
        """Report an op whose fate the next sitting must find out; the journal keeps its intent."""
        assert chain.doubt is not None
        reason = f"{chain.doubt.why}; the run stopped before it could be looked for"
        for change in op:
            self.sitting.note(Result(change, Outcome.IN_DOUBT, "", reason, lead_id=change.lead.id))


def is_settled(op: OpRecord | None) -> bool:
    """Whether an earlier sitting settled the op for good; what is in doubt it did not."""
    return op is not None and op.state is OpState.SETTLED and op.outcome != Outcome.IN_DOUBT.value


def recalled(sitting: Sitting) -> None:
    """Put the outcomes of earlier sittings into the results; what is in doubt or was not attempted is left open."""
    for change in sitting.saved.changes:
        op = sitting.prior.get(change.key)
        if op is not None and is_settled(op):
            result = result_of(change, op)
            sitting.keep(result)
            if not result.clean:
                sitting.unclean.setdefault(change.lead.identifier or change.lead.id or "~", []).append(result)
            if result.outcome is Outcome.CREATED and result.lead_id:
                sitting.created[change.lead.identifier] = result.lead_id
