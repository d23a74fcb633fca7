"""Leads that a plan cannot change are findings: `plan` ends with 3 where `run` does, in every form."""

import json

import pytest

ALL = 'find leads where status = Won and city is missing limit 3; add action 1001 with note = "To {{ lead.city }}"'
SOME = 'limits { at most 300 leads }; find leads where status = Won; add action 1001 with note = "To {{ lead.city }}"'
NONE = "find leads where status = Won limit 3; set rating = 5"


@pytest.mark.parametrize("flags", [(), ("--detailed-exitcode",)], ids=["plainly", "in-detail"])
@pytest.mark.parametrize("form", ["text", "json", "jsonl", "md", "html", "junit", "github"])
def test_a_plan_of_refused_leads_ends_with_3_in_every_form(leadops, flags, form):
    for playbook in (ALL, SOME):
        code, out, err = leadops("plan", "--sandbox", "--format", form, *flags, "-e", playbook)
        assert code == 3, err
        assert "Nothing to change" not in out
        assert form == "text" or "cannot be changed as asked" in err


def test_a_plan_ends_as_the_run_that_it_announces(leadops, home):
    assert leadops("plan", "--sandbox", "--detailed-exitcode", "-e", NONE)[0] == 2
    for playbook, text in ((ALL, "No lead can be changed as asked"), (SOME, "refused"), (NONE, "to change")):
        planned, out, _ = leadops("plan", "--sandbox", "-o", "plan.json", "-e", playbook)
        assert text in out
        applied, _, _ = leadops("apply", "--sandbox", "--yes", "plan.json")
        assert planned == applied


def test_a_dry_run_ends_as_a_plan(leadops):
    assert leadops("run", "--dry-run", "--sandbox", "--no-input", "-e", ALL)[0] == 3


def test_what_a_playbook_leaves_out_by_itself_is_no_finding(leadops, home):
    (home / "rows.csv").write_text("phone,name\n9812345670,Asha\n", "utf-8")
    text = 'for each row in csv "rows.csv" { match lead by phone = row.phone; on missing lead skip }; set name = row.name'
    (home / "a.lead").write_text(text.replace("; ", "\n"), "utf-8")
    code, out, err = leadops("plan", "--sandbox", "--format", "json", "a.lead")
    assert code == 0, err
    assert [one["outcome"] for one in json.loads(out)["steps"][0]["refused"]] == ["skipped_by_guard"]
