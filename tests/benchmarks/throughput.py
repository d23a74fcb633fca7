"""2,000 updates through the engine, journal on the disk, against the same calls by a bare loop; a server without limit.

The bare loop is a process of its own (``python -m tests.benchmarks.bare``), and so is the server.
"""

import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from leadops.analysis.compiler import Surroundings, compile_playbook
from leadops.core.clock import SystemClock
from leadops.crm.client import TeleCrm
from leadops.crm.connection import Connection
from leadops.crm.discovery import pull_schema
from leadops.crm.secrets import Secret
from leadops.engine.apply.executor import apply_plan
from leadops.engine.plan.options import ApplyOptions, BeltFlags, PlanOptions
from leadops.engine.plan.planner import make_plan
from leadops.state.journal import Journal
from leadops.state.runs import new_run_folder
from leadops.syntax.parser import parse

UPDATES = 2_000
AT_ONCE = 8
TARGET = 0.8
ROUNDS = 3


def measure(results):
    """Run both in turn and print the table; the best round of each counts."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.independent.server", "--leads", str(UPDATES)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        told = json.loads(server.stdout.readline())
        bare, ours = [], []
        for turn in range(ROUNDS):
            seconds, calls = asyncio.run(_engine(told, turn))
            ours.append(seconds)
            bare.append(_bare(told, calls))
    finally:
        server.terminate()
        server.wait()
    ratio = min(bare) / min(ours)
    results.table(
        f"{UPDATES:,} updates, {AT_ONCE} at a time (target: at least {TARGET} of the bare loop)",
        ("what", "seconds", "updates a second", "of the bare loop"),
        [
            ("bare httpx loop", min(bare), UPDATES / min(bare), 1.0),
            ("leadops apply, journal included", min(ours), UPDATES / min(ours), ratio),
        ],
    )
    results.require(ratio >= TARGET, f"updates run at {ratio:.2f} of a bare loop")


async def _engine(told, number):
    """Return the seconds that applying took, and (lead id, body) of every update."""
    clock = SystemClock()
    connection = Connection(
        told["TELECRM_BASE_URL"],
        told["TELECRM_ASYNC_BASE_URL"],
        told["TELECRM_ENTERPRISE_ID"],
        Secret(told["TELECRM_SYNC_TOKEN"]),
        Secret(told["TELECRM_ASYNC_TOKEN"]),
    )
    with tempfile.TemporaryDirectory() as folder:
        async with TeleCrm(connection, clock=clock, rng=random.Random(1)) as crm:
            schema = await pull_schema(crm, clock)
            text = f'find leads where created in since 2000-01-01\nset name = "Bench {number}"\n'
            compiled = compile_playbook(
                parse(text, "bench.lead"), schema, Surroundings(timezone=None, now_ms=clock.now_ms())
            )
            plan = compiled.plan
            assert plan is not None, compiled.diagnostics
            with Journal.open(Path(folder) / "journal.db", lineage="bench") as journal:
                options = PlanOptions(
                    belts=BeltFlags(max_leads=UPDATES), clock=clock, sources={"bench.lead": text}
                )
                saved = await make_plan(plan, crm.reader, journal, options)
                assert len(saved.changes) == UPDATES, len(saved.changes)
                runs = new_run_folder(Path(folder) / "runs", "bench", clock.now_ms(), f"{number:06d}")
                begun = time.perf_counter()
                result = await apply_plan(
                    saved,
                    plan,
                    crm.reader,
                    crm.writer,
                    journal,
                    runs,
                    ApplyOptions(clock=clock, read_ms=saved.made_ms),
                )
                seconds = time.perf_counter() - begun
                assert result.exit_code == 0, result.exit_reason
    return seconds, [(change.lead.id, {"fields": {"name": f"Bare {number}"}}) for change in saved.changes]


def _bare(told, calls):
    """Return the seconds that a plain loop takes for the same updates."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.bare", str(AT_ONCE)],
        input=json.dumps({"place": told, "calls": calls}),
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)
