"""The control routes under ``/_sandbox/``: how a test moves the world of a sandbox that runs on a port.

They are no part of the service, answer the machine itself only, and never appear in the OpenAPI document.
"""

import ipaddress
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from leadops.core.clock import ManualClock
from leadops.core.errors import ConfigurationError
from leadops.sandbox.api.replies import RefusalError, bad_request
from leadops.sandbox.faults.events import EVENT
from leadops.sandbox.faults.rules import read_scenario
from leadops.sandbox.http.authorise import parse
from leadops.sandbox.http.scheduler import tick
from leadops.sandbox.world.apply_event import happen
from leadops.sandbox.world.records import dumps
from leadops.sandbox.world.world import World

Deed = Callable[[World, Any], object]


def control_routes(world: World) -> list[Route]:
    """Return the control routes of ``world``."""
    deeds: tuple[tuple[str, str, Deed], ...] = (
        ("GET", "state", lambda w, _: state(w)),
        ("POST", "switches", _move_switches),
        ("POST", "scenario", _stage),
        ("DELETE", "scenario", _calm),
        ("POST", "events", _happen),
        ("POST", "clock", _advance),
        ("POST", "tokens", _tokens),
        ("POST", "reset", _reset),
        ("GET", "calls", lambda w, _: [call._asdict() for call in w.calls]),
        ("DELETE", "calls", _forget_calls),
    )
    return [
        Route(f"/_sandbox/{name}", _guarded(world, deed), methods=[method]) for method, name, deed in deeds
    ]


def state(world: World) -> dict[str, object]:
    """Return what a world is like at the moment."""
    return {
        "enterprise_id": world.enterprise_id,
        "now_ms": world.clock.now_ms(),
        "leads": world.store.count_leads(),
        "calls": len(world.calls),
        "rules": [rule.model_dump(exclude_defaults=True) for rule in world.faults.rules],
        "switches": dict(world.switches),
        "revoked": [
            kind
            for kind, token in (("sync", world.sync_token), ("async", world.async_token))
            if token in world.revoked
        ],
    }


def _guarded(world: World, deed: Deed) -> Callable[[Request], Awaitable[JSONResponse]]:
    async def answer(request: Request) -> JSONResponse:
        if not _is_loopback(request):
            return JSONResponse({"error": {"code": "FORBIDDEN", "message": "this machine only"}}, 403)
        try:
            return JSONResponse(deed(world, parse(await request.body())))
        except RefusalError as refusal:
            return JSONResponse(refusal.reply().body, refusal.status)
        except (ValueError, ValidationError, ConfigurationError) as error:
            return JSONResponse({"error": {"code": "BAD_REQUEST", "message": str(error)}}, 400)

    return answer


def _is_loopback(request: Request) -> bool:
    """Whether the request comes from this machine and was meant for it (a web page cannot forge its Host)."""
    host = request.client.host if request.client else ""
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    return local and request.url.hostname in {"127.0.0.1", "localhost", "::1", "sandbox"}


def _move_switches(world: World, body: Any) -> object:
    for name, position in _object(body).items():
        world.switches.set(name, str(position))
    return dict(world.switches)


def _stage(world: World, body: Any) -> object:
    world.stage(read_scenario(dumps(_object(body))))
    return state(world)


def _calm(world: World, body: Any) -> object:
    del body
    world.faults.clear()
    return state(world)


def _happen(world: World, body: Any) -> object:
    happen(world, EVENT.validate_python(_object(body)))
    return state(world)


def _advance(world: World, body: Any) -> object:
    if not isinstance(world.clock, ManualClock):
        raise bad_request("this sandbox runs on the machine's clock")
    world.clock.advance(float(_object(body).get("seconds", 0)))
    tick(world)
    return state(world)


def _tokens(world: World, body: Any) -> object:
    tokens = {"sync": world.sync_token, "async": world.async_token}
    for kind, valid in _object(body).items():
        if kind not in tokens or not isinstance(valid, bool):
            raise bad_request('tokens takes {"sync": true|false, "async": true|false}')
        (world.revoked.discard if valid else world.revoked.add)(tokens[kind])
    return state(world)


def _reset(world: World, body: Any) -> object:
    wanted = _object(body or {})
    world.reset(seed=wanted.get("seed"), leads=wanted.get("leads"))
    return state(world)


def _forget_calls(world: World, body: Any) -> object:
    del body
    world.calls.clear()
    return state(world)


def _object(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise bad_request("the body must be a JSON object")
    return body
