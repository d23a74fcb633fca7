"""An independent server and a place to run the console script against it; each test has its own of both."""

import pytest

from tests.e2e.place import Place
from tests.independent.server import Server

LEADS = 40
WARMING = (
    "find leads where status = Won and has action OUTGOING_CALL by 'agent@company.com' in April 2026 "
    "and rating = 1 and phone = '919999999990'; add action 1001 with note = 'x'"
).replace("'", '"')


@pytest.fixture(scope="session")
def warm_state(tmp_path_factory):
    """A state store that knows the workspace's schema and filters, as every store does after its first plan."""
    with Server(leads=LEADS) as server:
        place = Place(tmp_path_factory.mktemp("warm"), server)
        place.leadops("plan", "--rate", 3600, "-e", WARMING)
        place.an_hour_later()
        yield place.state


@pytest.fixture
def server():
    with Server(leads=LEADS) as running:
        yield running


@pytest.fixture
def place(tmp_path, server, warm_state):
    return Place(tmp_path / "here", server, warm=warm_state)


@pytest.fixture
def bare(tmp_path):
    """A place where nothing is configured."""
    return Place(tmp_path / "bare")
