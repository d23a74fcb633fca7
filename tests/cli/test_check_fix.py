"""`check --fix` makes the corrections that are safe, in the file, and checks what is left; the machine forms of `check`."""

import asyncio
import json
import os
import stat

import pytest

from leadops.cli.fixing import fix_source
from leadops.cli.source import read_playbook
from leadops.core.diagnostics import Diagnostic, Edit, Fix, Severity
from leadops.core.positions import span_at
from leadops.core.trials import edited
from leadops.state.cache import write_schema
from tests.workspace import sandbox_schema

SLIPS = """# kept
find leads where status == won and city in [pune]   # kept too
set Rating = 5
add action 1001 with outcome=interested
"""
RIGHT = """# kept
find leads where status = Won and city in [Pune]   # kept too
set rating = 5
add action 1001 with outcome=Interested
"""


@pytest.fixture(scope="module")
def schema():
    return asyncio.run(sandbox_schema())


@pytest.fixture
def project(home, schema):
    write_schema(home / "leadops.schema.json", schema)
    return home


def test_safe_corrections_are_made_and_nothing_else_moves(project, leadops):
    path = project / "a.lead"
    path.write_text(SLIPS)
    code, out, err = leadops("check", "--fix", "a.lead")
    assert (code, out) == (0, "")
    assert path.read_text() == RIGHT
    assert "a.lead:2:25: fixed [E006]: " in err
    assert "a.lead:3:5: fixed [E102]: write rating" in err
    assert err.endswith("the playbook is sound\n")


def test_without_fix_the_file_stays(project, leadops):
    path = project / "a.lead"
    path.write_text(SLIPS)
    assert leadops("check", "a.lead")[0] == 1
    assert path.read_text() == SLIPS


def test_what_is_not_safe_stays_and_is_told(project, leadops):
    path = project / "a.lead"
    path.write_text("find leads where moods = Won and status == won\nset rating = 5\n")
    code, _, err = leadops("check", "--fix", "a.lead")
    assert code == 1
    assert path.read_text() == "find leads where moods = Won and status = Won\nset rating = 5\n"
    assert "error[E101]" in err
    assert "error[E006]" not in err


def test_a_sound_file_is_not_touched(project, leadops):
    path = project / "a.lead"
    path.write_text(RIGHT)
    os.utime(path, ns=(1, 1))
    assert leadops("check", "--fix", "a.lead")[0] == 0
    assert path.stat().st_mtime_ns == 1


def test_mode_link_byte_order_mark_and_line_ends_stay(project, leadops):
    real = project / "real.lead"
    real.write_bytes(b"\xef\xbb\xbffind leads where status == Won\r\nset rating = 5\r\n")
    real.chmod(0o640)
    (project / "a.lead").symlink_to(real)
    assert leadops("check", "--fix", "a.lead")[0] == 0
    assert real.read_bytes() == b"\xef\xbb\xbffind leads where status = Won\r\nset rating = 5\r\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert (project / "a.lead").is_symlink()
    assert sorted(p.name for p in project.iterdir() if p.suffix == ".lead") == ["a.lead", "real.lead"]


def test_a_file_that_is_not_utf8_is_never_rewritten(project, leadops):
    path = project / "a.lead"
    path.write_bytes(b"find leads where status == Won # \xe9\nset rating = 5\n")
    assert leadops("check", "--fix", "a.lead")[0] == 1
    assert path.read_bytes() == b"find leads where status == Won # \xe9\nset rating = 5\n"


def test_texts_that_are_no_files_are_refused(project, leadops):
    assert leadops("check", "--fix", "-e", "find leads where status == Won; set rating 5")[0] == 64
    assert leadops("check", "--fix", "-")[0] == 64


def test_what_an_included_file_needs_is_told_not_made(project, leadops):
    (project / "lib.lead").write_text("define won as status = won\n")
    (project / "a.lead").write_text('include "lib.lead"\nfind leads where matches won\nset rating = 5\n')
    code, _, err = leadops("check", "--fix", "a.lead")
    assert code == 0
    assert "lib.lead:1:24: warning[W101]" in err
    assert (project / "lib.lead").read_text() == "define won as status = won\n"


# ── the rounds ───────────────────────────────────────────────────────────────────────────────────


def _finding(text, start, end, new, *, safe=True, file="a.lead"):
    span = span_at(text, start, end, file)
    return Diagnostic("E006", Severity.ERROR, "m", span, fix=Fix("f", (Edit(span, new),), safe=safe))


@pytest.fixture
def source(project):
    (project / "a.lead").write_text("abcdef")
    return read_playbook("a.lead", None)


def test_overlapping_corrections_are_made_one_after_the_other(source):
    def findings(one):
        text = one.parsed.source
        return {
            "abcdef": (_finding(text, 0, 3, "X"), _finding(text, 2, 4, "Y"), _finding(text, 5, 6, "Z")),
            "XdeZ": (_finding(text, 1, 2, "Y"),),
        }.get(text, ())

    fixed = fix_source(source, findings)
    assert fixed.source.parsed.source == "XYeZ"
    assert len(fixed.done) == 3


def test_a_round_that_brings_more_errors_is_not_kept(source):
    def findings(one):
        text = one.parsed.source
        first = _finding(text, 0, 1, "X")
        return (first,) if text == "abcdef" else (first, _finding(text, 1, 2, "b", safe=False))

    fixed = fix_source(source, findings)
    assert (fixed.source.parsed.source, fixed.done) == ("abcdef", ())


def test_corrections_in_circles_end(source):
    def findings(one):
        text = one.parsed.source
        return (_finding(text, 0, 1, "b" if text.startswith("a") else "a"),)

    assert len(fix_source(source, findings).done) == 20


def test_edits_do_not_move_each_other():
    spans = [span_at("abcdef", 0, 1, "f"), span_at("abcdef", 3, 3, "f"), span_at("abcdef", 5, 6, "f")]
    assert (
        edited("abcdef", [Edit(span, text) for span, text in zip(spans, ("LONG", "+", ""), strict=True)])
        == "LONGbc+de"
    )


# ── forms ────────────────────────────────────────────────────────────────────────────────────────


def test_check_speaks_sarif_github_and_json_of_the_same_findings(project, leadops):
    (project / "a.lead").write_text("find leads where moods = Won\nset rating = 9\n")
    code, out, _ = leadops("check", "--format", "sarif", "a.lead")
    log = json.loads(out)
    places = [
        (r["ruleId"], r["locations"][0]["physicalLocation"]["region"]["startLine"])
        for r in log["runs"][0]["results"]
    ]
    assert (code, log["version"], places) == (1, "2.1.0", [("E101", 1), ("E202", 2)])
    assert log["runs"][0]["tool"]["driver"]["version"]
    code, out, _ = leadops("check", "--format", "github", "a.lead")
    assert (code, [line.split(",title")[0] for line in out.splitlines()]) == (
        1,
        [
            "::error file=a.lead,line=1,endLine=1,col=18,endColumn=22",
            "::error file=a.lead,line=2,endLine=2,col=14,endColumn=14",
        ],
    )
    code, out, _ = leadops("check", "--format", "json", "a.lead")
    assert [(d["code"], d["line"], d["column"]) for d in json.loads(out)] == [
        ("E101", 1, 18),
        ("E202", 2, 14),
    ]


def test_github_sees_ten_of_a_kind_and_the_last_says_how_many_more(project, leadops):
    (project / "a.lead").write_text(
        "".join(f"find leads where f{n} = 1\nset rating = 5\n" for n in range(13))
    )
    _, out, _ = leadops("check", "--format", "github", "a.lead")
    errors = [line for line in out.splitlines() if line.startswith("::error")]
    assert len(errors) == 10
    assert "and 4 more errors" in errors[-1]


def test_check_needs_no_secrets(project, leadops):
    (project / "a.lead").write_text(
        'param hook: secret\nfind leads where status = Won\nset rating = 5\nnotify "x" with "{{ param.hook }}"\n'
    )
    assert leadops("check", "a.lead")[0] == 0
