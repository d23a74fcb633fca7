"""The laws of push-down against the emulated service over HTTP, in every position of the switches that search has."""

import asyncio
import importlib.util
import json
import random
import sys
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadops.core.clock import ManualClock
from leadops.crm.client import TeleCrm
from leadops.crm.connection import Connection
from leadops.crm.discovery import pull_schema
from leadops.crm.secrets import Secret
from leadops.engine.select.selector import SelectAround, select
from leadops.model import predicate as p
from leadops.model.plan import Find, Permissions, Plan, Step
from leadops.model.schema import FieldType as T
from leadops.sandbox.http.app import create_app
from leadops.sandbox.world.switches import SWITCHES, Switches
from leadops.sandbox.world.world import World


def _sibling(name):
    path = Path(__file__).parent.parent / "planner" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"sandbox_planner_{name}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


fake, oracle = _sibling("fake"), _sibling("oracle")
NOW = 1_778_562_000_000
DAY = 86_400_000
OPEN = [
    "search_id",
    "status_place",
    "rating_place",
    "assignee_read",
    "status_case",
    "assignee_status_list",
    "custom_date_range",
    "modified_on_filter",
    "half_open",
    "phone_search",
    "filter_cap",
    "empty_list",
    "unknown_filter",
    "get_body",
    "type_on_read",
]
POSITIONS = {switch.name: switch.positions for switch in SWITCHES if switch.name in OPEN}


class Place:
    """One emulated workspace of 260 leads, and the same as plain data for the oracle."""

    def __init__(self) -> None:
        self.clock = ManualClock(NOW)
        self.world = World.open(None, self.clock, seed=5, leads=260)
        self.app = create_app(self.world)
        store = self.world.store
        actions = {}
        for lead, type_, performer, at, detail in store.connection.execute(
            "SELECT lead, type, performer, at, doc FROM actions"
        ):
            said = json.loads(detail)
            actions.setdefault(lead, []).append(
                {"type": type_, "by": performer, "at": at, "fields": said.get("fields", said)}
            )
        self.leads = [
            {
                "id": lead.id,
                "created_on": lead.created,
                "fields": dict(lead.fields) | {"modified_on": lead.modified},
                "actions": actions.get(lead.seq, []),
            }
            for lead in store.leads_at(range(1, 261))
        ]
        self.schema = self.ask(lambda client: pull_schema(client, self.clock))

    def ask(self, work):
        async def go():
            where = Connection(
                enterprise_id=self.world.enterprise_id,
                sync_token=Secret(self.world.sync_token),
                async_token=Secret(self.world.async_token),
                sync_base_url="http://localhost/autoupdate/v2",
                async_base_url="http://localhost",
            )
            transport = httpx.ASGITransport(self.app)
            async with TeleCrm(where, clock=self.clock, rng=random.Random(7), transport=transport) as client:
                return await work(client)

        return asyncio.run(go())


@pytest.fixture(scope="module")
def place():
    return Place()


def equals(field, type_, *values):
    one = st.sampled_from(values)
    return st.one_of(
        one.map(lambda v: p.Equals(field, type_, v)),
        st.lists(one, min_size=2, max_size=3, unique=True).map(lambda vs: p.OneOf(field, type_, tuple(vs))),
    )


def window(first, last):
    return p.Window(NOW + first * DAY, NOW + last * DAY, "a", "b", f"{first}..{last}")


WINDOWS = st.sampled_from(
    [window(-400, 1), window(-60, -20), window(-14, 1), window(-200, -100), window(-1, 1)]
)
AGENTS = ("agent@company.com", "priya@company.com", "rahul@company.com")
TESTS = st.one_of(
    equals("status", T.STATUS, "Fresh", "Contacted", "Qualified", "Won", "Lost"),
    equals("rating", T.RATING, 1, 3, 5),
    equals("assignee", T.MEMBER, *AGENTS),
    equals("visits", T.NUMBER, 0, 2),
    st.sampled_from(["<", ">="]).map(lambda op: p.Compare("rating", T.RATING, op, 4)),
    st.sampled_from(["<", ">"]).map(lambda op: p.Compare("deal_size", T.MONEY, op, "5000000")),
    st.sampled_from([("interests", which) for which in ("any", "all")]).map(
        lambda pair: p.HasTags(pair[0], pair[1], ("VIP", "Returning"))
    ),
    WINDOWS.map(lambda w: p.InWindow("created_on", w)),
    WINDOWS.map(lambda w: p.InWindow("follow_up_on", w)),
    WINDOWS.map(lambda w: p.InWindow("modified_on", w)),
    st.sampled_from([p.Missing("rating", T.RATING), p.Missing("assignee", T.MEMBER)]),
)
ACTIVITIES = st.builds(
    p.Activity,
    st.sampled_from([("OUTGOING_CALL",), ("INCOMING_CALL", "MISSED_CALL"), ("1001",)]),
    st.sampled_from([(), AGENTS[:1], AGENTS[1:]]),
    st.none() | WINDOWS,
)
CONDITIONS = st.recursive(
    st.one_of(TESTS, TESTS, ACTIVITIES),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda terms: p.And(tuple(terms))),
        st.lists(inner, min_size=2, max_size=3).map(lambda terms: p.Or(tuple(terms))),
        inner.map(p.Not),
    ),
    max_leaves=6,
)


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    CONDITIONS, st.fixed_dictionaries({name: st.sampled_from(places) for name, places in POSITIONS.items()})
)
def test_the_selected_set_is_the_meaning_in_every_world(place, condition, positions):
    place.world.switches = Switches(positions)
    step = Step(
        "s", None, Find(condition), (), "find", permissions=Permissions(full_scan=True, timelines=True)
    )
    plan = Plan("", "x", "", "Asia/Kolkata", "default", NOW, place.schema, (step,))
    around = SelectAround(fake.Verdicts(), fake.index_of(place.leads), wall_ms=NOW)

    async def work(client):
        found = await select(step, plan, client.reader, around)
        return found, client.calls.reads

    found, calls = place.ask(work)
    assert {lead.id for lead in found.leads} == {
        lead["id"] for lead in place.leads if oracle.means(condition, lead)
    }

    assert calls == found.calls <= found.bound
