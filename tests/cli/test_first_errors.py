"""A newcomer's first errors name the cause and the way out, with the right exit code."""

import json
import socket

import pytest

LINE = "find leads where status = Won; set rating 5"


def test_nothing_configured_names_init_and_the_sandbox(leadops):
    code, out, err = leadops("plan", "-e", LINE)
    assert (code, out) == (78, "")
    assert "TELECRM_ENTERPRISE_ID and TELECRM_SYNC_TOKEN" in err
    assert "leadops init" in err
    assert "--sandbox" in err


def test_half_a_configuration_names_the_other_half(leadops, monkeypatch):
    monkeypatch.setenv("TELECRM_ENTERPRISE_ID", "64f0c0ffee0000000000abcd")
    code, _, err = leadops("plan", "-e", LINE)
    assert code == 78
    assert "TELECRM_SYNC_TOKEN is not set" in err


def test_an_unknown_verb_suggests_the_nearest(leadops):
    code, out, err = leadops("pln")
    assert (code, out) == (64, "")
    assert "did you mean “plan”" in err


def test_an_unknown_flag_is_a_usage_error(leadops):
    code, _, err = leadops("plan", "--sandbx")
    assert code == 64
    assert "--sandbox" in err


def test_no_playbook_and_two_playbooks_are_usage_errors(leadops, home):
    (home / "a.lead").write_text(LINE)
    assert leadops("plan", "--sandbox")[0] == 64
    assert leadops("plan", "--sandbox", "-e", LINE, "a.lead")[0] == 64


def test_a_missing_file_is_a_usage_error(leadops):
    code, _, err = leadops("check", "nothing.lead")
    assert code == 64
    assert "nothing.lead" in err


def test_a_misspelt_file_suggests_the_nearest_playbook(leadops, home):
    (home / "nightly.lead").write_text(LINE)
    (home / "night.txt").write_text("")
    code, _, err = leadops("check", "nigtly.lead")
    assert code == 64
    assert "did you mean “nightly.lead”" in err


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("--json-file", "missing/x.json"), ("--junit-file", "."), ("-o", "missing/plan.json"),
        ("--template", "missing.j2"), ("--lock-timeout", "5x"), ("--max-time", "soon"),
    ],
)  # fmt: skip
def test_what_could_not_be_kept_in_the_end_is_refused_before_anything_begins(leadops, home, flag, value):
    code, out, err = leadops("run", "--sandbox", "--yes", flag, value, "-e", LINE)
    assert (code, out) == (64, "")
    assert flag in err
    assert not (home / ".leadops").exists()


def test_a_run_that_cannot_be_shown_as_asked_ends_with_3(leadops, home):
    (home / "mine.txt.j2").write_text("{{ titel }}")
    one = "find leads where status = Won; limit 1; set rating = 2"
    code, out, err = leadops("run", "--sandbox", "--yes", "--template", "mine.txt.j2", "-e", one)
    assert (code, out) == (3, "")
    assert "did you mean “title”" in err
    assert "report.html" in err
    code, out, _ = leadops("report", "--format", "json")
    assert json.loads(out)["exit_code"] == 3
    assert json.loads(out)["outcomes"]["changed"] == 1


def test_files_that_were_asked_for_are_written_though_nothing_changed_and_nothing_is_said(leadops, home):
    assert (
        leadops(
            "run", "--sandbox", "--yes", "-q", "-e", "find leads where status = Won; limit 1; set rating = 2"
        )[0]
        == 0
    )
    nothing = 'find leads where phone = "919999999999"; set rating = 2'
    code, out, err = leadops(
        "run", "--sandbox", "--yes", "-q", "--junit-file", "x.xml", "--json-file", "x.json", "-e", nothing
    )
    assert (code, out, err) == (0, "", "")
    assert (home / "x.xml").read_text().startswith("<?xml")
    assert json.loads((home / "x.json").read_text())["exit_code"] == 0


def test_a_syntax_error_puts_the_caret_under_the_right_word(leadops):
    code, out, err = leadops("check", "-e", "find leads where status = Won; set rating")
    assert (code, out) == (1, "")
    lines = err.splitlines()
    assert lines[0].startswith("<-e>:1:")
    row = next(line for line in lines if "set rating" in line)
    caret = lines[lines.index(row) + 1].index("^")
    assert caret >= row.index("rating")


def test_an_unknown_field_and_label_are_findings_with_suggestions(leadops):
    code, _, err = leadops(
        "plan", "--sandbox", "-e", "find leads where statu = Won; set contact_source Websit"
    )
    assert code == 1
    assert "“status”" in err
    assert "“Website”" in err
    assert "nothing was searched or changed" in err


def test_an_unreachable_host_is_named_and_the_token_is_not(leadops, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("TELECRM_ENTERPRISE_ID", "64f0c0ffee0000000000abcd")
    monkeypatch.setenv("TELECRM_SYNC_TOKEN", "canary-token-1234")
    monkeypatch.setenv("TELECRM_BASE_URL", f"http://127.0.0.1:{port}/autoupdate/v2")
    code, out, err = leadops("plan", "-e", LINE)
    assert (code, out) == (69, "")
    assert f"127.0.0.1:{port}" in err
    assert "canary-token-1234" not in err


def test_plain_http_to_another_machine_is_refused(leadops, monkeypatch):
    monkeypatch.setenv("TELECRM_ENTERPRISE_ID", "64f0c0ffee0000000000abcd")
    monkeypatch.setenv("TELECRM_SYNC_TOKEN", "t")
    monkeypatch.setenv("TELECRM_BASE_URL", "http://example.com/autoupdate/v2")
    code, _, err = leadops("plan", "-e", LINE)
    assert code == 78
    assert "plain http" in err


def test_run_and_apply_without_a_terminal_need_yes(leadops, home):
    code, _, err = leadops("run", "--sandbox", "-e", LINE)
    assert code == 64
    assert "--yes" in err
