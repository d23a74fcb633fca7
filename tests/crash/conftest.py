"""An independent server and a place to run the console script against it."""

import pytest

from tests.e2e.place import Place
from tests.independent.server import Server


@pytest.fixture
def server():
    with Server(leads=40) as running:
        yield running


@pytest.fixture
def place(tmp_path, server):
    return Place(tmp_path / "here", server)
