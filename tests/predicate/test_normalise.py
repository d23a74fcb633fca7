"""Conditions in normal form: fewer terms, the same meaning (the meaning is tests/properties' business)."""

from leadops.model import predicate as p
from leadops.model.schema import FieldType as T
from leadops.predicate.lists import NOTHING
from leadops.predicate.normalise import EVERYTHING, normalise


def status(*labels):
    one = p.Equals("status", T.STATUS, labels[0])
    return one if len(labels) == 1 else p.OneOf("status", T.STATUS, labels)


def call(by=(), start=0, end=10, types=("OUTGOING_CALL",)):
    return p.Activity(types, by, p.Window(start, end, "a", "b", "t"))


def test_an_or_of_values_is_one_list():
    assert normalise(p.Or((status("Won"), status("Lost"), status("won")))) == status("Won", "Lost")


def test_an_and_of_lists_is_their_intersection():
    assert normalise(p.And((status("Won", "Lost"), status("Lost", "Fresh")))) == status("Lost")
    assert normalise(p.And((status("Won"), status("Lost")))) == NOTHING


def test_excluded_values_leave_an_allowed_list():
    assert normalise(p.And((status("Won", "Lost"), p.Not(status("Lost"))))) == status("Won")
    assert normalise(p.And((p.Not(status("Won")), p.Not(status("Lost"))))) == p.Not(status("Won", "Lost"))


def test_calls_by_one_or_the_other_are_one_activity():
    assert normalise(p.Or((call(("a@x",)), call(("b@x",))))) == call(("a@x", "b@x"))
    assert normalise(p.Or((call(("a@x",)), call()))) == call()


def test_calls_that_must_both_be_stay_two():
    both = p.And((call(("a@x",)), call(("b@x",))))
    assert normalise(both) == both


def test_windows_that_touch_are_one_and_those_with_a_gap_are_two():
    joined = normalise(p.Or((call(start=0, end=10), call(start=10, end=20))))
    assert isinstance(joined, p.Activity)
    assert (joined.window.start_ms, joined.window.end_ms) == (0, 20)
    assert isinstance(normalise(p.Or((call(start=0, end=10), call(start=11, end=20)))), p.Or)


def test_what_two_alternatives_share_is_taken_out():
    rating = p.Equals("rating", T.RATING, 5)
    got = normalise(p.Or((p.And((rating, status("Won"))), p.And((rating, status("Lost"))))))
    assert got == p.And((rating, status("Won", "Lost")))


def test_contradictions_and_tautologies_vanish():
    won = status("Won")
    assert normalise(p.And((won, p.Not(won)))) == NOTHING
    assert normalise(p.Or((call(), p.Not(call())))) == EVERYTHING
    assert normalise(p.Not(p.Not(won))) == won
    assert normalise(p.OneOf("status", T.STATUS, ())) == NOTHING
    assert normalise(p.Or((won, p.And((won, call()))))) == won


def test_texts_that_differ_by_blanks_are_two_values_and_by_case_are_one():
    one, other = p.Equals("name", T.TEXT, "Zed Doe"), p.Equals("name", T.TEXT, "Zed  Doe")
    both = p.OneOf("name", T.TEXT, ("Zed Doe", "Zed  Doe"))
    assert normalise(p.Or((one, other))) == both
    assert normalise(p.And((one, other))) == NOTHING
    assert normalise(p.And((both, p.Not(one)))) == other
    assert normalise(p.And((p.Not(one), p.Not(other)))) == p.Not(both)
    assert normalise(p.Or((one, p.Equals("name", T.TEXT, "zed doe")))) == one
