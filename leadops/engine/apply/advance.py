"""One lead's ops in a step, one after another: judged, allowed, sent, settled."""

import itertools
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from leadops.core.errors import LeadGoneError, LeadopsError, UnreadableError
from leadops.engine.apply.context.allowance import Allowance
from leadops.engine.apply.context.lead_queue import Chain, Progress, obstacle
from leadops.engine.apply.context.run_context import APPENDS, Sitting
from leadops.engine.apply.recheck.staleness import Rechecker
from leadops.engine.apply.sender import send
from leadops.engine.apply.settle.foreign import look_first
from leadops.model.change import Change, Kind
from leadops.model.journal import MadeState
from leadops.model.run import Outcome, Result

_ROUNDS = 20
"""How often a lead is read again before one write of it: more shows that requests come too slowly ever to be in time."""
_TOO_SLOW = (
    "requests are so slow that a lead that was read cannot be written within a minute: raise the rate, or let fewer "
    "others use the quota"
)
_MISLED = "an answer about this lead was about another one: nothing more is sent to it"


@dataclass(slots=True)
class Sender:
    """Advances chains.

    Attributes:
        queue: chains that nobody has in hand yet; those that fit are read again along with one that must be.
    """

    sitting: Sitting
    queue: deque[Chain] = field(default_factory=deque)
    rechecker: Rechecker = field(init=False)
    _hands: dict[str, Chain] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rechecker = Rechecker(self.sitting)

    async def advance(self, chain: Chain, allowance: Allowance, *, probing: bool = False) -> Progress:
        """Send the chain's ops until it is done, or cannot go on here; ``allowance`` says how many may be under way."""
        self._hands[chain.lead] = chain
        try:
            return await self._ops(chain, allowance, probing=probing)
        finally:
            del self._hands[chain.lead]

    async def _ops(self, chain: Chain, allowance: Allowance, *, probing: bool) -> Progress:
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
                await allowance.enter(chain.lead)
                results = await send(
                    op, chain, sitting, partial(self.rechecker.stands, chain), probing=probing
                )
            if results is None and self._may_go_on(chain, change, probing=probing):
                continue
            if results is None:
                progress = chain.progress()
                barred = progress is Progress.HALTED and sitting.barred(change, probing=probing)
                return Progress.HELD if barred else progress
            await self.settle(results)
        return Progress.DONE

    async def _judge(self, chain: Chain) -> bool:
        """Read the chain's lead again if its reading is too old, and judge it; False: the sitting is halted."""
        chain.rounds += 1
        if chain.rounds > _ROUNDS:
            self.sitting.halt(75, _TOO_SLOW)
            return False
        if not await self.rechecker.refresh(chain, itertools.chain(self._hands.values(), self.queue)):
            return False
        verdicts = await self.rechecker.judge.judge(chain)
        if verdicts is None:
            return False
        await self.settle(verdicts, sent=False)
        return True

    def _may_go_on(self, chain: Chain, change: Change, *, probing: bool) -> bool:
        """Whether what was not sent is only to be judged anew."""
        sitting = self.sitting
        if chain.doubt is not None or sitting.stopping or sitting.barred(change, probing=probing):
            return False
        return not self.rechecker.stands(chain)

    async def settle(self, results: Sequence[Result], *, sent: bool = True) -> None:
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
