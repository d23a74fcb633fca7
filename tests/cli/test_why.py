"""`why` and `why-not`: the clause that decides, the value seen, what would turn it round, in at most three calls."""

import json

import pytest

WON = "find leads where status = Won and rating = 5\nset rating = 5"
TWO = 'step "won" { find leads where status = Won; set rating = 5 }\nstep "lost" { find leads where status = Lost; set rating = 1 }'


@pytest.fixture
def lead(leadops):
    """A Won lead with rating 5: id and phone."""
    _, out, err = leadops(
        "plan", "--sandbox", "--format", "json", "-e", "find leads where status = Won and rating = 5 limit 1"
    )
    assert out, err
    [found] = json.loads(out)["steps"][0]["read"]
    return found["id"], found["fields"]["phone"]


def test_why_names_what_decides_and_exits_with_0(leadops, lead):
    code, out, err = leadops("why", lead[0], "--sandbox", "-e", WON)
    assert code == 0, err
    lines = [line.strip() for line in out.splitlines()]
    assert lines[0].startswith("step 1 selects ")
    assert "because of: status = Won" in lines
    assert "the lead has: Won" in lines
    assert "decided: by the service, in a search" in lines
    assert "it would be the other way round if status were not Won" in lines
    assert "it has already what the step sets: nothing is changed" in lines
    assert leadops("why-not", lead[0], "--sandbox", "-e", WON)[0] == 1


def test_why_not_says_what_would_let_the_lead_in(leadops, lead):
    text = 'find leads where status = Won and name contains "zzz"; set rating = 5'
    code, out, err = leadops("why-not", lead[1], "--sandbox", "-e", text, "--format", "json")
    assert code == 0, err
    told = json.loads(out)
    assert told["lead"]["id"] == lead[0]
    assert told["calls"] <= 3
    [step] = told["steps"]
    assert not step["selected"]
    assert step["needs_change"] is None
    [clause] = step["clauses"]
    assert clause["text"] == 'name contains "zzz"'
    assert clause["decided"] == "local"
    assert leadops("why", lead[1], "--sandbox", "-e", text)[0] == 1


def test_every_step_is_told_and_one_can_be_chosen(leadops, lead, home):
    (home / "two.lead").write_text(TWO)
    _, out, _ = leadops("why", lead[0], "two.lead", "--sandbox", "--format", "json")
    told = json.loads(out)
    assert [(one["name"], one["selected"]) for one in told["steps"]] == [("won", True), ("lost", False)]
    assert told["calls"] <= 3
    code, out, _ = leadops("why", lead[0], "two.lead", "--sandbox", "--step", "lost")
    assert code == 1
    assert "step" not in out.splitlines()[0]
    assert out.startswith("lost does not select")
    assert leadops("why", lead[0], "two.lead", "--sandbox", "--step", "1")[0] == 0
    code, _, err = leadops("why", lead[0], "two.lead", "--sandbox", "--step", "lst")
    assert code == 64
    assert "lost" in err


def test_an_unknown_lead_is_refused(leadops):
    code, _, err = leadops("why", "910000000001", "--sandbox", "-e", WON)
    assert code == 4
    assert "no leads have the phone" in err


def test_a_name_that_is_no_phone_is_told_as_such(leadops):
    code, _, err = leadops("why", "98765 43210/11", "--sandbox", "-e", WON)
    assert code == 4
    assert "no phone number: it holds more than one number; its digits are 987654321011" in err


def test_a_playbook_that_finds_nothing_by_a_condition_has_no_why(leadops):
    code, _, err = leadops(
        "why", "910000000001", "--sandbox", "-e", 'create lead with phone = "919999999999", name = "A"'
    )
    assert code == 64
    assert "no step of this playbook finds" in err


def test_contacts_in_the_text_are_masked_in_a_pipe(leadops, lead):
    text = f'find leads where phone = "{lead[1]}"; set rating = 1'
    assert lead[1] not in leadops("why", lead[0], "--sandbox", "-e", text)[1]
    _, out, _ = leadops("why", lead[0], "--sandbox", "--pii", "show", "-e", text)
    assert lead[1] in out
    assert "the step would change it" in out


def test_the_lead_stands_after_the_file_and_before_it_is_understood_too(leadops, lead, home):
    (home / "won.lead").write_text(WON, "utf-8")
    for places in (("won.lead", lead[0]), (lead[0], "won.lead"), ("./won.lead", lead[1])):
        code, _, err = leadops("why", "--sandbox", *places)
        assert code == 0, err
    assert leadops("why-not", "--sandbox", "won.lead", lead[0])[0] == 1
    code, _, err = leadops("why", "--sandbox", lead[0], "gone.lead")
    assert (code, "there is no file gone.lead" in err) == (64, True)
    for places in (
        ("won.lead",),
        (lead[0],),
        ("won.lead", lead[0], lead[1]),
        ("-e", WON, "won.lead", lead[0]),
    ):
        code, _, err = leadops("why", "--sandbox", *places)
        assert (code, "lead" in err) == (64, True)
