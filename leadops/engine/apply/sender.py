"""Sending one op: intent, request, and what the answer means; again only where nothing can have been written."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from leadops.core.crash_point import crashpoint
from leadops.core.errors import LeadopsError
from leadops.engine.apply.context.budget import full_jitter
from leadops.engine.apply.context.lead_queue import EXISTS, Chain, Doubt
from leadops.engine.apply.context.run_context import APPENDS, EXIT_OF_BLOCK, Sitting
from leadops.engine.apply.settle.conflict import conflict
from leadops.engine.apply.settle.identity import misled, mismatch
from leadops.engine.apply.settle.outcome import (
    judge_action,
    judge_append,
    judge_create,
    judge_fields,
    judge_refusal,
)
from leadops.engine.op_keys import MARKER_FIELD, carries_marker, marker
from leadops.model.change import ActionSpec, Change, Kind
from leadops.model.exchange import Delivery, Reply
from leadops.model.run import Outcome, Result
from leadops.model.schema import FieldType

THROTTLED_MOST = 8
NOT_SENT_MOST = 4
NETWORK_BASE_S = 0.25
OLD = "what was read of the lead had grown too old"
QUEUED = "the async API took it and tells no more"
THROTTLE_BASE_S = 2.0
OLDEST_MS = 10_000
"""An intent that waited longer for its turn is taken back and made anew: after a crash it tells when it was sent."""


async def send(
    op: Sequence[Change], chain: Chain, sitting: Sitting, stands: Callable[[], bool], *, probing: bool
) -> list[Result] | None:
    """Send ``op`` until its fate is known or unknown, while ``stands`` says that the lead is judged.

    Returns results; or None, with ``chain.doubt`` set when its fate is unknown, with the sitting halted, or barred, or
    with a judgement that no longer stands.
    """
    first = op[0]
    while True:
        if not await sitting.gate.passed() or sitting.stopping:
            _ = sitting.stopping
            return None
        if not stands():
            return None
        attempt = _attempt(first, chain, sitting)
        try:
            tried = await _try(op, attempt, chain, sitting, stands, probing=probing)
        finally:
            chain.flying = False
        if tried is None:
            return None
        at_ms, reply = tried
        _note(first, reply, sitting, chain)
        match reply.delivery:
            case Delivery.ACKED if what := mismatch(first, reply, sitting):
                sitting.misled.add(chain.lead)
                return misled(op, what, sitting)
            case Delivery.ACKED:
                return _acked(op, reply, sitting, chain, attempt, at_ms)
            case Delivery.REJECTED:
                return await _rejected(op, reply, sitting, chain, attempt, at_ms)
            case Delivery.UNKNOWN:
                chain.doubt = Doubt(attempt, at_ms, max(at_ms, reply.sent_ms), reply.message)
                chain.maybe = True
                return None
            case Delivery.DENIED | Delivery.BLOCKED:
                await sitting.unsent(op, reply.message)
                code = 77 if reply.delivery is Delivery.DENIED else EXIT_OF_BLOCK
                sitting.halt(code, reply.message or "the service refuses the token")
                return None
            case Delivery.OUTDATED:
                await sitting.unsent(op, OLD)
                return None
            case Delivery.THROTTLED:
                chain.throttled += 1
                wait = reply.retry_after_s
                if wait is None:
                    wait = 0.1 + full_jitter(sitting.options.rng, THROTTLE_BASE_S, chain.throttled)
                sitting.gate.close(wait)
                over = chain.throttled >= THROTTLED_MOST
                if not await _again(op, reply, sitting, over, "the service asks to slow down"):
                    return None
            case Delivery.NOT_SENT:
                chain.refused += 1
                over = chain.refused >= NOT_SENT_MOST
                if not await _again(op, reply, sitting, over, "the service cannot be reached"):
                    return None
                wait = full_jitter(sitting.options.rng, NETWORK_BASE_S, chain.refused)
                await sitting.options.stop.wait(wait)


def _leaves(chain: Chain, stands: Callable[[], bool]) -> bool:
    """Whether a request of ``chain`` may leave; asked when it is handed over."""
    chain.flying = stands()
    return chain.flying


async def _try(
    op: Sequence[Change],
    attempt: int,
    chain: Chain,
    sitting: Sitting,
    stands: Callable[[], bool],
    *,
    probing: bool,
) -> tuple[int, Reply] | None:
    """Make the intent durable and the request, once; None when it was not made, which the journal knows then.

    While requests are quick, intents are written before their turn comes: the disk and the network work at the same
    time. Where the rate limit makes requests slow, a killed run must not leave more intents than requests.
    """
    at_ms = sitting.now_ms()
    early = sitting.pace.quick
    if early and not await sitting.intend(op, attempt, at_ms):
        return None
    async with sitting.slots:
        passed = await sitting.gate.passed()
        # While it waited for its turn, what others learnt may have tripped a guard.
        if not passed or sitting.stopping or sitting.barred(op[0], probing=probing):
            if early:
                await sitting.unsent(op, "the run stopped first")
            _ = sitting.stopping
            return None
        if not stands():
            if early:
                await sitting.unsent(op, OLD)
            return None
        if early and sitting.now_ms() - at_ms > OLDEST_MS:
            if not await sitting.unsent(op, "it waited too long for its turn"):
                return None
            early = False
        if not early:
            at_ms = sitting.now_ms()
            if not await sitting.intend(op, attempt, at_ms):
                return None
        crashpoint("engine: after an intent")
        began = sitting.options.clock.monotonic()
        try:
            reply = await _call(op, attempt, sitting, partial(_leaves, chain, stands))
        except LeadopsError as error:  # it would exceed its budget, or cannot be made at all: nothing left
            await sitting.unsent(op, error.message)
            sitting.halt_by(error)
            return None
        sitting.pace.note(sitting.options.clock.monotonic() - began)
        crashpoint("engine: after a request")
    return at_ms, reply


def _attempt(first: Change, chain: Chain, sitting: Sitting) -> int:
    before = sitting.prior.get(first.key)
    attempt = chain.attempts.get(first.key, before.attempt if before else 0) + 1
    chain.attempts[first.key] = attempt
    return attempt


async def _again(op: Sequence[Change], reply: Reply, sitting: Sitting, over: bool, why: str) -> bool:
    """Write down that nothing was sent; whether it may be tried again."""
    if not await sitting.unsent(op, reply.message or why):
        return False
    if over or not sitting.quota.retry():
        code = 75 if reply.delivery is Delivery.THROTTLED else 69
        sitting.halt(code, f"{why}: {reply.message}" if reply.message else why)
        return False
    return True


def _note(first: Change, reply: Reply, sitting: Sitting, chain: Chain) -> None:
    if reply.delivery not in {Delivery.NOT_SENT, Delivery.OUTDATED}:
        sitting.sent += 1
        chain.rounds = 0
    if reply.delivery in {Delivery.ACKED, Delivery.REJECTED}:
        chain.throttled = chain.refused = 0
    sitting.wrote += reply.delivery in {Delivery.ACKED, Delivery.UNKNOWN}
    if reply.delivery is Delivery.UNKNOWN:
        sitting.quota.unknown()
    elif reply.delivery is Delivery.ACKED:
        sitting.quota.success()
    if first.kind in APPENDS and reply.delivery in {Delivery.ACKED, Delivery.REJECTED, Delivery.UNKNOWN}:
        sitting.budget.note(known=reply.delivery is not Delivery.UNKNOWN)


async def _call(op: Sequence[Change], attempt: int, sitting: Sitting, still: Callable[[], bool]) -> Reply:
    change = op[0]
    writer = sitting.writer
    if change.kind is Kind.CREATE:
        fields = {name: one.after for name, one in change.fields.items()}
        return await writer.create(fields, [_marked(one, attempt, sitting) for one in op[1:]], still=still)
    if sitting.queues(change):
        by = sitting.plan.schema.identifier.api_name
        fields = {name: one.after for name, one in change.fields.items()}
        return await writer.upsert({by: change.lead.identifier, **fields}, still=still)
    lead_id = sitting.lead_id(change)
    assert lead_id is not None
    match change.kind:
        case Kind.UPDATE:
            fields = {name: one.after for name, one in change.fields.items()}
            return await writer.update(lead_id, fields, still=still)
        case Kind.UPDATE_ACTION:
            assert change.action is not None
            return await writer.update_action(lead_id, change.action, still=still)
        case _:
            return await writer.append(lead_id, [_marked(change, attempt, sitting)], still=still)


def _marked(change: Change, attempt: int, sitting: Sitting) -> ActionSpec:
    """Return the action as it is sent: with its marker where the action's schema has a field for it."""
    action = change.action
    assert action is not None
    wanted = (
        sitting.options.marker and not change.each_run and carries_marker(sitting.plan.schema, action.type)
    )
    if not wanted or MARKER_FIELD in action.fields:
        return action
    return replace(
        action,
        fields={**action.fields, MARKER_FIELD: marker(change.key, attempt)},
        types={**action.types, MARKER_FIELD: FieldType.TEXT},
    )


def _acked(
    op: Sequence[Change], reply: Reply, sitting: Sitting, chain: Chain, attempt: int, at_ms: int
) -> list[Result] | None:
    change = op[0]
    sent = max(at_ms, reply.sent_ms)
    if change.kind is Kind.CREATE:
        if reply.lead_id is None or len(reply.entries) != len(op) - 1:
            return _unclear(chain, attempt, at_ms, sent, "the answer does not tell what was made")
        return judge_create(change, op[1:], reply)
    if sitting.queues(change):
        return _unclear(chain, attempt, at_ms, sent, QUEUED)
    if change.kind is Kind.UPDATE:
        if reply.fields is None:
            return _unclear(chain, attempt, at_ms, sent, "the answer does not tell what the lead holds")
        return [judge_fields(change, reply.fields, "echo", sitting.country_code)]
    if change.kind is Kind.UPDATE_ACTION:
        if reply.action is None:
            return _unclear(chain, attempt, at_ms, sent, "the answer does not tell what the action holds")
        return [judge_action(change, reply.action.fields, "echo", sitting.country_code)]
    if len(reply.entries) != 1:
        return _unclear(chain, attempt, at_ms, sent, "the answer does not tell what was made")
    one = judge_append(change, reply)
    return [replace(one, lead_id=sitting.lead_id(change))]


def _unclear(chain: Chain, attempt: int, at_ms: int, sent_ms: int, why: str) -> list[Result] | None:
    """Leave the op in doubt; returns None."""
    chain.doubt = Doubt(attempt, at_ms, sent_ms, why)
    chain.maybe = True
    return None


async def _rejected(
    op: Sequence[Change], reply: Reply, sitting: Sitting, chain: Chain, attempt: int, at_ms: int
) -> list[Result] | None:
    change = op[0]
    if change.kind is not Kind.CREATE:
        return [judge_refusal(change, reply)]
    if reply.status == 409 and chain.maybe:
        return _unclear(chain, attempt, at_ms, max(at_ms, reply.sent_ms), EXISTS)
    first = await conflict(change, reply, sitting) if reply.status == 409 else judge_refusal(change, reply)
    return [first, *(Result(one, Outcome.NOT_ATTEMPTED, "", "the lead was not created") for one in op[1:])]
