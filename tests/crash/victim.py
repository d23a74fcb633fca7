"""The kill loop, as a script: a child applies a plan against a service kept in a file, and is killed at point N.

    python victim.py FOLDER      prints one JSON line: {"points": …, "violations": […]}

For N = 1, 2, … a child is forked and killed by SIGKILL at its Nth crash point; a second one resumes until the run ends.
The loop is over when a child survives. Nothing is imported after the fork.
"""

import asyncio
import json
import os
import random
import shutil
import signal
import sys
from dataclasses import replace
from pathlib import Path

from leadops.core import crash_point as crashpoint
from leadops.core.clock import SystemClock
from leadops.core.crash_point import crashpoint as point
from leadops.engine.apply.executor import apply_plan
from leadops.engine.operations.resume import resume_run
from leadops.engine.plan.options import ApplyOptions, BeltFlags, PlanOptions
from leadops.engine.plan.planner import make_plan
from leadops.model.run import CLEAN
from leadops.state.journal import Journal
from leadops.state.runs import RunFolder, new_run_folder
from tests.simulation.bench import compiled
from tests.simulation.service import Service, lead

TEXT = (
    'step "a" {\n find leads where status = Won\n set rating = 5\n add action 1001 with note = "Thanks"\n}\n'
    'step "b" {\n create lead with phone = "917777777777", name = "Jane"\n add action 1001 with note = "Hello"\n}'
)
SETTLE_S = 0.05
PLAN = compiled(TEXT)


class FileService(Service):
    """The service, whose world survives its client: a file, written whole after each change."""

    def __init__(self, path, clock):
        super().__init__(json.loads(path.read_text("utf-8")), clock, pace=lambda: 0.0)
        self.path = path

    async def _write(self, what, apply, still):
        point("network: before a request arrives")
        reply = await super()._write(what, apply, still)
        part = self.path.with_suffix(".part")
        part.write_text(json.dumps(self.world), "utf-8")
        part.replace(self.path)
        point("network: before an answer arrives")
        return reply


async def apply(folder):
    clock = SystemClock()
    service = FileService(folder / "world.json", clock)
    options = ApplyOptions(clock=clock, settle_s=SETTLE_S, in_flight=2, rng=random.Random(1))
    with Journal.open(folder / "journal.db", lineage="a") as journal:
        runs = journal.runs()
        if runs:
            run_folder = RunFolder(Path(runs[0].folder))
            return await resume_run(
                runs[0], run_folder.plan(), PLAN, service, service, journal, run_folder, options
            )
        saved = await make_plan(
            PLAN,
            service,
            journal,
            PlanOptions(clock=clock, belts=BeltFlags(max_leads=100), sources={"kill.lead": TEXT}),
        )
        run_folder = new_run_folder(folder / "runs", "kill", clock.now_ms(), "abcdef")
        chosen = replace(options, read_ms=saved.made_ms)
        return await apply_plan(saved, PLAN, service, service, journal, run_folder, chosen)


def child(folder, at):
    """Fork a child that applies or resumes; return its wait status."""
    pid = os.fork()
    if pid == 0:
        crashpoint._LEFT[0] = at
        try:
            result = asyncio.run(apply(folder))
            os._exit(0 if result.exit_code == 0 else 9)
        except BaseException as error:  # noqa: BLE001 (a forked child never returns into the parent's code)
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
            sys.stderr.flush()
            os._exit(8)
    return os.waitpid(pid, 0)[1]


def violations(folder, at):
    """Return what is not as it must be after the run was ended."""
    world = json.loads((folder / "world.json").read_text("utf-8"))
    found = [
        f"{at}: {one['fields']['name']} has {len(one['actions'])} actions"
        for one in world
        if len(one["actions"]) != 1
    ]
    found += [
        f"{at}: {one['fields']['name']} is not rated" for one in world[:3] if one["fields"].get("rating") != 5
    ]
    found += [f"{at}: {len(world)} leads"] * (len(world) != 4)
    with Journal.open(folder / "journal.db", lineage="a") as journal:
        found += [f"{at}: {one}" for one in journal.audit()]
        runs = journal.runs()
        found += [f"{at}: {len(runs)} runs, exit {runs[0].exit_code}"] * (
            len(runs) != 1 or runs[0].exit_code != 0
        )
        done = journal.ops(runs[0].id).values()
        found += [
            f"{at}: {op.key} is {op.outcome}" for op in done if op.outcome not in {o.value for o in CLEAN}
        ]
    results = json.loads((Path(runs[0].folder) / "results.json").read_text("utf-8"))
    found += [f"{at}: results.json says {results['outcomes']}"] * (results["exit_code"] != 0)
    return found


def main(root):
    found = []
    at = 0
    while True:
        at += 1
        folder = root / f"{at:03d}"
        folder.mkdir()
        world = [lead(number) for number in (1, 2, 3)]
        (folder / "world.json").write_text(json.dumps(world), "utf-8")
        status = child(folder, at)
        survived = os.WIFEXITED(status)
        if not survived and os.WTERMSIG(status) != signal.SIGKILL:
            found.append(f"{at}: ended by signal {os.WTERMSIG(status)}")
        if survived and os.WEXITSTATUS(status):
            found.append(f"{at}: exit {os.WEXITSTATUS(status)}")
        for _ in range(3):
            if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0:
                break
            status = child(folder, 0)
        found += violations(folder, at)
        shutil.rmtree(folder)
        if survived:
            break
    sys.stdout.write(json.dumps({"points": at - 1, "violations": found}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
