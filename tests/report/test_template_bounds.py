"""A user's report template ends: by its steps, by its time, by the size and the depth of what it makes."""

import pytest

from leadops.core.clock import ManualClock
from leadops.core.errors import FindingsError
from leadops.report import template_meter
from leadops.report.template_meter import LONGEST
from leadops.report.usertemplate import render_template_text
from leadops.report.view import view_of

TWICE = "{% set a = [a, a] %}"


@pytest.fixture
def view(sample):
    return view_of(sample.plan())


@pytest.fixture(autouse=True)
def few_steps(monkeypatch):
    monkeypatch.setattr(template_meter, "MOST_STEPS", 200_000)


def mistake(text, view, clock=None):
    with pytest.raises(FindingsError) as caught:
        render_template_text("x.txt.j2", text, view, clock)
    (found,) = caught.value.diagnostics
    return found


@pytest.mark.parametrize(
    "text",
    [
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% for a in range(99999) %}{% for b in range(99999) if b < 0 %}{% endfor %}{% endfor %}",
        "{% for a in range(99999) %}{% set x = range(99999) | sum %}{% endfor %}",
        "{% for a in range(99999) %}{% set x = range(99999) | map('string') | map('upper') | list %}{% endfor %}",
        "{% set x %}{% for i in range(99999) %}" + "x" * 200_000 + "{% endfor %}{% endset %}",
        "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}",
        "{% macro m() %}{{ caller() }}{{ caller() }}{% endmacro %}" + "{% call m() %}" * 30 + "x" + "{% endcall %}" * 30,
        "{% for a in range(99999) recursive %}{% if loop.depth < 5 %}{{ loop(range(99999)) }}{% endif %}{% endfor %}",
        "{% set ns = namespace(x=[]) %}{% for i in range(60000) %}{% set ns.x = [ns.x, 'a' * 60000 ~ i] %}{% endfor %}",
        "{% set ns = namespace(x=[]) %}{% for i in range(60000) %}{% set ns.x = ns.x + [i] %}{% endfor %}",
        "{% set x = range(99999) | list %}" + "{% if 1 in x | sort %}{% endif %}" * 300,
    ],
)  # fmt: skip
def test_steps_are_counted_wherever_they_are_taken(text, view):
    found = mistake(text, view)
    assert (found.code, found.message) == ("E703", "the template takes more than 200,000 steps")


@pytest.mark.parametrize(
    "text",
    [
        "{% set a = [1] %}" + TWICE * 60 + "{{ a }}",
        "{% set a = (1,) %}" + TWICE.replace("[a, a]", "(a, a)") * 60 + "{{ [a] | unique | list }}",
        "{% set a = dict(x=1) %}" + TWICE.replace("[a, a]", "dict(x=a, y=a)") * 60 + "{{ a }}",
        "{% set a = namespace(x=1) %}" + TWICE.replace("[a, a]", "namespace(x=a, y=a)") * 60 + "{{ a }}",
        "{% set a = namespace(x=1) %}{{ a | string }}{{ [a] }}",
        "{{ [[1] * 60000] * 60000 }}",
        "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
        "{{ " + "not " * 3000 + "1 }}",
        "{{ " + "1 + " * 3000 + "1 }}",
        "{{ title" + " | upper" * 3000 + " }}",
        "{% for a in [1] %}" * 60 + "x" + "{% endfor %}" * 60,
        "{% if 1 %}" * 500 + "x" + "{% endif %}" * 500,
        "{% macro f(n) %}{{ f(n) }}{% endmacro %}{{ f(60) }}",
        "{% block a %}{{ self.a() }}{% endblock %}",
    ],
)
def test_size_and_depth_are_bounded(text, view):
    assert mistake(text, view).code == "E703"


@pytest.mark.parametrize(
    "text", ["{{ " + "9" * 5000 + " }}", "{{ 1e999 }}", "{{ title | truncate(5, true, 'x' * 60) }}"]
)
def test_what_jinja_cannot_compute_is_a_mistake_and_no_bug(text, view):
    assert mistake(text, view).code == "E701"


def test_time_is_bounded_too(view):
    class Hasty(ManualClock):
        def monotonic(self):
            self.advance(LONGEST / 100)
            return self.elapsed

    found = mistake("\n{% for a in range(99999) %}{{ a }}{% endfor %}", view, Hasty(0))
    assert (found.code, found.span.line) == ("E703", 2)
    assert "seconds" in found.message


def test_a_template_as_people_write_it_is_far_from_its_bounds(sample):
    text = (
        "{% for agent, theirs in leads | groupby('agent') %}{{ agent }}: {{ theirs | length }}\n"
        "{% for lead in theirs | sort(attribute='name') %}{{ loop.index }}/{{ loop.length }} {{ lead.name | title }}"
        "{% if not loop.last %}, {% endif %}{% endfor %}\n{% endfor %}{% set n = namespace(sum=0) %}"
        "{% for lead in leads if lead.fields %}{% set n.sum = n.sum + 1 %}{% endfor %}{{ n.sum }}"
    )
    assert render_template_text("x.txt.j2", text, view_of(sample.plan())).endswith("14")
