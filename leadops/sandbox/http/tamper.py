"""What a faulty or lying server does to requests and answers."""

import gzip
import json
from typing import Any
from urllib.parse import parse_qsl, urlencode

from leadops.sandbox.faults.effects import (
    Bomb,
    DropRows,
    Effect,
    EntryCount,
    Headers,
    IgnoreActions,
    IgnoreField,
    IgnoreFilter,
    Malformed,
    RemarkElsewhere,
    RepeatPage,
    RepeatRows,
    ShiftPage,
    WrongTotal,
)
from leadops.sandbox.http.wire import Answer, Exchange
from leadops.sandbox.world.records import dumps

_DEEP = 100_000


def misread(effect: Effect, exchange: Exchange) -> Exchange:
    """Return the request as a lying server reads it."""
    match effect:
        case IgnoreFilter(field=field) | IgnoreField(field=field):
            return _without(exchange, "fields", field)
        case IgnoreActions():
            return _without(exchange, "actions", None)
        case ShiftPage(by=by):
            query = dict(parse_qsl(exchange.scope["query_string"].decode()))
            asked = query.get("skip", "0")
            skip = max(0, int(asked) + by) if asked.isdigit() else asked
            return exchange.with_query(urlencode(query | {"skip": skip}))
        case RepeatPage():
            query = dict(parse_qsl(exchange.scope["query_string"].decode()))
            return exchange.with_query(urlencode(query | {"skip": 0}))
        case _:
            return exchange


def _without(exchange: Exchange, key: str, field: str | None) -> Exchange:
    body = _json(exchange.body)
    part = body.get(key) if isinstance(body, dict) else None
    if not isinstance(part, dict):
        return exchange
    if field is None:
        del body[key]
    else:
        part.pop(field, None)
    return exchange.with_body(dumps(body).encode())


def distort(effect: Effect, exchange: Exchange, answer: Answer) -> None:
    """Change an answer in place as a faulty or lying server would."""
    match effect:
        case Malformed(form=form):
            answer.body = _malform(answer.body, form)
        case Bomb(mebibytes=size):
            answer.body = gzip.compress(b" " * (size << 20), 9)
            answer.headers["content-encoding"] = "gzip"
        case Headers(headers=headers, times=times):
            answer.headers |= {name.lower(): value * times for name, value in headers.items()}
        case _:
            body = _json(answer.body)
            if isinstance(body, dict) and answer.status < 300:
                _distort_json(effect, body)
                if isinstance(effect, ShiftPage | RepeatPage):
                    asked = dict(parse_qsl(exchange.scope["query_string"].decode())).get("skip", "0")
                    body["skip"] = int(asked) if asked.isdigit() else 0
                answer.body = dumps(body).encode()


def _distort_json(effect: Effect, body: dict[str, Any]) -> None:
    match effect:
        case EntryCount(by=by) if isinstance(body.get("actions"), list):
            entries = body["actions"]
            extra = [{"action_id": None, "status": "IGNORED"}] * max(0, by)
            body["actions"] = entries[: max(0, len(entries) + min(0, by))] + extra
        case RemarkElsewhere() if isinstance(body.get("remarks"), list):
            body["remarks"] = [
                remark | {"field": f"actions[{index + 97}].elsewhere"}
                for index, remark in enumerate(body["remarks"])
            ]
        case DropRows(count=count) if isinstance(body.get("data"), list):
            body["data"] = body["data"][count:]
        case RepeatRows(count=count) if isinstance(body.get("data"), list):
            body["data"] = body["data"][:count] + body["data"]
        case WrongTotal(by=by) if isinstance(body.get("total_count"), int):
            body["total_count"] = max(0, body["total_count"] + by)
        case _:
            pass


def _malform(body: bytes, form: str) -> bytes:
    inner = body[1:] if body.startswith(b"{") and body != b"{}" else b'"x":0}'
    match form:
        case "short":
            return body[: len(body) // 2]
        case "nan":
            return b'{"nan":NaN,' + inner
        case "trailing":
            return body + b"{}"
        case "duplicate_key":
            return b'{"data":[],"fields":{},"total_count":0,' + inner
        case "deep":
            return b'{"deep":' + b"[" * _DEEP + b"]" * _DEEP + b"," + inner
        case "surrogate":
            return b'{"lone":"\\ud800",' + inner
        case "bom":
            return b"\xef\xbb\xbf" + body
        case _:
            return b'{"long":' + b"9" * 5000 + b"," + inner


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
