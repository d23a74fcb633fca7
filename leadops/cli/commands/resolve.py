"""``leadops resolve``: a person settles what no read could decide."""

import asyncio
from collections.abc import Mapping
from typing import Any, Literal

import click

from leadops.cli import completing, options
from leadops.cli.console import Console, open_console
from leadops.cli.history import held_journal, home_of, open_history
from leadops.cli.places import runs_root
from leadops.cli.recorded import folder_to_read, folder_to_write
from leadops.cli.settings import Settings, load_settings
from leadops.cli.writing import form_from, show
from leadops.core.clock import SystemClock
from leadops.core.errors import LeadopsError, UsageError
from leadops.core.exit_codes import Exit
from leadops.core.text import visible
from leadops.engine.operations.resolve import Decision, doubts, resolve
from leadops.engine.operations.resume import find_run
from leadops.model.change import Change
from leadops.model.journal import OpRecord
from leadops.model.saved import SavedPlan
from leadops.report.masking import Masker
from leadops.state.runs import RunFolder

_DECISIONS: tuple[tuple[str, Literal["applied", "not_applied", "retry"]], ...] = (
    ("applied", "applied"), ("not_applied", "not_applied"), ("again", "retry"),
)  # fmt: skip


@click.command("resolve")
@click.argument("run", default="last", shell_complete=completing.runs)
@click.argument("keys", nargs=-1)
@click.option("--applied", is_flag=True, help="It was done.")
@click.option("--not-applied", is_flag=True, help="It was not done; the next plan may make it.")
@click.option("--again", is_flag=True, help="It was not done; `resume` sends it again.")
@click.option("--reason", metavar="TEXT", help="How you know; stands in the audit trail.")
@options.lock_timeout
@options.shown
@options.place
@options.voice
def command(run: str, keys: tuple[str, ...], reason: str | None, **given: Any) -> int:
    """Settle changes of RUN that are in doubt, by KEYS (column key of in_doubt.csv); without KEYS, list them.

    Exit 6: a runner works on this workspace.
    """
    settings = load_settings(
        profile=given["profile"], sandbox=given["sandbox"], state=given["state"], rate=given["rate"]
    )
    console = open_console(quiet=given["quiet"], no_color=given["no_color"], pii=given["pii"])
    if not keys:
        return _list(settings, run, console)
    chosen = [decision for flag, decision in _DECISIONS if given[flag]]
    if len(chosen) != 1 or not reason:
        raise UsageError("say one of --applied, --not-applied, --again, and --reason TEXT")
    return asyncio.run(_resolve(settings, run, keys, chosen[0], reason, given, console))


def _list(settings: Settings, name: str, console: Console) -> int:
    with open_history(settings) as (journal, home):
        record = find_run(journal, name)
        open_ = doubts(journal.ops(record.id).values())
        saved = _plan(folder_to_read(record, runs_root(settings.root), home))
    changes = {change.key: change for change in saved.changes} if saved is not None else {}
    masker = Masker()
    masker.know(phones=(changes[op.key].lead.identifier for op in open_ if op.key in changes))
    for op in open_:
        line = visible(_line(op, changes.get(op.key)))
        console.result(masker.sentence(line) if console.pii == "mask" else line)
    how = f"leadops resolve {record.id} KEY… --applied|--not-applied|--again --reason TEXT"
    console.note(f"look, then: {how}" if open_ else "nothing is in doubt")
    return int(Exit.DONE)


def _line(op: OpRecord, change: Change | None) -> str:
    what = f"{op.kind} {op.type}" if op.type else op.kind
    lead = change.lead if change is not None else None
    names = (lead.name, lead.identifier, lead.id or op.lead_id) if lead is not None else (op.lead_id,)
    who = "  ".join(name for name in names if name)
    return f"{op.key[:16]}  {what}  {who}  {op.reason or 'the run was interrupted'}"


async def _resolve(
    settings: Settings,
    name: str,
    keys: tuple[str, ...],
    decision: Decision,
    reason: str,
    given: Mapping[str, Any],
    console: Console,
) -> int:
    clock = SystemClock()
    home = home_of(settings)
    async with held_journal(home, clock, "leadops resolve", given["lock_timeout"] or "0s") as journal:
        record = find_run(journal, name)
        folder = folder_to_write(record, runs_root(settings.root), home)
        saved = _plan(folder)
        result = resolve(record, saved, journal, folder, keys, decision, reason, clock.now_ms())
    if saved is None or result is None:
        console.note(f"settled by hand: {len(keys)} of run {record.id}, whose plan is gone")
    else:
        show(saved, result, form_from(given), console, folder=folder, again=True)
    return int(Exit.DONE)


def _plan(folder: RunFolder) -> SavedPlan | None:
    """Return the run's plan; None where it is lost: its rows say enough to settle them."""
    try:
        return folder.plan()
    except LeadopsError:
        return None
