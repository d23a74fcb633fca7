"""A lead's last tag, and a field to be cleared: an empty value is only sent where it is known to clear."""

from leadops.engine.clearing import EMPTY, NULL
from tests.engine.test_planning import WON, plan_of
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
