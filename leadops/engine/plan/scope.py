"""Which leads and steps of a plan were chosen: ``--only``, ``--exclude``, ``--sample``.

No list and an empty list differ: None takes everything, an empty set takes nothing.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from leadops.core.errors import UsageError
from leadops.engine.lead_names import lead_key
from leadops.engine.plan.diff.lead import Case, Diffed
from leadops.model.lead import Lead
from leadops.model.saved import Refusal
from leadops.model.schema import Schema
from leadops.planner.lookup import canonical

_NAMED = 5
"""Names that match nobody and are told one by one."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What was chosen; equal scopes choose the same.

    Attributes:
        only_leads, except_leads: ids or identifiers of leads, in any spelling; ``naming.lead_key`` makes them one.
        only_steps, except_steps: names of steps, or their numbers from 1.
        sample: plan this many leads a step only, chosen by ``seed``.
    """

    only_leads: frozenset[str] | None = None
    except_leads: frozenset[str] | None = None
    only_steps: frozenset[str] | None = None
    except_steps: frozenset[str] | None = None
    sample: int | None = None
    seed: int = 0

    @property
    def names_leads(self) -> bool:
        """Whether some leads are chosen, or left out, by name."""
        return self.only_leads is not None or bool(self.except_leads)


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Names that match no lead of a plan.

    Attributes:
        counts: a sentence without anybody's name; ``some`` are the first of them.
        grave: the list may be another's: no name of it matches, or it is one of those to take. A register of those
            not to be called, of whom some are leads, is as it should be.
    """

    flag: str
    counts: str
    some: str
    grave: bool

    def __str__(self) -> str:
        """Return the whole sentence."""
        return f"{self.flag}: {self.counts}: {self.some}"


@dataclass(slots=True)
class Choice:
    """A scope at work in one plan: every lead that is found passes by, and what the names met is counted.

    Attributes:
        met: keys of all leads that passed.
        taken: whether any lead passed and was kept.
        passed: whether any passed.
        unread: leads that match and need nothing, which no search hands out.
    """

    scope: Scope
    schema: Schema
    country_code: str
    met: set[str] = field(default_factory=set)
    taken: bool = False
    passed: bool = False
    unread: int = 0
    _only: frozenset[str] | None = field(init=False)
    _except: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Read each name once."""
        only = self.scope.only_leads
        self._only = None if only is None else self._keys(only)
        self._except = self._keys(self.scope.except_leads or ())

    def wants(self, number: int, name: str) -> bool:
        """Whether the step of this number (from 1) and name is to be planned."""
        names, only = {name, str(number)}, self.scope.only_steps
        return not (names & (self.scope.except_steps or set())) and (only is None or bool(names & only))

    def takes(self, lead: Lead) -> bool:
        """Whether a lead that exists is one of those chosen."""
        return self._takes(self._keys_of(lead.id, lead.fields.get(self.schema.identifier.api_name)))

    def cases(self, cases: Sequence[Case]) -> list[Case]:
        """Return those of a step's cases that were chosen; a lead to be created is judged by ``created``."""
        return [
            case for case in cases if case.create is not None or self._passes(self.takes(case.lead), case)
        ]

    def created(self, diffed: Sequence[Diffed]) -> list[Diffed]:
        """Return ``diffed`` without the leads to be created that were not chosen."""
        kept = []
        for one in diffed:
            if one.case.create is not None:
                keys = self._keys_of(None, one.ref.identifier)
                self._meet(keys)
                if not self._takes(keys):
                    continue
                self.taken = True
            kept.append(one)
        return kept

    def refusals(self, refusals: Sequence[Refusal]) -> list[Refusal]:
        """Return ``refusals`` without those of leads that were not chosen; a lead without any name stays."""
        kept = []
        for one in refusals:
            keys = self._keys_of(one.lead.id, one.lead.identifier)
            self._meet(keys)
            if not keys or self._takes(keys):
                self.taken = self.taken or bool(keys)
                kept.append(one)
        return kept

    def notes(self) -> list[Unmatched]:
        """Return how many of the names match no lead of the plan; none when each does.

        Raises:
            UsageError: ``--only`` leaves nothing of what was found.
        """
        only, left_out = self._unmatched("--only", self._only), self._unmatched("--exclude", self._except)
        if self._only is not None and self.passed and not self.taken:
            counts = (
                f": {only.counts}" if only else ": those of its names that match are left out by --exclude"
            )
            raise UsageError(
                f"--only leaves nothing{counts}", "`leadops why-not` says why a playbook leaves a lead out"
            )
        return [one for one in (only, left_out) if one is not None]

    def _unmatched(self, flag: str, names: frozenset[str] | None) -> Unmatched | None:
        lost = sorted((names or frozenset()) - self.met)
        if not names or not lost:
            return None
        of = f"{len(names):,} name{'s' * (len(names) != 1)}"
        match = f"{len(lost):,} match{'es' * (len(lost) == 1)}"
        read = f" that was read ({self.unread:,} need nothing and were not)" if self.unread else ""
        some = ", ".join(lost[:_NAMED]) + (f" and {len(lost) - _NAMED:,} more" if len(lost) > _NAMED else "")
        all_lost = len(lost) == len(names) and not self.unread
        return Unmatched(
            flag, f"{of}, {match} no lead of this plan{read}", some, grave=flag == "--only" or all_lost
        )

    def _passes(self, taken: bool, case: Case) -> bool:
        self._meet(self._keys_of(case.lead.id, case.lead.fields.get(self.schema.identifier.api_name)))
        self.taken = self.taken or taken
        return taken

    def _meet(self, keys: frozenset[str]) -> None:
        self.passed = True
        self.met |= keys

    def _takes(self, keys: frozenset[str]) -> bool:
        return (self._only is None or bool(keys & self._only)) and not (keys & self._except)

    def _keys_of(self, lead_id: str | None, identifier: object) -> frozenset[str]:
        by = self.schema.identifier
        name = canonical(identifier, by, self.country_code) if identifier is not None else ""  # type: ignore[arg-type]
        return frozenset(key for key in ((lead_id or "").lower(), name) if key)

    def _keys(self, names: Iterable[str]) -> frozenset[str]:
        by = self.schema.identifier
        return frozenset(
            lead_key(name, by, self.country_code) or canonical(name, by, self.country_code) for name in names
        )


def sample_of(cases: list[Case], scope: Scope) -> list[Case]:
    """Return ``scope.sample`` of the cases, chosen by its seed, in their order; all when none was asked for."""
    if scope.sample is None or len(cases) <= scope.sample:
        return cases

    def order(case: Case) -> str:
        name = case.lead.id or (case.row.key if case.row else "")
        return hashlib.sha256(f"{scope.seed}:{name}".encode()).hexdigest()

    chosen = {id(case) for case in sorted(cases, key=order)[: scope.sample]}
    return [case for case in cases if id(case) in chosen]
