"""The machine forms: their published keys, their values, and that nothing of a plan is lost in them."""

import json
from pathlib import Path

from leadops.model.forms import diagnostics_form, instant, plan_form, results_form
from leadops.model.run import Outcome
from leadops.report.machine import plan_jsonl, results_jsonl


def test_a_plan_has_the_published_keys(sample):
    form = plan_form(sample.plan())
    assert {
        "format_version",
        "digest",
        "workspace",
        "clock",
        "timezone",
        "calls",
        "belts",
        "appliable",
        "steps",
    } <= set(form)
    assert form["format_version"] == 1
    assert form["workspace"] == "ent-1"
    assert form["clock"] == "2026-04-20T03:30:00Z"
    assert form["calls"] == {"reads": 4, "writes": 24, "bound": 84, "eta_seconds": 24}
    step = form["steps"][0]
    assert {"name", "matched", "compliant", "windows", "searches", "changes"} <= set(step)
    assert step["windows"][0] | {"moving": False} == {
        "start": "2026-03-31T18:30:00Z", "end": "2026-04-30T18:30:00Z", "first_day": "2026-04-01",
        "last_day": "2026-04-30", "text": "April 2026", "moving": False,
    }  # fmt: skip
    assert step["searches"][0]["count"] == 12
    assert step["searches"][0]["body"]["fields"] == {"status": ["Won"]}


def test_a_change_has_exactly_the_published_shapes(sample):
    update, append = plan_form(sample.plan())["steps"][0]["changes"][2:4]
    assert update["kind"] == "update"
    assert update["lead"] == {
        "id": "66a1b2c3d4e5f60000000001",
        "identifier": "919800000001",
        "name": "Vikram Singh",
    }
    assert update["fields"] == {"rating": {"before": 3, "after": 5}}
    assert update["action"] is None
    assert append["kind"] == "append"
    assert append["fields"] == {}
    assert append["action"] == {"type": "1001", "fields": {"note": "Thanks for the visit"}}


def test_every_change_has_the_same_keys(sample):
    changes = [change for step in plan_form(sample.plan())["steps"] for change in step["changes"]]
    assert len({tuple(change) for change in changes}) == 1


def test_a_secret_is_in_no_form(sample):
    plan = sample.plan()
    assert "hunter2" not in json.dumps(plan_form(plan)) + "".join(plan_jsonl(plan))


def test_a_plan_survives_json(sample):
    form = plan_form(sample.plan())
    assert json.loads(json.dumps(form)) == form


def test_results_name_every_outcome_zeros_included(sample):
    plan = sample.plan(odd=False)
    form = results_form(plan, sample.finished(plan))
    assert set(form["outcomes"]) == {outcome.value for outcome in Outcome}
    assert form["outcomes"]["changed"] == 24
    assert form["outcomes"]["in_doubt"] == 0
    assert form["outcomes"]["rejected"] == len(form["refused"]) == 1


def test_a_result_is_its_change_and_what_became_of_it(sample):
    plan = sample.plan()
    form = results_form(plan, sample.troubled(plan))
    assert {
        "format_version",
        "run",
        "plan_digest",
        "exit_code",
        "exit_reason",
        "outcomes",
        "calls",
        "changes",
    } <= set(form)
    assert form["exit_code"] == 3
    assert form["calls"] == {"reads": 6, "writes": 30}
    created = next(change for change in form["changes"] if change["kind"] == "create")
    planned = next(change for change in plan_form(plan)["steps"][1]["changes"] if change["kind"] == "create")
    assert {key: created[key] for key in planned if key != "lead"} == {
        k: v for k, v in planned.items() if k != "lead"
    }
    assert created["lead"]["id"] == "66ffffffffffffffffffffff"
    assert created["outcome"] == "created"
    assert created["field_outcomes"]["rating"] == "ignored_by_crm"
    assert created["field_outcomes"]["email"] == "created"
    assert created["remarks"] == [
        {"field": "fields.rating", "name": "rating", "value": 9, "remark": "Rating must be between 1 and 5"}
    ]
    assert created["step_name"] == "the rest"


def test_results_without_the_plan_leave_out_what_only_it_knows(sample):
    plan = sample.plan()
    form = results_form(None, sample.finished(plan))
    assert form["refused"] == []
    assert "step_name" not in form["changes"][0]


def test_lines_are_the_same_plan_and_run(sample):
    plan = sample.plan()
    run = sample.troubled(plan)
    head, *rest = map(json.loads, plan_jsonl(plan))
    assert head["line"] == "plan"
    assert [one["key"] for one in rest if one["line"] == "change"] == [change.key for change in plan.changes]
    assert sum(one["line"] == "refused" for one in rest) == 1
    head, *rest = map(json.loads, results_jsonl(plan, run))
    assert head["outcomes"] == results_form(plan, run)["outcomes"]
    assert [one["outcome"] for one in rest if one["line"] == "change"] == [r.outcome for r in run.results]


def test_findings_have_places_or_none(sample):
    (form,) = diagnostics_form(sample.plan().warnings)
    assert form == {
        "code": "W004", "severity": "warning", "message": "April has no year", "file": "won.lead", "line": 1, "column": 40,
        "end_line": 1, "end_column": 45, "help": "write April 2026",
    }  # fmt: skip


def test_an_instant_has_milliseconds_only_where_there_are_some():
    assert instant(1_776_655_800_000) == "2026-04-20T03:30:00Z"
    assert instant(1_776_655_800_001) == "2026-04-20T03:30:00.001Z"
    assert instant(-1) == "1969-12-31T23:59:59.999Z"


def test_every_key_is_documented(sample):
    page = (Path(__file__).parents[2] / "docs" / "machine-forms.md").read_text("utf-8")
    plan = sample.plan()
    form, run = plan_form(plan), results_form(plan, sample.troubled(plan))
    step = form["steps"][0]
    change = next(change for change in run["changes"] if change["remarks"])
    parts = (form, form["calls"], form["belts"][0], form["parameters"][0], form["warnings"][0], step, step["windows"][0],
             step["searches"][0], step["refused"][0], form["steps"][1]["read"][0], run, change, change["remarks"][0])  # fmt: skip
    missing = {key for part in parts for key in part if f"`{key}`" not in page}
    assert missing == set()
    assert {outcome.value for outcome in Outcome if f"`{outcome}`" not in page} == set()
