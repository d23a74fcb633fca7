"""What makes an unfinished run unwanted, and what does not: each difference in words."""

from dataclasses import replace
from decimal import Decimal

import pytest

from leadops.analysis.digest import schema_hash
from leadops.engine.operations.wanted import PLAYBOOK, TEMPLATE, asked_by_flags, changed_texts, differences
from leadops.engine.plan.options import BeltFlags, Override
from leadops.engine.plan.scope import Scope
from leadops.model.plan import Parameter
from leadops.model.saved import PlanCalls, SavedPlan, SavedStep
from tests.simulation.bench import START, compiled

DAY_MS = 86_400_000
TEXT = 'playbook "P"\nstep "s" { find leads where status = Won; set rating = 5 }\n'
ASKED = {PLAYBOOK: "p.lead"}
SOURCES = {"p.lead": TEXT}


def saved_of(plan, sources=SOURCES, asked=ASKED):
    steps = tuple(SavedStep(step.name, 0, 0, step.windows) for step in plan.steps)
    return SavedPlan(
        "d" * 64, "e" * 24, "", plan.title, plan.canonical, schema_hash(plan.schema), plan.clock_ms, plan.timezone,
        plan.timezone_origin, plan.clock_ms, PlanCalls(0, 0, 0, 0), (), True, steps, plan.parameters, sources=sources,
        asked=asked,
    )  # fmt: skip


def told(text=TEXT, later_ms=0, sources=SOURCES, asked=ASKED, saved=None):
    return differences(
        saved or saved_of(compiled(text)), compiled(text, now_ms=START + later_ms), sources, asked
    )


def test_the_same_is_wanted_later_too():
    assert told() == []
    assert told(later_ms=40 * DAY_MS) == []


@pytest.mark.parametrize("period", ["today", "this day", "this week", "this month", "last 7 days"])
def test_a_period_that_means_other_days_is_named_with_both(period):
    text = f'playbook "P"\nstep "s" {{ find leads where status = Won and created in {period}; set rating = 5 }}\n'
    [said] = told(text, 40 * DAY_MS)
    assert period in said
    assert " was 20" in said
    assert told(text, 60_000) == []


def test_a_period_that_is_always_the_same_is_no_difference():
    text = (
        'playbook "P"\nstep "s" { find leads where status = Won and created in April 2026; set rating = 5 }\n'
    )
    assert told(text, 40 * DAY_MS) == []


@pytest.mark.parametrize(
    "effect",
    [
        "add action 1001 with note = \"Until {{ now | date('DD/MM/YYYY') }}\"",
        "when rating > 3 { set name = \"{{ now | date('DD') }}\" } otherwise { set rating = 5 }",
    ],
)
def test_a_text_that_names_the_day_is_of_its_day(effect):
    text = f'playbook "P"\nstep "s" {{ find leads where status = Won; {effect} }}\n'
    [said] = told(text, 2 * DAY_MS)
    assert "its texts name the time" in said
    assert told(text, 1000) == []


def test_a_comment_is_no_difference_and_another_word_is():
    plan = compiled(TEXT)
    assert differences(saved_of(plan), plan, {"p.lead": "# why\n" + TEXT}, ASKED) == []
    other = compiled(TEXT.replace("5", "4"))
    changed = {"p.lead": TEXT.replace("5", "4")}
    assert differences(saved_of(plan), other, changed, ASKED) == ["p.lead changed"]
    inline = saved_of(plan, {"<-e>": TEXT})
    assert differences(inline, other, {"<-e>": changed["p.lead"]}, ASKED) == ["the playbook's text changed"]


def test_files_are_named_as_seen_from_the_playbook():
    old = {"sub/p.lead": TEXT, "sub/list.csv": "a", "sub/x/more.csv": "m"}
    new = {"p.lead": TEXT, "list.csv": "b", "new.csv": "n"}
    assert told(sources=new, saved=saved_of(compiled(TEXT), old)) == [
        "list.csv changed",
        "x/more.csv is no longer read",
        "new.csv is read now",
    ]
    assert (
        told(
            sources={"p.lead": TEXT, "list.csv": "a", "x/more.csv": "m"}, saved=saved_of(compiled(TEXT), old)
        )
        == []
    )


def test_templates_and_the_profile_are_compared():
    before = {**ASKED, f"{TEMPLATE}a.j2": "1", f"{TEMPLATE}b.j2": "1", "the profile's country code": "91"}
    now = {**ASKED, f"{TEMPLATE}a.j2": "2", "the profile's country code": "44"}
    assert told(asked=now, saved=saved_of(compiled(TEXT), asked=before)) == [
        "the profile's country code differs",
        "a.j2 changed",
        "b.j2 is no longer read",
    ]


def test_params_zone_schema_and_unchecked_are_compared_and_secrets_are_not():
    plan = replace(
        compiled(TEXT), parameters=(Parameter("a", "text", "1"), Parameter("key", "secret", "x", True))
    )
    saved = replace(saved_of(plan), timezone="Europe/Berlin", schema_hash="other", unchecked=True)
    now = replace(plan, parameters=(Parameter("a", "text", "2"), Parameter("key", "secret", "y", True)))
    assert differences(saved, now, SOURCES, ASKED) == [
        "the param a differs",
        "--unchecked differs",
        "the time zone was Europe/Berlin and is Asia/Kolkata",
        "the workspace's schema changed",
    ]


def test_a_plan_that_did_not_note_down_what_was_asked_is_not_gone_on_with():
    [said] = told(saved=saved_of(compiled(TEXT), asked={}))
    assert "did not note down" in said


def test_flags_are_noted_down_by_name_and_lists_as_digests_in_no_order():
    assert asked_by_flags(Scope(), BeltFlags()) == {}
    assert asked_by_flags(Scope(except_leads=frozenset(), except_steps=frozenset()), BeltFlags()) == {}
    one = asked_by_flags(Scope(only_leads=frozenset({"a", "b"})), BeltFlags())
    assert one == asked_by_flags(Scope(only_leads=frozenset({"b", "a"})), BeltFlags())
    assert one != asked_by_flags(Scope(only_steps=frozenset({"a", "b"})), BeltFlags())
    assert one != asked_by_flags(Scope(only_leads=frozenset({"a", "c"})), BeltFlags())
    assert "a" not in one.values()
    belts = BeltFlags(1, Decimal(2), 3, Decimal("4.5"), {"leads": Override(Decimal(9), "why")})
    assert asked_by_flags(Scope(sample=3, seed=7), belts) == {
        "--sample": "3 seed 7",
        "--max-leads": "1",
        "--max-percent": "2",
        "--max-calls": "3",
        "--max-fail-percent": "4.5",
        "--override-belt leads": "9",
    }


def test_where_the_files_cannot_be_compiled_their_texts_are_compared():
    saved = saved_of(compiled(TEXT), {"p.lead": TEXT, "list.csv": "a"})
    assert changed_texts(saved, None, {"p.lead": TEXT, "list.csv": "a"}) == []
    assert changed_texts(saved, None, {"p.lead": TEXT, "list.csv": "b"}) == ["list.csv changed"]
    assert changed_texts(saved, None, {"p.lead": "find", "list.csv": "a"}) == ["p.lead changed"]
