"""Which workspace on which hosts with which tokens, and the rule which hosts may see a token (docs/api.md §1)."""

import ipaddress
import re
from urllib.parse import SplitResult, quote, urlsplit

from leadops.core.errors import ConfigurationError
from leadops.core.fast_dataclass import record
from leadops.core.text import visible
from leadops.crm.secrets import Secret

_HOSTS = ("telecrm.in",)
"""TeleCRM's own domains; their subdomains count too."""
_PORTS = {"https": 443, "http": 80}

Origin = tuple[str, str, int]
"""Scheme, host, port."""


@record()
class Connection:
    """Where a workspace is reached.

    Attributes:
        sync_base_url: everything before ``/enterprise/…``, such as ``https://next.telecrm.in/autoupdate/v2``.
        async_base_url: the same of the async API; None when it is not used.
        trusted: True lets the tokens go to hosts that are neither TeleCRM's nor this machine.

    Raises:
        ConfigurationError: an address is none, or its host may not see a token.
    """

    sync_base_url: str
    async_base_url: str | None
    enterprise_id: str
    sync_token: Secret
    async_token: Secret | None = None
    trusted: bool = False

    def __post_init__(self) -> None:
        """Refuse what must never be sent to."""
        for url in (self.sync_base_url, self.async_base_url):
            if url is not None:
                _check(url, trusted=self.trusted)
        if not self.enterprise_id.strip() or self.enterprise_id in {".", ".."}:
            raise ConfigurationError(
                "the enterprise id is empty", "TELECRM_ENTERPRISE_ID names the workspace"
            )
        for token in (self.sync_token, self.async_token):
            if token is not None and not re.fullmatch(r"[\x21-\x7e]+", token.reveal()):
                raise ConfigurationError("a token is empty, or has blanks or non-ASCII characters in it")

    @property
    def sync_root(self) -> str:
        """The URL under which all sync paths of the workspace stand."""
        return f"{self.sync_base_url.rstrip('/')}/enterprise/{quote(self.enterprise_id, safe='')}"

    @property
    def async_root(self) -> str | None:
        """The same of the async API; None when it is not used."""
        if not self.async_base_url:
            return None
        return f"{self.async_base_url.rstrip('/')}/enterprise/{quote(self.enterprise_id, safe='')}"

    @property
    def host(self) -> str:
        """The sync API's host, with its port where it is not the usual one; for messages and keys of caches."""
        scheme, host, port = origin_of(self.sync_base_url)
        shown = f"[{host}]" if ":" in host else host
        return shown if port == _PORTS[scheme] else f"{shown}:{port}"

    @property
    def is_loopback(self) -> bool:
        """Whether both APIs are on this machine."""
        urls = [url for url in (self.sync_base_url, self.async_base_url) if url]
        return all(is_loopback(origin_of(url)[1]) for url in urls)


def origin_of(url: str) -> Origin:
    """Return the origin of an http or https URL.

    Raises:
        ConfigurationError: it is none.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ConfigurationError(
            "a base URL is no web address", "it looks like https://next.telecrm.in/autoupdate/v2"
        ) from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ConfigurationError(
            f"“{_shown(parts)}” is no web address",
            "a base URL looks like https://next.telecrm.in/autoupdate/v2",
        )
    return parts.scheme, parts.hostname.lower(), port or _PORTS[parts.scheme]


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check(url: str, *, trusted: bool) -> None:
    scheme, host, _port = origin_of(url)
    parts = urlsplit(url)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigurationError(
            f"the base URL of {host} holds more than a host and a path", "leave out user, password, ? and #"
        )
    if is_loopback(host):
        return
    if scheme != "https":
        raise ConfigurationError(
            f"the base URL of {host} is plain http: the token would travel unprotected", "write https://"
        )
    own = any(host == name or host.endswith("." + name) for name in _HOSTS)
    if not own and not trusted:
        raise ConfigurationError(
            f"{host} is not one of TeleCRM's hosts: a token is not sent there",
            "if the base URL in leadops.toml is meant, `leadops trust` approves it",
        )


def _shown(parts: SplitResult) -> str:
    return visible(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl())
