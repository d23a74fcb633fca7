"""The outermost layer of the app: it records each request and dates each answer."""

import json
from email.utils import formatdate

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leadops.sandbox.due import tick
from leadops.sandbox.world import RecordedCall, World


class FaultLayer:
    """Stands between the wire and the endpoints."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self.app = app
        self.world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = await read_body(receive)
        self.world.calls.append(RecordedCall(scope["method"], scope["path"], _shown(body)))
        tick(self.world)

        async def again() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = formatdate(self.world.clock.now_ms() / 1000, usegmt=True)
                message["headers"] = [*message["headers"], (b"date", date.encode())]
            await send(message)

        await self.app(scope, again, dated)


async def read_body(receive: Receive) -> bytes:
    """Return the whole body of a request."""
    body: bytes = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return body


def _shown(body: bytes) -> object:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body.decode("utf-8", "replace")
