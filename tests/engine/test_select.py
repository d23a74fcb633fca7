"""Selecting in a plan of several steps, and why a lead is selected."""

import asyncio
import importlib.util
import sys
from pathlib import Path

import pytest

from leadops.core.errors import RefusedError
from leadops.engine.apply.recheck.reread import recheck
from leadops.engine.select import noncompliant as compliance
from leadops.engine.select.selector import SelectAround, holders, select, workspace_total
from leadops.engine.select.why import why
from leadops.engine.simulated_state import Overlay
from leadops.model import predicate as p
from leadops.model.change import ActionSpec, Change, FieldChange, Kind, LeadRef
from leadops.model.lead import Lead
from leadops.model.plan import (
    Append,
    Assign,
    ChangeTags,
    Constant,
    FindById,
    Once,
    Permissions,
    SetField,
    Step,
    Template,
    When,
)
from leadops.model.schema import FieldType as T
from leadops.predicate.evaluate import holds
from leadops.predicate.facts import Facts

_path = Path(__file__).parent.parent / "planner" / "fake.py"
_spec = importlib.util.spec_from_file_location("engine_fake_select", _path)
fake = importlib.util.module_from_spec(_spec)
sys.modules[_spec.name] = fake
_spec.loader.exec_module(fake)

WON = p.Equals("status", T.STATUS, "Won")
VISITED = p.Activity(("1001",))
CALLED = p.Activity(("OUTGOING_CALL",))


def visit(outcome="Good"):
    return {"type": "1001", "by": "", "at": fake.NOW - 50, "fields": {"outcome": outcome}}


def call():
    return {"type": "OUTGOING_CALL", "by": "agent@company.com", "at": fake.NOW - 50}


def run(world, condition, *, overlay=None, goal=None, service=None, **step):
    made = fake.step_of(condition, **step)
    around = SelectAround(fake.Verdicts(), fake.index_of(world), overlay=overlay or Overlay(), goal=goal)
    return asyncio.run(select(made, fake.plan_of(made), service or fake.Fake(world), around))


def touched(world, number, fields=None, action=None):
    overlay = Overlay()
    row = world[number]
    lead = Lead(row["id"], {**row["fields"], "created_on": row["created_on"]})
    changes = [
        Change(
            "k",
            0,
            Kind.UPDATE,
            LeadRef(lead.id, ""),
            {n: FieldChange(None, v) for n, v in (fields or {}).items()},
        )
    ]
    if action:
        changes.append(
            Change("a", 0, Kind.APPEND, LeadRef(lead.id, ""), action=ActionSpec(action, {"outcome": "Good"}))
        )
    overlay.record(lead.id, lead, changes, fake.NOW)
    return overlay


# ── the overlay ──────────────────────────────────────────────────────────────────────────────────


def test_a_lead_that_an_earlier_step_changes_leaves_a_later_step():
    world = [fake.row(n, status="Won") for n in range(4)]
    found = run(world, WON, overlay=touched(world, 1, {"status": "Lost"}))
    assert [lead.id for lead in found.leads] == [world[n]["id"] for n in (0, 2, 3)]
    assert found.matched == 3


def test_a_lead_that_an_earlier_step_changes_enters_a_later_step_as_it_will_be():
    world = [fake.row(n, status="Fresh") for n in range(4)]
    found = run(world, WON, overlay=touched(world, 1, {"status": "Won", "rating": 5}))
    [lead] = found.leads
    assert (lead.id, lead.fields["rating"]) == (world[1]["id"], 5)


def test_an_action_of_an_earlier_step_counts_in_a_later_one():
    world = [fake.row(n, status="Won") for n in range(4)]
    found = run(world, p.And((WON, VISITED)), overlay=touched(world, 1, action="1001"))
    assert [lead.id for lead in found.leads] == [world[1]["id"]]
    found = run(world, p.And((WON, p.Not(VISITED))), overlay=touched(world, 1, action="1001"))
    assert len(found.leads) == 3


def test_what_the_service_knows_of_a_changed_lead_is_asked():
    world = [fake.row(n, status="Fresh", actions=[call()] if n == 1 else []) for n in range(4)]
    found = run(world, p.And((WON, CALLED)), overlay=touched(world, 1, {"status": "Won"}))
    assert [lead.id for lead in found.leads] == [world[1]["id"]]
    found = run(world, p.And((WON, CALLED)), overlay=touched(world, 2, {"status": "Won"}))
    assert found.leads == ()


def test_a_created_lead_is_found_by_later_steps():
    world = [fake.row(n, status="Fresh") for n in range(2)]
    overlay = Overlay()
    fields = {"phone": FieldChange(None, "919999999999"), "status": FieldChange(None, "Won")}
    overlay.record(
        "~919999999999@0",
        None,
        [Change("k", 0, Kind.CREATE, LeadRef(None, "919999999999"), fields)],
        fake.NOW,
    )
    found = run(world, p.And((WON, p.Not(CALLED))), overlay=overlay)
    assert [lead.fields["phone"] for lead in found.leads] == ["919999999999"]


def test_counts_of_complying_leads_take_earlier_steps_into_account():
    world = [fake.row(n, status="Won", rating=5) for n in range(150)]
    goal = p.Equals("rating", T.RATING, 5)
    found = run(world, WON, overlay=touched(world, 1, {"status": "Lost"}), goal=goal)
    assert (found.matched, found.leads, found.compliant) == (149, (), 149)
    found = run(world, WON, overlay=touched(world, 1, {"rating": 1}), goal=goal)
    assert (found.matched, len(found.leads), found.compliant) == (150, 1, 149)


def test_an_updated_action_is_seen_on_a_timeline():
    world = [fake.row(0, actions=[visit("Bad")])]
    lead = asyncio.run(fake.Fake(world).lead(world[0]["id"], timeline=True))
    overlay = Overlay()
    update = ActionSpec("1001", {"outcome": "Good"}, action_id="a0")
    overlay.record(
        lead.id, lead, [Change("k", 0, Kind.UPDATE_ACTION, LeadRef(lead.id, ""), action=update)], 1
    )
    assert overlay.now(lead.id, lead).timeline[0].fields["outcome"] == "Good"


# ── goals ────────────────────────────────────────────────────────────────────────────────────────


def effects(*made, **step):
    return compliance.goal(fake.step_of(WON, effects=made, **step))


SET = SetField(Assign("rating", T.RATING, Constant(5)))
APPEND = Append("1001", (), Once("lead"), "rule")


def test_constant_effects_have_a_goal():
    tags = ChangeTags("add", "interests", (Constant("VIP"),))
    gone = ChangeTags("remove", "interests", (Constant("Loan"),))
    assert effects(SET) == p.Equals("rating", T.RATING, 5)
    assert effects(SET, tags, gone) == p.And(
        (
            p.Equals("rating", T.RATING, 5),
            p.HasTags("interests", "all", ("VIP",)),
            p.Not(p.HasTags("interests", "any", ("Loan",))),
        )
    )


@pytest.mark.parametrize(
    "other",
    [
        SetField(Assign("name", T.TEXT, Template(("x",), "x"))),
        When(WON, (APPEND,)),
        When(p.Activity(("1001",), having=(("outcome", "Good"),)), (SET,)),
        APPEND,
    ],
)
def test_effects_that_depend_on_the_lead_or_the_journal_have_none(other):
    assert effects(SET, other) is None


def test_effects_under_when_have_a_goal_for_each_branch():
    named = SetField(Assign("name", T.TEXT, Constant("Asha")))
    aim = effects(When(WON, (SET,), (named,)))
    world = [
        {"status": "Won", "rating": 5},
        {"status": "Won", "rating": 4, "name": "Asha"},
        {"status": "Lost", "name": "Asha"},
        {"status": "Lost", "rating": 5},
        {},
    ]
    assert [holds(aim, Lead("a" * 24, fields), Facts()) for fields in world] == [
        True,
        False,
        True,
        False,
        False,
    ]


def test_steps_that_look_at_every_lead_have_no_goal():
    assert effects(SET, every=(WON,)) is None
    assert effects(SET, single=True) is None


# ── facts for effects, holders, recheck, totals ──────────────────────────────────────────────────


def test_activities_of_when_are_answered_in_the_selections_facts():
    world = [fake.row(n, status="Won", actions=[call()] if n % 2 else []) for n in range(150)]
    service = fake.Fake(world)
    found = run(world, WON, effects=(When(CALLED, (SET,)),), service=service)
    assert sum(holds(CALLED, lead, found.facts) for lead in found.leads) == 75
    assert found.calls == service.calls.reads <= found.bound


@pytest.mark.parametrize(
    ("holding", "others", "pages"),
    [(0, 0, 0), (7, 0, 1), (7, 180, 1), (150, 0, 2)],
    ids=["nobody: a count tells", "one page of holders", "others hold it too", "lists are as cheap"],
)
def test_holders_of_an_action_are_found_in_the_fewest_pages(holding, others, pages):
    world = [fake.row(n, status="Won", actions=[visit()] if n < holding else []) for n in range(150)]
    world += [fake.row(200 + n, status="Lost", actions=[visit()]) for n in range(others)]
    service = fake.Fake(world)
    made = fake.step_of(WON)
    plan = fake.plan_of(made)
    around = SelectAround(fake.Verdicts(), fake.Index())
    leads = asyncio.run(select(made, plan, fake.Fake(world), around)).leads
    found = asyncio.run(holders(leads, APPEND, made, plan, service, around))
    assert found == {lead["id"] for lead in world[:holding]}
    assert service.pages == pages


def test_holders_among_leads_that_an_earlier_step_brings_in_are_found_too():
    world = [fake.row(n, status="Won", actions=[visit()] if n < 7 else []) for n in range(150)]
    world.append(fake.row(150, status="Fresh", actions=[visit()]))
    made = fake.step_of(WON)
    plan = fake.plan_of(made)
    around = SelectAround(fake.Verdicts(), fake.Index(), touched(world, 150, {"status": "Won"}))
    leads = asyncio.run(select(made, plan, fake.Fake(world), around)).leads
    found = asyncio.run(holders(leads, APPEND, made, plan, fake.Fake(world), around))
    assert found == {world[n]["id"] for n in (*range(7), 150)}


def test_a_recheck_tells_leads_that_are_selected_no_more():
    world = [fake.row(n, status="Won") for n in range(3)]
    refs = [LeadRef(lead["id"], lead["fields"]["phone"]) for lead in world]
    made = fake.step_of(WON)
    world[1]["fields"]["status"] = "Lost"
    around = SelectAround(fake.Verdicts(), fake.Index())
    service = fake.Fake(world)
    found = asyncio.run(recheck(made, fake.plan_of(made), service, refs, around))
    assert found.selected == {world[0]["id"], world[2]["id"]}
    assert len(service.log) == 1


def test_a_lead_without_identifier_is_rechecked_by_its_id():
    world = [fake.row(n, status="Won", phone=None) for n in range(2)]
    refs = [LeadRef(lead["id"], "") for lead in world]
    made = fake.step_of(WON)
    around = SelectAround(fake.Verdicts(), fake.Index())
    found = asyncio.run(recheck(made, fake.plan_of(made), fake.Fake(world), refs, around))
    assert found.selected == {lead["id"] for lead in world}


def test_the_workspace_is_counted_once_a_plan():
    service = fake.Fake([fake.row(n) for n in range(42)])
    made = fake.step_of(WON)
    around = SelectAround(fake.Verdicts(), fake.Index())
    for _ in range(2):
        assert asyncio.run(workspace_total(fake.plan_of(made), service, around)) == 42
    assert len(service.log) == 1


def test_a_lead_is_found_by_its_id():
    world = [fake.row(1)]
    step = Step("s", None, FindById(world[0]["id"]), (), "find")
    service = fake.Fake(world)
    around = SelectAround(fake.Verdicts(), fake.Index())
    found = asyncio.run(select(step, fake.plan_of(step), service, around))
    assert found.leads[0].id == world[0]["id"]
    assert service.calls.reads == 1
    nowhere = Step("s", None, FindById("f" * 24), (), "find")
    with pytest.raises(RefusedError, match="no lead with the id"):
        asyncio.run(select(nowhere, fake.plan_of(nowhere), service, around))


# ── why ──────────────────────────────────────────────────────────────────────────────────────────


def ask(world, condition, lead, **more):
    made = fake.step_of(condition)
    service = fake.Fake(world, **more)
    around = SelectAround(fake.Verdicts(), fake.index_of(world))
    [found] = asyncio.run(why(lead, [made], fake.plan_of(made), service, around))
    assert found.calls == service.calls.reads <= 3
    return found


def test_why_not_names_the_fewest_tests_that_would_have_to_turn():
    world = [fake.row(1, status="Fresh", rating=2)]
    both = p.And((WON, p.Equals("rating", T.RATING, 5)))
    either = p.Or(
        (both, p.And((p.Equals("rating", T.RATING, 2), p.TextMatch("name", T.TEXT, "contains", "zz"))))
    )
    found = ask(world, either, "9000000001")
    assert not found.selected
    [clause] = found.clauses
    assert (clause.text, clause.seen, clause.decided) == ('name contains "zz"', "Lead 1", "local")


@pytest.mark.parametrize("ids", [True, False])
def test_why_reads_the_timeline_where_it_decides(ids):
    world = [fake.row(1, status="Won", actions=[call()])]
    found = ask(world, p.And((WON, CALLED)), world[0]["id"], ids=ids)
    assert found.selected
    found = ask(world, p.And((WON, p.Not(CALLED))), world[0]["id"], ids=ids)
    [clause] = found.clauses
    assert clause.decided == "local"
    assert "1 such" in clause.seen
    assert clause.flip == "if it had none such"


def test_why_names_a_value_that_is_missing():
    found = ask([fake.row(1)], WON, "+91 90000 00001")
    [clause] = found.clauses
    assert (clause.seen, clause.decided, clause.flip) == ("missing", "pushed", "if status were Won")


def test_why_of_an_unknown_lead_is_refused():
    with pytest.raises(RefusedError, match="no leads have the phone"):
        ask([fake.row(1)], WON, "9000000009")


def test_permissions_are_not_needed_for_why():
    visited_well = p.Activity(("1001",), having=(p.Having("outcome", T.TEXT, "good"),))
    assert Permissions() == fake.step_of(visited_well).permissions
    assert ask([fake.row(1, actions=[visit()])], visited_well, "9000000001").selected
