"""Sends one small JSON text to a webhook: https (or this machine), five seconds, no redirects, no second try."""

import asyncio
import json
import ssl
from urllib.parse import urlsplit

import httpx

import leadops
from leadops.crm.connection import is_loopback
from leadops.crm.secrets import Secret

WAIT = 5.0
"""Seconds that one message may take, all in all."""


async def post(
    url: Secret, body: object, *, transport: httpx.AsyncBaseTransport | None = None, wait: float = WAIT
) -> str:
    """Send ``body`` as JSON; return an empty text, or one sentence on why it did not arrive.

    Never raises for what the address or the network does. The address is a secret: the sentence has its host only.
    """
    host, reason = _checked(url)
    if reason:
        return reason
    try:
        async with (
            asyncio.timeout(wait),
            httpx.AsyncClient(
                transport=transport,
                verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                if is_loopback(host) and url.reveal().startswith("http:")
                else httpx.create_ssl_context(),
                trust_env=not is_loopback(host),
                follow_redirects=False,
                timeout=wait,
                headers={"User-Agent": f"leadops/{leadops.__version__}", "Accept-Encoding": "identity"},
            ) as client,
        ):
            request = client.build_request(
                "POST",
                url.reveal(),
                content=json.dumps(body, allow_nan=False).encode("ascii"),
                headers={"Content-Type": "application/json"},
            )
            answer = await client.send(request, stream=True)
            status = answer.status_code
            await answer.aclose()
    except (TimeoutError, httpx.TimeoutException):
        return f"{host} did not answer within {wait:g} seconds"
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return f"{host} cannot be reached ({type(error).__name__})"
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return f"{host} answered {status}: a message follows no redirect"
    return f"{host} answered {status}"


def _checked(url: Secret) -> tuple[str, str]:
    """Return the host, and why nothing may be sent there."""
    text = url.reveal()
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return "", "its url is no web address"
    if parts.scheme not in {"http", "https"} or not host or any(char.isspace() for char in text):
        return "", "its url is no web address"
    if parts.scheme == "http" and not is_loopback(host):
        return host, f"its url on {host} is plain http: write https://"
    return host, ""
