"""``leadops doctor``: what works, what does not, and the way forward."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import click

from leadops.cli import options
from leadops.cli.console import open_console
from leadops.cli.health import local
from leadops.cli.health.check import Check, Verdict, form, lines
from leadops.cli.health.clearing import left_behind, probe_clear
from leadops.cli.health.service import service
from leadops.cli.places import runs_root
from leadops.cli.session import alone, open_session
from leadops.cli.settings import Settings, load_settings
from leadops.core.errors import ConfigurationError, LeadopsError
from leadops.core.exit_codes import Exit


@click.command("doctor")
@click.option(
    "--probe-clear",
    metavar="LEAD",
    help="Find out on this one lead whether a field can be cleared; its value is put back.",
)
@click.option(
    "--format", "how", type=click.Choice(["text", "json"]), default="text", help="What stdout holds."
)
@options.lock_timeout
@options.place
@options.voice
def command(probe_clear: str | None, how: str, **given: Any) -> int:
    """Look at settings, token, service and state folder; each finding has a way forward. Exit 1: something to repair.

    Makes no write, but with --probe-clear up to three on the lead that it names.
    """
    console = open_console(quiet=given["quiet"], no_color=given["no_color"], pii=given["pii"])
    checks = asyncio.run(_examine(given, probe_clear))
    if how == "json":
        console.json(form(checks))
    else:
        for line in lines(checks, console.width):
            console.result(line)
    return int(Exit.FINDINGS if any(check.verdict is Verdict.FAIL for check in checks) else Exit.DONE)


async def _examine(given: dict[str, Any], lead: str | None) -> list[Check]:
    try:
        settings = load_settings(
            profile=given["profile"], sandbox=given["sandbox"], state=given["state"], rate=given["rate"]
        )
    except ConfigurationError as error:
        return [Check("configuration", Verdict.FAIL, error.message, error.help)]
    checks = [*local.configuration(settings), *local.messages(settings)]
    if not any(check.name == "account" and check.verdict is Verdict.FAIL for check in checks):
        checks += await _workspace(settings, given, lead)
    return checks


async def _workspace(settings: Settings, given: dict[str, Any], lead: str | None) -> list[Check]:
    try:
        async with AsyncExitStack() as stack:
            session = await stack.enter_async_context(open_session(settings))
            lock = local.lock(session.home, session.clock)
            if lead is not None:  # before anything is read: whoever works there is named, not waited for
                await stack.enter_async_context(alone(session, given, "doctor --probe-clear"))
            left = left_behind(session.home)
            checks = [
                *local.folder(session.home),
                *([left] if left else []),
                lock,
                *local.journal(session.history),
                *local.marks(session.history, runs_root(settings.root), session.enterprise_id),
                *[check async for check in service(session)],
            ]
            if lead is not None:
                found = await probe_clear(session, lead)
                checks = [check for check in checks if check.name != found.name] + [found]
            return checks
    except LeadopsError as error:
        if lead is not None:
            raise
        return [Check("state_folder", Verdict.FAIL, error.message, error.help)]
