"""Planning: the steps are simulated in order on an overlay. Nothing here can write: there is only a Reader."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from leadops.analysis.digest import schema_hash
from leadops.engine.memory_stores import ShortCapabilities, ShortIds
from leadops.engine.plan.clearing import clearing
from leadops.engine.plan.cost import calls_of
from leadops.engine.plan.desired import Found, find_cases, verified
from leadops.engine.plan.diff.lead import Case, Diffed, Draft, draft, finish
from leadops.engine.plan.digest import digest
from leadops.engine.plan.existing_actions import Evidence
from leadops.engine.plan.guards import (
    Loads,
    belt_refusal,
    belts,
    count_refusals,
    every_refusals,
    loads_of,
    needs_total,
    others_of,
)
from leadops.engine.plan.messages import changes_leads, message_notes, step_messages
from leadops.engine.plan.options import PlanOptions
from leadops.engine.plan.scope import Choice, sample_of
from leadops.engine.plan.turns import Turns
from leadops.engine.ports import JournalView
from leadops.engine.select.selection import SelectAround
from leadops.engine.select.selector import workspace_total
from leadops.engine.simulated_state import Overlay
from leadops.model.lead import UNREADABLE_HELP, Lead
from leadops.model.plan import Find, FindById, Plan, ReadTimeline, Rejects, Step
from leadops.model.saved import Refusal, SavedPlan, SavedStep
from leadops.planner.ports import Reader
from leadops.predicate.facts import Facts

_AT_ONCE = 1000
"""Leads that are compared together; lists of identifiers take a hundred a call, so this is a multiple of it."""


async def make_plan(plan: Plan, reader: Reader, journal: JournalView, options: PlanOptions) -> SavedPlan:
    """Return the exact changes that ``plan`` asks for, with guards and belts judged.

    A plan that a guard or belt refuses is complete, with ``appliable`` False and the refusals by name.

    Raises:
        UsageError: ``--only`` leaves nothing of what was found.
        RefusedError: a step's leads cannot be found at all.
        LeadopsError: as the reader.
    """
    return await _Planning(plan, reader, journal, options).run()


@dataclass(slots=True)
class _Planning:
    plan: Plan
    reader: Reader
    journal: JournalView
    options: PlanOptions
    overlay: Overlay = field(default_factory=Overlay)
    refusals: list[str] = field(default_factory=list)
    bound: int = 0
    choice: Choice = field(init=False)

    async def run(self) -> SavedPlan:
        plan, options = self.plan, self.options
        self.choice = Choice(options.scope, plan.schema, plan.country_code)
        before = self.reader.calls
        made_ms = options.clock.now_ms()  # when reading begins: what a run takes for the age of what was read
        wall_ms = made_ms + self.reader.skew_ms
        around = SelectAround(
            options.capabilities or ShortCapabilities(),
            options.ids or ShortIds(),
            self.overlay,
            wall_ms=wall_ms,
        )
        steps: list[SavedStep] = []
        for index, step in enumerate(plan.steps):
            saved, diffed, facts = await self._step(index, step, around)
            steps.append(saved)
            if index + 1 < len(plan.steps):  # nobody looks at what the last step leaves
                self._record(diffed, facts)
            del diffed
        steps = self._told(steps)
        changes = [change for step in steps for change in step.changes]
        leads, created = loads_of(changes)
        written = others_of(changes, options.written)
        total = (
            await workspace_total(plan, self.reader, around)
            if needs_total(plan.limits, options.belts, leads + written, created)
            else None
        )
        calls = calls_of(
            plan, changes, self.reader.calls.reads - before.reads, self.bound, options.rate_per_hour
        )
        loads = Loads(leads, created, total, calls.bound, written)
        found = belts(plan.limits, options.belts, loads)
        self.refusals += [belt_refusal(belt, loads) for belt in found if belt.exceeded]
        return SavedPlan(
            digest=digest(plan, steps, self.refusals),
            workspace=plan.schema.enterprise_id,
            workspace_name=plan.schema.name,
            title=plan.title,
            canonical=plan.canonical,
            schema_hash=schema_hash(plan.schema),
            clock_ms=plan.clock_ms,
            timezone=plan.timezone,
            timezone_origin=plan.timezone_origin,
            made_ms=made_ms,
            calls=calls,
            belts=found,
            appliable=not self.refusals,
            steps=tuple(steps),
            parameters=tuple(replace(one, text="") if one.secret else one for one in plan.parameters),
            refusals=tuple(self.refusals),
            warnings=options.warnings,
            sources=options.sources,
            asked=options.asked,
            journal=self.journal.mark,
            sandbox=options.sandbox,
            unchecked=plan.unchecked,
            version=options.version,
            nonce=options.nonce or str(made_ms),
        )

    async def _step(
        self, index: int, step: Step, around: SelectAround
    ) -> tuple[SavedStep, Sequence[Diffed], Facts]:
        spent = min(self.options.spent.get(index, 0), step.limit or 0)
        notes: tuple[str, ...] = ()
        if spent and step.limit is not None:
            notes = (_spent(step.limit, spent),)
            step = replace(step, limit=step.limit - spent)
            if not step.limit:
                return SavedStep(step.name, 0, 0, step.windows, notes=notes), (), Facts()
        if not self.choice.wants(index + 1, step.name):
            left_out = SavedStep(step.name, 0, 0, step.windows, notes=("left out by --only or --exclude",))
            return left_out, (), Facts()
        around = replace(around, overlay=self.overlay)
        one = _Step(index, step, self.plan, self.reader, self.journal, self.options, around, self.choice)
        saved = await one.run()
        given = [(lead.changes, one.facts.key(lead.case.lead)) for lead in one.diffed]
        saved = replace(saved, notes=(*notes, *saved.notes, *self.overlay.overwritten(given)))
        self.refusals += one.refusals
        self.bound += one.bound
        return saved, one.diffed, one.facts

    def _record(self, diffed: Sequence[Diffed], facts: Facts) -> None:
        """Note what a step will have done, for the next ones."""
        for one in diffed:
            if not one.changes:
                continue
            lead, image = one.case.lead, None if one.case.create is not None else one.case.lead
            if image is None:
                lead = replace(lead, fields={**lead.fields, **_identity(self.plan, one)})
            self.overlay.record(facts.key(lead), image, one.changes, self.plan.clock_ms)

    def _told(self, steps: list[SavedStep]) -> list[SavedStep]:
        """Return the steps; the first that was planned says which names match nobody, and so does ``options.tell``."""
        notes = self.choice.notes()
        for note in notes:
            self.options.tell(note)
        planned = [
            index for index, step in enumerate(self.plan.steps) if self.choice.wants(index + 1, step.name)
        ]
        if notes and planned:
            first = steps[planned[0]]
            steps[planned[0]] = replace(first, notes=(*first.notes, *map(str, notes)))
        return steps


def _identity(plan: Plan, diffed: Diffed) -> dict[str, str]:
    return {plan.schema.identifier.api_name: diffed.ref.identifier}


def _spent(limit: int, spent: int) -> str:
    return f"limit {limit}: {spent} of them were taken by the run that was finished before this plan"


class _Step:
    """One step under planning."""

    def __init__(
        self,
        index: int,
        step: Step,
        plan: Plan,
        reader: Reader,
        journal: JournalView,
        options: PlanOptions,
        around: SelectAround,
        choice: Choice,
    ) -> None:
        self.index = index
        self.step = step
        self.plan = plan
        self.reader = reader
        self.options = options
        self.around = replace(around, counts=choice.takes if options.scope.names_leads else None)
        self.choice = choice
        self.evidence = Evidence(step, plan, reader, journal, self.around)
        self.facts = self.evidence.facts
        self.turns = Turns(step, journal, self.around, self.facts)
        self.diffed: list[Diffed] = []
        self.refusals: list[str] = []
        self.bound = 0
        self._changing = changes_leads(step.effects) or not isinstance(step.source, Find | FindById)

    async def run(self) -> SavedStep:
        """Return the step with its changes."""
        step = self.step
        found, cases, left_out = await self._cases()
        self.facts = self.evidence.facts = found.facts
        self.refusals += found.refusals
        self.refusals += count_refusals(step, found.matched, exact=found.exact)
        self.refusals += every_refusals(step, [case.lead for case in cases], found.facts)
        diffed = await self._diff(cases)
        self.diffed = self.choice.created(diffed)
        left_out += len(diffed) - len(self.diffed)
        await self._verify(found)
        self._refuse_existing()
        self.diffed = self.turns.cut(self.diffed)
        self.diffed, unclear = clearing(self.diffed, step, self.around.capabilities)
        self.refusals += unclear
        compliant = found.compliant + sum(one.complies for one in self.diffed)
        messages, silent = step_messages(step, self.plan, self.diffed, self.facts)
        notes = [*found.notes, *self._notes(left_out), *message_notes(messages, silent)]
        self.bound += found.bound
        shown = await self._shown(cases)
        return SavedStep(
            name=step.name,
            matched=found.matched,
            compliant=compliant,
            windows=step.windows,
            searches=found.searches,
            changes=tuple(change for one in self.diffed for change in one.changes),
            refused=(
                *self.choice.refusals(found.missing),
                *(refusal for one in self.diffed for refusal in one.refusals),
                *self._unreadable(),
            ),
            notes=tuple(notes),
            explain=found.explain,
            read=shown,
            messages=messages,
            query=found.query,
        )

    async def _cases(self) -> tuple[Found, list[Case], int]:
        source = self.step.source
        rejects = self.options.rejects.get(source.run or "", ()) if isinstance(source, Rejects) else ()
        judge = self if self._changing else None
        found = await find_cases(self.step, self.plan, self.reader, self.around, rejects, judge)
        cases = self.choice.cases(found.cases)
        if self.options.scope.only_leads is not None and not cases and found.compliant:
            # Whether a name means nobody, or one who needs nothing, tells only who reads them all.
            self.bound += found.bound
            found = await find_cases(
                self.step, self.plan, self.reader, self.around, rejects, judge, every=True
            )
            cases = self.choice.cases(found.cases)
        self.choice.unread += found.compliant
        return found, sample_of(cases, self.options.scope), len(found.cases) - len(cases)

    async def prepare(self, leads: Sequence[Lead], facts: Facts) -> None:
        """Ask for a page of leads at once which of them may hold what the step appends (see Judge)."""
        self.evidence.facts = facts
        drafts: list[Draft] = []
        for lead in leads:
            with suppress(LookupError):  # `when` turns on timelines that are read for the leads judged only
                drafts.append(draft(Case(lead), self.index, self.step, self.plan, facts))
        await self.evidence.prepare(drafts)

    async def complying(self, leads: Sequence[Lead], facts: Facts) -> Sequence[bool]:
        """Return which of ``leads`` need nothing (see Judge)."""
        self.evidence.facts = facts
        return [one.complies for one in await self._diff([Case(lead) for lead in leads])]

    def rank(self, lead: Lead) -> int | None:
        """Return how late the lead has its turn (see Judge)."""
        return self.turns.rank(lead)

    async def _diff(self, cases: Sequence[Case]) -> list[Diffed]:
        """Compare, some at a time: what is known of a lead only while it is compared is given up again."""
        diffed: list[Diffed] = []
        for at in range(0, len(cases), _AT_ONCE):
            diffed += await self._some(cases[at : at + _AT_ONCE])
        return diffed

    async def _some(self, cases: Sequence[Case]) -> list[Diffed]:
        drafts = [draft(case, self.index, self.step, self.plan, self.evidence.facts) for case in cases]
        made, timelines = await self.evidence.of(drafts)
        lane_async = self.plan.limits.lane == "async"
        diffed = []
        for one in drafts:
            key = self.evidence.facts.key(one.case.lead)
            unread = self.evidence.unreadable.get(key)
            diffed.append(
                finish(
                    one,
                    self.index,
                    self.plan,
                    made,
                    timelines.get(key, ()),
                    lane_async=lane_async,
                    at_work=self.options.at_work,
                )
                if unread is None
                else Diffed(one.case, one.ref, (), (Refusal(one.ref, unread, UNREADABLE_HELP),))
            )
        self.turns.learn(diffed)
        return diffed

    async def _verify(self, found: Found) -> None:
        """Diff leads with an id from the index again, over what a GET of that id reads."""
        changed = [one.case for one in self.diffed if one.changes]
        reads = await verified(found, changed, self.plan, self.reader)
        if not reads:
            return
        again: list[Diffed] = []
        for one in self.diffed:
            read = reads.get(one.case.lead.id or "")
            if isinstance(read, Refusal):
                again.append(replace(one, changes=(), refusals=(read, *one.refusals)))
            elif read is not None:
                key = self.facts.key(one.case.lead)
                again += await self._diff([replace(one.case, lead=self.around.overlay.now(key, read))])
            else:
                again.append(one)
        self.diffed = again

    def _refuse_existing(self) -> None:
        """Refuse creates of leads that are there, unless they are exactly as asked."""
        for at, one in enumerate(self.diffed):
            if one.case.exists and not one.complies:
                self.refusals.append(one.case.exists)
                self.diffed[at] = replace(one, changes=(), refusals=())

    def _notes(self, left_out: int) -> list[str]:
        notes = [*self.evidence.notes(), *self.turns.notes(self.diffed)]
        other = sum(one.other_text for one in self.diffed)
        if other:
            notes.append(
                f"already (other text): {other} actions were made before with another text; they stay as they are"
            )
        if left_out:
            notes.append(f"{left_out} leads left out by --only or --exclude")
        if self.options.scope.sample is not None:
            notes.append(
                f"a sample of at most {self.options.scope.sample} leads (seed {self.options.scope.seed})"
            )
        return notes

    async def _shown(self, cases: Sequence[Case]) -> tuple[Lead, ...]:
        """Return the leads to show: with their timelines where the step reads them, else those that it only finds."""
        leads = [case.lead for case in cases]
        reads = self._reads
        if reads:
            return await self.evidence.shown([lead for lead in leads if lead.id is not None], reads[0].window)
        return () if self._changing else tuple(replace(lead, timeline=None) for lead in leads)

    def _unreadable(self) -> list[Refusal]:
        """Return the leads whose timelines cannot be read: nobody knows their ids, or an entry is no entry."""
        without = [one for one in self.diffed if one.case.lead.id is None and not one.refusals]
        unread = self.evidence.unreadable
        broken = [
            Refusal(one.ref, unread[key], UNREADABLE_HELP)
            for one in self.diffed
            if not one.refusals and (key := self.facts.key(one.case.lead)) in unread
        ]
        return [*(one.case.unresolved for one in without if self._reads and one.case.unresolved), *broken]

    @property
    def _reads(self) -> list[ReadTimeline]:
        return [effect for effect in self.step.effects if isinstance(effect, ReadTimeline)]
