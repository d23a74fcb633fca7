"""What judges a playbook: a dressed world on the independent server, a run against it, and what the run touched."""

import asyncio
import math
import random
import tempfile
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from leadops.analysis.compiler import Surroundings, compile_playbook
from leadops.analysis.files import EmbeddedFiles
from leadops.core.clock import SystemClock
from leadops.crm.client import TeleCrm
from leadops.crm.connection import Connection
from leadops.crm.discovery import pull_schema
from leadops.crm.secrets import Secret
from leadops.engine.apply.executor import apply_plan
from leadops.engine.operations.import_ids import import_ids
from leadops.engine.plan.options import ApplyOptions, BeltFlags, PlanOptions
from leadops.engine.plan.planner import make_plan
from leadops.state.ids import IdFile
from leadops.syntax.parser import parse
from tests.independent.definitions import AGENT, CALLERS, ENTERPRISE, SYNC_TOKEN, Switches
from tests.independent.server import Server
from tests.independent.values import ZONE
from tests.independent.world import DAY
from tests.simulation.bench import Folder, memory_journal

FREE_PROBES = 6
OUTGOING = {
    "OUTGOING_CALL", "MAQSAM_OUTGOING_CALL", "IVR_OUTGOING_CALL", "MCUBE_OUTGOING_CALL", "KNOWLARITY_OUTGOING_CALL",
    "CALLER_DESK_OUTGOING_CALL",
}  # fmt: skip
INCOMING = {one.replace("OUTGOING", "INCOMING") for one in OUTGOING}


@dataclass(slots=True)
class Oracle:
    """The world as it was before the run, and plain Python to ask it."""

    leads: list
    now: datetime

    def day(self, offset=0):
        """Return a local day, ``offset`` days from today."""
        return self.now.date() + timedelta(days=offset)

    def window(self, first, last):
        """Return two inclusive local days as (first ms, ms after the last)."""
        start, end = (
            int(datetime(d.year, d.month, d.day, tzinfo=ZONE).timestamp() * 1000)
            for d in (first, last + timedelta(days=1))
        )
        return start, end

    def last(self, days):
        """Return the window of ``last N days``: the full days before today, and today until now."""
        start, _ = self.window(self.day(-days), self.day())
        return start, int(self.now.timestamp() * 1000)

    def month(self, offset=0):
        """Return (its name as 2026-04, its window) of the month ``offset`` months from this one."""
        index = self.now.year * 12 + self.now.month - 1 + offset
        first = date(index // 12, index % 12 + 1, 1)
        after = date((index + 1) // 12, (index + 1) % 12 + 1, 1)
        return f"{first:%Y-%m}", self.window(first, after - timedelta(days=1))

    def count(self, test):
        """Return how many leads satisfy ``test``."""
        return sum(1 for lead in self.leads if test(lead))

    def pages(self, test):
        """Return on how many pages the leads that satisfy ``test`` stand."""
        return math.ceil(self.count(test) / 100)


APRIL = Oracle([], None).window(date(2026, 4, 1), date(2026, 4, 30))


def within(at, window):
    """Whether epoch ms lie in a window."""
    return at is not None and window[0] <= at < window[1]


def did(lead, types, window=None, by=None):
    """Whether one single action has one of the types, in the window, by one of ``by``."""
    return any(
        one.type in types
        and (window is None or within(one.at, window))
        and (by is None or one.by.casefold() in {b.casefold() for b in by})
        for one in lead.timeline
    )


def text(value):
    """Return a text as it is compared."""
    return value.casefold() if isinstance(value, str) else ""


def dress(world):
    """Make the server's own world richer and put all of it into the past; the same for the same seed."""
    chance = random.Random(99)
    leads = sorted(world.leads.values(), key=lambda one: one.created)
    span = 640 * DAY
    for n, lead in enumerate(leads):
        moved = world.built_ms - span + n * (span // len(leads)) - 60_000
        lead.created = lead.modified = moved
        fields = lead.fields
        if n % 9 == 0:
            fields["rating"] = 5
        if n % 8 == 0:
            fields["visit_on"] = world.built_ms + chance.randrange(-90, 60) * DAY + 3_600_000
        if n % 13 == 0:
            fields["email"] = f"Lead{n}@Mail.Example.com"
        if n % 37 == 0:
            fields["city"] = "Nāgpur"
        if n % 41 == 0:
            fields["city"] = ""
        if n % 10 == 0:
            fields["deal_size"] = chance.choice(("2500", "2500.00", "2500.5", "45000"))
        if n % 17 == 0:
            fields["home_page"] = f"https://site{n % 5}.example.com"
        _acts(world, lead, n, chance)


def _acts(world, lead, n, chance):
    at = world.built_ms - chance.randrange(1, 60) * DAY - chance.randrange(DAY)

    def often(share):
        return chance.random() < share

    if often(0.3):
        world.log(lead, "OUTGOING_CALL", at, chance.choice(CALLERS), duration=30)
    if often(0.07):
        world.log(lead, "IVR_OUTGOING_CALL", at, chance.choice(CALLERS), duration=-1)
    if often(0.1):
        world.log(lead, "INCOMING_CALL", at, chance.choice(CALLERS), duration=11)
    if often(0.1):
        world.log(lead, "MISSED_CALL", at, AGENT, duration=-1)
    if often(0.05):
        outcome = chance.choice(("Interested", "Not interested"))
        world.log(lead, "1001", at, AGENT, {"note": f"Visit {n}", "outcome": outcome})
    if often(0.04):
        world.log(lead, "1002", at, chance.choice(CALLERS), {"note": "Price", "offer": 900 + n})
    if often(0.04):
        status = chance.choice(("COMPLETED", "FAILED"))
        world.log(lead, "PAYMENT", at, "", None, status=status, currency="INR", amount="900")


@dataclass(slots=True)
class Verdicts:
    """Capabilities that last as long as the test."""

    known: dict = field(default_factory=dict)

    def get(self, name):
        return self.known.get(name)

    def put(self, name, verdict):
        self.known[name] = verdict


@dataclass(slots=True)
class Seen:
    """What a run did: its saved plan and result, the ids of leads whose content differs, every call."""

    saved: object
    result: object
    changed: set
    before: dict
    after: dict
    calls: list

    @property
    def planned(self):
        """Return the ids of the leads that the plan changes."""
        return {change.lead.id for step in self.saved.steps for change in step.changes}

    @property
    def pages(self):
        """Return the searches that read rows."""
        return [call for call in self.calls if call.path == "/lead/search" and not call.probe]

    @property
    def probes(self):
        """Return the searches that only count."""
        return [call for call in self.calls if call.probe]

    @property
    def writes(self):
        """Return the writing calls."""
        return [call for call in self.calls if call.writes]

    def told(self):
        """Return what happened, for a failure's message."""
        asked = "\n".join(str(call) for call in [*self.probes, *self.pages])
        return f"{asked}\n{len(self.writes)} writes\n" + "\n".join(
            line for step in self.saved.steps for line in (*step.explain, *step.notes)
        )


@dataclass(slots=True)
class Bench:
    """A server with a dressed world; ``ids``: whether search rows carry them.

    Where they do not, they are imported beforehand, unless they are to stay ``unknown``. ``prepare`` changes the world.
    """

    leads: int = 1500
    ids: bool = True
    prepare: object = None
    switches: dict = field(default_factory=dict)
    unknown: bool = False
    server: Server = field(init=False)
    oracle: Oracle = field(init=False)

    def __enter__(self):
        switches = Switches(**({} if self.ids else {"search_id": None}), **self.switches)
        self.server = Server(leads=self.leads, switches=switches).__enter__()
        dress(self.server.world)
        now = datetime.fromtimestamp(self.server.world.built_ms / 1000, ZONE)
        if self.prepare is not None:
            self.prepare(self.server.world)
        self.oracle = Oracle(self.server.world.alive(), now)
        return self

    def __exit__(self, *_):
        self.server.__exit__()

    def run(self, playbook, *, apply=True, files=None, capabilities=None):
        """Run a playbook; return what was seen."""
        return asyncio.run(self._run(playbook, apply, files or {}, capabilities or Verdicts()))

    async def _run(self, playbook, apply, files, capabilities):
        server, clock = self.server, SystemClock()
        connection = Connection(server.sync_url, server.async_url, ENTERPRISE, Secret(SYNC_TOKEN))
        with tempfile.TemporaryDirectory() as folder, IdFile(Path(folder) / "ids.db", clock) as index:
            async with TeleCrm(connection, clock=clock, rng=random.Random(1)) as crm:
                schema = await pull_schema(crm, clock)
                if not self.ids and not self.unknown:
                    index.remember(import_ids(self._export(), schema).pairs)
                around = Surroundings(timezone=None, now_ms=clock.now_ms(), files=EmbeddedFiles(files))
                compiled = compile_playbook(parse(playbook, "judged.lead"), schema, around)
                assert compiled.plan is not None, compiled.diagnostics
                server.forget_calls()
                journal = memory_journal()
                before = server.snapshot() if apply else {}
                options = PlanOptions(
                    belts=BeltFlags(max_leads=100_000), clock=clock, ids=index, capabilities=capabilities
                )
                saved = await make_plan(compiled.plan, crm.reader, journal, options)
                assert not server.seen(writes=True)
                result = None
                if apply:
                    result = await apply_plan(
                        saved, compiled.plan, crm.reader, crm.writer, journal, Folder(),
                        ApplyOptions(clock=clock, ids=index, read_ms=saved.made_ms, settle_s=1.0),
                    )  # fmt: skip
        after = server.snapshot() if apply else {}
        changed = {key for key in after if after[key] != before.get(key)}
        return Seen(saved, result, changed, before, after, server.seen())

    def _export(self):
        rows = [f"{lead.id},+{lead.fields['phone']}" for lead in self.server.world.alive()]
        return "\n".join(["Lead ID,phone", *rows]).encode()
