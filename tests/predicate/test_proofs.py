"""What is proved of a condition is true of every lead there can be, and of small conditions everything is proved."""

from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadops.model import predicate as p
from leadops.model.lead import Lead
from leadops.model.schema import FieldType as T
from leadops.predicate.evaluate import holds
from leadops.predicate.facts import Facts
from leadops.predicate.fieldproofs import Known
from leadops.predicate.proofs import always, impossible

STATUSES = ("Won", "Lost", "Fresh")
KNOWN = Known({"rating": (1, 2, 3), "status": STATUSES}, frozenset({"created_on"}))
VALUES = {
    "rating": (None, 1, 2, 3), "status": (None, *STATUSES), "size": (None, *range(-1, 12)), "created_on": tuple(range(-10, 100, 5)),
    "tags": (None, *(tuple(t for t, on in zip("abc", chosen, strict=True) if on) for chosen in product((0, 1), repeat=3))),
}  # fmt: skip


def window(start, end):
    return p.Window(start, end, "a", "b", f"{start}..{end}")


TESTS = st.one_of(
    st.builds(p.Equals, st.just("rating"), st.just(T.RATING), st.sampled_from([1, 2, 3])),
    st.builds(p.Compare, st.just("rating"), st.just(T.RATING), st.sampled_from(["<", "<=", ">", ">="]), st.sampled_from([1, 2, 3])),
    st.builds(p.Equals, st.just("status"), st.just(T.STATUS), st.sampled_from(STATUSES)),
    st.builds(p.OneOf, st.just("status"), st.just(T.STATUS), st.lists(st.sampled_from(STATUSES), min_size=1, max_size=3).map(tuple)),
    st.builds(p.Compare, st.just("size"), st.just(T.MONEY), st.sampled_from(["<", "<=", ">", ">="]), st.sampled_from(["0", "5", "10"])),
    st.builds(p.Equals, st.just("size"), st.just(T.MONEY), st.sampled_from(["0", "5", "10"])),
    st.builds(p.InWindow, st.just("created_on"), st.builds(lambda a, n: window(a, a + n), st.sampled_from([0, 10, 20]), st.sampled_from([10, 20, 50]))),
    st.builds(p.Compare, st.just("created_on"), st.just(T.DATE), st.sampled_from(["<", ">="]), st.sampled_from([10, 20, 30])),
    st.builds(p.HasTags, st.just("tags"), st.sampled_from(["any", "all"]), st.lists(st.sampled_from("abc"), min_size=1, max_size=2, unique=True).map(tuple)),
    st.sampled_from([p.Missing(name, kind) for name, kind in (("rating", T.RATING), ("status", T.STATUS), ("size", T.MONEY), ("tags", T.TAGS))]),
)  # fmt: skip
CONDITIONS = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        inner.map(p.Not), st.lists(inner, min_size=1, max_size=3).map(lambda some: p.And(tuple(some))),
        st.lists(inner, min_size=1, max_size=3).map(lambda some: p.Or(tuple(some))),
    ),
    max_leaves=5,
)  # fmt: skip


def fields_of(condition):
    match condition:
        case p.And(terms) | p.Or(terms):
            return {name for term in terms for name in fields_of(term)}
        case p.Not(term):
            return fields_of(term)
        case _:
            return {condition.field}


def leads(condition):
    names = sorted(fields_of(condition))
    for values in product(*(VALUES[name] for name in names)):
        yield Lead("a" * 24, dict(zip(names, values, strict=True)))


@settings(max_examples=400, deadline=None)
@given(CONDITIONS)
def test_a_proof_agrees_with_every_lead(condition):
    verdicts = [holds(condition, lead, Facts()) for lead in leads(condition)]
    assert impossible([condition], KNOWN) == (not any(verdicts))
    assert always(condition, KNOWN) == all(verdicts)


def text(kind, value, type_=T.TEXT):
    return p.TextMatch("name", type_, kind, value)


@pytest.mark.parametrize(
    ("terms", "proved"),
    [
        ([text("starts with", "ab"), text("starts with", "ac")], True), ([text("starts with", "ab"), text("starts with", "A")], False),
        ([text("ends with", "xy"), text("ends with", "y")], False), ([text("ends with", "xy"), text("ends with", "z")], True),
        ([text("starts with", "ab"), p.Not(text("contains", "B"))], True), ([text("contains", "ab"), p.Not(text("contains", "abc"))], False),
        ([p.Equals("name", T.TEXT, "asha"), text("contains", "z")], True), ([text("starts with", "ab"), p.Missing("name", T.TEXT)], True),
        ([p.Equals("name", T.TEXT, "asha"), p.Not(p.Equals("name", T.TEXT, "ASHA"))], True),
    ],
)  # fmt: skip
def test_texts_are_reckoned_with(terms, proved):
    assert impossible(terms, Known()) is proved


CALLED = p.Activity(("A",), ("a@b.in",), window(10, 20))


@pytest.mark.parametrize(
    ("other", "proved"),
    [(p.Activity(("A",)), True), (p.Activity(("A", "B"), ("a@b.in", "c@b.in"), window(0, 30)), True), (p.Activity(("B",)), False),
     (p.Activity(("A",), ("c@b.in",)), False), (p.Activity(("A",), (), window(15, 30)), False)],
)  # fmt: skip
def test_an_action_is_an_action_of_any_wider_test(other, proved):
    assert impossible([CALLED, p.Not(other)], Known()) is proved
    assert not impossible([p.Not(CALLED), other], Known()) or other == CALLED


def crowd(size, places):
    """Return that each of so many fields holds another one of so many values."""
    fields = [f"f{n}" for n in range(size)]
    apart = [
        p.Not(p.And((p.Equals(a, T.NUMBER, place), p.Equals(b, T.NUMBER, place))))
        for a, b in combinations(fields, 2)
        for place in range(places)
    ]
    return [*(p.OneOf(name, T.NUMBER, tuple(range(places))) for name in fields), *apart]


def test_what_is_too_long_is_left_open():
    assert impossible(crowd(3, 2), Known())
    assert not impossible(crowd(3, 3), Known())
    assert not impossible(crowd(9, 8), Known())


def moving(start, end, text):
    return p.Window(start, end, "a", "b", text, moving=True)


def test_on_any_day_nothing_is_reckoned_of_windows_that_move():
    week, month = (
        p.InWindow("due", moving(a, b, t)) for a, b, t in ((10, 20, "this week"), (0, 30, "this month"))
    )
    called = p.Activity(("A",), (), moving(10, 20, "this week"))
    for one, wider in ((week, month), (called, p.Activity(("A",), (), moving(0, 30, "this month")))):
        assert impossible([one, p.Not(wider)], Known())
        assert not impossible([one, p.Not(wider)], Known(on_any_day=True))
        assert impossible([one, p.Not(one)], Known(on_any_day=True))
    assert impossible([called, p.Not(p.Activity(("A",)))], Known(on_any_day=True))
    assert impossible([week, p.Missing("due", T.DATE)], Known(on_any_day=True))
