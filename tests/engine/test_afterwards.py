"""After a run: retry, undo, resolve, verify, forget."""

from dataclasses import replace

import pytest

from leadops.core.errors import UsageError
from leadops.engine.memory_stores import ShortIds
from leadops.engine.operations.forget import forget
from leadops.engine.operations.resolve import doubts, resolve
from leadops.engine.operations.resume import find_run
from leadops.engine.operations.retry import retry_plan, retry_playbook
from leadops.engine.operations.undo import undo_playbook
from leadops.engine.operations.verify import verify_run
from leadops.model.change import FORGOTTEN, LeadRef
from leadops.model.run import Outcome
from tests.simulation.abroad import Abroad
from tests.simulation.bench import Desk, compiled, names
from tests.simulation.service import SCHEMA, START, Service, lead, leads
from tests.simulation.virtual import run_virtual

ZONE = "Asia/Kolkata"
BOTH = 'find leads where status = Won\nset rating = 5\nadd action 1001 with note = "Thanks"'


def refusing(what, attempt):
    return "refused" if attempt == 1 else ""


# ── retry ────────────────────────────────────────────────────────────────────────────────────────


def test_rejects_are_written_as_a_playbook_with_the_services_words():
    async def main(clock):
        text = (
            'create lead with phone = "917777777777", name = "Jane", rating = 9\n'
            'add action 1001 with note = "Hello", email = "not-an-email"'
        )
        desk = Desk(Service([], clock), clock)
        first = await desk.run(compiled(text, unchecked=True))
        fix = retry_playbook(first.results, SCHEMA, run=first.run, timezone=ZONE)
        made = desk.service.world[0]["id"]
        desk.service.sent.clear()
        corrected = fix.replace("rating = 9", "rating = 4").replace("not-an-email", "jane@example.com")
        return first, fix, made, await desk.run(corrected), desk.service

    first, fix, made, second, service = run_virtual(main, START)
    for piece in (
        f'find lead "{made}"',
        "set rating = 9",
        'add action 1001 with note = "Hello", email = "not-an-email"',
        "# rating: 9 was refused: Rating must be between 1 and 5",
        '# email: "not-an-email" was refused: Email is invalid',
    ):
        assert piece in fix
    assert first.exit_code == 3
    assert second.exit_code == 0
    assert service.sent == [("update", made), ("append", made, "1001")]


def test_a_refused_create_is_written_as_a_create_with_its_actions():
    async def main(clock):
        desk = Desk(Service([], clock, refusing), clock)
        first = await desk.run('create lead with phone = "917777777777"\nadd action 1001 with note = "Hi"')
        fix = retry_playbook(first.results, SCHEMA, run=first.run, timezone=ZONE)
        return first, fix, await desk.run(fix), desk.service

    first, fix, second, service = run_virtual(main, START)
    assert names(first) == {"rejected": 1, "not_attempted": 1}
    assert "create lead with phone" in fix
    assert names(second) == {"created": 1, "changed": 1}
    assert len(service.world) == 1


def test_hostile_words_stay_in_their_comment():
    async def main(clock):
        desk = Desk(Service(leads(1), clock, refusing), clock)
        result = await desk.run("find leads where status = Won\nset rating = 5")
        from dataclasses import replace

        one = result.results[0]
        remark = replace(one.remarks[0], words="no\n}\nfind leads\nset rating = 1\u2028set rating = 2")
        return retry_playbook([replace(one, remarks=(remark,))], SCHEMA, run="r", timezone=ZONE)

    fix = run_virtual(main, START)
    assert all(line.strip().startswith("#") for line in fix.splitlines() if "rating = 1" in line)
    assert len(compiled(fix).steps) == 1


def test_a_run_without_rejects_gives_an_empty_playbook():
    assert "step" not in retry_playbook((), SCHEMA, run="r", timezone=ZONE)


def test_rejects_are_sent_again_as_they_are():
    async def main(clock):
        desk = Desk(Service(leads(3), clock, refusing), clock)
        first = await desk.run("find leads where status = Won\nset rating = 5")
        plan = retry_plan(compiled(BOTH), first.run)
        saved, _ = await desk.plan(plan, rejects={first.run: first.results})
        return names(first), names(await desk.apply(saved, plan))

    assert run_virtual(main, START) == ({"rejected": 3}, {"changed": 3})


def test_a_retry_keeps_the_limits_and_the_lane_in_its_text():
    text = "limits { at most 3 leads; at most 2.5 % of leads; at most 9 calls; lane async }\n"
    plan = retry_plan(compiled(text + "find leads where status = Won\nset rating = 5"), "r")
    again = compiled(plan.canonical)
    assert again.canonical == plan.canonical
    assert again.limits == plan.limits
    assert again.limits.calls == 9


# ── undo ─────────────────────────────────────────────────────────────────────────────────────────


def test_undo_gives_back_what_still_holds_our_value_and_names_the_rest():
    async def main(clock):
        world = [
            lead(1, rating=2),
            lead(2, rating=2),
            lead(3, rating=3, interests=["VIP"]),
            lead(4),
            lead(5, rating=4),
        ]
        desk = Desk(Service(world, clock), clock)
        text = BOTH + '\nadd "Returning" to interests'
        result = await desk.run(text)
        world[4]["fields"]["rating"] = 1
        undo = await undo_playbook(result.results, SCHEMA, desk.service, run=result.run, timezone=ZONE)
        return undo, names(await desk.run(undo.text)), world

    undo, done, world = run_virtual(main, START)
    assert [one["fields"].get("rating") for one in world] == [2, 2, 3, 5, 1]
    assert world[2]["fields"]["interests"] == ["VIP"]
    assert undo.restored == 4
    assert done == {"changed": 3}
    lost = " | ".join(undo.lost)
    for piece in (
        "rating of Lead 5 was changed since",
        "rating of Lead 4 was missing",
        "action 1001 was added to Lead 1",
    ):
        assert piece in lost
        assert piece in undo.text
    assert undo.text.count("find leads where phone in") == 2, "leads of equal old values share a step"


def test_undo_names_leads_whose_phones_are_none_by_their_ids_and_others_with_their_plus():
    async def main(clock):
        phones = ("971987654321012", "971501234567", "919000000003", "98765432101")
        world = [lead(n, phone=phone, rating=2) for n, phone in enumerate(phones, 1)]
        desk = Desk(Service(world, clock), clock)
        result = await desk.run("find leads where status = Won\nset rating = 5")
        undo = await undo_playbook(result.results, SCHEMA, desk.service, run=result.run, timezone=ZONE)
        return undo.text, names(await desk.run(undo.text)), [one["fields"]["rating"] for one in world]

    text, done, ratings = run_virtual(main, START)
    assert (done, ratings) == ({"changed": 4}, [2, 2, 2, 2])
    assert '"+971501234567"' in text
    assert text.count('find lead "') == 2


def test_undo_can_neutralise_payments_and_actions():
    async def main(clock):
        desk = Desk(Service(leads(1), clock), clock)
        text = (
            "find leads where status = Won\nadd payment with status = PENDING, currency = INR, amount = 100\n"
            'add action 1001 with note = "Thanks"'
        )
        result = await desk.run(text)
        undo = await undo_playbook(
            result.results, SCHEMA, desk.service, run=result.run, timezone=ZONE, neutralise=True
        )
        return names(await desk.run(undo.text)), desk.service.world[0]["actions"]

    done, actions = run_virtual(main, START)
    assert done == {"changed": 2}
    assert {
        action["type"]: action["fields"].get("status", action["fields"].get("note")) for action in actions
    } == {
        "PAYMENT": "CANCELLED",
        "1001": "[void] Thanks",
    }


def test_undo_of_two_steps_goes_back_to_the_first_value():
    async def main(clock):
        text = (
            'step "a" {\n find leads where status = Won\n set rating = 4\n}\n'
            'step "b" {\n find leads where rating = 4\n set rating = 5\n}'
        )
        desk = Desk(Service([lead(1, rating=1)], clock), clock)
        result = await desk.run(text)
        undo = await undo_playbook(result.results, SCHEMA, desk.service, run=result.run, timezone=ZONE)
        await desk.run(undo.text)
        return desk.service.world[0]["fields"]["rating"]

    assert run_virtual(main, START) == 1


# ── resolve ──────────────────────────────────────────────────────────────────────────────────────


async def doubtful(clock):
    """Return a desk whose last run left one append in doubt, which was not applied."""
    service = Service(
        leads(2), clock, lambda what, n: "before" if what == ("append", f"{1:024x}", "1001") else ""
    )
    desk = Desk(service, clock)
    saved, plan = await desk.plan(BOTH)

    async def unreadable(*args, **kwargs):
        from leadops.core.errors import UnavailableError

        raise UnavailableError("down")

    kept, service.timeline = service.timeline, unreadable
    result = await desk.apply(saved, plan, read_ms=clock.now_ms())
    service.timeline = kept
    service.script = lambda what, attempt: ""
    assert result.outcomes["in_doubt"] == 1
    return desk, saved, plan


@pytest.mark.parametrize(
    ("decision", "after", "planned", "resumed"),
    [
        ("applied", {"changed": 4}, 0, 1),
        ("not_applied", {"changed": 3, "rejected": 1}, 1, 1),
        ("retry", {"changed": 3, "not_attempted": 1}, 1, 2),
    ],
)
def test_a_doubt_is_settled_by_hand(decision, after, planned, resumed):
    async def main(clock):
        desk, saved, plan = await doubtful(clock)
        run = desk.journal.runs()[0]
        folder = desk.folders[run.id]
        [open_] = doubts(desk.journal.ops(run.id).values())
        result = resolve(
            run, saved, desk.journal, folder, [open_.key[:12]], decision, "I looked", clock.now_ms()
        )
        assert folder.result == result
        again, _ = await desk.plan(BOTH)
        await desk.resume(plan)
        made = sum(what == ("append", f"{1:024x}", "1001") for what in desk.service.sent)
        return names(result), len(again.changes), made

    assert run_virtual(main, START) == (after, planned, resumed)


def test_only_a_doubt_can_be_resolved():
    async def main(clock):
        desk, saved, _ = await doubtful(clock)
        run = desk.journal.runs()[0]
        with pytest.raises(UsageError, match="no op in doubt"):
            resolve(run, saved, desk.journal, desk.folders[run.id], [saved.changes[0].key], "applied", "x", 0)

    run_virtual(main, START)


# ── verify ───────────────────────────────────────────────────────────────────────────────────────


def test_verify_finds_what_moved_went_missing_or_doubled():
    async def main(clock):
        world = leads(5)
        desk = Desk(Service(world, clock), clock)
        plan = compiled(BOTH)
        result = await desk.run(BOTH)
        clean = await verify_run(result, plan, desk.service)
        world[0]["fields"]["rating"] = 1
        world[1]["actions"].clear()
        world[2]["actions"] *= 2
        del world[3]
        return clean, await verify_run(result, plan, desk.service)

    clean, found = run_virtual(main, START)
    assert (clean.fields, clean.actions, clean.findings) == (5, 5, ())
    assert sorted((one.kind, int(one.lead.id, 16)) for one in found.findings) == [
        ("doubled", 3), ("gone", 4), ("gone", 4), ("missing", 2), ("moved", 1),
    ]  # fmt: skip


def test_verify_finds_an_action_that_came_after_it_was_given_up():
    async def main(clock):
        service = Service(leads(1), clock, lambda what, n: "refused" if what[0] == "append" else "")
        desk = Desk(service, clock)
        result = await desk.run(BOTH)
        late = {"id": "x", "type": "1001", "at": clock.now_ms(), "by": "", "fields": {"note": "Thanks"}}
        service.world[0]["actions"].append(late)
        return await verify_run(result, compiled(BOTH), service)

    assert [one.kind for one in run_virtual(main, START).findings] == ["late"]


def test_verify_looks_at_all_that_was_sent():
    doubtful = Outcome.IN_DOUBT

    async def main(clock):
        service = Service(leads(3), clock)
        desk = Desk(service, clock)
        plan = compiled(BOTH)
        result = await desk.run(BOTH)
        said = {}
        for outcome in (doubtful, Outcome.IGNORED_BY_CRM, Outcome.REJECTED):
            told = replace(result, results=tuple(replace(one, outcome=outcome) for one in result.results))
            said[outcome] = [await verify_run(told, plan, service)]
            world = [(one["fields"].pop("rating"), list(one["actions"])) for one in service.world]
            for one in service.world:
                one["actions"].clear()
            said[outcome].append(await verify_run(told, plan, service))
            for one, (rating, actions) in zip(service.world, world, strict=True):
                one["fields"]["rating"], one["actions"] = rating, actions
        return said

    said = run_virtual(main, START)
    for found in said.values():
        assert {(one.fields, one.actions) for one in found} == {(3, 3)}
    come, lost = said[doubtful]
    assert (come.arrived, come.findings) == (6, ())
    assert (lost.arrived, [one.kind for one in lost.findings]) == (0, ["missing"] * 6)
    for outcome in (Outcome.IGNORED_BY_CRM, Outcome.REJECTED):
        come, lost = said[outcome]
        assert [one.kind for one in come.findings] == ["late"] * 6
        assert lost.findings == ()


@pytest.mark.parametrize("offset_ms", [-3_600_000, 3_600_000])
def test_verify_looks_for_actions_by_the_services_clock(offset_ms):
    async def main(clock):
        service = Abroad(leads(1), clock, offset_ms)
        text = 'find leads where status = Won\nadd action 1001 with note = "Thanks"'
        result = await Desk(service, clock).run(text)
        service.new_client()
        return await verify_run(result, compiled(text), service)

    verified = run_virtual(main, START)
    assert (verified.actions, verified.findings) == (1, ())


def test_verify_looks_at_updated_actions():
    visit = {"id": "d" * 24, "type": "1001", "at": START - 9, "by": "", "fields": {"note": "Old"}}

    async def main(clock):
        service = Service([lead(1, actions=[visit])], clock)
        text = 'find leads where status = Won\nupdate action 1001 with note = "New"'
        result = await Desk(service, clock).run(text)
        clean = await verify_run(result, compiled(text), service)
        visit["fields"] = {"note": "Old"}
        return clean, await verify_run(result, compiled(text), service)

    clean, found = run_virtual(main, START)
    assert (clean.actions, clean.findings) == (1, ())
    assert [one.kind for one in found.findings] == ["moved"]


def test_verify_leaves_out_who_was_forgotten():
    async def main(clock):
        desk = Desk(Service(leads(2), clock), clock)
        result = await desk.run(BOTH)
        forgotten = tuple(
            replace(one, change=replace(one.change, lead=LeadRef(one.change.lead.id, FORGOTTEN)))
            for one in result.results
        )
        return await verify_run(replace(result, results=forgotten), compiled(BOTH), desk.service)

    verified = run_virtual(main, START)
    assert (verified.fields, verified.actions, verified.findings) == (0, 0, ())


# ── runs by name, forgetting ─────────────────────────────────────────────────────────────────────


def test_runs_are_found_by_name():
    async def main(clock):
        service = Service(leads(3), clock)
        desk = Desk(service, clock)
        await desk.run(BOTH)
        service.world += [lead(9)]
        service.script = lambda what, attempt: "denied"
        result = await desk.run(BOTH)
        assert find_run(desk.journal, "last").id == result.run
        with pytest.raises(UsageError, match="several"):
            find_run(desk.journal, "run")
        with pytest.raises(UsageError, match="no run"):
            find_run(desk.journal, "x")

    run_virtual(main, START)


class ForgettingFolder:
    def lead_ids(self, identifiers):
        return frozenset({f"{1:024x}"}) if "919000000001" in identifiers else frozenset()

    def forget(self, lead_ids, identifiers):
        return 3


class ForgettingIds(ShortIds):
    def forget(self, identifier):
        return len(self._ids.pop(identifier, ()))


def test_a_person_is_forgotten_in_journal_index_and_folders():
    async def main(clock):
        desk = Desk(Service(leads(2), clock, lambda what, n: "refused" if what[0] == "append" else ""), clock)
        await desk.run(BOTH)
        ids = ForgettingIds()
        ids.remember([("919000000001", f"{1:024x}")])
        said = forget(
            "+91 90000 00001", SCHEMA, desk.journal, ids, [ForgettingFolder()], now_ms=clock.now_ms()
        )
        ops = desk.journal.ops("run-1").values()
        return (
            said,
            ids.ids_of("919000000001"),
            {op.lead_id: bool(op.detail) for op in ops if op.kind == "append"},
        )

    said, left, details = run_virtual(main, START)
    assert (said.lead_ids, said.journal_rows, said.files) == ((f"{1:024x}",), 2, 3)
    assert left == ()
    assert details == {f"{1:024x}": False, f"{2:024x}": True}


def test_outcomes_of_a_run_count_every_change_once():
    async def main(clock):
        return await Desk(Service(leads(3), clock), clock).run(BOTH)

    result = run_virtual(main, START)
    assert sum(result.outcomes.values()) == len(result.results) == 6
    assert all(one.outcome is Outcome.CHANGED for one in result.results)


def test_undo_gives_back_another_case_to_the_letter_and_sees_that_it_was_changed_since():
    async def main(clock):
        world = [lead(1, name="john doe"), lead(2, name="Asha {{ x }} RAO")]
        desk = Desk(Service(world, clock), clock)
        result = await desk.run('find leads where status = Won\nset name = "{{ lead.name | title }}"')
        changed = [one["fields"]["name"] for one in world]
        undo = await undo_playbook(result.results, SCHEMA, desk.service, run=result.run, timezone=ZONE)
        await desk.run(undo.text)
        back = [one["fields"]["name"] for one in world]
        world[0]["fields"]["name"] = "JOHN DOE"
        moved = await undo_playbook(result.results, SCHEMA, desk.service, run=result.run, timezone=ZONE)
        return changed, back, moved

    changed, back, moved = run_virtual(main, START)
    assert changed == ["John Doe", "Asha {{ X }} Rao"]
    assert back == ["john doe", "Asha {{ x }} RAO"]
    assert any("was changed since" in one for one in moved.lost)


def test_undo_and_verify_know_the_leads_that_the_run_made_and_changed():
    text = (
        'step "a" {\n create lead with phone = "917777777777", name = "Jane", rating = 1\n}\n'
        'step "b" {\n find leads where rating = 1\n set rating = 5\n}'
    )

    async def main(clock):
        desk = Desk(Service([], clock), clock)
        plan = compiled(text)
        result = await desk.run(text)
        found = await verify_run(result, plan, desk.service)
        undo = await undo_playbook(result.results, SCHEMA, desk.service, run=result.run, timezone=ZONE)
        return result, found, undo, desk.service.world[0]["id"]

    result, found, undo, made = run_virtual(main, START)
    assert names(result) == {"created": 1, "changed": 1}
    assert {one.lead_id for one in result.results} == {made}
    assert found.findings == ()
    assert undo.restored == 1
    assert 'find leads where phone in ["917777777777"]' in undo.text
    assert made not in undo.text


def test_verify_tells_a_text_of_another_case_from_the_one_that_was_set():
    async def main(clock):
        world = [lead(1, name="john doe")]
        desk = Desk(Service(world, clock), clock)
        text = 'find leads where status = Won\nset name = "{{ lead.name | title }}"'
        result = await desk.run(text)
        world[0]["fields"]["name"] = "JOHN DOE"
        return await verify_run(result, compiled(text), desk.service)

    assert [one.kind for one in run_virtual(main, START).findings] == ["moved"]
