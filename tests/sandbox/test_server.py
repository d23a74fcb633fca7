"""The sandbox on a port, and its control routes."""

import asyncio
import os
import signal
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from leadops.core.errors import UnavailableError
from leadops.sandbox.http.server import Announcement, serve
from leadops.sandbox.world.world import World

pytestmark = pytest.mark.anyio

Talk = Callable[[httpx.AsyncClient, Announcement], Awaitable[None]]


async def on_a_port(world: World, talk: Talk, *, end: signal.Signals = signal.SIGTERM) -> None:
    """Serve ``world``, talk to it, and end it by a signal to this very process."""
    ready: asyncio.Future[Announcement] = asyncio.get_running_loop().create_future()
    server = asyncio.create_task(serve(world, 0, ready.set_result))
    done, _ = await asyncio.wait({server, ready}, return_when=asyncio.FIRST_COMPLETED)
    assert ready in done
    told = ready.result()
    async with httpx.AsyncClient(
        base_url=f"{told.sync_base_url}/enterprise/{told.enterprise_id}",
        headers={"Authorization": f"Bearer {told.sync_token}"},
        timeout=10,
    ) as client:
        await talk(client, told)
    os.kill(os.getpid(), end)
    await asyncio.wait_for(server, 10)


def faults(*effects: dict[str, Any], path: str = "/metadata", **when: Any) -> dict[str, Any]:
    return {"rules": [{"match": {"path": path}, "when": when, "effects": list(effects)}]}


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
async def test_the_announcement_is_enough_to_talk_and_a_signal_ends_it(
    seeded: Any, end: signal.Signals
) -> None:
    async def talk(client: httpx.AsyncClient, told: Announcement) -> None:
        assert set(told.as_dict()) == {
            "sync_base_url",
            "async_base_url",
            "enterprise_id",
            "sync_token",
            "async_token",
        }
        answer = await client.post("/lead/search", json={}, params={"limit": 5})
        assert answer.json()["total_count"] == 120
        assert answer.headers.get_list("date") == [answer.headers["date"]]
        upsert = f"{told.async_base_url}/enterprise/{told.enterprise_id}/autoupdatelead"
        sent = await client.post(upsert, json={}, headers={"Authorization": f"Bearer {told.async_token}"})
        assert sent.json() == {"status": "QUEUED"}

    await on_a_port(seeded.world, talk, end=end)


async def test_a_reset_on_a_port_breaks_the_socket_with_or_without_the_effect(seeded: Any) -> None:
    async def talk(client: httpx.AsyncClient, told: Announcement) -> None:
        control = told.async_base_url + "/_sandbox"
        lead = (await client.post("/lead", json={"fields": {"phone": "919999999999"}})).json()["lead_id"]
        body = {"actions": [{"type": "1002", "fields": {"note": "x"}}]}
        for applied, clean, error in (
            (False, False, httpx.ReadError),
            (True, False, httpx.ReadError),
            (False, True, httpx.RemoteProtocolError),
        ):
            effect = {"kind": "reset", "applied": applied, "clean": clean}
            await client.post(f"{control}/scenario", json=faults(effect, path="/lead/*/action"))
            with pytest.raises(error):
                await client.post(f"/lead/{lead}/action", json=body)
            await client.delete(f"{control}/scenario")
        found = await client.post(f"/lead/{lead}/action/search", json={})
        assert found.json()["total_count"] == 1

    await on_a_port(seeded.world, talk)


async def test_a_cut_answer_on_a_port_is_no_whole_answer(seeded: Any) -> None:
    async def talk(client: httpx.AsyncClient, told: Announcement) -> None:
        await client.post(f"{told.async_base_url}/_sandbox/scenario", json=faults({"kind": "cut"}))
        with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
            await client.get("/metadata")

    await on_a_port(seeded.world, talk)


async def test_a_port_that_is_taken_is_named(seeded: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UnavailableError, match=str(port)):
            await serve(seeded.world, port, lambda _: None)


async def control(s: Any, method: str, name: str, body: Any = None, **headers: str) -> httpx.Response:
    answer: httpx.Response = await s.client.request(method, f"/_sandbox/{name}", json=body, headers=headers)
    return answer


async def test_control_moves_switches_events_tokens_calls_and_the_clock(empty: Any) -> None:
    lead = await empty.create("919999999999")
    assert (await control(empty, "POST", "switches", {"search_id": "off"})).json()["search_id"] == "off"
    assert (await control(empty, "POST", "events", {"kind": "delete", "lead": lead})).json()["leads"] == 0
    now = empty.clock.now_ms()
    assert (await control(empty, "POST", "clock", {"seconds": 90})).json()["now_ms"] == now + 90_000
    assert (await control(empty, "POST", "tokens", {"sync": False})).json()["revoked"] == ["sync"]
    assert (await empty.get("/metadata")).status_code == 401
    await control(empty, "POST", "tokens", {"sync": True})
    assert (await empty.get("/metadata")).status_code == 200
    assert [call["method"] for call in (await control(empty, "GET", "calls")).json()] == [
        "POST",
        "GET",
        "GET",
    ]
    await control(empty, "DELETE", "calls")
    assert (await control(empty, "GET", "state")).json()["calls"] == 0
    assert (await control(empty, "POST", "reset", {"leads": 12})).json()["leads"] == 12


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("switches", {"search_id": "perhaps"}),
        ("scenario", {"rules": [{}]}),
        ("events", {"kind": "flood"}),
        ("tokens", {"sync": "no"}),
        ("switches", []),
    ],
)
async def test_control_says_what_it_does_not_understand(empty: Any, name: str, body: Any) -> None:
    answer = await control(empty, "POST", name, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BAD_REQUEST")


async def test_control_answers_this_machine_only(empty: Any) -> None:
    from leadops.sandbox.http.app import create_app

    assert (await control(empty, "GET", "state", host="evil.example")).status_code == 403
    away = httpx.ASGITransport(create_app(empty.world), client=("203.0.113.5", 1))
    async with httpx.AsyncClient(transport=away, base_url="http://127.0.0.1") as client:
        assert (await client.get("/_sandbox/state")).status_code == 403
