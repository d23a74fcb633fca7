"""Nothing leaves on an old judgement: a lead is judged on a reading of at most a minute ago, or read again first.

A judgement carries the moment of the reading it rests on. ``stands`` is asked when a request is handed to the transport,
after every wait, and where it says no the lead is read again, in pages, and judged again.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from leadops.core.errors import LeadopsError
from leadops.engine.apply.context.lead_queue import Chain, Seen
from leadops.engine.apply.context.run_context import Sitting
from leadops.engine.apply.recheck.ours import Ours
from leadops.engine.apply.recheck.rejudge import Judge
from leadops.engine.apply.recheck.reread import recheck
from leadops.engine.memory_stores import ShortCapabilities, ShortIds
from leadops.engine.plan.cost import FRESH_S
from leadops.engine.select.activity_lookup import effect_terms
from leadops.engine.select.selection import SelectAround
from leadops.model.change import LeadRef
from leadops.model.plan import Find, Step
from leadops.model.predicate import Everything
from leadops.model.query import PAGE
from leadops.planner.call_meter import Meter
from leadops.planner.lookup import canonical
from leadops.predicate.evaluate import decide, needs_timeline
from leadops.predicate.facts import Facts

FRESH_MS = FRESH_S * 1000
_BACK_MS = 5_000
"""A reading from further in the future shows that the clock stepped back: how old it is is not known."""
_FEW = 8
"""Leads of a page where each of them takes a call of its own, or each list is short."""


@dataclass(slots=True)
class Rechecker:
    """Reads the leads of chains again before they are written, a page of them at a time.

    Attributes:
        judge: judges them.
    """

    sitting: Sitting
    judge: Judge = field(init=False)
    _around: SelectAround = field(init=False)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.judge = Judge(self.sitting)
        options = self.sitting.options
        self._around = SelectAround(options.capabilities or ShortCapabilities(), options.ids or ShortIds())

    def stands(self, chain: Chain) -> bool:
        """Whether the chain was judged, on a reading that is not too old; a lead that is still to be made always is."""
        return not self._readable(chain) or (chain.judged and self._fresh(chain))

    def _fresh(self, chain: Chain) -> bool:
        return -_BACK_MS <= self.sitting.now_ms() - chain.read_ms <= FRESH_MS

    def _readable(self, chain: Chain) -> bool:
        first = chain.changes[0]
        return self.sitting.lead_id(first) is not None or self.sitting.queues(first)

    async def refresh(self, chain: Chain, others: Iterable[Chain]) -> bool:
        """See to it that ``chain`` was read at most a minute ago, and others with it; False when that fails.

        Of ``others``, those are read along that fit on the page: under way and read too long ago, or still to come.
        """
        if self._fresh(chain):
            return True
        async with self._turn:
            if self._fresh(chain):
                return True
            step = self.sitting.plan.steps[chain.step]
            batch = [chain, *self._along(chain, others, step)]
            begun_ms = self.sitting.now_ms()
            try:
                await self._read(batch, step, begun_ms)
            except LeadopsError as error:
                self.sitting.halt_by(error)
                return False
            return True

    def _along(self, chain: Chain, others: Iterable[Chain], step: Step) -> list[Chain]:
        if not chain.changes[0].lead.identifier:
            return []
        found_by = isinstance(step.source, Find) and needs_timeline(step.source.condition)
        dear = found_by or any(term.having for term in effect_terms(step))
        most = _FEW if dear else min(PAGE, _FEW * self._around.memory.lookup)
        found: list[Chain] = []
        for one in others:
            if len(found) + 1 >= most:
                break
            if (
                one is not chain
                and not (one.doubt or one.earlier or one.flying)
                and one.changes[0].lead.identifier
                and self._readable(one)
                and not self._fresh(one)
            ):
                found.append(one)
        return found

    async def _read(self, batch: Sequence[Chain], step: Step, begun_ms: int) -> None:
        sitting = self.sitting
        around = replace(self._around, wall_ms=begun_ms)
        named = {id_: one for one in batch if (id_ := sitting.lead_id(one.changes[0])) is not None}
        if named:
            refs = [LeadRef(key, one.changes[0].lead.identifier) for key, one in named.items()]
            own = {key: done for key, one in named.items() if (done := self.judge.ours(one)) != Ours()}
            found = await recheck(step, sitting.plan, sitting.reader, refs, around, own)
            for key, one in named.items():
                now = found.current.get(key)
                selected = key in found.selected
                one.take(Seen(now, selected=selected, facts=found.facts), found.read_ms or begun_ms)
        nameless = [one for one in batch if sitting.lead_id(one.changes[0]) is None]
        if nameless:
            meter = Meter(sitting.reader)
            seen = await self._by_identifier(
                step, [one.changes[0].lead.identifier for one in nameless], meter
            )
            for one in nameless:
                one.take(seen.get(one.changes[0].lead.identifier, Seen()), meter.oldest_ms or begun_ms)

    async def _by_identifier(self, step: Step, names: Sequence[str], meter: Meter) -> dict[str, Seen]:
        """Return what is known of leads without id (``lane async``), as far as their fields tell."""
        plan = self.sitting.plan
        facts = Facts(plan.schema.identifier, plan.country_code)
        condition = step.source.condition if isinstance(step.source, Find) else Everything()
        rows = await self.sitting.readback.all(names, meter)
        found: dict[str, Seen] = {}
        for name in names:
            some = rows.get(canonical(name, plan.schema.identifier, plan.country_code), ())
            if len(some) == 1:
                found[name] = Seen(
                    some[0], selected=decide(condition, some[0], facts) is not False, facts=facts
                )
        return found
