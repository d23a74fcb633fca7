"""A small client of its own, written from the sheet: it shares nothing with leadops.crm."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from leadops.core.clock import ManualClock
from leadops.sandbox.http.app import create_app
from leadops.sandbox.world.world import World

NOW = 1_778_562_000_000
"""A Tuesday in May 2026, 10:30 in India."""


@dataclass
class Service:
    """A client of one world, in process."""

    world: World
    client: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(create_app(self.world)), base_url="http://sandbox"
        )

    @property
    def clock(self) -> ManualClock:
        assert isinstance(self.world.clock, ManualClock)
        return self.world.clock

    async def get(self, path: str, **query: Any) -> httpx.Response:
        return await self.call("GET", path, query=query)

    async def post(self, path: str, body: Any = None, **query: Any) -> httpx.Response:
        return await self.call("POST", path, body, query=query)

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: dict[str, Any] | None = None,
        token: str = "",
    ) -> httpx.Response:
        world = self.world
        return await self.client.request(
            method,
            f"/autoupdate/v2/enterprise/{world.enterprise_id}{path}",
            json=body,
            params=query,
            headers={"Authorization": f"Bearer {token or world.sync_token}"},
        )

    async def upsert(self, body: Any, token: str = "") -> httpx.Response:
        world = self.world
        return await self.client.post(
            f"/enterprise/{world.enterprise_id}/autoupdatelead",
            json=body,
            headers={"Authorization": f"Bearer {token or world.async_token}"},
        )

    async def create(self, phone: str = "919999999999", **fields: Any) -> str:
        answer = await self.post("/lead", {"fields": {"phone": phone, **fields}})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["lead_id"])

    async def search(self, body: Any = None, **query: Any) -> dict[str, Any]:
        answer = await self.post("/lead/search", body if body is not None else {}, **query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def timeline(self, lead_id: str, **body: Any) -> list[dict[str, Any]]:
        answer = await self.post(f"/lead/{lead_id}/action/search", body, limit=100)
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.json()["data"]
        return rows


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def service() -> Iterator[Callable[..., Service]]:
    """Make a workspace without leads, with some switches moved."""
    made: list[Service] = []

    def make(world: World | None = None, **switches: str) -> Service:
        made.append(Service(world or World.empty(ManualClock(NOW), switches=switches)))
        return made[-1]

    yield make
    for one in made:
        one.world.store.close()


@pytest.fixture
def empty(service: Callable[..., Service]) -> Service:
    """A workspace without leads."""
    return service()


@pytest.fixture
def seeded(service: Callable[..., Service]) -> Service:
    """A workspace of 120 leads."""
    return service(World.open(None, ManualClock(NOW), leads=120))
