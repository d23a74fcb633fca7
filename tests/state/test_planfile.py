"""A saved plan is read back as it was, and nothing else is taken for one."""

import json

import pytest

from leadops.core.errors import RefusedError, StalePlanError
from leadops.model.forms import plan_form, results_form
from leadops.state.planfile import plan_text, read_plan, write_plan
from leadops.state.resultfile import read_results
from tests.state.sample_run import RUN, SAVED


def test_a_plan_is_read_back_as_it_was():
    assert read_plan(plan_text(SAVED)) == SAVED


def test_a_plan_written_change_by_change_is_the_json_of_its_form(tmp_path):
    write_plan(tmp_path / "plan.json", SAVED)
    text = (tmp_path / "plan.json").read_text()
    assert text == json.dumps(plan_form(SAVED)) + "\n"
    assert len(json.loads(text)["steps"]) == len(SAVED.steps)


def test_a_runs_results_are_read_back_as_they_were():
    assert read_results(json.dumps(results_form(SAVED, RUN))) == RUN


@pytest.mark.parametrize(
    "change",
    [
        lambda plan: plan.update(surprise=1),
        lambda plan: plan.pop("digest"),
        lambda plan: plan.update(appliable="perhaps"),
        lambda plan: plan.update(made="yesterday"),
        lambda plan: plan.update(made="2026-05-02T09:00:00"),
        lambda plan: plan["steps"][0]["changes"][0].update(kind="delete"),
        lambda plan: plan["steps"][0]["changes"][0]["fields"]["rating"].update(after={"a": 1}),
        lambda plan: plan["steps"][0]["changes"][0]["types"].pop("rating"),
        lambda plan: plan.update(format_version=2),
    ],
    ids=[
        "an-unknown-key",
        "a-missing-key",
        "a-wrong-type",
        "a-day-without-time",
        "a-time-without-zone",
        "an-unknown-kind",
        "a-strange-value",
        "a-field-without-type",
        "another-version",
    ],
)
def test_what_is_no_plan_is_refused_by_name(change):
    plan = json.loads(plan_text(SAVED))
    change(plan)
    with pytest.raises(StalePlanError, match=r"my\.json"):
        read_plan(json.dumps(plan), "my.json")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000, '"x"'])
def test_nonsense_is_refused(text):
    with pytest.raises(StalePlanError):
        read_plan(text)


def test_a_value_of_a_lead_is_not_quoted_in_the_refusal():
    plan = json.loads(plan_text(SAVED))
    plan["steps"][0]["changes"][0]["lead"]["identifier"] = {"secret": "919876543210"}
    with pytest.raises(StalePlanError) as refused:
        read_plan(json.dumps(plan))
    assert "919876543210" not in refused.value.message


@pytest.mark.parametrize("text", ["", "{}", '{"format_version": 1}', "[1]"])
def test_nonsense_is_no_run(text):
    with pytest.raises(RefusedError):
        read_results(text)
