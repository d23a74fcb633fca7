"""``leadops forget``: one person's data leaves everything that leadops keeps."""

import asyncio
from typing import Any

import click

from leadops.cli import options
from leadops.cli.console import interactive, open_console
from leadops.cli.places import runs_root
from leadops.cli.recorded import known_folders
from leadops.cli.session import alone, open_session
from leadops.cli.settings import Settings, load_settings, require_account
from leadops.core.errors import UsageError
from leadops.core.exit_codes import Exit
from leadops.engine.operations.forget import Forgotten, forget
from leadops.state.kept_plans import KeptPlans


@click.command("forget")
@click.argument("identifier")
@click.option("--yes", is_flag=True, help="Do not ask.")
@options.lock_timeout
@options.place
@options.voice
def command(identifier: str, yes: bool, **given: Any) -> int:
    """Take the lead of IDENTIFIER (its phone) out of the journal, the ids, the kept plans and the run folders.

    The CRM is not touched. The audit trail keeps that something was done, without whose values. Exit 6: a runner works
    on this workspace.
    """
    settings = load_settings(
        profile=given["profile"], sandbox=given["sandbox"], state=given["state"], rate=given["rate"]
    )
    require_account(settings)
    console = open_console(quiet=given["quiet"], no_color=given["no_color"], pii=given["pii"])
    if not yes:
        if not interactive():
            raise UsageError("`forget` asks, and nobody can be asked here", "add --yes")
        if not click.confirm(f"Forget {identifier} for ever?", default=False, err=True):
            return int(Exit.DONE)
    done = asyncio.run(_forget(settings, identifier, given))
    console.note(
        f"forgot {len(done.lead_ids)} lead{'s' * (len(done.lead_ids) != 1)}: "
        f"{done.journal_rows} rows of the journal, {done.files} files"
    )
    return int(Exit.DONE)


async def _forget(settings: Settings, identifier: str, given: dict[str, Any]) -> Forgotten:
    async with open_session(settings) as session, alone(session, given, "leadops forget"):
        kept = KeptPlans(session.home)
        return forget(
            identifier,
            await session.schema(),
            session.journal,
            session.ids,
            [kept, *known_folders(session.journal, runs_root(settings.root), session.home)],
            now_ms=session.clock.now_ms(),
            country_code=settings.country_code,
        )
