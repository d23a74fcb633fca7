"""``undo`` as a person uses it: what the probe found out is used, and the plan says before the yes what stays."""

import functools
import json
from pathlib import Path

import pytest

from leadops.cli import session as sessions
from leadops.cli.sandboxes import open_world

NONE = "find leads where company is missing; limit 3"


@pytest.fixture
def cleared_by_null(monkeypatch):
    """A sandbox that clears a field by null."""
    monkeypatch.setattr(sessions, "open_world", functools.partial(open_world, switches={"clearing": "null"}))


def planned(leadops, text):
    """Return the leads that a playbook would change."""
    _, out, _ = leadops("plan", "--sandbox", "--format", "json", "-e", text)
    return {change["lead"]["id"] for step in json.loads(out)["steps"] for change in step["changes"]}


def test_undo_clears_what_was_missing_once_the_probe_knows_how(leadops, cleared_by_null):
    text = f"{NONE}; allow full scan; set company = Tata; add action 1001 note Hi"
    code, out, err = leadops("run", "--sandbox", "--yes", "-e", text)
    assert code == 0, out + err
    code, out, err = leadops("undo", "--sandbox", "last", "-o", "undo.lead")
    assert (code, "0 of 6 changes are taken back; 6 are not" in err) == (0, True), err
    assert "doctor --probe-clear" in err
    [lead, *_] = planned(leadops, 'find leads where company = Tata; limit 1; set company = "Tata Ltd"')
    assert leadops("doctor", "--sandbox", "--probe-clear", lead)[0] == 0
    code, out, err = leadops("undo", "--sandbox", "last", "-o", "undo.lead")
    assert "3 of 6 changes are taken back; 3 are not (3 × an action stays)" in " ".join(err.split())
    made = Path("undo.lead").read_text()
    assert made.count("\nstep ") == 1
    assert (
        "when company = Tata { clear company }" in made or 'when company = "Tata" { clear company }' in made
    )
    assert leadops("check", "undo.lead")[0] == 0
    code, out, _ = leadops("plan", "--sandbox", "undo.lead")
    assert code == 0
    assert "3 of 6 changes are taken back; 3 are not (3 × an action stays)" in " ".join(out.split())
    code, out, err = leadops("run", "--sandbox", "--yes", "undo.lead")
    assert (code, "changed 3" in out) == (0, True), out + err
