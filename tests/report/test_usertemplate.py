"""A user's own templates: strict, bounded, escaped by their ending; the documented examples work."""

import re
from pathlib import Path

import pytest

from leadops.core.codes import CODES
from leadops.core.errors import FindingsError, UsageError
from leadops.report.usertemplate import MOST_TEMPLATE, render_template, render_template_text
from leadops.report.variables import documented, list_variables
from leadops.report.view import view_of

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "templates.md").read_text("utf-8")
EXAMPLES = dict(re.findall(r"^### [^\n]*: `([\w.]+)`\n[\s\S]*?```jinja\n([\s\S]*?)```$", PAGE, re.MULTILINE))


@pytest.fixture
def view(sample):
    return view_of(sample.plan())


@pytest.fixture
def run_view(sample):
    plan = sample.plan()
    return view_of(plan, sample.troubled(plan))


def mistake(text, view, name="x.txt.j2"):
    with pytest.raises(FindingsError) as caught:
        render_template_text(name, text, view)
    (found,) = caught.value.diagnostics
    return found


def test_the_documented_examples_are_three():
    assert set(EXAMPLES) == {"summary.md.j2", "calls.md.j2", "message.txt.j2"}


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_documented_example_renders_a_plan_and_a_run(name, view, run_view):
    for one in (view, run_view):
        made = render_template_text(name, EXAMPLES[name], one)
        assert "Won in April" in made or "calls" in made
        assert "{" not in made


def test_the_managers_summary_has_the_numbers(run_view):
    made = render_template_text("summary.md.j2", EXAMPLES["summary.md.j2"], run_view)
    assert "8 changed, 1 created, 4 were right already" in made
    assert "- rating: 12 leads\n" in made
    assert "- **in doubt: 3**\n" in made


def test_the_call_list_has_a_chapter_for_each_agent(view):
    made = render_template_text("calls.md.j2", EXAMPLES["calls.md.j2"], view)
    assert "## No agent known: 15 calls" in made
    assert "## agent&#64;company.com: 1 calls" in made
    assert "- [ ] Asha Rao, 919800000000; rating is now 5\n" in made


def test_the_chat_message_names_the_first_leads_in_trouble(run_view):
    made = render_template_text("message.txt.j2", EXAMPLES["message.txt.j2"], run_view)
    assert made.startswith("Won in April: needs a look (exit 3)\n8 changed\n")
    assert "- R: the service refused the request" in made


def test_the_documentation_lists_exactly_the_names_that_exist():
    listed = list_variables()
    for path, doc, names in documented():
        chapter = PAGE.split(f"### {f'`{path}`' if path else 'At the top'}\n")[1].split("\n### ")[0]
        assert doc in chapter
        assert re.findall(r"^\| `(\w+)` \|", chapter, re.MULTILINE) == [name for name, _ in names]
        for name, what in names:
            assert f"| `{name}` | {what} |" in chapter
            assert re.search(rf"^  {name} +{re.escape(what)}$", listed, re.MULTILINE)


def test_an_unknown_name_is_told_with_its_line_and_the_nearest(view):
    found = mistake("one\n  {{ tilte_ }}\n", view)
    assert (found.code, found.span.line, found.span.column) == ("E702", 2, 3)
    assert "tilte_" in found.message
    assert "title" in found.help


def test_an_unknown_name_of_a_part_is_told_without_pythons_names(view):
    found = mistake("{{ totals.leeds }}", view)
    assert "leadops.report" not in found.message
    assert "leads" in found.help


def test_an_index_into_rows_says_how_else(view):
    assert "first" in mistake("{{ leads[0].name }}", view).help


def test_a_syntax_error_has_its_line(view):
    found = mistake("a\nb\n{% for x %}\n", view)
    assert (found.code, found.span.line) == ("E701", 3)


def test_an_unknown_filter_suggests_the_nearest(view):
    assert "upper" in mistake("{{ title | uppr }}", view).help


@pytest.mark.parametrize(
    "text",
    [
        "{{ 'a' * 2000000000 }}",
        "{{ ('a' * 60000) ~ ('a' * 60000) }}",
        "{{ [0] * 1000000000 }}",
        "{{ 10 ** 100000000 }}",
        "{{ '%999999999d' % 1 }}",
        "{{ 'a'.ljust(1000000000) }}",
        "{{ '{:>1000000000}'.format(1) }}",
        "{{ ('a' * 60000) | replace('a', 'aaaaaaaaaaaaaaaa') }}",
        "{{ range(90000) | join('x' * 60000) }}",
        "{% set ns = namespace(x='aaaaaaaaaa') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
        "{% set ns = namespace(x=7) %}{% for i in range(60) %}{% set ns.x = ns.x * ns.x %}{% endfor %}",
        "{% macro m(s, n) %}{% if n %}{{ m(s ~ s, n - 1) }}{% endif %}{% endmacro %}{{ m('aaaa', 60) }}",
        "{% set a %}{{ 'a' * 60000 }}{% endset %}" + "{% set a %}{{ a }}{{ a }}{% endset %}" * 40,
        "{% for i in range(90000) %}{{ 'a' * 60000 }}{% endfor %}",
        "{{ ''.__class__.__mro__ }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ totals.__class__ }}",
        "{{ title.upper() }}",
    ],
)
def test_a_template_that_goes_too_far_is_stopped(text, view):
    assert mistake(text, view).code == "E703"


@pytest.mark.parametrize(
    "text", ["{% include 'x' %}", "{% import 'x' as y %}", "{{ title | safe }}", "{{ 1 / 0 }}", "{{ range(1000000) }}",
             ]
)  # fmt: skip
def test_what_reports_do_not_have_is_a_mistake_and_no_bug(text, view):
    assert mistake(text, view).code == "E701"


def test_values_are_escaped_by_the_ending(sample):
    view = view_of(sample.plan(title='<b>*"=1'))
    assert render_template_text("a.html.j2", "{{ title }}", view) == "&lt;b&gt;*&#34;=1"
    assert render_template_text("a.md", "{{ title }}", view) == '&#60;b&#62;\\*"=1'
    assert render_template_text("a.csv.j2", "{{ title }}", view) == '"<b>*""=1"'
    assert render_template_text("a.csv.j2", "{{ '=1' ~ title }}", view) == '"\t=1<b>*""=1"'
    assert render_template_text("a.txt.j2", "{{ title }}", view) == '<b>*"=1'


def test_a_macro_is_not_escaped_twice(sample):
    view = view_of(sample.plan(title="<b>"))
    text = "{% macro m(x) %}[{{ x }}]{% endmacro %}{{ m(title) }}{{ m(title) ~ title }}"
    assert render_template_text("a.html", text, view) == "[&lt;b&gt;][&lt;b&gt;]&lt;b&gt;"


def test_a_file_that_cannot_be_used_is_a_usage_error(tmp_path, view):
    with pytest.raises(UsageError, match="cannot read"):
        render_template(tmp_path / "absent.md", view)
    (tmp_path / "latin.md").write_bytes(b"\xe9t\xe9")
    with pytest.raises(UsageError, match="UTF-8"):
        render_template(tmp_path / "latin.md", view)
    (tmp_path / "big.md").write_bytes(b" " * (MOST_TEMPLATE + 1))
    with pytest.raises(UsageError, match="larger"):
        render_template(tmp_path / "big.md", view)


def test_a_file_is_rendered(tmp_path, view):
    (tmp_path / "a.txt.j2").write_text("{{ title }}: {{ totals.leads }}\n")
    assert render_template(tmp_path / "a.txt.j2", view) == "Won in April: 16\n"


@pytest.mark.parametrize("code", ["E701", "E702", "E703"])
def test_the_page_of_a_code_is_true(code, view):
    page = (DOCS / "errors" / f"{code}.md").read_text("utf-8")
    assert page.startswith(f"# {code}: {CODES[code]}\n\n## What\n")
    wrong, right = re.findall(r"^## (?:Wrong|Right)\n\n```jinja\n([\s\S]*?)```$", page, re.MULTILINE)
    assert mistake(wrong, view).code == code
    assert render_template_text("x.txt.j2", right, view)


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("{{ outcomes }}", "{{ run.outcomes }}"),
        ("{{ totals.title }}", "{{ title }}"),
        ("{{ outcome }}", "{% for one in leads %}{{ one.outcome }}{% endfor %}"),
        ("{{ step }}", "“steps”"),
    ],
)
def test_a_name_of_another_part_is_told_with_the_way_to_it_and_never_repeated(view, text, way):
    found = mistake(text, view)
    assert way in found.help
    assert f"did you mean “{text.strip('{} ')}”" not in found.help
