"""The sandbox on a port: the app behind uvicorn, with sockets that faults can break."""

import asyncio
import contextlib
import signal
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from leadops.core.errors import UnavailableError
from leadops.sandbox.http.app import create_app
from leadops.sandbox.world.world import World

_RST_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER with a time of 0: closing the socket sends a reset."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """All that a client needs to know; ``sandbox serve --format json`` prints it as its first line."""

    sync_base_url: str
    async_base_url: str
    enterprise_id: str
    sync_token: str
    async_token: str

    def as_dict(self) -> dict[str, str]:
        """Return the announcement as JSON has it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Connection:
    """The socket of a request."""

    transport: asyncio.Transport

    def break_off(self, *, clean: bool) -> None:
        """Close the socket without an answer: in good order, or with a reset."""
        if clean:
            self.transport.close()
            return
        own = self.transport.get_extra_info("socket")
        if own is not None:
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST_ON_CLOSE)
        self.transport.abort()


async def serve(
    world: World,
    port: int,
    on_ready: Callable[[Announcement], None],
    *,
    host: str = "127.0.0.1",
) -> None:
    """Serve ``world`` until SIGINT or SIGTERM; port 0 takes any free one.

    Raises:
        UnavailableError: the port cannot be had.
    """
    listener = _listen(host, port)
    name, bound = listener.getsockname()[:2]
    shown = f"[{name}]" if ":" in name else name
    base = f"http://{shown}:{bound}"
    announcement = Announcement(
        f"{base}/autoupdate/v2", base, world.enterprise_id, world.sync_token, world.async_token
    )
    connections: dict[Any, asyncio.Transport] = {}
    config = uvicorn.Config(
        _with_connection(create_app(world), connections),
        http=_protocol(connections),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        date_header=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    server = _Server(config, lambda: on_ready(announcement))
    await server.serve(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise UnavailableError(
            f"port {port} of {host} cannot be had: {error.strerror}", "try --port 0"
        ) from error
    return listener


class _Server(uvicorn.Server):
    """Tells when it is ready, and ends in good order at a signal instead of dying of it."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        caught: list[signal.Signals] = []
        for number in (signal.SIGINT, signal.SIGTERM):
            # Beside the main thread, and on Windows, no loop hears signals: whoever serves there stops it by itself.
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, self.handle_exit, number, None)
                caught.append(number)
        try:
            yield
        finally:
            for number in caught:
                loop.remove_signal_handler(number)


def _protocol(connections: dict[Any, asyncio.Transport]) -> type[H11Protocol]:
    class Protocol(H11Protocol):
        """Remembers the transport of each client."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            connections[self.client] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            connections.pop(self.client, None)
            super().connection_lost(exc)

    return Protocol


def _with_connection(app: ASGIApp, connections: dict[Any, asyncio.Transport]) -> ASGIApp:
    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        transport = connections.get(scope.get("client"))
        if transport is not None:
            scope["leadops.connection"] = Connection(transport)
        await app(scope, receive, send)

    return wrapped
