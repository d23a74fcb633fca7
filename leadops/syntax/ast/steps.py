"""A step: its guards, order and permissions beside its source and effects."""

from typing import Literal

from leadops.core.fast_dataclass import record
from leadops.syntax.ast.conditions import Condition
from leadops.syntax.ast.effects import Effect
from leadops.syntax.ast.nodes import Node
from leadops.syntax.ast.sources import Source


@record()
class ExpectCount(Node):
    """``expect at most|at least|exactly N leads`` or ``expect A..B leads``: bounds, both included."""

    at_least: int | None
    at_most: int | None


@record()
class ExpectEvery(Node):
    """``expect every lead COND``."""

    condition: Condition


@record()
class StopWhen(Node):
    """``stop when P % fail``; ``percent`` as written."""

    percent: str


@record()
class Canary(Node):
    """``canary N then confirm|continue``."""

    count: int
    then: Literal["confirm", "continue"]


@record()
class AllowFullScan(Node):
    """``allow full scan``."""


@record()
class AllowTimelines(Node):
    """``allow timelines [at most N]``."""

    at_most: int | None = None


@record()
class AllowNewOption(Node):
    """``allow new option``."""


@record()
class Order(Node):
    """``newest first`` or ``oldest first``."""

    newest: bool


@record()
class Limit(Node):
    """``limit N``: the first N that still need a change."""

    count: int


Guard = ExpectCount | ExpectEvery | StopWhen | Canary | AllowFullScan | AllowTimelines | AllowNewOption
StepStatement = Source | Effect | Guard | Order | Limit


@record()
class Step(Node):
    """A step; ``title`` None: the bare statements of a file, from one source to the next.

    ``statements`` stand in their written order; the first is the source in a well-formed step.
    """

    title: str | None
    statements: tuple[StepStatement, ...]
