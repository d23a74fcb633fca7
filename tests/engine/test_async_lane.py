"""The async lane: field updates only, read back by lists of identifiers, and a ghost is loud."""

import asyncio

from leadops.model.exchange import Delivery, Reply
from leadops.model.run import Outcome
from tests.simulation.bench import Desk, names
from tests.simulation.service import START, Service, leads
from tests.simulation.virtual import run_virtual

ASYNC = "limits { lane async }\n"
SET = ASYNC + "find leads where status = Won\nset rating = 5"


class Queueing(Service):
    """A service with the async API: an upsert is applied ``delay_s`` later; ``lost`` phones vanish."""

    delay_s = 7.0
    lost = frozenset()

    async def upsert(self, fields, *, still=None):
        def apply():
            if fields["phone"] in self.lost:
                return
            one = next((one for one in self.world if one["fields"].get("phone") == fields["phone"]), None)
            if one is None:
                one = {"id": "9" * 24, "created_on": self.clock.now_ms(), "fields": {}, "actions": []}
                self.world.append(one)
            one["fields"].update(fields)

        if still is not None and not still():
            return Reply(Delivery.OUTDATED)
        self.sent.append(("upsert", fields["phone"]))
        await asyncio.sleep(0.1)
        fault = self.script(("upsert", fields["phone"]), 1)
        if fault != "before":
            asyncio.get_running_loop().call_later(self.delay_s, apply)
        if fault:
            return Reply(Delivery.UNKNOWN, None, message="reset", sent_ms=self.clock.now_ms())
        return Reply(Delivery.ACKED, 200, sent_ms=self.clock.now_ms())


def run(text, world, *, ids=True, prepare=None, meanwhile=None):
    async def main(clock):
        service = Queueing(world, clock)
        service.ids = ids
        if prepare:
            prepare(service)
        desk = Desk(service, clock)
        saved, plan = await desk.plan(text)
        if meanwhile:
            meanwhile(service)
        return saved, await desk.apply(saved, plan), service

    return run_virtual(main, START)


def test_updates_are_queued_and_read_back_in_lists():
    _, result, service = run(SET, leads(30))
    assert names(result) == {"changed": 30}
    assert {one.evidence for one in result.results} == {"read"}
    assert {what[0] for what in service.sent} == {"upsert"}
    assert service.gets == 0
    assert len(service.log) < 30


def test_without_the_lane_nothing_is_queued():
    _, _, service = run(SET.removeprefix(ASYNC), leads(3))
    assert {what[0] for what in service.sent} == {"update"}


def test_actions_never_go_by_the_lane():
    _, result, service = run(SET + '\nadd action 1001 with note = "Thanks"', leads(2))
    assert names(result) == {"changed": 4}
    assert sorted(what[0] for what in service.sent) == ["append", "append", "upsert", "upsert"]


def test_what_was_not_seen_in_time_is_in_doubt_and_found_later():
    async def main(clock):
        service = Queueing(leads(3), clock)
        service.delay_s = 300.0
        desk = Desk(service, clock)
        saved, plan = await desk.plan(SET)
        first = await desk.apply(saved, plan)
        again = await desk.resume(plan)
        await asyncio.sleep(300)
        return first, again, await desk.resume(plan), service

    first, again, last, service = run_virtual(main, START)
    assert names(first) == names(again) == {"in_doubt": 3}
    assert {one.reason for one in first.results} == {"queued, not seen yet"}
    assert first.exit_code == 3
    assert names(last) == {"changed": 3}
    assert len(service.sent) == 3, "what is queued is not queued again"


def test_what_never_comes_is_in_doubt_and_what_relies_on_it_is_not_sent():
    def lose(service):
        service.lost = frozenset({"919000000002"})

    _, result, service = run(SET + '\nadd action 1001 with note = "Thanks"', leads(3), prepare=lose)
    assert names(result) == {"changed": 4, "in_doubt": 1, "not_attempted": 1}
    assert service.count(f"{2:024x}") == 0


def test_a_queue_is_waited_for_longer_than_a_short_settle_time():
    async def main(clock):
        service = Queueing(leads(3), clock)
        return await Desk(service, clock, settle_s=1.0).run(SET)

    assert names(run_virtual(main, START)) == {"changed": 3}


def test_where_a_part_came_the_rest_was_ignored():
    def drop(service):
        real = service.upsert

        async def upsert(fields, *, still=None):
            return await real({name: one for name, one in fields.items() if name != "source"}, still=still)

        service.upsert = upsert

    _, result, _ = run(SET + ", source = Website", leads(1), prepare=drop)
    assert (names(result), result.results[0].fields) == (
        {"changed": 1, "ignored_by_crm": 1},
        {"source": Outcome.IGNORED_BY_CRM},
    )


def test_a_lost_answer_is_read_back_as_well():
    def lose(service):
        service.script = lambda what, n: "after"

    _, result, service = run(SET, leads(3), prepare=lose)
    assert names(result) == {"changed": 3}
    assert len(service.sent) == 3


def test_leads_without_id_are_changed_by_their_identifier():
    saved, result, service = run(SET, leads(3), ids=False)
    assert saved.refused == ()
    assert names(result) == {"changed": 3}
    assert all(one["fields"]["rating"] == 5 for one in service.world)


def test_leads_without_id_get_no_action_and_are_refused_by_name():
    saved, _, service = run(SET + '\nadd action 1001 with note = "Thanks"', leads(2), ids=False)
    assert saved.changes == ()
    assert "no id" in saved.refused[0].reason
    assert service.sent == []


def test_a_lead_that_came_into_being_by_it_is_a_ghost():
    async def main(clock):
        service = Queueing(leads(2), clock)
        desk = Desk(service, clock)
        saved, plan = await desk.plan(SET)
        del service.world[0]
        return await desk.apply(saved, plan, read_ms=clock.now_ms()), service

    result, service = run_virtual(main, START)
    assert [one.outcome for one in result.results] == [Outcome.GHOST, Outcome.CHANGED]
    assert (result.exit_code, len(service.world)) == (3, 2)


def test_a_lead_that_changed_since_is_stale():
    def move(service):
        service.world[0]["fields"]["rating"] = 2
        service.world[1]["fields"]["status"] = "Lost"

    _, result, service = run(SET, leads(3), ids=False, meanwhile=move)
    assert names(result) == {"changed": 1, "stale": 2}
    assert len(service.sent) == 1
