"""A lead judged on a reading: selected still, each field as the plan saw it, and the step would ask for the same."""

from dataclasses import dataclass, field, replace

from leadops.core.errors import LeadGoneError, LeadopsError, UnreadableError
from leadops.engine.apply.context.lead_queue import Chain, Seen
from leadops.engine.apply.context.run_context import Sitting
from leadops.engine.apply.recheck.ours import Ours, ours
from leadops.engine.apply.recheck.rederive import Rederiver, objection, still_meant
from leadops.model.change import Change, Kind
from leadops.model.lead import Lead, TimelineAction
from leadops.model.plan import Find
from leadops.model.predicate import Everything
from leadops.model.run import Outcome, Result
from leadops.model.values import reached, same
from leadops.planner.lookup import canonical
from leadops.predicate.evaluate import decide
from leadops.predicate.facts import Facts


@dataclass(slots=True)
class Judge:
    """Judges the open changes of chains on what was read last."""

    sitting: Sitting
    _rederiver: Rederiver = field(init=False)
    _told: dict[str, list[tuple[int, frozenset[str]]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._rederiver = Rederiver(self.sitting.plan)
        for change in self.sitting.saved.changes:
            if change.lead.id is None:
                told = self._told.setdefault(change.lead.identifier, [])
                told.append((change.step, frozenset(change.fields)))

    def ours(self, chain: Chain) -> Ours:
        """Return what the step has done to the chain's lead so far."""
        sitting = self.sitting
        schema = sitting.plan.schema
        found = ours(chain.changes, sitting.results, schema, wrote=chain.lead in sitting.written)
        ref = chain.changes[0].lead
        if ref.id is None and ref.identifier in sitting.created:
            # What the service gave a new lead by itself, the plan could not know.
            told = [names for step, names in self._told.get(ref.identifier, ()) if step < chain.step]
            given = {one.api_name for one in schema.fields}.difference(found.fields, *told)
            found = replace(found, moved=found.moved | given)
        return found

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
        own = self.ours(chain)
        lead = replace(lead, id=lead_id)
        facts = Facts(by, plan.country_code)
        facts.unknown = {facts.key(lead): own.moved}
        fits = decide(condition, own.without(lead, plan.country_code), facts) is not False
        return Seen(lead, selected=fits, facts=facts)

    async def _verdicts(self, chain: Chain, seen: Seen) -> list[Result]:
        assert seen.lead is not None
        found: list[Result] = []
        code = self.sitting.country_code
        own = self.ours(chain)
        base = own.without(seen.lead, code)
        selected = seen.selected
        for change in self._open(chain):
            result = await self._verdict(chain, change, replace(seen, selected=selected), base, own)
            if result is None:
                continue
            found.append(result)
            if result.outcome is Outcome.ALREADY and self.sitting.foreign:
                # Where the journal lacks history, what is there already may be our own doing.
                selected = True
                before = {name: one.before for name, one in change.fields.items()}
                base = base if change.action else replace(base, fields={**base.fields, **before})
        return found

    async def _verdict(
        self, chain: Chain, change: Change, seen: Seen, base: Lead, own: Ours
    ) -> Result | None:
        """Return why ``change`` is not to be sent; None: it is to be sent. ``base`` is the lead without our doing."""
        assert seen.lead is not None
        code = self.sitting.country_code
        there = seen.lead.fields
        if change.kind is Kind.UPDATE_ACTION:
            action = await self._action(change)
            if action is None:
                return self._stale(change, "the action is no longer on the timeline")
            there = action.fields
        fields = {} if change.kind is Kind.CREATE else change.fields
        if fields and all(
            reached(there.get(name), one.before, one.after, one.type, code) for name, one in fields.items()
        ):
            lead_id = self.sitting.lead_id(change)
            return Result(change, Outcome.ALREADY, "read", "it holds these values already", lead_id=lead_id)
        moved = [
            name
            for name, one in fields.items()
            if (change.action or name not in own.moved)
            and not same(there.get(name), one.before, one.type, code)
            and not same(there.get(name), one.after, one.type, code)
        ]
        if moved:
            return self._stale(change, f"changed since the plan: {', '.join(moved)}")
        if not seen.selected or not self._rederiver.matches(change, base):
            return self._stale(change, _UNSELECTED)
        new = change.lead.id is None and change.lead.identifier in self.sitting.created
        if new or seen.facts is None:
            return None
        made = self._rederiver.draft(chain.changes, base, seen.facts)
        if made is None:
            return None
        if why := objection(change, made, base, code):
            return self._stale(change, why)
        if change.kind is Kind.UPDATE_ACTION and not still_meant(change, made, there, code):
            return self._stale(change, "the step no longer means this action")
        return None

    async def _action(self, change: Change) -> TimelineAction | None:
        """Return the action that is to be changed as it is; None when it is gone."""
        action, lead_id = change.action, self.sitting.lead_id(change)
        assert action is not None
        assert lead_id is not None
        try:
            rows = await self.sitting.reader.timeline(lead_id, type=action.type)
        except (LeadGoneError, UnreadableError):
            return None
        return next((row for row in rows if row.id == action.action_id), None)

    def _stale(self, change: Change, reason: str) -> Result:
        return Result(change, Outcome.STALE, "read", reason, lead_id=self.sitting.lead_id(change))


_GONE = "the lead is gone"
_UNSELECTED = "the step's condition no longer selects this lead"
