"""People edit leads between and during sittings: no write rests on a judgement that is older than a minute.

Whatever comes between (a pause of any length, a killed process, a refused token, a stop, a canary that waits, a process
that stood still, a lock that was waited for), a lead that people took out of the step's condition more than a minute ago
gets no write, nor does a field get one in which they wrote; the leads that nobody touched lose and double nothing.

A failing seed is printed: ``LEADOPS_SEED=17 pytest tests/simulation/test_people.py`` runs it alone.
"""

import asyncio
import os
import random
import time

import pytest

from leadops.engine.stop import Stop
from leadops.model.exchange import Delivery, Reply
from leadops.model.journal import RunState
from leadops.model.run import Outcome
from leadops.state.journal_group import Group
from tests.simulation.bench import Desk, compiled, memory_journal
from tests.simulation.service import START, Service, leads
from tests.simulation.test_seeds import Crash, CrashingJournal, _dead
from tests.simulation.virtual import run_virtual

SEEDS = 320
CHUNKS = 8
SOAK_S = int(os.environ.get("LEADOPS_SOAK_S", "3600"))
FRESH_MS = 60_000

TEXTS = {
    "sets": 'find leads where status = Won and rating is missing\nset rating = 5\nadd action 1001 with note = "A"',
    "moves": (
        "find leads where status = Won\nset status = Qualified, source = Website\n"
        'add action 1001 with note = "A"\nadd action 1002 with note = "B"'
    ),
    "adds": (
        "find leads where status = Won and not has action 1002\n"
        'add action 1002 with note = "A"\nadd action 1001 with note = "B"'
    ),
    "canary": "find leads where status = Won and rating is missing\nset rating = 5\ncanary 2 then confirm",
    "cases": (
        "find leads where status = Won\n"
        'when rating is missing { set rating = 5 add action 1001 with note = "{{ lead.name }}" }'
    ),
    "steps": (
        'step "a" {\n find leads where status = Won\n set rating = 5\n}\n'
        'step "b" {\n find leads where status = Won and rating = 5\n add action 1001 with note = "A"\n}'
    ),
}
PLANS = {name: compiled(text) for name, text in TEXTS.items()}
"""Playbooks, and in ``EDITS`` what people do that ends the wish for a write: of any kind, or of updates only."""
EDITS = {
    "sets": [("status", "Lost", ""), ("rating", 2, "")],
    "moves": [("status", "Lost", ""), ("source", "Walk-in", "update")],
    "adds": [("status", "Lost", ""), ("action", "1002", "")],
    "canary": [("status", "Lost", ""), ("rating", 2, "")],
    "cases": [("status", "Lost", ""), ("rating", 2, ""), ("name", "Corrected", "append")],
    "steps": [("status", "Lost", ""), ("rating", 2, "")],
}


class Watched(Service):
    """A service that knows since when a write of a lead is no longer wanted, and who waits how long for a turn."""

    def __init__(self, world, clock, loop, seed, name):
        super().__init__(world, clock, self._fault, self._down, self._pace)
        self.loop, self.name = loop, name
        self.rng = random.Random(seed)
        self.unwanted = {}
        self.late_s = 20.0
        self.edits = self.rng.choice([0.02, 0.1])
        self.pauses = self.rng.choice([0.0, 0.03, 0.1])
        self.faults = self.rng.choice([0.0, 0.1, 0.3])
        self.slow = self.rng.choice([0.0, 0.0, 5.0, 90.0])
        self.crash = self.rng.choice([0.0, 0.02])
        self.denials = self.rng.choice([0.0, 0.02])
        self.stops = self.rng.choice([0.0, 0.02])
        self.stop = Stop()
        self.broken = []
        self.turn = self._turn
        self.quiet = False
        self.busy_ms = 0

    async def _turn(self):
        self.people()
        await asyncio.sleep(self.rng.random() * self.slow)
        busy = self._at_once or self.clock.now_ms() < self.busy_ms
        if not busy and self.rng.random() < self.pauses / 3:  # the process stands still, the service does not
            self.loop._jumping.now += self.rng.choice([30.0, 61.0, 4000.0])

    def people(self):
        """Let somebody edit a lead."""
        if self.quiet or self.rng.random() >= self.edits:
            return
        one = self.rng.choice(self.world)
        if one["id"] in self.unwanted:
            return
        field, value, what = self.rng.choice(EDITS[self.name])
        if field == "action":
            one["actions"].append(
                {
                    "id": "f" * 24,
                    "type": value,
                    "at": self.clock.now_ms(),
                    "by": "x@y.z",
                    "fields": {"note": "Z"},
                }
            )
        else:
            one["fields"][field] = value
        self.unwanted[one["id"]] = (self.clock.now_ms(), what, field, value)

    async def _reading(self):
        await super()._reading()
        self.people()

    def handed(self, what):
        since, only, field, value = self.unwanted.get(what[1], (None, "", "", None))
        if since is None or (field != "action" and self.one(what[1])["fields"].get(field) != value):
            return  # an update that was handed over within the minute, or before the edit, has written over it
        if only in {"", what[0]} and self.clock.now_ms() - since > FRESH_MS:
            self.broken.append((what, self.clock.now_ms() - since))

    def _fault(self, what, attempt):
        if self.quiet:
            return ""
        roll = self.rng.random()
        if roll < self.crash:
            raise Crash
        if roll < self.crash + self.denials:
            return "denied"
        if self.rng.random() < self.stops:
            self.stop.request(143, "stopped")
        if self.rng.random() < self.pauses:
            return "throttled"
        if self.rng.random() >= self.faults:
            return ""
        fault = self.rng.choice(["before", "after", "late", "unsent"])
        if fault == "late":
            self.busy_ms = self.clock.now_ms() + self.late_s * 1000 + 1
        return fault

    def _struck(self, fault, apply):
        if fault == "throttled":
            wait = self.rng.choice([None, 1.0, 40.0, 65.0, 900.0])
            return Reply(Delivery.THROTTLED, 429, message="slow down", retry_after_s=wait)
        return super()._struck(fault, apply)

    def _down(self):
        return ""

    def _pace(self):
        return self.rng.random()


async def live(seed, clock, loop):
    """Run one seed to its end; return the service, the last result and its sittings."""
    rng = random.Random(seed)
    name = rng.choice(sorted(TEXTS))
    service = Watched(leads(rng.randint(2, 14)), clock, loop, seed, name)
    journal = memory_journal()
    service.quiet = True
    faulty = type("Faulty", (), {"rng": rng, "crash": service.crash})
    desk = Desk(
        service, clock, CrashingJournal(journal, faulty), settle_s=30.0, in_flight=rng.choice([1, 3, 8])
    )
    saved, plan = await desk.plan(PLANS[name])
    service.quiet = False
    await clock.sleep(rng.choice([0, 0, 50, 500]))  # for the lock, or for somebody's yes
    result = None
    for sitting in range(60):
        if sitting == 40:
            service.quiet, faulty.crash = True, 0.0
        service.stop = Stop()
        try:
            if sitting == 0:
                result = await desk.apply(saved, plan, read_ms=saved.made_ms, stop=service.stop)
            elif journal.runs():
                result = await desk.resume(plan, stop=service.stop, confirm_canary=rng.random() < 0.5)
            else:
                result = await desk.apply(saved, plan, stop=service.stop)
        except Crash:
            result = None
            await _dead()
            journal._group = Group(journal.write, threaded=False)
        except BaseExceptionGroup:
            result = None
            await _dead()
            journal._group = Group(journal.write, threaded=False)
        if (
            result is not None
            and journal.runs()[0].state is RunState.DONE
            and not result.outcomes["in_doubt"]
        ):
            break
        await clock.sleep(rng.choice([0.0, 0.0, 100.0, 5000.0]))
        for _ in range(rng.randint(0, 5)):
            service.people()
    return service, result, sitting


def check(seed):
    """Run a seed and assert what must hold."""

    async def main(clock):
        service, result, sittings = await live(seed, clock, asyncio.get_running_loop())
        where = f"LEADOPS_SEED={seed} {service.name}"
        assert service.broken == [], where
        assert result is not None, where
        assert sittings < 59, f"{where}: it does not end: {result.exit_reason}"
        assert result.outcomes["in_doubt"] == 0, where
        for one in service.world:
            for code in ("1001", "1002"):
                made = sum(a["type"] == code and a["by"] != "x@y.z" for a in one["actions"])
                assert made <= 1, f"{where}: {made} of {code}"
            mine = [each for each in result.results if each.change.lead.id == one["id"]]
            if one["id"] not in service.unwanted:
                assert all(each.clean for each in mine), f"{where}: {[(e.outcome, e.reason) for e in mine]}"
            for each in mine:
                fields = each.change.fields
                if each.outcome is Outcome.CHANGED and one["id"] not in service.unwanted:
                    assert all(one["fields"].get(n) == f.after for n, f in fields.items()), where

    run_virtual(main, START)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_write_rests_on_what_a_lead_was_more_than_a_minute_ago(chunk):
    chosen = os.environ.get("LEADOPS_SEED")
    for seed in [int(chosen)] if chosen else range(chunk, SEEDS, CHUNKS):
        check(seed)


@pytest.mark.soak
@pytest.mark.timeout(SOAK_S + 300)
def test_people_who_edit_leads_for_an_hour():
    until = time.monotonic() + SOAK_S
    seed = 1_000_000
    while time.monotonic() < until:
        check(seed)
        seed += 1
