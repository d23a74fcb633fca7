"""From a step's source to its cases: the leads that it finds, and those that it is to create."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from leadops.engine.plan.diff.lead import Case, reference
from leadops.engine.plan.diff.values import CannotRenderError, Values
from leadops.engine.plan.reissue import reissued
from leadops.engine.select.lead_ids import Resolver, verify_id
from leadops.engine.select.noncompliant import goal
from leadops.engine.select.selection import Judge, SelectAround
from leadops.engine.select.selector import select
from leadops.model.change import LeadRef
from leadops.model.lead import Lead
from leadops.model.plan import (
    Assign,
    Constant,
    Create,
    EachRow,
    Find,
    FindById,
    Plan,
    Rejects,
    Row,
    Step,
    Upsert,
)
from leadops.model.query import Body, Page
from leadops.model.run import Result
from leadops.model.saved import Refusal, SearchUse
from leadops.model.schema import Field
from leadops.model.values import Value, is_missing
from leadops.planner.lookup import canonical, lookup_identifiers
from leadops.planner.ports import Reader
from leadops.predicate.facts import Facts


@dataclass(slots=True)
class Found:
    """A step's cases and what is to be said about how they were found.

    Attributes:
        refusals: why the step, and with it the plan, is refused.
        missing: rows and leads that are left out, by name.
        exact: False when ``limit`` stopped the reading.
    """

    cases: list[Case]
    facts: Facts
    matched: int
    compliant: int = 0
    searches: tuple[SearchUse, ...] = ()
    notes: list[str] = field(default_factory=list)
    explain: tuple[str, ...] = ()
    query: Mapping[str, Any] | None = None
    refusals: list[str] = field(default_factory=list)
    missing: list[Refusal] = field(default_factory=list)
    indexed: frozenset[str] = frozenset()
    bound: int = 0
    exact: bool = True


async def find_cases(
    step: Step,
    plan: Plan,
    reader: Reader,
    around: SelectAround,
    rejects: Sequence[Result],
    judge: Judge | None,
    *,
    every: bool = False,
) -> Found:
    """Return the cases of ``step``; raises what ``select`` raises. ``judge`` None: the step only finds.

    ``every``: those that need nothing are handed out too.
    """
    source = step.source
    match source:
        case Find() | FindById():
            around = replace(around, goal=None if every else goal(step), judge=None if every else judge)
            return await _found(step, plan, reader, around)
        case Rejects():
            cases = await reissued(
                rejects, plan, reader, Resolver(around.index, plan.schema, plan.country_code)
            )
            return Found(cases, _facts(plan, around), len(cases))
        case _:
            return await _Lookup(step, plan, reader, around).cases(source)


async def verified(
    found: Found, changed: Sequence[Case], plan: Plan, reader: Reader
) -> dict[str, Lead | Refusal]:
    """Read each lead whose id came from the index and that would be written, by id: the before-image, or a refusal."""
    leads = [case.lead for case in changed if case.lead.id in found.indexed]
    return {str(lead.id): await verify_id(reader, lead, plan.schema, plan.country_code) for lead in leads}


def _facts(plan: Plan, around: SelectAround) -> Facts:
    return around.overlay.facts(Facts(plan.schema.identifier, plan.country_code))


async def _found(step: Step, plan: Plan, reader: Reader, around: SelectAround) -> Found:
    selection = await select(step, plan, reader, around)
    reasons = iter(selection.unresolved)
    facts = selection.facts
    cases = [
        Case(lead, unborn=facts.key(lead) in facts.unborn)
        if lead.id is not None or facts.key(lead) in facts.unborn
        else Case(lead, unresolved=next(reasons))
        for lead in selection.leads
    ]
    return Found(
        cases,
        selection.facts,
        selection.matched,
        selection.compliant,
        selection.searches,
        list(selection.notes),
        selection.explain,
        selection.tree or None,
        missing=list(selection.unreadable),
        indexed=selection.indexed,
        bound=selection.bound,
        exact=selection.exact,
    )


@dataclass(slots=True)
class _Lookup:
    """Creates, upserts and CSV rows: their leads are looked up by lists of identifiers."""

    step: Step
    plan: Plan
    reader: Reader
    around: SelectAround
    searches: list[SearchUse] = field(default_factory=list)

    async def cases(self, source: Create | Upsert | EachRow | Rejects | Find | FindById) -> Found:
        match source:
            case Create(fields):
                return await self._single(fields, create=True)
            case Upsert(_, fields):
                return await self._single(fields, create=False)
            case EachRow():
                return await self._rows(source)
            case _:
                raise TypeError(f"{type(source).__name__} has no identifiers")

    async def _single(self, fields: tuple[Assign, ...], *, create: bool) -> Found:
        by = self.plan.schema.identifier
        values = Values(self.plan, self.step, Lead(None))
        assign = next(one for one in fields if one.name == by.api_name)
        facts = _facts(self.plan, self.around)
        try:
            value = values.of(assign)
            if is_missing(value):
                why = f"{by.api_name} would be nothing, and it names the lead"
                raise CannotRenderError(by.api_name, values.written(assign), why)  # noqa: TRY301 (as any other)
        except CannotRenderError as error:
            refusal = Refusal(
                LeadRef(None, ""), f"template: {error.reason}", field=error.field, value=error.text
            )
            return Found([], facts, 1, missing=[refusal])
        leads = (await self._leads([value], by)).get(canonical(value, by, self.plan.country_code), ())
        found = Found([], facts, 1, searches=tuple(self.searches))
        if not leads:
            found.cases = [Case(Lead(None), create=fields)]
        elif leads[0].unreadable:
            found.missing += self._unread(leads[0], None)
        elif create:
            lead = leads[0]
            reason = (
                f"step “{self.step.name}”: a lead with {by.api_name} {value} exists already"
                f" ({lead.name or lead.id or 'no id'}); `upsert lead by {by.api_name} with …` updates it"
            )
            rest = tuple(one for one in fields if one.name != by.api_name)
            found.cases = [Case(lead, fields=rest, exists=reason)]
            found.matched = len(leads)
        elif len(leads) > 1:
            found.missing.append(self._several(leads, by, value, None))
        else:
            rest = tuple(one for one in fields if self._settable(one.name))
            found.cases = [self._there(leads[0], facts, fields=rest)]
        return found

    async def _rows(self, source: EachRow) -> Found:
        field_ = self.plan.schema.field(source.match_field) or Field(source.match_field, source.match_type)
        keys = {row.number: self._key(source, row) for row in source.rows}
        leads = await self._leads(list(keys.values()), field_)
        found = Found([], _facts(self.plan, self.around), 0, searches=tuple(self.searches))
        fails: list[str] = []
        for row in source.rows:
            value = keys[row.number]
            there = leads.get(canonical(value, field_, self.plan.country_code), ())
            ref = LeadRef(None, str(value))
            if len(there) == 1 and not there[0].unreadable:
                found.cases.append(self._there(there[0], found.facts, row=row))
            elif there and there[0].unreadable:
                found.missing += self._unread(there[0], row)
            elif there:
                found.missing.append(self._several(there, field_, value, row))
            elif source.on_missing == "create":
                found.cases.append(Case(Lead(None), row=row, create=self._creation(source, value)))
            elif source.on_missing == "skip":
                reason = f"no lead has {source.match_field} {value}; the step skips such rows"
                found.missing.append(Refusal(ref, reason, outcome="skipped_by_guard", row=row.number))
            else:
                fails.append(f"line {row.number} ({value})")
        found.matched = len(source.rows)
        if fails:
            some = ", ".join(fails[:5]) + (f" and {len(fails) - 5} more" if len(fails) > 5 else "")
            found.refusals.append(
                f"step “{self.step.name}”: {source.path} names leads that do not exist: {some};"
                " write `on missing lead create` or `skip`"
            )
        return found

    def _key(self, source: EachRow, row: Row) -> Value:
        typed = [value for (_, name), value in row.values.items() if name == source.match_field]
        return typed[0] if typed and str(typed[0]) else row.key

    def _creation(self, source: EachRow, value: Value) -> tuple[Assign, ...]:
        return (Assign(source.match_field, source.match_type, Constant(value)),)

    def _settable(self, name: str) -> bool:
        field_ = self.plan.schema.field(name)
        return field_ is None or not (
            field_.identifier or field_.locked or name == self.plan.schema.identifier.api_name
        )

    def _there(
        self, lead: Lead, facts: Facts, *, row: Row | None = None, fields: tuple[Assign, ...] = ()
    ) -> Case:
        """Return the case of a lead that exists, or that an earlier step will have created."""
        unborn = facts.key(lead) in facts.unborn
        unresolved = None
        if lead.id is None and not unborn:
            resolver = Resolver(self.around.index, self.plan.schema, self.plan.country_code)
            unresolved = resolver.refusals([lead])[0]
        return Case(lead, row, fields=fields, unresolved=unresolved, unborn=unborn)

    def _unread(self, lead: Lead, row: Row | None) -> list[Refusal]:
        resolver = Resolver(self.around.index, self.plan.schema, self.plan.country_code)
        number = row.number if row else None
        return [replace(one, row=number) for one in resolver.unreadable([lead])]

    def _several(self, leads: Sequence[Lead], by: Field, value: Value, row: Row | None) -> Refusal:
        ref = reference(leads[0], self.plan.schema)
        return Refusal(
            replace(ref, id=None),
            f"{len(leads)} leads have {by.api_name} {value}",
            "merge them in the CRM, or name one by its id",
            row=row.number if row else None,
        )

    async def _leads(self, values: Sequence[Value], by: Field) -> dict[str, tuple[Lead, ...]]:
        """Return the leads of each value, as earlier steps will have left them."""
        recorder = _Recorder(self.reader, self.searches)
        raw = await lookup_identifiers(
            values,
            self.plan.schema,
            recorder,
            country_code=self.plan.country_code,
            field=by,
            memory=self.around.memory,
        )
        resolver = Resolver(self.around.index, self.plan.schema, self.plan.country_code)
        facts = _facts(self.plan, self.around)
        found: dict[str, tuple[Lead, ...]] = {}
        for key, rows in raw.items():
            leads = resolver.distinct(resolver.resolve(rows))
            found[key] = tuple(self.around.overlay.now(facts.key(lead), lead) for lead in leads)
        for key in [key for key, leads in found.items() if not leads]:
            lead = self.around.overlay.having(
                by.api_name, key, lambda value: canonical(value, by, self.plan.country_code)
            )
            found[key] = (lead,) if lead is not None else ()
        return found


@dataclass(slots=True)
class _Recorder:
    """Passes searches on and notes them for the plan."""

    reader: Reader
    searches: list[SearchUse]

    async def search(self, body: Body, skip: int, limit: int) -> Page:
        """Return one page."""
        page = await self.reader.search(body, skip, limit)
        self.searches.append(SearchUse(body, page.total_count, 1))
        return page
