"""A newcomer's first errors name the cause and the remedy, and end with the promised exit code."""

import socket

import pytest

from tests.e2e.place import Place
from tests.independent.definitions import ASYNC_TOKEN

WON = "find leads where status = Won; set rating = 5"


def test_nothing_configured_names_init_and_the_sandbox(bare):
    done = bare.leadops("run", "--yes", "-e", WON, code=78)
    assert "TELECRM_ENTERPRISE_ID" in done.err
    assert "leadops init" in done.err
    assert "--sandbox" in done.err
    assert done.out == ""


@pytest.mark.parametrize(
    "wrong",
    [
        {"TELECRM_SYNC_TOKEN": "no-such-token"},
        {"TELECRM_SYNC_TOKEN": ASYNC_TOKEN},
        {"TELECRM_ENTERPRISE_ID": "0" * 24},
    ],
)
def test_a_wrong_token_kind_or_enterprise_is_denied_naming_all_three(tmp_path, server, wrong):
    place = Place(tmp_path / "here", server, variables=wrong)
    done = place.leadops("plan", "-e", WON, code=77)
    for word in ("token", "sync", "enterprise"):
        assert word in done.err.lower(), done
    assert len(server.seen()) <= 2
    assert wrong.get("TELECRM_SYNC_TOKEN", "\0") not in done.err


def test_a_revoked_token_is_denied_before_a_plan_is_shown(place, server):
    server.faults.add("*", "revoke", skip=0)
    done = place.leadops("plan", "-e", WON, code=77)
    assert done.out == ""


def test_unknown_names_are_told_all_at_once_with_the_nearest(place, server):
    text = (
        "find leads where ratng = 3 and status = Wonn; set contact_source = Websit; "
        'add action 1001 with nite = "x"'
    )
    done = place.leadops("plan", "-e", text, code=1)
    for wrong, meant in (("ratng", "rating"), ("Wonn", "Won"), ("Websit", "Website"), ("nite", "note")):
        blamed = [line for line in done.err.splitlines() if f"“{wrong}”" in line]
        assert blamed, f"{wrong}: {done}"
        assert f"“{meant}”" in done.err, f"{meant}: {done}"
    assert "^" in done.err
    assert done.out == ""
    assert not server.seen(writes=True)
    assert not server.seen(path="/lead/search")


def test_an_unknown_member_suggests_the_nearest(place):
    done = place.leadops("plan", "-e", 'find leads where called by "agnt@company.com" in April 2026', code=1)
    assert "agent@company.com" in done.err


def caret(done, text):
    """Return where the first caret under ``text`` stands, counted in its characters."""
    lines = done.err.splitlines()
    shown = next(n for n, line in enumerate(lines) if text in line)
    return lines[shown + 1].index("^") - lines[shown].index(text)


def test_a_syntax_error_has_its_caret_on_the_right_token(bare):
    text = "find leads where status = Won and and rating = 3"
    done = bare.leadops("check", "-e", text, code=1)
    assert caret(done, text) == text.index("and rating"), done
    text = "find leads where status = Won; set rating = ; add action 1001"
    done = bare.leadops("check", "-e", text, code=1)
    assert text.index("= ;") < caret(done, text) <= text.index("; add"), done
    assert "expected a value" in done.err


def test_an_unreachable_host_is_unavailable(bare, server):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        bare.variables = {
            **server.environment(),
            "TELECRM_BASE_URL": f"http://127.0.0.1:{port}/autoupdate/v2",
        }
        done = bare.leadops("plan", "-e", WON, code=69)
    assert "127.0.0.1" in done.err
    assert done.out == ""


def test_a_base_url_without_its_prefix_is_told(bare, server):
    bare.variables = {**server.environment(), "TELECRM_BASE_URL": server.async_url}
    done = bare.leadops("plan", "-e", WON, code=None)
    assert done.code in (69, 78), done
    assert "autoupdate/v2" in done.err


def test_a_plain_http_host_beyond_this_machine_is_refused_before_any_call(bare, server):
    bare.variables = {**server.environment(), "TELECRM_BASE_URL": "http://crm.example.com/autoupdate/v2"}
    done = bare.leadops("plan", "-e", WON, code=78)
    assert "crm.example.com" in done.err


def test_an_unknown_verb_or_flag_is_a_usage_error(bare):
    done = bare.leadops("aply", code=64)
    assert "apply" in done.err
    done = bare.leadops("plan", "--sandbx", "-e", WON, code=64)
    assert "--sandbox" in done.err


def test_run_without_a_terminal_needs_yes(place, server):
    done = place.leadops("run", "-e", WON, code=64)
    assert "--yes" in done.err
    assert "leadops plan" in done.err
    assert not server.seen(writes=True)


def test_an_exceeded_belt_is_refused_whole_naming_belt_value_count_and_override(place, server):
    many = "find leads where status in [Fresh, Contacted, Qualified]; set rating = 5"
    count = sum(one.fields["status"] in ("Fresh", "Contacted", "Qualified") for one in server.world.alive())
    assert count == 24
    done = place.leadops("run", "--yes", "-e", many, code=4)
    for piece in ("belt leads", "the belt is 20", "24 leads", "--override-belt leads=24"):
        assert piece in " ".join((done.out + done.err).split()), done
    plan = place.plan("--max-leads", "10", "-e", many, code=4)
    assert not plan["appliable"]
    [refusal] = plan["refusals"]
    for piece in ("leads", "10", "24", "--override-belt leads=24"):
        assert piece in refusal, refusal
    plan = place.plan("--override-belt", "percent=60", "--reason", "agreed", "-e", many)
    assert not server.seen(writes=True)
    assert plan["appliable"]
    assert len(plan["steps"][0]["changes"]) == 24


def test_an_expectation_that_fails_refuses_the_run(place, server):
    done = place.leadops(
        "run", "--yes", "-e", "find leads where status = Won; expect at most 2 leads; set rating = 5", code=4
    )
    assert "8" in done.out + done.err
    assert not server.seen(writes=True)
