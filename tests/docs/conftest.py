"""The sandbox's own schema, and a compiler for fragments of documentation."""

import asyncio
from pathlib import Path

import pytest

from leadops.analysis.compiler import Surroundings, compile_playbook
from leadops.analysis.files import EmbeddedFiles
from leadops.core.clock import SystemClock
from leadops.sandbox.world.world import World
from leadops.state.private import private_dir
from leadops.syntax.parser import parse
from tests.workspace import sandbox_schema

_NOON_IN_MAY_2026 = 1_777_876_200_000


@pytest.fixture(scope="session")
def demo_schema():
    return asyncio.run(sandbox_schema())


@pytest.fixture(scope="session")
def fresh_state(tmp_path_factory):
    """A state folder with a sandbox that nobody has touched, for each page to have a copy of."""
    state = tmp_path_factory.mktemp("docs") / "state"
    World.open(private_dir(state / "sandbox") / "world.db", SystemClock()).store.close()
    return state


@pytest.fixture
def compile_text(demo_schema):
    """Return a function: a playbook's text and the files beside it by name, to its diagnostics."""

    def compile_(text, files):
        beside = {p.name: p.read_text("utf-8") for p in Path("playbooks").glob("*") if p.is_file()}
        around = Surroundings(
            timezone=None,
            country_code="91",
            now_ms=_NOON_IN_MAY_2026,
            parameters={},
            files=EmbeddedFiles({**beside, **files}),
            environment={},
            call_types=None,
            unchecked=False,
            notify_names=None,
        )
        return compile_playbook(parse(text, "page.lead"), demo_schema, around).diagnostics

    return compile_
