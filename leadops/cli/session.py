"""Joining the parts: the client, the state and the sandbox, for the length of one command.

The only place that knows all of them. What is meant to look only is given the reader and the journal's view.
"""

import random
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from leadops.cli.console import Console
from leadops.cli.settings import Settings, require_account
from leadops.core.clock import Clock, SystemClock
from leadops.crm.client import TeleCrm
from leadops.crm.connection import Connection
from leadops.crm.discovery import pull_schema
from leadops.crm.pacing import Limiter, NoLimit
from leadops.crm.secrets import Secret
from leadops.engine.ports import Reader, Writer
from leadops.model.query import Calls
from leadops.model.schema import Schema
from leadops.state.cache import WorkspaceCache
from leadops.state.ids import LeadIds
from leadops.state.journal import Journal
from leadops.state.private import private_dir
from leadops.state.ratelimit import RateLimit


@dataclass(slots=True)
class Session:
    """What a command works with.

    Attributes:
        home: the workspace's folder of the user's state.
        schema_was_cached: the last ``schema()`` came from the cache.
    """

    settings: Settings
    console: Console
    clock: Clock
    crm: TeleCrm
    journal: Journal
    cache: WorkspaceCache
    ids: LeadIds
    home: Path
    enterprise_id: str
    schema_was_cached: bool = False
    extras: Mapping[str, str] = field(default_factory=dict)

    @property
    def reader(self) -> Reader:
        """Every read of the service."""
        return self.crm.reader

    @property
    def writer(self) -> Writer:
        """Every write of the service."""
        return self.crm.writer

    @property
    def capabilities(self) -> WorkspaceCache:
        """Verdicts on the service's filters, kept a day."""
        return self.cache

    async def schema(self, *, fresh: bool = False) -> Schema:
        """Return the workspace's schema: cached for a day, unless ``fresh``."""
        cached = None if fresh else self.cache.schema()
        self.schema_was_cached = cached is not None
        if cached is not None:
            return cached
        schema = await pull_schema(self.crm.reader, self.clock)
        self.cache.keep_schema(schema)
        return schema
