"""The fake service as fixtures: importlib mode gives test folders no common package."""

import importlib.util
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def fake():
    """Return the module of the in-memory service."""
    spec = importlib.util.spec_from_file_location("planner_fake_fixture", Path(__file__).with_name("fake.py"))
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
