"""A running server, and a bare client for it that shares nothing with the product's."""

import http.client
import json
from urllib.parse import urlencode

import pytest

from tests.independent.definitions import ASYNC_TOKEN, ENTERPRISE, SYNC_TOKEN
from tests.independent.server import Server


class Answer:
    """A status, headers and the parsed body."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        text = response.read().decode()
        self.body = json.loads(text) if response.headers["Content-Type"] == "application/json" else text
        error = self.body.get("error") if isinstance(self.body, dict) else None
        self.code = error["code"] if error else None
        self.message = error["message"] if error else None


@pytest.fixture
def server():
    with Server(leads=120) as running:
        yield running


@pytest.fixture
def ask(server):
    """Return ``ask(method, path, body, **query)``; path below the enterprise on the sync API."""

    def ask_(
        method, path, body=None, *, token=SYNC_TOKEN, enterprise=ENTERPRISE, prefix="/autoupdate/v2", **query
    ):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        url = f"{prefix}/enterprise/{enterprise}{path}" + (f"?{urlencode(query)}" if query else "")
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        try:
            connection.request(method, url, data, headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    return ask_


@pytest.fixture
def tell(ask):
    """Return ``tell(body)``: a call of the async API."""
    return lambda body, token=ASYNC_TOKEN: ask("POST", "/autoupdatelead", body, token=token, prefix="")
