"""``leadops apply``: exactly the changes of one saved plan, once."""

from typing import Any

import click

from leadops.cli import completing, options
from leadops.cli.applying import apply_now, recompile, show_run
from leadops.cli.asking import confirm, require_answerable
from leadops.cli.call_limit import limit_of_plan
from leadops.cli.console import Console, open_console
from leadops.cli.planning import expect
from leadops.cli.rehearsal.gate import require_saved_rehearsed
from leadops.cli.session import alone, open_session
from leadops.cli.settings import Settings, load_settings, require_account
from leadops.cli.telling import run_told
from leadops.cli.writing import form_from, load_plan, show
from leadops.core.errors import RefusedError
from leadops.core.exit_codes import Exit
from leadops.model.saved import SavedPlan


@click.command("apply")
@click.argument("plan_file", metavar="PLAN", shell_complete=completing.files)
@options.digest
@options.notify
@options.max_age
@click.option("--max-fail-percent", type=click.FloatRange(0, 100), help="Stop a step when more of it fails.")
@options.calls
@options.shown
@options.consent
@options.place
@options.voice
def command(plan_file: str, expect_digest: str | None, **given: Any) -> int:
    """Apply the saved PLAN: exactly its changes, once; leads that changed since are left alone (stale).

    Exit 5: the plan is too old, was applied already, or belongs to another playbook, schema or workspace.
    """
    require_answerable(yes=given["yes"], no_input=given["no_input"], verb="apply")
    settings = load_settings(
        profile=given["profile"], sandbox=given["sandbox"], state=given["state"], rate=given["rate"]
    )
    require_account(settings)
    console = open_console(quiet=given["quiet"], no_color=given["no_color"], pii=given["pii"])
    saved = expect(load_plan(plan_file), expect_digest)
    tell = given["notify"] is not False
    return run_told(
        _apply(settings, console, saved, given), settings, console, saved.title or plan_file, tell=tell
    )


async def _apply(settings: Settings, console: Console, saved: SavedPlan, given: dict[str, Any]) -> int:
    if not saved.appliable:
        raise RefusedError(
            "this plan is refused: " + "; ".join(saved.refusals), "`leadops show` shows it whole"
        )
    async with (
        open_session(settings, max_calls=limit_of_plan(saved, given)) as session,
        alone(session, given, saved.title or "a saved plan"),
    ):
        schema = await session.schema(fresh=True)
        plan = recompile(saved, schema, settings)
        await require_saved_rehearsed(saved, schema, settings)
        if not given["yes"]:
            show(saved, None, form_from(given), console, plan.schema)
        if saved.changes and not confirm(saved, console, yes=given["yes"]):
            console.note("nothing was changed")
            return int(Exit.DONE)
        result, folder = await apply_now(session, saved, plan, given, console, just_read=False)
        return show_run(session, saved, result, folder, form_from(given), console, plan.schema)
