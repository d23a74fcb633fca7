"""What a plan costs: requests and time."""

from collections.abc import Sequence

from leadops.model.change import Change, Kind
from leadops.model.plan import Find, Plan
from leadops.model.query import PAGE
from leadops.model.saved import PlanCalls
from leadops.predicate.evaluate import activities

FRESH_S = 60
"""A lead that was read longer ago than this, in seconds, is read again before it is written."""
BURST = 10
"""Requests that the rate limit lets pass at once (state/ratelimit)."""


def calls_of(plan: Plan, changes: Sequence[Change], reads: int, bound: int, rate_per_hour: int) -> PlanCalls:
    """Return the calls made while planning, to be written, and at most made in all; and how long the rest takes.

    Args:
        plan: the playbook.
        changes: all of them.
        reads: made so far.
        bound: that planning was allowed to make.
        rate_per_hour: requests an hour.
    """
    writes = sum(not change.with_create for change in changes)
    again = sum(_rechecks(plan, index, changes, rate_per_hour) for index in range(len(plan.steps)))
    seconds = max(0, writes + again - BURST) * 3600 / rate_per_hour
    clock = any(
        change.kind is Kind.CREATE for change in changes
    )  # by `apply` nothing may be read before them
    return PlanCalls(reads, writes, max(reads, bound) + writes + again + clock, round(seconds))


def _rechecks(plan: Plan, index: int, changes: Sequence[Change], rate_per_hour: int) -> int:
    """Return how many searches it takes to read a step's leads again while they are written, page by page."""
    leads = len({change.lead for change in changes if change.step == index and change.lead.id})
    a_minute = max(1, min(PAGE, rate_per_hour * FRESH_S // 3600))
    pages = -(-leads // a_minute)
    source = plan.steps[index].source
    each = 1 + (len(activities(source.condition)) if isinstance(source, Find) else 0)
    return pages * each
