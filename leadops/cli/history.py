"""The state of the configured workspace: looked at without a connection to it, or held alone by who writes it."""

import os
import secrets
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from leadops.cli.console import open_console
from leadops.cli.places import workspace_home
from leadops.cli.settings import Settings, require_account, seconds
from leadops.core.clock import Clock, SystemClock
from leadops.model.journal import RunState
from leadops.state.journal import Journal
from leadops.state.journal_reading import JournalReading
from leadops.state.kept_plans import KEPT_MS, KeptPlans
from leadops.state.lock import Holder, WorkspaceLock


def home_of(settings: Settings) -> Path:
    """Return the workspace's folder of the state store, which need not be there yet.

    Raises:
        ConfigurationError: no workspace is configured.
    """
    if settings.sandbox:
        from leadops.cli.sandboxes import open_world  # noqa: PLC0415 (starlette only for the sandbox)

        world = open_world(settings.state, SystemClock())
        enterprise_id = world.enterprise_id
        world.store.close()
        return workspace_home(settings.state, enterprise_id)
    if not settings.enterprise_id:
        require_account(settings)
    return workspace_home(settings.state, settings.enterprise_id)


@contextmanager
def open_history(settings: Settings) -> Iterator[tuple[JournalReading, Path]]:
    """Open the journal for looking at it; with it comes the folder that it lies in. Nothing is made or locked.

    Raises:
        ConfigurationError: no workspace is configured, or the journal cannot be opened.
    """
    home = home_of(settings)
    with JournalReading.look(home / "journal.db") as journal:
        yield journal, home


def make_journal(home: Path) -> None:
    """Make the workspace's journal where there is none: a plan names the journal that it was made with.

    Raises:
        ConfigurationError, RefusedError, TemporaryError: see ``Journal.open``.
    """
    if not (home / "journal.db").exists():
        Journal.open(home / "journal.db", lineage=secrets.token_hex(8)).close()


@asynccontextmanager
async def held_journal(home: Path, clock: Clock, doing: str, lock_timeout: str) -> AsyncIterator[Journal]:
    """Hold the workspace's lock for the length of the block, and open its journal for writing.

    ``doing`` is what others read who meet the lock; ``lock_timeout`` how long to wait for another holder.

    Raises:
        LockedError: another process holds the lock; names it.
    """
    since = datetime.fromtimestamp(clock.now_ms() / 1000, UTC).isoformat(timespec="seconds")
    holder = Holder(pid=os.getpid(), host=socket.gethostname(), playbook=doing, since=since)
    async with WorkspaceLock(home / "lock.db", holder, clock, wait_s=seconds(lock_timeout)):
        path = home / "journal.db"
        tell = open_console().warn
        with Journal.open(path, lineage=secrets.token_hex(8), tell=tell) as journal:
            _tidy(home, journal, clock)
            yield journal


def _tidy(home: Path, journal: Journal, clock: Clock) -> None:
    """Drop the kept plans that no run needs any more."""
    runs = {run.id: run for run in journal.runs()}
    oldest = clock.now_ms() - KEPT_MS

    def is_over(id: str) -> bool:
        run = runs.get(id)
        if run is None:
            return True
        ended = run.state is RunState.DONE and (run.finished_ms or run.started_ms) < oldest
        return ended and not journal.in_doubt(id)

    KeptPlans(home).tidy(is_over)
