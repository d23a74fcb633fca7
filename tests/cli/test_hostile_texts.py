"""Texts of users end in a diagnostic or a usage error, in a bounded time: no traceback, no lock that is held for ever."""

import json

import pytest

DEEP = "(" * 3000
FIND = "find leads where status = Won; limit 1; set rating = 2"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"find leads where {DEEP}status = Won{DEEP.replace('(', ')')}; set rating = 5", "E015"),
        (f"find leads where status = Won; set rating = {DEEP}", "E015"),
        ("find leads where " + "not " * 3000 + "status = Won; set rating = 5", "E015"),
        (f'find leads where status = Won; set remarks = "{{{{ {DEEP}lead.name{DEEP.replace("(", ")")} }}}}"', "E401"),
        ('find leads where status = Won; set remarks = "{{ ' + "-" * 3000 + '5 }}"', "E401"),
        ('find leads where status = Won; set remarks = "{{ 9**9**9 }}"', "E402"),
        ('find leads where status = Won; set remarks = "{{ 1e999999 }}"', "E402"),
        ('find leads where status = Won; set remarks = "{{ lead.name | default(1e999) }}"', "E404"),
        ('find leads where status = Won; set remarks = "{{ ' + "9" * 100_000 + ' }}"', "E401"),
        (f"find leads where deal_size = {'9' * 100_000}; set rating = 5", "E201"),
        ("find leads where deal_size > 1e999999; set rating = 5", "E201"),
        (f"find leads where created in last {'9' * 100_000} days; set rating = 5", "E023"),
        (f"param n: number = {'9' * 100_000}\nfind leads where deal_size = $n; set rating = 5", "E412"),
    ],
)  # fmt: skip
def test_a_hostile_text_ends_in_a_diagnostic(leadops, text, code):
    status, out, err = leadops("check", "--sandbox", "-e", text)
    assert (status, out) == (1, "")
    assert f"error[{code}]" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("given", [DEEP, "9" * 10_000, "1e999999"])
def test_a_hostile_param_is_a_mistake_of_its_value(leadops, given):
    text = "param n: number\nfind leads where deal_size = $n; set rating = 5"
    status, _, err = leadops("check", "--sandbox", "-p", f"n={given}", "-e", text)
    assert status == 1
    assert "error[E412]" in err


@pytest.mark.parametrize("now", [DEEP, "9" * 10_000, "0001-01-01T00:00", "9999-12-31T23:59"])
def test_a_clock_outside_the_calendar_is_a_usage_error(leadops, now):
    status, _, err = leadops(
        "check", "--sandbox", "--now", now, "-e", "find leads where created in this year; set rating = 5"
    )
    assert status == 64
    assert "--now" in err


def test_a_template_that_never_ends_is_stopped_and_the_next_run_finds_no_lock(leadops, home):
    (home / "mine.txt.j2").write_text(
        "{% for a in range(99999) %}{% set x = range(99999) | list %}{% endfor %}"
    )
    text = f'{FIND}; report to "out.txt" using "mine.txt.j2"'
    status, _, err = leadops("run", "--sandbox", "--yes", "-e", text)
    assert status == 3
    assert "the template takes more than" in err
    assert leadops("run", "--sandbox", "--yes", "-e", FIND.replace("2", "3"))[0] == 0


def test_a_growing_text_and_a_foreign_template_are_refused_before_any_call(leadops):
    status, _, err = leadops(
        "plan", "--sandbox", "-e", FIND.replace("rating = 2", 'remarks = "{{ lead.remarks }} / Diwali"')
    )
    assert status == 1
    assert "error[E450]" in err
    assert "nothing was searched or changed" in err
    status, _, err = leadops(
        "plan", "--sandbox", "-e", FIND.replace("rating = 2", 'remarks = "Hello {name}"')
    )
    assert status == 1
    assert "error[E451]" in err
    assert "{{ lead.name }}" in err


def test_a_safe_fix_is_marked_apart_from_advice(leadops):
    _, _, err = leadops(
        "check", "--sandbox", "-e", "find leads where status == Won and statu = Won; set rating = 5"
    )
    assert "= fix: replace == by = (check --fix does it)" in err
    assert err.count("= fix:") == 1
    assert "did you mean “status”?" in err


def test_the_json_of_check_has_the_correction_as_data(leadops):
    _, out, _ = leadops(
        "check", "--sandbox", "--format", "json", "-e", "find leads where status == Won; set rating = 5"
    )
    (one,) = [each for each in json.loads(out) if each["severity"] == "error"]
    assert one["fix"]["safe"] is True
    assert one["fix"]["edits"] == [{"file": "<-e>", "start": 24, "end": 26, "text": "="}]
