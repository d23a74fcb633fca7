"""A lead that would get two values of one field is refused by name; in what order the effects stand decides nothing."""

import itertools

import pytest

from leadops.model.values import same
from tests.engine.test_planning import WON, plan_of, row
from tests.simulation.service import SCHEMA, lead

WORLD = [
    lead(1, rating=5, visits=1),
    lead(2, rating=5, visits=9),
    lead(3, rating=1, visits=9),
    lead(4, rating=1, visits=1),
]
HIGH, MANY = "when rating >= 4 {{ {} }}", "when visits >= 5 {{ {} }}"


def outcome(text, world=WORLD):
    """Return what becomes of each lead: its new fields, or the field that would get two values."""
    saved = plan_of(WON + text, world)
    made = {
        one.lead.id: {name: change.after for name, change in sorted(one.fields.items())}
        for one in saved.changes
    }
    refused = {
        one.lead.id: one.field for step in saved.steps for one in step.refused if "two values" in one.reason
    }
    assert not made.keys() & refused.keys()
    return made | refused


def orders(*effects):
    return ["\n".join(one) for one in itertools.permutations(effects)]


@pytest.mark.parametrize("text", orders(HIGH.format("set name = Hot"), MANY.format("set name = Warm")))
def test_only_the_lead_that_would_get_both_is_refused(text):
    ids = [one["id"] for one in WORLD]
    assert outcome(text) == {ids[0]: {"name": "Hot"}, ids[1]: "name", ids[2]: {"name": "Warm"}}


def test_the_refusal_names_field_values_and_the_way_out():
    saved = plan_of(
        WON + HIGH.format("set name = Hot") + MANY.format('set name = "{{ lead.status }}"'), WORLD
    )
    (refusal,) = saved.steps[0].refused
    assert (refusal.lead.id, refusal.field) == (WORLD[1]["id"], "name")
    assert refusal.value == "Hot and {{ lead.status }}"
    assert "otherwise when" in refusal.help
    way_out = WON + "when rating >= 4 { set name = Hot } otherwise when visits >= 5 { set name = Warm }"
    assert plan_of(way_out, WORLD).steps[0].refused == ()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("set deal_size = 5", "set deal_size = 5.0"), ("set name = Hot", 'set name = "hot"'), ("clear email", 'set email = ""'),
        ("set interests = [VIP, Returning]", "set interests = [returning, vip]"), ("set interests = [VIP]", "add VIP to interests"),
        ("set interests = [VIP]", "remove Returning from interests"), ("add VIP to interests", "add Returning to interests"),
        ("add VIP to interests", "remove Returning from interests"), ("clear interests", "remove VIP from interests"),
    ],
)  # fmt: skip
def test_what_both_can_have_is_no_conflict(first, second):
    world = [lead(1, rating=5, visits=9, interests=["Returning"], email="a@b.in")]
    both = [outcome(text, world) for text in orders(HIGH.format(first), MANY.format(second))]
    (one,), (other,) = (each.values() for each in both)
    assert isinstance(one, dict)
    assert one.keys() == other.keys()
    fields = {field.api_name: field.type for field in SCHEMA.fields}
    assert all(same(one[name], other[name], fields[name]) for name in one)


@pytest.mark.parametrize(
    ("first", "second", "field"),
    [
        ("set deal_size = 5", "set deal_size = 6", "deal_size"), ("clear email", 'set email = "a@c.in"', "email"),
        ("set interests = [VIP]", "set interests = [VIP, Returning]", "interests"), ("set interests = [VIP]", "add Returning to interests", "interests"),
        ("set interests = [VIP]", "remove VIP from interests", "interests"), ("add VIP to interests", "remove vip from interests", "interests"),
        ("clear interests", "add VIP to interests", "interests"), ("set visits = 2", "set visits = 3", "visits"),
        ('set name = "{{ lead.email | upper }}"', 'set name = "{{ lead.email }}"', "name"), ('set name = "{{ lead.rating }}"', "set name = 4", "name"),
    ],
)  # fmt: skip
def test_what_one_lead_cannot_have_is_refused_in_either_order(first, second, field):
    world = [lead(1, rating=5, visits=9, interests=["Returning"], email="a@b.in")]
    for text in orders(HIGH.format(first), MANY.format(second)):
        assert outcome(text, world) == {world[0]["id"]: field}


def test_templates_that_come_to_one_value_are_no_conflict():
    world = [lead(1, rating=5, visits=9, email="a@b.in", name="x")]
    text = HIGH.format('set name = "{{ lead.email }}"') + MANY.format('set name = "{{ lead.email | lower }}"')
    assert outcome(text, world) == {world[0]["id"]: {"name": "a@b.in"}}


def test_nothing_else_of_a_refused_lead_is_done():
    text = HIGH.format("set name = Hot") + MANY.format("set name = Warm") + "\nadd action 1001 with note = x"
    saved = plan_of(WON + text, [WORLD[1]])
    assert saved.changes == ()


def test_two_updates_of_one_action_are_refused_whatever_it_holds():
    for note in ("old", "a", "b"):
        world = [lead(1, [row(note)], rating=5, visits=9)]
        text = (
            "allow timelines\n"
            + HIGH.format("update action 1001 with note = a")
            + MANY.format("update action 1001 with note = b")
        )
        assert outcome(text, world) == {world[0]["id"]: "note"}
    same = text.replace("note = b", "note = a")
    assert plan_of(WON + same, world).changes[0].fields["note"].after == "a"


def test_a_field_that_two_steps_set_is_said():
    text = 'step "a" { find leads where status = Won; set rating = 4 }\nstep "b" { find leads where status = Won; set rating = 3 }'
    saved = plan_of(text, [lead(1, rating=5), lead(2, rating=4)])
    assert saved.steps[0].notes == ()
    assert "rating: an earlier step gives another value to 1 of these leads" in " ".join(saved.steps[1].notes)
