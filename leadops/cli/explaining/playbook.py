"""A whole playbook as sentences."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from leadops.cli.explaining.conditions import Line, Speaker
from leadops.cli.explaining.effects import effect_lines, expression
from leadops.cli.explaining.searches import search_lines
from leadops.model.plan import (
    Assign,
    Create,
    EachRow,
    Find,
    FindById,
    Limits,
    Plan,
    Rejects,
    Step,
    Upsert,
)
from leadops.model.predicate import Window
from leadops.model.schema import FieldType
from leadops.report.masking import Masker
from leadops.report.shown import count, moment

_TYPES = {"text": FieldType.TEXT, "email": FieldType.EMAIL, "phone": FieldType.PHONE}
_MISSING = {
    "create": "a lead that is missing is created",
    "skip": "rows whose lead is missing are skipped",
    "fail": "the plan is refused when a lead is missing",
}


def explained(plan: Plan, *, masked: bool = False) -> Iterator[Line]:
    """Yield what ``plan`` means: its clock, its limits, and each step with its leads, effects, guards and searches."""
    masker = Masker() if masked else None
    if masker is not None:
        masker.know(members=(one.email for one in plan.schema.members))
    speaker = Speaker(plan, masker)
    yield 0, f"Playbook “{plan.title}”" if plan.title else f"The playbook {plan.file}"
    at = moment(plan.clock_ms, ZoneInfo(plan.timezone))
    yield (
        1,
        f"Time zone {plan.timezone} (set by: {plan.timezone_origin}); its clock says {at}. Days are local days.",
    )
    yield from ((1, line) for line in _limits(plan.limits))
    for one in plan.parameters:
        shown = (
            "a secret" if one.secret else speaker.value(one.text, _TYPES.get(one.type, FieldType.DROPDOWN))
        )
        yield 1, f"${one.name} is {shown}."
    for number, step in enumerate(plan.steps, 1):
        yield 0, ""
        yield from _step(number, step, plan, speaker)


def _limits(limits: Limits) -> Iterator[str]:
    stated = []
    if limits.leads is not None:
        stated.append(f"at most {count(limits.leads, 'lead')} may be written")
    if limits.percent is not None:
        stated.append(f"at most {limits.percent} % of the workspace may be written")
    if limits.calls is not None:
        stated.append(f"at most {count(limits.calls, 'call')} may be made")
    if limits.leads is None and limits.percent is None:
        stated.append(
            "at most 100 leads may be written, or 10 % of the workspace but at least 20 (the default)"
        )
    said = "; ".join(stated)
    yield f"{said[0].upper()}{said[1:]}."
    if limits.lane == "async":
        yield "Field updates of leads may go through the async API; what came of them is read back."


def _step(number: int, step: Step, plan: Plan, speaker: Speaker) -> Iterator[Line]:
    yield 0, f"Step {number}" + (f" “{step.title}”" if step.title else "")
    yield from _source(step, speaker)
    effects = list(effect_lines(step.effects, speaker, 2))
    if effects:
        yield 1, "What is done to each of them:"
        yield from effects
    else:
        yield (
            1,
            "Nothing is done to them."
            if not isinstance(step.source, Create | Upsert | Rejects)
            else "That is all.",
        )
    guards = list(_guards(step, speaker))
    if guards:
        yield 1, "What must hold:"
        yield from ((2, f"- {guard}") for guard in guards)
    if step.windows:
        yield 1, "Periods:"
        yield from ((2, f"- {_window(window, plan)}") for window in step.windows)
    searches = list(search_lines(step, plan, speaker, 2))
    if searches:
        yield 1, "How they are found (`leadops plan --explain` shows it with counts):"
        yield from searches


# ── sources ──────────────────────────────────────────────────────────────────────────────────────


def _source(step: Step, speaker: Speaker) -> Iterator[Line]:
    match step.source:
        case Find(condition, single):
            yield (
                1,
                (
                    "The one lead of which all of this is true:"
                    if single
                    else "Leads of which all of this is true:"
                ),
            )
            yield from speaker.lines(condition, 2)
            if single:
                yield 2, "None or several: the plan is refused."
        case FindById(lead_id):
            yield 1, f"The lead with the id {lead_id}."
        case Create(fields):
            yield 1, "A new lead; refused when one with this identifier exists:"
            yield from _assigned(fields, speaker)
        case Upsert(by, fields):
            yield 1, f"The lead with this {by}; created when there is none:"
            yield from _assigned(fields, speaker)
        case EachRow(path, field, _, missing, rows):
            yield (
                1,
                f"For each of the {count(len(rows), 'row')} of {path}, the lead with its {field}; {_MISSING[missing]}.",
            )
        case Rejects(run):
            which = f"run {run}" if run else "the last run"
            yield 1, f"What the CRM refused or ignored in {which}, sent again."
    if step.limit is not None:
        order = "newest" if step.newest else "oldest"
        yield 1, f"Of these, the first {step.limit} that need a change, {order} first."


def _assigned(fields: Sequence[Assign], speaker: Speaker) -> Iterator[Line]:
    for one in fields:
        yield 2, f"- {one.name} = {expression(one.value, one.type, speaker)}"


# ── guards and periods ───────────────────────────────────────────────────────────────────────────


def _guards(step: Step, speaker: Speaker) -> Iterator[str]:
    for guard in step.counts:
        yield f"{guard.text}: else the plan is refused"
    for condition in step.every:
        yield f"of every lead: {speaker.sentence(condition)}: else the plan is refused"
    if step.stop_percent is not None:
        yield f"the step stops when {step.stop_percent} % of its leads fail"
    if step.canary is not None:
        after = (
            "then somebody must confirm"
            if step.canary.then == "confirm"
            else "and goes on if none of them failed"
        )
        yield f"the run does the first {step.canary.count} of its changes, {after}"
    allowed = step.permissions
    if allowed.full_scan:
        yield "it may read every lead of the workspace"
    if allowed.timelines:
        most = f" of at most {count(allowed.timelines_at_most, 'lead')}" if allowed.timelines_at_most else ""
        yield f"it may read timelines{most}, one call each"
    if allowed.new_option:
        yield "it may make new options of dropdowns"


def _window(window: Window, plan: Plan) -> str:
    moving = "; it moves with the clock" if window.moving else ""
    first, last = _instant(window.start_ms), _instant(window.end_ms)
    days = (
        window.first_day
        if window.first_day == window.last_day
        else f"{window.first_day} to {window.last_day}"
    )
    return f"{window.text} = {days}, from {first} until {last} ({plan.timezone}){moving}"


def _instant(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
