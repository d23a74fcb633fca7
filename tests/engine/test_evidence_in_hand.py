"""What an answer says of whom it is about is used, and a lead is ours only by what only we can have put there."""

from dataclasses import replace

import pytest

from leadops.model.exchange import Delivery
from leadops.model.run import Outcome
from tests.simulation.bench import Desk, names
from tests.simulation.service import START, Service, lead, leads
from tests.simulation.virtual import run_virtual

BOTH = 'find leads where status = Won\nset rating = 5\nadd action 1001 with note = "A"\nadd action 1002 with note = "B"'
CREATE = 'create lead with phone = "917777777777", name = "Jane"\nadd action 1001 with note = "Hello"'
ALONE = 'create lead with phone = "917777777777", name = "Jane"'


class Astray(Service):
    """A service that answers the ``kind`` of write about another lead."""

    kind, change = "", {}

    async def _write(self, what, apply, still):
        reply = await super()._write(what, apply, still)
        if what[0] != self.kind or reply.delivery is not Delivery.ACKED:
            return reply
        changed = dict(self.change)
        if "fields" in changed:
            changed["fields"] = {**reply.fields, **changed["fields"]}
        if "action" in changed:
            changed["action"] = replace(reply.action, id=changed["action"])
        return replace(reply, **changed)


def astray(clock, kind, world=None, **change):
    service = Astray(world or leads(2), clock)
    service.kind, service.change = kind, change
    return service


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("update", {"fields": {"phone": "919999999999"}}),
        ("update", {"lead_id": "f" * 24}),
        ("append", {"lead_id": "f" * 24}),
    ],
)
def test_an_answer_about_another_lead_stops_that_lead(kind, change):
    async def main(clock):
        service = astray(clock, kind, leads(1), **change)
        desk = Desk(service, clock)
        saved, plan = await desk.plan(BOTH)
        result = await desk.apply(saved, plan, read_ms=saved.made_ms)
        sent = len(service.sent)
        before = 0 if kind == "update" else 1
        assert [one.outcome for one in result.results] == [
            *[Outcome.CHANGED] * before,
            Outcome.IN_DOUBT,
            *[Outcome.NOT_ATTEMPTED] * (2 - before),
        ]
        assert result.exit_code == 3
        assert sent == 1 + before
        # Even where no trace of it is found, it is not sent again; nor is what comes after it.
        service.world[0]["actions"].clear()
        service.world[0]["fields"].pop("rating", None)
        await clock.sleep(1000)
        again = await desk.resume(plan)
        assert len(service.sent) == sent
        assert again.outcomes["in_doubt"] == 1
        return True

    assert run_virtual(main, START)


def test_an_echo_in_another_spelling_is_about_the_same_lead():
    async def main(clock):
        service = astray(clock, "update", leads(1), fields={"phone": "+91 90000 00001"}, lead_id=f"{1:024X}")
        return await Desk(service, clock).run(BOTH)

    assert names(run_virtual(main, START)) == {"changed": 3}


def test_an_answer_about_another_lead_stops_later_steps_and_no_other_lead():
    async def main(clock):
        service = astray(clock, "update", leads(2))
        real = service._write

        async def write(what, apply, still):
            service.change = {"lead_id": "f" * 24} if what[1] == service.world[0]["id"] else {}
            return await real(what, apply, still)

        service._write = write
        text = (
            'step "a" {\n find leads where status = Won\n set rating = 5\n}\n'
            'step "b" {\n find leads where status = Won\n add action 1001 with note = "B"\n}'
        )
        result = await Desk(service, clock, in_flight=1).run(text)
        return names(result), [service.count(one["id"]) for one in service.world]

    outcomes, counts = run_virtual(main, START)
    assert counts == [0, 1]
    assert outcomes == {"changed": 2, "in_doubt": 1, "not_attempted": 1}


def test_an_answer_about_another_action_is_in_doubt():
    async def main(clock):
        visit = {
            "id": "d" * 24,
            "type": "1001",
            "at": START - 5000,
            "by": "x@company.com",
            "fields": {"note": "Old"},
        }
        service = astray(clock, "update_action", [lead(1, actions=[visit])], action="e" * 24)
        return await Desk(service, clock).run(
            'find leads where status = Won\nupdate action 1001 with note = "New"'
        )

    assert names(run_virtual(main, START)) == {"in_doubt": 1}


def test_a_create_that_answers_with_the_id_of_another_lead_is_in_doubt():
    async def main(clock):
        service = astray(clock, "create", leads(1), lead_id=f"{1:024x}")
        text = f'step "a" {{\n find leads where status = Won\n set rating = 5\n}}\nstep "b" {{\n {ALONE}\n}}'
        return await Desk(service, clock).run(text)

    assert names(run_virtual(main, START)) == {"changed": 1, "in_doubt": 1}


def another(clock, **fields):
    """Return a lead that somebody else makes of the same phone."""
    made = lead(50, phone="917777777777", **fields)
    made["created_on"] = clock.now_ms()
    return made


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "Somebody else"},
        {"name": "Jane", "rating": 3},
        {"name": None, "rating": None},
    ],
)
@pytest.mark.parametrize("text", [CREATE, f"{ALONE}, rating = 4"])
def test_a_lead_that_another_person_made_in_the_window_is_not_ours(text, fields):
    async def main(clock):
        service = Service([], clock)
        if "rating" not in text and fields["name"] == "Jane":
            fields["name"] = "Janet"

        def script(what, attempt):
            if what[0] == "create":
                service.world.append(another(clock, **fields))
                return "before"
            return ""

        service.script = script
        desk = Desk(service, clock)
        saved, plan = await desk.plan(text)
        result = await desk.apply(saved, plan, read_ms=saved.made_ms)
        assert {one.outcome for one in result.results} == {Outcome.IN_DOUBT}
        assert service.count(service.world[0]["id"]) == 0
        assert len(service.sent) == 1
        return True

    assert run_virtual(main, START)


def test_a_lead_that_was_made_after_the_window_is_somebody_elses():
    async def main(clock):
        service = Service([], clock)
        service.script = lambda what, attempt: "before"
        desk = Desk(service, clock)
        saved, plan = await desk.plan(ALONE)
        service.read_fault = lambda: "down"
        await desk.apply(saved, plan, read_ms=saved.made_ms)
        service.read_fault = lambda: ""
        await clock.sleep(7200)
        service.world.append(another(clock, name="Jane"))
        result = await desk.resume(plan)
        return names(result)

    assert run_virtual(main, START) == {"stale": 1}


def test_a_lost_create_of_which_the_service_left_a_field_out_is_still_ours():
    async def main(clock):
        service = Service([], clock)
        service.script = lambda what, attempt: "after"
        from tests.simulation.bench import compiled

        result = await Desk(service, clock).run(compiled(f"{ALONE}, rating = 9", unchecked=True))
        return [(one.outcome, one.fields) for one in result.results]

    assert run_virtual(main, START) == [(Outcome.CREATED, {"rating": Outcome.IGNORED_BY_CRM})]
