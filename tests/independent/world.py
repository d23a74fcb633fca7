"""The independent server's workspace, built in code relative to a clock: leads with histories, members, labels.

``build`` returns the same world for the same clock, size and seed. Traps stand in it on purpose: calls on either
edge of a month, a month's call by another member beside the agent's call in another month, incoming calls.
"""

import random
from dataclasses import dataclass, field
from datetime import datetime

from tests.independent.definitions import (
    AGENT,
    CALLERS,
    CUSTOM_ACTIONS,
    FIELDS,
    FORMER,
    REASONS,
    STAGES,
    members,
)
from tests.independent.values import ZONE, phone_digits

_FIRST = (
    "Asha",
    "Ravi",
    "Meera",
    "Imran",
    "Kavya",
    "Sunil",
    "Neha",
    "Vikram",
    "Lakshmi",
    "Joseph",
    "Zoya",
    "Manish",
)
_LAST = ("Rao", "Sharma", "Iyer", "Khan", "Patel", "Das", "Reddy", "Gill", "Bose", "Thomas")
_CITIES = ("Pune", "Kochi", "Indore", "Delhi")
DAY = 86_400_000


@dataclass(slots=True)
class Entry:
    """One action on a timeline: ``fields`` of a custom one, ``extra`` keys of the others."""

    id: str
    type: str
    at: int
    by: str
    fields: dict | None = None
    extra: dict = field(default_factory=dict)
    modified: int = 0


@dataclass(slots=True)
class Lead:
    """A lead: ``fields`` by API name (status and assignee among them), its timeline in order of time."""

    id: str
    fields: dict
    created: int
    modified: int
    timeline: list[Entry] = field(default_factory=list)
    deleted: bool = False

    def of_type(self, *types):
        """Return the timeline's entries of these types."""
        return [entry for entry in self.timeline if entry.type in types]


class World:
    """Everything the server knows."""

    def __init__(self, now_ms, seed=7):
        self.random = random.Random(seed)
        self.leads = {}
        self.members = members()
        self.types = {one.name: one.type for one in FIELDS}
        self.options = {one.name: list(one.options) for one in FIELDS}
        self.locked = {one.name for one in FIELDS if one.locked}
        self.action_options = {
            (code, key): list(spec["options"])
            for code, (_, schema) in CUSTOM_ACTIONS.items()
            for key, spec in schema.items()
            if "options" in spec
        }
        self.statuses = [label for _, active, _ in STAGES for label in active]
        self.reasons = list(REASONS)
        self.built_ms = now_ms
        self._last_ms = 0

    def new_id(self):
        """Return 24 hex characters never used before."""
        return f"{self.random.getrandbits(96):024x}"

    def tick(self, now_ms):
        """Return ``now_ms``, later than every time given before, so that an order is an order."""
        self._last_ms = max(now_ms, self._last_ms + 1)
        return self._last_ms

    def member(self, email, *, deleted=False):
        """Return the member with this e-mail, in any case; None when there is none."""
        wanted = email.strip().casefold() if isinstance(email, str) else None
        found = next((one for one in self.members if one.email.casefold() == wanted), None)
        return None if found and found.status == "Deleted" and not deleted else found

    def alive(self):
        """Return the leads, newest first."""
        there = [lead for lead in self.leads.values() if not lead.deleted]
        return sorted(there, key=lambda lead: (lead.created, lead.id), reverse=True)

    def by_phone(self, value):
        """Return the lead with this identifier, in any accepted spelling; None when there is none."""
        digits = phone_digits(value)
        return next(
            (one for one in self.leads.values() if not one.deleted and one.fields["phone"] == digits), None
        )

    def add(self, created, **fields):
        """Add a lead and return it."""
        lead = Lead(self.new_id(), fields, created, created)
        self.leads[lead.id] = lead
        return lead

    def log(self, lead, type_, at, by, fields=None, **extra):
        """Put an entry on a timeline and return it."""
        entry = Entry(self.new_id(), type_, at, by, fields, extra, at)
        lead.timeline.append(entry)
        lead.timeline.sort(key=lambda one: one.at)
        return entry


def april(now_ms):
    """Return the latest April that has begun, as (first ms, ms after its last), never after now."""
    now = datetime.fromtimestamp(now_ms / 1000, ZONE)
    year = now.year if now.month >= 4 else now.year - 1
    start = int(datetime(year, 4, 1, tzinfo=ZONE).timestamp() * 1000)
    return start, int(datetime(year, 5, 1, tzinfo=ZONE).timestamp() * 1000)


def month(year, number):
    """Return a local month as (first ms, ms after its last)."""
    after = (year + 1, 1) if number == 12 else (year, number + 1)
    return (
        int(datetime(year, number, 1, tzinfo=ZONE).timestamp() * 1000),
        int(datetime(*after, 1, tzinfo=ZONE).timestamp() * 1000),
    )


def build(now_ms, leads=240, seed=7):
    """Return a workspace of ``leads`` leads with their histories."""
    world = World(now_ms, seed)
    start, end = april(now_ms)
    oldest = min(start, month(2026, 4)[0]) - 400 * DAY
    for n in range(leads):
        _one(world, n, oldest + n * 3_600_000 * 7, (start, min(end, now_ms)))
    return world


def _one(world, n, created, window):
    chance = world.random
    fields = {
        "name": f"{chance.choice(_FIRST)} {chance.choice(_LAST)}",
        "phone": f"9198{n:04d}{chance.randrange(10_000):04d}",
        "status": ("Fresh", "Contacted", "Won", "Qualified", "Lost")[n % 5],
        "contact_source": chance.choice(("Website", "Walk-in", "Referral")),
        "city": chance.choice(_CITIES),
        "budget": chance.randrange(10, 400) * 1000,
    }
    if n % 3:
        fields["rating"] = chance.randint(1, 4)
    if n % 4:
        fields["email"] = f"lead{n}@mail.example.com"
        fields["assignee"] = chance.choice((*CALLERS, FORMER))
    if n % 6 == 0:
        fields["interests"] = chance.sample(["VIP", "Returning", "3BHK"], 2)
    if n % 7 == 0:
        fields["deal_size"] = str(chance.randrange(1, 90) * 500)
    if fields["status"] == "Lost":
        fields["lost_reason"] = chance.choice(REASONS)
    lead = world.add(created, **fields)
    _noise(world, lead, n)
    for span in {window, month(2026, 4)}:
        _calls(world, lead, n, span)
    if n % 11 == 0:
        world.log(
            lead, "PAYMENT", created + 3 * DAY, "", None, status="PENDING", currency="INR", amount="2500"
        )


def _noise(world, lead, n):
    chance = world.random
    world.log(lead, "SYSTEM_NOTE", lead.created + 1, "", text="Captured from the web form", isTruncated=False)
    if n % 4 == 0:
        at = lead.created + chance.randrange(DAY, 20 * DAY)
        world.log(lead, "MISSED_CALL", at, chance.choice(CALLERS), duration=-1)
    if n % 9 == 0:
        world.log(lead, "1002", lead.created + 5 * DAY, AGENT, {"note": "Asked for the price", "offer": 1200})


def _calls(world, lead, n, span):
    """Put calls into and around ``span``: by turn inside by the agent, on the edges, by others, of other kinds."""
    start, end = span
    middle = start + (end - start) // 2 + n * 1000
    other = CALLERS[1 + n % 3]
    match (n // 5) % 8:
        case 0:
            world.log(lead, "OUTGOING_CALL", middle, AGENT, duration=60 + n)
        case 1:
            world.log(lead, "OUTGOING_CALL", start, AGENT, duration=-1)
        case 2:
            world.log(lead, "OUTGOING_CALL", end - 1, AGENT, duration=15)
            world.log(lead, "INCOMING_CALL", middle, AGENT, duration=33)
        case 3:
            world.log(lead, "OUTGOING_CALL", start - 1, AGENT, duration=20)
            world.log(lead, "OUTGOING_CALL", middle, other, duration=20)
        case 4:
            world.log(lead, "INCOMING_CALL", middle, AGENT, duration=20)
        case 5:
            world.log(lead, "OUTGOING_CALL", middle, other, duration=20)
        case 6:
            world.log(lead, "USER_NOTE", start + n, AGENT, text="No answer", isTruncated=False)
        case _:
            world.log(lead, "OUTGOING_CALL", start - 40 * DAY, AGENT, duration=44)
