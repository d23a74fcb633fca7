"""Which activities leads at hand have: what guards and effects ask, and what an append must know, in few calls."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from leadops.engine.select.arm_reader import Gatherer
from leadops.model.lead import Lead
from leadops.model.plan import Effect, Find, Plan, Step, When
from leadops.model.predicate import Activity, And, Condition
from leadops.model.query import PAGE
from leadops.planner.filters import outline
from leadops.planner.optimizer import DOUBTFUL
from leadops.planner.probes import Count, FilterUnsupportedError, Probes
from leadops.planner.query_plan import Ask
from leadops.planner.search_body import Search
from leadops.predicate.evaluate import activities
from leadops.predicate.facts import Facts
from leadops.predicate.normalise import normalise


class Learning:
    """Asks for one step; what it learns stands in ``facts``."""

    def __init__(self, step: Step, plan: Plan, probes: Probes, gather: Gatherer, facts: Facts) -> None:
        self.step = step
        self.plan = plan
        self.probes = probes
        self.gather = gather
        self.facts = facts

    async def ask(self, term: Activity) -> Ask:
        """Return how to learn an activity for leads at hand: by lists of identifiers."""
        part, whole = await self.probes.searchable(term)
        search = None if part is None else Search({}, part)
        return Ask(term, search, Count(PAGE, 1, exact=False), verify=not whole, scannable=False)

    async def among(self, ask: Ask, leads: int) -> Ask | None:
        """Return how to learn an activity of so many of the step's leads by one search; None where lists are cheaper.

        It narrows the activity's search by what the step's condition says of fields; earlier steps are left out.
        """
        lists = -(-leads // self.probes.memory.lookup)
        if (
            not isinstance(self.step.source, Find)
            or ask.search is None
            or (lists < 2 and not self.step.limit)
        ):
            return None
        whole = normalise(self.step.source.condition, self.plan.country_code)
        terms = whole.terms if isinstance(whole, And) else (whole,)
        fields = {
            name: one
            for name, one in outline(terms, self.plan.schema, self.plan.country_code).items()
            if name not in DOUBTFUL and self.probes.usable(name, one)
        }
        search = replace(ask.search, fields=fields)
        try:
            count = await self.probes.count(search)
        except FilterUnsupportedError:
            return None
        return replace(ask, search=search, count=count, scannable=True) if count.pages < lists else None

    def terms(self) -> tuple[Activity, ...]:
        """Return the activities that the step's guards and effects ask for."""
        return terms_of([*self.step.every, *_conditions(self.step.effects)])

    def calls(self, leads: int) -> int:
        """Return how many calls learning them of so many leads takes at most."""
        return sum((-(-leads // PAGE) + (leads if term.having else 0)) for term in self.terms())

    async def of(self, leads: Sequence[Lead], *, dear: bool = True) -> None:
        """Learn what the effects need to know of ``leads``; not ``dear``: only what lists of leads tell."""
        for term in self.terms():
            if term.having and not dear:
                continue
            unknown = [lead for lead in leads if self.facts.activity(term, lead) is None]
            if unknown:
                await self.gather.learn(await self.ask(term), unknown)


def effect_terms(step: Step) -> tuple[Activity, ...]:
    """Return the activities that the step's effects ask for."""
    return terms_of(_conditions(step.effects))


def terms_of(conditions: Iterable[Condition]) -> tuple[Activity, ...]:
    """Return the distinct activities of ``conditions``."""
    return tuple(dict.fromkeys(term for condition in conditions for term in activities(condition)))


def _conditions(effects: Sequence[Effect]) -> list[Condition]:
    found: list[Condition] = []
    for effect in effects:
        if isinstance(effect, When):
            found += [effect.condition, *_conditions(effect.then), *_conditions(effect.otherwise)]
    return found
