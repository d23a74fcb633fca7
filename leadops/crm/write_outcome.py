"""What one write is known to have done, from what came back (docs/reliability.md, "Outcome of a request")."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from leadops.core.text import fold
from leadops.crm.api_errors import LOOK_ALIKE, is_denial
from leadops.crm.decode import ActionRow, UpdateReply, WriteReply, read_as, to_fields
from leadops.crm.envelope import SUCCESS_KEYS, body_of, looks_like_html, refusal_in
from leadops.crm.strict_json import MalformedError
from leadops.crm.transport import Answer, Broken
from leadops.model.exchange import Delivery, Entry, Reply, Words

_REFUSES = frozenset(
    {400, 401, 402, 403, 404, 405, 406, 407, 409, 410, 411, 412, 413, 414, 415, 422, 428, 431}
)
"""Statuses by which an application (407: a proxy) says, before it does anything, that it will not."""
_KEPT_HEADERS = ("date", "retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "x-request-id")

Reading = Callable[[Any, Reply], Reply]
"""Completes a reply from the JSON of a success.

Raises:
    MalformedError: it is not what the request must answer.
"""


def verdict(result: Answer | Broken, read: Reading, *, may_be_empty: bool = False) -> Reply:
    """Return what is known of a write; ``read`` understands a success, unless it ``may_be_empty`` and is."""
    if isinstance(result, Broken):
        delivery = Delivery.UNKNOWN if result.sent else Delivery.NOT_SENT
        if result.outdated:
            delivery = Delivery.OUTDATED
        return Reply(delivery, message=result.reason, sent_ms=result.sent_ms, done_ms=result.done_ms)
    reply = Reply(
        Delivery.UNKNOWN,
        status=result.status,
        retry_after_s=result.retry_after_s,
        sent_ms=result.sent_ms,
        done_ms=result.done_ms,
        headers={name: result.headers[name] for name in _KEPT_HEADERS if name in result.headers},
    )
    if may_be_empty and 200 <= result.status < 300 and not result.defect and not result.body.strip():
        return replace(reply, delivery=Delivery.ACKED)
    try:
        value = body_of(result)
    except MalformedError as error:
        return _unreadable(reply, result, f"the answer cannot be read: {error}")
    refusal = refusal_in(result.status, value)
    if refusal is not None:
        reply = replace(reply, code=refusal.code, message=refusal.message)
        if 200 <= result.status < 300 and SUCCESS_KEYS & value.keys():
            return replace(reply, message="the answer says both that it was done and that it was refused")
    status = refusal.status if refusal is not None else result.status
    if status == 429:
        return replace(reply, delivery=Delivery.THROTTLED)
    if refusal is not None and is_denial(refusal):
        return replace(reply, delivery=Delivery.DENIED, message=reply.message or LOOK_ALIKE)
    if 200 <= status < 300:
        try:
            return read(value, replace(reply, delivery=Delivery.ACKED))
        except MalformedError as error:
            return replace(reply, message=f"the answer is in a shape that is not known: {error}")
    if status in _REFUSES:
        if refusal is None or status == 407:
            return _unreadable(reply, result, f"something that is not the API answers {status}")
        return replace(reply, delivery=Delivery.REJECTED)
    return replace(reply, message=reply.message or _redirected(result) or f"the service answers {status}")


def _unreadable(reply: Reply, answer: Answer, why: str) -> Reply:
    status = answer.status
    if status == 429:
        return replace(reply, delivery=Delivery.THROTTLED)
    if status == 401:
        return replace(reply, delivery=Delivery.DENIED, message=LOOK_ALIKE)
    if status in _REFUSES:
        page = "a web page" if looks_like_html(answer) else "something that is not the API"
        return replace(
            reply, delivery=Delivery.BLOCKED, message=f"{page} answers {status}: is the base URL right?"
        )
    return replace(reply, message=_redirected(answer) or why)


def _redirected(answer: Answer) -> str:
    return f"redirected ({answer.status}); redirects are not followed" if 300 <= answer.status < 400 else ""


def created(actions: int) -> Reading:
    """Return the reading of POST /lead with that many actions."""

    def read(value: Any, reply: Reply) -> Reply:
        found = read_as(WriteReply, value)
        if found.lead_id is None:
            raise MalformedError("/lead_id is missing")
        known = replace(reply, lead_id=found.lead_id, remarks=_remarks(found))
        try:
            return replace(known, entries=_entries(found, actions))
        except MalformedError as error:
            why = f"the lead is created, but what became of its actions is not told: {error}"
            return replace(known, delivery=Delivery.UNKNOWN, message=why)

    return read


def appended(actions: int) -> Reading:
    """Return the reading of POST /lead/{id}/action with that many actions."""

    def read(value: Any, reply: Reply) -> Reply:
        found = read_as(WriteReply, value)
        return replace(
            reply, lead_id=found.lead_id, entries=_entries(found, actions), remarks=_remarks(found)
        )

    return read


def updated(value: Any, reply: Reply) -> Reply:
    """Read the echo of POST /lead/{id}."""
    found = read_as(UpdateReply, value)
    return replace(reply, lead_id=found.lead_id, fields=to_fields(found.fields))


def action_updated(value: Any, reply: Reply) -> Reply:
    """Read the echo of POST /lead/{id}/action/{actionId}."""
    row = read_as(ActionRow, value)
    return replace(reply, lead_id=row.lead_id, action=row.to_action())


def queued(value: Any, reply: Reply) -> Reply:
    """Read the receipt of the async API: any 2xx that does not say that it failed."""
    if not isinstance(value, Mapping):
        raise MalformedError("it is no object")
    status = value.get("status")
    if isinstance(status, str) and fold(status) in {"error", "failed", "failure"}:
        words = value.get("errorString")
        return replace(
            reply,
            delivery=Delivery.REJECTED,
            message=words if isinstance(words, str) else "refused without a reason",
        )
    return reply


def _entries(found: WriteReply, sent: int) -> tuple[Entry, ...]:
    rows = found.actions or []
    if len(rows) != sent:
        raise MalformedError(f"/actions has {len(rows)} entries for {sent} that were sent")
    entries = []
    for index, row in enumerate(rows):
        match row.status.strip().upper(), row.action_id:
            case "CREATED", str() as action_id:
                entries.append(Entry(action_id, created=True))
            case "CREATED", None:
                raise MalformedError(f"/actions/{index} is created and has no id")
            case "IGNORED", _:
                entries.append(Entry(None, created=False))
            case other, _:
                raise MalformedError(f"/actions/{index} has the status {other[:40]!r}")
    return tuple(entries)


def _remarks(found: WriteReply) -> tuple[Words, ...]:
    return tuple(Words(row.field, row.remark or row.status) for row in found.remarks or ())
