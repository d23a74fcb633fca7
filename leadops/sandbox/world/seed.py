"""A believable workspace: the same people for the same seed and size on every day; only their dates move with the clock.

All dates are ages before the start of the local day, so ids, names, phones, statuses and the order of the leads are
functions of the seed. Whatever the date, each calendar month from thirteen months back to the present one holds
between ten and thirty Won leads that agent@company.com called in it. ``live_on`` keeps that true in a file that is used
for longer.
"""

import hashlib
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from leadops.sandbox.world.names import COMPANIES, FIRST, HOSTILE_NAMES, LAST
from leadops.sandbox.world.records import Lead, NewAction, NewLead
from leadops.sandbox.world.store import Store
from leadops.sandbox.world.timelines import DAY_MS, call, history
from leadops.sandbox.world.workspace import AGENT, CITIES, INTERESTS, LOST_REASONS, SOURCES

_MONTHS = 13
_SPREAD_MS = 396 * DAY_MS
"""The age of the oldest of the leads that came one by one."""
_OLD_MS = 440 * DAY_MS
"""An age that lies before the first of those months, whatever the date."""
_STATUSES = ("Fresh", "Contacted", "Qualified", "Won", "Lost", "Callback")
_WEIGHTS = (30, 26, 16, 14, 12, 2)
_AGENTS = ("kavya@company.com", "manish@company.com", "neha@company.com", "suresh@company.com", AGENT)
_FORMER = "tanvi@company.com"
_RESERVED_PHONE = "919999999999"
"""The phone of the documents' own example: it never exists beforehand."""
_CHUNK = 5000
_CALLED_AT_MOST = 200
"""Among how many Won leads, oldest first, the agent chooses."""
_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Seed:
    """What a workspace was made of: the seed, how many leads, and whether some have hostile texts."""

    seed: int
    leads: int
    hostile: bool = True

    def to_text(self) -> str:
        """Return the JSON that the store remembers."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> "Seed":
        """Return what ``to_text`` wrote."""
        return cls(**json.loads(text)) if text else cls(0, 0)


def plant(store: Store, seed: Seed, now: int) -> None:
    """Fill an empty workspace with leads and their histories up to the start of the local day of ``now``."""
    zone = ZoneInfo(store.definition.timezone)
    today = datetime.fromtimestamp(now / 1000, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    end = _ms(today)
    rng = random.Random(f"{seed.seed} {seed.leads}")  # noqa: S311 (no secret: the same seed gives the same leads)
    people = list(_people(rng, seed.leads))
    ages = sorted((_age(rng, index) for index in range(len(people))), reverse=True)
    won_early = min(len(people), max(32, len(people) // 40))
    planted = _Planted(store, seed)
    won: list[tuple[int, int]] = []
    for start in range(0, len(people), _CHUNK):
        numbers = range(start, min(start + _CHUNK, len(people)))
        new = [
            _lead(rng, people[number], end - ages[number], end, number, early=number < won_early, seed=seed)
            for number in numbers
        ]
        leads = planted.add_leads(new)
        planted.add_actions(entry for lead in leads for entry in history(rng, lead, end, _AGENTS, AGENT))
        won += [(lead.seq, end - lead.created) for lead in leads if lead.fields["status"] == "Won"]
    for back in range(_MONTHS, -1, -1):
        month = _months_back(today, back)
        old_enough = [lead for lead, age in won if age >= 31 * (back + 1) * DAY_MS]
        stop = max(_ms(month), min(end, _ms(_months_back(month, -1))) - 1)
        calls = random.Random(f"{seed.to_text()} {back} months back")  # noqa: S311 (no secret, as above)
        planted.add_actions(_calls(calls, old_enough[:_CALLED_AT_MOST], _ms(month), stop))
    store.remember("lived until", str(_ms(_months_back(today, -1))))
    store.connection.execute("ANALYZE")


class _Planted:
    """The store while it is planted: leads and actions get ids that depend on the seed only."""

    def __init__(self, store: Store, seed: Seed) -> None:
        self.store, self.seed = store, seed.to_text()
        self.leads = self.actions = 0

    def add_leads(self, new: Iterable[NewLead]) -> list[Lead]:
        named = [replace(lead, id=self._id("lead", self.leads + n)) for n, lead in enumerate(new, 1)]
        self.leads += len(named)
        return self.store.add_leads(named)

    def add_actions(self, new: Iterable[NewAction]) -> None:
        named = [replace(entry, id=self._id("action", self.actions + n)) for n, entry in enumerate(new, 1)]
        self.actions += len(named)
        self.store.add_actions(named)

    def _id(self, kind: str, number: int) -> str:
        mark = hashlib.sha256(f"{self.seed} {kind} {number}".encode()).hexdigest()
        return self.store.make_id(kind, number, int(mark[:8], 16))


def live_on(store: Store, now: int) -> None:
    """Let agent@company.com call Won leads in each month that began since the workspace was last used."""
    until = store.note("lived until")
    if until is None or now < int(until):
        return
    zone = ZoneInfo(store.definition.timezone)
    month = datetime.fromtimestamp(int(until) / 1000, zone)
    with store.transaction():
        while _ms(month) <= now:
            _call_won_leads(store, month, now)
            month = _months_back(month, -1)
        store.remember("lived until", str(_ms(month)))


def _call_won_leads(store: Store, month: datetime, end: int) -> None:
    """Let the agent call Won leads within ``month``, but not after ``end``."""
    start = _ms(month)
    stop = max(start, min(end, _ms(_months_back(month, -1))) - 1)
    rng = random.Random(f"{store.note('seed')} {month:%Y-%m}")  # noqa: S311 (no secret, as above)
    won = store.connection.execute(
        "SELECT lead FROM lead_values WHERE field = 'status:exact' AND value = 'Won' AND created < ? ORDER BY lead LIMIT ?",
        (start, _CALLED_AT_MOST),
    ).fetchall()
    store.add_actions(_calls(rng, [lead for (lead,) in won], start, stop))


def _calls(rng: random.Random, won: Sequence[int], start: int, stop: int) -> Iterator[NewAction]:
    """Yield calls of the agent to 12 to 20 of ``won``; what is drawn does not depend on ``start`` and ``stop``."""
    for lead in rng.sample(won, min(len(won), rng.randint(12, 20))):
        for _ in range(rng.choice((1, 1, 1, 2))):
            made = call(rng, lead, "OUTGOING_CALL", start, AGENT)
            yield replace(made, at=_in_office(rng.random(), rng.random(), start, stop))


def _in_office(day: float, hour: float, start: int, stop: int) -> int:
    """Return a moment between ``start`` and ``stop``, within office hours if one is left; both parts are in [0, 1)."""
    whole_days = max(0, (stop - start) // DAY_MS)
    moment = start + int(day * (whole_days + 1)) * DAY_MS + 9 * _HOUR_MS + int(hour * 11 * _HOUR_MS)
    return moment if moment <= stop else start + int(hour * (stop - start + 1))


def _age(rng: random.Random, index: int) -> int:
    """Return how long ago a lead came, in milliseconds: some long before all others, some imported at one moment."""
    if index % 15 == 0:
        return _OLD_MS + rng.randint(1, 60 * DAY_MS)
    if index % 50 == 7:
        return _SPREAD_MS // 2
    return rng.randint(1, _SPREAD_MS)


def _people(rng: random.Random, count: int) -> Iterator[tuple[str, str]]:
    """Yield (name, phone); a few phones differ in one digit or in the country code only."""
    taken = {_RESERVED_PHONE}
    last = "919812345678"
    for index in range(count):
        phone = f"91{rng.choice('6789')}{rng.randrange(10**9):09d}"
        if index % 83 == 41:
            phone = last[:-1] + str((int(last[-1]) + 1) % 10)
        elif index % 97 == 53:
            phone = "971" + last[2:]
        while phone in taken:
            phone = f"91{rng.choice('6789')}{rng.randrange(10**9):09d}"
        taken.add(phone)
        last = phone
        yield f"{rng.choice(FIRST)} {rng.choice(LAST)}", phone


def _lead(
    rng: random.Random,
    person: tuple[str, str],
    created: int,
    end: int,
    index: int,
    *,
    early: bool,
    seed: Seed,
) -> NewLead:
    name, phone = person
    status = "Won" if early else rng.choices(_STATUSES, _WEIGHTS)[0]
    hostile = seed.hostile and not early and index % 29 == 28
    if hostile:
        name = HOSTILE_NAMES[(index // 29) % len(HOSTILE_NAMES)]
        status = "Contacted" if status == "Won" else status
    fields: dict[str, object] = {"name": name, "phone": phone, "status": status}
    if rng.random() < 0.86:
        fields["assignee"] = _FORMER if rng.random() < 0.02 else rng.choice(_AGENTS)
    if rng.random() < 0.7:
        mail = ".".join(part for part in person[0].lower().split())
        fields["email"] = f"{mail}{index}@example.{rng.choice(('com', 'in', 'org'))}"
    if rng.random() < 0.6:
        best = 5 if status in {"Won", "Qualified"} else 4
        fields["rating"] = rng.randint(1, best)
    if status == "Lost":
        fields["lost_reason"] = "No budget" if rng.random() < 0.05 else rng.choice(LOST_REASONS)
    fields |= _details(rng, phone, created, end)
    if hostile and index // 29 % 2:
        fields["remarks"] = rng.choice(HOSTILE_NAMES) + "\n" + rng.choice(HOSTILE_NAMES)
    modified = min(end, created + rng.randint(0, 20 * DAY_MS))
    return NewLead(fields, created, max(created, modified))


def _details(rng: random.Random, phone: str, created: int, end: int) -> dict[str, object]:
    fields: dict[str, object] = {
        "contact_source": rng.choice(SOURCES),
        "newsletter": rng.random() < 0.4,
        "lead_date": created - created % 1000 - rng.randint(0, 3) * DAY_MS,
    }
    if rng.random() < 0.9:
        fields["city"] = rng.choice(CITIES)
    if rng.random() < 0.55:
        fields["interests"] = rng.sample(INTERESTS, rng.randint(1, 3))
    if rng.random() < 0.5:
        fields["deal_size"] = f"{rng.randint(15, 250)}00000" + (".50" if rng.random() < 0.05 else "")
    if rng.random() < 0.6:
        fields["visits"] = rng.choice((0, 0, 1, 1, 2, 3, 5))
    if rng.random() < 0.12:
        fields["company"] = rng.choice(COMPANIES)
        fields["website"] = "https://www.example.com/" + str(fields["company"]).lower().replace(" ", "-")
    if rng.random() < 0.15:
        fields["follow_up_on"] = end + rng.randint(-20, 20) * DAY_MS
    if rng.random() < 0.05:
        fields["alt_phone"] = phone
    return fields


def _months_back(moment: datetime, months: int) -> datetime:
    """Return the first of the month that lies ``months`` before that of ``moment``, at midnight."""
    number = moment.year * 12 + moment.month - 1 - months
    return moment.replace(
        year=number // 12, month=number % 12 + 1, day=1, hour=0, minute=0, second=0, microsecond=0
    )


def _ms(moment: datetime) -> int:
    return (moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
