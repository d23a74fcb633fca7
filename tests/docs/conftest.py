"""The sandbox's own schema, and a compiler for fragments of documentation."""

import asyncio
from pathlib import Path

import pytest

from leadops.analysis.compiler import Surroundings, compile_playbook
from leadops.analysis.files import EmbeddedFiles
from leadops.syntax.parser import parse
from tests.workspace import sandbox_schema


@pytest.fixture(scope="session")
def demo_schema():
    return asyncio.run(sandbox_schema())


@pytest.fixture
def compile_text():
    def compile_(text, schema):
        parsed = parse(text, "page.lead")
        files = {str(p): p.read_text() for p in Path("playbooks").glob("*") if p.is_file()}
        around = Surroundings(
            timezone=None,
            country_code="91",
            now_ms=1_780_000_000_000,
            parameters={},
            files=EmbeddedFiles(files),
            environment={},
            call_types=None,
            unchecked=False,
            notify_names=None,
        )
        return compile_playbook(parsed, schema, around).diagnostics

    return compile_
