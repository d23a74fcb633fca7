"""Planning: the exact difference, judged by guards and belts, and nothing written."""

from dataclasses import replace
from decimal import Decimal

import pytest

from leadops.core.errors import RefusedError
from leadops.engine.plan.options import BeltFlags, Override, PlanOptions
from leadops.engine.plan.planner import make_plan
from leadops.engine.plan.scope import Scope
from leadops.model.change import Kind
from leadops.model.run import Outcome
from tests.simulation.bench import Desk, compiled, memory_journal
from tests.simulation.service import START, Service, lead, leads
from tests.simulation.virtual import run_virtual

WON = "find leads where status = Won\n"


def plan_of(text, world, *, journal=None, now_ms=START, before=None, **options):
    """Return the saved plan of ``text`` against ``world``."""

    async def main(clock):
        service = Service(world, clock)
        desk = Desk(service, clock, journal)
        if before is not None:
            await before(desk)
        saved, _ = await desk.plan(compiled(text, now_ms=now_ms), **options)
        assert before is not None or service.sent == []
        return saved

    return run_virtual(main, START)


def changes(saved):
    """Return (kind, lead number, what) of each change."""
    return [
        (one.kind.value, int(one.lead.id or "0", 16), one.action.type if one.action else sorted(one.fields))
        for one in saved.changes
    ]


# ── fields ───────────────────────────────────────────────────────────────────────────────────────


def test_only_fields_that_differ_are_changed_and_one_update_holds_them():
    world = [lead(1, rating=5), lead(2, rating=3, source="website"), lead(3, rating=5, source="Website")]
    saved = plan_of(WON + "set rating = 5, source = Website", world)
    assert changes(saved) == [("update", 1, ["source"]), ("update", 2, ["rating"])]
    assert saved.steps[0].compliant == 1
    rating = saved.changes[1].fields["rating"]
    assert (rating.before, rating.after) == (3, 5)


def test_values_are_compared_as_their_type_means_them():
    world = [lead(1, deal_size="1000.00", interests=["vip", "Returning"], name="  jane DOE ")]
    text = WON + 'set deal_size = 1000, name = "Jane Doe"; add "VIP" to interests'
    assert plan_of(text, world).changes == ()


def test_tags_are_merged_with_what_is_there_and_written_whole():
    world = [lead(1, interests=["Loan", "VIP"]), lead(2)]
    saved = plan_of(WON + 'add "Returning" to interests; remove "vip" from interests', world)
    assert [one.fields["interests"].after for one in saved.changes] == [("Loan", "Returning"), ("Returning",)]


def test_when_sees_the_lead_as_the_step_found_it():
    text = (
        WON
        + "set rating = 5\nwhen rating is missing { set source = Website } otherwise { set source = Walk-in }"
    )
    saved = plan_of(text, [lead(1), lead(2, rating=1)])
    assert [one.fields["source"].after for one in saved.changes] == ["Website", "Walk-in"]


def test_a_template_without_its_value_rejects_the_lead_and_the_others_go_on():
    world = [lead(1), lead(2, email="asha@company.com")]
    saved = plan_of(WON + 'set rating = 5; add action 1001 with note = "Mail {{ lead.email }}"', world)
    assert changes(saved) == [("update", 2, ["rating"]), ("append", 2, "1001")]
    [refusal] = saved.refused
    assert (refusal.outcome, refusal.field, refusal.lead.id) == ("rejected", "note", world[0]["id"])
    assert "lead.email" in refusal.reason


def test_a_refused_lead_makes_the_run_incomplete():
    async def main(clock):
        desk = Desk(Service([lead(1)], clock), clock)
        return await desk.run(WON + 'set name = "{{ lead.email }}"')

    result = run_virtual(main, START)
    assert (result.exit_code, result.exit_reason) == (3, "1 rejected")


# ── appends ──────────────────────────────────────────────────────────────────────────────────────

NOTE = WON + 'add action 1001 with note = "Thanks"'


def made(text=NOTE):
    async def before(desk):
        await desk.run(text)

    return before


def row(note, at=START - 1000):
    return {"id": f"{at:024x}", "type": "1001", "at": at, "by": "x@company.com", "fields": {"note": note}}


def test_an_append_with_another_text_is_reported_and_not_made_again():
    text = NOTE.replace("Thanks", "Many thanks") + ' key "thanks"'
    saved = plan_of(text, leads(3), before=made(NOTE + ' key "thanks"'))
    assert saved.changes == ()
    assert "already (other text): 3" in " ".join(saved.steps[0].notes)


def test_a_new_rule_warns_of_leads_that_hold_such_an_action():
    world = [lead(1, [row("Thanks")]), lead(2, [row("Other")]), lead(3)]
    saved = plan_of(NOTE, world)
    assert changes(saved) == [("append", 2, "1001"), ("append", 3, "1001")]
    [note] = saved.steps[0].notes
    assert "2 of its leads already hold such an action" in note


def test_once_in_a_period_is_made_again_in_the_next():
    text = NOTE + " once per lead in this month"
    april, may = START - 3 * 86_400_000, START
    world = [lead(1, [row("Thanks", april)])]
    assert len(plan_of(text, world, now_ms=may).changes) == 1
    assert plan_of(text, [lead(1, [row("Thanks", may - 1000)])], now_ms=may).changes == ()


def test_each_run_appends_again_every_time():
    saved = plan_of(NOTE + " each run", leads(2), before=made(NOTE + " each run"))
    assert changes(saved) == [("append", 1, "1001"), ("append", 2, "1001")]
    assert saved.changes[0].each_run


def test_only_timelines_of_leads_that_may_hold_the_action_are_read():
    async def main(clock):
        service = Service([*leads(40), lead(99, [row("Thanks")])], clock)
        saved, _ = await Desk(service, clock).plan(NOTE)
        return service.timelines, len(saved.changes)

    assert run_virtual(main, START) == (1, 40)


def test_a_later_step_counts_the_action_that_an_earlier_one_adds():
    text = f'step "a" {{\n {NOTE} key "a"\n}}\nstep "b" {{\n {NOTE} key "b"\n}}'
    saved = plan_of(text, leads(2))
    assert [len(step.changes) for step in saved.steps] == [2, 0]


@pytest.mark.parametrize(
    ("rows", "where", "reason"),
    [
        ([], "", "no action 1001"),
        (["a", "b"], "", "there are 2"),
        (["a"], ' where note = "z"', "that matches"),
    ],
    ids=["none", "several", "no-match"],
)
def test_an_action_to_update_must_be_one(rows, where, reason):
    world = [lead(1, [row(text, START - n * 1000) for n, text in enumerate(rows, 1)])]
    saved = plan_of(WON + f'update action 1001{where} with note = "new"', world)
    assert saved.changes == ()
    assert reason in saved.refused[0].reason


def test_the_latest_matching_action_is_updated():
    world = [lead(1, [row("a", START - 5000), row("a", START - 1000), row("b", START - 500)])]
    saved = plan_of(WON + 'update action 1001 where note = "a" with note = "new"', world)
    [one] = saved.changes
    assert (one.kind, one.action.action_id) == (Kind.UPDATE_ACTION, f"{START - 1000:024x}")


# ── sources ──────────────────────────────────────────────────────────────────────────────────────


def test_an_existing_lead_under_create_is_refused_with_the_way_out():
    world = [lead(1, phone="917777777777", name="Somebody")]
    saved = plan_of('create lead with phone = "917777777777", name = "Jane"', world)
    assert not saved.appliable
    assert saved.changes == ()
    assert "upsert lead by phone" in saved.refusals[0]


def test_upsert_creates_or_updates():
    text = 'upsert lead by phone with phone = "917777777777", name = "Jane"'
    assert [one.kind for one in plan_of(text, []).changes] == [Kind.CREATE]
    saved = plan_of(text, [lead(1, phone="917777777777", name="Somebody")])
    assert changes(saved) == [("update", 1, ["name"])]


def test_limit_takes_the_first_that_still_need_a_change():
    world = leads(10)
    for one in world[:4]:
        one["fields"]["rating"] = 5
    saved = plan_of(WON + "limit 3\nset rating = 5", world)
    assert [number for _, number, _ in changes(saved)] == [5, 6, 7]


def test_limit_goes_on_to_leads_without_the_action_where_only_timelines_know():
    world = [lead(n, [row("Thanks")] if n <= 5 else []) for n in range(1, 12)]
    saved = plan_of(NOTE.replace("\nadd", "\nlimit 3\nadd"), world)
    assert [number for _, number, _ in changes(saved)] == [6, 7, 8]


def test_a_filled_limit_reads_no_page_and_no_timeline_twice():
    world = [lead(n, [row("Thanks")] if n <= 150 else [], rating=1) for n in range(1, 400)]

    async def main(clock):
        service = Service(world, clock)
        desk = Desk(service, clock)
        saved, _ = await desk.plan(NOTE.replace("\nadd", "\nlimit 20\nadd"))
        return saved, service

    saved, service = run_virtual(main, START)
    assert [number for _, number, _ in changes(saved)] == list(range(151, 171))
    pages = [(body, skip) for body, skip, size in service.log if size == 100 and "actions" not in body]
    assert len(pages) == 2
    assert service.timelines == 150


WON_ONLY = "find leads where status = Won and rating = 5\n"


@pytest.mark.parametrize("effects", ["", 'report to "out.md"'])
def test_a_step_that_only_finds_lists_its_leads(effects):
    world = [lead(1, rating=5), lead(2, rating=4), lead(3, [row("Hello")], rating=5)]
    [step] = plan_of(WON_ONLY + effects, world).steps
    assert [(one.id, one.fields["rating"], one.timeline) for one in step.read] == [
        (f"{1:024x}", 5, None),
        (f"{3:024x}", 5, None),
    ]
    assert step.changes == ()
    assert step.matched == 2


def test_limit_of_a_step_that_only_finds_takes_the_first_leads():
    async def main(clock):
        service = Service(leads(300, rating=5), clock)
        saved, _ = await Desk(service, clock).plan(WON_ONLY + "limit 50")
        return saved, service

    saved, service = run_virtual(main, START)
    [step] = saved.steps
    assert [int(one.id, 16) for one in step.read] == list(range(1, 51))
    assert step.matched == 300
    assert [size for _, _, size in service.log if size > 1] == [50]


def test_leads_and_steps_can_be_chosen():
    text = 'step "a" {\n find leads where status = Won\n set rating = 5\n}\nstep "b" {\n find leads where status = Won\n set source = Website\n}'
    saved = plan_of(text, leads(4), scope=Scope(only_leads=frozenset({f"{1:024x}", "919000000002"})))
    assert {number for _, number, _ in changes(saved)} == {1, 2}
    saved = plan_of(
        text,
        leads(4),
        scope=Scope(except_leads=frozenset({"+91 90000 00001"}), except_steps=frozenset({"a"})),
    )
    assert changes(saved) == [("update", n, ["source"]) for n in (2, 3, 4)]
    saved = plan_of(text, leads(4), scope=Scope(only_steps=frozenset({"1"})))
    assert {one.step for one in saved.changes} == {0}


def test_a_sample_is_of_a_size_and_repeats_by_its_seed():
    def chosen(seed):
        saved = plan_of(WON + "set rating = 5", leads(30), scope=Scope(sample=5, seed=seed))
        return [number for _, number, _ in changes(saved)]

    assert len(chosen(1)) == 5
    assert chosen(1) == chosen(1) != chosen(2)


def test_a_read_timeline_stands_in_the_plan():
    saved = plan_of('find lead where phone = "919000000001"\nread timeline', [lead(1, [row("Hello")])])
    [read] = saved.steps[0].read
    assert [entry.fields["note"] for entry in read.timeline] == ["Hello"]


def test_rejects_of_a_run_are_planned_again():
    async def main(clock):
        service = Service(
            leads(3), clock, lambda what, n: "refused" if what == ("update", f"{2:024x}") and n == 1 else ""
        )
        desk = Desk(service, clock)
        first = await desk.run(WON + "set rating = 5")
        plan = compiled("retry rejects of last run")
        saved, _ = await desk.plan(plan, rejects={"": first.results})
        result = await desk.apply(saved, plan)
        return first, saved, result, service

    first, saved, result, service = run_virtual(main, START)
    assert first.outcomes["rejected"] == 1
    assert changes(saved) == [("update", 2, ["rating"])]
    assert result.results[0].outcome is Outcome.CHANGED
    assert service.world[1]["fields"]["rating"] == 5


# ── guards and belts ─────────────────────────────────────────────────────────────────────────────

SET = WON + "set rating = 5"
NONE = BeltFlags()


@pytest.mark.parametrize(
    ("guard", "count", "fine"),
    [
        ("expect at most 3 leads", 3, True),
        ("expect at most 3 leads", 4, False),
        ("expect at least 1 leads", 0, False),
        ("expect exactly 2 leads", 2, True),
        ("expect exactly 2 leads", 1, False),
        ("expect 2..3 leads", 3, True),
        ("expect 2..3 leads", 4, False),
    ],
)
def test_expectations_refuse_the_plan_and_leave_it_whole(guard, count, fine):
    saved = plan_of(WON + f"{guard}\nset rating = 5", leads(count))
    assert saved.appliable is fine
    assert len(saved.changes) == count
    assert fine or str(count) in saved.refusals[0]


def test_every_lead_must_satisfy_the_expectation():
    world = [lead(1, source="Website"), lead(2)]
    saved = plan_of(WON + "expect every lead source is present\nset rating = 5", world)
    assert not saved.appliable
    assert "Lead 2" in saved.refusals[0]


@pytest.mark.parametrize(
    ("won", "others", "text", "flags", "refused"),
    [
        (20, 0, "", NONE, ()),
        (21, 0, "", NONE, ("leads",)),
        (21, 200, "", NONE, ()),
        (101, 1000, "", NONE, ("leads",)),
        (101, 0, "limits { at most 200 leads }\n", NONE, ()),
        (30, 0, "limits { at most 20 leads }\n", NONE, ("leads",)),
        (30, 0, "limits { at most 20 leads }\n", BeltFlags(max_leads=100), ("leads",)),
        (30, 0, "limits { at most 100 leads }\n", BeltFlags(max_leads=20), ("leads",)),
        (30, 70, "limits { at most 20 % of leads }\n", NONE, ("percent",)),
        (30, 70, "", BeltFlags(max_percent=Decimal(40)), ()),
        (
            30,
            0,
            "limits { at most 20 leads }\n",
            BeltFlags(overrides={"leads": Override(Decimal(30), "asked")}),
            (),
        ),
        (10, 0, "limits { at most 5 calls }\n", NONE, ("calls",)),
        (10, 0, "", BeltFlags(max_calls=5), ("calls",)),
    ],
    ids=lambda value: None,
)
def test_belts(won, others, text, flags, refused):
    world = [*leads(won), *(lead(5000 + n, status="Fresh") for n in range(others))]
    saved = plan_of(text + SET, world, belts=flags)
    assert {belt.name for belt in saved.belts if belt.exceeded} == set(refused)
    assert saved.appliable is not bool(refused)
    assert len(saved.changes) == won
    for name, sentence in zip(refused, saved.refusals, strict=True):
        belt = next(one for one in saved.belts if one.name == name)
        for part in (name, f"{belt.limit:g}", f"{belt.count:g}", f"--override-belt {name}="):
            assert part in sentence


def test_creates_count_as_leads_and_not_as_a_share():
    text = "\n".join(f'step "{n}" {{\n create lead with phone = "9177777777{n:02d}"\n}}' for n in range(25))
    saved = plan_of(text, leads(3), belts=NONE)
    assert saved.appliable
    assert saved.belts[0].count == 25


# ── the digest ───────────────────────────────────────────────────────────────────────────────────


def digest(text=NOTE + "; set rating = 5", world=None, **options):
    return plan_of(text, world or leads(3), **options).digest


def test_equal_plans_have_equal_digests():
    assert digest() == digest()
    assert digest(now_ms=START + 86_400_000) == digest()
    assert digest(journal=memory_journal("other")) == digest()


def test_another_before_value_window_text_or_lead_is_another_digest():
    month = "find leads where status = Won and created in {}\nset rating = 5"
    found = {
        digest(),
        digest(world=[*leads(2), lead(3, rating=1)]),
        digest(world=leads(4)),
        digest(NOTE + "; set rating = 4"),
        digest(month.format("April 2026")),
        digest(month.format("2026")),
        digest(f"param p: number = 4\n{WON}set rating = 5"),
    }
    assert len(found) == 7


def test_planning_needs_no_writer():
    async def main(clock):
        service = Service(leads(2), clock)
        for name in ("create", "update", "append", "update_action", "upsert"):
            setattr(service, name, None)
        plan = compiled(SET)
        return await make_plan(plan, service, memory_journal(), PlanOptions(clock=clock))

    assert len(run_virtual(main, START).changes) == 2


def test_calls_and_time_are_priced():
    saved = plan_of(NOTE + "; set rating = 5", leads(50), belts=BeltFlags(max_leads=100))
    assert saved.calls.writes == 100
    assert saved.calls.bound >= saved.calls.reads + 100
    assert 90 <= saved.calls.eta_seconds <= 150


def test_a_lead_that_no_search_can_find_is_refused():
    with pytest.raises(RefusedError):
        plan_of('find lead where phone = "919000000009"\nset rating = 5', leads(2))


def test_a_restored_copy_of_the_journal_is_not_trusted():
    async def main(clock):
        service = Service(leads(2), clock)
        desk = Desk(service, clock)
        await desk.run(NOTE)
        service.world += [lead(8)]
        saved, plan = await desk.plan(NOTE)
        service.world[2]["actions"].append(row("Thanks", clock.now_ms()))
        old = Desk(service, clock, memory_journal("a"))
        result = await old.apply(saved, plan)
        return result, replace(saved)

    result, _ = run_virtual(main, START)
    assert [(one.outcome, one.evidence) for one in result.results] == [(Outcome.ALREADY, "timeline")]


def test_a_condition_that_is_always_true_needs_a_full_scan():
    text = "find leads where status != Won or status != Lost\nset rating = 5\n"
    with pytest.raises(RefusedError, match="true of every lead"):
        plan_of(text, leads(3))
    assert plan_of(text + "allow full scan", leads(3)).steps[0].matched == 3
