"""Joining the parts: the client, the state and the sandbox, for the length of one command.

The only place that knows all of them. What is meant to look only is given the reader and the journal's view.
"""

import random
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from leadops.cli import logs
from leadops.cli.console import Console
from leadops.cli.history import held_journal, make_journal
from leadops.cli.places import workspace_home
from leadops.cli.sandboxes import open_world
from leadops.cli.settings import Settings, require_account
from leadops.core.clock import Clock, SystemClock
from leadops.crm.client import TeleCrm
from leadops.crm.connection import Connection
from leadops.crm.discovery import pull_schema
from leadops.crm.pacing import Limiter
from leadops.crm.secrets import Secret
from leadops.engine.ports import Reader, Writer
from leadops.model.query import Calls
from leadops.model.schema import Schema
from leadops.sandbox.http.app import create_app
from leadops.state.cache import WorkspaceCache
from leadops.state.ids import IdFile
from leadops.state.journal import Journal
from leadops.state.journal_reading import JournalReading
from leadops.state.private import private_dir
from leadops.state.ratelimit import RateBucket, Unlimited
from leadops.state.rolling import RollingHour

_MOST_ODD = 5
"""Definitions that cannot be read and are told one by one."""


@dataclass(slots=True)
class Session:
    """What a command works with.

    Attributes:
        home: the workspace's folder of the user's state.
        listeners: are told of each call before it is made.
        schema_was_cached: the last ``schema()`` came from the cache.
    """

    settings: Settings
    clock: Clock
    crm: TeleCrm
    cache: WorkspaceCache
    ids: IdFile
    home: Path
    enterprise_id: str
    listeners: list[Callable[[Calls], None]] = field(default_factory=list)
    schema_was_cached: bool = False
    _journals: list[JournalReading] = field(default_factory=list)

    @property
    def history(self) -> JournalReading:
        """The journal, to be looked at.

        It is opened with the first look: a runner that stands still in mid-commit is met at the lock, which names it.
        """
        if not self._journals:
            self._journals.append(JournalReading.look(self.home / "journal.db"))
        return self._journals[-1]

    @property
    def journal(self) -> Journal:
        """The journal, to be written; only within ``alone``."""
        journal = self.history
        assert isinstance(journal, Journal), "the journal is written under the workspace's lock only"
        return journal

    @contextmanager
    def holding(self, journal: Journal) -> Iterator[None]:
        """Within the block ``journal`` is the one that is looked at, and can be written."""
        self._journals.append(journal)
        try:
            yield
        finally:
            self._journals.pop()

    def close(self) -> None:
        """Close what was looked at."""
        while self._journals:
            self._journals.pop().close()

    @property
    def reader(self) -> Reader:
        """Every read of the service."""
        return self.crm.reader

    @property
    def writer(self) -> Writer:
        """Every write of the service."""
        return self.crm.writer

    @contextmanager
    def told(self, listener: Callable[[Calls], None]) -> Iterator[None]:
        """Within the block ``listener`` is told of each call."""
        self.listeners.append(listener)
        try:
            yield
        finally:
            self.listeners.remove(listener)

    async def schema(self, *, fresh: bool = False) -> Schema:
        """Return the workspace's schema: cached for a day, unless ``fresh``."""
        cached = None if fresh else self.cache.schema()
        self.schema_was_cached = cached is not None
        if cached is not None:
            return cached
        odd: list[str] = []
        schema = await pull_schema(self.crm, self.clock, tell=odd.append)
        for text in odd[:_MOST_ODD]:
            Console().warn(f"warning: the workspace's metadata, {text}")
        if len(odd) > _MOST_ODD:
            Console().warn(f"warning: and {len(odd) - _MOST_ODD} more of the workspace's metadata")
        self.cache.keep_schema(schema)
        return schema


@asynccontextmanager
async def open_session(
    settings: Settings, *, max_calls: int | None = None, plans: bool = False
) -> AsyncIterator[Session]:
    """Open the workspace's state for looking at it, and a client.

    ``plans``: a plan will be made, so that the journal must have a name.

    Raises:
        ConfigurationError: no account is configured, or a host may not see the token.
    """
    require_account(settings)
    clock = SystemClock()
    logs.hide(settings.token, settings.async_token)
    connection, transport = _connection(settings, clock)
    listeners: list[Callable[[Calls], None]] = []

    def called(calls: Calls) -> None:
        for listener in listeners:
            listener(calls)

    logs.hide(connection.sync_token, connection.async_token)
    home = workspace_home(settings.state, connection.enterprise_id)
    private_dir(home)
    async with AsyncExitStack() as stack:
        if plans:
            make_journal(home)
        ids = stack.enter_context(IdFile(home / "ids.db", clock))
        crm = await stack.enter_async_context(
            TeleCrm(
                connection,
                clock=clock,
                rng=random.Random(),  # noqa: S311 (jitter only)
                limiter=_limiter(settings, connection, home, clock, stack),
                transport=transport,
                max_calls=max_calls,
                on_call=called,
            )
        )
        cache = WorkspaceCache(home / "cache.json", connection.enterprise_id, connection.host, clock)
        session = Session(settings, clock, crm, cache, ids, home, connection.enterprise_id, listeners)
        try:
            yield session
        finally:
            session.close()


@asynccontextmanager
async def alone(session: Session, given: Mapping[str, Any], doing: str) -> AsyncIterator[None]:
    """Hold the workspace's lock for the length of the block; within it ``session.journal`` can be written.

    Raises:
        LockedError: another runner holds it; names that runner.
    """
    async with held_journal(session.home, session.clock, doing, given["lock_timeout"] or "0s") as journal:
        with session.holding(journal):
            yield


def _connection(settings: Settings, clock: Clock) -> tuple[Connection, httpx.AsyncBaseTransport | None]:
    if settings.sandbox:
        world = open_world(settings.state, clock)
        connection = Connection(
            "http://127.0.0.1/autoupdate/v2",
            "http://127.0.0.1",
            world.enterprise_id,
            Secret(world.sync_token),
            Secret(world.async_token),
        )
        return connection, httpx.ASGITransport(create_app(world))
    assert settings.token is not None
    return (
        Connection(
            settings.base_url,
            settings.async_base_url,
            settings.enterprise_id,
            settings.token,
            settings.async_token,
            trusted=settings.trusted,
        ),
        None,
    )


def _limiter(
    settings: Settings, connection: Connection, home: Path, clock: Clock, stack: AsyncExitStack
) -> Limiter:
    if settings.sandbox:
        return Unlimited(clock)
    if connection.is_loopback and not settings.rate_stated:
        return stack.enter_context(RollingHour(home / "hour.db", settings.rate, clock))
    return stack.enter_context(RateBucket(home / "rate.db", settings.rate, clock))
