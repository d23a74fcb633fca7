"""An independent server and a place to run the console script against it; each test has its own of both."""

import pytest

from tests.e2e.place import Place
from tests.independent.server import Server

LEADS = 40


@pytest.fixture
def server():
    with Server(leads=LEADS) as running:
        yield running


@pytest.fixture
def place(tmp_path, server):
    return Place(tmp_path / "here", server)


@pytest.fixture
def bare(tmp_path):
    """A place where nothing is configured."""
    return Place(tmp_path / "bare")
