"""A transport that plays a script, and the connection that the tests use."""

import json
from dataclasses import dataclass
from typing import Any

import httpx

from leadops.crm.connection import Connection
from leadops.crm.secrets import Secret

NOW_MS = 1_777_000_000_000
CANARY = "canary-0f3b1c:77aa"


class Script:
    """A transport that answers from a list (the last one for ever) and records the requests."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else answer

    def bodies(self) -> list[Any]:
        return [json.loads(request.content) if request.content else None for request in self.requests]


@dataclass(frozen=True)
class Made:
    """Makes a fresh answer for each request: JSON, for a str HTML, for bytes these very bytes."""

    status: int
    body: Any
    headers: dict[str, str]

    def __call__(self, _request: httpx.Request) -> httpx.Response:
        if isinstance(self.body, bytes):
            headers = {"content-type": "application/json", **self.headers}
            return httpx.Response(self.status, content=self.body, headers=headers)
        if isinstance(self.body, str):
            return httpx.Response(self.status, html=self.body, headers=self.headers)
        return httpx.Response(self.status, json=self.body, headers=self.headers)


def reply(status: int = 200, body: Any = None, **headers: str) -> Made:
    return Made(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


def refusal(status: int, code: str, message: str = "no", **headers: str) -> Any:
    return reply(status, {"error": {"code": code, "message": message}}, **headers)


def connection(**changes: Any) -> Connection:
    given = {
        "sync_base_url": "http://127.0.0.1:1/autoupdate/v2",
        "async_base_url": "http://127.0.0.1:1",
        "enterprise_id": "64f000000000000000000001",
        "sync_token": Secret(CANARY),
        "async_token": Secret(CANARY + "-async"),
    }
    return Connection(**{**given, **changes})
