"""Includes, files, params, headers, tests in the file, and compiling without a schema."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadops.analysis.digest import schema_hash
from leadops.analysis.files import EmbeddedFiles, FileRefused, ProjectFiles
from tests.analysis.conftest import Compiling
from tests.analysis.test_milestone import LINE, WHOLE

FIND = "find leads where status = Won; set rating = 5"


# ── includes ─────────────────────────────────────────────────────────────────────────────────────


def test_an_include_brings_params_defines_and_limits(compiling):
    files = {
        "lib/a.lead": 'include "b.lead"\nparam agent: email = "agent@company.com"\nlimits { at most 9 calls }',
        "lib/b.lead": "define cool as rating <= 3",
    }
    text = 'include "lib/a.lead"\nfind leads where matches cool and called by $agent; set city = X'
    compiled = compiling(text, files=files)
    assert compiled.diagnostics == ()
    assert set(compiled.sources) == {"main.lead", "lib/a.lead", "lib/b.lead"}
    plan = compiled.plan
    assert plan.limits.calls == 9
    assert "define cool as rating <= 3" in plan.canonical
    assert "include" not in plan.canonical


def test_a_saved_plans_sources_compile_to_the_same_plan(compiling, tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "a.lead").write_text("define cool as rating <= 3", encoding="utf-8")
    text = 'include "lib/a.lead"\nfind leads where matches cool; set city = X'
    file = str(tmp_path / "main.lead")
    first = compiling(text, root=tmp_path, file=file)
    again = compiling(text, files=dict(first.sources), file=file)
    assert first.plan is not None
    assert again.plan == first.plan


def test_a_file_included_twice_counts_once(compiling):
    files = {
        "a.lead": 'include "c.lead"',
        "b.lead": 'include "c.lead"',
        "c.lead": "define cool as rating <= 3",
    }
    text = 'include "a.lead"\ninclude "b.lead"\nfind leads where matches cool; set city = X'
    assert compiling.codes(text, files=files) == []


def test_a_mistake_in_an_included_file_is_shown_there(compiling):
    files = {"a.lead": "define cool as ratting <= 3"}
    text = 'include "a.lead"\nfind leads where matches cool; set city = X'
    (found,) = compiling(text, files=files).diagnostics
    assert (found.code, found.span.file) == ("E101", "a.lead")


def test_wrong_syntax_in_an_included_file_is_shown_there(compiling):
    found = compiling('include "a.lead"\n' + FIND, files={"a.lead": "defne cool as rating <= 3"}).diagnostics
    assert found
    assert {d.span.file for d in found} == {"a.lead"}


def test_a_define_of_an_include_need_not_be_used(compiling):
    assert compiling.codes('include "a.lead"\n' + FIND, files={"a.lead": "define cool as rating <= 3"}) == []


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("../a.lead", "E421"),
        ("/etc/passwd", "E421"),
        ("https://example.com/a.lead", "E421"),
        ("link.lead", "E421"),
        ("lib", "E421"),
        ("none.lead", "E420"),
    ],
)
def test_files_outside_the_project_are_refused(compiling, tmp_path, path, code):
    root = tmp_path / "project"
    (root / "lib").mkdir(parents=True)
    (tmp_path / "a.lead").write_text("define cool as rating <= 3", encoding="utf-8")
    (root / "link.lead").symlink_to(tmp_path / "a.lead")
    codes = compiling.codes(f'include "{path}"\n{FIND}', root=root, file=str(root / "main.lead"))
    assert codes == [code]


def test_a_link_inside_the_project_is_not_followed(tmp_path):
    (tmp_path / "a.lead").write_text("x", encoding="utf-8")
    (tmp_path / "b.lead").symlink_to(tmp_path / "a.lead")
    with pytest.raises(FileRefused, match="symbolic link"):
        ProjectFiles(tmp_path).read("b.lead", str(tmp_path / "main.lead"))
    assert ProjectFiles(tmp_path).read("a.lead", str(tmp_path / "main.lead")) == b"x"


def test_a_circle_of_links_is_refused(tmp_path):
    (tmp_path / "a.lead").symlink_to(tmp_path / "b.lead")
    (tmp_path / "b.lead").symlink_to(tmp_path / "a.lead")
    with pytest.raises((FileRefused, FileNotFoundError)):
        ProjectFiles(tmp_path).read("a.lead", str(tmp_path / "main.lead"))


@pytest.mark.parametrize("path", ["", "  ", "a\0b", "~/x", "C:\\x", "http://x/y"])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(FileRefused):
        EmbeddedFiles({}).resolve(path, "main.lead")


def test_an_included_file_that_is_not_utf8_is_told(compiling, tmp_path):
    (tmp_path / "a.lead").write_bytes(b"# \xff\n")
    codes = compiling.codes('include "a.lead"\n' + FIND, root=tmp_path, file=str(tmp_path / "main.lead"))
    assert codes == ["E018"]


# ── params ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("declared", "given", "text"),
    [
        ("text", "Pune", "Pune"),
        ("email", " a@b.in ", "a@b.in"),
        ("phone", "98111 11111", "919811111111"),
        ("number", "2.5", "2.5"),
        ("date", "2026-04-01", "2026-04-01"),
        ("period", "previous  month", "previous month"),
        ("period", "april 2026", "April 2026"),
        ("file", "x/../a.csv", "a.csv"),
    ],
)
def test_values_from_the_command_line_are_typed(compiling, declared, given, text):
    plan = compiling.plan(f"param p: {declared}\n{FIND}", parameters={"p": given})
    assert [p.text for p in plan.parameters] == [text]


@pytest.mark.parametrize(
    ("declared", "given"),
    [
        ("email", "nobody"),
        ("phone", "12"),
        ("number", "many"),
        ("date", "03/04/2026"),
        ("date", "2026-02-30"),
        ("period", "sometime"),
        ("period", "today; set rating = 1"),
        ("period", "$other"),
        ("file", "/x.csv"),
    ],
)
def test_a_value_that_does_not_fit_its_param_is_told(compiling, declared, given):
    (found,) = compiling(f"param p: {declared}\n{FIND}", parameters={"p": given}).diagnostics
    assert (found.code, found.span) == ("E412", None)
    assert found.message.startswith("-p p: ")


def test_defaults_are_typed_at_their_place(compiling):
    text = f"param n: number = lots\nparam d: date = April 2026\nparam p: period = 12\n{FIND}"
    found = compiling(text).diagnostics
    assert [(d.code, text[d.span.start : d.span.end]) for d in found] == [
        ("E412", "lots"),
        ("E412", "April 2026"),
        ("E412", "12"),
    ]


def test_a_given_value_wins_over_the_default(compiling):
    plan = compiling.plan(f"param c: text = Pune\n{FIND}, city = $c", parameters={"c": "Delhi"})
    assert plan.steps[0].effects[1].assign.value.value == "Delhi"


def test_a_value_for_no_param_suggests_the_nearest(compiling):
    found = compiling(f"param agent: text = x\n{FIND}, city = $agent", parameters={"agnet": "y"}).diagnostics
    assert [(d.code, d.help) for d in found] == [("E411", "did you mean “agent”?")]


def test_a_params_value_is_checked_where_it_is_used(compiling):
    text = 'param stage: text = "Wonn"\nfind leads where status = $stage; set city = X'
    (found,) = compiling(text).diagnostics
    assert (found.code, text[found.span.start : found.span.end], found.fix) == ("E206", "$stage", None)


# ── the file ─────────────────────────────────────────────────────────────────────────────────────


def test_the_time_zone_is_the_playbooks_else_the_profiles_else_kolkata(compiling):
    zoned = compiling.plan('timezone "America/New_York"\n' + FIND)
    assert (zoned.timezone, zoned.timezone_origin) == ("America/New_York", "playbook")
    profile = compiling.plan(FIND, timezone="Europe/London")
    assert (profile.timezone, profile.timezone_origin) == ("Europe/London", "profile")
    default = compiling.plan(FIND, timezone=None)
    assert (default.timezone, default.timezone_origin) == ("Asia/Kolkata", "default")


def test_an_unknown_time_zone_of_the_profile_is_told(compiling):
    assert compiling.codes(FIND, timezone="Mars/Olympus") == ["E306"]


def test_a_window_follows_the_time_zone(compiling):
    text = "find leads where created in 2026-04; set rating = 5"
    kolkata = compiling.plan(text).steps[0].windows[0]
    utc = compiling.plan('timezone "UTC"\n' + text).steps[0].windows[0]
    assert utc.start_ms - kolkata.start_ms == 19_800_000


def test_findings_come_in_the_order_of_the_text(compiling):
    found = compiling("set rating = 5\nfind leads where ratng = 5; set sttus = Won").diagnostics
    assert [d.span.start for d in found] == sorted(d.span.start for d in found)
    assert [d.code for d in found] == ["E501", "E101", "E101"]


# ── tests in the file ────────────────────────────────────────────────────────────────────────────

STEP = 'step "rate" { find leads where status = Won; set rating = 5 }\n'


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ('step "rat" matches 1 lead', "E601"),
        ('lead "919822222222" is not touched', "E602"),
        ('lead "919811111111" would have ratng = 5', "E101"),
        ('lead "919811111111" would have rating = 9', "E202"),
        ('lead "919811111111" would have action 1003', "E104"),
        ('lead "919811111111" would have action 1001 with nte = x', "E105"),
        ("given param who = x", "E111"),
        ('given lead with phone = "919833333333" called by "x@y.in"', "E208"),
        ("given lead with city = Pune", "E605"),
    ],
)
def test_mistakes_in_a_test_are_told(compiling, statement, code):
    test = f'test "t" {{ given lead with phone = "98111 11111", status = Won; {statement}; step "rate" matches 1 lead }}'
    assert compiling.codes(STEP + test) == [code]


def test_a_lead_is_named_by_any_spelling_of_its_identifier(compiling):
    test = 'test "t" { given lead with phone = "+91 98111 11111"; lead 9811111111 is not touched }'
    assert compiling.codes(STEP + test) == []


# ── no schema ────────────────────────────────────────────────────────────────────────────────────


def test_without_a_schema_one_hint_says_that_names_were_not_checked(compiling):
    for text in (LINE, WHOLE):
        compiled = compiling(text, schema=None)
        assert compiled.plan is None
        assert not compiled.names_checked
        assert not compiled.has_errors
        assert [d.code for d in compiled.diagnostics].count("W104") == 1


def test_without_a_schema_what_needs_none_is_still_checked(compiling):
    text = (
        "find leads where anything = $nope and called in 1066 and matches cold; newest first; oldest first; "
        "set x = row.y; add payment status = PENDING, currency = INR, amount = 0"
    )
    assert compiling.codes(text, schema=None) == ["W104", "E111", "E301", "E108", "E509", "E518", "E209"]


# ── digests, and any text at all ─────────────────────────────────────────────────────────────────


def test_a_schemas_digest_is_of_what_it_says(schema):
    assert schema_hash(schema) == schema_hash(dataclasses.replace(schema, pulled_at_ms=5))
    assert schema_hash(schema) != schema_hash(dataclasses.replace(schema, statuses=schema.statuses[1:]))


WORDS = st.sampled_from(
    [
        *WHOLE.split(),
        *LINE.split(),
        "$x",
        "row.y",
        '"{{ lead.name }}"',
        "[VIP]",
        "2026-04-01",
        "interests",
        "phone",
    ]
)


@settings(deadline=None, max_examples=60)
@given(st.lists(WORDS, max_size=25), st.booleans(), st.booleans())
def test_any_text_is_a_plan_or_a_diagnostic(words, unchecked, named):
    compiling = Compiling()
    compiled = compiling(" ".join(words), unchecked=unchecked, **({} if named else {"schema": None}))
    assert (compiled.plan is not None) == (named and not compiled.has_errors)


def test_after_two_hundred_mistakes_the_rest_is_not_looked_at_and_the_last_finding_says_so(compiling):
    wrong = "".join(f"set nothing{n} = 1\n" for n in range(1000))
    found = compiling("find leads where status = Won\n" + wrong).diagnostics
    assert [d.code for d in found] == ["E101"] * 200 + ["E024"]
    files = {"lib.lead": "".join(f"param p{n}: number\nparam p{n}: number\n" for n in range(300))}
    found = compiling('include "lib.lead"\n' + FIND, files=files).diagnostics
    assert len(found) == 201
    assert found[-1].code == "E024" or {d.code for d in found} == {"E024", "E110"}


# ── places ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("param a: number = 1\nparam a: number = 2", "E110", (2, 7)),
        ("define a as rating = 1\ndefine  a as rating = 2", "E110", (2, 9)),
        (f'step "a" {{ {FIND} }}\ntest "t" {{ step "b" matches 1 lead }}', "E601", (2, 17)),
    ],
)
def test_a_finding_about_a_name_stands_on_the_name(compiling, text, code, where):
    (found,) = [d for d in compiling(text).diagnostics if d.code == code]
    assert (found.span.line, found.span.column) == where


@pytest.mark.parametrize(
    "text",
    [
        "param $who: email\nfind leads where called by $who",
        "param email who = 1\nfind leads where called by $who",
        'define "cool" = rating = 1\nfind leads where matches cool',
        "for each row in csv { }\nset name = row.name",
        f"{FIND}; add payment with status = PENDING, currency = INR, amt = 100",
        "limits { at most 10 leads; at most 20 leads }\n" + FIND,
    ],
)
def test_what_a_mistake_makes_seem_wrong_is_not_told_of_beside_it(compiling, text):
    assert len(compiling(text).diagnostics) == 1


def test_a_template_says_what_cannot_stand_in_it(compiling):
    (found,) = compiling('find leads where rating = 1; set city = "{{ lead.name.upper() }}"').diagnostics
    assert found.message == "a call cannot stand in a template"
    (found,) = compiling('find leads where rating = 1; set city = "{{ lead.name }"').diagnostics
    assert found.message == "“{{” is not closed"
