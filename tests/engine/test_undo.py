"""Undo: what was computed when the playbook was made is a condition when it runs."""

from dataclasses import replace

import pytest

from leadops.engine.memory_stores import ShortCapabilities
from leadops.engine.operations.retry import retry_playbook
from leadops.engine.operations.undo import undo_playbook
from leadops.engine.plan.clearing import EMPTY, NULL
from leadops.model.schema import Field, FieldType
from tests.simulation.bench import Desk, compiled, names
from tests.simulation.service import SCHEMA, START, Service, lead, leads
from tests.simulation.virtual import run_virtual

ZONE = "Asia/Kolkata"
WIDE = replace(
    SCHEMA,
    fields=(
        *SCHEMA.fields,
        Field("remarks", FieldType.TEXT),
        Field("due", FieldType.DATE),
        Field("ok", FieldType.CHECKBOX),
        Field("other", FieldType.PHONE),
        Field("owner", FieldType.MEMBER),
    ),
)
RATE = "find leads where status = Won\nset rating = 5"


def verdicts(**known):
    """Return capabilities of which ``empty`` and ``null`` are known."""
    found = ShortCapabilities()
    for name, verdict in known.items():
        found.put({"empty": EMPTY, "null": NULL}[name], verdict)
    return found


async def undone(desk, result, schema=WIDE, **options):
    return await undo_playbook(result.results, schema, desk.service, run=result.run, timezone=ZONE, **options)


async def runs(desk, text, schema=WIDE, **options):
    """Plan and apply ``text`` in ``schema``; return the result."""
    plan = compiled(text, schema, desk.clock.now_ms())
    saved, _ = await desk.plan(plan, **options)
    return await desk.apply(saved, plan, read_ms=saved.made_ms)


def change_and_back(field, before, after, moved=None, effect=None):
    """Return what the field holds after a change and its undo; ``moved``: somebody sets it before the undo runs."""
    from zoneinfo import ZoneInfo

    from leadops.engine.operations.guarded import set_text

    kind = WIDE.field(field).type

    async def main(clock):
        world = [lead(1, **{field: before})]
        desk = Desk(Service(world, clock), clock)
        how = effect or set_text(field, kind, after, ZoneInfo(ZONE))[0]
        result = await runs(desk, f"find leads where status = Won\n{how}")
        assert names(result) == {"changed": 1}, result
        undo = await undone(desk, result, capabilities=verdicts(empty=True))
        held = world[0]["fields"][field]
        if moved is not None:
            world[0]["fields"][field] = moved
        ended = await runs(desk, undo.text, capabilities=verdicts(empty=True))
        return undo, held, world[0]["fields"].get(field), names(ended)

    return run_virtual(main, START)


MINUTE = 1_777_699_980_000
VALUES = [
    ("rating", 1, 4, 2),
    ("visits", 3, 1.5, 7),
    ("deal_size", 100, 25000.5, 1),
    ("remarks", "old", "new", "theirs"),
    ("remarks", 'say "hi" \\ there', "new", "theirs"),
    ("remarks", "two\nlines\t!", 'new "x"\nline', "theirs"),
    ("remarks", "Hello {{ lead.name }} and {% x %}", "plain", "theirs"),
    ("remarks", "{name}", "plain", "theirs"),
    ("remarks", "Tata*", "plain", "theirs"),
    ("remarks", "rating", "today", "theirs"),
    ("remarks", "$agent %name% ${name}", "null", "theirs"),
    ("email", "a@b.example", "c@d.example", "x@y.example"),
    ("source", "Website", "Walk-in", "Website"),
    ("due", MINUTE, MINUTE + 86_400_000, MINUTE + 60_000),
    ("due", MINUTE + 7_000, MINUTE, MINUTE + 60_000),
    ("ok", True, False, True),
    ("other", "919876500001", "919876500002", "919876500003"),
]


@pytest.mark.parametrize(("field", "before", "after", "moved"), VALUES)
def test_a_value_comes_back_to_the_letter_and_what_somebody_set_since_stays(field, before, after, moved):
    undo, held, back, ended = change_and_back(field, before, after)
    assert held != before
    assert (float(back) if field == "deal_size" else back) == before, undo.text
    assert ended == {"changed": 1}
    _, _, kept, ended = change_and_back(field, before, after, moved)
    assert kept == moved
    assert ended == {}


@pytest.mark.parametrize("text", ["Hello {{ lead.name }}", "{{ x }}", "Tata*", "%", "{name}", "{%{%"])
def test_a_value_of_ours_that_cannot_be_compared_as_it_is_guards_all_the_same(text):
    from leadops.engine.operations.playbook_text import exact_text

    effect = f"set remarks = {exact_text(text)}"
    _, held, back, _ = change_and_back("remarks", "old", text, effect=effect)
    assert (held, back) == (text, "old")
    for moved in ("theirs", f"x{text}", f"{text}x", f"{text[:3]} and {text[3:]} more"):
        assert change_and_back("remarks", "old", text, moved, effect)[2] == moved


def test_tags_of_others_stay_and_ours_go():
    async def main(clock):
        world = [lead(1, interests=["VIP"]), lead(2), lead(3, interests=["VIP"])]
        desk = Desk(Service(world, clock), clock)
        text = 'find leads where status = Won\nremove VIP from interests\nadd "Returning" to interests'
        result = await runs(desk, text)
        undo = await undone(desk, result, capabilities=verdicts(empty=True))
        world[0]["fields"]["interests"] = ["Returning", "Hot"]
        world[2]["fields"]["interests"] = ["Hot"]
        await runs(desk, undo.text, capabilities=verdicts(empty=True))
        return [one["fields"].get("interests") for one in world]

    first, second, third = run_virtual(main, START)
    assert first == ["Hot", "VIP"]
    assert second in (None, "", [])
    assert third == ["Hot"], "ours was taken away since: nothing of it is undone"


@pytest.mark.parametrize(
    ("known", "restored", "said"),
    [
        ({"empty": True}, 1, ""),
        ({"empty": False, "null": True}, 1, ""),
        ({"empty": False, "null": False}, 0, "this workspace cannot clear a field"),
        ({}, 0, "doctor --probe-clear"),
    ],
)
def test_a_field_that_had_no_value_is_cleared_where_the_probe_found_out_how(known, restored, said):
    async def main(clock):
        desk = Desk(Service(leads(1), clock), clock)
        result = await runs(desk, RATE)
        undo = await undone(desk, result, capabilities=verdicts(**known))
        if restored:
            await runs(desk, undo.text, capabilities=verdicts(**known))
        return undo, desk.service.world[0]["fields"].get("rating")

    undo, held = run_virtual(main, START)
    assert undo.restored == restored
    assert said in " ".join(undo.lost)
    assert held == (5 if not restored else "" if known.get("empty") else None)


def test_equal_changes_are_one_step_however_many_leads_they_are():
    async def main(clock):
        desk = Desk(Service(leads(260, rating=2), clock), clock)
        result = await runs(desk, RATE)
        undo = await undone(desk, result)
        return (
            undo,
            names(await runs(desk, undo.text)),
            {one["fields"]["rating"] for one in desk.service.world},
        )

    undo, done, ratings = run_virtual(main, START)
    assert undo.text.count("\nstep ") == 1
    assert (done, ratings) == ({"changed": 260}, {2})


def test_a_lead_that_is_deleted_before_the_undo_runs_stops_nobody():
    async def main(clock):
        desk = Desk(Service([lead(1, rating=1), lead(2, rating=2), lead(3, rating=3)], clock), clock)
        result = await runs(desk, RATE)
        del desk.service.world[2]
        undo = await undone(desk, result)
        del desk.service.world[0]
        return undo, names(await runs(desk, undo.text)), desk.service.world[0]["fields"]["rating"]

    undo, done, rating = run_virtual(main, START)
    assert "the lead Lead 3 is not found any more" in undo.lost
    assert (done, rating) == ({"changed": 1}, 2)


def test_two_leads_of_one_phone_are_told_apart():
    async def main(clock):
        world = [lead(1, rating=1), lead(2, phone="919000000001", status="Lost", rating=5)]
        desk = Desk(Service(world, clock), clock)
        result = await runs(desk, RATE)
        undo = await undone(desk, result)
        await runs(desk, undo.text)
        return [one["fields"]["rating"] for one in world]

    assert run_virtual(main, START) == [1, 5]


def test_a_value_that_the_workspace_no_longer_has_is_named_and_the_rest_comes_back():
    async def main(clock):
        desk = Desk(Service([lead(1, rating=1, source="Website")], clock), clock)
        result = await runs(desk, RATE + '\nset source = "Walk-in"')
        fields = tuple(replace(one, options=("Walk-in",)) if one.options else one for one in WIDE.fields)
        less = replace(WIDE, fields=fields)
        undo = await undone(desk, result, less)
        return undo, names(await runs(desk, undo.text, less)), desk.service.world[0]["fields"]

    undo, done, held = run_virtual(main, START)
    assert any("source of Lead 1" in one and "Website" in one for one in undo.lost)
    assert done == {"changed": 1}
    assert (held["rating"], held["source"]) == (1, "Walk-in")


@pytest.mark.parametrize(
    ("field", "before", "after"), [("remarks", "#N/A", "b"), ("email", "none", "a@b.example")]
)
def test_a_value_that_no_playbook_may_write_is_named(field, before, after):
    async def main(clock):
        desk = Desk(Service([lead(1, rating=1, **{field: before})], clock), clock)
        result = await runs(desk, f'{RATE}\nset {field} = "{after}"')
        undo = await undone(desk, result)
        return undo, names(await runs(desk, undo.text))

    undo, done = run_virtual(main, START)
    assert any(one.startswith(f"{field} of Lead 1: ") for one in undo.lost)
    assert (undo.restored, done) == (1, {"changed": 1})


def test_the_title_says_how_much_of_the_run_stays():
    async def main(clock):
        desk = Desk(Service([lead(1, rating=1), lead(2)], clock), clock)
        text = RATE + '\nadd action 1001 with note = "Hi"'
        result = await runs(
            desk, text + '\nstep "new" { create lead with phone = "917777777777", name = "Jane" }'
        )
        undo = await undone(desk, result)
        saved, _ = await desk.plan(compiled(undo.text, WIDE))
        return undo, saved.title

    undo, title = run_virtual(main, START)
    assert undo.summary in title
    assert undo.summary == (
        "1 of 5 changes are taken back; 4 are not"
        " (2 × an action stays, 1 × a field had no value before, 1 × a new lead stays)"
    )


def test_a_corrected_reject_is_not_written_over_what_somebody_set_since():
    async def main(clock):
        world = [lead(1, rating=1, source="Walk-in"), lead(2), lead(3, rating=1, interests=["VIP"])]
        bad = {"on": True}
        desk = Desk(Service(world, clock, lambda *_: "refused" if bad["on"] else ""), clock)
        result = await runs(desk, RATE + '\nset source = "Website"\nadd "Returning" to interests')
        text = retry_playbook(result.results, WIDE, run=result.run, timezone=ZONE)
        bad["on"] = False
        world[0]["fields"]["rating"] = 3
        world[1]["fields"]["source"] = "Walk-in"
        world[2]["fields"]["interests"] = ["VIP", "Hot"]
        await runs(desk, text)
        return text, [one["fields"] for one in world]

    text, (first, second, third) = run_virtual(main, START)
    assert 'when source = "Walk-in" { set source = "Website" }' in text
    assert (first["rating"], first["source"]) == (3, "Website")
    assert (second["rating"], second["source"]) == (5, "Walk-in")
    assert third["interests"] == ["VIP", "Hot", "Returning"]


def test_an_update_of_an_action_comes_back_only_while_it_holds_ours():
    async def main(clock):
        rows = [{"id": "a1", "type": "1001", "at": START - 1000, "by": "x", "fields": {"note": "old"}}]
        desk = Desk(Service([lead(1, rows)], clock), clock)
        result = await runs(desk, 'find leads where status = Won\nupdate action 1001 with note = "new"')
        undo = await undone(desk, result)
        desk.service.world[0]["actions"][0]["fields"]["note"] = "theirs"
        await runs(desk, undo.text)
        kept = desk.service.world[0]["actions"][0]["fields"]["note"]
        desk.service.world[0]["actions"][0]["fields"]["note"] = "new"
        await runs(desk, undo.text)
        return undo, kept, desk.service.world[0]["actions"][0]["fields"]["note"]

    undo, kept, back = run_virtual(main, START)
    assert (kept, back) == ("theirs", "old")
    assert undo.summary == "its change is taken back"
