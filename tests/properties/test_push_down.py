"""The laws of push-down: what is selected is the meaning of the condition, always; calls never exceed the bound."""

import asyncio
import importlib.util
import random
import sys
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadops.core.errors import RefusedError
from leadops.engine.select import noncompliant as compliance
from leadops.engine.select.selector import SelectAround, select
from leadops.model import predicate as p
from leadops.model.change import LeadRef
from leadops.model.plan import Assign, Constant, Permissions, SetField
from leadops.model.schema import FieldType as T
from leadops.predicate.evaluate import activities
from leadops.predicate.normalise import normalise


def _sibling(name):
    path = Path(__file__).parent.parent / "planner" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"planner_{name}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


fake, oracle = _sibling("fake"), _sibling("oracle")
NOW, HOUR = fake.NOW, fake.HOUR
DAY = 24 * HOUR
STATUSES = ["Fresh", "Contacted", "Qualified", "Won", "Lost"]
PEOPLE = ["agent@company.com", "boss@company.com", "old@company.com"]
SOURCES = ["Website", "walk-in", "Referral", "Elsewhere"]
TAGS = ["VIP", "Returning", "loan", "unlisted"]
ALL = Permissions(full_scan=True, timelines=True)


def world_of(seed: int, size: int, gaps: float) -> list[dict]:
    """Return a world of ``size`` leads, of whose fields the share ``gaps`` is missing."""
    chance = random.Random(seed)

    def maybe(values):
        return None if chance.random() < gaps else chance.choice(values)

    return [
        fake.row(
            number,
            created=NOW - chance.randrange(90 * 24) * HOUR,
            actions=[
                {
                    "type": chance.choice(["OUTGOING_CALL", "INCOMING_CALL", "1001"]),
                    "by": chance.choice(PEOPLE),
                    "at": NOW - chance.randrange(60) * DAY,
                    "fields": {"outcome": chance.choice(["Interested", "Cold"])},
                }
                for _ in range(chance.randrange(4))
            ],
            status=maybe(STATUSES),
            rating=maybe([1, 2, 3, 4, 5]),
            assignee=maybe(PEOPLE),
            source=maybe(SOURCES),
            interests=maybe([["VIP"], ["Returning", "VIP"], ["loan"], ["unlisted"], []]),
            visits=maybe([0, 1, 2, 3.5]),
            deal_size=maybe(["100", "100.0", "2500"]),
            due=maybe([NOW - DAY, NOW, NOW + DAY]),
            name=chance.choice(["Lead {}", "Lead {}", "Lead  {}"]).format(number % 9),
        )
        for number in range(size)
    ]


def windows():
    ends = st.integers(-70, 2)
    return st.tuples(ends, ends).map(
        lambda pair: p.Window(
            NOW + min(pair) * DAY, NOW + (max(pair) + 1) * DAY, "a", "b", f"{min(pair)}..{max(pair)}"
        )
    )


def equals(field, type_, values):
    one = st.sampled_from(values)
    return st.one_of(
        one.map(lambda v: p.Equals(field, type_, v)),
        st.lists(one, min_size=1, max_size=3, unique=True).map(lambda vs: p.OneOf(field, type_, tuple(vs))),
    )


OPS = st.sampled_from(["<", "<=", ">", ">="])
TESTS = st.one_of(
    equals("status", T.STATUS, STATUSES),
    equals("rating", T.RATING, [1, 2, 3, 4, 5]),
    equals("assignee", T.MEMBER, PEOPLE),
    equals("source", T.DROPDOWN, SOURCES),
    equals("visits", T.NUMBER, [0, 1, 3.5]),
    equals("deal_size", T.MONEY, ["100", "2500"]),
    equals("phone", T.PHONE, ["9000000001", "+919000000002", "919000000003"]),
    equals("name", T.TEXT, ["lead 1", "LEAD 2", "Lead  1", "lead  2"]),
    st.builds(lambda op, v: p.Compare("rating", T.RATING, op, v), OPS, st.integers(0, 6)),
    st.builds(lambda op, v: p.Compare("visits", T.NUMBER, op, v), OPS, st.integers(0, 4)),
    st.builds(lambda op, d: p.Compare("due", T.DATE, op, NOW + d * DAY), OPS, st.integers(-2, 2)),
    st.builds(lambda op, d: p.Compare("created_on", T.DATE, op, NOW + d * DAY), OPS, st.integers(-80, 2)),
    windows().map(lambda w: p.InWindow("created_on", w)),
    windows().map(lambda w: p.InWindow("due", w)),
    st.sampled_from(["contains", "ends with"]).map(lambda kind: p.TextMatch("name", T.TEXT, kind, "7")),
    st.sampled_from(
        [p.Missing("rating", T.RATING), p.Missing("source", T.DROPDOWN), p.Missing("due", T.DATE), p.Missing("deal_size", T.MONEY)]
    ),
    st.builds(
        lambda which, tags: p.HasTags("interests", which, tuple(tags)),
        st.sampled_from(["any", "all"]),
        st.lists(st.sampled_from(TAGS), min_size=1, max_size=2, unique=True),
    ),
)  # fmt: skip
ACTIVITIES = st.builds(
    p.Activity,
    st.lists(st.sampled_from(["OUTGOING_CALL", "INCOMING_CALL", "1001"]), min_size=1, max_size=2, unique=True).map(tuple),
    st.lists(st.sampled_from(PEOPLE), max_size=2, unique=True).map(tuple),
    st.none() | windows(),
    st.sampled_from([(), (), (), (p.Having("outcome", T.TEXT, "interested"),)]),
)  # fmt: skip


def conditions(leaf, most=10):
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.lists(inner, min_size=2, max_size=4).map(lambda terms: p.And(tuple(terms))),
            st.lists(inner, min_size=2, max_size=4).map(lambda terms: p.Or(tuple(terms))),
            inner.map(p.Not),
        ),
        max_leaves=most,
    )


WORLDS = st.builds(
    world_of,
    st.integers(0, 10_000),
    st.sampled_from([0, 3, 40, 100, 130, 310]),
    st.sampled_from([0, 0.1, 0.5]),
)


def chosen(condition, world, *, permissions=ALL, ids=True, goal=None, **more):
    """Return the ids selected; the laws of calls are checked here."""
    service = fake.Fake(world, ids=ids, **more)
    step = fake.step_of(condition, permissions=permissions)
    around = SelectAround(fake.Verdicts(), fake.index_of(world) if not ids else fake.Index(), goal=goal)
    selection = asyncio.run(select(step, fake.plan_of(step), service, around))
    assert service.calls.reads == selection.calls <= selection.bound
    assert len({lead.id for lead in selection.leads}) == len(selection.leads)
    assert not selection.unresolved
    return {lead.id for lead in selection.leads}, selection


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(conditions(st.one_of(TESTS, TESTS, ACTIVITIES)), WORLDS, st.booleans(), st.sampled_from([None, 25]))
def test_selected_are_exactly_the_leads_that_the_condition_means(condition, world, ids, cap):
    found, selection = chosen(condition, world, ids=ids, cap=cap)
    meant = {lead["id"] for lead in world if oracle.means(condition, lead)}
    assert found == meant
    assert selection.matched == len(meant)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(conditions(st.one_of(TESTS, ACTIVITIES), 5), WORLDS)
def test_without_permissions_the_set_is_right_or_refused_by_name(condition, world):
    meant = {lead["id"] for lead in world if oracle.means(condition, lead)}
    refusal = None
    try:
        found, _ = chosen(condition, world, permissions=Permissions())
    except RefusedError as error:
        refusal = error
    assert "allow" in refusal.help if refusal else found == meant


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    conditions(st.one_of(TESTS), 3),
    st.sampled_from([("rating", T.RATING, 5), ("status", T.STATUS, "Won"), ("name", T.TEXT, "Lead 1"), ("name", T.TEXT, "Lead  1"), ("source", T.DROPDOWN, "Website")]),
    WORLDS,
    st.sampled_from([None, ("agreed", T.CHECKBOX, True), ("visits", T.NUMBER, 1)]),
    st.booleans(),
)  # fmt: skip
def test_compliance_push_down_leaves_out_only_leads_that_comply(condition, wanted, world, second, ids):
    made = tuple(
        SetField(Assign(field, type_, Constant(value)))
        for field, type_, value in filter(None, (wanted, second))
    )
    goal = compliance.goal(fake.step_of(condition, effects=made))
    assert goal is not None
    found, selection = chosen(condition, world, ids=ids, goal=goal)
    meant = {lead["id"]: lead for lead in world if oracle.means(condition, lead)}
    lacking = {key for key, lead in meant.items() if not oracle.means(goal, lead)}
    assert lacking <= found <= meant.keys()
    assert selection.matched == len(meant)
    assert selection.compliant == len(meant) - len(found)


@settings(max_examples=100, deadline=None)
@given(conditions(st.one_of(TESTS, ACTIVITIES)), st.integers(0, 50))
def test_normal_form_keeps_the_meaning(condition, seed):
    normal = normalise(condition)
    for lead in world_of(seed, 12, 0.3):
        assert oracle.means(normal, lead) == oracle.means(condition, lead)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    conditions(st.one_of(TESTS), 3),
    WORLDS,
    st.sampled_from(["drop row", "repeat page", "shift page", "more total", "less total", "ignore actions", "ignore everything"]),
)  # fmt: skip
def test_a_lying_service_is_seen_through_or_refused_by_name(condition, world, lie):
    meant = {lead["id"] for lead in world if oracle.means(condition, lead)}
    refusal = None
    try:
        found, _ = chosen(condition, world, permissions=ALL, lies=(lie,))
    except RefusedError as error:
        refusal = error
    assert refusal or found == meant


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(conditions(st.one_of(TESTS, ACTIVITIES), 5), WORLDS, st.booleans(), st.integers(1, 30), st.booleans())
def test_a_limit_takes_the_first_leads_in_order(condition, world, ids, limit, newest):
    service = fake.Fake(world, ids=ids)
    step = fake.step_of(condition, permissions=ALL, limit=limit, newest=newest)
    around = SelectAround(fake.Verdicts(), fake.index_of(world))
    selection = asyncio.run(select(step, fake.plan_of(step), service, around))
    meant = [lead for lead in world if oracle.means(condition, lead)]
    times = sorted((lead["created_on"] for lead in meant), reverse=newest)
    assert [lead.created_ms for lead in selection.leads] == times[:limit]
    assert {lead.id for lead in selection.leads} <= {lead["id"] for lead in meant}
    assert selection.matched == len(meant) if selection.exact else selection.matched >= min(limit, len(meant))
    assert selection.calls <= selection.bound


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(conditions(st.one_of(TESTS, ACTIVITIES), 5), WORLDS, st.booleans())
def test_a_recheck_finds_again_what_is_still_selected(condition, world, ids):
    from leadops.engine.apply.recheck.reread import recheck

    step = fake.step_of(condition, permissions=ALL)
    around = SelectAround(fake.Verdicts(), fake.index_of(world))
    some = world[::3]
    refs = [LeadRef(lead["id"], lead["fields"]["phone"]) for lead in some]
    found = asyncio.run(recheck(step, fake.plan_of(step), fake.Fake(world, ids=ids), refs, around))
    assert found.selected == {lead["id"] for lead in some if oracle.means(condition, lead)}
    assert activities(condition) is not None
