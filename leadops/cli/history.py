"""The journal of the configured workspace, without a connection to it."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from leadops.cli.places import workspace_home
from leadops.cli.settings import Settings, require_account
from leadops.core.clock import SystemClock
from leadops.state.journal import Journal
from leadops.state.private import private_dir


@contextmanager
def open_history(settings: Settings) -> Iterator[tuple[Journal, Path]]:
    """Open the journal for looking at it; with it comes the folder that it lies in.

    Raises:
        ConfigurationError: no workspace is configured, or the journal cannot be opened.
    """
    if settings.sandbox:
        from leadops.cli.sandboxes import open_world  # noqa: PLC0415 (starlette only for the sandbox)

        world = open_world(settings.state, SystemClock())
        enterprise_id = world.enterprise_id
        world.store.close()
    else:
        if not settings.enterprise_id:
            require_account(settings)
        enterprise_id = settings.enterprise_id
    home = private_dir(workspace_home(settings.state, enterprise_id))
    with Journal.open(home / "journal.db", lineage=secrets.token_hex(8)) as journal:
        yield journal, home
