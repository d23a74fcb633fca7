"""What a condition says of one lead."""

import pytest

from leadops.model import predicate as p
from leadops.model.lead import Lead, TimelineAction
from leadops.model.schema import FieldType as T
from leadops.predicate.evaluate import activities, decide, holds, needs_timeline
from leadops.predicate.facts import Facts

WON = p.Equals("status", T.STATUS, "Won")
CALL = p.Activity(("OUTGOING_CALL",), ("Agent@Company.com",), p.Window(100, 200, "a", "b", "then"))


def lead(timeline=None, **fields):
    return Lead("a" * 24, fields, timeline)


def action(at=150, by="agent@company.com", type_="OUTGOING_CALL", **fields):
    return TimelineAction(None, type_, at, by, fields)


@pytest.mark.parametrize("missing", [None, "", "  ", ()])
def test_not_includes_leads_whose_field_is_missing(missing):
    assert holds(p.Not(WON), lead(status=missing), Facts())
    assert not holds(WON, lead(status=missing), Facts())
    assert holds(p.Missing("status", T.STATUS), lead(status=missing), Facts())


@pytest.mark.parametrize(
    ("test", "value", "expected"),
    [
        (p.Equals("f", T.TEXT, "straße"), "STRASSE", True),
        (p.Equals("f", T.TEXT, "straße"), " STRASSE ", False),
        (p.Equals("f", T.TEXT, "e\u0301"), "\u00e9", True),
        (p.Equals("f", T.PHONE, "98765 43210"), "919876543210", True),
        (p.Equals("f", T.MONEY, "1000"), "1000.00", True),
        (p.OneOf("f", T.RATING, (4, 5)), 3, False),
        (p.Compare("f", T.MONEY, ">", "999"), "1000", True),
        (p.Compare("f", T.NUMBER, "<=", 2), 2.5, False),
        (p.Compare("f", T.NUMBER, "<", 2), "many", False),
        (p.InWindow("f", p.Window(100, 200, "a", "b", "t")), 200, False),
        (p.InWindow("f", p.Window(100, 200, "a", "b", "t")), 100, True),
        (p.TextMatch("f", T.TEXT, "starts with", "Anna"), "anna maria", True),
        (p.TextMatch("f", T.PHONE, "ends with", "32-10"), "+91 98765 43210", True),
        (p.HasTags("f", "any", ("vip", "x")), ("VIP",), True),
        (p.HasTags("f", "all", ("vip", "x")), ("VIP",), False),
    ],
)
def test_values_compare_by_type(test, value, expected):
    assert holds(test, lead(f=value), Facts()) is expected
    assert holds(p.Not(test), lead(f=value), Facts()) is not expected


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        ((action(),), True),
        ((action(at=200),), False),
        ((action(at=None),), False),
        ((action(by="boss@company.com"), action(type_="1001")), False),
    ],
)
def test_one_single_action_satisfies_a_whole_activity(actions, expected):
    assert holds(CALL, lead(actions), Facts()) is expected


def test_an_activity_nobody_asked_for_is_unknown_unless_the_rest_decides():
    assert decide(p.And((WON, CALL)), lead(status="Won"), Facts()) is None
    assert decide(p.And((WON, CALL)), lead(status="Lost"), Facts()) is False
    assert decide(p.Or((WON, CALL)), lead(status="Won"), Facts()) is True
    with pytest.raises(LookupError):
        holds(CALL, lead(), Facts())


def test_facts_answer_for_the_leads_that_were_asked_about():
    facts = Facts()
    facts.learn(CALL, ["a" * 24, "b" * 24], {"b" * 24})
    assert not holds(CALL, lead(), facts)
    assert holds(CALL, Lead("b" * 24), facts)
    assert decide(CALL, Lead("c" * 24), facts) is None


def test_actions_of_earlier_steps_count():
    visited = p.Activity(("1001",))
    facts = Facts(appended={"a" * 24: (action(type_="1001"),)})
    assert holds(visited, lead(), facts)


def test_leads_without_id_are_told_apart_by_identifier_and_time():
    facts = Facts()
    one = Lead(None, {"phone": "9876543210", "created_on": 5})
    assert facts.key(one) == facts.key(Lead(None, {"phone": "+91 98765 43210", "created_on": 5}))
    assert facts.key(one) != facts.key(Lead(None, {"phone": "9876543210", "created_on": 6}))


def test_fields_of_actions_need_the_timeline():
    having = p.Activity(("1001",), having=(p.Having("outcome", T.TEXT, "Good"),))
    condition = p.Or((WON, p.Not(having)))
    assert needs_timeline(condition)
    assert not needs_timeline(p.And((WON, CALL)))
    assert activities(condition) == (having,)
    assert holds(having, lead((action(type_="1001", outcome="good"),)), Facts())
