"""What the command line may say to planning and to applying."""

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from leadops.core.clock import Clock, SystemClock
from leadops.core.diagnostics import Diagnostic
from leadops.engine.plan.scope import Scope, Unmatched
from leadops.engine.ports import Capabilities, IdIndex
from leadops.engine.stop import Stop
from leadops.model.run import Result

MINUTE_MS = 60_000
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Override:
    """``--override-belt NAME=VALUE --reason TEXT``."""

    value: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class BeltFlags:
    """Belts from the command line; None: not given.

    Attributes:
        overrides: by belt name: leads, percent, calls, fail_percent.
    """

    max_leads: int | None = None
    max_percent: Decimal | None = None
    max_calls: int | None = None
    max_fail_percent: Decimal | None = None
    overrides: Mapping[str, Override] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """How to plan.

    Attributes:
        sources: texts of the files by path, kept in the plan.
        asked: see ``SavedPlan.asked``.
        spent: of each limited step by its index, the leads that an earlier run took, which was finished just now.
        written: leads that this command has written already, by finishing that run (``guards.lead_name``).
        warnings: what the compiler said, kept in the plan.
        rate_per_hour: for the time that the plan names.
        rejects: of ``retry rejects of run``: results of the runs by id, and under "" those of the last one.
        version: of leadops.
        tell: told of the names in ``scope`` that match no lead, however the plan is shown.
        at_work: whether another run is at work on the workspace: asked where its journal leaves an action open.
        nonce: names this making of the plan, random; empty: the instant of its making does.
    """

    belts: BeltFlags = field(default_factory=BeltFlags)
    scope: Scope = field(default_factory=Scope)
    sources: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, str] = field(default_factory=dict)
    spent: Mapping[int, int] = field(default_factory=dict)
    written: frozenset[str] = frozenset()
    warnings: tuple[Diagnostic, ...] = ()
    sandbox: bool = False
    rate_per_hour: int = 3000
    capabilities: Capabilities | None = None
    ids: IdIndex | None = None
    clock: Clock = field(default_factory=SystemClock)
    rejects: Mapping[str, tuple[Result, ...]] = field(default_factory=dict)
    version: str = ""
    tell: Callable[[Unmatched], None] = lambda _: None
    at_work: Callable[[], bool] = lambda: False
    nonce: str = ""


@dataclass(frozen=True, slots=True)
class ApplyOptions:
    """How to apply.

    Attributes:
        settle_s: how long the service may take until what it was sent can be read.
        max_age_s: the oldest plan that may be applied, by the wall clock.
        in_flight: the most requests at a time.
        confirm: asks a person whether the canary is fine, given its results; None: there is nobody to ask.
        read_ms: when this very command read the plan's leads, by this machine's clock; None: another did,
            and every lead is read again.
        confirm_canary: the canary was confirmed beforehand.
        max_fail_percent: ``--max-fail-percent``.
        progress: told of each result as it becomes known.
        marker: False: no marker is sent even where the schema has a field for it.
        marks: of the journal, as the run folders that can be seen have them.
        rng: for jitter.
    """

    clock: Clock = field(default_factory=SystemClock)
    stop: Stop = field(default_factory=Stop)
    settle_s: float = 90.0
    max_age_s: float = DAY_S
    in_flight: int = 8
    confirm: Callable[[tuple[Result, ...]], Awaitable[bool]] | None = None
    read_ms: int | None = None
    confirm_canary: bool = False
    max_fail_percent: Decimal | None = None
    progress: Callable[[Result], None] | None = None
    marker: bool = True
    marks: tuple[str, ...] = ()
    capabilities: Capabilities | None = None
    ids: IdIndex | None = None
    rng: random.Random = field(default_factory=lambda: random.Random())  # noqa: PLW0108, S311 (jitter only)
