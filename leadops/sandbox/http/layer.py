"""The outermost layer of the app: it records each request, lets time pass, and performs the faults."""

import json
from dataclasses import dataclass, field
from email.utils import formatdate

from starlette.types import ASGIApp, Receive, Scope, Send

from leadops.sandbox.faults.effects import (
    ClockSkew,
    Cut,
    Delay,
    Drip,
    Effect,
    Error,
    Happening,
    Late,
    Replace,
    Replay,
    Reset,
    RevokeToken,
    ShuffleTies,
)
from leadops.sandbox.http.scheduler import tick
from leadops.sandbox.http.tamper import distort, misread
from leadops.sandbox.http.wire import Answer, Exchange, break_off, read_body, run, send_body, send_head
from leadops.sandbox.world.apply_event import happen
from leadops.sandbox.world.records import dumps
from leadops.sandbox.world.world import RecordedCall, World


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What goes back: an answer, or None when the connection breaks."""

    answer: Answer | None
    clean: bool = False


@dataclass(slots=True)
class FaultLayer:
    """Stands between the wire and the endpoints."""

    app: ASGIApp
    world: World
    _late: list[tuple[int, Exchange]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["path"].startswith("/_sandbox/"):
            await self.app(scope, receive, send)
            return
        exchange = Exchange(scope, await read_body(receive))
        self.world.calls.append(RecordedCall(exchange.method, exchange.path, _shown(exchange.body)))
        await self._let_time_pass()
        effects = self.world.faults.strike(exchange.method, exchange.path, exchange.body)
        outcome = await self._perform(exchange, effects)
        if outcome.answer is None:
            await break_off(scope, receive, clean=outcome.clean)
            return
        self._date(outcome.answer, effects)
        await self._send(outcome.answer, effects, scope, receive, send)

    async def _let_time_pass(self) -> None:
        now = self.world.clock.now_ms()
        due = [exchange for at, exchange in self._late if at <= now]
        self._late = [(at, exchange) for at, exchange in self._late if at > now]
        for exchange in due:
            await run(self.app, exchange)
        tick(self.world)

    async def _perform(self, asked: Exchange, effects: list[Effect]) -> _Outcome:
        exchange = asked
        for effect in effects:
            match effect:
                case Delay(seconds=seconds, applied=False):
                    await self.world.clock.sleep(seconds)
                    await self._let_time_pass()
                case RevokeToken(which=kind):
                    token = self.world.sync_token if kind == "sync" else self.world.async_token
                    self.world.revoked.add(token)
                case Happening(moment="before", event=event):
                    happen(self.world, event, lead_id=_lead_of(exchange, None))
                case Reset(applied=False, clean=clean):
                    return _Outcome(None, clean)
                case Late(seconds=seconds):
                    self._late.append((self.world.clock.now_ms() + round(seconds * 1000), exchange))
                    return _Outcome(None)
                case Error(applied=False):
                    return _Outcome(_refusal(effect))
                case Replace(applied=False):
                    return _Outcome(_other(effect))
                case _:
                    exchange = misread(effect, exchange)
        answer = await self._apply(exchange, effects)
        return await self._spoil(asked, answer, effects)

    async def _apply(self, exchange: Exchange, effects: list[Effect]) -> Answer:
        self.world.tie_seed = next((one.seed for one in effects if isinstance(one, ShuffleTies)), 0)
        times = max((one.times for one in effects if isinstance(one, Replay)), default=1)
        answer = await run(self.app, exchange)
        for _ in range(times - 1):
            await run(self.app, exchange)
        self.world.tie_seed = 0
        return answer

    async def _spoil(self, exchange: Exchange, answer: Answer, effects: list[Effect]) -> _Outcome:
        for effect in effects:
            match effect:
                case Happening(moment="after", event=event, after_s=after_s):
                    lead_id = _lead_of(exchange, answer)
                    if after_s:
                        due = self.world.clock.now_ms() + round(after_s * 1000)
                        doc = {"event": event.model_dump(), "lead": lead_id}
                        self.world.store.postpone(due, "event", doc)
                    else:
                        happen(self.world, event, lead_id=lead_id)
                case Delay(seconds=seconds, applied=True):
                    await self.world.clock.sleep(seconds)
                case Reset(applied=True, clean=clean):
                    return _Outcome(None, clean)
                case Error(applied=True):
                    return _Outcome(_refusal(effect))
                case Replace(applied=True):
                    return _Outcome(_other(effect))
                case _:
                    distort(effect, exchange, answer)
        return _Outcome(answer)

    def _date(self, answer: Answer, effects: list[Effect]) -> None:
        skew = sum(one.seconds for one in effects if isinstance(one, ClockSkew))
        answer.headers["date"] = formatdate(self.world.clock.now_ms() / 1000 + skew, usegmt=True)

    async def _send(
        self, answer: Answer, effects: list[Effect], scope: Scope, receive: Receive, send: Send
    ) -> None:
        await send_head(send, answer, len(answer.body))
        if any(isinstance(one, Cut) for one in effects):
            await send_body(send, answer.body[: len(answer.body) // 2], more=True)
            await break_off(scope, receive, clean=True)
            return
        body = answer.body
        for drip in (one for one in effects if isinstance(one, Drip)):
            while len(body) > drip.size:
                await send_body(send, body[: drip.size], more=True)
                body = body[drip.size :]
                await self.world.clock.sleep(drip.seconds)
        await send_body(send, body)


def _refusal(effect: Error) -> Answer:
    body = dumps({"error": {"code": effect.code, "message": effect.message}}).encode()
    headers = {name.lower(): value for name, value in effect.headers.items()}
    return Answer(effect.status, body, {"content-type": "application/json"} | headers)


def _other(effect: Replace) -> Answer:
    headers = {name.lower(): value for name, value in effect.headers.items()}
    return Answer(effect.status, effect.body.encode(), {"content-type": effect.content_type} | headers)


def _lead_of(exchange: Exchange, answer: Answer | None) -> str:
    """Return the id of the lead that a request is about: from its path, or from the answer to a create."""
    parts = exchange.path.split("/lead/")
    if len(parts) == 2 and (lead_id := parts[1].split("/")[0]) != "search":
        return lead_id
    made = _shown(answer.body) if answer is not None and answer.is_json else None
    return str(made.get("lead_id", "")) if isinstance(made, dict) else ""


def _shown(body: bytes) -> object:
    try:
        return json.loads(body) if body else None
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")
