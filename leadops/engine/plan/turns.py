"""Whose turn it is: leads whose same change failed before come last, and under ``limit N`` those that cannot be changed.

Without a limit it matters too: a canary, ``stop when``, ``--max-time`` or a limit of calls may end a run before its last lead.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from leadops.engine.plan.clearing import clearing
from leadops.engine.plan.diff.lead import Diffed
from leadops.engine.plan.tried import failed_at
from leadops.engine.ports import JournalView
from leadops.engine.select.selection import SelectAround
from leadops.model.lead import Lead
from leadops.model.plan import Step
from leadops.model.saved import LAST
from leadops.predicate.facts import Facts

HOPELESS = 1 << 62
"""Rank of a lead that cannot be changed as it is (no id, a template without its value)."""


@dataclass(slots=True)
class Turns:
    """The order of one step's leads.

    Attributes:
        facts: name the leads.
        ranks: of leads that come last, by name: when the change last failed, in epoch ms, or ``HOPELESS``. The oldest
            failure has its turn first; a lead in its usual order has no rank.
    """

    step: Step
    journal: JournalView
    around: SelectAround
    facts: Facts
    ranks: dict[str, int] = field(default_factory=dict)

    def learn(self, diffed: Sequence[Diffed]) -> None:
        """Rank the leads of ``diffed`` that need a change."""
        counts = self.around.counts
        limited = self.step.limit is not None
        clear = clearing(diffed, self.step, self.around.capabilities)[0] if limited else diffed
        needing = [one for one in clear if not one.complies and (counts is None or counts(one.case.lead))]
        failed = failed_at([one.changes for one in needing], self.journal)
        for one, at in zip(needing, failed, strict=True):
            rank = HOPELESS if limited and one.refusals and not one.changes else at
            if rank is None:
                self.ranks.pop(self._name(one), None)
            else:
                self.ranks[self._name(one)] = rank

    def rank(self, lead: Lead) -> int | None:
        """Return how late a lead that was learnt of has its turn; None: in its usual order."""
        return self.ranks.get(self.facts.key(lead))

    def cut(self, diffed: Sequence[Diffed]) -> list[Diffed]:
        """Return ``diffed`` in turn: all that need no change, and the first ``limit`` leads that need one."""
        if self.step.limit is None and not self.ranks:
            return list(diffed)
        needing = [one for one in diffed if not one.complies]
        needing.sort(key=lambda one: self.ranks.get(self._name(one), -1))
        return [*(one for one in diffed if one.complies), *needing[: self.step.limit]]

    def notes(self, planned: Sequence[Diffed]) -> list[str]:
        """Return how many leads come last, and how many of them are among ``planned``."""
        here = {self._name(one) for one in planned if not one.complies}
        failed = {name for name, rank in self.ranks.items() if rank != HOPELESS}
        return [
            *self._said(failed, here, "whose same change failed in an earlier run"),
            *self._said(set(self.ranks) - failed, here, "that cannot be changed as they are"),
        ]

    def _said(self, some: set[str], here: set[str], who: str) -> list[str]:
        if not some:
            return []
        many = f"{len(some)} lead{'s' * (len(some) != 1)}"
        if self.step.limit is None:
            return [f"{many} {who} {LAST}"]
        planned = (
            f"{len(some & here) or 'none'} of them {'is' if len(some & here) == 1 else 'are'} in this plan"
        )
        return [f"limit {self.step.limit}: {many} {who} {LAST}; {planned}"]

    def _name(self, one: Diffed) -> str:
        return f"new {one.ref.identifier}" if one.case.create is not None else self.facts.key(one.case.lead)
