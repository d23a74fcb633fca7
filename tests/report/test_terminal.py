"""A plan and a run in the terminal: totals first, a block a lead, nothing over the width, colour only if asked."""

import re
from dataclasses import replace

import pytest

from leadops.core.excerpt import cells
from leadops.model.change import Change, FieldChange, Kind, LeadRef
from leadops.model.lead import Lead
from leadops.model.saved import Belt, SavedStep
from leadops.report.blocks import LISTED
from leadops.report.render import markdown, render_html
from leadops.report.style import Tone, clip, lay
from leadops.report.terminal import plan_text, run_text
from leadops.report.view import view_of


def has(text, *lines):
    rows = [line.strip() for line in text.split("\n")]
    for line in lines:
        assert line in rows, f"{line!r} is not in\n{text}"


def test_the_totals_stand_within_the_first_five_lines(sample):
    head = " ".join(plan_text(sample.plan(), width=160).split("\n")[:5])
    for part in ("15 leads to change", "rating 12", "1 lead to create", "14 actions to append", "1 payment to append",
                 "18 matched, 2 comply already", "1 refused", "24 writes to make, 84 at most in all", "about 24 s",
                 "Asia/Kolkata (set by: playbook)"):  # fmt: skip
        assert part in head


def test_a_single_lead_is_a_block_with_before_and_after(sample):
    text = plan_text(sample.plan(leads=2, odd=False), schema=sample.SCHEMA)
    has(
        text,
        "~ Vikram Singh  919800000001  66a1b2c3d4e5f60000000001",
        "~ rating: 3 → 5",
        '+ action 1001 "Site visit" note="Thanks for the visit"',
        "~ rating: (missing) → 5",
    )


def test_without_a_schema_actions_have_their_code_only(sample):
    has(plan_text(sample.plan(leads=1)), '+ action 1001 note="Thanks for the visit"')


def test_identical_changes_are_written_once_and_every_lead_is_named(sample):
    text = plan_text(sample.plan(odd=False))
    assert text.count("rating: 3 → 5") == 1
    assert text.count("4 leads, the same change on each") == 3
    for i in range(12):
        assert sample.ref(i).id in text


def test_full_writes_every_lead_as_its_own_block(sample):
    text = plan_text(sample.plan(odd=False), full=True)
    assert text.count("rating: 3 → 5") == 4
    assert "the same change" not in text


def test_a_long_list_of_leads_says_how_many_more(sample):
    plan = sample.plan(leads=3 * (LISTED + 5), odd=False)
    assert plan_text(plan).count("… and 5 more (--full shows each)") == 3
    assert "more" not in plan_text(plan, full=True)


def test_many_different_leads_are_cut_with_a_count(sample):
    changes = tuple(
        Change(f"k{i}", 0, Kind.UPDATE, sample.ref(i), {"rating": FieldChange(i, i + 1)})
        for i in range(LISTED + 7)
    )
    plan = sample.plan(odd=False)
    plan = replace(plan, steps=(replace(plan.steps[0], changes=changes),))
    text = plan_text(plan)
    assert "… and 7 more leads (--full shows each)" in text
    assert plan_text(plan, full=True).count("~ rating:") == LISTED + 7


def test_other_changes_are_each_shown_as_what_they_are(sample):
    text = plan_text(sample.plan(), width=200, schema=sample.SCHEMA)
    has(
        text,
        "+ Jane Doe  919999999999",
        "+ interests: VIP, Returning",
        "depends: the status, which the service gives it",
        "~ Zoë D’Souza  919800000501  66a1b2c3d4e5f600000001f5  row 7",
        "- next_follow_up: 2026-04-20 09:00 → (missing)",
        "~ interests: VIP → VIP, Revive",
        '+ payment status="PENDING" currency="INR" amount="100"  once per lead in 2026-04-01..2026-04-30',
        '~ action 1001 "Site visit" outcome="Interested"',
        '+ action 1001 "Site visit" note="Site visit completed" email="not-an-email"  each run',
    )


def test_long_texts_stand_one_below_the_other_with_the_words_that_differ_toned(sample):
    text = plan_text(sample.plan(), width=200, color=True)
    assert "\x1b[31mMarch\x1b[0m" not in plan_text(sample.plan(), width=200)
    assert re.search(r"before.*\x1b\[31mMarch,\x1b\[0m", text)
    assert re.search(r"after.*\x1b\[32mApril,\x1b\[0m", text)


def test_refused_leads_have_reason_and_remedy(sample):
    has(
        plan_text(sample.plan()),
        "- Li 李小龍  919800000900  66a1b2c3d4e5f60000000384",
        "rejected: the template needs lead.name, which is missing",
        "help: fill in the name, or use default(…)",
    )


def test_periods_notes_belts_parameters_and_automations_are_told(sample):
    text = plan_text(sample.plan(), width=200)
    has(
        text,
        "period April 2026 = 2026-04-01 to 2026-04-30, both days whole",
        "note: status != Lost also takes 3 leads without a status",
        "Belts: leads 12 of 100 (default) · calls 60 of 1,000 (playbook)",
        "$agent = agent@company.com",
        "$hook = (secret)",
        "warning: won.lead:1:40: April has no year [W004] (write April 2026)",
    )
    assert "may start automations" in text
    assert "hunter2" not in text


def test_a_read_timeline_is_shown(sample):
    has(
        plan_text(sample.plan(), width=200, schema=sample.SCHEMA),
        'time unknown      NOTE           text="from the website"',
        '2026-04-19 09:00  OUTGOING_CALL  agent@company.com  duration="65"',
        '2026-04-19 08:00  1001 "Site visit"  agent@company.com  note="Liked the lake view"',
    )


def found(sample, many):
    """Return a plan with one step that only finds: ``many`` leads of 90."""
    leads = tuple(
        Lead(
            sample.ref(i).id, {"name": f"Lead {i}", "phone": f"9198{i:08d}", "status": "Won", "city": "Pune"}
        )
        for i in range(many)
    )
    step = SavedStep("the winners", 90, many, read=leads)
    return replace(sample.plan(odd=False), steps=(step,))


def test_leads_that_are_only_found_are_listed(sample):
    text = plan_text(found(sample, 50), width=200, schema=sample.SCHEMA)
    has(
        text,
        "Nothing to change · 90 found",
        "Step 1 · the winners · 90 found, 50 taken",
        f"= Lead 7  919800000007  {sample.ref(7).id}  status: Won",
        "… and 20 more leads (--full shows each, with all fields)",
    )
    assert "comply" not in text
    assert "timeline is empty" not in text
    full = plan_text(found(sample, 50), width=200, full=True)
    has(
        full,
        f"= Lead 49  919800000049  {sample.ref(49).id}  name: Lead 49, phone: 919800000049, status: Won, city: Pune",
    )


def test_reports_list_every_lead_that_is_only_found(sample):
    view = view_of(found(sample, 50), schema=sample.SCHEMA)
    page, text = "".join(render_html(view)), "".join(markdown(view))
    for report in (page, text):
        assert report.count("Lead 49") >= 1
        assert "90 found, 50 taken" in report
        assert "Timeline of" not in report


def test_explain_adds_the_query_plan(sample):
    plan = sample.plan()
    assert "residual: none" not in plan_text(plan)
    assert "residual: none" in plan_text(plan, explain=True)
    assert '"action_type": ["OUTGOING_CALL"]' in plan_text(plan, explain=True, width=300)


def test_a_refused_plan_says_so_at_once(sample):
    refused = replace(
        sample.plan(),
        appliable=False,
        refusals=("the belt leads allows 100 and the plan has 240",),
        belts=(
            Belt("leads", 100, 240, "default", exceeded=True),
            Belt("percent", 12.5, 3, "flag", reason="a quiet day"),
        ),
    )
    text = plan_text(refused, width=200)
    assert (
        "! This plan may not be applied: the belt leads allows 100 and the plan has 240"
        in text.split("\n")[:6]
    )
    has(
        text,
        "Belts: ! leads 240 of 100 (default) exceeded · percent 3 % of 12.5 % (flag)",
        "percent: a quiet day",
    )


def test_a_plan_without_changes_says_so_in_one_line(sample):
    plan = sample.plan(odd=False)
    plan = replace(plan, steps=(replace(plan.steps[0], changes=(), refused=(), matched=14, compliant=14),))
    text = plan_text(plan)
    assert text.split("\n")[1] == "Nothing to change · 14 matched, 14 comply already"
    assert "automations" not in text


def test_it_says_when_it_ran_on_the_sandbox(sample):
    assert "on the sandbox: no real lead is touched" in plan_text(sample.plan()).split("\n")[0]
    assert "sandbox:" not in plan_text(sample.plan(sandbox=False))


@pytest.mark.parametrize("width", [20, 40, 80, 160])
def test_no_line_is_wider_than_the_terminal(sample, width):
    plan = sample.plan(note="word " * 30 + "x" * 300 + "李小龍" * 40)
    for text in (
        plan_text(plan, width=width, explain=True),
        run_text(plan, sample.troubled(plan), width=width),
    ):
        assert max(cells(line) for line in text.split("\n")) <= width


def test_without_colour_there_is_no_escape_code_and_with_it_the_text_is_the_same(sample):
    plan = sample.plan()
    run = sample.troubled(plan)
    for plain, toned in (
        (plan_text(plan), plan_text(plan, color=True)),
        (run_text(plan, run), run_text(plan, run, color=True)),
    ):
        assert "\x1b" not in plain
        assert "\x1b" in toned
        assert re.sub(r"\x1b\[[\d;]*m", "", toned) == plain


def test_names_of_any_script_are_aligned(sample):
    rows = [
        line for line in plan_text(sample.plan(odd=False)).split("\n") if re.match(r" {6}\S.* 9198", line)
    ]
    assert len(rows) == 12
    by_group = [rows[i : i + 4] for i in range(0, 12, 4)]
    for group in by_group:
        assert len({cells(row[: row.index("9198")]) for row in group}) == 1


def test_masked_text_holds_no_phone_and_no_address(sample):
    plan = sample.plan(note="call +91 98765 43210 or asha@example.com")
    for text in (
        plan_text(plan, mask=True, full=True),
        run_text(plan, sample.troubled(plan), mask=True, full=True),
    ):
        assert "919800000001" not in text
        assert "43210" not in text
        assert "asha@" not in text
        assert "66a1b2c3d4e5f60000000001" in text
        assert "2026-04-20" in text


def test_a_run_names_every_outcome_and_why_it_ended(sample):
    plan = sample.plan()
    head = " ".join(run_text(plan, sample.troubled(plan), width=200).split("\n")[:5])
    for part in ("changed 8", "already 4", "created 1", "ignored by CRM 2", "rejected 4", "stale 3", "skipped by guard 2",
                 "in doubt 3", "not attempted 2", "ghost 3", "Exit 3: some changes were refused or are in doubt",
                 "6 reads and 30 writes in 2 min 30 s"):  # fmt: skip
        assert part in head


def test_a_run_shows_zeros_too(sample):
    plan = sample.plan(odd=False)
    assert "in doubt 0" in run_text(plan, sample.finished(plan), width=200)


def test_leads_in_trouble_come_first_with_the_services_words(sample):
    plan = sample.plan()
    text = run_text(plan, sample.troubled(plan), width=200)
    has(
        text,
        "→ ignored by CRM (known by: created, reply)",
        "- fields.rating = 9: “Rating must be between 1 and 5”",
        "- actions[0].fields.email = not-an-email: “Email is invalid”",
        "+ rating: 9  [ignored by CRM]",
        "→ stale (known by: read): rating was 2 when the plan was made and is 4 now",
    )
    step = text.split("Step 1")[1].split("Step 2")[0]
    assert step.index("→ stale") < step.index("→ changed")
    assert "leadops retry --sandbox 20260420T033000-won-ab12 -o fix.lead" in text


def test_a_clean_run_offers_no_retry(sample):
    plan = replace(sample.plan(odd=False), steps=(replace(sample.plan(odd=False).steps[0], refused=()),))
    text = run_text(plan, sample.finished(plan))
    assert "retry" not in text
    assert "→ changed (known by: echo)" in text


def test_a_lead_without_a_name_is_named_by_what_there_is(sample):
    change = Change("k", 0, Kind.UPDATE, LeadRef("66aa", "919800000001"), {"rating": FieldChange(1, 2)})
    plan = sample.plan(odd=False)
    has(
        plan_text(replace(plan, steps=(replace(plan.steps[0], changes=(change,)),))),
        "~ (no name)  919800000001  66aa",
    )


def test_white_space_at_the_ends_of_a_value_is_seen(sample):
    change = Change("k", 0, Kind.UPDATE, sample.ref(1), {"city": FieldChange("Pune ", "(missing)")})
    plan = sample.plan(odd=False)
    has(
        plan_text(replace(plan, steps=(replace(plan.steps[0], changes=(change,)),))),
        '~ city: "Pune " → "(missing)"',
    )


def test_lay_breaks_long_words_and_never_before_a_combining_mark():
    rows = list(lay([("e\u0301" * 30, Tone.PLAIN)], 10))
    assert all(cells(row) <= 10 for row in rows)
    assert not any(row.lstrip().startswith("\u0301") for row in rows)
    assert "".join(row.strip() for row in rows) == "e\u0301" * 30


def test_clip_counts_what_it_leaves_out():
    assert clip("x" * 100, 90) == "x" * 100
    assert clip("x" * 200, 90) == "x" * 90 + "… (110 more characters)"


def test_a_long_report_ends_with_how_it_ended_and_what_to_do_now(sample):
    plan = sample.plan()
    text = run_text(plan, sample.troubled(plan), width=200, full=True)
    assert len(text.splitlines()) > 24
    ending = text.splitlines()[-6:]
    assert any(line.startswith("Exit 3: ") for line in ending)
    retry = next(at for at, line in enumerate(ending) if line.startswith("To correct what was refused:"))
    assert ending[retry + 1] == "  leadops retry --sandbox 20260420T033000-won-ab12 -o fix.lead"
    short = run_text(plan, sample.finished(plan), width=200)
    assert "To go on" not in short


def test_leads_that_are_refused_for_the_same_reason_stand_together(sample):
    plan = sample.plan()
    refusal = next(one for step in plan.steps for one in step.refused)
    many = tuple(replace(refusal, lead=replace(refusal.lead, name=f"Lead {n}"), row=n) for n in range(2, 42))
    plan = replace(plan, steps=(replace(plan.steps[0], refused=many), *plan.steps[1:]))
    text = plan_text(plan, width=100)
    assert text.count(refusal.reason) < 4
    assert "- 40 leads, for the same reason" in text
    assert "row 31" in text
    assert "… and 10 more (--full shows each)" in text
    assert plan_text(plan, width=100, full=True).count("row ") >= 40
