"""Applying a saved plan: once per state store, exactly its changes, each with a durable intent and an outcome."""

import math
from dataclasses import replace
from functools import partial

from leadops.analysis.digest import schema_hash
from leadops.core.clock import Clock
from leadops.core.durations import duration
from leadops.core.errors import LeadopsError, RefusedError, StalePlanError
from leadops.engine.apply.context.run_context import Sitting
from leadops.engine.apply.ending import ending
from leadops.engine.apply.fitting import appends, misfits
from leadops.engine.apply.settle.foreign import is_foreign
from leadops.engine.apply.step_runner import Runner, recalled
from leadops.engine.op_keys import plan_name, playbook_hash
from leadops.engine.plan.digest import digest
from leadops.engine.plan.options import ApplyOptions
from leadops.engine.ports import Journal, Reader, RunFolder, Writer
from leadops.model.journal import RunRecord, RunState
from leadops.model.plan import Plan
from leadops.model.query import Calls
from leadops.model.run import Outcome, Result, RunResult
from leadops.model.saved import SavedPlan
from leadops.model.sense import contradictions

_NAMED = 5
"""So many contradictions of a plan are named; the rest is counted."""
_AHEAD_S = 300
"""How far in the future a plan's clock may lie: another machine's clock."""


async def apply_plan(
    saved: SavedPlan,
    plan: Plan,
    reader: Reader,
    writer: Writer,
    journal: Journal,
    run_folder: RunFolder,
    options: ApplyOptions,
) -> RunResult:
    """Apply ``saved``; ``plan`` is the same playbook compiled now, against the workspace's schema as it is now.

    Raises:
        RefusedError: the plan is marked unappliable.
        StalePlanError: it is of another playbook, schema, workspace or age, was edited, or was applied already.
    """
    check_plan(saved, plan)
    check_age(saved, options.clock, options.max_age_s)
    run = RunRecord(
        id=run_folder.run,
        enterprise=saved.workspace,
        playbook=playbook_hash(saved.canonical),
        title=saved.title,
        digest=saved.digest,
        plan=plan_name(saved.digest, saved.nonce),
        folder=run_folder.path,
        state=RunState.RUNNING,
        started_ms=options.clock.now_ms(),
    )
    _check_first(saved, run.plan, journal)
    foreign = is_foreign(saved, journal, options.marks)
    run_folder.save_plan(saved)
    journal.leave_marks(partial(run_folder.mark, run.enterprise))
    journal.begin_run(run, rules_of(plan))
    return await sit(run, saved, plan, reader, writer, journal, run_folder, options, foreign=foreign)


def check_plan(saved: SavedPlan, plan: Plan) -> None:
    """Make sure that ``saved`` may be applied, and that it is a plan of ``plan``.

    Raises:
        RefusedError, StalePlanError: see ``apply_plan``.
    """
    if not saved.appliable:
        raise RefusedError("this plan was refused when it was made: " + "; ".join(saved.refusals))
    again = "plan again, and look at the difference"
    if saved.workspace != plan.schema.enterprise_id:
        raise StalePlanError(
            f"the plan is of the workspace {saved.workspace}, not of {plan.schema.enterprise_id}",
            "choose the profile that it was made with",
        )
    if saved.canonical != plan.canonical or len(saved.steps) != len(plan.steps):
        raise StalePlanError("the plan is of another playbook: it was changed since", again)
    if saved.schema_hash != schema_hash(plan.schema):
        raise StalePlanError("the workspace's schema changed since the plan", again)
    if digest(plan, saved.steps, saved.refusals) != saved.digest:
        raise StalePlanError("the plan is not as it was saved: its changes do not give its digest", again)
    wrong = list(dict.fromkeys((*contradictions(saved), *misfits(saved, plan))))
    if wrong:
        more = f"; and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
        raise StalePlanError(f"the plan does not hold together: {'; '.join(wrong[:_NAMED])}{more}", again)


def _check_first(saved: SavedPlan, name: str, journal: Journal) -> None:
    """Make sure that this state store applied neither this plan nor, since it was made, an equal one.

    Raises:
        StalePlanError: it did.
    """
    for earlier in journal.runs():
        after = f"plan again; or `leadops resume {earlier.id}` if that run did not end"
        if earlier.plan == name:
            raise StalePlanError(f"this plan was applied already, by run {earlier.id}", after)
        if saved.changes and earlier.digest == saved.digest and saved.made_ms < earlier.started_ms:
            raise StalePlanError(
                f"an equal plan was applied already, by run {earlier.id}, after this one was made", after
            )


def check_age(saved: SavedPlan, clock: Clock, max_age_s: float) -> None:
    """Make sure that ``saved`` is young enough, by the wall clock.

    Raises:
        StalePlanError: it is not, or it is of the future.
    """
    age_s = (clock.now_ms() - saved.made_ms) / 1000
    if age_s > max_age_s:
        raise StalePlanError(
            f"the plan is {duration(math.ceil(age_s))} old, and may be {duration(max_age_s)} old",
            "plan again, or allow it with --max-age",
        )
    if age_s < -_AHEAD_S:
        raise StalePlanError(
            "the plan was made in the future: this machine's clock, or the other's, is wrong"
        )


def rules_of(plan: Plan) -> frozenset[str]:
    """Return the names of the playbook's append rules."""
    return frozenset(append.rule for step in plan.steps for append in appends(step.effects))


async def sit(
    run: RunRecord,
    saved: SavedPlan,
    plan: Plan,
    reader: Reader,
    writer: Writer,
    journal: Journal,
    run_folder: RunFolder,
    options: ApplyOptions,
    *,
    foreign: bool,
    closed: str = "",
) -> RunResult:
    """Go through the plan's changes, leaving out what earlier sittings settled, and end the run.

    ``foreign``: the journal lacks history. ``closed`` says why nothing new may be sent: only doubts are settled then.
    """
    before = reader.calls
    sitting = Sitting(
        run.id, saved, plan, reader, writer, journal, run_folder, options,
        foreign=foreign,
        prior=journal.ops(run.id),
        closed=closed,
    )  # fmt: skip
    recalled(sitting)
    try:
        if any(change.key not in sitting.results for change in saved.changes):
            await sitting.hear_the_clock()
        await Runner(sitting).run()
    except LeadopsError as error:
        sitting.halt_by(error)
    calls = Calls(
        run.calls_read + reader.calls.reads - before.reads,
        run.calls_write + max(reader.calls.writes - before.writes, sitting.sent),
    )
    return _end(run, sitting, calls)


def _end(run: RunRecord, sitting: Sitting, calls: Calls) -> RunResult:
    saved, options = sitting.saved, sitting.options
    why = sitting.halted.reason if sitting.halted else "an earlier change of this run failed"
    results = tuple(
        sitting.results.get(one.key) or Result(one, Outcome.NOT_ATTEMPTED, "", why, lead_id=one.lead.id)
        for one in saved.changes
    )
    code, reason, state = ending(
        results, saved.refused, sitting.halted, wrote=sitting.wrote > 0 or bool(sitting.prior)
    )
    finished = options.clock.now_ms()
    ended = replace(
        run,
        state=state,
        finished_ms=finished,
        exit_code=code,
        exit_reason=reason,
        calls_read=calls.reads,
        calls_write=calls.writes,
    )
    result = RunResult(run.id, saved.digest, code, reason, results, calls, run.started_ms, finished)
    try:
        sitting.journal.update_run(ended)
    except LeadopsError as error:
        reason = f"{reason}; and the journal could not be closed: {error.message}"
        code = 3 if sitting.wrote else int(error.exit_code)
        result = replace(result, exit_code=code, exit_reason=reason)
    return _keep(result, sitting)


def _keep(result: RunResult, sitting: Sitting) -> RunResult:
    """Write the run's files; a file that cannot be written changes the exit code, not what was done."""
    try:
        sitting.folder.finish(sitting.saved, result)
    except OSError as error:
        reason = f"{result.exit_reason}; and the run's files could not be written: {error.strerror}"
        return replace(result, exit_code=result.exit_code or 3, exit_reason=reason)
    return result
