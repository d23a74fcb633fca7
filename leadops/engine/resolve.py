"""``resolve``: a person settles what no read could decide; it stands in the audit trail as done by hand."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Literal

from leadops.core.errors import UsageError
from leadops.engine.ending import ending
from leadops.engine.keys import payload
from leadops.engine.ports import Journal, RunFolder
from leadops.engine.sitting import APPENDS, result_of
from leadops.model.change import Change
from leadops.model.journal import OpState, RunRecord, RunState, Settled
from leadops.model.query import Calls
from leadops.model.run import Outcome, Result, RunResult
from leadops.model.saved import SavedPlan

Decision = Literal["applied", "not_applied", "retry"]


def doubts(saved: SavedPlan, run: RunRecord, journal: Journal) -> tuple[Change, ...]:
    """Return the changes of ``run`` whose fate is not known."""
    ops = journal.ops(run.id)
    return tuple(
        change
        for change in saved.changes
        if (op := ops.get(change.key)) is not None
        and (op.state is OpState.INTENT or op.outcome == Outcome.IN_DOUBT.value)
    )


def resolve(
    run: RunRecord,
    saved: SavedPlan,
    journal: Journal,
    folder: RunFolder,
    keys: Collection[str],
    decision: Decision,
    reason: str,
    now_ms: int,
) -> RunResult:
    """Settle the ops of ``keys`` (or keys beginning so) and return the run as it stands then.

    ``applied``: it was done. ``not_applied``: it was not, and the next plan may make it. ``retry``: ``resume`` sends it
    again.

    Raises:
        UsageError: a key names no op in doubt, or several.
    """
    open_ = doubts(saved, run, journal)
    ops = journal.ops(run.id)
    for change in [_one(open_, key) for key in keys]:
        outcome = Outcome.CHANGED if decision == "applied" else Outcome.REJECTED
        op = ops[change.key]
        entry = Settled(
            run.id, change.key, outcome.value, "hand", f"by hand: {reason}", op.action_id, op.lead_id or change.lead.id,
            "", now_ms, change.step, change.kind.value, op.type, payload(change.action),
            change.kind in APPENDS and not change.each_run, "hand",
        )  # fmt: skip
        journal.settle_by_hand(entry, again=decision == "retry")
    return run_now(run, saved, journal, folder, now_ms)


def run_now(run: RunRecord, saved: SavedPlan, journal: Journal, folder: RunFolder, now_ms: int) -> RunResult:
    """Return the run as the journal has it, and write its files anew."""
    ops = journal.ops(run.id)

    def result(change: Change) -> Result:
        op = ops.get(change.key)
        if op is None or op.state is OpState.UNSENT:
            return Result(change, Outcome.NOT_ATTEMPTED, "", "it was not sent", lead_id=change.lead.id)
        if op.state is OpState.INTENT:
            return Result(change, Outcome.IN_DOUBT, "", "the run was interrupted", lead_id=change.lead.id)
        return result_of(change, op)

    results = tuple(result(change) for change in saved.changes)
    code, reason, _ = ending(results, saved.refused, None, wrote=True)
    again = any(one.outcome is Outcome.NOT_ATTEMPTED for one in results)
    state = RunState.STOPPED if again else run.state
    ended = replace(
        run, state=state, exit_code=code, exit_reason=reason, finished_ms=run.finished_ms or now_ms
    )
    journal.update_run(ended)
    calls = Calls(run.calls_read, run.calls_write)
    whole = RunResult(
        run.id, saved.digest, code, reason, results, calls, run.started_ms, ended.finished_ms or now_ms
    )
    folder.finish(saved, whole)
    return whole


def _one(open_: Sequence[Change], key: str) -> Change:
    found = [change for change in open_ if key and change.key.startswith(key)]
    if len(found) == 1:
        return found[0]
    what = "several ops in doubt begin with" if found else "no op in doubt is called"
    raise UsageError(f"{what} “{key}”", "in_doubt.csv of the run lists them, in its column key")
