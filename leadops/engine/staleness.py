"""Nothing leaves on an old judgement: a lead is judged on a reading of at most a minute ago, or read again first.

A judgement carries the moment of the reading it rests on. ``stands`` is asked when a request is handed to the transport,
after every wait, and where it says no the lead is read again, in pages, and judged again.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from leadops.core.errors import LeadGoneError, LeadopsError, UnreadableError
from leadops.engine.chain import Chain, Seen
from leadops.engine.cost import FRESH_S
from leadops.engine.forgetful import ShortCapabilities, ShortIds
from leadops.engine.ours import Ours, ours
from leadops.engine.recheck import recheck
from leadops.engine.selection import SelectAround
from leadops.engine.sitting import Sitting
from leadops.model.change import Change, Kind, LeadRef
from leadops.model.plan import Find, Step
from leadops.model.predicate import Everything
from leadops.model.query import PAGE
from leadops.model.run import CLEAN, Outcome, Result
from leadops.model.values import Value, reached, same
from leadops.planner.lookup import canonical
from leadops.planner.meter import Meter
from leadops.predicate.evaluate import decide, needs_timeline
from leadops.predicate.facts import Facts

FRESH_MS = FRESH_S * 1000
_BACK_MS = 5_000
"""A reading from further in the future shows that the clock stepped back: how old it is is not known."""
_FEW = 8
"""Leads of a page where each of them takes a call of its own, or each list is short."""


@dataclass(slots=True)
class Rechecker:
    """Reads the leads of chains again before they are written, a page of them at a time, and judges them."""

    sitting: Sitting
    _around: SelectAround = field(init=False)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        options = self.sitting.options
        self._around = SelectAround(options.capabilities or ShortCapabilities(), options.ids or ShortIds())

    # ── reading ──────────────────────────────────────────────────────────────────────────────────

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
        dear = isinstance(step.source, Find) and needs_timeline(step.source.condition)
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
            own = {key: done for key, one in named.items() if (done := self._ours(one)) != Ours()}
            found = await recheck(step, sitting.plan, sitting.reader, refs, around, own)
            for key, one in named.items():
                now = found.current.get(key)
                one.take(Seen(now, selected=key in found.selected), found.read_ms or begun_ms)
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
                found[name] = Seen(some[0], selected=decide(condition, some[0], facts) is not False)
        return found

    def _ours(self, chain: Chain) -> Ours:
        sitting = self.sitting
        return ours(chain.changes, sitting.results, sitting.plan.schema, wrote=chain.lead in sitting.written)

    # ── judging ──────────────────────────────────────────────────────────────────────────────────

    async def judge(self, chain: Chain) -> list[Result] | None:
        """Return results of changes that must not, or need not, be sent; None when the reader fails."""
        chain.judged = True
        if chain.seen is None:  # what the plan itself read is not too old
            return []
        try:
            now = chain.seen if chain.seen.lead is not None else await self._by_id(chain)
            if isinstance(now, str):
                return [self._stale(one, now) for one in self._open(chain)]
            return await self._verdicts(chain, now)
        except LeadopsError as error:
            self.sitting.halt_by(error)
            return None

    def _open(self, chain: Chain) -> list[Change]:
        return [one for one in chain.changes if one.key not in self.sitting.results]

    async def _by_id(self, chain: Chain) -> Seen | str:
        """Return a lead that no list of identifiers finds, read by its id; a text: why it is not to be written."""
        sitting = self.sitting
        plan = sitting.plan
        ref = chain.changes[0].lead
        lead_id = sitting.lead_id(chain.changes[0])
        if lead_id is None:
            return _UNSELECTED
        try:
            lead = await sitting.reader.lead(lead_id)
        except UnreadableError as error:
            return error.message
        if lead is None:
            return _GONE
        by = plan.schema.identifier
        if canonical(lead.fields.get(by.api_name), by, plan.country_code) != canonical(
            ref.identifier, by, plan.country_code
        ):
            return f"its {by.api_name} changed since the plan"
        source = plan.steps[chain.step].source
        condition = source.condition if isinstance(source, Find) else Everything()
        own = self._ours(chain)
        lead = replace(lead, id=lead_id)
        facts = Facts(by, plan.country_code)
        facts.unknown = {facts.key(lead): own.moved}
        fits = decide(condition, own.without(lead, plan.country_code), facts) is not False
        return Seen(lead, selected=fits)

    async def _verdicts(self, chain: Chain, seen: Seen) -> list[Result]:
        assert seen.lead is not None
        found: list[Result] = []
        open_ = self._open(chain)
        # Where the journal lacks history, what is there already may be our own doing.
        doing = seen.selected
        for change in open_:
            there: dict[str, Value] | None = {}
            if change.kind is Kind.UPDATE:
                there = {name: seen.lead.fields.get(name) for name in change.fields}
            elif change.kind is Kind.UPDATE_ACTION:
                there = await self._action(change)
            result = self._fields(change, there, selected=doing)
            if result is None:
                continue
            found.append(result)
            doing = doing or (result.outcome in CLEAN and self.sitting.foreign)
        return found

    def _fields(self, change: Change, there: dict[str, Value] | None, *, selected: bool) -> Result | None:
        """Return why ``change`` is not to be sent, ``there`` being what its fields hold; None: it is to be sent."""
        if there is None:
            return self._stale(change, "the action is no longer on the timeline")
        code = self.sitting.country_code
        fields = change.fields if there else {}
        if fields and all(
            reached(there[name], one.before, one.after, one.type, code) for name, one in fields.items()
        ):
            reason = "it holds these values already"
            lead_id = self.sitting.lead_id(change)
            return Result(change, Outcome.ALREADY, "read", reason, lead_id=lead_id)
        moved = [
            name
            for name, one in fields.items()
            if not same(there[name], one.before, one.type, code)
            and not same(there[name], one.after, one.type, code)
        ]
        if moved:
            return self._stale(change, f"changed since the plan: {', '.join(moved)}")
        return None if selected else self._stale(change, _UNSELECTED)

    async def _action(self, change: Change) -> dict[str, Value] | None:
        """Return what the fields of an action that is to be changed hold; None when it is gone."""
        action, lead_id = change.action, self.sitting.lead_id(change)
        assert action is not None
        assert lead_id is not None
        try:
            rows = await self.sitting.reader.timeline(lead_id, type=action.type)
        except (LeadGoneError, UnreadableError):
            return None
        found = next((row for row in rows if row.id == action.action_id), None)
        return None if found is None else {name: found.fields.get(name) for name in change.fields}

    def _stale(self, change: Change, reason: str) -> Result:
        return Result(change, Outcome.STALE, "read", reason, lead_id=self.sitting.lead_id(change))


_GONE = "the lead is gone"
_UNSELECTED = "the step's condition no longer selects this lead"
