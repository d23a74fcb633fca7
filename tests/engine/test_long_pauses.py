"""A pause between an intent and its request: after a crash the request is looked for where it may have been made."""

import asyncio

import pytest

from leadops.model.exchange import Delivery, Reply
from tests.simulation.bench import Desk, names
from tests.simulation.service import START, Service, leads
from tests.simulation.virtual import run_virtual

TEXT = 'find leads where status = Won\nadd action 1001 with note = "Thanks"'


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("pause_s", [20.0, 200.0, 850.0])
def test_a_run_killed_after_a_pause_makes_no_action_twice(pause_s):
    async def main(clock):
        service = Service(leads(120), clock, pace=lambda: 0.02)
        desk = Desk(service, clock)
        real = service.append
        paused_ms = sent = 0
        dead = False

        async def append(lead_id, actions, *, still=None):
            nonlocal sent, paused_ms, dead
            if dead:
                raise Killed
            sent += 1
            if sent == 70:
                paused_ms = clock.now_ms()
                await asyncio.sleep(0.02)
                return Reply(Delivery.THROTTLED, 429, message="slow down", retry_after_s=pause_s)
            reply = await real(lead_id, actions, still=still)
            if paused_ms and clock.now_ms() - paused_ms > pause_s * 900:
                dead = True
                raise Killed  # after its effect
            return reply

        service.append = append
        saved, plan = await desk.plan(TEXT)
        with pytest.raises(BaseException):  # noqa: B017 (a group of them, or one)
            await desk.apply(saved, plan, read_ms=saved.made_ms)
        service.append = real
        await clock.sleep(30)
        result = await desk.resume(plan)
        return names(result), {service.count(one["id"]) for one in service.world}

    outcomes, counts = run_virtual(main, START)
    assert counts == {1}
    assert sum(outcomes.values()) == 120
