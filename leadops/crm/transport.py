"""The one function that sends a request; everything that bounds, paces and guards it is here (docs/reliability.md)."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx

from leadops.core.clock import Clock
from leadops.core.errors import CallBudgetError, ConfigurationError, UnavailableError
from leadops.crm.auth import BearerAuth
from leadops.crm.clock_offset import Skew
from leadops.crm.connection import Connection, origin_of
from leadops.crm.connection_pool import AT_ONCE, Clients
from leadops.crm.pacing import Breaker, Limiter, Patience, Pause, Tickets
from leadops.crm.retry_after import http_date_ms, retry_after
from leadops.crm.secrets import Redactor
from leadops.crm.transport_errors import NEVER_SENT, describe
from leadops.model.query import Calls

_LOG = logging.getLogger("leadops.crm")

LEAVES_WITHIN_S = 900.0
"""A write that has waited longer for its turn is not sent: whoever wrote its intent down relies on when it leaves."""

_WRITES = (".send_request_headers.started", ".send_request_body.started")
"""httpcore's names for the moments before it writes to the socket."""

LARGEST = 8 * 1024 * 1024
"""The largest body that is read, in bytes."""

for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)  # at INFO they print whole URLs


@dataclass(frozen=True, slots=True)
class Ask:
    """A request.

    Attributes:
        path: below the workspace's root, its parts already quoted.
        write: True when it may change something.
        queued: True for the async API.
        still: asked before it is handed to the transport, and before its head and its body are written to the socket;
            False: it is not sent, at least not whole. None: nothing to ask.
    """

    method: str
    path: str
    query: Mapping[str, str | int] = field(default_factory=dict)
    body: object = None
    write: bool = False
    queued: bool = False
    still: Callable[[], bool] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole.

    Attributes:
        headers: names in lower case.
        defect: why the body was not read (too large, compressed); empty when it was.
        sent_ms, done_ms: epoch ms on the server-corrected clock.
        retry_after_s: clamped; None when absent or unreadable.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    defect: str
    sent_ms: int
    done_ms: int
    retry_after_s: float | None

    @property
    def server_ms(self) -> int | None:
        """The server's Date, epoch ms."""
        return http_date_ms(self.headers.get("date", ""))


@dataclass(frozen=True, slots=True)
class Broken:
    """No whole answer came.

    Attributes:
        sent: False only when no byte of the request left this machine.
        hopeless: True when trying again now is pointless (the breaker is open).
        outdated: it was not sent, or cut before its body, because ``Ask.still`` said so.
    """

    sent: bool
    timed_out: bool
    reason: str
    help: str = ""
    hopeless: bool = False
    outdated: bool = False
    sent_ms: int = 0
    done_ms: int = 0


_OUTDATED = Broken(False, False, "what it rests on has grown too old", outdated=True)


class _OutdatedError(Exception):
    """A connection stood still for so long that the request may not leave any more."""


class Door:
    """Sends requests to one workspace. An async context manager.

    Attributes:
        calls: requests made so far.
        throttled: how often the service asked to slow down (429).
        skew: the server's clock minus this machine's.
        redactor: takes the tokens out of what the service says.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        clock: Clock,
        limiter: Limiter,
        async_limiter: Limiter,
        pause: Pause,
        tickets: Tickets,
        patience: Patience,
        transport: httpx.AsyncBaseTransport | None,
        max_calls: int | None,
        on_call: Callable[[Calls], None] | None,
    ) -> None:
        self.calls = Calls()
        self.throttled = 0
        self.skew = Skew()
        self.redactor = Redactor([connection.sync_token, connection.async_token])
        self._connection = connection
        self._clock = clock
        self._limiters = {False: limiter, True: async_limiter}
        self._pause = pause
        self._patience = patience
        self._tickets = tickets
        self._breaker = Breaker(clock, patience, connection.host, tickets)
        self._max_calls = max_calls
        self._on_call = on_call
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._spare = {False: 0, True: 0}
        self._traced = transport is None
        self._auth = BearerAuth(origin_of(connection.sync_base_url), connection.sync_token)
        self._async_auth = (
            BearerAuth(origin_of(connection.async_base_url), connection.async_token)
            if connection.async_base_url and connection.async_token
            else None
        )
        self._clients = Clients(connection, transport, patience)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        del kind, error, trace
        await self._clients.aclose()

    def limit_calls(self, most: int | None) -> None:
        """Make no more than ``most`` calls in all, those that were made counted; None: no limit."""
        self._max_calls = most

    @property
    def host(self) -> str:
        """The sync API's host, for messages."""
        return self._connection.host

    def now_ms(self) -> int:
        """Return the wall clock corrected by the server's Date, epoch ms."""
        return self._clock.now_ms() + self.skew.ms

    async def exchange(self, ask: Ask) -> Answer | Broken:
        """Send ``ask`` once, when its turn has come.

        Raises:
            CallBudgetError: one more call would exceed the budget; nothing was sent.
            ConfigurationError: the async API is asked and not configured.
        """
        request, auth = self._request(ask)
        asked = self._clock.monotonic()
        async with self._slots:
            try:
                probe = await self._breaker.closed()
            except UnavailableError as error:
                return Broken(False, False, error.message, error.help, hopeless=True)
            settled = False
            try:
                await self._turn(ask)
                if ask.write and self._clock.monotonic() - asked > LEAVES_WITHIN_S:
                    self._spare[ask.queued] += 1
                    return Broken(False, False, "it waited too long for its turn")
                if ask.still is not None and not ask.still():
                    self._spare[ask.queued] += 1
                    return _OUTDATED
                self._count(ask)
                ticket = self._tickets.issue()
                result = await self._send(ask, request, auth)
                _log_call(ask, result)
                if result is _OUTDATED:
                    return result
                if isinstance(result, Broken) or result.status >= 500:
                    self._breaker.failed(ticket, probe=probe)
                else:
                    self._breaker.answered(probe=probe)
                settled = True
            finally:
                if not settled:
                    self._breaker.abandoned(probe=probe)
        if isinstance(result, Answer):
            if result.status == 429:
                self.throttled += 1
                self._pause.throttled(ticket, result.retry_after_s)
            else:
                self._pause.answered(ticket)
        return result

    async def _turn(self, ask: Ask) -> None:
        """Wait until ``ask`` may go.

        A turn that a write did not use is the next write's: where turns come more slowly than readings grow old, a
        write could never leave otherwise.
        """
        self._check_budget()
        if ask.write and self._spare[ask.queued]:
            self._spare[ask.queued] -= 1
        else:
            await self._limiters[ask.queued].acquire()
        await self._pause.over()
        self._check_budget()

    def _count(self, ask: Ask) -> None:
        calls = self.calls
        self.calls = Calls(calls.reads + (not ask.write), calls.writes + ask.write)
        if self._on_call is not None:
            self._on_call(self.calls)

    def _check_budget(self) -> None:
        if self._max_calls is not None and self.calls.total >= self._max_calls:
            raise CallBudgetError(
                f"the limit of {self._max_calls} calls is used up",
                "narrow what is asked, state more (`limits { at most N calls }`), or loosen it for once:"
                " --override-belt calls=N --reason TEXT",
            )

    def _request(self, ask: Ask) -> tuple[httpx.Request, BearerAuth]:
        root, auth = self._connection.sync_root, self._auth
        if ask.queued:
            async_root = self._connection.async_root
            if async_root is None or self._async_auth is None:
                raise ConfigurationError(
                    "the async API is not configured",
                    "`lane async` needs TELECRM_ASYNC_TOKEN and, beside a base URL of your own, TELECRM_ASYNC_BASE_URL",
                )
            root, auth = async_root, self._async_auth
        content = None if ask.body is None else json.dumps(ask.body, allow_nan=False).encode("ascii")
        return self._clients.request(ask.method, root + ask.path, ask.query, content), auth

    async def _send(self, ask: Ask, request: httpx.Request, auth: BearerAuth) -> Answer | Broken:
        sent = False

        async def watch(event: str, info: Mapping[str, Any]) -> None:
            nonlocal sent
            if event.endswith(_WRITES) and ask.still is not None and not ask.still():
                raise _OutdatedError  # the connection is closed: of a head without its body nothing can be made
            if event.endswith(".send_request_headers.started"):
                # A proxy's CONNECT goes through the same code: it is not our request.
                sent = sent or getattr(info.get("request"), "method", b"") != b"CONNECT"

        if self._traced:
            request.extensions["trace"] = watch
        began_ms = self._clock.now_ms()
        try:
            async with asyncio.timeout(self._patience.deadline):
                status, headers, body, defect = await self._round_trip(request, auth)
        except _OutdatedError:
            return _OUTDATED
        except (httpx.RequestError, OSError) as error:
            reason, help_text = describe(error, _host_of(request))
            was_sent = sent if self._traced else not isinstance(error, NEVER_SENT)
            timed_out = isinstance(error, TimeoutError | httpx.TimeoutException)
            sent_ms = began_ms + self.skew.ms
            return Broken(was_sent, timed_out, reason, help_text, sent_ms=sent_ms, done_ms=self.now_ms())
        ended_ms = self._clock.now_ms()
        server_ms = http_date_ms(headers.get("date", ""))
        if server_ms is not None and not ask.queued:
            self.skew.learn(server_ms, began_ms, ended_ms)
        return Answer(
            status,
            headers,
            body,
            defect,
            began_ms + self.skew.ms,
            ended_ms + self.skew.ms,
            retry_after(headers, ended_ms + self.skew.ms),
        )

    async def _round_trip(
        self, request: httpx.Request, auth: BearerAuth
    ) -> tuple[int, dict[str, str], bytes, str]:
        with self._clients.free() as client:
            response = await client.send(request, auth=auth, stream=True, follow_redirects=False)
            try:
                body, defect = await _read(response)
            finally:
                # Reading it to its end has closed it; again would cost as much again.
                if not response.is_closed:
                    await response.aclose()
        return response.status_code, {k.lower(): v for k, v in response.headers.items()}, body, defect


def _log_call(ask: Ask, result: Answer | Broken) -> None:
    """Log what was asked and how it ended; a query's values and all bodies stay out."""
    if not _LOG.isEnabledFor(logging.INFO):
        return
    fields: dict[str, str | int] = {
        "method": ask.method,
        "path": ask.path + ("?" + "&".join(ask.query) if ask.query else ""),
        "ms": result.done_ms - result.sent_ms,
    }
    if isinstance(result, Answer):
        fields["status"] = result.status
    else:
        fields["broken"] = result.reason
    if ask.queued:
        fields["api"] = "async"
    _LOG.info("call", extra={"fields": fields})


async def _read(response: httpx.Response) -> tuple[bytes, str]:
    if response.headers.get("content-encoding", "identity").strip().lower() not in {"identity", ""}:
        return b"", "it is compressed although that was not asked for"
    if response.is_stream_consumed:  # an answer that was in memory from the start
        return (response.content, "") if len(response.content) <= LARGEST else (b"", "it is too large")
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.aiter_raw():
        size += len(chunk)
        if size > LARGEST:
            return b"", "it is too large"
        chunks.append(chunk)
    return b"".join(chunks), ""


def _host_of(request: httpx.Request) -> str:
    host = request.url.host
    return host if request.url.port is None else f"{host}:{request.url.port}"
