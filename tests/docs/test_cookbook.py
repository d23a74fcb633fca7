"""Every recipe of the cookbook is written canonically and can be applied to the sandbox as it stands."""

import asyncio
import random

import httpx
import pytest

from leadops.analysis.compiler import Surroundings, compile_playbook
from leadops.analysis.files import EmbeddedFiles
from leadops.core.clock import ManualClock
from leadops.crm.client import TeleCrm
from leadops.crm.connection import Connection
from leadops.crm.discovery import pull_schema
from leadops.crm.secrets import Secret
from leadops.engine.plan.options import PlanOptions
from leadops.engine.plan.planner import make_plan
from leadops.sandbox.http.app import create_app
from leadops.sandbox.world.world import World
from leadops.state.journal import Journal
from leadops.syntax.formatter import format_source
from leadops.syntax.parser import parse
from tests.docs.pages import DOCS, fences

PAGE = DOCS / "cookbook.md"
RECIPES = fences(PAGE, "lead")
FILES = {fence.file: fence.text for fence in fences(PAGE) if fence.file}
LOOK_ONLY = {"read timeline in last 30 days", "retry rejects of last run"}
"""What recipes that change nothing on the sandbox's leads end with."""


NOON_IN_MAY_2026 = 1_777_876_200_000


@pytest.fixture(scope="module")
def world():
    return World.open(None, ManualClock(NOON_IN_MAY_2026))


@pytest.fixture(scope="module")
def plan_text(world, tmp_path_factory):
    """Return a function: a playbook's text, planned on the sandbox with a journal that knows nothing yet."""
    clock = world.clock
    connection = Connection(
        "http://127.0.0.1/autoupdate/v2", None, world.enterprise_id, Secret(world.sync_token)
    )

    async def plan_(text):
        transport = httpx.ASGITransport(create_app(world))
        async with TeleCrm(connection, clock=clock, rng=random.Random(1), transport=transport) as crm:
            schema = await pull_schema(crm, clock)
            around = Surroundings(None, clock.now_ms(), files=EmbeddedFiles(FILES))
            compiled = compile_playbook(parse(text, "recipe.lead"), schema, around)
            assert not compiled.has_errors, compiled.diagnostics
            path = tmp_path_factory.mktemp("journal") / "journal.db"
            with Journal.open(path, lineage="cookbook") as journal:
                return await make_plan(compiled.plan, crm.reader, journal, PlanOptions(clock=clock))

    return lambda text: asyncio.run(plan_(text))


def test_there_are_twenty_five_tasks():
    headings = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("### ")]
    assert [heading.split(".")[0] for heading in headings] == [f"### {number}" for number in range(1, 26)]
    assert len(RECIPES) == 25


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda fence: f"line {fence.line}")
def test_a_recipe_is_written_canonically(recipe):
    assert format_source(parse(recipe.text, "recipe.lead")) == recipe.text


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda fence: f"line {fence.line}")
def test_a_recipe_can_be_applied_to_the_sandbox_as_it_stands(recipe, plan_text):
    saved = plan_text(recipe.text)
    assert saved.appliable, saved.refusals
    changes_nothing = recipe.text.strip().splitlines()[-1] in LOOK_ONLY
    assert bool(saved.changes) is not changes_nothing, [step.notes for step in saved.steps]
