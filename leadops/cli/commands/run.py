"""``leadops run``: plan and apply in one go; first goes on with an unfinished run of the same playbook, or ends it."""

from typing import Any

import click

from leadops.cli import completing, options
from leadops.cli.applying import apply_now, show_run
from leadops.cli.asking import confirm, require_answerable
from leadops.cli.commands.plan import plan
from leadops.cli.concluding import conclude_earlier
from leadops.cli.planning import Wanted, compile_in, expect, limit_of, plan_in, wanted_from
from leadops.cli.rehearsal.gate import require_rehearsed
from leadops.cli.session import Session, alone, open_session
from leadops.cli.telling import run_told
from leadops.cli.writing import form_from, save_plan, show, warn_refused
from leadops.core.exit_codes import Exit
from leadops.model.plan import Plan


@click.command("run")
@options.playbook
@click.option("--dry-run", is_flag=True, help="The same as `leadops plan`.")
@click.option(
    "-o",
    "--out",
    callback=options.written,
    metavar="FILE",
    shell_complete=completing.files,
    help="Also save the plan to FILE (private).",
)
@options.detailed
@options.digest
@options.notify
@options.belts
@options.choice
@options.shown
@options.consent
@options.place
@options.voice
def command(
    dry_run: bool, out: str | None, detailed_exitcode: bool, expect_digest: str | None, **given: Any
) -> int:
    """Plan a playbook, ask, and apply the plan, once.

    An unfinished run of the same playbook (a crash, a signal) is finished first, if the same is asked for: text,
    files, params, leads and limits; else what is in doubt is settled and nothing more of it is sent. Exit 3: finished,
    but something is not as asked; the run's folder names every lead.
    """
    if not dry_run:
        require_answerable(yes=given["yes"], no_input=given["no_input"], verb="run")
    wanted = wanted_from(given)
    work = (
        plan(wanted, out=out, detailed=detailed_exitcode, digest=expect_digest)
        if dry_run
        else _run(wanted, out, expect_digest)
    )
    tell = bool(given["notify"]) if dry_run else given["notify"] is not False
    name = wanted.request.source.parsed.file
    return run_told(work, wanted.settings, wanted.console, name, tell=tell, dry=dry_run)


async def _run(wanted: Wanted, out: str | None, expect_digest: str | None) -> int:
    name = wanted.request.source.parsed.file
    async with (
        open_session(wanted.settings, max_calls=limit_of(wanted)) as session,
        alone(session, wanted.given, name),
    ):
        compiled, schema = await compile_in(session, wanted)
        assert compiled.plan is not None
        await require_rehearsed(wanted.request, schema, wanted.settings)
        before = await conclude_earlier(session, wanted, compiled, expect_digest)
        if before.over:
            return before.exit_code
        saved = expect(
            await plan_in(session, wanted, compiled, spent=before.spent, written=before.written),
            expect_digest,
        )
        return await _apply(session, wanted, saved, compiled.plan, out) or before.exit_code


async def _apply(session: Session, wanted: Wanted, saved: Any, plan_: Plan, out: str | None) -> int:
    console, form = wanted.console, form_from(wanted.given)
    if out is not None:
        save_plan(saved, out, console)
    if not saved.appliable:
        show(saved, None, form, console, plan_.schema)
        warn_refused(saved, form, console)
        return int(Exit.REFUSED)
    if saved.changes and not wanted.given["yes"]:
        show(saved, None, form, console, plan_.schema)
        if not confirm(saved, console, yes=False):
            console.note("nothing was changed")
            return int(Exit.DONE)
    result, folder = await apply_now(session, saved, plan_, wanted.given, console, just_read=True)
    return show_run(session, saved, result, folder, form, console, plan_.schema)
