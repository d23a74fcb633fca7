"""A plan and a run as a manager reads them in a terminal: totals first, then every lead, then the limits."""

from collections.abc import Iterator

from leadops.core.exit_codes import Exit
from leadops.model.run import CLEAN, Outcome, RunResult
from leadops.model.saved import LAST, SavedPlan
from leadops.model.schema import Schema
from leadops.report.blocks import Block, found_block, lead_blocks, read_block, refusal_blocks
from leadops.report.shown import count
from leadops.report.style import OUTCOME_TONES, Line, Segment, Tone, clip, joined, lay, words
from leadops.report.variables import RunView, StepView, View
from leadops.report.view import view_of

_GONE_BY = 14
"""From how many lines of leads on the totals are no longer on a screen of 24."""
_CLEAN = frozenset(outcome.value for outcome in CLEAN)
ON_SANDBOX = "on the sandbox: no real lead is touched"


def plan_text(
    saved: SavedPlan,
    *,
    width: int = 100,
    color: bool = False,
    full: bool = False,
    mask: bool = False,
    schema: Schema | None = None,
    explain: bool = False,
) -> str:
    """Return a plan as text of at most ``width`` columns, without escape codes unless ``color``.

    ``explain`` adds each step's query plan and searches.
    """
    view = view_of(saved, pii="mask" if mask else "show", full=full, schema=schema)
    return "\n".join(_laid(_plan(view, explain=explain), width, color=color)) + "\n"


def run_text(
    saved: SavedPlan,
    result: RunResult,
    *,
    width: int = 100,
    color: bool = False,
    full: bool = False,
    mask: bool = False,
    schema: Schema | None = None,
) -> str:
    """Return what became of a plan as text; leads that need a person stand first."""
    view = view_of(saved, result, pii="mask" if mask else "show", full=full, schema=schema)
    return "\n".join(_laid(_run(view), width, color=color)) + "\n"


def _laid(block: Iterator[tuple[int, Line]], width: int, *, color: bool) -> Iterator[str]:
    for indent, line in block:
        yield from lay(line, max(20, width), indent=indent, hang=4 if indent else 2, color=color)


# ── plan ─────────────────────────────────────────────────────────────────────────────────────────


def _plan(view: View, *, explain: bool) -> Iterator[tuple[int, Line]]:
    yield 0, _heading(view, "Plan")
    yield 0, _totals(view)
    if not view.appliable:
        for refusal in view.refusals:
            yield 0, [("! This plan may not be applied: ", Tone.ALARM), (refusal, Tone.PLAIN)]
    yield 0, _calls(view)
    yield (
        0,
        [(f"Time zone {view.timezone} (set by: {view.timezone_origin}) · clock {view.clock}", Tone.FAINT)],
    )
    for step in view.steps:
        yield from _step(step, full=view.full, explain=explain)
    yield 0, []
    yield from _foot(view)


def _heading(view: View, what: str) -> Line:
    title = f"{what}: {clip(view.title, 100)}" if view.title else what
    where = clip(view.workspace_name or view.workspace, 60)
    line: list[Segment] = [(title, Tone.STRONG), (f" · {where}", Tone.FAINT)]
    if view.sandbox:
        line.append((f" · {ON_SANDBOX}", Tone.ALARM))
    return line


def _totals(view: View) -> Line:
    totals = view.totals
    parts: list[Line] = []
    changed = totals.leads - totals.creates
    if changed:
        fields = ", ".join(f"{one.name} {one.count:,}" for one in totals.fields[:6])
        note = f" ({fields})" if fields and totals.updates else ""
        parts.append([("~ ", Tone.CHANGED), (f"{count(changed, 'lead')} to change{note}", Tone.STRONG)])
    if totals.creates:
        parts.append([("+ ", Tone.ADDED), (f"{count(totals.creates, 'lead')} to create", Tone.STRONG)])
    for number, noun in ((totals.appends, "action"), (totals.payments, "payment")):
        if number:
            parts.append([("+ ", Tone.ADDED), (f"{count(number, noun)} to append", Tone.STRONG)])
    if totals.action_updates:
        text = f"{count(totals.action_updates, 'action')} to update"
        parts.append([("~ ", Tone.CHANGED), (text, Tone.STRONG)])
    if not parts:
        rejected = any(one.outcome == Outcome.REJECTED for one in view.refused)
        nothing = "No lead can be changed as asked" if rejected else "Nothing to change"
        parts.append([(nothing, Tone.STRONG)])
    if view.steps and all(len(step.found) for step in view.steps):
        parts.append([(f"{totals.matched:,} found", Tone.PLAIN)])
    else:
        parts.append([(f"{totals.matched:,} matched, {totals.compliant:,} comply already", Tone.PLAIN)])
    if totals.refused:
        parts.append([("- ", Tone.REMOVED), (f"{totals.refused:,} refused", Tone.STRONG)])
    return joined(parts)


def _calls(view: View) -> Line:
    calls = view.calls
    text = f"Calls: {count(calls.reads, 'read')} made, {count(calls.writes, 'write')} to make, {calls.bound:,} at most in all"
    return joined(
        [
            [(text, Tone.PLAIN)],
            [(calls.eta if calls.eta.startswith("under") else f"about {calls.eta}", Tone.PLAIN)],
        ]
    )


def _step(step: StepView, *, full: bool, explain: bool) -> Iterator[tuple[int, Line]]:
    yield 0, []
    numbers = f"{step.matched:,} matched, {step.compliant:,} comply, {len(step.leads):,} to change"
    if len(step.found):
        listed = len(step.found)
        numbers = f"{step.matched:,} found" + (f", {listed:,} taken" if listed < step.matched else "")
    if step.refused:
        numbers += f", {len(step.refused):,} refused"
    yield 0, [(_step_name(step), Tone.STRONG), (f" · {numbers}", Tone.FAINT)]
    for window in step.windows:
        yield 2, [("period ", Tone.FAINT), (window.text, Tone.PLAIN), (f" = {window.days}", Tone.FAINT)]
    for note in step.notes:
        yield 2, [("note: ", Tone.FAINT), (note, Tone.PLAIN)]
    if explain:
        for line in step.explain:
            blanks = len(line) - len(line.lstrip(" "))
            yield 2 + blanks, [(line.lstrip(" "), Tone.FAINT)]
        for search in step.other_searches:
            yield 2, [(f"search counts {search.count:,}: ", Tone.FAINT), (search.text, Tone.FAINT)]
    yield from _leads_of(step, full=full)


def _step_name(step: StepView) -> str:
    """Return a step's number and title; a step without a title is called by its number already."""
    number = f"Step {step.number}"
    return number if step.name == number.lower() else f"{number} · {step.name}"


def _leads_of(step: StepView, *, full: bool) -> Iterator[tuple[int, Line]]:
    blocks: list[Block] = [read_block(read, full=full) for read in step.read]
    for block in blocks:
        yield from block
    yield from found_block(step.found, full=full)
    for block in lead_blocks(step.leads, full=full):
        yield from block
    for block in refusal_blocks(step.refused, full=full):
        yield from block


def _foot(view: View) -> Iterator[tuple[int, Line]]:
    for parameter in view.parameters:
        yield 0, [(f"${parameter.name} = ", Tone.FAINT), (parameter.value, Tone.PLAIN)]
    if view.belts:
        belts: list[Line] = []
        for belt in view.belts:
            text = f"{belt.name.replace('_', ' ')} {belt.count} of {belt.limit} ({belt.origin})"
            if belt.exceeded:
                belts.append([(f"! {text} exceeded", Tone.ALARM)])
            else:
                belts.append([(text, Tone.PLAIN)])
        yield 0, [("Belts: ", Tone.FAINT), *joined(belts)]
        for belt in view.belts:
            if belt.reason:
                yield 2, [(f"{belt.name}: {belt.reason}", Tone.FAINT)]
    if view.automations:
        yield 0, [(view.automations, Tone.FAINT)]
    for warning in view.warnings:
        yield 0, [("warning: ", Tone.CHANGED), (warning, Tone.PLAIN)]
    yield 0, [(f"Digest {view.digest}", Tone.FAINT)]


# ── run ──────────────────────────────────────────────────────────────────────────────────────────


def _run(view: View) -> Iterator[tuple[int, Line]]:
    run = view.run
    assert run is not None
    yield 0, _heading(view, "Run")
    counts: list[Line] = [
        [(f"{words(name)} {many:,}", OUTCOME_TONES[Outcome(name)] if many else Tone.FAINT)]
        for name, many in run.outcomes.items()
    ]
    yield 0, joined(counts)
    yield (
        0,
        [
            (f"Exit {run.exit_code}: ", Tone.STRONG if run.clean else Tone.REMOVED),
            (run.exit_reason, Tone.PLAIN),
        ],
    )
    calls = f"{count(view.calls.reads, 'read')} and {count(view.calls.writes, 'write')} in {run.duration}"
    yield 0, [(f"Run {run.id} · {calls} · began {run.started} ({view.timezone})", Tone.FAINT)]
    lines = 0
    for step in view.steps:
        for line in _outcomes(step, full=view.full):
            lines += 1
            yield line
    yield from _ending(view, run, lines)


def _ending(view: View, run: RunView, lines: int) -> Iterator[tuple[int, Line]]:
    """Yield what stands last, where a terminal is read first: how it ended, if that has gone by, and what to do now."""
    sandbox = " --sandbox" if view.sandbox else ""
    refused = run.outcomes[Outcome.REJECTED] + run.outcomes[Outcome.IGNORED_BY_CRM]
    stopped = run.outcomes[Outcome.NOT_ATTEMPTED] and run.exit_code != Exit.INCOMPLETE
    todo = [
        (what, f"leadops {command}")
        for what, command, due in (
            ("To go on", f"resume{sandbox} {run.id}", stopped),
            ("To settle what is in doubt", f"resolve{sandbox} {run.id}", run.outcomes[Outcome.IN_DOUBT]),
            ("To correct what was refused", f"retry{sandbox} {run.id} -o fix.lead", refused),
        )
        if due
    ]
    if todo or lines > _GONE_BY:
        yield 0, []
    if lines > _GONE_BY:
        yield 0, _exit(run)
    for what, command in todo:
        yield 0, [(f"{what}:", Tone.FAINT)]
        yield 2, [(command, Tone.PLAIN)]


def _exit(run: RunView) -> Line:
    tone = Tone.STRONG if run.clean else Tone.REMOVED
    counts = ", ".join(
        f"{words(name)} {many:,}" for name, many in run.outcomes.items() if many and name in _CLEAN
    )
    return [
        (f"Exit {run.exit_code}: ", tone),
        (run.exit_reason, Tone.PLAIN),
        (f" · {counts}" if counts else "", Tone.FAINT),
    ]


def _outcomes(step: StepView, *, full: bool) -> Iterator[tuple[int, Line]]:
    troubled = [lead for lead in step.leads if lead.outcome not in _CLEAN]
    if not (troubled or step.refused or step.read or step.matched):
        return
    if len(step.found):
        yield 0, []
        yield (
            0,
            [(_step_name(step), Tone.STRONG), (f" · {step.matched:,} found", Tone.FAINT)],
        )
        yield from found_block(step.found, full=full)
        return
    wrong = len(troubled) + len(step.refused)
    numbers = f"{count(len(step.leads), 'lead')} to change, {wrong:,} not as asked; {step.compliant:,} of {step.matched:,} matched were already so"
    yield 0, []
    yield 0, [(_step_name(step), Tone.STRONG), (f" · {numbers}", Tone.FAINT)]
    for note in step.notes:
        if note.startswith("limit ") or note.endswith(LAST):  # who was left for another run, or for its end
            yield 2, [("note: ", Tone.FAINT), (note, Tone.PLAIN)]
    for block in lead_blocks(troubled, full=full):
        yield from block
    for block in refusal_blocks(step.refused, full=full):
        yield from block
    for read in step.read:
        yield from read_block(read, full=full)
    for block in lead_blocks((lead for lead in step.leads if lead.outcome in _CLEAN), full=full):
        yield from block
