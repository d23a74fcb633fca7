"""The service as the engine sees it: a Reader and a Writer over a world in memory, with scripted or seeded faults.

Reads come from the planner's fake, which knows the search grammar. A fault is a name; ``script`` decides for each
write which one strikes.
"""

import asyncio
import itertools
from dataclasses import replace

from leadops.core.errors import DeniedError, UnavailableError
from leadops.model.exchange import Delivery, Entry, Reply, Words
from leadops.model.lead import TimelineAction
from leadops.model.query import Calls
from leadops.model.schema import ActionField, ActionType, Field, FieldType, Label, Member, Schema
from tests.planner.fake import Fake

START = 1_777_700_000_000
"""2 May 2026."""

SCHEMA = Schema(
    enterprise_id="e" * 24,
    name="Simulated",
    pulled_at_ms=START,
    fields=(
        Field("phone", FieldType.PHONE, identifier=True),
        Field("name", FieldType.TEXT),
        Field("email", FieldType.EMAIL),
        Field("status", FieldType.STATUS),
        Field("rating", FieldType.RATING),
        Field("source", FieldType.DROPDOWN, options=("Website", "Walk-in")),
        Field("interests", FieldType.TAGS, options=("VIP", "Returning")),
        Field("visits", FieldType.NUMBER),
        Field("deal_size", FieldType.MONEY),
        Field("created_on", FieldType.DATE, read_only=True),
    ),
    actions=(
        ActionType(
            "1001", "Site visit", (ActionField("note", FieldType.TEXT), ActionField("email", FieldType.EMAIL))
        ),
        ActionType(
            "1002",
            "Marked",
            (ActionField("note", FieldType.TEXT), ActionField("leadops_ref", FieldType.TEXT)),
        ),
    ),
    statuses=(Label("Fresh", "OPEN"), Label("Qualified", "OPEN"), Label("Won", "WON"), Label("Lost", "LOST")),
    members=(Member("agent@company.com", "Agent"),),
)


def lead(number, actions=(), **fields):
    """Return a lead of the world."""
    made = {"phone": f"91{9_000_000_000 + number}", "name": f"Lead {number}", "status": "Won", **fields}
    return {
        "id": f"{number:024x}",
        "created_on": START - 86_400_000 - number * 1000,
        "fields": {name: value for name, value in made.items() if value is not None},
        "actions": list(actions),
    }


def leads(count, **fields):
    """Return so many leads."""
    return [lead(number, **fields) for number in range(1, count + 1)]


class Service(Fake):
    """The world behind a Reader and a Writer.

    ``script(what, attempt)`` names the fault of a write: "" none; "unsent", "throttled", "before" (lost, not applied),
    "after" (applied, the answer lost), "late" (applied ``late_s`` later), "refused", "ignored", "dropped" (200, and
    the update's last field left out), "denied", "blocked". ``read_fault()`` names that of a read: "down" or "denied".
    ``turn()`` is awaited before a write is handed over, as by a client that waits for the rate limit.
    """

    def __init__(self, world, clock, script=None, read_fault=None, pace=None):
        super().__init__(world)
        self.clock = clock
        self.script = script or (lambda what, attempt: "")
        self.read_fault = read_fault or (lambda: "")
        self.pace = pace or (lambda: 0.1)
        self.late_s = 5.0
        self.sent = []
        self.peak = 0
        self._at_once = 0
        self._ids = itertools.count(1)
        self._attempts = {}
        self.turn = lambda: asyncio.sleep(0)

    @property
    def calls(self):
        return Calls(reads=len(self.log) + self.gets + self.timelines, writes=len(self.sent))

    # ── reads ────────────────────────────────────────────────────────────────────────────────────

    async def search(self, body, skip, limit):
        await self._reading()
        return replace(await super().search(body, skip, limit), sent_ms=self.clock.now_ms())

    async def lead(self, lead_id, *, timeline=False):
        await self._reading()
        return await super().lead(lead_id, timeline=timeline)

    async def timeline(self, lead_id, *, type=None, window=None, most=None):
        await self._reading()
        return await super().timeline(lead_id, type=type, window=window, most=most)

    async def _reading(self):
        await asyncio.sleep(self.pace())
        fault = self.read_fault()
        if fault == "down":
            raise UnavailableError("the service is down")
        if fault == "denied":
            raise DeniedError("the token is refused")

    def _timeline(self, lead):
        rows = sorted(lead["actions"], key=lambda one: -one["at"])
        return tuple(TimelineAction(a["id"], a["type"], a["at"], a["by"], a.get("fields", {})) for a in rows)

    # ── writes ───────────────────────────────────────────────────────────────────────────────────

    async def create(self, fields, actions, *, still=None):
        def apply():
            if any(one["fields"].get("phone") == fields["phone"] for one in self.world):
                return Reply(Delivery.REJECTED, 409, "LEAD_ALREADY_EXISTS", "there is such a lead")
            made = {
                "id": f"{next(self._ids) + 0xC0000:024x}",
                "created_on": self.clock.now_ms(),
                "fields": {},
                "actions": [],
            }
            made["fields"] = {name: list(v) if isinstance(v, tuple) else v for name, v in fields.items()}
            words = []
            if isinstance(fields.get("rating"), int) and not 1 <= fields["rating"] <= 5:
                del made["fields"]["rating"]
                words.append(Words("fields.rating", "Rating must be between 1 and 5"))
            self.world.append(made)
            entries = tuple(self._append(made, action, at, words) for at, action in enumerate(actions))
            return Reply(Delivery.ACKED, 201, lead_id=made["id"], entries=entries, remarks=tuple(words))

        return await self._write(("create", fields["phone"]), apply, still)

    async def update(self, lead_id, fields, *, still=None):
        def apply(*, dropped=False):
            one = self.one(lead_id)
            if one is None:
                return Reply(Delivery.REJECTED, 404, "LEAD_NOT_FOUND", "no such lead")
            names = list(fields)[:-1] if dropped else list(fields)
            for name in names:
                one["fields"][name] = list(fields[name]) if isinstance(fields[name], tuple) else fields[name]
            return Reply(Delivery.ACKED, 200, fields=self._lead(one).fields)

        return await self._write(("update", lead_id), apply, still)

    async def append(self, lead_id, actions, *, still=None):
        def apply(*, ignored=False):
            one = self.one(lead_id)
            if one is None:
                return Reply(Delivery.REJECTED, 404, "LEAD_NOT_FOUND", "no such lead")
            words = []
            if ignored:
                words.append(Words("actions[0].fields.note", "Note is not welcome"))
                return Reply(Delivery.ACKED, 200, entries=(Entry(None, created=False),), remarks=tuple(words))
            entries = tuple(self._append(one, action, at, words) for at, action in enumerate(actions))
            return Reply(Delivery.ACKED, 200, entries=entries, remarks=tuple(words))

        return await self._write(("append", lead_id, actions[0].type), apply, still)

    async def update_action(self, lead_id, action, *, still=None):
        def apply():
            one = self.one(lead_id)
            for row in one["actions"]:
                if row["id"] == action.action_id:
                    row["fields"] = {**row["fields"], **action.fields}
                    now = TimelineAction(row["id"], row["type"], row["at"], row["by"], row["fields"])
                    return Reply(Delivery.ACKED, 200, action=now)
            return Reply(Delivery.REJECTED, 404, "ACTION_NOT_FOUND", "no such action")

        return await self._write(("update_action", lead_id), apply, still)

    async def upsert(self, fields, *, still=None):
        raise AssertionError("not in this world")

    def handed(self, what):
        """Take note that a write is handed to the transport."""

    async def _write(self, what, apply, still):
        await self.turn()
        if still is not None and not still():
            return Reply(Delivery.OUTDATED)
        self.handed(what)
        self.sent.append(what)
        attempt = self._attempts[what] = self._attempts.get(what, 0) + 1
        self._at_once += 1
        self.peak = max(self.peak, self._at_once)
        sent_ms = self.clock.now_ms()
        try:
            await asyncio.sleep(self.pace())
            reply = self._struck(self.script(what, attempt), apply)
            await asyncio.sleep(self.pace() / 2)
        finally:
            self._at_once -= 1
        return Reply(
            reply.delivery, reply.status, reply.code, reply.message, reply.retry_after_s, reply.lead_id, reply.fields,
            reply.entries, reply.remarks, reply.action, sent_ms, self.clock.now_ms(),
        )  # fmt: skip

    def _struck(self, fault, apply):
        match fault:
            case "":
                return apply()
            case "unsent":
                return Reply(Delivery.NOT_SENT, None, message="connection refused")
            case "throttled":
                return Reply(Delivery.THROTTLED, 429, message="slow down")
            case "before":
                return Reply(Delivery.UNKNOWN, None, message="reset")
            case "after":
                apply()
                return Reply(Delivery.UNKNOWN, 500, message="HTTP 500")
            case "late":
                asyncio.get_running_loop().call_later(self.late_s, apply)
                return Reply(Delivery.UNKNOWN, None, message="timeout")
            case "refused":
                return Reply(Delivery.REJECTED, 400, "BAD_REQUEST", "Not so")
            case "ignored":
                return apply(ignored=True)
            case "dropped":
                return apply(dropped=True)
            case "denied":
                return Reply(Delivery.DENIED, 401, "NOT_AUTHORIZED", "the token is refused")
            case "blocked":
                return Reply(Delivery.BLOCKED, 403, message="an HTML page answered")
        raise AssertionError(fault)

    def _append(self, one, action, at, words):
        if action.fields.get("email") == "not-an-email":
            words.append(Words(f"actions[{at}].fields.email", "Email is invalid"))
            return Entry(None, created=False)
        row = {
            "id": f"{next(self._ids) + 0xA0000:024x}", "type": action.type, "at": self.clock.now_ms(), "by": "api@company.com",
            "fields": dict(action.fields),
        }  # fmt: skip
        one["actions"].append(row)
        return Entry(row["id"], created=True)

    def one(self, lead_id):
        """Return the lead of this id; None when there is none."""
        return next((one for one in self.world if one["id"] == lead_id), None)

    def count(self, lead_id, type="1001"):
        """Return how many actions of the type the lead has."""
        return sum(action["type"] == type for action in self.one(lead_id)["actions"])
