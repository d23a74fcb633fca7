"""Which action on a timeline is ours, when the answer was lost."""

import pytest

from leadops.engine.action_match import Likeness, likeness
from leadops.engine.op_keys import carries_marker, marker, op_key, payload
from leadops.model.change import ActionSpec
from leadops.model.lead import TimelineAction
from leadops.model.schema import FieldType
from tests.simulation.bench import Desk, names
from tests.simulation.service import SCHEMA, START, Service, leads
from tests.simulation.virtual import run_virtual

ASKED = ActionSpec(
    "1001", {"note": "Thanks", "count": 3}, {"note": FieldType.TEXT, "count": FieldType.NUMBER}
)


def found(type="1001", **fields):
    return TimelineAction("a", type, START, "", fields)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (found(note="Thanks", count=3), Likeness.EQUAL),
        (found(note=" THANKS ", count="3.0", more="x"), Likeness.EQUAL),
        (found(note="Thanks"), Likeness.PART),
        (found(note="Thank you", count=3), Likeness.OTHER),
        (found("1002", note="Thanks", count=3), Likeness.OTHER),
    ],
    ids=["same", "as-typed", "a-field-is-missing", "other-text", "other-type"],
)
def test_an_action_is_compared_by_type_and_fields(row, expected):
    assert likeness(row, ASKED) is expected


def test_a_long_note_that_the_service_cut_is_equal_and_a_short_one_is_not():
    long = ActionSpec("1001", {"note": "abcde " * 40}, {"note": FieldType.TEXT})
    assert likeness(found(note=("abcde " * 40)[:100] + "…"), long) is Likeness.EQUAL
    assert likeness(found(note="abcde"), long) is Likeness.OTHER


def test_op_keys_differ_by_everything_but_the_values():
    base = ("e", "rule", "1001", "ever", "lead")
    keys = {op_key(*base)} | {op_key(*(*base[:i], "x", *base[i + 1 :])) for i in range(5)}
    assert len(keys) == 6


def test_payloads_are_equal_when_they_mean_the_same():
    same = ActionSpec("1001", {"count": "3.0", "note": "thanks", "leadops_ref": "lo-x.1"}, ASKED.types)
    other = ActionSpec("1001", {"count": 4, "note": "Thanks"}, ASKED.types)
    assert payload(ASKED) == payload(same) != payload(other)
    assert payload(None) == ""


def test_a_marker_names_the_op_and_its_attempt():
    key = op_key("e", "rule", "1002", "ever", "lead")
    assert marker(key, 1).split(".")[0] == marker(key, 2).split(".")[0]
    assert marker(key, 2).endswith(".2")
    assert carries_marker(SCHEMA, "1002")
    assert not carries_marker(SCHEMA, "1001")


def test_an_action_that_another_op_is_known_to_have_made_proves_nothing():
    text = 'find leads where status = Won\nadd action 1001 with note = "Thanks" each run'

    async def main(clock):
        service = Service(leads(1), clock)
        desk = Desk(service, clock)
        await desk.run(text)
        service.script = lambda what, attempt: "before" if attempt == 2 else ""
        result = await desk.run(text)
        return names(result), service.count(service.world[0]["id"])

    assert run_virtual(main, START) == ({"changed": 1}, 2)


def test_an_action_like_ours_without_a_field_leaves_a_doubt():
    async def main(clock):
        service = Service(leads(1), clock)

        def script(what, attempt):
            row = {"id": "x", "type": "1001", "at": clock.now_ms(), "by": "", "fields": {"note": "Thanks"}}
            service.world[0]["actions"].append(row)
            return "before"

        service.script = script
        text = 'find leads where status = Won\nadd action 1001 with note = "Thanks", email = "a@company.com"'
        return await Desk(service, clock).run(text)

    result = run_virtual(main, START)
    assert names(result) == {"in_doubt": 1}
    assert "without some of its fields" in result.results[0].reason
