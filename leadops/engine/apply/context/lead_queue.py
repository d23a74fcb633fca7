"""The ops of one lead in one step, in order, and what stands between them and being sent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum

from leadops.engine.apply.context.run_context import APPENDS, Sitting
from leadops.model.change import Change, Kind
from leadops.model.lead import Lead
from leadops.model.plan import Step
from leadops.model.predicate import Activity
from leadops.model.run import CLEAN, Outcome, Result
from leadops.predicate.facts import Facts

EXISTS = "a lead with this identifier exists now"
"""Why a create is in doubt that was sent again and answered with 409: the lost one may have made the lead."""


class Progress(Enum):
    """Where a chain stands after it was advanced as far as possible."""

    DONE = "done"
    DOUBT = "doubt"
    HELD = "held"
    """Its next op is an append, and appends are stopped until what is unknown is settled."""
    HALTED = "halted"


@dataclass(slots=True)
class Doubt:
    """An op whose request may have been applied.

    Attributes:
        intent_ms: before this it was not sent, server-corrected.
        sent_ms: at or after this the last of it left.
    """

    attempt: int
    intent_ms: int
    sent_ms: int
    why: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What a lead was when it was read again.

    Attributes:
        lead: as it is; None: no list of identifiers found it.
        selected: whether the step still selects it, the step's own settled writes set aside.
        facts: what is known of its activities; None: nothing.
    """

    lead: Lead | None = None
    selected: bool = False
    facts: Facts | None = None


@dataclass(slots=True)
class Chain:
    """A lead's changes in one step.

    Attributes:
        lead: key across the run: the id, or ``~`` and the identifier.
        read_ms: when the lead was last read, server-corrected.
        seen: what that reading saw; None: the plan's own reading.
        judged: the lead was judged on that reading.
        flying: a request of it was handed over and has no answer yet: what is read now is of neither side of it.
        rounds: how often it was read again since a request of it left.
        throttled, refused: 429s, and requests that could not leave, since an answer to a request of it.
        attempts: sendings by key of the change, those of earlier sittings included.
        earlier: by key of the change, what an earlier sitting left unknown and nobody has looked for yet.
        lost: of these, in this sitting, the ones that are proved to have got lost.
        maybe: a request of the current op ended unknown: a 409 may be our own doing.
    """

    step: int
    lead: str
    changes: tuple[Change, ...]
    read_ms: int
    seen: Seen | None = None
    judged: bool = False
    flying: bool = False
    rounds: int = 0
    throttled: int = 0
    refused: int = 0
    doubt: Doubt | None = None
    maybe: bool = False
    attempts: dict[str, int] = field(default_factory=dict)
    earlier: dict[str, Doubt] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)

    def take(self, seen: Seen, read_ms: int) -> None:
        """Take a reading: the lead is to be judged on it."""
        self.seen, self.read_ms, self.judged = seen, read_ms, False

    def recall(self, op: Sequence[Change]) -> None:
        """Put in doubt what an earlier sitting left unknown of ``op``, the chain's next."""
        found = [one for change in op if (one := self.earlier.pop(change.key, None)) is not None]
        if found and self.doubt is None:
            self.doubt, self.maybe = found[0], True

    def progress(self) -> Progress:
        """Return why the chain does not go on after a sending without results."""
        return Progress.DOUBT if self.doubt is not None else Progress.HALTED

    def next_op(self, results: Mapping[str, Result]) -> tuple[Change, ...]:
        """Return the changes of the next request; empty when the chain is done.

        A create takes its appends along; appends whose create is settled go alone.
        """
        for at, change in enumerate(self.changes):
            if change.key in results:
                continue
            if change.kind is Kind.CREATE:
                return (
                    change,
                    *(one for one in self.changes[at + 1 :] if one.with_create and one.key not in results),
                )
            return (change,)
        return ()


def chains_of(changes: Iterable[Change], step: int, read_ms: int) -> list[Chain]:
    """Return the step's chains in the order of the plan."""
    by_lead: dict[str, list[Change]] = {}
    for change in changes:
        by_lead.setdefault(lead_key(change), []).append(change)
    return [Chain(step, lead, tuple(some), read_ms) for lead, some in by_lead.items()]


def lead_key(change: Change) -> str:
    """Return what names the change's lead across the run."""
    return change.lead.id or f"~{change.lead.identifier}"


def obstacle(change: Change, chain: Chain, sitting: Sitting) -> str:
    """Return why ``change`` may not be sent because of what became of others; empty when nothing stands in its way."""
    for other in chain.changes:
        result = sitting.results.get(other.key)
        if result is None or result.clean:
            continue
        if other.kind is Kind.CREATE and result.outcome is not Outcome.CREATED:
            return "the lead was not created"
        if change.kind in APPENDS and other.kind is Kind.UPDATE:
            return f"the fields of this lead were not set: {result.reason or result.outcome.value}"
    earlier = [
        one
        for one in sitting.unclean.get(change.lead.identifier or lead_key(change), ())
        if one.change.step < change.step
    ]
    needs = reliance(sitting.plan.steps[change.step], change) if earlier else frozenset()
    for result in earlier:
        other = result.change
        if other.kind is Kind.CREATE and result.outcome is not Outcome.CREATED:
            return f"it relies on step {other.step + 1}, where the lead was not created"
        failed = failed_parts(result)
        if failed & needs:
            return f"it relies on {', '.join(sorted(failed & needs))}, which step {other.step + 1} did not get ({result.outcome.value})"
    return ""


def failed_parts(result: Result) -> frozenset[str]:
    """Return the fields (and ``action TYPE``) that a result leaves other than asked."""
    change = result.change
    if change.action is not None:
        return frozenset({f"action {change.action.type}"})
    if result.outcome in CLEAN:
        return frozenset(name for name, one in result.fields.items() if one not in CLEAN)
    return frozenset(change.fields)


def reliance(step: Step, change: Change) -> frozenset[str]:
    """Return the fields (and ``action TYPE``) that a change of ``step`` was computed from."""
    found = set(change.fields)
    _collect(step.source, found)
    _collect(step.effects, found)
    _collect(step.every, found)
    return frozenset(found)


def _collect(node: object, found: set[str]) -> None:
    """Gather the field names and action types that conditions and templates below ``node`` mention."""
    if isinstance(node, Activity):
        found.update(f"action {code}" for code in node.types)
    if isinstance(node, tuple | list):
        for one in node:
            _collect(one, found)
    elif is_dataclass(node):
        name = getattr(node, "field", None)
        if isinstance(name, str):
            found.add(name)
        if getattr(node, "root", None) == "lead":
            found.add(getattr(node, "path", ("",))[0])
        for one in fields(node):
            _collect(getattr(node, one.name), found)
