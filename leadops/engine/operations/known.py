"""What the journal alone knows of a run."""

from collections.abc import Mapping

from leadops.engine.apply.context.run_context import result_of
from leadops.engine.apply.ending import ending
from leadops.model.change import Change
from leadops.model.journal import OpRecord, OpState, RunRecord
from leadops.model.query import Calls
from leadops.model.run import Outcome, Result, RunResult
from leadops.model.saved import SavedPlan


def is_doubtful(op: OpRecord) -> bool:
    """Whether the op's fate is not known."""
    return op.state is OpState.INTENT or (
        op.state is OpState.SETTLED and op.outcome == Outcome.IN_DOUBT.value
    )


def result_as_known(change: Change, op: OpRecord | None) -> Result:
    """Return what became of ``change``, of which the journal knows ``op``."""
    if op is None or op.state is OpState.UNSENT:
        return Result(change, Outcome.NOT_ATTEMPTED, "", "it was not sent", lead_id=change.lead.id)
    if op.state is OpState.INTENT:
        return Result(change, Outcome.IN_DOUBT, "", "the run was interrupted", lead_id=change.lead.id)
    return result_of(change, op)


def run_as_known(run: RunRecord, saved: SavedPlan, ops: Mapping[str, OpRecord], now_ms: int) -> RunResult:
    """Return the run's results from its rows; a run that did not end is taken as ending at ``now_ms``."""
    results = tuple(result_as_known(change, ops.get(change.key)) for change in saved.changes)
    code, reason, _ = ending(results, saved.refused, None, wrote=True)
    if run.exit_code is not None:
        code, reason = run.exit_code, run.exit_reason
    calls = Calls(run.calls_read, run.calls_write)
    ended_ms = run.finished_ms or now_ms
    return RunResult(run.id, saved.digest, code, reason, results, calls, run.started_ms, ended_ms)
