"""Planning in time and memory: one process a size, from the playbook to the saved plan on the disk.

Run as ``python -m tests.benchmarks.planning N FILE``; writes {"seconds", "peak_mb", "base_mb", "changes"}.
"""

import asyncio
import json
import resource
import sys
import time
from pathlib import Path

from leadops.engine.plan.options import BeltFlags, PlanOptions
from leadops.engine.plan.planner import make_plan
from leadops.state.planfile import write_plan
from tests.benchmarks.crowd import Crowd
from tests.planner.fake import NOW
from tests.simulation.bench import compiled, memory_journal
from tests.simulation.service import SCHEMA

TEXT = """
find leads where status = Won
set rating = 5
add action 1001 with note = "Thanks, {{ lead.name }}"
"""


def peak_mb():
    """Return the most memory that this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def planned(size, path):
    """Plan so many leads, save the plan, and return what that took."""
    crowd = Crowd(size + 1000, size)
    crowd.ready()
    base = peak_mb()
    begun = time.process_time()
    options = PlanOptions(belts=BeltFlags(max_leads=1_000_000))
    saved = await make_plan(compiled(TEXT, SCHEMA, NOW), crowd, memory_journal(), options)
    write_plan(path, saved)
    seconds = time.process_time() - begun
    assert len(saved.changes) == 2 * size
    return {"seconds": seconds, "peak_mb": peak_mb(), "base_mb": base, "changes": len(saved.changes)}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(planned(int(sys.argv[1]), Path(sys.argv[2])))) + "\n")
