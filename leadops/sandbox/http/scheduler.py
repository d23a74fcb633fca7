"""What happens in a world by itself when its time has come."""

from leadops.sandbox.api import intake
from leadops.sandbox.faults.events import EVENT
from leadops.sandbox.world.apply_event import happen
from leadops.sandbox.world.records import NewAction
from leadops.sandbox.world.seed import live_on
from leadops.sandbox.world.world import World


def tick(world: World) -> None:
    """Let happen what is due by the clock: queued upserts, late actions and events, the agents' next month."""
    now = world.clock.now_ms()
    live_on(world.store, now)
    if not world.store.is_due(now):
        return
    with world.store.transaction():
        for kind, doc in world.store.take_due(now):
            if kind == "upsert":
                intake.apply(world, doc)
            elif kind == "event":
                happen(world, EVENT.validate_python(doc["event"]), lead_id=doc["lead"])
            else:
                world.store.add_actions([NewAction(**doc)])
