"""A journal that does not know all that was done: an older copy that was put back, or another machine's.

What it knows still holds; what it does not know may have been done all the same. So each append is first looked for.
"""

from collections.abc import Iterable, Sequence

from leadops.engine.action_match import Likeness, equal_actions, likeness
from leadops.engine.apply.context.run_context import Sitting
from leadops.engine.apply.settle.in_doubt import SLACK_MS
from leadops.engine.op_keys import MARKER_FIELD, marker
from leadops.engine.ports import JournalView
from leadops.model.change import Change
from leadops.model.lead import TimelineAction
from leadops.model.run import Outcome, Result
from leadops.model.saved import SavedPlan


def is_foreign(saved: SavedPlan, journal: JournalView, marks: Iterable[str]) -> bool:
    """Whether the journal lacks history: of the plan's making, or what runs told their folders (``marks``)."""
    return not all(journal.holds(mark) for mark in (saved.journal, *marks))


async def look_first(change: Change, lead_id: str, sitting: Sitting) -> Result | None:
    """Look for the append on the timeline before its first sending; None when it is to be sent.

    Raises:
        LeadGoneError and what else the read raises.
    """
    assert change.action is not None
    since = _made_ms(sitting) - SLACK_MS
    window = None
    if change.occurrence is not None:
        window = (change.occurrence.start_ms, change.occurrence.end_ms - 1)
    elif change.each_run:
        window = (since, sitting.now_ms() + 60_000)
    rows = await sitting.reader.timeline(lead_id, type=change.action.type, window=window)
    mine, free = _sorted(rows, change, lead_id, sitting)
    equal = mine or equal_actions(free, change.action, sitting.country_code)
    if equal:
        reason = "an equal action is on the timeline"
        return Result(change, Outcome.ALREADY, "timeline", reason, action_id=equal[0].id, lead_id=lead_id)
    code = sitting.country_code
    late = [row for row in free if row.at_ms is not None and row.at_ms >= since]
    if any(likeness(row, change.action, code) is Likeness.PART for row in late):
        reason = "since the plan was made an action like it came to the timeline, without some of its fields"
        return Result(change, Outcome.IN_DOUBT, "timeline", reason, lead_id=lead_id)
    return None


def _made_ms(sitting: Sitting) -> int:
    """Return when the plan was made, at the earliest, on the service's clock."""
    return sitting.saved.made_ms + min(0, sitting.reader.skew_ms)


def _sorted(
    rows: Sequence[TimelineAction], change: Change, lead_id: str, sitting: Sitting
) -> tuple[list[TimelineAction], list[TimelineAction]]:
    """Return the rows that carry the op's own marker, and those that are nobody else's."""
    assert change.action is not None
    name = "" if change.each_run else marker(change.key, 1).partition(".")[0]
    marks = [(row, str(row.fields.get(MARKER_FIELD) or "").partition(".")[0]) for row in rows]
    mine = [row for row, mark in marks if name and mark == name]
    taken = sitting.journal.owned_actions(lead_id, change.action.type) | sitting.taken.get(
        lead_id, frozenset()
    )
    free = [row for row, mark in marks if not mark and (row.id is None or row.id not in taken)]
    return mine, free
