"""The sandbox's workspace as leadops sees it: what fragments of documentation are compiled against."""

import random

import httpx

from leadops.core.clock import SystemClock
from leadops.crm.client import TeleCrm
from leadops.crm.connection import Connection
from leadops.crm.discovery import pull_schema
from leadops.crm.secrets import Secret
from leadops.model.schema import Schema
from leadops.sandbox.http.app import create_app
from leadops.sandbox.world.world import World


async def sandbox_schema() -> Schema:
    """Return the schema of the embedded sandbox, pulled by the client from a world in memory."""
    clock = SystemClock()
    world = World.open(None, clock, leads=0)
    connection = Connection(
        "http://127.0.0.1/autoupdate/v2",
        "http://127.0.0.1",
        world.enterprise_id,
        Secret(world.sync_token),
        Secret(world.async_token),
    )
    transport = httpx.ASGITransport(create_app(world))
    async with TeleCrm(connection, clock=clock, rng=random.Random(1), transport=transport) as client:
        return await pull_schema(client, clock)
