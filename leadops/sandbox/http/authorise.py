"""What every request passes before its endpoint: reading the body, the token, the rate limit."""

import json
from email.utils import formatdate
from typing import NoReturn

from leadops.sandbox.api.replies import RefusalError, bad_request
from leadops.sandbox.world.world import World

_DEEPEST = 64


def parse(body: bytes) -> object:
    """Return the JSON value of a body, None for an empty one.

    Raises:
        RefusalError: 400 for what is no JSON, or could not be stored as UTF-8.
    """
    if not body.strip():
        return None
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise bad_request("Body is not valid JSON") from None
    if value is None:
        raise bad_request("Body must not be null")
    if _depth(value) > _DEEPEST:
        raise bad_request("Body is nested too deeply")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _depth(value: object) -> int:
    level, layer = 0, [value]
    while layer and level <= _DEEPEST:
        level += 1
        layer = [
            child
            for one in layer
            if isinstance(one, dict | list)
            for child in (one.values() if isinstance(one, dict) else one)
        ]
    return level


def let_in(world: World, *, enterprise_id: str, authorization: str, asynchronous: bool) -> None:
    """Check the token and count the request.

    Raises:
        RefusalError: 401 for a wrong token, kind or enterprise, which look alike; 429 beyond the limit.
    """
    kind, _, token = authorization.partition(" ")
    wanted = world.async_token if asynchronous else world.sync_token
    known = kind.lower() == "bearer" and token.strip() == wanted and wanted not in world.revoked
    if known and enterprise_id != world.enterprise_id and world.switches["unknown_enterprise"] == "404":
        raise RefusalError(
            404, "ENTERPRISE_NOT_FOUND", f"The enterprise with ID {enterprise_id} was not found."
        )
    if not known or enterprise_id != world.enterprise_id:
        raise RefusalError(
            401,
            "NOT_AUTHORIZED",
            f'Enterprise with id "{enterprise_id}" not found or invalid access token.',
        )
    scope = "async" if asynchronous else "sync"
    key = f"{scope} {wanted}" if world.switches["rate_scope"] == "token" else f"{scope} workspace"
    limit = world.async_limit if asynchronous else world.sync_limit
    wait_ms = world.hour.wait_ms(key, limit, world.clock.now_ms())
    if wait_ms:
        raise RefusalError(
            429, "RATE_LIMIT_EXCEEDED", "Too many requests", headers=_retry_after(world, wait_ms)
        )


def _retry_after(world: World, wait_ms: int) -> dict[str, str]:
    seconds = -(-wait_ms // 1000)
    match world.switches["retry_after"]:
        case "seconds":
            return {"Retry-After": str(seconds)}
        case "date":
            at = world.clock.now_ms() / 1000 + seconds
            return {"Retry-After": formatdate(at, usegmt=True)}
        case _:
            return {}
