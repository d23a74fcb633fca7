"""Under ``limit N`` a lead whose same change failed before waits until nobody else needs one."""

import pytest

from leadops.engine.operations.retry import retry_plan
from tests.simulation.bench import Desk, compiled
from tests.simulation.service import START, Service, lead, leads
from tests.simulation.virtual import run_virtual

DAY_S = 86_400
RATE = "find leads where status = Won\nlimit 2\nset rating = 5"


def number(lead_id):
    return int(lead_id, 16)


def failing(*bad, fault="refused", kinds=("update", "append")):
    """Return a script under which every such write to these leads fails."""
    return lambda what, _: fault if what[0] in kinds and number(what[1]) in bad else ""


async def night(desk, text, **options):
    """Plan and apply as cron does; return the plan and which leads were written to, and wait for the next night."""
    before = len(desk.service.sent)
    saved, plan = await desk.plan(text, **options)
    await desk.apply(saved, plan, read_ms=saved.made_ms)
    await desk.clock.sleep(DAY_S)
    return saved, sorted({number(what[1]) for what in desk.service.sent[before:]})


def nights(script, texts, world=None):
    """Return which leads each night writes to, and the last plan's notes."""

    async def main(clock):
        desk = Desk(Service(world or leads(8), clock, script), clock)
        seen = []
        for text in texts:
            saved, wrote = await night(desk, text)
            seen.append(wrote)
        return seen, [note for step in saved.steps for note in step.notes]

    return run_virtual(main, START)


@pytest.mark.parametrize("fault", ["refused", "dropped"])
def test_leads_whose_change_is_always_refused_starve_nobody(fault):
    seen, notes = nights(failing(1, 2, fault=fault), [RATE] * 5)
    assert seen == [[1, 2], [3, 4], [5, 6], [7, 8], [1, 2]]
    assert notes == [
        "limit 2: 2 leads whose same change failed in an earlier run come after all others; 2 of them are in this plan"
    ]


def test_those_that_wait_are_counted_in_a_plan_that_has_none_of_them():
    _, notes = nights(failing(1, 2), [RATE] * 3)
    assert any(note.endswith("come after all others; none of them are in this plan") for note in notes), notes


def test_the_one_that_failed_longest_ago_has_its_turn_first():
    seen, _ = nights(failing(1, 2, 3, 4), [RATE] * 5, leads(5))
    assert seen == [[1, 2], [3, 4], [1, 5], [2, 3], [1, 4]]


def test_another_value_is_a_new_try():
    seen, notes = nights(failing(1, 2), [RATE, RATE.replace("5", "4")])
    assert seen == [[1, 2], [1, 2]]
    assert not any("failed" in note for note in notes)


def test_where_the_service_names_no_field_another_value_of_either_is_a_new_try():
    text = RATE + '\nset source = "Website"'
    seen, _ = nights(failing(1, 2), [text, text, text.replace("Website", "Walk-in")])
    assert seen == [[1, 2], [3, 4], [1, 2]]


def test_a_step_that_moved_in_its_file_is_no_new_try():
    other = 'step "before" {\n  find leads where status = Lost\n  set rating = 1\n}\n'
    moved = other + 'step "after" {\n  find leads where status = Won\n  limit 2\n  set rating = 5\n}'
    seen, _ = nights(failing(1, 2), [RATE, moved])
    assert seen == [[1, 2], [3, 4]]


def test_a_field_that_was_left_out_counts_though_another_was_taken():
    text = RATE + "\nset visits = 3"
    seen, _ = nights(failing(1, 2, fault="dropped"), [text, text])
    assert seen == [[1, 2], [3, 4]]


def test_an_action_that_is_always_ignored_starves_nobody():
    text = 'find leads where status = Won\nlimit 2\nadd action 1001 with note = "Hi"'
    seen, _ = nights(failing(1, 2, fault="ignored"), [text, text, text.replace("Hi", "Good day")])
    assert seen == [[1, 2], [3, 4], [1, 2]]


def test_an_action_behind_a_refused_field_waits_with_it():
    text = RATE + '\nadd action 1001 with note = "Hi"'
    seen, _ = nights(failing(1, 2, kinds=("update",)), [text, text])
    assert seen == [[1, 2], [3, 4]]


def test_what_was_done_since_is_forgotten():
    async def main(clock):
        bad = {1, 2}
        desk = Desk(
            Service(leads(8), clock, lambda what, _: "refused" if number(what[1]) in bad else ""), clock
        )
        await night(desk, RATE)
        bad.clear()
        one = "find leads where status = Won and phone in [919000000001, 919000000002]\nset rating = 5"
        await night(desk, one)
        for each in desk.service.world[:2]:
            each["fields"].pop("rating")
        return await night(desk, RATE)

    saved, wrote = run_virtual(main, START)
    assert wrote == [1, 2]
    assert not any("failed" in note for note in saved.steps[0].notes)


def test_a_retry_that_was_refused_again_is_the_last_try():
    async def main(clock):
        desk = Desk(Service(leads(4), clock, failing(1, 2, 3, 4)), clock)
        await night(desk, RATE)
        await night(desk, RATE)
        first = desk.folders["run-1"].result
        plan = retry_plan(compiled(RATE), first.run)
        await night(desk, plan, rejects={first.run: first.results})
        return (await night(desk, RATE))[1]

    assert run_virtual(main, START) == [3, 4]


def test_rows_of_a_file_that_are_always_refused_starve_no_other():
    text = 'for each row in csv "in.csv" {\n  match lead by phone = row.phone\n  on missing lead create\n}\nlimit 1\nset name = row.name'

    async def main(clock):
        desk = Desk(Service([], clock, lambda what, _: "refused" if what[1].endswith("1") else ""), clock)
        seen = []
        for _ in range(3):
            before = len(desk.service.sent)
            saved, plan = await desk.plan(_compiled_rows(text, clock.now_ms()))
            await desk.apply(saved, plan, read_ms=saved.made_ms)
            await clock.sleep(DAY_S)
            seen.append([what[1][-1] for what in desk.service.sent[before:]])
        return seen

    assert run_virtual(main, START) == [["1"], ["2"], ["3"]]


def _compiled_rows(text, now_ms):
    from leadops.analysis.compiler import Surroundings, compile_playbook
    from leadops.analysis.files import EmbeddedFiles
    from leadops.syntax.parser import parse
    from tests.simulation.service import SCHEMA

    rows = "phone,name\n" + "".join(f"91987650000{n},Jane {n}\n" for n in (1, 2, 3))
    around = Surroundings(timezone=None, now_ms=now_ms, files=EmbeddedFiles({"in.csv": rows}))
    result = compile_playbook(parse(text, "<-e>"), SCHEMA, around)
    assert result.plan is not None, result.diagnostics
    return result.plan


def test_leads_that_cannot_be_planned_starve_nobody():
    world = [lead(n, source=None if n <= 2 else "Website") for n in range(1, 6)]
    text = 'find leads where status = Won\nlimit 2\nset name = "From {{ lead.source }}"'
    seen, notes = nights(lambda *_: "", [text, text], world)
    assert seen == [[3, 4], [5]]
    assert notes == [
        "limit 2: 2 leads that cannot be changed as they are come after all others; 1 of them is in this plan"
    ]


@pytest.mark.parametrize("guard", ["canary 2 then continue", "stop when 30 % fail"])
def test_what_ends_a_run_early_is_not_set_off_by_the_same_leads_every_night(guard):
    text = RATE.replace("limit 2", guard)
    bad = {1, 2} if guard.startswith("canary") else {1, 2, 3}
    seen, notes = nights(failing(*bad), [text] * 2)
    assert seen[0] == sorted(bad)
    assert set(range(1, 9)) - bad <= set(seen[1])
    assert notes == [f"{len(bad)} leads whose same change failed in an earlier run come after all others"]


def test_the_journal_keeps_no_value_of_a_lead_after_forget():
    async def main(clock):
        desk = Desk(Service(leads(2), clock, failing(1)), clock)
        await night(desk, RATE)
        held = {op.lead_id: op.detail for op in desk.journal.ops("run-1").values()}
        desk.journal.forget(f"{1:024x}", clock.now_ms())
        after = {op.lead_id: op.detail for op in desk.journal.ops("run-1").values()}
        return held, after

    held, after = run_virtual(main, START)
    assert '"signs"' in held[f"{1:024x}"]
    assert after[f"{1:024x}"] == ""
