"""The connections: one httpx client each, handed to one request at a time.

A pool of httpcore looks at all its connections for every request, and gives one idle connection to all requests that
begin in the same turn of the loop: all but one of them start over. That took half of the time of a busy run.
"""

import ssl
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec

import httpx

import leadops
from leadops.crm.connection import Connection, is_loopback, origin_of
from leadops.crm.pacing import Patience

AT_ONCE = 8
"""The most requests in flight."""
HEADERS = {
    "User-Agent": f"leadops/{leadops.__version__}",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
}

if find_spec("sniffio") is None:
    # httpcore asks at every lock whether sniffio can be imported; where it is not installed, each time the whole path
    # is searched. None says at once that it is not there: a fifth of the time of a request.
    sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]


class Clients:
    """Makes clients as they are needed; the one that was used last is used first."""

    def __init__(
        self, connection: Connection, transport: httpx.AsyncBaseTransport | None, patience: Patience
    ) -> None:
        origins = [origin_of(url) for url in (connection.sync_base_url, connection.async_base_url) if url]
        any_tls = any(scheme == "https" for scheme, _, _ in origins)
        # Loading the certificates takes 20 ms; a context without any of them trusts nobody.
        self._context = httpx.create_ssl_context() if any_tls else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        # Proxies of the environment are honoured, but what stays on this machine goes to none.
        self._proxies = not any(is_loopback(host) for _, host, _ in origins)
        self._transport = transport
        self._patience = patience
        self._all: list[httpx.AsyncClient] = []
        self._free: list[httpx.AsyncClient] = []

    @contextmanager
    def free(self) -> Iterator[httpx.AsyncClient]:
        """Hand out a client that nobody uses, for the length of the block.

        One whose request failed is not used again: cut off at the wrong moment, its only connection is lost to it.
        """
        client = self._free.pop() if self._free else self._another()
        yield client
        self._free.append(client)

    def request(
        self, method: str, url: str, query: Mapping[str, str | int], content: bytes | None
    ) -> httpx.Request:
        """Return a request as it will be sent, but for its token.

        Made here and not by a client, which would look at the URL three times, and send cookies back.
        """
        headers = HEADERS if content is None else HEADERS | {"Content-Type": "application/json"}
        made = httpx.Request(method, url, params=dict(query) or None, headers=headers, content=content)
        # Whatever takes long, the caller's deadline for all of it ends; only a host that is not there is told sooner.
        made.extensions["timeout"] = {"connect": self._patience.connect}
        return made

    async def aclose(self) -> None:
        """Close every connection."""
        for client in self._all:
            await client.aclose()

    def _another(self) -> httpx.AsyncClient:
        client = self._made()
        self._all.append(client)
        return client

    def _made(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=self._transport,
            verify=self._context,
            trust_env=self._proxies,
            follow_redirects=False,
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
        )
