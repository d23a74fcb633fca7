"""``verify``: a run's leads are read once more. Late, lost, doubled and overwritten changes come to light."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from leadops.core.errors import LeadGoneError, UnreadableError
from leadops.engine.action_match import equal_actions
from leadops.engine.apply.context.run_context import APPENDS
from leadops.engine.apply.settle.in_doubt import SLACK_MS
from leadops.engine.apply.settle.outcome import judge_action
from leadops.engine.gather_limited import together
from leadops.engine.op_keys import MARKER_FIELD, marker
from leadops.model.change import FORGOTTEN, Change, Kind, LeadRef
from leadops.model.lead import Lead, TimelineAction
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
_OF_FIELDS = frozenset({Kind.UPDATE, Kind.CREATE})
_SENT = _SURE | {Outcome.IN_DOUBT, Outcome.IGNORED_BY_CRM, Outcome.REJECTED}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as the run says.

    Attributes:
        kind: ``moved`` (a field holds another value now), ``missing`` (an action is not on the timeline; what is in doubt
            is not there), ``doubled`` (it is there more than once), ``late`` (it is there although the run says it is
            not), ``gone`` (the lead),
            ``unread`` (the service's answer about it cannot be read).
    """

    kind: Literal["moved", "missing", "doubled", "late", "gone", "unread"]
    change: Change
    lead: LeadRef
    message: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification looked at, and what it found.

    Attributes:
        arrived: changes in doubt that are there.
    """

    fields: int
    actions: int
    findings: tuple[Finding, ...]
    arrived: int = 0


async def verify_run(run: RunResult, plan: Plan, reader: Reader) -> Verified:
    """Read every lead that was sent something again: fields by lists of identifiers, actions by one timeline a lead and type.

    What is in doubt, was ignored or refused is looked at as well: it may have come since.

    Leads that were forgotten are left out: what the run gave them is not known any more.
    """
    run = replace(run, results=tuple(one for one in run.results if one.change.lead.identifier != FORGOTTEN))
    findings: list[Finding] = []
    latest = _latest(run.results)
    leads = await _leads(
        [one for one in run.results if one.change.kind in _OF_FIELDS and one.outcome in _SENT], plan, reader
    )
    fields = arrived = 0
    for one in run.results:
        if one.change.kind in _OF_FIELDS and one.outcome in _SENT:
            found, count = _fields(one, latest, leads, plan)
            findings += found
            fields += count
            arrived += one.outcome is Outcome.IN_DOUBT and not found
    appends = [
        one
        for one in run.results
        if (one.change.kind in APPENDS or (one.change.kind is Kind.UPDATE_ACTION and one.outcome in _SENT))
        and (one.lead_id or one.change.lead.id)
    ]
    if (
        appends and not reader.calls.total
    ):  # the run's times are this machine's, those of timelines the service's
        await reader.search({}, 0, 1)
    looked = await together([partial(_action, one, run, plan, reader) for one in appends], _AT_ONCE)
    for one, some in zip(appends, looked, strict=True):
        findings += some
        arrived += one.outcome is Outcome.IN_DOUBT and not some
    return Verified(fields, len(appends), tuple(findings), arrived)


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
        lead = next((row for row in there if key is None or row.id in {key, None}), None)
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
        if change.kind is Kind.CREATE and one.outcome not in _SURE:
            absent = Finding("missing", change, change.lead, "no lead has this identifier")
            return [absent] if one.outcome is Outcome.IN_DOUBT else [], len(change.fields)
        return [Finding("gone", change, change.lead, "the lead is gone")], 0
    if lead.unreadable:
        return [Finding("unread", change, change.lead, lead.unreadable)], 0
    key = one.lead_id or change.lead.id or change.lead.identifier
    found: list[Finding] = []
    checked = 0
    for name, field in change.fields.items():
        outcome = one.fields.get(name, one.outcome)
        if outcome not in _SENT:
            continue
        checked += 1
        now = lead.fields.get(name)
        asked = latest.get((key, name), field.after)
        there = reached(now, field.before, asked, field.type, plan.country_code)
        if outcome in _SURE and not there:
            message = f"{name} holds {now!s} now; the run set {asked!s}"
            found.append(Finding("moved", change, change.lead, message))
        elif outcome is Outcome.IN_DOUBT and not there:
            message = f"{name} holds {now!s}; the run sent {asked!s} and does not know what became of it"
            found.append(Finding("missing", change, change.lead, message))
        elif outcome in _NOT_DONE and there:
            message = f"the run says {outcome.value}, and {name} holds {now!s}"
            found.append(Finding("late", change, change.lead, message))
    return found, checked


async def _action(one: Result, run: RunResult, plan: Plan, reader: Reader) -> list[Finding]:
    change, action = one.change, one.change.action
    lead_id = one.lead_id or change.lead.id
    assert action is not None
    assert lead_id is not None
    window = None
    if one.outcome is not Outcome.ALREADY and change.kind is not Kind.UPDATE_ACTION:
        skew = reader.skew_ms
        window = (run.started_ms + min(0, skew) - SLACK_MS, run.finished_ms + max(0, skew) + _LATE_MS)
    try:
        rows = await reader.timeline(lead_id, type=action.type, window=window)
    except LeadGoneError:
        return [Finding("gone", change, change.lead, "the lead is gone")]
    except UnreadableError as error:
        return [Finding("unread", change, change.lead, error.message)]
    if change.kind is Kind.UPDATE_ACTION:
        return _updated(one, rows, plan)
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
    if one.outcome in _SURE | {Outcome.IN_DOUBT} and not there:
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


def _updated(one: Result, rows: Sequence[TimelineAction], plan: Plan) -> list[Finding]:
    change, action = one.change, one.change.action
    assert action is not None
    row = next((row for row in rows if row.id == action.action_id), None)
    if row is None:
        return [
            Finding("missing", change, change.lead, f"the action {action.action_id} is not on the timeline")
        ]
    there = judge_action(change, row.fields, "timeline", plan.country_code).clean
    if one.outcome in _NOT_DONE and there:
        return [
            Finding(
                "late", change, change.lead, f"the run says {one.outcome.value}, and the action is as asked"
            )
        ]
    if one.clean and not there:
        return [
            Finding("moved", change, change.lead, f"the action {action.action_id} holds other values now")
        ]
    if one.outcome is Outcome.IN_DOUBT and not there:
        return [Finding("missing", change, change.lead, f"the action {action.action_id} is not as asked")]
    return []
