"""``leadops retry``: what the service refused or ignored in a run, again, or as a playbook to edit."""

import asyncio
import secrets
from pathlib import Path
from typing import Any

import click

from leadops import __version__
from leadops.cli import completing, options
from leadops.cli.applying import apply_now, recompile, show_run
from leadops.cli.asking import confirm, require_answerable
from leadops.cli.belts import belts_from
from leadops.cli.call_limit import limit_of_plan
from leadops.cli.console import Console, open_console
from leadops.cli.name_lists import NameLists, lists_from
from leadops.cli.planning import chosen, teller
from leadops.cli.progress import reading
from leadops.cli.recorded import Recorded, recorded
from leadops.cli.session import Session, alone, open_session
from leadops.cli.settings import Settings, load_settings, require_account
from leadops.cli.telling import run_told
from leadops.cli.writing import form_from, show, warn_refused, write_text
from leadops.core.errors import UsageError
from leadops.core.exit_codes import Exit
from leadops.engine.operations.retry import retry_plan, retry_playbook
from leadops.engine.plan.options import PlanOptions
from leadops.engine.plan.planner import make_plan


@click.command("retry")
@click.argument("run", default="last", shell_complete=completing.runs)
@click.option(
    "-o",
    "--out",
    callback=options.written,
    metavar="FILE",
    shell_complete=completing.files,
    help="Write the rejects as a playbook to edit; send nothing.",
)
@options.notify
@options.belts
@options.choice
@options.shown
@options.consent
@options.place
@options.voice
def command(run: str, out: str | None, **given: Any) -> int:
    """Send again what the CRM refused or ignored in RUN (an id, a part of one, or `last`).

    With -o FILE each refused value stands in a playbook, with the service's words as a comment: correct it, run it.
    """
    settings = load_settings(
        profile=given["profile"], sandbox=given["sandbox"], state=given["state"], rate=given["rate"]
    )
    require_account(settings)
    console = open_console(quiet=given["quiet"], no_color=given["no_color"], pii=given["pii"])
    lists = lists_from(given)
    if out is not None:
        _require_whole(lists)
        return asyncio.run(_write(settings, console, recorded(settings, run), out, given))
    require_answerable(yes=given["yes"], no_input=given["no_input"], verb="retry")
    work = _retry(settings, console, run, given, lists)
    return run_told(work, settings, console, f"retry of {run}", tell=given["notify"] is not False)


def _require_whole(lists: NameLists) -> None:
    """Refuse a choice of leads where all rejects are written: it would be lost."""
    if (lists.only, lists.exclude, lists.sample) != (None, None, None):
        raise UsageError(
            "-o writes all rejects of the run: --only, --exclude and --sample choose nothing there",
            "choose when the file is run",
        )


async def _write(
    settings: Settings, console: Console, known: Recorded, out: str, given: dict[str, Any]
) -> int:
    saved, result = known.saved, known.result
    async with open_session(settings, max_calls=limit_of_plan(saved, given)) as session:
        schema = await session.schema()
    text = retry_playbook(
        result.results, schema, run=result.run, timezone=saved.timezone, country_code=settings.country_code
    )
    write_text(out, text)
    steps = text.count("\nstep ")
    what = f"the rejects of {steps} lead{'s' * (steps != 1)}" if steps else "nothing: the run has no rejects"
    console.note(f"wrote {what} to {Path(out)}")
    return int(Exit.DONE)


async def _retry(
    settings: Settings, console: Console, run: str, given: dict[str, Any], lists: NameLists
) -> int:
    async with open_session(settings) as session, alone(session, given, f"retry of {run}"):
        known = recorded(settings, run)  # under the lock: whoever works there is named, not waited for
        session.crm.limit_calls(limit_of_plan(known.saved, given))
        return await _retry_in(session, console, known, given, lists)


async def _retry_in(
    session: Session, console: Console, known: Recorded, given: dict[str, Any], lists: NameLists
) -> int:
    earlier, result = known.saved, known.result
    schema = await session.schema()
    plan = retry_plan(recompile(earlier, schema, session.settings), result.run)
    with reading(session, console, given["progress"]):
        saved = await make_plan(
            plan,
            session.reader,
            session.history,
            PlanOptions(
                belts=belts_from(given),
                scope=chosen(lists, plan, console),
                sources={"<retry>": plan.canonical},
                sandbox=session.settings.sandbox,
                rate_per_hour=session.settings.rate,
                capabilities=session.cache,
                ids=session.ids,
                clock=session.clock,
                rejects={result.run: result.results},
                tell=teller(console),
                version=__version__,
                nonce=secrets.token_hex(16),
                warnings=earlier.warnings,
            ),
        )
    if not saved.appliable:
        show(saved, None, form_from(given), console, schema)
        warn_refused(saved, form_from(given), console)
        return int(Exit.REFUSED)
    if saved.changes and not given["yes"]:
        show(saved, None, form_from(given), console, schema)
        if not confirm(saved, console, yes=False):
            console.note("nothing was changed")
            return int(Exit.DONE)
    ended, new = await apply_now(session, saved, plan, given, console, just_read=True)
    return show_run(session, saved, ended, new, form_from(given), console, schema)
