"""What became of a request whose answer was lost: found by reading, after the service has had time to settle.

A verdict is a list of results; None with ``chain.doubt`` cleared: it is known absent and may be sent again; None with
the doubt kept: the run stops first, and the next sitting asks again.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from leadops.core.errors import DeniedError, LeadGoneError, LeadopsError
from leadops.engine.action_match import Likeness, likeness
from leadops.engine.apply.context.lead_queue import EXISTS, Chain, Doubt
from leadops.engine.apply.context.run_context import Sitting
from leadops.engine.apply.settle.adoption import holds_ours
from leadops.engine.apply.settle.identity import MISLED
from leadops.engine.apply.settle.outcome import judge_action, judge_fields
from leadops.engine.memory_stores import ShortIds
from leadops.engine.op_keys import MARKER_FIELD, carries_marker, marker, payload
from leadops.engine.select.lead_ids import Resolver
from leadops.model.change import Change, Kind
from leadops.model.lead import Lead, TimelineAction
from leadops.model.run import Outcome, Result
from leadops.model.values import reached, same
from leadops.planner.lookup import canonical, lookup_identifiers

T = TypeVar("T")

SLACK_MS = 3_000
"""How far the server's stamps may lie off our server-corrected clock."""
WINDOW_MS = 90_000
"""How late a request may still be stamped, where the settle time is shorter."""
READS = 3
"""How often a read that would decide is tried."""
QUEUE_S = 10.0
"""How long what was queued is looked for at least, where the settle time is shorter."""
ATTEMPTS = 6
"""How often an op is sent whose request is proved to have got lost."""


async def reconcile(op: Sequence[Change], chain: Chain, sitting: Sitting) -> list[Result] | None:
    """Return what became of ``op``, whose fate ``chain.doubt`` calls unknown."""
    doubt = chain.doubt
    assert doubt is not None
    verdict = _Verdict(op, chain, doubt, sitting)
    match op[0].kind:
        case Kind.UPDATE if sitting.queues(op[0]):
            results = await verdict.queued()
        case Kind.UPDATE:
            results = await verdict.update()
        case Kind.UPDATE_ACTION:
            results = await verdict.action_update()
        case Kind.CREATE:
            results = await verdict.create()
        case _:
            results = await verdict.append(op[0], sitting.lead_id(op[0]))
    if results is not None:
        chain.doubt = None
    return results


class _UnreadableError(Exception):
    """The read that would decide cannot be made."""


class _StoppedError(Exception):
    """The run stops before the doubt is settled."""


class _Verdict:
    def __init__(self, op: Sequence[Change], chain: Chain, doubt: Doubt, sitting: Sitting) -> None:
        self.op = op
        self.change = op[0]
        self.chain = chain
        self.doubt = doubt
        self.sitting = sitting

    # ── set ──────────────────────────────────────────────────────────────────────────────────────

    async def update(self) -> list[Result] | None:
        """Read the lead: as asked, done; as before, send again after the settle time; else a human moved it."""
        change = self.change
        lead_id = self.sitting.lead_id(change)
        assert lead_id is not None
        try:
            for last in (False, True):
                if last:
                    await self._settle(1.0)
                lead = await self._read(lambda: self.sitting.reader.lead(lead_id))
                if lead is None:
                    return [Result(change, Outcome.REJECTED, "read", "the lead is gone", lead_id=lead_id)]
                if self._holds(lead):
                    return [judge_fields(change, lead.fields, "read", self.sitting.country_code)]
                if last:
                    return await self._unchanged(lead)
        except _StoppedError:
            return None
        except _UnreadableError as error:
            return [self._doubtful(change, f"{self.doubt.why}; the lead cannot be read: {error}")]
        return None

    async def queued(self) -> list[Result] | None:
        """Read the lead back by its identifier until it holds what was queued, or the time for it is over.

        A queue has no end: what did not come by then is in doubt.
        """
        change, sitting = self.change, self.sitting
        poll = max(1.0, min(5.0, sitting.options.settle_s / 6))
        lead: Lead | None = None
        try:
            while True:
                wait_s = max(QUEUE_S, sitting.options.settle_s)
                over = sitting.now_ms() >= self.doubt.sent_ms + wait_s * 1000
                rows = await self._read(lambda: sitting.readback.rows(change.lead.identifier))
                ghosts = [row for row in rows if (row.created_ms or 0) >= self.doubt.intent_ms - SLACK_MS]
                if ghosts:
                    reason = "no such lead was there: the async API made a new one"
                    return [Result(change, Outcome.GHOST, "read", reason, lead_id=ghosts[0].id)]
                lead = next(
                    (row for row in rows if row.id in {change.lead.id, None}), rows[0] if rows else None
                )
                if lead is not None and (self._holds(lead) or (over and self._taken(lead))):
                    return [judge_fields(change, lead.fields, "read", sitting.country_code)]
                if over:
                    seen = "not seen yet" if lead is not None else "and no lead has this identifier any more"
                    return [self._doubtful(change, f"queued, {seen}")]
                await self._pause(poll)
        except _StoppedError:
            return None
        except _UnreadableError as error:
            return [self._doubtful(change, f"{self.doubt.why}; the lead cannot be read: {error}")]

    def _holds(self, lead: Lead) -> bool:
        code = self.sitting.country_code
        return all(
            reached(lead.fields.get(name), one.before, one.after, one.type, code)
            for name, one in self.change.fields.items()
        )

    def _taken(self, lead: Lead) -> bool:
        """Whether the lead holds a part of what was asked, which it did not hold before: the request did arrive."""
        code = self.sitting.country_code
        return any(
            reached(lead.fields.get(name), one.before, one.after, one.type, code)
            for name, one in self.change.fields.items()
        )

    async def _unchanged(self, lead: Lead) -> list[Result] | None:
        code = self.sitting.country_code
        fields = self.change.fields
        moved = [n for n, one in fields.items() if not same(lead.fields.get(n), one.before, one.type, code)]
        if not moved:
            return await self._absent("the lead holds what it held before")
        taken = [n for n in moved if same(lead.fields.get(n), fields[n].after, fields[n].type, code)]
        if taken and len(taken) == len(
            moved
        ):  # the request did arrive, and the service left a part of it out
            return [judge_fields(self.change, lead.fields, "read", code)]
        reason = (
            f"its answer was lost ({self.doubt.why}), and now others hold another value: {', '.join(moved)}"
        )
        return [Result(self.change, Outcome.STALE, "read", reason, lead_id=lead.id or self.change.lead.id)]

    async def action_update(self) -> list[Result] | None:
        """Read the timeline: the action as asked, done; else send again."""
        change, action = self.change, self.change.action
        lead_id = self.sitting.lead_id(change)
        assert action is not None
        assert lead_id is not None
        try:
            for last in (False, True):
                if last:
                    await self._settle(1.0)
                rows = await self._read(lambda: self.sitting.reader.timeline(lead_id, type=action.type))
                found = next((row for row in rows if row.id == action.action_id), None)
                if found is None:
                    reason = "the action is no longer on the timeline"
                    return [Result(change, Outcome.REJECTED, "timeline", reason, lead_id=lead_id)]
                result = judge_action(change, found.fields, "timeline", self.sitting.country_code)
                if result.clean:
                    return [result]
        except _StoppedError:
            return None
        except (LeadGoneError, _UnreadableError) as error:
            return [self._doubtful(change, f"{self.doubt.why}; the timeline cannot be read: {error}")]
        return await self._absent("the action holds what it held before")

    # ── append ───────────────────────────────────────────────────────────────────────────────────

    async def append(self, change: Change, lead_id: str | None) -> list[Result] | None:
        """Look for the action on the timeline after the settle time, twice before it counts as absent."""
        assert lead_id is not None
        try:
            await self._settle(1.0)
            for last in (False, True):
                if last:
                    await self._pause(self.sitting.options.settle_s / 3)
                rows = await self._read(lambda: self._window(change, lead_id))
                result = self._find(change, lead_id, rows)
                if result is not None:
                    return [result]
        except _StoppedError:
            return None
        except LeadGoneError:
            return [self._doubtful(change, f"{self.doubt.why}; the lead is gone")]
        except _UnreadableError as error:
            return [self._doubtful(change, f"{self.doubt.why}; the timeline cannot be read: {error}")]
        return await self._absent("the action is not on the timeline", change)

    async def _window(self, change: Change, lead_id: str) -> Sequence[TimelineAction]:
        assert change.action is not None
        return await self.sitting.reader.timeline(lead_id, type=change.action.type, window=self._span())

    def _span(self) -> tuple[int, int]:
        """Return between which instants what was sent is stamped, if it arrived."""
        settle = max(WINDOW_MS, round(self.sitting.options.settle_s * 1000))
        end = min(self.sitting.now_ms(), max(self.doubt.sent_ms, self.doubt.intent_ms) + settle) + SLACK_MS
        return self.doubt.intent_ms - SLACK_MS, end

    def _find(self, change: Change, lead_id: str, rows: Sequence[TimelineAction]) -> Result | None:
        """Return the result that the rows prove; None when nothing like the action is among them."""
        asked = change.action
        assert asked is not None
        sitting = self.sitting
        mine = marker(change.key, 1).partition(".")[0]
        marked = [row for row in rows if str(row.fields.get(MARKER_FIELD) or "").partition(".")[0] == mine]
        if marked:
            return self._confirmed(change, lead_id, marked, "timeline")
        owned = sitting.journal.owned_actions(lead_id, asked.type)
        free = [row for row in rows if row.id is None or row.id not in owned]
        free = [row for row in free if not row.fields.get(MARKER_FIELD)]
        code = sitting.country_code
        equal = [row for row in free if likeness(row, asked, code) is Likeness.EQUAL]
        twins = sitting.journal.open_twins(lead_id, asked.type, payload(asked)) - {(sitting.run, change.key)}
        if equal and self._carries_marker(change):
            return self._doubtful(
                change, "an equal action without our marker is on the timeline: whose it is is not known"
            )
        if len(equal) > len(twins):
            return self._confirmed(change, lead_id, equal, "timeline")
        if equal:
            reason = f"{len(equal)} such actions are on the timeline, and {len(twins) + 1} may have been made"
            return self._doubtful(change, reason)
        part = [row for row in free if likeness(row, asked, code) is Likeness.PART]
        if part:
            return self._doubtful(change, "an action like it is on the timeline, without some of its fields")
        return None

    def _carries_marker(self, change: Change) -> bool:
        assert change.action is not None
        wanted = self.sitting.options.marker and not change.each_run
        return wanted and carries_marker(self.sitting.plan.schema, change.action.type)

    def _confirmed(
        self, change: Change, lead_id: str, rows: Sequence[TimelineAction], evidence: str
    ) -> Result:
        first = min(rows, key=lambda row: row.at_ms or 0)
        reason = (
            "" if len(rows) == 1 else f"{len(rows)} equal actions are on the timeline: look for a duplicate"
        )
        return Result(change, Outcome.CHANGED, evidence, reason, action_id=first.id, lead_id=lead_id)

    # ── create ───────────────────────────────────────────────────────────────────────────────────

    async def create(self) -> list[Result] | None:
        """Search the identifier: a lead made inside the window that holds what we sent is ours, and its actions as its timeline proves."""
        change = self.change
        try:
            await self._settle(1.0)
            for last in (False, True):
                if last:
                    await self._pause(self.sitting.options.settle_s / 3)
                leads = await self._read(self._lookup)
                if leads:
                    return await self._made(leads)
        except _StoppedError:
            return None
        except _UnreadableError as error:
            reason = f"{self.doubt.why}; the lead cannot be searched: {error}"
            return [self._doubtful(one, reason) for one in self.op]
        if self.doubt.why == EXISTS:  # to send it once more would be answered in the same way
            reason = "the service says that a lead with this identifier exists, and no search finds it: look for it in TeleCRM"
            return [self._doubtful(one, reason) for one in self.op]
        return await self._absent("no lead has this identifier", change)

    async def _lookup(self) -> tuple[Lead, ...]:
        plan = self.sitting.plan
        by = plan.schema.identifier
        found = await lookup_identifiers(
            [self.change.lead.identifier], plan.schema, self.sitting.reader, country_code=plan.country_code
        )
        rows = found.get(canonical(self.change.lead.identifier, by, plan.country_code), ())
        index = self.sitting.options.ids or ShortIds()
        return Resolver(index, plan.schema, plan.country_code).resolve(rows)

    async def _made(self, leads: Sequence[Lead]) -> list[Result] | None:
        """Return results where leads of the identifier exist: the create's, and its appends' as the timeline proves."""
        change = self.change
        start, end = self._span()
        inside = [lead for lead in leads if lead.created_ms is not None and start <= lead.created_ms <= end]
        if not inside:
            before = any(lead.created_ms is None or lead.created_ms < start for lead in leads)
            reason = f"a lead with this identifier was {'there before' if before else 'made later by somebody else'}"
            return [
                Result(change, Outcome.STALE, "read", reason, lead_id=leads[0].id),
                *(
                    Result(one, Outcome.NOT_ATTEMPTED, "", "the lead was not created by this run")
                    for one in self.op[1:]
                ),
            ]
        ours = [lead for lead in inside if await self._is_ours(lead)]
        if len(ours) != 1:
            reason = f"{self.doubt.why}; a lead with this identifier was made meanwhile, and nothing in it shows that it is ours"
            return [self._doubtful(one, reason) for one in self.op]
        return await self._adopted(ours[0])

    async def _is_ours(self, lead: Lead) -> bool:
        plan = self.sitting.plan
        if lead.unreadable:
            return False
        if holds_ours(self.change, lead, plan.schema, plan.country_code):
            return True
        if lead.id is None or not self.op[1:]:
            return False
        rows = await self._read(lambda: self.sitting.reader.timeline(str(lead.id)))
        proofs = [self._find(one, str(lead.id), rows) for one in self.op[1:]]
        return any(proof is not None and proof.clean for proof in proofs)

    async def _adopted(self, lead: Lead) -> list[Result] | None:
        change = self.change
        judged = judge_fields(change, lead.fields, "read", self.sitting.country_code)
        kept = (
            dict.fromkeys(change.fields, Outcome.IGNORED_BY_CRM)
            if judged.outcome is Outcome.IGNORED_BY_CRM
            else judged.fields
        )
        result = replace(judged, outcome=Outcome.CREATED, lead_id=lead.id, fields=kept)
        if not self.op[1:]:
            return [result]
        if lead.id is None:
            reason = "the service does not tell the id of the new lead: its timeline cannot be read"
            return [result, *(self._doubtful(one, reason) for one in self.op[1:])]
        rows = await self._read(lambda: self.sitting.reader.timeline(str(lead.id)))
        found = [(one, self._find(one, str(lead.id), rows)) for one in self.op[1:]]
        if any(proof is None for _, proof in found):
            await self._pause(self.sitting.options.settle_s / 3)
            rows = await self._read(lambda: self.sitting.reader.timeline(str(lead.id)))
            found = [(one, self._find(one, str(lead.id), rows)) for one in self.op[1:]]
        absent = [one for one, proof in found if proof is None]
        if absent and not await self.sitting.unsent(absent, "it did not come along with the lead"):
            return None
        return [result, *(proof for _, proof in found if proof is not None)]

    # ── common ───────────────────────────────────────────────────────────────────────────────────

    async def _absent(self, why: str, change: Change | None = None) -> list[Result] | None:
        """Write down that nothing was written, and clear the doubt; after too many attempts that is the outcome."""
        one = change or self.change
        if self.chain.lead in self.sitting.misled:
            reason = f"{why}, and the service's answer was about another lead: it is not sent again"
            return [
                Result(each, Outcome.IN_DOUBT, MISLED, reason, lead_id=self.sitting.lead_id(each))
                for each in self.op
            ]
        self.chain.lost[one.key] = lost = self.chain.lost.get(one.key, 0) + 1
        if lost >= ATTEMPTS:
            reason = f"its request was lost {lost} times ({self.doubt.why}); {why}"
            return [Result(each, Outcome.REJECTED, "read", reason, lead_id=one.lead.id) for each in self.op]
        if not await self.sitting.unsent(self.op, why):
            return None
        self.chain.doubt = None
        if not self.sitting.quota.retry():
            self.sitting.halt(75, "too many requests failed: the run's budget of retries is used up")
        return None

    def _doubtful(self, change: Change, reason: str) -> Result:
        return Result(change, Outcome.IN_DOUBT, "", reason, lead_id=self.sitting.lead_id(change))

    async def _settle(self, part: float) -> None:
        """Wait until the service has had time to apply the request and to show it."""
        settle = self.sitting.options.settle_s * part * 1000
        await self._pause((self.doubt.sent_ms + settle - self.sitting.now_ms()) / 1000)

    async def _pause(self, seconds: float) -> None:
        if await self.sitting.options.stop.wait(seconds) or self.sitting.stopping:
            _ = self.sitting.stopping
            raise _StoppedError

    async def _read(self, read: Callable[[], Awaitable[T]]) -> T:
        """Make a read that decides; tried again after a pause.

        Raises:
            LeadGoneError: there is no such lead.
            _UnreadableError: it failed each time.
            _StoppedError: the token is refused, or the run stops.
        """
        last = ""
        for attempt in range(READS):
            if attempt:
                await self._pause(max(1.0, self.sitting.options.settle_s / 3))
            if not await self.sitting.gate.passed():
                _ = self.sitting.stopping
                raise _StoppedError
            try:
                async with self.sitting.slots:
                    return await read()
            except LeadGoneError:
                raise
            except DeniedError as error:
                self.sitting.halt_by(error)
                raise _StoppedError from error
            except LeadopsError as error:
                last = error.message
        raise _UnreadableError(last)
