"""Whether a lead is still as the plan saw it: read again in pages, judged field by field."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from leadops.core.errors import LeadopsError, UnreadableError
from leadops.engine.chain import Chain
from leadops.engine.cost import FRESH_S
from leadops.engine.forgetful import ShortCapabilities, ShortIds
from leadops.engine.select import recheck
from leadops.engine.selection import SelectAround
from leadops.engine.sitting import Sitting
from leadops.model.change import Change, Kind
from leadops.model.lead import Lead
from leadops.model.plan import Find, Step
from leadops.model.predicate import Everything
from leadops.model.query import PAGE
from leadops.model.run import Outcome, Result
from leadops.model.values import reached, same
from leadops.planner.lookup import canonical
from leadops.predicate.evaluate import decide
from leadops.predicate.facts import Facts


@dataclass(slots=True)
class Rechecker:
    """Reads the leads of chains again before they are written, a page of them at a time."""

    sitting: Sitting
    _around: SelectAround = field(init=False)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        options = self.sitting.options
        self._around = SelectAround(options.capabilities or ShortCapabilities(), options.ids or ShortIds())

    async def refresh(self, chain: Chain, following: Sequence[Chain]) -> bool:
        """See to it that ``chain`` was read at most a minute ago, and its followers with it; False when that fails."""
        if not self._old(chain):
            return True
        async with self._turn:
            if not self._old(chain):
                return True
            batch = [chain, *(one for one in following if self._old(one) and one is not chain)][:PAGE]
            sitting = self.sitting
            around = replace(self._around, wall_ms=sitting.now_ms())
            refs = [ref for one in batch if (ref := one.changes[0].lead).id is not None]
            nameless = [ref.identifier for one in batch if (ref := one.changes[0].lead).id is None]
            step = sitting.plan.steps[chain.step]
            try:
                found = await recheck(step, sitting.plan, sitting.reader, refs, around) if refs else {}
                unnamed = await self._by_identifier(step, nameless)
            except LeadopsError as error:
                sitting.halt_by(error)
                return False
            for one in batch:
                ref = one.changes[0].lead
                one.fresh = unnamed.get(ref.identifier) if ref.id is None else found.get(ref.id)
                one.rechecked = True
                one.read_ms = sitting.now_ms()
            return True

    async def _by_identifier(self, step: Step, names: Sequence[str]) -> dict[str, Lead]:
        """Return the leads without id (``lane async``) that the step still selects, as far as their fields tell."""
        sitting = self.sitting
        plan = sitting.plan
        facts = Facts(plan.schema.identifier, plan.country_code)
        condition = step.source.condition if isinstance(step.source, Find) else Everything()
        rows = await sitting.readback.all(names) if names else {}
        found: dict[str, Lead] = {}
        for name in names:
            some = rows.get(canonical(name, plan.schema.identifier, plan.country_code), ())
            if len(some) == 1 and decide(condition, some[0], facts) is not False:
                found[name] = some[0]
        return found

    def _old(self, chain: Chain) -> bool:
        first = chain.changes[0]
        if chain.checked or (first.lead.id is None and not self.sitting.queues(first)):
            return False
        return self.sitting.now_ms() - chain.read_ms > FRESH_S * 1000

    async def judge(self, chain: Chain) -> list[Result] | None:
        """Return results of changes that must not, or need not, be sent; None when the reader fails.

        Called once a chain and step, before its first request.
        """
        chain.checked = True
        if not chain.rechecked:
            return []
        now = chain.fresh
        selected = now is not None
        if now is None:
            lead_id = chain.changes[0].lead.id
            try:
                now = None if lead_id is None else await self.sitting.reader.lead(lead_id)
            except UnreadableError as error:
                return [
                    Result(one, Outcome.STALE, "read", error.message, lead_id=lead_id)
                    for one in chain.changes
                ]
            except LeadopsError as error:
                self.sitting.halt_by(error)
                return None
            if now is None:
                return [
                    Result(one, Outcome.STALE, "read", _GONE if lead_id else _UNSELECTED, lead_id=lead_id)
                    for one in chain.changes
                ]
        return self._verdicts(chain, now, selected=selected)

    def _verdicts(self, chain: Chain, now: Lead, *, selected: bool) -> list[Result]:
        found: list[Result] = []
        reached = False
        for change in chain.changes:
            if change.kind is Kind.UPDATE:
                result = self._update(change, now, selected=selected)
                reached = result is not None and result.outcome is Outcome.ALREADY
            elif selected or reached:
                result = None
            else:
                result = Result(change, Outcome.STALE, "read", _UNSELECTED, lead_id=change.lead.id)
            if result is not None:
                found.append(result)
        return found

    def _update(self, change: Change, now: Lead, *, selected: bool) -> Result | None:
        code = self.sitting.country_code
        there = {name: now.fields.get(name) for name in change.fields}
        if all(
            reached(there[name], one.before, one.after, one.type, code) for name, one in change.fields.items()
        ):
            return Result(
                change, Outcome.ALREADY, "read", "it holds these values already", lead_id=change.lead.id
            )
        moved = [
            name
            for name, one in change.fields.items()
            if not same(there[name], one.before, one.type, code)
            and not same(there[name], one.after, one.type, code)
        ]
        if moved:
            reason = f"changed since the plan: {', '.join(moved)}"
            return Result(change, Outcome.STALE, "read", reason, lead_id=change.lead.id)
        if not selected:
            return Result(change, Outcome.STALE, "read", _UNSELECTED, lead_id=change.lead.id)
        return None


_GONE = "the lead is gone"
_UNSELECTED = "the step's condition no longer selects this lead"
