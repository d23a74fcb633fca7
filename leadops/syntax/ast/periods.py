"""Periods, as they were written."""

from typing import Literal

from leadops.core.fast_dataclass import record
from leadops.syntax.ast.nodes import Node
from leadops.syntax.ast.values import ParamRef


@record()
class MonthPeriod(Node):
    """``April``, ``April 2026`` or ``2026-04``. ``year`` None: the latest such month that has begun."""

    month: int
    year: int | None = None


@record()
class QuarterPeriod(Node):
    """``2026-Q2``."""

    year: int
    quarter: int


@record()
class YearPeriod(Node):
    """``2026``."""

    year: int


@record()
class DayPeriod(Node):
    """``2026-04-01``: the local day."""

    day: str


@record()
class RangePeriod(Node):
    """``2026-04-01..2026-04-30``: both days included."""

    first: str
    last: str


@record()
class NamedDayPeriod(Node):
    """``today`` or ``yesterday``."""

    name: Literal["today", "yesterday"]


@record()
class LastPeriod(Node):
    """``last 14 days``: the full local units before the current one, and the current one until now."""

    count: int
    unit: Literal["day", "week", "month", "quarter", "year"]


@record()
class RelativePeriod(Node):
    """``this month``, ``previous week``: whole calendar units; weeks begin on Monday."""

    which: Literal["this", "previous"]
    unit: Literal["day", "week", "month", "quarter", "year"]


@record()
class SincePeriod(Node):
    """``since 2026-04-01``: from the start of that local day until now."""

    day: str


Period = (
    MonthPeriod
    | QuarterPeriod
    | YearPeriod
    | DayPeriod
    | RangePeriod
    | NamedDayPeriod
    | LastPeriod
    | RelativePeriod
    | SincePeriod
    | ParamRef
)
