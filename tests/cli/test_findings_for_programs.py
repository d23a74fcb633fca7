"""A playbook with errors, planned by a program: the findings stand on stdout, in the form that was asked for."""

import json
import xml.etree.ElementTree as ET

import pytest

BAD = "find leads where status = Won limit 2; set ratng = 5; set colour = red"


@pytest.mark.parametrize("verb", [("plan",), ("run", "--yes"), ("run", "--dry-run"), ("why", "919999999999")])
def test_json_holds_the_findings(leadops, verb):
    code, out, err = leadops(*verb, "--sandbox", "--format", "json", "-e", BAD)
    assert code == 1, err
    document = json.loads(out)
    assert document["format_version"] == 1
    assert [one["code"] for one in document["diagnostics"]] == ["E101", "E101"]
    assert document["diagnostics"] == json.loads(
        leadops("check", "--sandbox", "--format", "json", "-e", BAD)[1]
    )
    assert "“ratng”" in err, "and people read them on stderr as ever"


def test_a_text_that_cannot_be_read_is_told_too(leadops):
    code, out, _ = leadops("plan", "--sandbox", "--format", "json", "-e", "find leeds")
    assert code == 1
    assert json.loads(out)["diagnostics"]


def test_the_other_forms_hold_them_too(leadops, home):
    lines = leadops("plan", "--sandbox", "--format", "jsonl", "-e", BAD)[1].splitlines()
    assert [json.loads(line)["line"] for line in lines] == ["diagnostic", "diagnostic"]
    assert (
        ET.fromstring(leadops("plan", "--sandbox", "--format", "junit", "-e", BAD)[1]).get("failures") == "2"
    )
    (home / "bad.lead").write_text(BAD.replace("; ", "\n"), "utf-8")
    assert (
        leadops("plan", "--sandbox", "--format", "github", "bad.lead")[1].count("::error file=bad.lead") == 2
    )
    assert leadops("plan", "--sandbox", "--format", "md", "-e", BAD)[1] == ""


def test_the_files_beside_hold_them_too(leadops, home):
    assert leadops("plan", "--sandbox", "--json-file", "a.json", "--junit-file", "a.xml", "-e", BAD)[0] == 1
    assert len(json.loads((home / "a.json").read_text("utf-8"))["diagnostics"]) == 2
    assert ET.parse(home / "a.xml").getroot().get("failures") == "2"


def test_a_refused_retry_says_why_beside_its_json(leadops):
    lead = "create lead with phone = 9812345670, name = Asha, rating = 9"
    assert leadops("run", "--sandbox", "--yes", "--unchecked", "-e", lead)[0] == 3
    code, out, err = leadops("retry", "--sandbox", "--yes", "--max-leads", "0", "--format", "json")
    assert code == 4, err
    plan = json.loads(out)
    assert "refused: belt leads" in err
    assert plan["version"]
    assert [one["code"] for one in plan["warnings"]], (
        "the earlier plan's warnings hold for what is sent again"
    )
