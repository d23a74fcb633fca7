"""What the journal and the timelines say of a step's appends: asked once, and no more than needed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from leadops.core.errors import LeadGoneError, UnreadableError
from leadops.engine.gather_limited import together
from leadops.engine.plan.diff.lead import Draft
from leadops.engine.ports import JournalView
from leadops.engine.select.selection import SelectAround
from leadops.engine.select.selector import holders
from leadops.model.journal import Made
from leadops.model.lead import Lead, TimelineAction
from leadops.model.plan import Append, Plan, Step
from leadops.model.predicate import Window
from leadops.planner.ports import Reader
from leadops.predicate.facts import Facts

_AT_ONCE = 8


@dataclass(slots=True)
class Evidence:
    """The evidence of one step.

    Attributes:
        facts: of the step's selection.
        unreadable: why the timelines of leads cannot be read, by lead key.
    """

    step: Step
    plan: Plan
    reader: Reader
    journal: JournalView
    around: SelectAround
    facts: Facts = field(init=False)
    unreadable: dict[str, str] = field(default_factory=dict)
    _timelines: dict[tuple[str, str], tuple[TimelineAction, ...]] = field(default_factory=dict)
    _holding: dict[str, dict[str, bool]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.facts = self.around.overlay.facts(Facts(self.plan.schema.identifier, self.plan.country_code))

    def made(self, drafts: Sequence[Draft]) -> dict[str, Made]:
        """Return what the journal knows of the drafts' appends."""
        keys = {
            key
            for one in drafts
            for each in one.wishes
            if each.effect.once.kind != "run"
            for key in each.keys
        }
        return dict(self.journal.made(keys))

    async def of(
        self, drafts: Sequence[Draft]
    ) -> tuple[dict[str, Made], dict[str, tuple[TimelineAction, ...]]]:
        """Return the journal's knowledge, and the timelines (of the types that matter) by lead key."""
        made = self.made(drafts)
        needed: dict[str, set[str]] = {}
        leads: dict[str, Lead] = {}
        for one in drafts:
            lead = one.case.lead
            key = self.facts.key(lead)
            if one.fatal or one.creating:
                continue
            leads[key] = lead
            for effect in one.updates:
                needed.setdefault(key, set()).add(effect.type)
        for append, some in self._open(drafts, made).items():
            for key in await self._may_hold(append, some):
                needed.setdefault(key, set()).add(append.type)
        await self._read([(leads[key], code) for key, codes in needed.items() for code in codes])
        timelines: dict[str, tuple[TimelineAction, ...]] = {}
        for key, lead in leads.items():
            read = [
                entry
                for code in sorted(needed.get(key, ()))
                for entry in self._timelines.get((key, code), ())
            ]
            planned = self.facts.appended.get(key, ())
            timelines[key] = (*reversed(planned), *(lead.timeline or read))
        return made, timelines

    async def prepare(self, drafts: Sequence[Draft]) -> None:
        """Ask in lists which of the drafts' leads may hold what is to be appended; ``of`` then need not ask."""
        for append, leads in self._open(drafts, self.made(drafts)).items():
            await self._may_hold(append, leads)

    def _open(self, drafts: Sequence[Draft], made: Mapping[str, Made]) -> dict[Append, list[Lead]]:
        """Return the leads of each append that the journal knows nothing of."""
        found: dict[Append, list[Lead]] = {}
        for one in drafts:
            if one.fatal or one.creating:
                continue
            for each in one.wishes:
                if each.effect.once.kind != "run" and not any(name in made for name in each.keys):
                    found.setdefault(each.effect, []).append(one.case.lead)
        return found

    def notes(self) -> list[str]:
        """Return a note for each rule that is new here although some of its leads hold such an action."""
        notes: list[str] = []
        for rule, held in self._holding.items():
            count = sum(held.values())
            if count and not self.journal.knows_rule(rule):
                notes.append(
                    f"{count} of its leads already hold{'s' * (count == 1)} such an action, and the rule “{rule}” is "
                    "new to this journal: an equal action is left as it is, any other gets this one beside it"
                )
        return notes

    async def shown(self, leads: Sequence[Lead], window: Window | None) -> tuple[Lead, ...]:
        """Return ``leads`` with their timelines, in the window."""
        inside = None if window is None else (window.start_ms, window.end_ms - 1)

        async def read(lead: Lead) -> Lead:
            assert lead.id is not None
            try:
                return replace(lead, timeline=tuple(await self.reader.timeline(lead.id, window=inside)))
            except UnreadableError as error:
                self.unreadable[self.facts.key(lead)] = error.message
                return lead

        return tuple(await together([partial(read, lead) for lead in leads], _AT_ONCE))

    async def _may_hold(self, effect: Append, leads: Sequence[Lead]) -> list[str]:
        """Return the keys of those of ``leads`` whose timelines must be read for ``effect``."""
        asked = [lead for lead in leads if lead.id is not None and lead.timeline is None]
        known = self._holding.setdefault(effect.rule, {})
        unknown = [lead for lead in asked if self.facts.key(lead) not in known]
        if unknown:
            found = await holders(unknown, effect, self.step, self.plan, self.reader, self.around)
            known.update({self.facts.key(lead): self.facts.key(lead) in found for lead in unknown})
        return [key for lead in asked if known.get(key := self.facts.key(lead))]

    async def _read(self, wanted: Sequence[tuple[Lead, str]]) -> None:
        async def read(lead: Lead, type: str) -> None:
            assert lead.id is not None
            try:
                found = await self.reader.timeline(lead.id, type=type)
            except LeadGoneError:
                found = ()
            except UnreadableError as error:
                found = ()
                self.unreadable[self.facts.key(lead)] = error.message
            self._timelines[self.facts.key(lead), type] = tuple(found)

        unread = [
            (lead, code)
            for lead, code in wanted
            if lead.id is not None
            and lead.timeline is None
            and (self.facts.key(lead), code) not in self._timelines
        ]
        await together([partial(read, lead, code) for lead, code in unread], _AT_ONCE)
