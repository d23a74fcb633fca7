"""Connections: as many as requests are in flight, each used again, none given to two requests at once."""

import asyncio
import random
from dataclasses import replace

from leadops.core.clock import SystemClock
from leadops.crm.client import NEARBY, TeleCrm
from tests.crm.faultserver import OK, http
from tests.crm.scripts import connection


def served(work):
    """Return what ``work`` returns, and the connections that the server saw with the requests of each."""
    seen = []
    tasks = []

    async def serve(reader, writer):
        number = len(seen)
        seen.append(0)
        tasks.append(asyncio.current_task())
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
                await reader.readexactly(length)
                seen[number] += 1
                await asyncio.sleep(0.01)
                writer.write(http(OK))
        except asyncio.IncompleteReadError:
            writer.close()
            await writer.wait_closed()

    async def go():
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            where = connection(sync_base_url=url, async_base_url=None)
            patience = replace(NEARBY, deadline=5)
            async with TeleCrm(where, clock=SystemClock(), rng=random.Random(1), patience=patience) as client:
                await work(client)
            await asyncio.gather(*tasks)

    asyncio.run(go())
    return seen


def test_one_request_after_another_uses_one_connection():
    async def work(client):
        for _ in range(5):
            await client.reader.search({}, 0, 10)

    assert served(work) == [5]


def test_requests_at_the_same_time_have_a_connection_each_and_later_ones_use_them_again():
    async def work(client):
        for _ in range(3):
            async with asyncio.TaskGroup() as group:
                for _ in range(6):
                    group.create_task(client.reader.search({}, 0, 10))

    assert served(work) == [3] * 6


def test_never_more_than_eight_are_in_flight():
    async def work(client):
        async with asyncio.TaskGroup() as group:
            for _ in range(40):
                group.create_task(client.reader.search({}, 0, 10))

    seen = served(work)
    assert len(seen) == 8
    assert sum(seen) == 40
