"""A TeleCRM-like server that shares no code with leadops, for tests: both APIs on one loopback port, in memory.

Every call is recorded; faults happen by rule; the contract's open points are switches. By hand:
``python -m tests.independent.server --port 0 --leads 500 --switch search_id=off --fault 'POST /lead/*/action' reset_after``.
"""

import argparse
import contextlib
import json
import socket
import struct
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from tests.independent.api import PREFIX, Api
from tests.independent.definitions import ASYNC_TOKEN, ENTERPRISE, SYNC_TOKEN, Switches
from tests.independent.faults import Faults
from tests.independent.replies import Refusal, Reply, lead_fields
from tests.independent.world import build

_SEARCHES = ("/lead/search", "/action/search")
_PAGE = "<!doctype html><title>Welcome</title><p>Please sign in."


@dataclass(slots=True)
class Call:
    """A call as it came, and its answer's status (0: the connection was reset).

    Attributes:
        path: below ``/enterprise/{id}``.
        at: monotonic seconds.
        raw: the body's bytes.
    """

    method: str
    path: str
    query: dict
    body: object
    enterprise: str
    token: str
    sync: bool
    at: float
    content_type: str = ""
    raw: bytes = b""
    status: int = 0
    fault: str = ""
    answer: object = None

    @property
    def writes(self):
        """Whether it is a call that may change something."""
        return self.method != "GET" and not self.path.endswith(_SEARCHES)

    @property
    def probe(self):
        """Whether it is a search that only counts."""
        return self.path == "/lead/search" and self.query.get("limit") == "1"

    def __str__(self):
        return f"{self.method} {self.path} {self.query or ''} {json.dumps(self.body)} -> {self.status} {self.fault}"


@dataclass
class Server:
    """The server, its world and what it saw. ``with Server() as server`` starts and stops it."""

    leads: int = 240
    seed: int = 7
    switches: Switches = field(default_factory=Switches)
    port: int = 0
    now_ms: int | None = None

    def __post_init__(self):
        self.lock = threading.RLock()
        self.calls = []
        self.faults = Faults(self.seed)
        self.world = build(self.now_ms or int(time.time() * 1000), self.leads, self.seed)
        self.api = Api(self.world, self._now, self._later, self.switches)
        self.stopping = threading.Event()
        self._timers = []

    def __enter__(self):
        self._http = _Http(("127.0.0.1", self.port), _Handler)
        self._http.owner = self
        self.port = self._http.server_address[1]
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for timer in self._timers:
            timer.cancel()
        self._http.shutdown()
        self._http.server_close()

    @property
    def sync_url(self):
        return f"http://127.0.0.1:{self.port}{PREFIX}"

    @property
    def async_url(self):
        return f"http://127.0.0.1:{self.port}"

    def environment(self):
        """Return the variables that lead a client here."""
        return {
            "TELECRM_ENTERPRISE_ID": ENTERPRISE,
            "TELECRM_SYNC_TOKEN": SYNC_TOKEN,
            "TELECRM_ASYNC_TOKEN": ASYNC_TOKEN,
            "TELECRM_BASE_URL": self.sync_url,
            "TELECRM_ASYNC_BASE_URL": self.async_url,
        }

    def seen(self, *, writes=None, probes=None, path=None):
        """Return the recorded calls of a kind; ``path`` is an exact path."""
        with self.lock:
            return [
                call
                for call in self.calls
                if (writes is None or call.writes is writes)
                and (probes is None or call.probe is probes)
                and (path is None or call.path == path)
            ]

    def forget_calls(self):
        """Start a new record."""
        with self.lock:
            self.calls.clear()

    def snapshot(self):
        """Return every lead's content by id, for comparing before and after."""
        with self.lock:
            return {
                lead.id: json.loads(
                    json.dumps([lead.fields, [(e.id, e.type, e.fields, e.extra) for e in lead.timeline]])
                )
                for lead in self.world.leads.values()
            }

    def handle(self, call):
        """Return (answer, rule that hit it); with its effect done, refused or put off as the rule says."""
        with self.lock:
            self.calls.append(call)
            rule = self.faults.hit(call)
            kind = rule.kind if rule else ""
            call.fault = kind
            reply = self._instead(call, rule) if rule else self.api.answer(call)
            call.status = 0 if kind.startswith(("reset", "late")) else reply.status
            call.answer = reply.body
        return reply, rule

    def _instead(self, call, rule):
        match rule.kind:
            case "reset_before":
                return Reply(503, {})
            case "late":
                self._later(rule.seconds or 0.5, lambda: self.api.answer(call))
                return Reply(503, {})
            case "error_before":
                return Refusal(503, "SERVICE_UNAVAILABLE", "Try again later").reply()
            case "rate_limit":
                headers = {} if rule.seconds is None else {"Retry-After": f"{rule.seconds:g}"}
                reply = Refusal(429, "RATE_LIMIT_EXCEEDED", "Too many requests").reply()
                return Reply(429, reply.body, headers)
            case "html":
                return Reply(200, _PAGE, kind="text/html")
            case "silent_drop":
                lead = self.world.leads.get(call.path.removeprefix("/lead/"))
                return Reply(200, {"fields": lead_fields(lead)}) if lead else self.api.answer(call)
            case "ignore_action":
                return self._ignored(call)
            case "revoke":
                self.api.sync_tokens.discard(call.token)
                self.api.async_tokens.discard(call.token)
                return self.api.answer(call)
        reply = self.api.answer(call)
        if rule.kind == "astray":
            return self._astray(call, reply)
        if rule.kind == "error_after":
            return Refusal(500, "INTERNAL_SERVER_ERROR", "Something went wrong").reply()
        return Reply(200, _PAGE, kind="text/html") if rule.kind == "html_after" else reply

    def _astray(self, call, reply):
        """Return ``reply`` as if it were about another lead than the one in the path."""
        other = next(lead for lead in self.world.alive() if lead.id not in call.path)
        if "lead_id" in reply.body:
            return Reply(reply.status, {**reply.body, "lead_id": other.id})
        return Reply(reply.status, {"fields": lead_fields(other)})

    def _ignored(self, call):
        actions = call.body.get("actions", []) if isinstance(call.body, dict) else []
        remarks = [
            {"field": f"actions[{n}]", "status": "IGNORED", "remark": "Action is ignored"}
            for n in range(len(actions))
        ]
        done = [{"action_id": None, "status": "IGNORED"} for _ in actions]
        return Reply(200, {"lead_id": call.path.split("/")[2], "actions": done, "remarks": remarks})

    def _now(self):
        return int((time.time() + self.switches.skew) * 1000)

    def _later(self, seconds, function):
        def locked():
            with self.lock:
                function()

        if not seconds:
            locked()
            return
        timer = threading.Timer(seconds, locked)
        timer.daemon = True
        self._timers.append(timer)
        timer.start()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """A client that was killed in mid-call is expected here; anything else is shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self):
        owner = self.server.owner
        call, early = self._read()
        reply, rule = (early, None) if early else owner.handle(call)
        kind = rule.kind if rule else ""
        if kind == "delay":
            owner.stopping.wait(rule.seconds or 0.2)
        if kind.startswith(("reset", "late")):
            self._reset()
            return
        self._send(reply, cut=kind == "truncate")

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 (http.server's names)

    def _read(self):
        """Return (call, None), or (None, answer) for what never reaches the API."""
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        sync = url.path.startswith(PREFIX + "/")
        parts = url.path.removeprefix(PREFIX).split("/", 3)
        if len(parts) != 4 or parts[1] != "enterprise" or (not sync and parts[3] != "autoupdatelead"):
            return None, Reply(404, "<!doctype html><title>Not found</title>", kind="text/html")
        body = None
        with contextlib.suppress(ValueError):
            body = json.loads(raw) if raw else None
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        return Call(
            method=self.command,
            path="/" + parts[3],
            query=dict(parse_qsl(url.query, keep_blank_values=True)),
            body=body,
            enterprise=parts[2],
            token=token if scheme == "Bearer" else "",
            sync=sync,
            at=time.monotonic(),
            content_type=self.headers.get("Content-Type", "").partition(";")[0].strip(),
            raw=raw,
        ), None

    def _send(self, reply, *, cut):
        text = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
        data = text.encode("utf-8", "surrogateescape")  # a test may send what is no UTF-8
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[: len(data) // 2] if cut else data)
        self.wfile.flush()
        if cut:
            self.close_connection = True

    def _reset(self):
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def date_time_string(self, timestamp=None):
        return super().date_time_string(time.time() + self.server.owner.switches.skew)

    def log_message(self, format, *args):
        """Stay silent: the record of calls is the log."""


def _switch(current, text):
    if isinstance(current, bool):
        return text in ("on", "true")
    if text == "off":
        return None
    return type(current)(text) if isinstance(current, int | float) else text


def main(arguments=None):
    """Serve until interrupted; the first line of output is JSON with the addresses."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--leads", type=int, default=240)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--switch", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--fault", action="append", default=[], nargs=2, metavar=("CALLS", "KIND"))
    chosen = parser.parse_args(arguments)
    switches = Switches()
    for one in chosen.switch:
        name, _, value = one.partition("=")
        setattr(switches, name, _switch(getattr(switches, name), value))
    with Server(chosen.leads, chosen.seed, switches, chosen.port) as server:
        for calls, kind in chosen.fault:
            server.faults.add(calls, kind, times=None, share=0.1)
        sys.stdout.write(json.dumps(server.environment()) + "\n")
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
