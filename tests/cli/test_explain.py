"""`explain` says in plain sentences what a playbook means, before anything is searched."""

import asyncio

import pytest

from leadops.state.cache import write_schema
from tests.independent.server import Server
from tests.workspace import sandbox_schema

NOW = ("--now", "2026-05-02T09:00")


@pytest.fixture(scope="module")
def schema():
    return asyncio.run(sandbox_schema())


@pytest.fixture
def explain(home, leadops, schema):
    """Return a function: a playbook's text, to the explanation as one line of single blanks."""
    write_schema(home / "leadops.schema.json", schema)

    def run(text, *flags):
        code, out, err = leadops("explain", "-e", text, *NOW, *flags)
        assert code == 0, err
        return " ".join(out.split())

    return run


def test_the_time_zone_its_origin_and_the_clock_are_said(explain):
    said = explain("find leads where status = Won; set rating = 5")
    assert "Time zone Asia/Kolkata (set by: default); its clock says 2026-05-02 09:00" in said
    assert "America/New_York (set by: playbook)" in explain(
        'timezone "America/New_York"; find leads where status = Won; set rating = 5'
    )


def test_each_period_has_its_days_and_its_instants(explain):
    said = explain("find leads where created in April; set rating = 5")
    assert (
        "April = 2026-04-01 to 2026-04-30, from 2026-03-31T18:30:00Z until 2026-04-30T18:30:00Z (Asia/Kolkata); "
        "it moves with the clock"
    ) in said
    fixed = explain("find leads where created in 2026-04-07; set rating = 5")
    assert (
        "2026-04-07 = 2026-04-07, from 2026-04-06T18:30:00Z until 2026-04-07T18:30:00Z (Asia/Kolkata)"
        in fixed
    )
    assert "moves" not in fixed


def test_when_is_said_as_people_say_it(explain):
    said = explain(
        "find leads where not created in since 2026-04-01 and called in 2026-04-07 and status = Won; "
        "set lead_date = 2026-04-07"
    )
    assert "it was not created since 2026-04-01" in said
    assert "it has an outgoing call on 2026-04-07" in said
    assert "counted, not read: lead_date is 2026-04-07 00:00" in said


def test_what_a_negation_includes_is_said(explain):
    assert "city is not Pune (leads without city are included)" in explain(
        "find leads where city != Pune and status = Won; set rating = 5"
    )
    assert "rating is none of 1, 2 (leads without rating are included)" in explain(
        "find leads where rating not in [1, 2] and status = Won; set rating = 5"
    )
    assert "none of these holds (leads without city are included):" in explain(
        "find leads where not (city = Pune or rating is missing) and status = Won; set rating = 5"
    )
    assert "not all of these hold (leads without city or rating are included):" in explain(
        "find leads where not (city = Pune and rating = 5) and status = Won; set rating = 5"
    )
    assert "interests holds none of “VIP” (leads without interests are included)" in explain(
        "find leads where not interests has any [VIP] and status = Won; set rating = 5"
    )
    said = explain("find leads where not city is missing and not called and status = Won; set rating = 5")
    assert "city has a value" in said
    assert "it has no outgoing call" in said
    assert "included" not in said


def test_the_types_that_called_means_are_listed(explain):
    said = explain("find leads where called in 2026-04; set rating = 5")
    assert "of one of the types OUTGOING_CALL, MAQSAM_OUTGOING_CALL," in said
    assert "answered or not" in said


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("status = Won", "`status = Won`: pushed, exactly"),
        ("deal_size > 5000", "`deal_size > 5000`: not pushed, amounts are texts to the service"),
        ('name contains "a"', '`name contains "a"`: not pushed, a search knows only whole values'),
        ("city is missing", "`city is missing`: not pushed, no search asks for a missing value"),
        ("status != Won", "`status != Won`: pushed, as the list of the other values"),
        ("not called in 2026-04", "not pushed, leads that have it are searched for and taken out"),
        ("interests has all [VIP, Plot]", "pushed, by one of the tags; the others are decided on the rows"),
        ("(status = Won or rating = 5)", "pushed, as one search for each alternative"),
        ('(status = Won or name contains "a")', "not pushed, an alternative of it cannot be searched for"),
        ("rating is present", "`rating is present`: pushed, as the list of all its values"),
        ("company is present", "not pushed, no search asks whether there is a value"),
    ],
)
def test_what_is_pushed_and_what_is_not(explain, condition, said):
    assert said in explain(f"find leads where {condition} and visits >= 0; set rating = 5")


def test_a_search_that_nothing_narrows_is_said_with_the_permission_that_it_needs(explain):
    assert "every lead of the workspace is read; add `allow full scan`" in explain(
        "find leads where company is missing; set rating = 5"
    )
    assert "every lead of the workspace is read; which this step allows" in explain(
        "find leads where company is missing; allow full scan; set rating = 5"
    )


def test_leads_that_comply_are_said_to_be_counted_only(explain):
    assert "leads of which this is true already are counted, not read: rating is 5" in explain(
        "find leads where status = Won; set rating = 5"
    )


def test_fields_of_actions_cost_a_call_a_lead(explain):
    said = explain("find leads where has action 1001 with outcome = Interested; set rating = 5")
    assert "read from timelines, one call a lead; add `allow timelines`" in said


def test_an_appends_once_key_is_its_titles_and_its_place(explain):
    said = explain(
        'playbook "Month"; step "thank" { find leads where status = Won; '
        'add action 1001 with note = "a" once per lead in this month; add action 1002 key "brochure of May" }'
    )
    assert (
        "once per lead in this month (2026-05-01 to 2026-05-31); its once-key is “Month/thank/1”. The values are "
        "not part of it"
    ) in said
    assert "once per lead, for ever; its once-key is “brochure of May”." in said


def test_a_rule_without_a_name_is_told_to_change_with_the_text(explain):
    said = explain('find leads where status = Won; add action 1001 with note = "a"')
    assert "made of the step's text: an edited step is another rule" in said


def test_each_run_is_called_what_it_is(explain):
    said = explain('find leads where status = Won; add action 1001 with note = "a" each run')
    assert "in each run anew: nothing keeps it from being added again" in said


def test_effects_are_sentences(explain):
    said = explain(
        'find leads where status = Won; set remarks = "Hi {{ lead.name }}", city = Pune; add "VIP" to interests; '
        'when rating is missing { set rating = 3 } otherwise { remove "Plot" from interests }; '
        "update payment where status = PENDING with status = CANCELLED; allow timelines; read timeline in 2026-04"
    )
    for sentence in (
        "remarks becomes “Hi {{ lead.name }}” (a lead without lead.name is refused by name)",
        "city becomes Pune",
        "“VIP” is added to interests; other tags stay",
        "if rating is missing, as the step finds it: - rating becomes 3 otherwise: - “Plot” is removed from interests",
        "the latest payment in which status = PENDING gets status = CANCELLED",
        "its timeline of April 2026 is read and shown",
        "it may read timelines, one call each",
    ):
        assert sentence in said


def test_sources_and_guards_are_sentences(explain, home):
    (home / "a.csv").write_text("phone,name\n919811111111,Asha\n")
    rows = explain('for each row in csv "a.csv" { match lead by phone = row.phone }; set name = row.name')
    assert (
        "For each of the 1 row of a.csv, the lead with its phone; the plan is refused when a lead is missing."
        in rows
    )
    assert "name becomes the cell in the column name (a blank one leaves it as it is)" in rows
    new = explain('create lead with phone = "919999999999", name = "Jane"')
    assert (
        "A new lead; refused when one with this identifier exists: - phone = 919999999999 - name = “Jane”"
        in new
    )
    guarded = explain(
        "limits { at most 30 leads; at most 90 calls }; find leads where status = Won; oldest first; limit 5; "
        "expect 1..9 leads; expect every lead phone is present; stop when 5 % fail; canary 2 then continue; set rating = 5"
    )
    for sentence in (
        "At most 30 leads may be written; at most 90 calls may be made.",
        "the first 5 that need a change, oldest first",
        "expect 1..9 leads: else the plan is refused",
        "of every lead: phone has a value: else the plan is refused",
        "the step stops when 5 % of its leads fail",
        "the run does the first 2 of its changes, and goes on if none of them failed",
    ):
        assert sentence in guarded


def test_a_secret_is_never_shown_and_a_param_is(explain, monkeypatch):
    monkeypatch.setenv("LEADOPS_PARAM_HOOK", "hunter2")
    said = explain(
        'param hook: secret; param who: email = "agent@company.com"; find leads where assignee = $who; '
        'set rating = 5; notify "sales" with "{{ param.hook }}"'
    )
    assert "$who is agent@company.com." in said
    assert "$hook is a secret." in said
    assert "hunter2" not in said


def test_it_needs_a_schema_and_no_network(home, leadops):
    code, _, err = leadops("explain", "-e", "find leads where status = Won; set rating = 5")
    assert code == 78
    assert "leadops schema pull" in err


def test_the_configured_workspace_is_asked_for_its_schema_where_none_is_at_hand(home, leadops, monkeypatch):
    with Server(leads=3) as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        code, out, err = leadops("explain", "-e", "find leads where status = Won; set rating = 5")
        assert (code, err) == (0, "")
        assert "status is Won" in out
        assert not server.seen(writes=True)
        assert not [call for call in server.calls if call.path == "/lead/search"]
        server.forget_calls()
        leadops("explain", "-e", "find leads where status = Won; set rating = 5")
        assert not server.calls


def test_a_playbook_with_errors_is_not_explained(home, leadops, schema):
    write_schema(home / "leadops.schema.json", schema)
    code, out, err = leadops("explain", "-e", "find leads where moods = Won; set rating = 5")
    assert (code, out) == (1, "")
    assert "error[E101]" in err


def test_a_code_prints_its_page_and_an_unknown_one_the_nearest(leadops):
    code, out, _ = leadops("explain", "e410")
    assert (code, out.splitlines()[0]) == (0, "# E410: a param without a value")
    code, _, err = leadops("explain", "E41O")
    assert code == 64
    assert "did you mean" in err
    code, _, err = leadops("explain", "no.lead")
    assert code == 64
    assert "there is no file no.lead" in err
