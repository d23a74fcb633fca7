"""A plan that was edited, and sealed again by whoever did: applied as its digest says, or refused before any write."""

import json
import random
from dataclasses import replace

import pytest

from leadops.analysis.compiler import Surroundings, compile_playbook
from leadops.analysis.files import EmbeddedFiles
from leadops.core.errors import RefusedError, StalePlanError
from leadops.engine.plan.digest import digest
from leadops.model.change import Kind
from leadops.model.forms import plan_form
from leadops.report.junit import junit
from leadops.report.machine import plan_jsonl
from leadops.report.render import markdown, render_html
from leadops.report.terminal import plan_text
from leadops.report.view import view_of
from leadops.state.forgetting import cleaned
from leadops.state.planfile import read_plan
from leadops.syntax.parser import parse
from tests.simulation.bench import Desk
from tests.simulation.service import SCHEMA, START, Service, lead, leads
from tests.simulation.virtual import run_virtual
from tests.state.edits import edited, edits, sealed

PLAYBOOK = """\
param note: text = "Thanks"
param key: secret
limits { at most 40 leads }
step "rate" {
  find leads where status = Won
  limit 2
  set rating = 5
  add action 1001 with note = $note once per lead in this month
  notify "sales" with "{{ lead.name }} is thanked"
}
step "call" {
  find leads where status = Won
  limit 2
  add action 1001 with note = "Again" each run
}
step "walk-ins" {
  for each row in csv "walkins.csv" {
    match lead by phone = row.phone
    on missing lead create
  }
  set name = row.name
  add action 1001 with note = "Welcome"
}
step "correct" {
  find leads where status = Lost and has action 1001
  allow timelines
  update action 1001 with note = "Sorry"
}
"""
CSV = "phone,name\n9812345670,Asha\n9812345671,Ravi\n"
SOURCES = {"thanks.lead": PLAYBOOK, "walkins.csv": CSV}
EDITS = 700
SHOWN = 40
RESEALED = 40
RENAMED = 40


def world():
    said = {
        "id": "a" * 24,
        "type": "1001",
        "at": START - 1000,
        "by": "agent@company.com",
        "fields": {"note": "No"},
    }
    return [*leads(4), lead(9, [said], status="Lost")]


def compiled(sources, clock_ms, timezone):
    name, text = next(iter(sources.items()))
    around = Surroundings(
        timezone=timezone,
        now_ms=clock_ms,
        files=EmbeddedFiles(sources),
        environment={"LEADOPS_PARAM_KEY": "hunter2"},
    )
    return compile_playbook(parse(text, name), SCHEMA, around).plan


def acting(act):
    """Return what ``act(desk)`` returns, on a fresh service and state store, and the world after it."""
    kept = {}

    async def inner(clock):
        desk = kept["desk"] = Desk(Service(world(), clock), clock)
        kept["done"] = await act(desk)

    run_virtual(inner, START)
    return kept["done"], kept["desk"].service


@pytest.fixture(scope="module")
def plan():
    async def planned(desk):
        saved, _ = await desk.plan(compiled(SOURCES, START, None), sources=SOURCES, nonce="n" * 32)
        return saved

    saved, _ = acting(planned)
    assert [len(step.changes) for step in saved.steps] == [4, 2, 4, 1]
    return saved


def applied(saved):
    """Return the result (None: refused) and the world after ``saved`` was applied to a fresh one."""

    async def act(desk):
        plan = compiled(dict(saved.sources), saved.clock_ms, saved.timezone)
        if plan is None:
            return None
        try:
            return await desk.apply(saved, plan)
        except (StalePlanError, RefusedError):
            return None

    result, service = acting(act)
    assert result is not None or not service.sent, "it wrote before it refused"
    return result, service


def said(service):
    """Return what a world holds, without the ids of what was made in it."""
    return sorted(
        json.dumps(
            [one["fields"], [[a["type"], a["fields"]] for a in one["actions"]]], sort_keys=True, default=list
        )
        for one in service.world
    )


def sample(plan, seed, many):
    """Yield so many edits of the plan: what was edited, and the form."""
    form = plan_form(plan)
    for what, edit in random.Random(seed).sample(list(edits(form)), many):
        data = edited(form, edit)
        if data is not None:
            yield what, data


def is_read(form):
    try:
        return read_plan(json.dumps(form), "my.json")
    except StalePlanError:
        return None


def test_every_edit_of_a_plan_file_is_refused_by_name(plan):
    assert is_read(plan_form(plan)) == plan
    assert [what for what, data in sample(plan, 1, EDITS) if is_read(data)] == []


def readable(plan, seed, many):
    """Yield so many edited plans that read like plans, because they were sealed again."""
    for what, data in sample(plan, seed, 2000):
        saved = is_read(sealed(data))
        if saved is not None:
            many -= 1
            yield what, saved
        if not many:
            return


def test_what_is_read_is_shown_in_every_form(plan):
    for _, saved in readable(plan, 4, SHOWN):
        assert plan_text(saved, width=80, color=False, full=True, mask=False, schema=None, explain=True)
        view = view_of(saved, None, pii="mask", full=True, schema=None)
        assert "".join(render_html(view))
        assert "".join(markdown(view))
        assert junit(saved, None)
        assert list(plan_jsonl(saved))


def test_an_edit_under_another_seal_is_applied_as_the_digest_says_or_refused_before_any_write(plan):
    _, service = applied(plan)
    refused = 0
    for what, saved in readable(plan, 2, RESEALED):
        result, other = applied(saved)
        refused += result is None
        assert result is None or said(other) == said(service), what
    assert 0 < refused < RESEALED


def test_an_edit_under_another_digest_is_applied_whole_or_refused_before_any_write(plan):
    for what, saved in readable(plan, 3, RENAMED):
        again = compiled(dict(saved.sources), saved.clock_ms, saved.timezone)
        if again is not None:
            result, _ = applied(replace(saved, digest=digest(again, saved.steps, saved.refusals)))
            assert result is None or len(result.results) == len(saved.changes), what


def test_a_plan_without_sense_is_refused_though_digest_and_seal_are_made_to_fit(plan):
    first, second = plan.steps[0].changes[:2]

    def with_changes(*changes):
        steps = (replace(plan.steps[0], changes=changes, messages=()), *plan.steps[1:])
        return replace(plan, steps=steps, digest=digest(compiled(SOURCES, START, None), steps, ()))

    rest = plan.steps[0].changes[1:]
    for wrong in (
        replace(first, step=7),
        replace(first, key=second.key),
        replace(first, key="rate"),
        replace(first, kind=Kind.APPEND),
        replace(first, kind=Kind.UPDATE_ACTION),
        replace(first, kind=Kind.CREATE),
        replace(first, fields={}),
        replace(first, action=second.action),
        replace(first, with_create=True),
        replace(first, each_run=True),
        replace(first, lead=replace(first.lead, id=None)),
        replace(first, lead=replace(first.lead, id="f" * 24)),
    ):
        assert applied(with_changes(wrong, *rest))[0] is None, wrong
    for wrong in (
        replace(second, action=None),
        replace(second, each_run=True),
        replace(second, occurrence=None),
        replace(second, kind=Kind.PAYMENT),
        replace(second, fields=first.fields),
        replace(second, key=f"{second.key[:-1]}x"),
        replace(second, action=replace(second.action, action_id="a" * 24)),
    ):
        assert applied(with_changes(first, wrong, *rest[1:]))[0] is None, wrong
    assert applied(with_changes(first, *rest, *rest))[0] is None
    assert applied(with_changes(first, *rest))[0] is not None


def test_an_equal_plan_made_before_the_other_was_applied_is_refused(plan):
    async def act(desk):
        plan = compiled(SOURCES, START, None)
        first, _ = await desk.plan(plan, sources=SOURCES, nonce="1")
        second, _ = await desk.plan(plan, sources=SOURCES, nonce="2")
        assert first.digest == second.digest
        await desk.apply(first, plan)
        before = len(desk.service.sent)
        with pytest.raises(StalePlanError, match="equal plan was applied already"):
            await desk.apply(second, plan)
        assert len(desk.service.sent) == before

    acting(act)


def test_a_plan_out_of_which_leads_were_forgotten_is_still_read_and_never_applied(plan):
    form = plan_form(plan)
    for change in plan.changes:
        ids = frozenset({change.lead.id} - {None})
        clean = cleaned(form, ids, frozenset({change.lead.identifier}))
        assert clean != form
        saved = read_plan(json.dumps(clean))
        assert change.lead.identifier not in json.dumps(clean)
        assert applied(saved)[0] is None
