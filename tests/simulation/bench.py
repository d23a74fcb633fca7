"""What a test needs to plan and apply against the simulated service."""

import random
import sqlite3
from dataclasses import replace

from leadops.analysis.compiler import Surroundings, compile_playbook
from leadops.engine.apply.executor import apply_plan
from leadops.engine.operations.resume import resume_run
from leadops.engine.plan.options import ApplyOptions, BeltFlags, PlanOptions
from leadops.engine.plan.planner import make_plan
from leadops.state.journal import Journal
from leadops.state.journal_schema import TABLES, VERSION
from leadops.syntax.parser import parse
from tests.simulation.service import SCHEMA, START

_PLAN = {"belts": BeltFlags(max_leads=10_000)}


def compiled(text, schema=SCHEMA, now_ms=START, unchecked=False):
    """Return the Plan of a playbook that has no errors."""
    around = Surroundings(timezone=None, now_ms=now_ms, unchecked=unchecked)
    result = compile_playbook(parse(text, "<-e>"), schema, around)
    assert result.plan is not None, result.diagnostics
    return result.plan


def memory_journal(lineage="a"):
    """Return a journal that lives as long as the test."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.executescript(TABLES)
    connection.executemany(
        "INSERT INTO meta VALUES (?, ?)", (("lineage", lineage), ("serial", "0"), ("head", ""))
    )
    connection.execute(f"PRAGMA user_version={VERSION}")
    return Journal(connection, threaded=False)


class Folder:
    """A run folder in memory."""

    def __init__(self, run="run-1"):
        self.run = run
        self.path = f"/nowhere/{run}"
        self.added = []
        self.saved = None
        self.result = None
        self.kept = []
        self.marks = []

    def save_plan(self, saved):
        self.saved = saved

    def mark(self, workspace, mark):
        self.marks.append(mark)

    def left(self):
        return self.marks[-1] if self.marks else None

    def add(self, result):
        self.added.append(result)

    def finish(self, saved, result):
        self.result = result

    def emergency(self, line):
        self.kept.append(line)


class Desk:
    """One user with one state store in front of a service."""

    def __init__(self, service, clock, journal=None, **options):
        self.service = service
        self.clock = clock
        self.journal = journal or memory_journal()
        self.options = ApplyOptions(clock=clock, rng=random.Random(7), **options)
        self.folders = {}

    async def plan(self, text_or_plan, **options):
        """Return the saved plan and the compiled one."""
        plan = (
            compiled(text_or_plan, now_ms=self.clock.now_ms())
            if isinstance(text_or_plan, str)
            else text_or_plan
        )
        saved = await make_plan(
            plan, self.service, self.journal, PlanOptions(**{**_PLAN, "clock": self.clock, **options})
        )
        return saved, plan

    async def apply(self, saved, plan, **options):
        """Apply and return the result."""
        folder = Folder(f"run-{len(self.folders) + 1}")
        self.folders[folder.run] = folder
        chosen = replace(self.options, **options)
        return await apply_plan(saved, plan, self.service, self.service, self.journal, folder, chosen)

    async def run(self, text, plan_options=None, **options):
        """Plan and apply; the leads were read by this very command."""
        saved, plan = await self.plan(text, **(plan_options or {}))
        return await self.apply(saved, plan, read_ms=saved.made_ms, **options)

    async def resume(self, plan, **options):
        """Go on with the newest run."""
        run = self.journal.runs()[0]
        folder = self.folders[run.id]
        chosen = replace(self.options, **options)
        return await resume_run(
            run, folder.saved, plan, self.service, self.service, self.journal, folder, chosen
        )


def names(result):
    """Return how many changes have each outcome, without zeros."""
    return {name: count for name, count in result.outcomes.items() if count}
