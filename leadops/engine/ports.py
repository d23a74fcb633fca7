"""What the engine asks of the world, split by right: a dry run is given only the Reader and the JournalView."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from leadops.model.change import ActionSpec
from leadops.model.exchange import Reply
from leadops.model.journal import AuditFinding, Entry, Made, OpRecord, RunRecord, Settled
from leadops.model.run import Result, RunResult
from leadops.model.saved import SavedPlan
from leadops.model.values import Value
from leadops.planner.ports import Capabilities, IdIndex, Reader, Searcher

__all__ = [
    "Capabilities",
    "IdIndex",
    "Journal",
    "JournalReader",
    "JournalView",
    "Reader",
    "RunFolder",
    "Searcher",
    "Still",
    "Writer",
]

Still = Callable[[], bool] | None


class Writer(Protocol):
    """Every write of the service, tried exactly once; the engine decides whether to send again.

    ``still`` is asked at the moment of handing the request to the transport, after every wait for a turn or a pause, and
    again before the socket is written to.
    Where it says no, no whole request is sent and the Reply is OUTDATED. None: there is nothing to ask.

    None of these raises for what the service answers or for a broken connection: the Reply says what is known.
    Values are as in a Change; the adapter writes them as the service wants them (docs/api.md §7).
    """

    async def create(
        self, fields: Mapping[str, Value], actions: Sequence[ActionSpec], *, still: Still = None
    ) -> Reply:
        """POST /lead (docs/api.md §5.1)."""
        ...

    async def update(self, lead_id: str, fields: Mapping[str, Value], *, still: Still = None) -> Reply:
        """POST /lead/{id} (docs/api.md §5.3)."""
        ...

    async def append(self, lead_id: str, actions: Sequence[ActionSpec], *, still: Still = None) -> Reply:
        """POST /lead/{id}/action (docs/api.md §5.5)."""
        ...

    async def update_action(self, lead_id: str, action: ActionSpec, *, still: Still = None) -> Reply:
        """POST /lead/{id}/action/{actionId} (docs/api.md §5.7)."""
        ...

    async def upsert(self, fields: Mapping[str, Value], *, still: Still = None) -> Reply:
        """POST …/autoupdatelead on the async API (docs/api.md §11): ACKED means queued, no more."""
        ...


class JournalView(Protocol):
    """What planning may know of the past."""

    @property
    def lineage(self) -> str:
        """The journal's name, given when it was made."""
        ...

    @property
    def serial(self) -> int:
        """How many commits it has seen."""
        ...

    @property
    def mark(self) -> str:
        """A word for the history up to now."""
        ...

    def holds(self, mark: str) -> bool:
        """Whether this journal's history goes on from ``mark``: it is not older, not another's, and did not fork."""
        ...

    def made(self, keys: Collection[str]) -> Mapping[str, Made]:
        """Return what is known of the appends of these op keys; those never seen are absent."""
        ...

    def knows_rule(self, rule: str) -> bool:
        """Whether a run has brought this rule before."""
        ...

    def tries(self, leads: Collection[str], keys: Collection[str]) -> Sequence[OpRecord]:
        """Return the settled ops on the leads of these ids, and those of these keys whose lead has no id."""
        ...


class JournalReader(JournalView, Protocol):
    """What may be known of earlier runs."""

    def ops(self, run: str) -> Mapping[str, OpRecord]:
        """Return the run's ops by key."""
        ...

    def runs(self) -> Sequence[RunRecord]:
        """Return every run, newest first."""
        ...

    def run(self, id: str) -> RunRecord | None:
        """Return the run of this id, or of the only id that begins so."""
        ...


class Journal(JournalReader, Protocol):
    """What a run writes down, and reads when it goes on."""

    async def record(self, *entries: Entry) -> None:
        """Write ``entries``; they are durable when this returns.

        Raises:
            TemporaryError: they could not be written; nothing of them was.
        """
        ...

    def post(self, *entries: Entry) -> None:
        """Let the next ``record`` write ``entries`` along with its own, before them."""
        ...

    def leave_marks(self, leave: Callable[[str], None]) -> None:
        """Call ``leave`` with the mark after each commit from now on, before anybody acts on it."""
        ...

    def begin_run(self, run: RunRecord, rules: Collection[str] = ()) -> None:
        """Write down that a run begins; raises StalePlanError when the plan was applied already."""
        ...

    def update_run(self, run: RunRecord) -> None:
        """Write down how far the run came."""
        ...

    def owned_actions(self, lead_id: str, type: str) -> frozenset[str]:
        """Return ids of the actions of the type on the lead that ops are known to have made."""
        ...

    def open_twins(self, lead_id: str, type: str, payload: str) -> frozenset[tuple[str, str]]:
        """Return (run, key) of equal ops on the lead whose fate is not known."""
        ...

    def settle_by_hand(self, entry: Settled, *, again: bool) -> None:
        """Write down what a person decided about an op in doubt; ``again``: it shall be sent once more."""
        ...

    def forget(self, lead_id: str, at_ms: int) -> int:
        """Empty what the service said about the lead's ops; return how many rows that touched."""
        ...

    def audit(self) -> Sequence[AuditFinding]:
        """Return every row that is not as it was written."""
        ...


class RunFolder(Protocol):
    """Where a run leaves its files."""

    @property
    def run(self) -> str:
        """The run's id."""
        ...

    @property
    def path(self) -> str:
        """The folder."""
        ...

    def save_plan(self, saved: SavedPlan) -> None:
        """Write plan.json, before anything is sent; raises ConfigurationError when that is impossible."""
        ...

    def mark(self, workspace: str, mark: str) -> None:
        """Note down how far the journal's history has come. A file that cannot be written is no failure here."""
        ...

    def left(self) -> str | None:
        """Return the mark that the run left last; None where there is none that proves anything."""
        ...

    def add(self, result: Result) -> None:
        """Append a result to leads.jsonl as it becomes known. A file that cannot be written is no failure here."""
        ...

    def finish(self, saved: SavedPlan, result: RunResult) -> None:
        """Write results.json and the CSV files; raises OSError when that is impossible."""
        ...

    def emergency(self, line: str) -> None:
        """Keep an outcome that the journal could not take."""
        ...
