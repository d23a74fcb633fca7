"""A request and its answer as bytes, and the running of the app between them."""

from dataclasses import dataclass, field, replace
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class SandboxResetError(ConnectionResetError):
    """In process: the connection broke before a whole answer came. On a port the socket breaks instead."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request as it goes to the app."""

    scope: Scope
    body: bytes

    @property
    def method(self) -> str:
        """The method, in capitals."""
        return str(self.scope["method"])

    @property
    def path(self) -> str:
        """The path without the query."""
        return str(self.scope["path"])

    def with_body(self, body: bytes) -> "Exchange":
        """Return the request with another body."""
        return replace(self, body=body)

    def with_query(self, query: str) -> "Exchange":
        """Return the request with another query."""
        return replace(self, scope={**self.scope, "query_string": query.encode()})


@dataclass(slots=True)
class Answer:
    """An answer as it leaves the app; names of headers in lower case."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def is_json(self) -> bool:
        """Whether the body is JSON."""
        return self.headers.get("content-type", "").startswith("application/json")


async def run(app: ASGIApp, exchange: Exchange) -> Answer:
    """Let the app answer a request."""
    answer = Answer(500, b"")

    async def receive() -> Message:
        return {"type": "http.request", "body": exchange.body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {
                name.decode("latin-1").lower(): value.decode("latin-1") for name, value in message["headers"]
            }
        elif message["type"] == "http.response.body":
            answer.body += message.get("body", b"")

    await app(exchange.scope, receive, send)
    return answer


async def read_body(receive: Receive) -> bytes:
    """Return the whole body of a request."""
    body: bytes = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return body


async def send_head(send: Send, answer: Answer, length: int) -> None:
    """Send the status and the headers."""
    headers = answer.headers | {"content-length": str(length)}
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": pairs})


async def send_body(send: Send, body: bytes, *, more: bool = False) -> None:
    """Send a piece of the body."""
    await send({"type": "http.response.body", "body": body, "more_body": more})


async def break_off(scope: Scope, receive: Receive, *, clean: bool) -> None:
    """Break the connection: on a port the socket, which the server put into the scope; in process by an error.

    Raises:
        SandboxResetError: in process.
    """
    connection: Any = scope.get("leadops.connection")
    if connection is None:
        raise SandboxResetError("the sandbox broke the connection")
    connection.break_off(clean=clean)
    while (await receive())["type"] != "http.disconnect":
        pass
