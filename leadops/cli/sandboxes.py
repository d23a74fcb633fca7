"""The embedded sandbox as the command line uses it: opened in process, served on a port, reset."""

import os
import shutil
import socket
from collections.abc import Mapping
from pathlib import Path

from leadops.cli.console import Console
from leadops.cli.places import workspace_home
from leadops.core.clock import Clock
from leadops.core.errors import ConfigurationError
from leadops.sandbox.faults.rules import read_scenario
from leadops.sandbox.http.server import Announcement, serve
from leadops.sandbox.world.world import World
from leadops.state.lock import Holder, WorkspaceLock
from leadops.state.private import private_dir


def world_path(state: Path) -> Path:
    """Return where the world of ``--sandbox`` lies in a state folder."""
    return state / "sandbox" / "world.db"


def open_world(
    state: Path | None,
    clock: Clock,
    *,
    seed: int = 1,
    leads: int = 500,
    switches: Mapping[str, str] | None = None,
    faults: str | None = None,
) -> World:
    """Open the world of a state folder, seeding it when there is none; None: a new one in memory.

    Raises:
        ConfigurationError: the file of faults cannot be read or understood.
    """
    path = None
    if state is not None:
        path = world_path(state)
        private_dir(path.parent)
    world = World.open(path, clock, seed=seed, leads=leads, switches=switches or {})
    if faults is not None:
        try:
            world.stage(read_scenario(Path(faults).read_text("utf-8")))
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"the file of faults cannot be read: {error}") from None
    return world


async def reset_world(state: Path, clock: Clock, *, seed: int, leads: int) -> None:
    """Seed the world of a state folder anew; what leadops remembers of the old one goes with it.

    Raises:
        LockedError: a run is at work in it; names it.
    """
    world = open_world(state, clock, seed=seed, leads=leads)
    try:
        old = workspace_home(state, world.enterprise_id)
        holder = Holder(pid=os.getpid(), host=socket.gethostname(), playbook="leadops sandbox reset")
        async with WorkspaceLock(old / "lock.db", holder, clock):
            world.reset(seed=seed, leads=leads)
            shutil.rmtree(old, ignore_errors=True)
    finally:
        world.store.close()


async def serve_world(world: World, port: int, form: str, console: Console) -> None:
    """Serve until a signal; the first line says where."""

    def announce(announcement: Announcement) -> None:
        if form == "json":
            console.line(announcement.as_dict())
            return
        console.result(f"sandbox on {announcement.sync_base_url} (stop with Ctrl-C)")
        console.result("")
        for name, value in (
            ("TELECRM_BASE_URL", announcement.sync_base_url),
            ("TELECRM_ASYNC_BASE_URL", announcement.async_base_url),
            ("TELECRM_ENTERPRISE_ID", announcement.enterprise_id),
            ("TELECRM_SYNC_TOKEN", announcement.sync_token),
            ("TELECRM_ASYNC_TOKEN", announcement.async_token),
        ):
            console.result(f"export {name}={value}")

    await serve(world, port, announce)
