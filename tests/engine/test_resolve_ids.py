"""Ids where search rows carry none: by identifier from the index, verified, never by row order."""

import asyncio
import importlib.util
import sys
from pathlib import Path

import pytest

from leadops.core.errors import RefusedError, UsageError
from leadops.engine.operations.import_ids import import_ids
from leadops.engine.select.lead_ids import verify_id
from leadops.engine.select.selector import SelectAround, select
from leadops.model import predicate as p
from leadops.model.lead import Lead
from leadops.model.saved import Refusal
from leadops.model.schema import FieldType as T

_path = Path(__file__).parent.parent / "planner" / "fake.py"
_spec = importlib.util.spec_from_file_location("engine_fake_ids", _path)
fake = importlib.util.module_from_spec(_spec)
sys.modules[_spec.name] = fake
_spec.loader.exec_module(fake)

WON = p.Equals("status", T.STATUS, "Won")


def run(world, index, condition=WON):
    step = fake.step_of(condition)
    around = SelectAround(fake.Verdicts(), index)
    return asyncio.run(select(step, fake.plan_of(step), fake.Fake(world, ids=False), around))


def test_a_lead_gets_its_id_from_the_index_and_is_to_be_verified():
    world = [fake.row(n, status="Won") for n in range(120)]
    found = run(world, fake.index_of(world))
    assert {lead.id: lead.fields["phone"] for lead in found.leads} == {
        lead["id"]: lead["fields"]["phone"] for lead in world
    }
    assert found.indexed == {lead["id"] for lead in world}
    assert found.unresolved == ()


def test_leads_unknown_to_the_index_are_refused_by_name_while_others_go_on():
    world = [fake.row(n, status="Won") for n in range(5)]
    found = run(world, fake.index_of(world[1:]))
    assert len(found.leads) == 5
    [refusal] = found.unresolved
    assert refusal.lead.identifier == world[0]["fields"]["phone"]
    assert "leadops ids import" in refusal.help


def test_two_leads_of_one_identifier_are_both_refused():
    world = [
        fake.row(1, status="Won"),
        {**fake.row(1, status="Won", created=5), "id": "b" * 24},
        fake.row(2, status="Won"),
    ]
    found = run(world, fake.index_of(world[:1] + world[2:]))
    assert len(found.leads) == 3
    assert sorted(lead.id is None for lead in found.leads) == [False, True, True]
    assert all("several leads" in refusal.reason for refusal in found.unresolved)
    assert len(found.unresolved) == 2


def test_several_ids_of_one_identifier_are_refused():
    world = [fake.row(1, status="Won")]
    index = fake.Index({world[0]["fields"]["phone"]: ["a" * 24, "b" * 24]})
    [refusal] = run(world, index).unresolved
    assert "2 ids" in refusal.reason


def test_rows_with_ids_fill_the_index():
    world = [fake.row(n, status="Won") for n in range(3)]
    index = fake.Index()
    step = fake.step_of(WON)
    asyncio.run(select(step, fake.plan_of(step), fake.Fake(world), SelectAround(fake.Verdicts(), index)))
    assert index == {lead["fields"]["phone"]: [lead["id"]] for lead in world}


def test_an_id_is_verified_by_its_identifier():
    world = [fake.row(1), fake.row(2)]
    service = fake.Fake(world)
    mine = Lead(world[0]["id"], {"phone": "+91 90000 00001"})
    assert asyncio.run(verify_id(service, mine, fake.SCHEMA)).id == mine.id
    other = Lead(world[1]["id"], {"phone": "9000000001"})
    wrong = asyncio.run(verify_id(service, other, fake.SCHEMA))
    assert isinstance(wrong, Refusal)
    assert "919000000002" in wrong.reason
    twin = Lead(world[0]["id"], {"phone": "9000000001", "created_on": 5})
    assert "another lead" in asyncio.run(verify_id(service, twin, fake.SCHEMA)).reason
    gone = asyncio.run(verify_id(service, Lead("f" * 24, {"phone": "1"}), fake.SCHEMA))
    assert "no such lead" in gone.reason


def test_a_timeline_cannot_be_read_without_an_id():
    from leadops.model.plan import Permissions

    visit = {"type": "1001", "by": "", "at": fake.NOW - 5, "fields": {"outcome": "Good"}}
    world = [fake.row(1, status="Won", actions=[visit])]
    having = p.Activity(("1001",), having=(p.Having("outcome", T.TEXT, "Good"),))
    step = fake.step_of(p.And((WON, having)), permissions=Permissions(timelines=True))
    with pytest.raises(RefusedError, match="has no id"):
        asyncio.run(
            select(
                step,
                fake.plan_of(step),
                fake.Fake(world, ids=False),
                SelectAround(fake.Verdicts(), fake.Index()),
            )
        )


# ── ids import ───────────────────────────────────────────────────────────────────────────────────


def test_a_dashboard_export_is_read_by_column_names():
    text = "Name,Lead ID,Phone\nA,AAAAAAAAAAAAAAAAAAAAAAAA,+91 90000 00001\n\nB,undefined,9000000002\nC,123,9000000003\nD,bbbbbbbbbbbbbbbbbbbbbbbb,9.19E+11\n"
    got = import_ids(text.encode(), fake.SCHEMA)
    assert got.pairs == (("919000000001", "a" * 24),)
    assert [bad.number for bad in got.refused] == [4, 5, 6]
    assert "placeholder" in got.refused[0].reason
    assert "24 hex" in got.refused[1].reason
    assert "no phone" in got.refused[2].reason


def test_recorded_workflow_pushes_are_read_as_json_lines():
    lines = [
        '{"leadId": "aaaaaaaaaaaaaaaaaaaaaaaa", "phone": "919000000001", "status": "Won"}',
        '{"lead_id": "bbbbbbbbbbbbbbbbbbbbbbbb", "lead": {"phone": "9000000002"}}',
        '{"leadId": "null", "phone": "9000000003"}',
        '{"leadId": "cccccccccccccccccccccccc", "phone": null}',
        '{"leadId": "{{Lead Id}}", "phone": "9000000003"}',
        "not json",
        '{"phone": "9000000004"}',
    ]
    got = import_ids("\n".join(lines).encode(), fake.SCHEMA)
    assert got.pairs == (("919000000001", "a" * 24), ("919000000002", "b" * 24))
    assert [bad.number for bad in got.refused] == [3, 4, 5, 6, 7]


def test_columns_may_be_given():
    text = b"key,tel\naaaaaaaaaaaaaaaaaaaaaaaa,9000000001\n"
    got = import_ids(text, fake.SCHEMA, id_column="key", identifier_column="tel")
    assert got.pairs == (("919000000001", "a" * 24),)


@pytest.mark.parametrize("content", [b"", b"\xff\xfea", b'a,"b\n'])
def test_a_file_that_is_none_is_refused(content):
    with pytest.raises(UsageError):
        import_ids(content, fake.SCHEMA)
