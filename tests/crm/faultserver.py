"""A raw-socket HTTP server whose answers are wrong in ways that no HTTP library would produce."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

OK = b'{"data":[],"total_count":0,"skip":0,"limit":10}'


def http(body: bytes, status: str = "200 OK", *headers: str, length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {size}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _reset(writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def rst_after_send(reader, writer):
    _reset(writer)


async def close_after_send(reader, writer):
    writer.close()


async def hang(reader, writer):
    await asyncio.sleep(30)


async def truncated(reader, writer):
    writer.write(http(OK, length=len(OK) + 100))
    await writer.drain()
    writer.close()


async def cut_chunk(reader, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{")
    await writer.drain()
    writer.close()


async def half_headers(reader, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Le")
    await writer.drain()
    writer.close()


async def drip_headers(reader, writer):
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 1000:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.02)


async def drip_body(reader, writer):
    writer.write(http(b"", length=1000))
    for _ in range(1000):
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


async def huge_header(reader, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nX-Big: " + b"a" * 300_000 + b"\r\n\r\n")
    await writer.drain()


async def endless_headers(reader, writer):
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(100_000):
        writer.write(f"X-{number}: {'b' * 60}\r\n".encode())
        await writer.drain()
        await asyncio.sleep(0)


async def garbage(reader, writer):
    writer.write(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
    await writer.drain()
    writer.close()


async def http_0_9(reader, writer):
    writer.write(b'{"data":[],"total_count":0}')
    await writer.drain()
    writer.close()


async def endless_body(reader, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    for _ in range(64):
        writer.write(b" " * 1_000_000)
        await writer.drain()


async def gzip_bomb(reader, writer):
    writer.write(http(b"\x1f\x8b" + b"\x00" * 100, "200 OK", "Content-Encoding: gzip"))
    await writer.drain()


async def redirect(reader, writer):
    writer.write(http(b"", "302 Found", "Location: http://127.0.0.1:9/login?next=secret"))
    await writer.drain()


async def early_hint(reader, writer):
    writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n" + http(OK))
    await writer.drain()


async def good_then_close(reader, writer):
    writer.write(http(OK))
    await writer.drain()
    writer.close()


async def good(reader, writer):
    writer.write(http(OK))
    await writer.drain()


FAULTS: dict[str, Behaviour] = {
    one.__name__: one
    for one in (
        rst_after_send,
        close_after_send,
        hang,
        truncated,
        cut_chunk,
        half_headers,
        drip_headers,
        drip_body,
        huge_header,
        endless_headers,
        garbage,
        http_0_9,
        endless_body,
        gzip_bomb,
        redirect,
    )
}


class FaultServer:
    """Behaves as told, one behaviour a request; the last one for ever. Records what it was sent."""

    def __init__(self, *behaviours: Behaviour, greeting: bytes = b"") -> None:
        self.greeting = greeting
        self.behaviours = list(behaviours)
        self.requests: list[bytes] = []
        self.port = 0
        self._open: set[asyncio.StreamWriter] = set()

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator["FaultServer"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            for writer in self._open:
                writer.transport.abort()
            server.close()
            await asyncio.sleep(0.01)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.write(self.greeting)
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                size = next(
                    (
                        int(line[15:])
                        for line in head.split(b"\r\n")
                        if line.lower().startswith(b"content-length:")
                    ),
                    0,
                )
                self.requests.append(head + await reader.readexactly(size))
                behaviour = self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]
                await behaviour(reader, writer)
                if writer.is_closing():
                    return
