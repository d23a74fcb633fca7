"""Hostile texts through every sink: nothing speaks to the terminal, the page, the parser or GitHub."""

import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from junitparser import JUnitXml
from markdown_it import MarkdownIt

from leadops.core.diagnostics import Diagnostic, Severity
from leadops.core.excerpt import cells
from leadops.core.text import is_hidden
from leadops.report import diagnostics as sinks
from leadops.report.github import plan_annotations, quoted
from leadops.report.junit import findings, junit
from leadops.report.machine import plan_json, plan_jsonl, results_json, results_jsonl
from leadops.report.render import render_html, render_markdown, render_text
from leadops.report.summary import summary
from leadops.report.terminal import plan_text, run_text
from leadops.report.usertemplate import render_template_text
from leadops.report.view import view_of

SPOKEN = re.compile(r"\x1b\[[\d;]*m")


def hidden(text):
    return [char for char in text if is_hidden(char) and char != "\n"]


@pytest.mark.parametrize("width", [40, 80, 160])
@pytest.mark.parametrize("full", [False, True])
def test_the_terminal_shows_controls_instead_of_obeying_them(poisoned, width, full):
    saved, run = poisoned
    for text in (
        plan_text(saved, width=width, full=full, explain=True),
        run_text(saved, run, width=width, full=full),
    ):
        assert hidden(text) == []
        assert max(cells(line) for line in text.split("\n")) <= width
        text.encode()


def test_colour_adds_only_its_own_codes(poisoned):
    saved, run = poisoned
    text = run_text(saved, run, color=True)
    assert hidden(SPOKEN.sub("", text)) == []
    assert SPOKEN.sub("", text) == run_text(saved, run, color=False)


class Page(HTMLParser):
    """Counts what the page is made of."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.texts, self.comments = [], [], [], 0

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_comment(self, data):
        self.comments += 1

    def handle_data(self, data):
        self.texts.append(data)


def test_html_holds_no_tag_of_the_crm(poisoned, sample):
    saved, run = poisoned
    text = "".join(render_html(view_of(saved, run)))
    page = Page()
    page.feed(text)
    assert hidden(text) == []
    assert page.tags.count("script") == 1
    assert page.tags.count("style") == 1
    assert "img" not in page.tags
    assert page.comments == 0
    assert not [name for name in page.attributes if name.startswith("on")]
    text.encode()


def test_markdown_becomes_the_text_itself_and_no_markup(poisoned, hostile):
    saved, run = poisoned
    text = render_markdown(view_of(saved, run))
    page = MarkdownIt("commonmark", {"linkify": False}).enable(["table", "strikethrough"]).render(text)
    mine = Page()
    mine.feed(page)
    allowed = {"h1", "h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "strong", "em", "code",
               "blockquote", "br"}  # fmt: skip
    assert set(mine.tags) <= allowed
    assert "href" not in mine.attributes
    heading = re.search("<h2>(.*?)</h2>", page, re.DOTALL)
    told = Page()
    told.feed(heading.group(1))
    from leadops.core.text import visible

    assert "".join(told.texts).split() == f"Step 1: {visible(hostile)}".split()


def test_text_and_user_templates_hold_no_control(poisoned):
    saved, run = poisoned
    view = view_of(saved, run)
    assert hidden(render_text(view)) == []
    for name in ("a.txt.j2", "a.md.j2", "a.html.j2"):
        made = render_template_text(
            name, "{{ title }}{% for lead in leads %}{{ lead.name }}{% endfor %}", view
        )
        assert hidden(made) == []
        if "html" in name:
            assert "<" not in made
            assert '"' not in made


@pytest.mark.parametrize(("ending", "delimiter"), [("csv", ","), ("tsv", "\t"), ("CSV", ";")])
def test_a_users_csv_holds_no_formula(poisoned, hostile, ending, delimiter):
    import csv
    import io

    saved, _ = poisoned
    row = f"{{{{ lead.name }}}}{delimiter}{{{{ lead.id }}}}"
    made = render_template_text(
        f"a.{ending}.j2", f"{{% for lead in leads %}}{row}\n{{% endfor %}}", view_of(saved)
    )
    ((name, lead_id),) = csv.reader(io.StringIO(made, newline=""), delimiter=delimiter)
    assert not name.startswith(("=", "+", "-", "@", "＝"))
    assert lead_id == "66a1b2c3d4e5f60000000001"


def test_junit_is_legal_xml(poisoned):
    saved, run = poisoned
    for text in (junit(saved), junit(saved, run)):
        ET.fromstring(text.encode())
        suites = JUnitXml.fromstring(text.encode())
        assert suites.tests == 3


def test_github_takes_each_annotation_for_one_line(poisoned):
    saved, run = poisoned
    for line in plan_annotations(saved, run).split("\n"):
        assert re.match(r"::(error|warning|notice) (\w+=[^:,]*,)*title=[^:,]*::", line)
        assert hidden(line) == []


def test_a_quoted_log_has_no_command_between_its_marks(poisoned):
    saved, run = poisoned
    shown = quoted(run_text(saved, run), "t0k3n")
    assert shown.startswith("::stop-commands::t0k3n\n")
    assert shown.endswith("\n::t0k3n::\n")
    assert shown.count("::t0k3n::") == 1


def test_json_is_ascii_and_keeps_the_text(poisoned, hostile):
    saved, run = poisoned
    lines = [*plan_jsonl(saved), *results_jsonl(saved, run)]
    for text in (json.dumps(plan_json(saved)), json.dumps(results_json(saved, run)), *lines):
        assert text.isascii()
        json.loads(text)
    assert results_json(saved, run)["changes"][0]["remarks"][0]["remark"] == hostile
    assert plan_json(saved)["steps"][0]["changes"][0]["lead"]["name"] == hostile


def test_the_summary_never_exceeds_its_budget(poisoned):
    saved, run = poisoned
    text = summary(saved, run, room=4000)
    assert len(text.encode()) <= 4000
    assert hidden(text) == []


def test_findings_are_shown_and_not_obeyed(hostile):
    from leadops.core.positions import span_at

    source = f"find {hostile}"
    file = hostile[:200] + ".lead"
    found = [Diagnostic("E010", Severity.ERROR, hostile, span_at(source, 5, len(source), file), hostile)]
    assert hidden(sinks.as_text(found, {file: source})) == []
    for line in sinks.as_github(found).split("\n"):
        assert line.startswith("::error file=")
    assert json.dumps(sinks.as_json(found)).isascii()
    assert json.dumps(sinks.as_sarif(found, {file: source})).isascii()
    ET.fromstring(findings(found, [file]).encode())
