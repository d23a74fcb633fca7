"""A lead's last tag, and a field to be cleared: an empty value is only sent where it is known to clear."""

import pytest

from leadops.engine.plan.clearing import EMPTY, NULL
from tests.engine.test_planning import WON, plan_of, row
from tests.simulation.service import lead

REMOVE = WON + 'remove "VIP" from interests; set rating = 5'
WORLD = [lead(1, interests=["VIP"]), lead(2, interests=["VIP", "Loan"])]


class _Known:
    """Capabilities with the verdicts of `doctor --probe-clear`."""

    def __init__(self, **verdicts):
        self._verdicts = verdicts

    def get(self, name):
        return {EMPTY: self._verdicts.get("empty"), NULL: self._verdicts.get("null")}.get(name, True)

    def put(self, name, verdict):
        raise AssertionError(name)


def test_a_lead_that_would_lose_its_last_tag_is_refused_by_name_and_the_rest_goes_on():
    saved = plan_of(REMOVE, WORLD)
    assert saved.appliable
    assert [sorted(one.fields) for one in saved.changes] == [["rating"], ["interests", "rating"]]
    assert saved.changes[1].fields["interests"].after == ("Loan",)
    (refusal,) = saved.steps[0].refused
    assert (refusal.lead.id, refusal.field) == (WORLD[0]["id"], "interests")
    assert "--probe-clear" in refusal.help


def test_where_an_empty_text_or_null_clears_it_is_what_is_sent():
    assert plan_of(REMOVE, WORLD, capabilities=_Known(empty=True)).changes[0].fields["interests"].after == ""
    saved = plan_of(REMOVE, WORLD, capabilities=_Known(null=True))
    assert saved.changes[0].fields["interests"].after is None
    assert saved.steps[0].refused == ()


EMPTYING = WON + "set name = \"{{ lead.email | trim | default('') }}\", rating = 5"
HALF = [lead(1, name="old", email="a@b.in"), lead(2, name="old"), lead(3, name=None)]


def test_a_template_that_comes_to_nothing_clears_and_is_never_sent_as_an_empty_text():
    saved = plan_of(EMPTYING, HALF)
    assert [sorted(one.fields) for one in saved.changes] == [["name", "rating"], ["rating"], ["rating"]]
    (refusal,) = saved.steps[0].refused
    assert (refusal.lead.id, refusal.field) == (HALF[1]["id"], "name")
    assert "--probe-clear" in refusal.help
    cleared = plan_of(EMPTYING, HALF, capabilities=_Known(null=True)).changes
    assert [one.fields["name"].after for one in cleared if "name" in one.fields] == ["a@b.in", None]


@pytest.mark.parametrize("value", ['""', '" "', "$none"])
def test_a_field_that_is_set_to_nothing_is_cleared_by_the_same_guard(value):
    text = f'param none: text = ""\n{WON}set name = {value}, rating = 5, email = "x@b.in{{{{ param.none | default(\'\') }}}}"'
    saved = plan_of(text, HALF)
    assert not saved.appliable
    assert any("clear name" in one for one in saved.refusals)
    known = plan_of(text, HALF, capabilities=_Known(empty=True)).changes
    assert [one.fields["name"].after for one in known if "name" in one.fields] == ["", ""]


def test_nothing_is_left_out_of_an_action_and_refused_for_one_that_stands():
    note = 'note = "{{ lead.email | default(\'\') }}", email = "a@c.in"'
    made = plan_of(f"{WON}add action 1001 with {note}", HALF).changes
    assert [sorted(one.action.fields) for one in made] == [["email", "note"], ["email"], ["email"]]
    world = [lead(1, actions=[row("old")])]
    saved = plan_of(f"{WON}allow timelines\nupdate action 1001 with {note}", world)
    assert saved.changes == ()
    assert "would be nothing" in saved.steps[0].refused[0].reason


def test_a_tag_of_nothing_is_no_tag():
    text = WON + "add \"{{ lead.email | default('') }}\" to interests"
    assert [one.fields["interests"].after for one in plan_of(text, HALF).changes] == [("a@b.in",)]


def test_a_lead_is_not_named_by_nothing():
    saved = plan_of(
        'param p: text = ""\ncreate lead with phone = "{{ param.p | default(\'\') }}", name = x', []
    )
    assert saved.changes == ()
    assert "would be nothing" in saved.steps[0].refused[0].reason
