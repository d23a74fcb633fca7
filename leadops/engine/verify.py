"""``verify``: a run's leads are read once more. Late, lost, doubled and overwritten changes come to light."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from leadops.core.errors import LeadGoneError, UnreadableError
from leadops.engine.keys import MARKER_FIELD, marker
from leadops.engine.match import equal_actions
from leadops.engine.reconcile import SLACK_MS
from leadops.engine.sitting import APPENDS
from leadops.engine.together import together
from leadops.model.change import FORGOTTEN, Change, Kind, LeadRef
from leadops.model.lead import Lead
from leadops.model.plan import Plan
from leadops.model.run import Outcome, Result, RunResult
from leadops.model.values import Value, reached
from leadops.planner.lookup import canonical, lookup_identifiers
from leadops.planner.ports import Reader

_AT_ONCE = 8
_LATE_MS = 2 * 60 * 60 * 1000
"""An action that comes later than this after its run is not the run's."""
_SURE = frozenset({Outcome.CHANGED, Outcome.CREATED, Outcome.ALREADY})
_NOT_DONE = frozenset({Outcome.REJECTED, Outcome.IGNORED_BY_CRM, Outcome.NOT_ATTEMPTED, Outcome.STALE})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as the run says.

    Attributes:
        kind: ``moved`` (a field holds another value now), ``missing`` (an action is not on the timeline), ``doubled``
            (it is there more than once), ``late`` (it is there although the run says it is not), ``gone`` (the lead),
            ``unread`` (the service's answer about it cannot be read).
    """

    kind: Literal["moved", "missing", "doubled", "late", "gone", "unread"]
    change: Change
    lead: LeadRef
    message: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification looked at, and what it found."""

    fields: int
    actions: int
    findings: tuple[Finding, ...]


async def verify_run(run: RunResult, plan: Plan, reader: Reader) -> Verified:
    """Read every lead with a change again: fields by lists of identifiers, actions by one timeline a lead and type.

    Leads that were forgotten are left out: what the run gave them is not known any more.
    """
    run = replace(run, results=tuple(one for one in run.results if one.change.lead.identifier != FORGOTTEN))
    findings: list[Finding] = []
    latest = _latest(run.results)
    leads = await _leads(
        [one for one in run.results if one.change.fields and one.outcome in _SURE], plan, reader
    )
    fields = 0
    for one in run.results:
        if one.change.kind in {Kind.UPDATE, Kind.CREATE} and one.outcome in _SURE:
            found, count = _fields(one, latest, leads, plan)
            findings += found
            fields += count
    appends = [
        one for one in run.results if one.change.kind in APPENDS and (one.lead_id or one.change.lead.id)
    ]
    if (
        appends and not reader.calls.total
    ):  # the run's times are this machine's, those of timelines the service's
        await reader.search({}, 0, 1)
    for some in await together([partial(_action, one, run, plan, reader) for one in appends], _AT_ONCE):
        findings += some
    return Verified(fields, len(appends), tuple(findings))


def _latest(results: Sequence[Result]) -> dict[tuple[str, str], Value]:
    """Return the last value that the run gave each field of each lead."""
    found: dict[tuple[str, str], Value] = {}
    for one in results:
        for name, field in one.change.fields.items():
            if one.change.action is None and one.fields.get(name, one.outcome) in _SURE:
                found[one.lead_id or one.change.lead.id or one.change.lead.identifier, name] = field.after
    return found


async def _leads(results: Sequence[Result], plan: Plan, reader: Reader) -> dict[str, Lead]:
    by = plan.schema.identifier
    names = list(dict.fromkeys(one.change.lead.identifier for one in results if one.change.lead.identifier))
    rows = await lookup_identifiers(names, plan.schema, reader, country_code=plan.country_code)
    found: dict[str, Lead] = {}
    for one in results:
        key = one.lead_id or one.change.lead.id
        there = rows.get(canonical(one.change.lead.identifier, by, plan.country_code), ())
        lead = next((row for row in there if row.id == key or row.id is None), None)
        if lead is None and key is not None:
            try:
                lead = await reader.lead(key)
            except UnreadableError as error:
                lead = Lead(key, unreadable=error.message)
        if lead is not None:
            found[one.change.key] = lead
    return found


def _fields(
    one: Result, latest: dict[tuple[str, str], Value], leads: dict[str, Lead], plan: Plan
) -> tuple[list[Finding], int]:
    change = one.change
    lead = leads.get(change.key)
    if lead is None:
        return [Finding("gone", change, change.lead, "the lead is gone")], 0
    if lead.unreadable:
        return [Finding("unread", change, change.lead, lead.unreadable)], 0
    key = one.lead_id or change.lead.id or change.lead.identifier
    found: list[Finding] = []
    checked = 0
    for name, field in change.fields.items():
        if one.fields.get(name, one.outcome) not in _SURE:
            continue
        checked += 1
        asked = latest.get((key, name), field.after)
        if not reached(lead.fields.get(name), field.before, asked, field.type, plan.country_code):
            message = f"{name} holds {lead.fields.get(name)!s} now; the run set {asked!s}"
            found.append(Finding("moved", change, change.lead, message))
    return found, checked


async def _action(one: Result, run: RunResult, plan: Plan, reader: Reader) -> list[Finding]:
    change, action = one.change, one.change.action
    lead_id = one.lead_id or change.lead.id
    assert action is not None
    assert lead_id is not None
    window = None
    if one.outcome is not Outcome.ALREADY:
        skew = reader.skew_ms
        window = (run.started_ms + min(0, skew) - SLACK_MS, run.finished_ms + max(0, skew) + _LATE_MS)
    try:
        rows = await reader.timeline(lead_id, type=action.type, window=window)
    except LeadGoneError:
        return [Finding("gone", change, change.lead, "the lead is gone")]
    except UnreadableError as error:
        return [Finding("unread", change, change.lead, error.message)]
    mine = marker(change.key, 1).partition(".")[0] if not change.each_run else ""
    marked = [row for row in rows if mine and str(row.fields.get(MARKER_FIELD) or "").startswith(mine)]
    there = marked or equal_actions(rows, action, plan.country_code)
    others = sum(
        other.change.action == action
        and other.outcome in _SURE
        and (other.lead_id or other.change.lead.id) == lead_id
        for other in run.results
        if other.change.key != change.key
    )
    if one.outcome in _SURE and not there:
        return [Finding("missing", change, change.lead, f"no such action {action.type} is on the timeline")]
    if one.outcome in _SURE and len(there) > 1 + others:
        ids = ", ".join(str(row.id) for row in there)
        return [
            Finding("doubled", change, change.lead, f"{len(there)} such actions are on the timeline: {ids}")
        ]
    if one.outcome in _NOT_DONE and len(there) > others:
        return [
            Finding("late", change, change.lead, f"the run says {one.outcome.value}, and the action is there")
        ]
    return []
