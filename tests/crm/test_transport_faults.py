"""What broken connections leave known: real sockets, real httpx."""

import asyncio
import random
import socket
import time
from dataclasses import replace

import pytest

from leadops.core.clock import SystemClock
from leadops.core.errors import DeniedError, UnavailableError
from leadops.crm.client import NEARBY, TeleCrm
from leadops.model.change import ActionSpec
from leadops.model.exchange import Delivery
from tests.crm.faultserver import FAULTS, FaultServer, early_hint, good, good_then_close, http, rst_after_send
from tests.crm.scripts import connection

NOTE = [ActionSpec("1001", {"note": "Thanks"})]
QUICK = replace(NEARBY, deadline=0.4, attempts=2, unreachable_attempts=2, base=0.001)
LEAD = "64f000000000000000000002"


def against(server, work, **settings):
    async def go():
        async with server.serving():
            url = f"http://127.0.0.1:{server.port}"
            where = connection(sync_base_url=url, async_base_url=None)
            given = {"clock": SystemClock(), "rng": random.Random(1), "patience": QUICK, **settings}
            async with TeleCrm(where, **given) as client:
                return await work(client)

    return asyncio.run(go())


def append(client):
    return client.writer.append(LEAD, NOTE)


def search(client):
    return client.reader.search({}, 0, 10)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_write_that_was_sent_and_not_answered_whole_is_unknown(fault):
    server = FaultServer(fault)
    began = time.monotonic()
    reply = against(server, append)
    assert reply.delivery is Delivery.UNKNOWN
    assert len(server.requests) == 1, "a write is tried once"
    assert time.monotonic() - began < 5
    assert reply.message


@pytest.mark.parametrize("fault", [f for n, f in FAULTS.items() if n != "redirect"], ids=lambda f: f.__name__)
def test_a_read_is_tried_again(fault):
    server = FaultServer(fault, good)
    assert against(server, search).total_count == 0
    assert len(server.requests) == 2


def test_a_connection_that_was_closed_while_idle_is_not_used_again():
    server = FaultServer(good_then_close)

    async def work(client):
        await search(client)
        await asyncio.sleep(0.05)
        return (await client.writer.update(LEAD, {"rating": 5})).status

    assert against(server, work) == 200
    assert len(server.requests) == 2


def test_a_read_gives_up_with_the_host_and_never_the_token():
    with pytest.raises(UnavailableError) as caught:
        against(FaultServer(rst_after_send), search)
    assert "127.0.0.1" in caught.value.message
    assert "canary" not in caught.value.message + caught.value.help


def test_the_deadline_holds_whatever_drips_in():
    server = FaultServer(FAULTS["drip_body"])
    began = time.monotonic()
    reply = against(server, append)
    assert 0.3 < time.monotonic() - began < 2
    assert "in time" in reply.message


def test_an_endless_body_is_not_kept():
    reply = against(FaultServer(FAULTS["endless_body"]), append, patience=replace(QUICK, deadline=10))
    assert reply.delivery is Delivery.UNKNOWN
    assert "too large" in reply.message


def test_an_answer_before_the_answer_is_ignored():
    assert against(FaultServer(early_hint), search).total_count == 0


def test_a_redirect_is_not_followed_and_only_its_host_is_shown():
    server = FaultServer(FAULTS["redirect"])
    with pytest.raises(UnavailableError) as caught:
        against(server, search)
    assert len(server.requests) == 1
    assert "redirects to 127.0.0.1" in caught.value.message
    assert "secret" not in caught.value.message


def test_nothing_compressed_is_asked_for_and_the_token_travels_once():
    server = FaultServer(good)
    against(server, search)
    head = server.requests[0].split(b"\r\n\r\n")[0].lower()
    assert b"accept-encoding: identity" in head
    assert head.count(b"authorization: bearer canary-0f3b1c:77aa") == 1


def test_a_refused_connection_is_not_sent():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    async def go():
        where = connection(sync_base_url=f"http://127.0.0.1:{port}", async_base_url=None)
        async with TeleCrm(where, clock=SystemClock(), rng=random.Random(1), patience=QUICK) as client:
            reply = await append(client)
            with pytest.raises(UnavailableError, match=f"127.0.0.1:{port} refused"):
                await search(client)
            return reply

    assert asyncio.run(go()).delivery is Delivery.NOT_SENT


def test_a_name_that_is_not_found_is_not_sent():
    async def go():
        where = connection(sync_base_url="https://nosuch.invalid", async_base_url=None, trusted=True)
        async with TeleCrm(where, clock=SystemClock(), rng=random.Random(1), patience=QUICK) as client:
            return await append(client)

    reply = asyncio.run(go())
    assert reply.delivery is Delivery.NOT_SENT
    assert "nosuch.invalid" in reply.message


@pytest.mark.parametrize("greeting", [b"SSH-2.0-OpenSSH_9\r\n", b""], ids=["plain", "silent"])
def test_a_failed_tls_handshake_is_not_sent(greeting):
    async def go():
        server = FaultServer(good, greeting=greeting)
        async with server.serving():
            where = connection(sync_base_url=f"https://127.0.0.1:{server.port}", async_base_url=None)
            short = replace(QUICK, connect=0.2, deadline=5)
            async with TeleCrm(where, clock=SystemClock(), rng=random.Random(1), patience=short) as client:
                return await append(client)

    reply = asyncio.run(go())
    assert reply.delivery is Delivery.NOT_SENT
    assert ("no safe connection" in reply.message) is bool(greeting)


def test_a_connection_that_hangs_while_connecting_is_not_sent():
    """A listener whose backlog is full: the kernel drops the handshake."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))

        async def go():
            where = connection(sync_base_url=f"http://127.0.0.1:{port}", async_base_url=None)
            slow = replace(QUICK, connect=0.2, deadline=5)
            async with TeleCrm(where, clock=SystemClock(), rng=random.Random(1), patience=slow) as client:
                return await append(client)

        reply = asyncio.run(go())
        for one in waiting:
            one.close()
    assert reply.delivery is Delivery.NOT_SENT


def test_a_proxy_of_the_environment_does_not_see_what_stays_on_this_machine(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert against(FaultServer(good), search).total_count == 0


def test_a_proxy_that_refuses_the_tunnel_means_not_sent(monkeypatch):
    async def refuse(reader, writer):
        writer.write(http(b"", "403 Forbidden"))
        await writer.drain()

    async def go():
        proxy = FaultServer(refuse)
        async with proxy.serving():
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
            where = connection(sync_base_url="https://next.telecrm.in/autoupdate/v2", async_base_url=None)
            async with TeleCrm(where, clock=SystemClock(), rng=random.Random(1), patience=QUICK) as client:
                return await append(client), proxy.requests

    reply, requests = asyncio.run(go())
    assert requests[0].startswith(b"CONNECT next.telecrm.in:443")
    assert b"canary" not in b"".join(requests)
    assert reply.delivery is Delivery.NOT_SENT


def test_netrc_is_never_read(monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login poisoned password poisoned\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    server = FaultServer(good)
    against(server, search)
    assert b"Bearer" in server.requests[0]
    assert b"Basic" not in server.requests[0]


def test_a_401_over_the_wire_is_a_denial():
    async def deny(reader, writer):
        writer.write(http(b'{"error":{"code":"NOT_AUTHORIZED","message":"no"}}', "401 Unauthorized"))
        await writer.drain()

    with pytest.raises(DeniedError):
        against(FaultServer(deny), search)


@pytest.mark.parametrize("looks", [1, 2], ids=["before its head", "before its body"])
def test_a_write_that_stood_still_after_its_turn_leaves_no_whole_request(looks):
    server = FaultServer(good)
    asked = []

    def still():
        asked.append(None)
        return len(asked) <= looks

    async def work(client):
        reply = await client.writer.update(LEAD, {"rating": 5}, still=still)
        await search(client)  # the connection after it is another, and whole
        return reply

    assert against(server, work).delivery is Delivery.OUTDATED
    assert len(asked) == looks + 1
    assert len(server.requests) == 1, "the search"
    assert b"rating" not in server.requests[0]
