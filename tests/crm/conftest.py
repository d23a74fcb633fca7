"""A client against the emulated workspace in process, or against a scripted transport."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from leadops.core.clock import ManualClock
from leadops.crm.client import TeleCrm
from leadops.crm.secrets import Secret
from leadops.sandbox.http.app import create_app
from leadops.sandbox.world.world import World
from tests.crm.scripts import NOW_MS, Script, connection


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW_MS)


@pytest.fixture
def scripted(clock):
    """Return a function: answers, then what to do with the client; it gives the result and the script."""

    def run(script: Script, work: Callable[[TeleCrm], Awaitable[Any]], **settings: Any) -> Any:
        async def go() -> Any:
            transport = httpx.MockTransport(script)
            given = {"clock": clock, "rng": random.Random(7), "transport": transport, **settings}
            async with TeleCrm(connection(), **given) as client:
                return await work(client)

        return asyncio.run(go())

    return run


@pytest.fixture
def world(clock) -> World:
    return World.open(None, clock, seed=3, leads=60)


@pytest.fixture
def in_sandbox(clock, world):
    """Return a function that gives a client of the emulated workspace to what it is given."""

    def run(work: Callable[[TeleCrm], Awaitable[Any]], **settings: Any) -> Any:
        async def go() -> Any:
            where = connection(
                enterprise_id=settings.pop("enterprise_id", world.enterprise_id),
                sync_token=settings.pop("sync_token", Secret(world.sync_token)),
                async_token=Secret(world.async_token),
            )
            transport = httpx.ASGITransport(create_app(world))
            given = {"clock": clock, "rng": random.Random(7), "transport": transport, **settings}
            async with TeleCrm(where, **given) as client:
                return await work(client)

        return asyncio.run(go())

    return run
