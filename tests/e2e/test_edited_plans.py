"""A plan file is applied as it was saved, or not at all: never half, never otherwise, never with a traceback."""

import json

import pytest

from leadops.cli.main import run
from tests.state.edits import edited, sealed

PLAYBOOK = """\
param note: text = "Thanks"
param key: secret
limits { at most 40 leads }
step "rate" {
  find leads where status = Won
  limit 2
  set rating = 5
  add action 1001 with note = $note once per lead in this month
  notify "sales" with "{{ lead.name }} is thanked {{ param.key }}"
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
"""


@pytest.fixture
def desk(place, server, monkeypatch, capfd):
    """Run the command line in this process; returns the exit code and stderr."""
    for name, value in place.environment().items():
        if name != "PATH":
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("LEADOPS_PARAM_KEY", "hunter2")
    monkeypatch.chdir(place.folder)

    def call(*arguments):
        capfd.readouterr()
        code = run([str(argument) for argument in arguments])
        _, err = capfd.readouterr()
        return code, err

    return call


@pytest.fixture
def plan(place, desk):
    (place.folder / "thanks.lead").write_text(PLAYBOOK, "utf-8")
    (place.folder / "walkins.csv").write_text("phone,name\n9812345670,Asha\n9812345671,Ravi\n", "utf-8")
    code, err = desk("plan", "-q", "-o", "plan.json", "thanks.lead")
    assert code == 0, err
    return json.loads((place.folder / "plan.json").read_text("utf-8"))


def change(plan, step=0, number=0):
    return plan["steps"][step]["changes"][number]


EDITS = {
    "appliable": lambda plan: plan.update(appliable=False),
    "refused": lambda plan: plan.update(appliable=False, refusals=["belt"]),
    "made": lambda plan: plan.update(made=plan["made"].replace("Z", ".001Z")),
    "nonce": lambda plan: plan.update(nonce="f" * 32),
    "a format version": lambda plan: plan.update(format_version=2),
    "no format version": lambda plan: plan.pop("format_version"),
    "no seal": lambda plan: plan.pop("seal"),
    "an empty seal": lambda plan: plan.update(seal={}),
    "no sources": lambda plan: plan.update(sources={}),
    "another playbook": lambda plan: plan["sources"].update({"thanks.lead": "find leads where status = Won"}),
    "each run": lambda plan: change(plan, 0, 1).update(each_run=True),
    "a message": lambda plan: plan["steps"][0]["messages"].append(plan["steps"][0]["messages"][0]),
    "a message's text": lambda plan: plan["steps"][0]["messages"][0].update(parts=["you won", ""]),
    "a type": lambda plan: change(plan)["types"].update(rating="text"),
    "a belt": lambda plan: plan["belts"][0].update(limit=1000),
    "a step": lambda plan: change(plan).update(step=7),
    "a kind": lambda plan: change(plan).update(kind="append"),
    "a key": lambda plan: change(plan).update(key=change(plan, 0, 1)["key"]),
    "a change twice": lambda plan: plan["steps"][0]["changes"].append(change(plan)),
    "a change less": lambda plan: plan["steps"][0]["changes"].pop(),
    "a step less": lambda plan: plan["steps"].pop(),
    "an extra key": lambda plan: change(plan).update(surprise=1),
    "a huge number": lambda plan: change(plan)["fields"]["rating"].update(after=10**290),
}
TEXTS = {
    "not JSON": lambda text: text[:-3],
    "nothing": lambda text: "",
    "not UTF-8": lambda text: "\udcff" + text,
    "a key twice": lambda text: text.replace('"step": 0', '"step": 0, "step": 0', 1),
    "NaN": lambda text: text.replace('"after": 5', '"after": NaN', 1),
    "beyond all numbers": lambda text: text.replace('"after": 5', '"after": 1e999', 1),
    "a thousand digits": lambda text: text.replace('"after": 5', f'"after": {"9" * 5000}', 1),
    "too deep": lambda text: text.replace('"body": {', '"body": {"x": ' + "[" * 150 + "]" * 150 + ", ", 1),
    "far too deep": lambda text: text.replace(
        '"body": {', '"body": {"x": ' + "[" * 90_000 + "]" * 90_000 + ", ", 1
    ),
}


def test_an_edited_plan_is_refused_by_name_and_the_true_one_is_applied(plan, desk, place, server):
    whole = (place.folder / "plan.json").read_text("utf-8")
    wrong = {what: json.dumps(edited(plan, edit)) for what, edit in EDITS.items()}
    wrong |= {what: edit(whole) for what, edit in TEXTS.items()}
    for what, text in wrong.items():
        assert text not in {whole, "null"}, what
        (place.folder / "edited.json").write_bytes(text.encode("utf-8", "surrogateescape"))
        for verb in (("show",), ("apply", "--yes", "--no-input", "--expect-digest", plan["digest"])):
            code, err = desk(*verb, "edited.json")
            assert (code, "edited.json" in err, "Traceback" in err) == (5, True, False), (what, err)
    assert not server.seen(writes=True)
    (place.folder / "spaced.json").write_text(json.dumps(plan, indent=3, sort_keys=True), "utf-8")
    code, err = desk("apply", "--yes", "--no-input", "spaced.json")
    assert code == 0, err
    assert len(server.seen(writes=True)) == plan["calls"]["writes"]


def test_a_plan_that_was_refused_is_not_applied_whatever_it_says_later(place, desk, server):
    text = "limits { at most 1 lead }\nfind leads where status = Won\nset rating = 5"
    assert desk("plan", "-q", "-o", "plan.json", "-e", text)[0] == 4
    plan = json.loads((place.folder / "plan.json").read_text("utf-8"))
    belt = {**plan["belts"][0], "exceeded": False, "limit": 1000}
    for form in (
        {**plan, "appliable": True},
        {**plan, "appliable": True, "refusals": []},
        {**plan, "appliable": True, "refusals": [], "belts": [belt, *plan["belts"][1:]]},
    ):
        for one in (form, sealed(form)):
            (place.folder / "edited.json").write_text(json.dumps(one), "utf-8")
            code, err = desk("apply", "--yes", "--no-input", "--expect-digest", plan["digest"], "edited.json")
            assert code == 5, err
    assert not server.seen(writes=True)
