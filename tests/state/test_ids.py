import stat

import pytest

from leadops.core.clock import ManualClock
from leadops.core.errors import ConfigurationError
from leadops.state.ids import IdFile, Sighting

NOW = 1_777_000_000_000


@pytest.fixture
def index(tmp_path):
    with IdFile(tmp_path / "state" / "ids.sqlite", ManualClock(NOW)) as opened:
        yield opened


def test_an_id_is_found_by_its_identifier(index):
    index.remember([("911111111111", "a1"), ("912222222222", "b2")])
    assert index.ids_of("911111111111") == ["a1"]
    assert index.ids_of("913333333333") == []


def test_an_identifier_with_two_ids_returns_both(index):
    index.remember_many([Sighting("91", "a1", "search", 1), Sighting("91", "a2", "import", 2)])
    assert index.ids_of("91") == ["a2", "a1"]
    assert set(index.conflicts()) == {"91"}


def test_one_id_each_is_no_conflict(index):
    index.remember([("91", "a1"), ("92", "b1")])
    assert index.conflicts() == {}


def test_a_pair_seen_again_keeps_the_latest_sighting(index):
    index.remember_many([Sighting("91", "a1", "search", 5)])
    index.remember_many([Sighting("91", "a1", "import", 3)])
    assert index.all() == [Sighting("91", "a1", "search", 5)]
    index.remember([("91", "a1")])
    assert index.all() == [Sighting("91", "a1", "read", NOW)]


def test_thousands_are_looked_up_at_once(index):
    index.remember([(str(number), f"id{number}") for number in range(1_700)])
    found = index.lookup([str(number) for number in range(1_700)])
    assert len(found) == 1_700
    assert found["1699"][0].lead_id == "id1699"


def test_empty_ids_and_identifiers_are_left_out(index):
    assert index.remember_many([Sighting("", "a1", "x", 1), Sighting("91", "", "x", 1)]) == 0
    assert index.all() == []


def test_a_file_replaces_what_was_known_of_the_leads_in_it(index):
    index.remember([("91", "old"), ("92", "b"), ("93", "c")])
    learned = index.learn([("91", "new"), ("92", "b"), ("94", "d"), ("94", "e")])
    assert (learned.new, learned.replaced, learned.doubled) == (3, 1, ("94",))
    assert index.ids_of("91") == ["new"]
    assert index.ids_of("93") == ["c"]
    assert sorted(index.ids_of("94")) == ["d", "e"]


def test_forgetting_erases_an_identifier(index):
    index.remember([("91", "a1"), ("92", "b1")])
    assert index.forget("91") == 1
    assert [one.identifier for one in index.all()] == ["92"]


def test_it_is_kept_and_private(tmp_path):
    path = tmp_path / "ids.sqlite"
    with IdFile(path, ManualClock(NOW)) as index:
        index.remember([("91", "a1")])
    with IdFile(path, ManualClock(NOW)) as index:
        assert index.ids_of("91") == ["a1"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_damaged_index_is_named(tmp_path):
    path = tmp_path / "ids.sqlite"
    path.write_bytes(b"no database" * 100)
    with pytest.raises(ConfigurationError, match="cannot be used"):
        IdFile(path, ManualClock(NOW))
