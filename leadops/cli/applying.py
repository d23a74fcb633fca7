"""Applying: under the workspace's lock, with signals settled, a run folder, reports and the exit code."""

import asyncio
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from leadops.analysis.compiler import compile_playbook
from leadops.cli import logs
from leadops.cli.call_limit import limit_of_plan
from leadops.cli.compiling import require_sound
from leadops.cli.console import Console, cut, interactive
from leadops.cli.failures import report_failure
from leadops.cli.places import runs_root
from leadops.cli.progress import Progress
from leadops.cli.recorded import folder_to_begin, folder_to_write, plan_of
from leadops.cli.rehearsal.gate import saved_surroundings
from leadops.cli.session import Session
from leadops.cli.settings import Settings, seconds
from leadops.cli.telling import tell_run
from leadops.cli.wanted_reports import require_reports, write_wanted
from leadops.cli.writing import Form, show
from leadops.core.errors import (
    ConfigurationError,
    FindingsError,
    RefusedError,
    StalePlanError,
    TemporaryError,
    UsageError,
)
from leadops.core.exit_codes import Exit
from leadops.engine.apply.executor import apply_plan
from leadops.engine.apply.step_runner import is_settled
from leadops.engine.operations.resume import resume_run
from leadops.engine.plan.options import ApplyOptions
from leadops.engine.stop import Stop
from leadops.model.journal import RunRecord
from leadops.model.plan import Plan
from leadops.model.run import Result, RunResult
from leadops.model.saved import SavedPlan
from leadops.model.schema import Schema
from leadops.report.junit import junit
from leadops.report.render import markdown, render_html
from leadops.report.view import view_of
from leadops.state.marks import marks_below
from leadops.state.private import write_private
from leadops.state.runs import RunFolder
from leadops.syntax.parser import parse

DAY_MS = 86_400_000
_SIGNALS = {signal.SIGINT: Exit.INTERRUPTED, signal.SIGTERM: Exit.TERMINATED, signal.SIGHUP: Exit.TERMINATED}


def apply_options(session: Session, given: Mapping[str, Any], stop: Stop, progress: Progress) -> ApplyOptions:
    """Return how to apply, from the flags."""
    if given.get("max_time"):
        stop.deadline = session.clock.monotonic() + seconds(given["max_time"])
    fail = given.get("max_fail_percent")
    return ApplyOptions(
        clock=session.clock,
        stop=stop,
        settle_s=session.settings.settle,
        marker=session.settings.marker,
        max_age_s=seconds(given.get("max_age") or "24h"),
        confirm=None if given.get("no_input") or not interactive() else _confirm_canary,
        confirm_canary=bool(given.get("confirm_canary")),
        max_fail_percent=None if fail is None else Decimal(str(fail)),
        progress=progress.settled,
        capabilities=session.cache,
        ids=session.ids,
        marks=marks_below(runs_root(session.settings.root), session.enterprise_id),
    )


async def _confirm_canary(results: tuple[Result, ...]) -> bool:
    clean = sum(result.clean for result in results)
    question = f"The canary is done: {clean} of {len(results)} changes are as asked. Go on?"
    return await asyncio.to_thread(click.confirm, question, False, False, ": ", True, True)


@contextmanager
def signals(stop: Stop, console: Console) -> Iterator[None]:
    """Within the block the first signal asks the run to stop, the second ends the process at once.

    The journal is valid at every moment: what was in flight is looked for when the run goes on.
    """
    loop = asyncio.get_running_loop()

    def received(number: signal.Signals) -> None:
        code = _SIGNALS[number]
        if stop.requested:
            os._exit(int(code))
        console.warn(
            f"{number.name}: the calls in flight are settled, then the run stops; once more ends it at once"
        )
        stop.request(int(code), f"stopped by {number.name}")

    for number in _SIGNALS:
        loop.add_signal_handler(number, received, number)
    try:
        yield
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


def require_present(session: Session, clock_ms: int, made_ms: int) -> None:
    """Refuse to write by a moved clock (--now), except on this machine: "April" would be another month.

    Raises:
        RefusedError: the playbook's clock is more than a day off.
    """
    off = abs(clock_ms - made_ms) / DAY_MS
    if off > 1 and not session.crm.connection.is_loopback:
        raise RefusedError(
            f"the playbook's clock (--now) is {off:.0f} days off: nothing is written by a moved clock",
            "look with `leadops plan --now …`; write the periods out (April 2026) to change leads by them",
        )


async def apply_now(
    session: Session,
    saved: SavedPlan,
    plan: Plan,
    given: Mapping[str, Any],
    console: Console,
    *,
    just_read: bool,
) -> tuple[RunResult, RunFolder]:
    """Apply a plan in a new run folder; its reports are written.

    ``just_read``: this very command made the plan; otherwise every lead is read again before it is written.
    """
    require_present(session, saved.clock_ms, saved.made_ms)
    name = Path(next(iter(saved.sources), "")).stem.strip("<>-")
    settings = session.settings
    folder = folder_to_begin(settings.root, session.home, saved.title or name, session.clock.now_ms())
    if not folder.path.startswith(str(runs_root(settings.root))):
        console.warn(f"warning: {settings.root} cannot be written: this run's files are in {folder.path}")
    stop = Stop()
    progress = Progress(console, len(saved.changes), session.clock, session.settings.rate, given["progress"])
    try:
        with logs.run_log(Path(folder.path)), signals(stop, console), progress:
            logs.event("run began", run=folder.run, changes=len(saved.changes))
            result = await apply_plan(
                saved, plan, session.reader, session.writer, session.journal, folder,
                replace(
                    apply_options(session, given, stop, progress), read_ms=saved.made_ms if just_read else None
                ),
            )  # fmt: skip
            _log_end(result)
    except (StalePlanError, RefusedError):
        folder.discard()
        raise
    return await _after(session, saved, plan, result, folder, given, console), folder


async def resume_now(
    session: Session,
    run: RunRecord,
    given: Mapping[str, Any],
    console: Console,
    *,
    closed: str = "",
    bounded: bool = False,
    aside: bool = False,
) -> tuple[RunResult, SavedPlan, RunFolder]:
    """Go on with a run in its own folder, made anew where it is gone; its reports are written anew.

    ``closed`` says why nothing new is sent: only what is in doubt is settled then. ``bounded``: the command has said
    nothing yet of how many calls it may make; the run's own limit holds. ``aside``: another run takes its place, so
    that nobody is told of this one, and the reports that its playbook asks for are not written.
    """
    folder = folder_to_write(run, runs_root(session.settings.root), session.home)
    saved = plan_of(run, folder)
    if bounded:
        session.crm.limit_calls(limit_of_plan(saved, given))
    plan = recompile(saved, await session.schema(), session.settings, reports=not closed)
    stop = Stop()
    ops = session.journal.ops(run.id)
    left = sum(not is_settled(ops.get(change.key)) for change in saved.changes)
    progress = Progress(console, left, session.clock, session.settings.rate, given["progress"])
    with logs.run_log(Path(folder.path)), signals(stop, console), progress:
        logs.event("run resumed", run=folder.run, changes=len(saved.changes))
        result = await resume_run(
            run, saved, plan, session.reader, session.writer, session.journal, folder,
            apply_options(session, given, stop, progress), closed=closed,
        )  # fmt: skip
        _log_end(result)
    if aside:
        return write_reports(saved, result, folder, plan.schema, console), saved, folder
    return await _after(session, saved, plan, result, folder, given, console), saved, folder


def _log_end(result: RunResult) -> None:
    counts = {name: many for name, many in result.outcomes.items() if many}
    logs.event(
        "run ended", run=result.run, exit_code=result.exit_code, reason=result.exit_reason, outcomes=counts
    )


async def _after(
    session: Session,
    saved: SavedPlan,
    plan: Plan,
    result: RunResult,
    folder: RunFolder,
    given: Mapping[str, Any],
    console: Console,
) -> RunResult:
    """Do what follows a run: its reports are written, and who wants to know is told."""
    ended = result
    result = write_reports(saved, result, folder, plan.schema, console)
    masked = given.get("pii") == "mask"
    missing = write_wanted(saved, plan, result, session.settings.root, console, masked=masked)
    if missing and result.exit_code == Exit.DONE:
        reason = f"{result.exit_reason}, but {', '.join(missing)} could not be written"
        result = replace(result, exit_code=int(Exit.INCOMPLETE), exit_reason=reason)
    if result != ended:
        _correct(session, saved, result, folder, console)
    if given.get("notify") is not False:
        await tell_run(session.settings, saved, plan, result, folder, console)
    return result


def show_run(
    session: Session,
    saved: SavedPlan,
    result: RunResult,
    folder: RunFolder,
    form: Form,
    console: Console,
    schema: Schema | None,
) -> int:
    """Show what became of a run and return the exit code; nothing is said where it is quiet and nothing changed.

    What cannot be shown as asked, for a template's mistake or a full disk, changes the code to 3, never what was done.
    """
    silent = console.quiet and result.exit_code == Exit.DONE and not saved.changes
    try:
        show(saved, result, form, console, schema, folder=folder, silent=silent)
        shown = not cut()
    except (UsageError, FindingsError) as error:
        report_failure(error)
        shown = False
    if not shown and result.exit_code == Exit.DONE:
        reason = f"{result.exit_reason}, but it could not be shown as it was asked for"
        result = replace(result, exit_code=int(Exit.INCOMPLETE), exit_reason=reason)
        _correct(session, saved, result, folder, console)
    console.note(f"report: {folder.path}/report.html")
    return result.exit_code


def _correct(
    session: Session, saved: SavedPlan, result: RunResult, folder: RunFolder, console: Console
) -> None:
    """Let the run's files and the journal say how the process ends."""
    try:
        folder.finish(saved, result)
        record = session.journal.run(result.run)
        if record is not None:
            session.journal.update_run(
                replace(record, exit_code=result.exit_code, exit_reason=result.exit_reason)
            )
    except (OSError, TemporaryError) as error:
        console.warn(f"warning: the run's files could not be brought up to date: {error}")


def recompile(saved: SavedPlan, schema: Schema, settings: Settings, *, reports: bool = True) -> Plan:
    """Compile the texts that a plan carries, with its clock and parameters, against the schema as it is now.

    ``reports``: look whether the reports that it asks for can be made, too.

    Raises:
        StalePlanError: they no longer compile: the schema changed since.
    """
    name, text = next(iter(saved.sources.items()))
    compiled = compile_playbook(parse(text, name), schema, saved_surroundings(saved, settings))
    if compiled.plan is None:
        reasons = "; ".join(d.message for d in compiled.diagnostics if d.severity == "error")
        raise StalePlanError(f"the plan no longer fits the workspace: {reasons}", "plan again")
    require_sound(compiled)
    logs.hide_parameters(compiled.plan.parameters)
    if reports:
        require_reports(compiled.plan, settings.root)
    return compiled.plan


def write_reports(
    saved: SavedPlan, result: RunResult, folder: RunFolder, schema: Schema, console: Console
) -> RunResult:
    """Write report.md, report.html and junit.xml into the run's folder; return the result.

    A report that cannot be written changes the exit code to 3, never what was done.
    """
    view = view_of(saved, result, schema=schema, calls_at_ms=folder.calls_at_ms())
    try:
        where = Path(folder.path)
        write_private(where / "report.md", "".join(markdown(view)).encode())
        write_private(where / "report.html", "".join(render_html(view)).encode())
        write_private(where / "junit.xml", junit(saved, result).encode())
    except ConfigurationError as error:
        console.warn(f"warning: the reports could not be written: {error.message}")
        return replace(result, exit_code=result.exit_code or int(Exit.INCOMPLETE))
    return result
