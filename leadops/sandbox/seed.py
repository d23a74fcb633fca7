"""A believable workspace, the same for the same seed, size and local day.

Whatever the date, each calendar month from thirteen months back to the present one holds between ten and thirty Won
leads that agent@company.com called in it. ``live_on`` keeps that true in a file that is used for longer.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from leadops.sandbox.names import COMPANIES, FIRST, HOSTILE_NAMES, LAST
from leadops.sandbox.records import NewLead
from leadops.sandbox.store import Store
from leadops.sandbox.timelines import DAY_MS, MINUTE_MS, call, history
from leadops.sandbox.workspace import AGENT, CITIES, INTERESTS, LOST_REASONS, SOURCES

_MONTHS = 13
_STATUSES = ("Fresh", "Contacted", "Qualified", "Won", "Lost", "Callback")
_WEIGHTS = (30, 26, 16, 14, 12, 2)
_AGENTS = ("kavya@company.com", "manish@company.com", "neha@company.com", "suresh@company.com", AGENT)
_FORMER = "tanvi@company.com"
_RESERVED_PHONE = "919999999999"
"""The phone of the documents' own example: it never exists beforehand."""
_CHUNK = 5000


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
    rng = random.Random(f"{seed.seed} {seed.leads} {today:%Y-%m-%d}")  # noqa: S311 (no secret: the same seed gives the same leads)
    first = _ms(_months_back(today, _MONTHS))
    people = list(_people(rng, seed.leads))
    moments = sorted(_moment(rng, index, first, end) for index in range(len(people)))
    won_early = min(len(people), max(32, len(people) // 40))
    for start in range(0, len(people), _CHUNK):
        new = [
            _lead(rng, people[index], moments[index], end, index, early=index < won_early, seed=seed)
            for index in range(start, min(start + _CHUNK, len(people)))
        ]
        leads = store.add_leads(new)
        store.add_actions(entry for lead in leads for entry in history(rng, lead, end, _AGENTS, AGENT))
    month = _months_back(today, _MONTHS)
    while month <= today:
        _call_won_leads(store, month, end)
        month = _months_back(month, -1)
    store.remember("lived until", str(_ms(month)))
    store.connection.execute("ANALYZE")


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
    """Let the agent call 12 to 24 Won leads within ``month``, but not after ``end``."""
    start = _ms(month)
    stop = max(start, min(end, _ms(_months_back(month, -1))) - 1)
    rng = random.Random(f"{store.note('seed')} {month:%Y-%m}")  # noqa: S311 (no secret, as above)
    won = store.connection.execute(
        "SELECT lead FROM lead_values WHERE field = 'status:exact' AND value = 'Won' AND created < ? ORDER BY lead LIMIT 200",
        (start,),
    ).fetchall()
    chosen = rng.sample(won, min(len(won), rng.randint(12, 24)))
    store.add_actions(
        call(rng, lead, "OUTGOING_CALL", _in_office(rng, start, stop), AGENT)
        for (lead,) in chosen
        for _ in range(rng.choice((1, 1, 1, 2)))
    )


def _in_office(rng: random.Random, start: int, stop: int) -> int:
    day = rng.randint(0, max(0, (stop - start) // DAY_MS))
    moment = start + day * DAY_MS + rng.randint(9 * 60, 20 * 60) * MINUTE_MS + rng.randint(0, 59_999)
    return moment if moment <= stop else rng.randint(start, stop)


def _moment(rng: random.Random, index: int, first: int, end: int) -> int:
    """Return when a lead came: some before the first month, some imported at one moment, the rest spread."""
    if index % 15 == 0:
        return first - rng.randint(1, 60 * DAY_MS)
    if index % 50 == 7:
        return first + (end - first) // 2
    return rng.randint(first, max(first, end - 1))


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
