"""What selecting leads takes and gives: the words between select and the rest of the engine."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from leadops.engine.simulated_state import Overlay
from leadops.model.lead import Lead
from leadops.model.predicate import Condition
from leadops.model.saved import Refusal, SearchUse
from leadops.planner.call_meter import Memory
from leadops.planner.ports import Capabilities, IdIndex
from leadops.predicate.facts import Facts


class Judge(Protocol):
    """Tells which leads of a step with ``limit`` need nothing."""

    async def prepare(self, leads: Sequence[Lead], facts: Facts) -> None:
        """Ask what can be asked for up to a page of leads at once; some of them will be judged."""
        ...

    async def complying(self, leads: Sequence[Lead], facts: Facts) -> Sequence[bool]:
        """Return for each of ``leads`` whether it needs nothing."""
        ...

    def rank(self, lead: Lead) -> int | None:
        """Return how late a lead that was judged has its turn, the smallest first; None: in its usual order."""
        ...


@dataclass(slots=True)
class SelectAround:
    """What a selection needs besides the step.

    Attributes:
        capabilities: verdicts on the service's filters, kept for a day.
        index: ids by identifier.
        overlay: what earlier steps will do.
        goal: what complying leads have in common (``compliance.goal``); None: every selected lead is handed out.
        judge: asked in order by a step with ``limit`` only, no further than needed; None: every lead counts.
        max_calls: searches that this selection may make; None: no limit.
        wall_ms: the wall clock on the server's time. Scans freeze ``created_on`` at the later of this and the
            plan's clock, so that a moved clock never hides a lead.
        memory: counts already asked for; one a plan.
        counts: which leads count towards ``limit``; None: all. The others are handed out beside them.
    """

    capabilities: Capabilities
    index: IdIndex
    overlay: Overlay = field(default_factory=Overlay)
    goal: Condition | None = None
    judge: Judge | None = None
    max_calls: int | None = None
    wall_ms: int | None = None
    memory: Memory = field(default_factory=Memory)
    counts: Callable[[Lead], bool] | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """The leads of a step.

    Attributes:
        leads: ordered newest (or oldest) first by creation; already with the overlay. Without those that the
            search itself left out as compliant, and cut to ``limit`` leads that need a change.
        matched: how many leads the condition selects; with ``exact`` False at least so many, for ``limit`` stopped.
        compliant: leads that match and are not in ``leads`` because they need nothing.
        searches: each search of the query plan with its count and the pages read.
        notes: sentences for people.
        explain: the query plan as lines of a tree; ``tree`` is the same as JSON-able data.
        unresolved: a refusal for each of ``leads`` without id that no earlier step creates; it counts only if the
            lead needs a write.
        unreadable: a refusal for each lead of the searches, none of ``leads``, that cannot be read.
        indexed: ids that came from the local index: verify_id before the first write.
        read_ms: when reading began, on the server's time: what is older than 60 s is read again before a write.
        bound: the most calls that the selection was allowed; ``calls`` were made.
        facts: answers for every activity in the step's ``when`` and ``expect every``, with the overlay's actions.
    """

    leads: tuple[Lead, ...]
    matched: int
    compliant: int
    facts: Facts
    searches: tuple[SearchUse, ...] = ()
    notes: tuple[str, ...] = ()
    explain: tuple[str, ...] = ()
    tree: dict[str, Any] = field(default_factory=dict)
    unresolved: tuple[Refusal, ...] = ()
    unreadable: tuple[Refusal, ...] = ()
    indexed: frozenset[str] = frozenset()
    read_ms: int = 0
    bound: int = 0
    calls: int = 0
    exact: bool = True
