"""Why a request came to nothing, in words for people. Every exception of httpx's transports is covered."""

import socket
import ssl
from collections.abc import Iterator

import httpx

NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
"""Raised before a byte of the request left this machine."""


def describe(error: BaseException, host: str) -> tuple[str, str]:
    """Return what happened to a request to ``host``, and what to do about it (may be empty)."""
    if isinstance(error, httpx.ConnectTimeout):
        return f"{host} could not be reached in time", "check the network"
    causes = list(_causes(error))
    if any(isinstance(one, socket.gaierror) for one in causes):
        return f"there is no host {host}: its name was not found", "check the base URL and the network"
    tls = next((one for one in causes if isinstance(one, ssl.SSLError)), None)
    if tls is not None:
        return (
            f"no safe connection to {host}: {_tls_reason(tls)}",
            "behind a company proxy, SSL_CERT_FILE names the file of its certificates; checks are never turned off",
        )
    if any(isinstance(one, ConnectionRefusedError) for one in causes):
        return f"{host} refused the connection", "is the base URL right, and the server running?"
    match error:
        case httpx.ProxyError():
            return f"the proxy did not let us through to {host}", "see HTTPS_PROXY and NO_PROXY"
        case httpx.ConnectError():
            return f"{host} could not be reached", "check the base URL and the network"
        case httpx.TimeoutException() | TimeoutError():
            return f"{host} did not answer in time", ""
        case httpx.RemoteProtocolError() | httpx.DecodingError():
            return f"{host} broke off, or answered something that is not HTTP", ""
        case _:
            return f"the connection to {host} broke", ""


def _tls_reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted ({error.verify_message})"
    return error.reason or "the handshake failed"


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    queue: list[BaseException] = [error]
    while queue:
        one = queue.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        if isinstance(one, BaseExceptionGroup):
            queue += one.exceptions
        queue += [cause for cause in (one.__cause__, one.__context__) if cause is not None]
