"""``leadops sandbox``: serve, reset or inspect the embedded workspace."""

import asyncio

import click

from leadops.cli import completing, options
from leadops.cli.console import open_console
from leadops.cli.settings import load_settings
from leadops.core.clock import SystemClock
from leadops.core.did_you_mean import did_you_mean
from leadops.core.errors import UsageError
from leadops.core.exit_codes import Exit

_STATE = click.option(
    "--state",
    callback=options.filled,
    metavar="DIR",
    shell_complete=completing.folders,
    help="State folder (or LEADOPS_STATE).",
)
_SWITCH = click.option(
    "--switch", "switches", multiple=True, metavar="NAME=POSITION", help="Answer an open question otherwise."
)


@click.group("sandbox")
def command() -> None:
    """Serve, reset or inspect the embedded sandbox: a made-up workspace that answers as TeleCRM does."""


@command.command("serve")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8765, help="Port on this machine; 0: any free one."
)
@click.option("--seed", type=int, default=1, help="Seed of a new world.")
@click.option("--leads", type=click.IntRange(0, 100_000), default=500, help="Leads of a new world.")
@click.option("--fresh", is_flag=True, help="A new world in memory instead of the one in the state folder.")
@click.option(
    "--faults", metavar="FILE", shell_complete=completing.files, help="Fault rules as JSON (docs/sandbox.md)."
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="Form of the first line."
)
@_SWITCH
@_STATE
def serve(
    port: int,
    seed: int,
    leads: int,
    fresh: bool,
    faults: str | None,
    form: str,
    switches: tuple[str, ...],
    state: str | None,
) -> int:
    """Put the sandbox on a port of this machine, until SIGINT or SIGTERM."""
    from leadops.cli.sandboxes import open_world, serve_world  # noqa: PLC0415 (starlette only where it is used)

    settings = load_settings(sandbox=True, state=state)
    console = open_console()
    chosen = parse_switches(switches)
    world = open_world(
        None if fresh else settings.state,
        SystemClock(),
        seed=seed,
        leads=leads,
        switches=chosen,
        faults=faults,
    )
    asyncio.run(serve_world(world, port, form, console))
    return int(Exit.DONE)


@command.command("reset")
@click.option("--seed", type=int, default=1, help="Seed of the new world.")
@click.option("--leads", type=click.IntRange(0, 100_000), default=500, help="Leads of the new world.")
@_STATE
def reset(seed: int, leads: int, state: str | None) -> int:
    """Throw the sandbox's world and its journal away and seed a new one, relative to today."""
    from leadops.cli.sandboxes import reset_world  # noqa: PLC0415 (starlette only where it is used)

    settings = load_settings(sandbox=True, state=state)
    asyncio.run(reset_world(settings.state, SystemClock(), seed=seed, leads=leads))
    open_console().note(f"a fresh sandbox of {leads} leads, seed {seed}")
    return int(Exit.DONE)


@command.command("switches")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="What stdout holds."
)
def list_switches(form: str) -> int:
    """List the open questions about the service, their positions (the default first) and where they come from."""
    from leadops.sandbox.world.switches import SWITCHES  # noqa: PLC0415 (only here)

    console = open_console()
    if form == "json":
        console.json(
            [
                {"name": s.name, "positions": list(s.positions), "section": s.section, "text": s.text}
                for s in SWITCHES
            ]
        )
        return int(Exit.DONE)
    wide = max(len(s.name) for s in SWITCHES)
    for switch in SWITCHES:
        console.result(f"{switch.name:<{wide}}  {' | '.join(switch.positions)}")
        console.result(f"{'':<{wide}}    {switch.text} (docs/api.md §{switch.section})")
    return int(Exit.DONE)


def parse_switches(pairs: tuple[str, ...]) -> dict[str, str]:
    """Return switches by name.

    Raises:
        UsageError: an unknown switch or position.
    """
    from leadops.sandbox.world.switches import SWITCHES  # noqa: PLC0415 (only here)

    known = {switch.name: switch.positions for switch in SWITCHES}
    chosen: dict[str, str] = {}
    for pair in pairs:
        name, sign, position = pair.partition("=")
        if not sign or name not in known:
            raise UsageError(
                f"there is no switch “{name}”", did_you_mean(name, known) or "leadops sandbox switches"
            )
        if position not in known[name]:
            raise UsageError(f"{name} cannot be “{position}”", f"positions: {', '.join(known[name])}")
        chosen[name] = position
    return chosen
