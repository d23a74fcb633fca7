"""A run is ended for good: given up by hand, with or without its plan or the service, or because others are wanted now."""

from collections.abc import Mapping
from typing import Any

from leadops.cli.applying import resume_now, write_reports
from leadops.cli.console import Console
from leadops.cli.places import runs_root
from leadops.cli.recorded import folder_to_write, plan_of
from leadops.cli.session import Session
from leadops.core.errors import ConfigurationError, LeadopsError, StalePlanError
from leadops.core.exit_codes import Exit
from leadops.core.text import visible
from leadops.engine.operations.giving_up import REASON, give_up, give_up_rows
from leadops.engine.operations.known import is_doubtful
from leadops.model.journal import RunRecord, RunState
from leadops.model.run import RunResult
from leadops.model.saved import SavedPlan
from leadops.state.runs import RunFolder

_SIGNALS = frozenset({int(Exit.INTERRUPTED), int(Exit.TERMINATED)})


async def abandon_now(
    session: Session, run: RunRecord, given: Mapping[str, Any], console: Console
) -> tuple[RunResult, SavedPlan, RunFolder] | None:
    """Settle what is in doubt as far as reading can tell, give the rest up by name, and end the run.

    Returns None where the run's plan is gone: what the journal's rows name was said on stdout then.

    Raises:
        TemporaryError: the journal cannot be written. OSError: the run's files cannot be written.
    """
    folder = folder_to_write(run, runs_root(session.settings.root), session.home)
    try:
        saved = plan_of(run, folder)
    except ConfigurationError as error:
        console.warn(f"warning: {error.message}")
        await _by_rows(session, run, console)
        return None
    try:
        result, saved, folder = await resume_now(session, run, given, console, closed=REASON, bounded=True)
        if result.exit_code in _SIGNALS:
            return result, saved, folder
    except LeadopsError as error:
        console.warn(f"warning: what is in doubt cannot be looked for: {error.message}")
    now = session.journal.run(run.id) or run
    result = await give_up(now, saved, session.journal, folder, session.clock.now_ms())
    schema = session.cache.schema(any_age=True)
    if schema is not None:
        result = write_reports(saved, result, folder, schema, console)
    return result, saved, folder


async def give_way(
    session: Session, run: RunRecord, why: str, given: Mapping[str, Any], console: Console
) -> RunResult:
    """Settle what is in doubt, send nothing more, and end the run because ``why``: it is no longer wanted.

    Where the service cannot be asked, the result says so by its exit code, and the run has not ended.

    Raises:
        LeadopsError: as ``resume_now``; the run has not ended.
    """
    folder = folder_to_write(run, runs_root(session.settings.root), session.home)
    saved = plan_of(run, folder)
    try:
        result, saved, folder = await resume_now(session, run, given, console, closed=why, aside=True)
    except StalePlanError as error:
        console.warn(f"warning: what is in doubt of run {run.id} cannot be looked for: {error.message}")
    else:
        now = session.journal.run(run.id)
        if now is None or now.state is not RunState.DONE:
            return result
    now = session.journal.run(run.id) or run
    result = await give_up(now, saved, session.journal, folder, session.clock.now_ms(), why)
    return write_reports(saved, result, folder, await session.schema(), console)


async def _by_rows(session: Session, run: RunRecord, console: Console) -> None:
    left = await give_up_rows(run, session.journal, session.clock.now_ms())
    for op in left:
        what = "in doubt" if is_doubtful(op) else "not attempted"
        parts = (what, op.key, op.kind, op.type, op.lead_id or "")
        console.result(visible("  ".join(part for part in parts if part)))
    doubtful = sum(is_doubtful(op) for op in left)
    console.note(
        f"run {run.id} is given up: {doubtful} in doubt, {len(left) - doubtful} not sent; what it had not begun is not known"
    )
    if doubtful:
        console.note(
            f"look at the leads, then: leadops resolve {run.id} KEY… --applied|--not-applied --reason TEXT"
        )
