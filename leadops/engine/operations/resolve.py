"""``resolve``: a person settles what no read could decide; it stands in the audit trail as done by hand."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

from leadops.core.errors import UsageError
from leadops.engine.apply.context.run_context import APPENDS
from leadops.engine.apply.ending import ending
from leadops.engine.operations.giving_up import was_given_up
from leadops.engine.operations.known import is_doubtful, result_as_known
from leadops.engine.ports import Journal, RunFolder
from leadops.model.change import Kind
from leadops.model.journal import OpRecord, RunRecord, RunState, Settled
from leadops.model.query import Calls
from leadops.model.run import Outcome, RunResult
from leadops.model.saved import SavedPlan

Decision = Literal["applied", "not_applied", "retry"]


def doubts(ops: Collection[OpRecord]) -> tuple[OpRecord, ...]:
    """Return those of a run's ``ops`` whose fate is not known."""
    return tuple(op for op in ops if is_doubtful(op))


def resolve(
    run: RunRecord,
    saved: SavedPlan | None,
    journal: Journal,
    folder: RunFolder,
    keys: Collection[str],
    decision: Decision,
    reason: str,
    now_ms: int,
) -> RunResult | None:
    """Settle the ops of ``keys`` (or keys beginning so) and return the run as it stands then.

    ``applied``: it was done. ``not_applied``: it was not, and the next plan may make it. ``retry``: ``resume`` sends it
    again. ``saved`` is None where the run's plan is lost: the ops are settled, and there are no results to return.

    Raises:
        UsageError: a key names no op in doubt, or several; or ``resume`` could not send it again without the plan.
    """
    if saved is None and decision == "retry":
        raise UsageError(
            f"the plan of run {run.id} is gone: nothing of it can be sent again",
            "--not-applied lets the next plan make it",
        )
    if decision == "retry" and was_given_up(journal, run.id):
        raise UsageError(
            f"run {run.id} was given up: nothing of it is sent again",
            "--not-applied lets the next plan make it",
        )
    journal.leave_marks(partial(folder.mark, run.enterprise))
    open_ = doubts(journal.ops(run.id).values())
    for op in [_one(open_, key) for key in keys]:
        outcome = Outcome.CHANGED if decision == "applied" else Outcome.REJECTED
        entry = Settled(
            run.id, op.key, outcome.value, "hand", f"by hand: {reason}", op.action_id, op.lead_id, "", now_ms, op.step,
            op.kind, op.type, op.payload, Kind(op.kind) in APPENDS and _is_once(op, saved), "hand",
        )  # fmt: skip
        journal.settle_by_hand(entry, again=decision == "retry")
    return None if saved is None else run_now(run, saved, journal, folder, now_ms)


def _is_once(op: OpRecord, saved: SavedPlan | None) -> bool:
    return saved is None or not any(one.each_run for one in saved.changes if one.key == op.key)


def run_now(run: RunRecord, saved: SavedPlan, journal: Journal, folder: RunFolder, now_ms: int) -> RunResult:
    """Return the run as the journal has it, and write its files anew."""
    ops = journal.ops(run.id)
    results = tuple(result_as_known(change, ops.get(change.key)) for change in saved.changes)
    code, reason, _ = ending(results, saved.refused, None, wrote=True)
    again = any(one.outcome is Outcome.NOT_ATTEMPTED and not one.evidence for one in results)
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


def _one(open_: Sequence[OpRecord], key: str) -> OpRecord:
    found = [op for op in open_ if key and op.key.startswith(key)]
    if len(found) == 1:
        return found[0]
    what = "several ops in doubt begin with" if found else "no op in doubt is called"
    raise UsageError(f"{what} “{key}”", "in_doubt.csv of the run lists them, in its column key")
