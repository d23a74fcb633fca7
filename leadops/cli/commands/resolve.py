"""``leadops resolve``: a person settles what no read could decide."""

from pathlib import Path
from typing import Any, Literal

import click

from leadops.cli import completing, options
from leadops.cli.console import open_console
from leadops.cli.history import open_history
from leadops.cli.settings import load_settings
from leadops.cli.writing import form_from, show
from leadops.core.clock import SystemClock
from leadops.core.errors import UsageError
from leadops.core.exits import Exit
from leadops.core.text import visible
from leadops.engine.resolve import doubts, resolve
from leadops.engine.resume import find_run
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
@options.shown
@options.place
@options.voice
def command(run: str, keys: tuple[str, ...], reason: str | None, **given: Any) -> int:
    """Settle changes of RUN that are in doubt, by KEYS (column key of in_doubt.csv); without KEYS, list them."""
    settings = load_settings(
        profile=given["profile"], sandbox=given["sandbox"], state=given["state"], rate=given["rate"]
    )
    console = open_console(quiet=given["quiet"], no_color=given["no_color"], pii=given["pii"])
    chosen = [decision for flag, decision in _DECISIONS if given[flag]]
    with open_history(settings) as (journal, _):
        record = find_run(journal, run)
        folder = RunFolder(Path(record.folder))
        saved = folder.plan()
        if not keys:
            known = journal.ops(record.id)
            open_ = doubts(saved, record, journal)
            masker = Masker()
            masker.know(phones=(change.lead.identifier for change in open_))
            for change in open_:
                what = f"{change.kind.value} {change.action.type}" if change.action else change.kind.value
                who = "  ".join(x for x in (change.lead.name, change.lead.identifier, change.lead.id) if x)
                why = known[change.key].reason if change.key in known else ""
                line = visible(f"{change.key[:16]}  {what}  {who}  {why or 'the run was interrupted'}")
                console.result(masker.sentence(line) if console.pii == "mask" else line)
            how = f"leadops resolve {record.id} KEY… --applied|--not-applied|--again --reason TEXT"
            console.note(f"look, then: {how}" if open_ else "nothing is in doubt")
            return int(Exit.DONE)
        if len(chosen) != 1 or not reason:
            raise UsageError("say one of --applied, --not-applied, --again, and --reason TEXT")
        result = resolve(record, saved, journal, folder, keys, chosen[0], reason, SystemClock().now_ms())
    show(saved, result, form_from(given), console, folder=folder, again=True)
    return int(Exit.DONE)
