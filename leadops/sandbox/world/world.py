"""One emulated workspace with everything that decides how it answers.

A world is a store, a clock, the switches, the faults, the tokens and what happens in it by itself: late async upserts,
actions that become visible late, automations, agents that go on calling.
"""

import hashlib
import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from leadops.core.clock import Clock
from leadops.sandbox.faults.rules import FaultSchedule, Scenario
from leadops.sandbox.world.definition import WorkspaceDefinition
from leadops.sandbox.world.limits import RollingHour
from leadops.sandbox.world.records import Lead, NewAction
from leadops.sandbox.world.seed import Seed, plant
from leadops.sandbox.world.store import Store
from leadops.sandbox.world.switches import Switches
from leadops.sandbox.world.values import Rules
from leadops.sandbox.world.workspace import default_workspace

_CALLS_KEPT = 20_000
_YEAR_MS = 31_536_000_000


class RecordedCall(NamedTuple):
    """A request as it arrived; ``body`` is the parsed JSON, or the raw text where it was none."""

    method: str
    path: str
    body: object


class Entry(NamedTuple):
    """A custom action or payment as it is stored; ``at`` only when it was dated back."""

    type: str
    detail: Mapping[str, object]
    at: int | None = None


@dataclass(eq=False, slots=True)
class World:
    """The state behind the app. Make one with ``open`` or ``empty``.

    Attributes:
        sync_limit, async_limit: requests in any rolling hour.
        async_delay_s: how long the async API takes to apply what it queued.
        visibility_delay_s: how long a written action stays invisible.
        owner: e-mail of the member who made the tokens.
        revoked: tokens that are no longer taken.
        faults: what goes wrong, and when.
        calls: the last requests, as they arrived.
        tie_seed: other than 0, leads of the same moment come in another order (for the request at hand).
    """

    store: Store
    clock: Clock
    switches: Switches
    seed: int
    enterprise_id: str
    sync_token: str
    async_token: str
    sync_limit: int = 3600
    async_limit: int = 18_000
    async_delay_s: float = 2.0
    visibility_delay_s: float = 0.0
    owner: str = "admin@company.com"
    revoked: set[str] = field(default_factory=set)
    calls: deque[RecordedCall] = field(default_factory=lambda: deque(maxlen=_CALLS_KEPT))
    hour: RollingHour = field(default_factory=RollingHour)
    faults: FaultSchedule = field(default_factory=FaultSchedule)
    tie_seed: int = 0
    _counts: dict[tuple[object, ...], int] = field(default_factory=dict)
    _counted_at: object = None

    # ── making one ────────────────────────────────────────────────────────────────────────────────
    @classmethod
    def open(
        cls,
        path: Path | None,
        clock: Clock,
        *,
        seed: int = 1,
        leads: int = 500,
        switches: Mapping[str, str] | None = None,
        hostile: bool = True,
    ) -> "World":
        """Open the workspace in ``path`` as it is, or make and seed it; None keeps it in memory.

        Raises:
            ValueError: a switch or its position is unknown.
        """
        chosen = Switches(switches)
        store = Store(path)
        with store.transaction():
            if not store.is_laid_out():
                _plant(store, clock, Seed(seed, leads, hostile))
        return cls._around(store, clock, chosen)

    @classmethod
    def empty(
        cls,
        clock: Clock,
        definition: WorkspaceDefinition | None = None,
        *,
        path: Path | None = None,
        switches: Mapping[str, str] | None = None,
    ) -> "World":
        """Return a workspace without leads, in memory or in place of whatever ``path`` holds."""
        store = Store(path)
        with store.transaction():
            store.lay_out()
            store.definition = definition or default_workspace(clock.now_ms() - _YEAR_MS)
            store.remember("seed", Seed(0, 0).to_text())
        return cls._around(store, clock, Switches(switches))

    @classmethod
    def _around(cls, store: Store, clock: Clock, switches: Switches) -> "World":
        seed = Seed.from_text(store.note("seed") or "").seed
        name = f"leadops sandbox {seed}"
        return cls(
            store=store,
            clock=clock,
            switches=switches,
            seed=seed,
            enterprise_id=stable_id("enterprise", name),
            sync_token=_token(f"{name} sync"),
            async_token=_token(f"{name} async"),
        )

    def reset(self, *, seed: int | None = None, leads: int | None = None) -> None:
        """Delete everything and seed it anew, with the numbers it was made with unless others are given."""
        old = Seed.from_text(self.store.note("seed") or "")
        new = Seed(old.seed if seed is None else seed, old.leads if leads is None else leads, old.hostile)
        with self.store.transaction():
            _plant(self.store, self.clock, new)
        fresh = World._around(self.store, self.clock, self.switches)
        self.seed, self.enterprise_id = fresh.seed, fresh.enterprise_id
        self.sync_token, self.async_token = fresh.sync_token, fresh.async_token
        self.revoked.clear()
        self.calls.clear()
        self.hour = RollingHour()

    def stage(self, scenario: Scenario) -> None:
        """Bring in a scenario: its settings, its switches, its rules.

        Raises:
            ValueError: a switch or its position is unknown.
        """
        for name, position in scenario.switches.items():
            self.switches.set(name, position)
        for setting in ("sync_limit", "async_limit", "async_delay_s", "visibility_delay_s"):
            value = getattr(scenario, setting)
            if value is not None:
                setattr(self, setting, value)
        self.faults.add(*scenario.rules)

    # ── asking ────────────────────────────────────────────────────────────────────────────────────
    @property
    def rules(self) -> Rules:
        """How values are taken at this moment."""
        return Rules(self.store.definition, self.switches)

    def count(self, sql: str, parameters: Sequence[object]) -> int:
        """Return the single number that ``sql`` gives; asked again of an unchanged store, it is remembered."""
        mark = self.store.mark()
        if mark != self._counted_at:
            self._counts.clear()
            self._counted_at = mark
        key = (sql, *parameters)
        if key not in self._counts:
            self._counts[key] = int(self.store.connection.execute(sql, tuple(parameters)).fetchone()[0])
        return self._counts[key]

    def performer(self, name: str) -> str:
        """Return the e-mail that a performer in an action search means, by the switch performed_by."""
        if self.switches["performed_by"] == "email":
            return name.strip().lower()
        members = self.store.definition.members
        return next((one.email.lower() for one in members if stable_id("member", one.email) == name), "?")

    # ── writing, as the API does ──────────────────────────────────────────────────────────────────
    def add_options(self, name: str, labels: Sequence[str]) -> None:
        """Let new labels of a lead field come into being."""
        for label in labels:
            self.store.definition = self.store.definition.with_option(name, label)

    def add_action_options(self, code: str, name: str, labels: Sequence[str]) -> None:
        """Let new labels of a custom action's field come into being."""
        for label in labels:
            self.store.definition = self.store.definition.with_action_option(code, name, label)

    def new_lead(self, fields: Mapping[str, object]) -> Lead:
        """Store a lead that came by the API: without a status it gets the first of the pipeline."""
        workspace = self.store.definition
        known = workspace.statuses if workspace.field("status") else ()
        first = {"status": known[0]} if known else {}
        now = self.clock.now_ms()
        lead = self.store.add_lead(first | dict(fields), created=now)
        self._note_assignment(lead, "")
        return lead

    def change(
        self, lead: Lead, fields: Mapping[str, object], cleared: Sequence[str] = (), *, captured: bool = False
    ) -> Lead:
        """Write fields of a lead and return it as it then is."""
        new = {name: value for name, value in lead.fields.items() if name not in cleared}
        for name, value in fields.items():
            old = new.get(name)
            appends = isinstance(value, list) and self.switches["tags_update"] == "append"
            if appends and isinstance(value, list) and isinstance(old, list):
                new[name] = list(dict.fromkeys([*old, *value]))
            else:
                new[name] = value
        changed = new != dict(lead.fields)
        if not changed and self.switches["same_value"] == "quiet" and not captured:
            return lead
        before = str(lead.fields.get("assignee", ""))
        after = self.store.change_lead(
            lead, new, modified=self.clock.now_ms(), captures=lead.captures + captured
        )
        self._note_assignment(after, before)
        return after

    def _note_assignment(self, lead: Lead, before: str) -> None:
        assignee = str(lead.fields.get("assignee", ""))
        if assignee and assignee != before:
            detail = {"assignedto": assignee, "reassignmentNote": ""}
            self.store.add_actions([NewAction(lead.seq, "LEAD_ASSIGNMENT", self.clock.now_ms(), "", detail)])

    def append(self, lead: Lead, entries: Sequence[Entry | None]) -> list[dict[str, str | None]]:
        """Put entries on a timeline and return what the API answers for each; None was ignored."""
        now = self.clock.now_ms()
        performer = self.owner if self.switches["api_performer"] == "owner" else ""
        answer: list[dict[str, str | None]] = []
        for entry in entries:
            if entry is None:
                answer.append({"action_id": None, "status": "IGNORED"})
                continue
            at = now if entry.at is None else entry.at
            action = NewAction(lead.seq, entry.type, at, performer, entry.detail)
            answer.append({"action_id": self._put(action), "status": "CREATED"})
        return answer

    def _put(self, action: NewAction) -> str:
        if self.visibility_delay_s <= 0:
            return self.store.add_actions([action])[0]
        due = self.clock.now_ms() + round(self.visibility_delay_s * 1000)
        number = int(self.store.note("late actions") or "0") + 1
        self.store.remember("late actions", str(number))
        action_id = stable_id("late action", f"{self.seed} {number}")
        self.store.postpone(
            due,
            "action",
            {
                "lead": action.lead,
                "type": action.type,
                "at": action.at,
                "performer": action.performer,
                "detail": dict(action.detail),
                "id": action_id,
            },
        )
        return action_id


def stable_id(kind: str, name: str) -> str:
    """Return the same 24 hex digits for the same ``kind`` and ``name``."""
    return hashlib.sha256(f"{kind} {name}".encode()).hexdigest()[:24]


def _token(name: str) -> str:
    first, second = (uuid.uuid5(uuid.NAMESPACE_URL, f"{name} {part}") for part in (1, 2))
    return f"{first}1700000000000:{second}"


def _plant(store: Store, clock: Clock, seed: Seed) -> None:
    store.lay_out()
    store.definition = default_workspace(clock.now_ms() - 2 * _YEAR_MS)
    store.remember("seed", seed.to_text())
    plant(store, seed, clock.now_ms())
