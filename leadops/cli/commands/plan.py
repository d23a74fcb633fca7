"""``leadops plan``: the exact difference, without a write."""

from typing import Any

import click

from leadops.cli import completing, options
from leadops.cli.concluding import at_work, tell_earlier
from leadops.cli.planning import Wanted, compile_in, expect, limit_of, plan_in, wanted_from
from leadops.cli.session import open_session
from leadops.cli.telling import run_told, tell_plan
from leadops.cli.writing import form_from, save_plan, show, warn_refused
from leadops.core.exit_codes import Exit


@click.command("plan")
@options.playbook
@click.option(
    "-o",
    "--out",
    callback=options.written,
    metavar="FILE",
    shell_complete=completing.files,
    help="Save the plan to FILE (private) for `leadops apply`.",
)
@options.detailed
@options.digest
@options.notify
@options.belts
@options.choice
@options.shown
@options.place
@options.voice
def command(out: str | None, detailed_exitcode: bool, expect_digest: str | None, **given: Any) -> int:
    """Show exactly what a playbook would change, lead by lead. Makes no write.

    Exit 0: a sound plan (with --detailed-exitcode 2 when it has changes). Exit 3: some leads cannot be changed as asked; each
    is named, and the others may be applied. Exit 4: the plan is refused by a belt, an expectation or a permission; it is still
    shown whole, and saved as not appliable.
    """
    wanted = wanted_from(given)
    return run_told(
        plan(wanted, out=out, detailed=detailed_exitcode, digest=expect_digest),
        wanted.settings,
        wanted.console,
        wanted.request.source.parsed.file,
        tell=bool(given["notify"]),
        dry=True,
    )


async def plan(wanted: Wanted, *, out: str | None, detailed: bool, digest: str | None) -> int:
    """Plan in a session that cannot write, show, save; return the exit code."""
    async with open_session(wanted.settings, max_calls=limit_of(wanted), plans=True) as session:
        compiled, schema = await compile_in(session, wanted)
        tell_earlier(session, wanted, compiled, digest)
        busy = at_work(session)
        planned = await plan_in(session, wanted, compiled, at_work=lambda: busy or at_work(session))
        saved = expect(planned, digest)
    if out is not None:
        save_plan(saved, out, wanted.console)
    show(saved, None, form_from(wanted.given), wanted.console, schema)
    if wanted.given["notify"]:
        await tell_plan(wanted.settings, saved, wanted.console)
    warn_refused(saved, form_from(wanted.given), wanted.console)
    if not saved.appliable:
        return int(Exit.REFUSED)
    if saved.rejected:
        return int(Exit.INCOMPLETE)
    return int(Exit.CHANGES if detailed and saved.changes else Exit.DONE)
