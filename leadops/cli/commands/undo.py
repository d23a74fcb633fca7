"""``leadops undo``: a playbook that takes a run back, as far as that is possible."""

import asyncio
from collections.abc import Mapping
from typing import Any

import click

from leadops.cli import completing, options
from leadops.cli.call_limit import limit_of_plan
from leadops.cli.console import Console, open_console
from leadops.cli.progress import reading
from leadops.cli.recorded import Recorded, recorded
from leadops.cli.session import open_session
from leadops.cli.settings import Settings, load_settings, require_account
from leadops.cli.writing import write_text
from leadops.core.exit_codes import Exit
from leadops.engine.operations.undo import undo_playbook

_MOST_TOLD = 20
"""What cannot be restored and is told one by one; the file has all."""


@click.command("undo")
@click.argument("run", default="last", shell_complete=completing.runs)
@click.option(
    "-o",
    "--out",
    callback=options.written,
    metavar="FILE",
    shell_complete=completing.files,
    required=True,
    help="Where to write the playbook.",
)
@click.option("--neutralise", is_flag=True, help="Also cancel its payments and mark its custom actions.")
@options.calls
@options.place
@options.voice
def command(run: str, out: str, neutralise: bool, **given: Any) -> int:
    """Write a playbook that restores the fields of RUN which still hold our value. Changes nothing itself.

    Each value stands under the condition that the lead still holds ours when the playbook runs. How much of the run
    cannot be taken back (actions, new leads, values that were missing where none can be cleared) is its title.
    """
    settings = load_settings(
        profile=given["profile"], sandbox=given["sandbox"], state=given["state"], rate=given["rate"]
    )
    require_account(settings)
    console = open_console(quiet=given["quiet"], no_color=given["no_color"], pii=given["pii"])
    known = recorded(settings, run)
    return asyncio.run(_undo(settings, console, known, out, given, neutralise=neutralise))


async def _undo(
    settings: Settings,
    console: Console,
    known: Recorded,
    out: str,
    given: Mapping[str, Any],
    *,
    neutralise: bool,
) -> int:
    saved, result = known.saved, known.result
    async with open_session(settings, max_calls=limit_of_plan(saved, given)) as session:
        schema = await session.schema()
        with reading(session, console, given["progress"]):
            undo = await undo_playbook(
                result.results,
                schema,
                session.reader,
                run=result.run,
                timezone=saved.timezone,
                country_code=settings.country_code,
                neutralise=neutralise,
                capabilities=session.cache,
            )
    write_text(out, undo.text)
    console.note(f"wrote {out}: {undo.summary}")
    for one in undo.lost[:_MOST_TOLD]:
        console.note(f"cannot be restored: {one}")
    if len(undo.lost) > _MOST_TOLD:
        console.note(f"and {len(undo.lost) - _MOST_TOLD} more, at the top of {out}")
    return int(Exit.DONE)
