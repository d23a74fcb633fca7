"""Every verb beside every writing verb: what each is given, how it may end, and what must be so afterwards."""

import random
import signal
import time
from contextlib import contextmanager

from leadops.model.journal import OpState
from leadops.state.journal_reading import JournalReading
from tests.e2e.expected import thanked, won
from tests.e2e.place import PATIENCE, until

APPEND = "POST /lead/*/action"
ANY_WRITE = "POST /lead/????????????????????????*"
TEXT = 'find leads where status = Won; set rating = 5; add action 1001 note "Thanks"'
MANY = ("--max-leads", "150")
STRANGER = "919999999999"
HARMLESS = f'find leads where phone = "{STRANGER}"; set name = "Usha Pai"'

LOOKING = {
    "check": ((("check", "won.lead"),), {0}),
    "completion": ((("completion", "bash"),), {0}),
    "doctor": ((("doctor",),), {0, 1}),
    "explain": ((("explain", "won.lead"),), {0}),
    "fmt": ((("fmt", "--check", "won.lead"),), {0, 1}),
    "ids": ((("ids", "list"),), {0}),
    "init": ((("init", "new"),), {0}),
    "plan": ((("plan", *MANY, "won.lead"), ("plan", *MANY, "-o", "other.json", "won.lead")), {0}),
    # Of a run that did not end there is no report, and none is checked or taken back.
    "report": ((("report", "last"),), {0, 78}),
    "retry": ((("retry", "last", "-o", "rejects.lead"),), {0, 78}),
    "undo": ((("undo", "last", "-o", "taken.lead"),), {0, 78}),
    "verify": ((("verify", "last"),), {0, 1, 78}),
    "resolve": ((("resolve", "last"),), {0}),
    "run": ((("run", "--dry-run", *MANY, "won.lead"),), {0}),
    "runs": ((("runs",), ("runs", "--format", "json")), {0}),
    "sandbox": (
        (("plan", "--sandbox", "-e", "find leads where status = Won; limit 1; set rating = 5"),),
        {0},
    ),
    "schema": ((("schema", "show"), ("schema", "pull")), {0}),
    "show": ((("show", "harmless.json"),), {0}),
    "test": ((("test", "won.lead"),), {0}),
    "trust": ((("trust", "--yes"),), {0}),
    "version": ((("version",),), {0}),
    "why": ((("why", "917700000001", "won.lead"),), {0, 1}),
    "why-not": ((("why-not", "917700000001", "won.lead"),), {0, 1}),
}
"""Verbs that change nothing of the workspace's state, by name: what they are given, and how they may end."""

WRITING = {
    "apply": ((("apply", "harmless.json", "--yes"),), {0, 5}),
    "doctor": ((("doctor", "--probe-clear", "917700000001"),), {0, 1, 4}),
    "forget": ((("forget", STRANGER, "--yes"),), {0}),
    "ids": ((("ids", "import", "ids.csv"),), {0}),
    "resolve": ((("resolve", "last", "abc", "--applied", "--reason", "seen"),), {64}),
    "resume": ((("resume", "last", "--yes"),), {0, 3}),
    "retry": ((("retry", "last", "--yes", *MANY),), {0, 3, 78}),
    "run": ((("run", "--yes", "-e", HARMLESS),), {0}),
}
"""Verbs that write: beside another they end with 6, or wait for it and then do their own."""


class First:
    """A writing verb that is at work while others come and go; alone it ends with 0."""

    name = "run"
    slow = APPEND
    spoilt_by = frozenset()

    def __init__(self, place, server):
        self.place, self.server = place, server
        self.run = ""

    def prepare(self):
        """Bring the workspace to where the verb has something to do."""

    @property
    def arguments(self):
        return ("run", "--yes", *MANY, "won.lead")

    def as_alone(self):
        """Make sure that everything is as if nobody had been there."""
        assert {thanked(lead) for lead in won(self.server.world).values()} == {1}
        assert {lead.fields["rating"] for lead in won(self.server.world).values()} == {5}

    def _ran(self, *arguments, code):
        self.place.leadops("run", "--yes", *MANY, *arguments, "won.lead", code=code)
        self.run = self.place.runs[-1].name


class Apply(First):
    name = "apply"

    def prepare(self):
        self.place.leadops("plan", *MANY, "-o", "won.json", "won.lead")

    @property
    def arguments(self):
        return ("apply", "--yes", "won.json")


class Resume(First):
    name = "resume"

    def prepare(self):
        self.place.leadops("plan", *MANY, "-o", "won.json", "won.lead")
        self.place.leadops("apply", "won.json", "--yes", "--max-calls", "25", code=3)
        self.run = self.place.runs[-1].name

    @property
    def arguments(self):
        return ("resume", self.run, "--yes")


class Retry(First):
    name = "retry"

    def prepare(self):
        self.server.faults.add(APPEND, "ignore_action", times=None)
        self._ran(code=3)
        self.server.faults.rules.clear()

    @property
    def arguments(self):
        return ("retry", self.run, "--yes", *MANY)


class Undo(First):
    name = "undo"
    slow = ANY_WRITE

    def prepare(self):
        for lead in won(self.server.world).values():
            lead.fields["rating"] = 2
        self._ran(code=0)
        self.place.leadops("undo", self.run, "-o", "undo.lead")

    @property
    def arguments(self):
        return ("run", "--yes", *MANY, "undo.lead")

    def as_alone(self):
        assert {lead.fields["rating"] for lead in won(self.server.world).values()} == {2}
        assert {thanked(lead) for lead in won(self.server.world).values()} == {1}


class Probe(First):
    name = "doctor"
    slow = ANY_WRITE

    def prepare(self):
        self.before = self.server.snapshot()

    @property
    def arguments(self):
        return ("doctor", "--probe-clear", "917700000002")

    def as_alone(self):
        assert self.server.snapshot() == self.before


class Forget(First):
    name = "forget"
    slow = ""

    def prepare(self):
        self._ran(code=0)

    @property
    def arguments(self):
        return ("forget", "917700000003", "--yes")

    def as_alone(self):
        super().as_alone()
        kept = [path for path in self.place.folder.rglob("*") if path.is_file() and path.suffix != ".lead"]
        assert [path for path in kept if b"917700000003" in path.read_bytes()] == []


class Import(First):
    name = "ids"
    slow = ""

    def prepare(self):
        self._ran(code=0)

    @property
    def arguments(self):
        return ("ids", "import", "ids.csv")

    def as_alone(self):
        super().as_alone()
        assert "0" * 24 in self.place.leadops("ids", "list").out


class Resolve(First):
    name = "resolve"
    slow = ""
    spoilt_by = frozenset({"resume"})

    def prepare(self):
        self.server.faults.add(APPEND, "delay", times=None, seconds=PATIENCE)
        killed = self.place.start("run", "--yes", *MANY, "won.lead")
        until(lambda: any(call.fault for call in self.server.seen(writes=True)), what="the first append")
        killed.kill()
        killed.communicate()
        self.server.faults.rules.clear()
        self.run = self.place.runs[-1].name
        [journal] = self.place.state.rglob("journal.db")
        with JournalReading.look(journal) as read:
            self.key = next(op.key for op in read.ops(self.run).values() if op.state is OpState.INTENT)

    @property
    def arguments(self):
        return ("resolve", self.run, self.key, "--applied", "--reason", "seen")

    def as_alone(self):
        assert self.key[:12] not in self.place.leadops("resolve", self.run).out


FIRSTS = (First, Apply, Resume, Retry, Undo, Probe, Forget, Import, Resolve)


def prepared(kind, place, server, leads=10):
    """Return a first verb in a workspace with Won leads, a run that ended, and files for all others."""
    for n in range(leads):
        server.world.add(server.world.built_ms - n, phone=f"91770000{n:04d}", name="Usha Pai", status="Won")
    (place.folder / "won.lead").write_text(TEXT + "\n")
    (place.folder / "ids.csv").write_text("lead_id,phone\n" + "0" * 24 + ",919999999998\n")
    (place.folder / "leadops.toml").write_text('[profiles.default]\ntimezone = "Asia/Kolkata"\n')
    place.leadops("run", "--yes", "-e", 'find lead where phone = "917700000000"; set name = "Usha P"')
    place.leadops("plan", "-o", "harmless.json", "-e", HARMLESS)
    first = kind(place, server)
    first.prepare()
    return first


@contextmanager
def at_work(first, seconds):
    """Have ``first`` at work for the length of the block; then it ends as alone, and the journal is whole."""
    server = first.server
    if first.slow:
        server.forget_calls()
        server.faults.add(first.slow, "delay", times=None, seconds=seconds)
    process = first.place.start(*first.arguments)
    try:
        if first.slow:
            until(
                lambda: process.poll() is not None or any(call.fault for call in server.seen(writes=True)),
                what="the first write",
            )
        yield process
    except BaseException:
        process.kill()
        process.communicate()
        raise
    finally:
        server.faults.rules.clear()
    out, err = process.communicate(timeout=PATIENCE)
    # Two that write to the state only, at the same moment: either may be told of the other.
    if process.returncode == 6 and not first.slow:
        done = first.place.leadops(*first.arguments)
        out, err = done.out, done.err
    else:
        assert process.returncode == 0, f"{first.arguments}: {out}{err}"
    assert "database is locked" not in err
    first.as_alone()
    whole(first.place)


def whole(place):
    """Make sure that the audit trail is as it was written."""
    for journal in place.state.rglob("journal.db"):
        with JournalReading.look(journal) as read:
            assert read.audit() == []


def ended(verb, process, codes):
    """Wait for a verb beside another and make sure that it ended as it may."""
    out, err = process.communicate(timeout=PATIENCE)
    said = f"{verb}: exit {process.returncode}\n{out}{err}"
    assert "database is locked" not in err, said
    assert "Traceback" not in err, said
    assert process.returncode in codes, said


@contextmanager
def standing_still(process):
    """Have ``process`` do nothing for the length of the block; it holds what it holds."""
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


def a_round(kind, place, server, chance):
    """Have a first verb at work, and others come and go beside it at moments of chance."""
    first = prepared(kind, place, server)
    others = []
    with at_work(first, chance.choice([0.05, 0.2, 0.5])) as process:
        for _ in range(chance.randint(4, 12)):
            table, more = chance.choice([(LOOKING, set()), (WRITING, {6})])
            ways, codes = table[chance.choice(sorted(set(table) - first.spoilt_by))]
            verb = chance.choice(ways)
            others.append((verb, place.start(*verb), codes | more))
            time.sleep(chance.uniform(0, 0.4))
            while len(others) >= 4:
                ended(*others.pop(0))
            if process.poll() is not None:
                break
        for one in others:
            ended(*one)


def seeds():
    """Yield a random source for each round, without end."""
    seed = 0
    while True:
        yield seed, random.Random(seed)
        seed += 1
