"""The token goes to one origin only, whatever URL a request came to have."""

from collections.abc import Generator

import httpx

from leadops.core.errors import ConfigurationError
from leadops.crm.connection import Origin
from leadops.crm.secrets import Secret

_PORTS = {"https": 443, "http": 80}


class BearerAuth(httpx.Auth):
    """Attaches a token to requests of exactly this scheme, host and port.

    Raises:
        ConfigurationError: the request goes elsewhere; it is not sent.
    """

    def __init__(self, origin: Origin, token: Secret) -> None:
        self._origin = origin
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the header, after a look at where the request goes."""
        url = request.url
        if (url.scheme, url.host.lower(), url.port or _PORTS.get(url.scheme, 0)) != self._origin:
            raise ConfigurationError(f"a request was about to go to {url.host}, which may not see the token")
        request.headers["Authorization"] = f"Bearer {self._token.reveal()}"
        yield request
