"""The terms of an Or: what is gathered in one pass means what is merged pair by pair."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from leadops.model.lead import Lead
from leadops.model.predicate import And, Equals, Not, OneOf, Or, TextMatch
from leadops.model.schema import FieldType
from leadops.predicate import alternatives
from leadops.predicate.evaluate import holds
from leadops.predicate.facts import Facts
from leadops.predicate.normalise import normalise

T = FieldType.TEXT
tests = st.builds(Equals, st.sampled_from("ab"), st.just(T), st.sampled_from(["x", "X", "y", "z"])) | st.builds(
    OneOf, st.sampled_from("ab"), st.just(T), st.lists(st.sampled_from(["x", "y", "z"]), min_size=1, max_size=3).map(tuple)
)  # fmt: skip
terms = st.recursive(
    tests | tests.map(Not),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map(lambda held: And(tuple(held)))
        | st.lists(inner, min_size=1, max_size=3).map(lambda held: Or(tuple(held)))
    ),
    max_leaves=10,
)
LEADS = [Lead("1", {"a": a, "b": b}) for a, b in product(["x", "X", "y", "z", None], repeat=2)]


@given(terms)
def test_the_normal_form_means_the_same(condition):
    facts = Facts("id")
    for lead in LEADS:
        assert holds(normalise(condition), lead, facts) == holds(condition, lead, facts)


def test_values_of_one_field_are_gathered_in_their_order():
    found = normalise(Or(tuple(Equals("a", T, value) for value in ("z", "x", "Z", "y"))))
    assert found == OneOf("a", T, ("z", "x", "y"))


def test_values_beside_the_same_tests_are_gathered():
    shared = TextMatch("b", T, "contains", "q")
    found = normalise(Or(tuple(And((shared, Equals("a", T, value))) for value in "xyz")))
    assert found == And((shared, OneOf("a", T, ("x", "y", "z"))))


def test_excluded_values_are_gathered():
    found = normalise(And(tuple(Not(Equals("a", T, value)) for value in "xyz")))
    assert found == Not(OneOf("a", T, ("x", "y", "z")))


def test_a_term_that_another_includes_is_dropped():
    a, b, c = (TextMatch("a", T, "contains", text) for text in "pqr")
    assert normalise(Or((And((a, b, c)), And((a, b)), And((b, c))))) == Or((And((a, b)), And((b, c))))
    assert normalise(Or((And((a, b)), a))) == a


def test_too_many_terms_are_not_compared_pair_by_pair(monkeypatch):
    monkeypatch.setattr(alternatives, "_either", None)
    many = tuple(TextMatch("a", T, "contains", str(n)) for n in range(alternatives.MOST_PAIRED + 1))
    assert normalise(Or(many)) == Or(many)
