import json
import stat
from dataclasses import replace

import pytest

from leadops.core.clock import ManualClock
from leadops.core.errors import ConfigurationError
from leadops.model.schema import ActionField, ActionType, Field, FieldType, Label, Member, Schema
from leadops.state.cache import DAY_MS, WorkspaceCache, read_schema, schema_text, write_schema

NOW = 1_777_000_000_000
SCHEMA = Schema(
    enterprise_id="e1",
    name="नया",
    pulled_at_ms=NOW,
    fields=(
        Field("city", FieldType.DROPDOWN, options=("Pune", "Mumbai")),
        Field("phone", FieldType.PHONE, identifier=True),
    ),
    actions=(ActionType("1001", "Site visit", (ActionField("note", FieldType.TEXT),)),),
    statuses=(Label("Won", "WON"), Label("Old", "OPEN", archived=True)),
    lost_reasons=(Label("Price"),),
    members=(Member("a@b.in", "A", former=True),),
)


@pytest.fixture
def clock():
    return ManualClock(NOW)


@pytest.fixture
def cache(tmp_path, clock):
    return WorkspaceCache(tmp_path / "state" / "cache.json", "e1", "next.telecrm.in", clock)


def test_a_schema_is_kept_for_a_day(cache, clock):
    assert cache.schema() is None
    cache.keep_schema(SCHEMA)
    assert cache.schema() == SCHEMA
    clock.advance(DAY_MS / 1000 + 1)
    assert cache.schema() is None
    assert cache.schema(any_age=True) == SCHEMA


def test_a_schema_from_the_future_is_not_fresh(cache):
    cache.keep_schema(replace(SCHEMA, pulled_at_ms=NOW + 1))
    assert cache.schema() is None


def test_verdicts_are_kept_for_a_day_each(cache, clock):
    cache.put("field:status", verdict=True)
    clock.advance(DAY_MS / 2000)
    cache.put("actions:type", verdict=False)
    assert (cache.get("field:status"), cache.get("actions:type"), cache.get("field:name")) == (
        True,
        False,
        None,
    )
    clock.advance(DAY_MS / 2000 + 1)
    assert (cache.get("field:status"), cache.get("actions:type")) == (None, False)


def test_verdicts_fall_when_the_schema_says_something_else(cache):
    cache.keep_schema(SCHEMA)
    cache.put("field:city", verdict=True)
    cache.keep_schema(replace(SCHEMA, pulled_at_ms=NOW + 5))
    assert cache.get("field:city") is True
    cache.keep_schema(replace(SCHEMA, members=()))
    assert cache.get("field:city") is None


@pytest.mark.parametrize("other", [("e2", "next.telecrm.in"), ("e1", "127.0.0.1:8000")])
def test_another_workspace_or_host_knows_nothing_of_it(tmp_path, clock, other):
    path = tmp_path / "cache.json"
    WorkspaceCache(path, "e1", "next.telecrm.in", clock).keep_schema(SCHEMA)
    assert WorkspaceCache(path, *other, clock).schema() is None


@pytest.mark.parametrize("damage", [b"", b"{", b'{"format_version": 2}', b"\xff\xfe", b'{"surprise": 1}'])
def test_a_damaged_cache_counts_as_absent_and_is_replaced(cache, tmp_path, damage):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "cache.json").write_bytes(damage)
    assert cache.schema() is None
    cache.put("x", verdict=True)
    assert cache.get("x") is True


def test_the_cache_is_private(cache, tmp_path):
    cache.keep_schema(SCHEMA)
    assert stat.S_IMODE((tmp_path / "state" / "cache.json").stat().st_mode) == 0o600


def test_clearing_forgets(cache):
    cache.keep_schema(SCHEMA)
    cache.clear()
    cache.clear()
    assert cache.schema(any_age=True) is None


def test_a_schema_file_reads_back_as_it_was_written(tmp_path):
    path = tmp_path / "leadops.schema.json"
    write_schema(path, SCHEMA)
    assert read_schema(path) == SCHEMA
    assert path.read_text("utf-8").endswith("}\n")
    assert schema_text(read_schema(path)) == path.read_text("utf-8")
    assert "नया" in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"format_version": 2}, "format_version"),
        ({"extra": 1}, "extra"),
        ({"fields": [{"type": "odd"}]}, "fields/0"),
    ],
)
def test_a_wrong_schema_file_is_refused_and_the_place_named(tmp_path, change, place):
    path = tmp_path / "leadops.schema.json"
    path.write_text(json.dumps({**json.loads(schema_text(SCHEMA)), **change}))
    with pytest.raises(ConfigurationError, match=place):
        read_schema(path)


def test_a_missing_schema_file_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_schema(tmp_path / "none.json")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        write_schema(tmp_path / "none" / "x.json", SCHEMA)


def test_a_verdict_on_clearing_outlives_a_day_and_another_schema(cache, clock):
    cache.keep_schema(SCHEMA)
    cache.put("clear:null", True)
    cache.put("field:city", True)
    cache.keep_schema(replace(SCHEMA, name="another"))
    assert cache.verdicts() == {"clear:null": True}
    clock.advance(80 * DAY_MS / 1000)
    assert cache.get("clear:null") is True
    clock.advance(11 * DAY_MS / 1000)
    assert cache.get("clear:null") is None
