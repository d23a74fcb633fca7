"""Giving a run up: what reading could settle is settled; the rest is named, and nothing of the run is sent any more."""

from collections.abc import Sequence
from dataclasses import replace

from leadops.engine.apply.context.run_context import APPENDS, detail_of
from leadops.engine.apply.ending import ending
from leadops.engine.op_keys import payload
from leadops.engine.operations.known import is_doubtful, result_as_known
from leadops.engine.ports import Journal, JournalReader, RunFolder
from leadops.model.change import Change, Kind
from leadops.model.journal import OpRecord, OpState, RunRecord, RunState, Settled
from leadops.model.query import Calls
from leadops.model.run import Outcome, Result, RunResult
from leadops.model.saved import SavedPlan

GIVEN_UP = "given_up"
"""The evidence of what was left when a run was given up."""
REASON = "the run was given up"


def was_given_up(journal: JournalReader, run: str) -> bool:
    """Whether the run was given up: what of it was not sent is not sent any more."""
    return any(op.evidence == GIVEN_UP for op in journal.ops(run).values())


async def give_up(
    run: RunRecord, saved: SavedPlan, journal: Journal, folder: RunFolder, now_ms: int, why: str = REASON
) -> RunResult:
    """End ``run`` as the journal knows it; what it left is ``not_attempted`` or ``in_doubt``, by name, because ``why``.

    Raises:
        TemporaryError: the journal cannot be written. OSError: the run's files cannot be written.
    """
    ops = journal.ops(run.id)
    known = [result_as_known(change, ops.get(change.key)) for change in saved.changes]
    results = tuple(_left(one, why) if one.outcome in _OPEN else one for one in known)
    entries = [
        _entry(run.id, one, now_ms) for one, before in zip(results, known, strict=True) if one is not before
    ]
    if entries:
        await journal.record(*entries)
    code, reason, _ = ending(results, saved.refused, None, wrote=True)
    run = _ended(run, code, f"{why} ({reason})" if entries else reason, now_ms)
    journal.update_run(run)
    calls = Calls(run.calls_read, run.calls_write)
    result = RunResult(run.id, saved.digest, code, run.exit_reason, results, calls, run.started_ms, now_ms)
    folder.finish(saved, result)
    return result


async def give_up_rows(run: RunRecord, journal: Journal, now_ms: int) -> Sequence[OpRecord]:
    """End a run whose plan is gone; return the ops that are in doubt or were not sent. What had no row is not known.

    Raises:
        TemporaryError: the journal cannot be written.
    """
    left = [op for op in journal.ops(run.id).values() if is_doubtful(op) or op.state is OpState.UNSENT]
    entries = [_entry_of_row(op, now_ms) for op in left]
    if entries:
        await journal.record(*entries)
    reason = f"{REASON} without its plan, which is gone: what was not begun of it is not known"
    journal.update_run(_ended(run, 3, reason, now_ms))
    return left


_OPEN = frozenset({Outcome.IN_DOUBT, Outcome.NOT_ATTEMPTED})


def _left(one: Result, why: str) -> Result:
    reason = f"{why}; {one.reason}" if one.reason and why not in one.reason else one.reason or why
    return replace(one, evidence=GIVEN_UP, reason=reason)


def _ended(run: RunRecord, code: int, reason: str, now_ms: int) -> RunRecord:
    return replace(run, state=RunState.DONE, exit_code=code, exit_reason=reason, finished_ms=now_ms)


def _entry(run: str, one: Result, now_ms: int) -> Settled:
    change: Change = one.change
    return Settled(
        run, change.key, one.outcome.value, GIVEN_UP, one.reason, one.action_id, one.lead_id or change.lead.id,
        detail_of(one), now_ms, change.step, change.kind.value, change.action.type if change.action else "",
        payload(change.action), change.kind in APPENDS and not change.each_run, "hand",
    )  # fmt: skip


def _entry_of_row(op: OpRecord, now_ms: int) -> Settled:
    outcome = Outcome.IN_DOUBT if is_doubtful(op) else Outcome.NOT_ATTEMPTED
    return Settled(
        op.run, op.key, outcome.value, GIVEN_UP, f"{REASON}; {op.reason}" if op.reason else REASON, op.action_id,
        op.lead_id, op.detail, now_ms, op.step, op.kind, op.type, op.payload, Kind(op.kind) in APPENDS, "hand",
    )  # fmt: skip
