"""Tests in playbooks: run without the network on the user's own workspace, judged clause by clause, and a gate."""

import asyncio
import json
import xml.etree.ElementTree as ET
from contextlib import nullcontext

import pytest

from leadops.analysis.compiler import Surroundings
from leadops.analysis.files import EmbeddedFiles
from leadops.cli.compiling import Request
from leadops.cli.rehearsal.gate import require_rehearsed, require_saved_rehearsed
from leadops.cli.rehearsal.rehearse import rehearse
from leadops.cli.settings import load_settings
from leadops.cli.source import read_playbook
from leadops.core.errors import RefusedError
from leadops.state.cache import write_schema
from leadops.state.planfile import read_plan
from leadops.syntax.parser import parse
from tests.workspace import sandbox_schema

NOON_IN_MAY_2026 = 1_777_876_200_000
MAY = "given now 2026-05-02T09:00\n"
WON = 'status = Won called by "agent@company.com"'
STEP = """step "thank" {
  find leads where status = Won and called by "agent@company.com" in April 2026
  set rating = 5
  add action 1001 with note = "Thanks", outcome = Interested
}
"""


@pytest.fixture(scope="module")
def schema():
    return asyncio.run(sandbox_schema())


@pytest.fixture
def rehearsed(schema):
    """Return a function: steps and the statements of one test, to its failures as (expected, actual, details)."""

    def run(steps, *statements, files=None, **around):
        text = f'timezone "Asia/Kolkata"\n{steps}\ntest "t" {{\n' + "\n".join(statements) + "\n}\n"
        parsed = parse(text, "t.lead")
        assert not parsed.diagnostics
        files = EmbeddedFiles(files or {})
        surroundings = Surroundings(None, NOON_IN_MAY_2026, files=files, **around)
        report = asyncio.run(rehearse(parsed, schema, surroundings))
        return [(f.expected, f.actual, f.details) for f in report.results[0].failures]

    return run


@pytest.fixture
def project(home, schema):
    """The user's project with a committed schema; leadops has neither account nor sandbox here."""
    write_schema(home / "leadops.schema.json", schema)
    return home


# ── what a test gives ────────────────────────────────────────────────────────────────────────────


def test_a_month_ends_at_local_midnight(rehearsed):
    assert not rehearsed(
        STEP,
        MAY,
        f'given lead with phone = "919811111111", {WON} on 2026-04-30T23:59',
        f'given lead with phone = "919822222222", {WON} on 2026-05-01T00:00',
        'step "thank" matches 1 lead',
        'lead "919811111111" would have rating = 5',
        'lead "919811111111" would have action 1001 with outcome = Interested',
        'lead "919822222222" is not touched',
    )


@pytest.mark.parametrize(
    ("given", "phrase"),
    [
        ("called us on 2026-04-30", "called us in April 2026"),
        ("missed call on 2026-04-30T10:00", "missed call in April 2026"),
        (
            'has action 1002 with note = "x" by kavya@company.com on 2026-04-02',
            'has action 1002 by "kavya@company.com"',
        ),
        ("has payment with status = PENDING, currency = INR, amount = 100", "has payment in today"),
        ("has action USER_NOTE", "has action USER_NOTE in last 1 day"),
    ],
)
def test_what_stands_behind_a_given_lead_is_on_its_timeline(rehearsed, given, phrase):
    assert not rehearsed(
        f"find leads where {phrase}; set rating = 5",
        MAY,
        f'given lead with phone = "919811111111" {given}',
        'given lead with phone = "919822222222", status = Won',
        "step matches 1 lead",
        'lead "919811111111" would have rating = 5',
    )


def test_fields_of_given_actions_can_be_asked_for(rehearsed):
    assert not rehearsed(
        "find leads where has action 1001 with outcome = Interested; allow timelines; set rating = 5",
        'given lead with phone = "919811111111" has action 1001 with outcome = Interested',
        'given lead with phone = "919822222222" has action 1001 with outcome = "Follow up"',
        "step matches 1 lead",
        'lead "919822222222" is not touched',
    )


def test_the_first_of_the_profiles_call_types_is_what_called_gives(rehearsed):
    assert not rehearsed(
        "find leads where called in today; set rating = 5",
        'given lead with phone = "919811111111" called',
        "step matches 1 lead",
        call_types=("ZENDIAL_OUTGOING_CALL",),
    )


def test_a_lead_comes_into_being_before_its_first_event_or_when_it_is_said(rehearsed):
    assert not rehearsed(
        "find leads where created in 2026-03-05; set rating = 5",
        MAY,
        'given lead with phone = "919811111111", status = Won called on 2026-03-05T10:00',
        'given lead with phone = "919822222222", created = 2026-03-05',
        'given lead with phone = "919833333333", status = Won',
        "step matches 2 leads",
        'lead "919833333333" is not touched',
    )


def test_a_given_param_stands_before_the_default_and_the_command_line(rehearsed):
    assert not rehearsed(
        'param who: email = "agent@company.com"\nfind leads where assignee = $who; set rating = 5',
        'given param who = "kavya@company.com"',
        'given lead with phone = "919811111111", assignee = "kavya@company.com"',
        'given lead with phone = "919822222222", assignee = "agent@company.com"',
        "step matches 1 lead",
        'lead "919811111111" would have rating = 5',
        parameters={"who": "neha@company.com"},
    )


def test_a_secret_needs_no_value_in_a_test(rehearsed):
    assert not rehearsed(
        'param hook: secret\nfind leads where status = Won; set rating = 5; notify "sales" with "{{ param.hook }}"',
        'given lead with phone = "919811111111", status = Won',
        "step matches 1 lead",
    )


def test_rows_of_a_csv_are_the_files_own(rehearsed):
    assert not rehearsed(
        'for each row in csv "a.csv" { match lead by phone = row.phone; on missing lead skip }\nset name = row.name',
        'given lead with phone = "919811111111"',
        'given lead with phone = "919822222222"',
        'lead "919811111111" would have name = "Asha"',
        'lead "919822222222" is not touched',
        files={"a.csv": "phone,name\n919811111111,Asha\n919833333333,Ravi\n"},
    )


def test_a_second_step_sees_what_the_first_will_have_done(rehearsed):
    assert not rehearsed(
        'step "a" { find leads where status = Won; set rating = 5 }\n'
        'step "b" { find leads where rating = 5; add "VIP" to interests }',
        'given lead with phone = "919811111111", status = Won, interests = [Plot]',
        'step "b" matches 1 lead',
        'lead "919811111111" would have rating = 5, interests = [VIP, Plot]',
    )


def test_an_updated_action_is_judged_as_it_will_be(rehearsed):
    assert not rehearsed(
        "find leads where status = Won; update action 1001 with outcome = Interested",
        'given lead with phone = "919811111111", status = Won has action 1001 with note = "n", outcome = "Follow up"',
        'lead "919811111111" would have action 1001 with note = "n", outcome = Interested',
    )


def test_a_day_is_any_time_of_that_local_day(rehearsed):
    assert not rehearsed(
        "find leads where status = Won; set follow_up_on = 2026-05-05T23:30",
        'given lead with phone = "919811111111", status = Won',
        'lead "919811111111" would have follow_up_on = 2026-05-05',
    )


# ── what it says when a claim does not hold ──────────────────────────────────────────────────────


def test_too_many_leads_are_named(rehearsed):
    found = rehearsed(
        STEP,
        f'given lead with phone = "919811111111", {WON} on 2026-04-02',
        f'given lead with phone = "919822222222", {WON} on 2026-04-03',
        'step "thank" matches 1 lead',
    )
    assert found == [('step "thank" matches 1 lead', "2 leads: 919811111111, 919822222222", ())]


def test_a_lead_that_is_not_found_is_named_with_the_test_that_decides(rehearsed):
    found = rehearsed(
        STEP,
        'given lead with phone = "919811111111", status = Won',
        'step "thank" matches 1 lead',
    )
    why = '919811111111 is not selected: `called by "agent@company.com" in April 2026` does not hold'
    assert found == [('step "thank" matches 1 lead', "0 leads", (why,))]


def test_each_field_is_a_claim_of_its_own(rehearsed):
    found = rehearsed(
        "find leads where status = Won; set rating = 5",
        'given lead with phone = "919811111111", status = Won',
        'lead "919811111111" would have rating = 4, status = Won, city = Pune',
    )
    assert found == [
        ('lead "919811111111" would have rating = 4', "rating = 5", ()),
        ('lead "919811111111" would have city = Pune', "city = (missing)", ()),
    ]


def test_a_missing_action_and_one_with_another_value_are_told_apart(rehearsed):
    found = rehearsed(
        "find leads where status = Won; add action 1001 with outcome = Interested",
        'given lead with phone = "919811111111", status = Won',
        'lead "919811111111" would have action 1002',
        'lead "919811111111" would have action 1001 with outcome = "Follow up"',
    )
    assert [actual for _, actual, _ in found] == ["no action 1002", "action 1001 with outcome = Interested"]


def test_a_touched_lead_says_what_is_done_to_it(rehearsed):
    found = rehearsed(
        STEP,
        f'given lead with phone = "919811111111", {WON} on 2026-04-02',
        'lead "919811111111" is not touched',
    )
    done = "rating: (missing) → 5; + action 1001 with note = Thanks, outcome = Interested"
    assert found == [('lead "919811111111" is not touched', done, ())]


def test_a_refused_lead_says_why(rehearsed):
    found = rehearsed(
        'find leads where status = Won; set remarks = "{{ lead.city }}"',
        'given lead with phone = "919811111111", status = Won',
        'lead "919811111111" would have remarks = "Pune"',
    )
    assert found[0][2] == ("remarks: template: lead.city is missing",)


def test_a_plan_that_cannot_be_made_fails_the_test_with_the_reason(rehearsed):
    found = rehearsed(
        'find lead where phone = "919833333333"; set rating = 5',
        'given lead with phone = "919811111111"',
        'lead "919811111111" is not touched',
    )
    assert found[0][:2] == (
        "the playbook can be planned",
        "`find lead` needs exactly one lead, and no leads match",
    )


@pytest.mark.parametrize(
    "condition", ["status != Won", "city is missing", "not has action 1001 with outcome = Interested"]
)
def test_a_small_world_is_read_whole_whatever_the_step_allows(rehearsed, condition):
    given = 'given lead with phone = "919811111111"; given lead with phone = "919822222222", city = Pune, status = Won '
    assert not rehearsed(
        f"find leads where {condition}; set rating = 5",
        f"{given} has action 1001 with outcome = Interested on 2026-04-02",
        'step matches 1 lead; lead "919811111111" would have rating = 5; lead "919822222222" is not touched',
    )


def test_a_refusal_by_a_guard_stands_below_the_claim_that_fails(rehearsed):
    found = rehearsed(
        "find leads where status = Won; expect at least 3 leads; set rating = 5",
        'given lead with phone = "919811111111", status = Won',
        "step matches 3 leads",
    )
    assert any(line.startswith("the plan is refused: ") for line in found[0][2])


# ── the command ──────────────────────────────────────────────────────────────────────────────────


def _write(project, name, claim, title="t"):
    path = project / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        f'find leads where status = Won\nset rating = 5\n\ntest "{title}" {{\n'
        f'  given lead with phone = "919811111111", status = Won\n  {claim}\n}}\n'
    )
    return path


RIGHT = 'lead "919811111111" would have rating = 5'
WRONG = 'lead "919811111111" would have rating = 4'


def test_the_users_own_schema_is_enough(project, leadops):
    _write(project, "a.lead", RIGHT)
    assert leadops("test", "a.lead") == (0, "a.lead\n  ok    t (1 claim)\n", "1 test passed\n")


def test_without_any_schema_it_says_how_to_get_one(home, leadops):
    _write(home, "a.lead", RIGHT)
    code, out, err = leadops("test", "a.lead")
    assert (code, out) == (78, "")
    assert "leadops schema pull" in err
    assert "--sandbox" in err


def test_a_failure_names_the_line_and_exits_1(project, leadops):
    _write(project, "a.lead", WRONG)
    code, out, err = leadops("test", "a.lead")
    assert code == 1
    assert "  FAIL  t (1 of 1 claim)\n" in out
    assert f"        line 6: expected  {WRONG}\n                actual    rating = 5\n" in out
    assert err == "0 tests passed, 1 failed\n"


def test_without_files_every_playbook_below_that_has_tests_is_run(project, leadops):
    _write(project, "a.lead", RIGHT)
    _write(project, "sub/b.lead", RIGHT)
    _write(project, ".hidden/c.lead", WRONG)
    (project / "none.lead").write_text("find leads where status = Won\nset rating = 5\n")
    code, out, err = leadops("test")
    assert (code, [line for line in out.splitlines() if line.endswith(".lead")]) == (
        0,
        ["a.lead", "sub/b.lead"],
    )
    assert err == "2 tests passed\n"


def test_run_chooses_by_title_and_refuses_what_chooses_nothing(project, leadops):
    _write(project, "a.lead", RIGHT, "good one")
    _write(project, "b.lead", WRONG, "bad one")
    assert leadops("test", "--run", "^good")[0] == 0
    assert leadops("test", "--run", "bad|good")[0] == 1
    assert leadops("test", "--run", "ugly")[0] == 64
    assert leadops("test", "--run", "(")[0] == 64


def test_a_playbook_with_errors_is_shown_and_the_others_are_run(project, leadops):
    _write(project, "a.lead", RIGHT)
    (project / "b.lead").write_text(
        'find leads where moods = Won\nset rating = 5\ntest "x" { step matches 0 leads }\n'
    )
    code, out, err = leadops("test", "a.lead", "b.lead")
    assert code == 1
    assert "ok    t" in out
    assert "error[E101]" in err
    assert "1 of 2 playbooks have errors" in err


def test_a_param_without_a_value_may_come_from_the_test(project, leadops):
    text = (
        'param who: email\nfind leads where assignee = $who\nset rating = 5\ntest "given" {{\n{}'
        '  given lead with phone = "919811111111", assignee = "kavya@company.com"\n  step matches 1 lead\n}}\n'
    )
    (project / "a.lead").write_text(text.format('  given param who = "kavya@company.com"\n'))
    (project / "b.lead").write_text(text.format(""))
    assert leadops("test", "a.lead")[0] == 0
    code, out, _ = leadops("test", "b.lead")
    assert code == 1
    assert "E410" in out
    assert "given param" in out
    assert leadops("test", "b.lead", "-p", "who=kavya@company.com")[0] == 0


def test_junit_holds_a_case_a_test(project, leadops):
    _write(project, "a.lead", RIGHT, "good")
    _write(project, "b.lead", WRONG, "bad <one>")
    code, _, _ = leadops("test", "--junit-file", "out.xml")
    root = ET.parse(project / "out.xml").getroot()
    assert code == 1
    assert (root.get("tests"), root.get("failures")) == ("2", "1")
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert cases["good"].find("failure") is None
    assert "actual rating = 5" in cases["bad <one>"].find("failure").get("message")
    assert leadops("test", "--format", "junit")[1].strip() == (project / "out.xml").read_text().strip()


def test_json_and_github_say_the_same(project, leadops):
    _write(project, "b.lead", WRONG)
    _, out, _ = leadops("test", "--format", "json")
    found = json.loads(out)[0]
    assert (found["file"], found["test"], found["passed"]) == ("b.lead", "t", False)
    assert found["failures"][0] == {
        "expected": WRONG, "actual": "rating = 5", "details": [], "line": 6, "column": 34,
    }  # fmt: skip
    _, out, _ = leadops("test", "--format", "github")
    assert out.startswith("::error file=b.lead,line=6,")


def test_nothing_is_written_to_the_users_state(project, leadops):
    _write(project, "a.lead", RIGHT)
    assert leadops("test", "a.lead")[0] == 0
    assert not (project.parent / "state").exists()


# ── the gate ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def gate(home, schema):
    """Return a function: a playbook's file, to the gate of `run`."""

    def require(path):
        request = Request(
            read_playbook(str(path), None), {}, NOON_IN_MAY_2026, unchecked=False, environment={}
        )
        return asyncio.run(require_rehearsed(request, schema, load_settings()))

    return require


def test_the_gate_opens_when_every_test_passes_or_there_is_none(gate, home):
    (home / "none.lead").write_text("find leads where status = Won\nset rating = 5\n")
    gate("none.lead")
    _write(home, "a.lead", RIGHT)
    gate("a.lead")


def test_the_gate_names_the_clause_that_fails(gate, home):
    _write(home, "a.lead", WRONG, "the rating")
    with pytest.raises(RefusedError) as refused:
        gate("a.lead")
    assert refused.value.exit_code == 4
    assert "“the rating”" in refused.value.message
    assert f"a.lead:6: expected {WRONG}" in refused.value.help
    assert "rating = 5" in refused.value.help


@pytest.mark.parametrize(("claim", "passes"), [(RIGHT, True), (WRONG, False)])
def test_a_saved_plan_is_held_to_the_tests_that_it_carries(home, leadops, schema, claim, passes):
    _write(home, "a.lead", claim)
    assert leadops("plan", "--sandbox", "a.lead", "-o", "plan.json", "--max-leads", "500")[0] == 0
    (home / "a.lead").unlink()
    saved = read_plan((home / "plan.json").read_text())
    with nullcontext() if passes else pytest.raises(RefusedError):
        asyncio.run(require_saved_rehearsed(saved, schema, load_settings()))
