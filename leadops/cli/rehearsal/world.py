"""The world of one test: the user's workspace in memory, with the leads that the test gives."""

import random
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from leadops.core.clock import ManualClock
from leadops.crm.client import TeleCrm
from leadops.crm.connection import Connection
from leadops.crm.secrets import Secret
from leadops.engine.ports import Reader
from leadops.model.lead import Lead, TimelineAction
from leadops.model.plan import Plan
from leadops.model.rehearsal import Event, GivenLead
from leadops.model.values import Value
from leadops.sandbox.http.app import create_app
from leadops.sandbox.world.load import definition_of
from leadops.sandbox.world.records import NewAction, NewLead
from leadops.sandbox.world.values import Refused
from leadops.sandbox.world.world import World

_YEAR_MS = 31_536_000_000


@dataclass(frozen=True, slots=True)
class Stage:
    """A world that a test plans on.

    Attributes:
        leads: the given leads as they stand in it, ids and whole timelines included, in the order of writing.
    """

    reader: Reader
    clock: ManualClock
    leads: tuple[Lead, ...]


@asynccontextmanager
async def staged(plan: Plan, given: tuple[GivenLead, ...]) -> AsyncIterator[Stage]:
    """Make the workspace of ``plan`` in memory with the given leads, and open a client that only looks."""
    clock = ManualClock(plan.clock_ms)
    definition = definition_of(plan.schema, plan.clock_ms - _YEAR_MS)
    world = World.empty(clock, definition.model_copy(update={"country_code": plan.country_code}))
    with world.store.transaction():
        leads = tuple(_add(world, lead) for lead in given)
    connection = Connection(
        "http://127.0.0.1/autoupdate/v2", None, world.enterprise_id, Secret(world.sync_token)
    )
    transport = httpx.ASGITransport(create_app(world))
    try:
        async with TeleCrm(connection, clock=clock, rng=random.Random(0), transport=transport) as crm:  # noqa: S311 (jitter only)
            yield Stage(crm.reader, clock, leads)
    finally:
        world.store.close()


def _add(world: World, given: GivenLead) -> Lead:
    stored = dict(_stored(world, given.fields))
    lead = world.store.add_leads([NewLead(stored, given.created_ms, given.modified_ms)])[0]
    ids = world.store.add_actions(
        NewAction(lead.seq, event.type, event.at_ms, event.performer, _detail(event))
        for event in given.events
    )
    timeline = [
        TimelineAction(action_id, event.type, event.at_ms, event.performer, event.fields)
        for action_id, event in zip(ids, given.events, strict=True)
    ]
    timeline.sort(key=lambda action: action.at_ms or 0, reverse=True)
    stamps = {"created_on": given.created_ms, "modified_on": given.modified_ms}
    return Lead(lead.id, {**given.fields, **stamps}, tuple(timeline))


def _stored(world: World, fields: Mapping[str, Value]) -> Iterator[tuple[str, object]]:
    """Yield each field as the service keeps it; what it would not take today (an old label) stays as given."""
    rules = world.rules
    for name, value in fields.items():
        known = rules.workspace.field(name)
        if value is None or known is None:
            continue
        sent = list(value) if isinstance(value, tuple) else value
        taken = rules.accept(known, sent)
        yield name, sent if isinstance(taken, Refused) else taken.value


def _detail(event: Event) -> Mapping[str, object]:
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in event.fields.items()}
    return {"fields": plain} if event.type.isdecimal() else plain
