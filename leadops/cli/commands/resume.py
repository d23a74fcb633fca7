"""``leadops resume``: go on with a run."""

from typing import Any

import click

from leadops.cli import completing, options
from leadops.cli.abandoning import abandon_now
from leadops.cli.applying import resume_now, show_run
from leadops.cli.asked import changed_since
from leadops.cli.asking import require_answerable
from leadops.cli.console import Console, open_console
from leadops.cli.earlier import project_of
from leadops.cli.places import runs_root
from leadops.cli.recorded import folder_to_read, plan_of
from leadops.cli.session import Session, alone, open_session
from leadops.cli.settings import Settings, load_settings, require_account
from leadops.cli.telling import run_told
from leadops.cli.writing import form_from
from leadops.core.exit_codes import Exit
from leadops.engine.operations.resume import find_run
from leadops.model.journal import RunRecord
from leadops.model.schema import Schema


@click.command("resume")
@click.argument("run", default="last", shell_complete=completing.runs)
@options.max_age
@options.notify
@click.option(
    "--abandon",
    is_flag=True,
    help="Give the run up: settle what is in doubt by reading, send nothing, name the rest, end it.",
)
@click.option("--max-fail-percent", type=click.FloatRange(0, 100), help="Stop a step when more of it fails.")
@options.calls
@options.shown
@options.consent
@options.place
@options.voice
def command(run: str, abandon: bool, **given: Any) -> int:
    """Go on with RUN (an id, a part of one, or `last`): what is settled stays, what is unknown is looked for first.

    Also after exit 3 with changes that were not attempted, and after a canary: `--confirm-canary`. Where the playbook or
    its files say something else by now, what is in doubt is settled and nothing is sent. Where the run's folder was
    lost, the state store has what is needed. `--abandon` ends any run, also one whose plan is gone.
    """
    settings = load_settings(
        profile=given["profile"], sandbox=given["sandbox"], state=given["state"], rate=given["rate"]
    )
    require_account(settings)
    if given["no_input"] and not given["yes"]:
        require_answerable(yes=False, no_input=True, verb="resume")
    console = open_console(quiet=given["quiet"], no_color=given["no_color"], pii=given["pii"])
    work = (_abandon if abandon else _resume)(settings, console, run, given)
    return run_told(work, settings, console, f"resume {run}", tell=given["notify"] is not False)


async def _resume(settings: Settings, console: Console, name: str, given: dict[str, Any]) -> int:
    async with (
        open_session(settings) as session,
        alone(session, given, f"resume {name}"),
    ):
        found = find_run(session.journal, name)
        schema = await session.schema()
        closed = _closed(session, found, schema, console)
        result, saved, folder = await resume_now(session, found, given, console, closed=closed, bounded=True)
        return show_run(session, saved, result, folder, form_from(given), console, schema)


def _closed(session: Session, run: RunRecord, schema: Schema, console: Console) -> str:
    """Return why nothing more of the run may be sent: its files say something else now; empty when they do not."""
    settings = session.settings
    saved = plan_of(run, folder_to_read(run, runs_root(settings.root), session.home))
    changed = changed_since(saved, project_of(run) or settings.root, schema, settings)
    if not changed:
        return ""
    console.warn(
        f"warning: {', '.join(changed)} since run {run.id} was planned: what is in doubt is looked for, nothing more is "
        "sent. `leadops run` plans anew; with the files as they were, `resume` goes on"
    )
    return f"since the run was planned {', '.join(changed)}"


async def _abandon(settings: Settings, console: Console, name: str, given: dict[str, Any]) -> int:
    async with (
        open_session(settings) as session,
        alone(session, given, f"resume {name} --abandon"),
    ):
        found = find_run(session.journal, name)
        ended = await abandon_now(session, found, given, console)
        if ended is None:
            return int(Exit.INCOMPLETE)
        result, saved, folder = ended
        return show_run(
            session, saved, result, folder, form_from(given), console, session.cache.schema(any_age=True)
        )
