"""Reading again at any rate: the real client and rate bucket, in front of the sandbox, on a clock that jumps."""

import random
import tempfile
from pathlib import Path

import httpx
import pytest

from leadops.crm.client import TeleCrm
from leadops.crm.discovery import pull_schema
from leadops.crm.secrets import Secret
from leadops.engine.apply.executor import apply_plan
from leadops.engine.plan.options import ApplyOptions, BeltFlags, PlanOptions
from leadops.engine.plan.planner import make_plan
from leadops.sandbox.http.app import create_app
from leadops.sandbox.world.world import World
from leadops.state.ratelimit import RateBucket
from tests.crm.scripts import connection
from tests.simulation.bench import Folder, compiled, memory_journal, names
from tests.simulation.service import START
from tests.simulation.virtual import run_virtual

SET = "find leads where status = Won\nset rating = 5"
BOTH = f'{SET}\nadd action 1001 note "A"'


@pytest.mark.parametrize(("rate", "text"), [(3000, BOTH), (600, BOTH), (100, BOTH), (50, SET), (20, SET)])
def test_at_any_rate_all_is_written_in_time_and_within_the_bound(rate, text):
    async def main(clock):
        world = World.open(None, clock, seed=3, leads=120)
        where = connection(enterprise_id=world.enterprise_id, sync_token=Secret(world.sync_token))
        transport = httpx.ASGITransport(create_app(world))
        with tempfile.TemporaryDirectory() as folder, RateBucket(Path(folder) / "b", rate, clock) as bucket:
            client = TeleCrm(where, clock=clock, rng=random.Random(1), limiter=bucket, transport=transport)
            async with client as crm:
                plan = compiled(text, schema=await pull_schema(crm, clock), now_ms=clock.now_ms())
                before = crm.calls
                journal = memory_journal()
                options = PlanOptions(belts=BeltFlags(max_leads=1000), clock=clock, rate_per_hour=rate)
                saved = await make_plan(plan, crm.reader, journal, options)
                given = ApplyOptions(clock=clock, rng=random.Random(1), read_ms=saved.made_ms)
                result = await apply_plan(saved, plan, crm.reader, crm.writer, journal, Folder(), given)
                return result, saved, crm.calls.total - before.total

    result, saved, calls = run_virtual(main, START)
    assert len(saved.changes) > 20
    assert names(result) == {"changed": len(saved.changes)}
    assert calls <= saved.calls.bound
