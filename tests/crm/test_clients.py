"""Connections: as many as requests are in flight, each used again, none given to two requests at once."""

import asyncio
import random
from dataclasses import replace

import pytest

from leadops.core.clock import SystemClock
from leadops.crm.client import NEARBY, TeleCrm
from leadops.crm.connection_pool import Clients
from tests.crm.faultserver import OK, http
from tests.crm.scripts import connection


def served(work, serve):
    """Do ``work`` with a client of a server that answers by ``serve``."""
    tasks = []

    async def serving(reader, writer):
        tasks.append(asyncio.current_task())
        await serve(reader, writer)
        await writer.wait_closed()

    async def go():
        server = await asyncio.start_server(serving, "127.0.0.1", 0)
        async with server:
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            where = connection(sync_base_url=url, async_base_url=None)
            patience = replace(NEARBY, deadline=5)
            async with TeleCrm(where, clock=SystemClock(), rng=random.Random(1), patience=patience) as client:
                await work(client)
            await asyncio.gather(*tasks)

    asyncio.run(go())


def requests_of_each(work):
    """Return how many requests each connection carried, in the order of connecting."""
    seen = []

    async def serve(reader, writer):
        number = len(seen)
        seen.append(0)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
                await reader.readexactly(length)
                seen[number] += 1
                await asyncio.sleep(0.01)
                writer.write(http(OK))
        except asyncio.IncompleteReadError:
            writer.close()

    served(work, serve)
    return seen


def test_one_request_after_another_uses_one_connection():
    async def work(client):
        for _ in range(5):
            await client.reader.search({}, 0, 10)

    assert requests_of_each(work) == [5]


def test_requests_at_the_same_time_have_a_connection_each_and_later_ones_use_them_again():
    async def work(client):
        for _ in range(3):
            async with asyncio.TaskGroup() as group:
                for _ in range(6):
                    group.create_task(client.reader.search({}, 0, 10))

    assert requests_of_each(work) == [3] * 6


def test_never_more_than_eight_are_in_flight():
    async def work(client):
        async with asyncio.TaskGroup() as group:
            for _ in range(40):
                group.create_task(client.reader.search({}, 0, 10))

    seen = requests_of_each(work)
    assert len(seen) == 8
    assert sum(seen) == 40


def test_no_cookie_is_ever_sent_back():
    heads = []

    async def serve(reader, writer):
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                heads.append(head.lower())
                await reader.readexactly(2)
                writer.write(http(OK, "200 OK", "Set-Cookie: session=1; Path=/"))
        except asyncio.IncompleteReadError:
            writer.close()

    async def work(client):
        for _ in range(2):
            await client.reader.search({}, 0, 10)

    served(work, serve)
    assert len(heads) == 2
    assert not any(b"cookie" in head for head in heads)
    assert all(b"accept-encoding: identity" in head and b"user-agent: leadops/" in head for head in heads)


def test_a_client_whose_request_failed_is_not_used_again():
    clients = Clients(connection(), None, NEARBY)
    with clients.free() as first:
        pass
    with pytest.raises(TimeoutError), clients.free() as again:
        raise TimeoutError
    with clients.free() as other:
        pass
    assert again is first
    assert other is not first
    asyncio.run(clients.aclose())
    assert first.is_closed
    assert other.is_closed
