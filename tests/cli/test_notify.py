"""Messages: told after a run and of a failure, of a plan only when asked, and never at the cost of the run."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

FIND = 'find leads where status = Won and called by "agent@company.com" in April limit 3'


@pytest.fixture
def receiver(monkeypatch):
    """A webhook on this machine: ``url``, ``got`` (path, JSON) pairs, ``status`` to answer."""

    class Receiver(BaseHTTPRequestHandler):
        got: ClassVar[list[tuple[str, dict]]] = []
        status = 200

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            type(self).got.append((self.path, body))
            self.send_response(self.status)
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        Receiver.url = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("HOOK", f"{Receiver.url}/hook/very-secret")  # while there is one thread
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Receiver
        server.shutdown()


@pytest.fixture
def told(home, receiver):
    """Write a leadops.toml with targets; their address comes from the environment."""

    def write(*tables):
        tables = tables or ('[notify.sales]\nurl = { env = "HOOK" }',)
        (home / "leadops.toml").write_text("\n".join(tables))
        return receiver.got

    return write


def run(leadops, text, *more):
    return leadops("run", "--sandbox", "--yes", "-e", text, *more)


def test_a_run_tells_counts_and_the_playbooks_text_in_one_message(leadops, told):
    got = told()
    code, _, err = run(leadops, f'{FIND}; set rating = 1; notify "sales" with "Rated"')
    assert code == 0, err
    [(_, body)] = got
    assert body["event"] == "apply"
    assert body["messages"] == ["Rated"]
    assert (body["exit_code"], body["outcomes"]["changed"], body["sandbox"]) == (0, 3, True)


def test_a_text_that_names_the_lead_is_a_line_for_each_changed_lead_with_phones_masked(leadops, told):
    got = told()
    run(leadops, f'{FIND}; set rating = 1; notify "sales" with "{{{{ lead.name }}}} {{{{ lead.phone }}}}"')
    [(_, body)] = got
    assert len(body["messages"]) == 3
    assert all("•••" in line for line in body["messages"])


def test_a_target_may_be_shown_phones(leadops, told):
    got = told('[notify.sales]\nurl = { env = "HOOK" }\npii = "show"')
    run(leadops, f'{FIND}; set rating = 1; notify "sales" with "{{{{ lead.phone }}}}"')
    [(_, body)] = got
    assert all(line.isdigit() for line in body["messages"])


def test_only_leads_of_the_branch_are_told_about(leadops, told):
    got = told()
    run(leadops, f"{FIND}; set rating = 1")
    got.clear()
    text = 'find leads where rating = 1; set rating = 2; when status = Won { notify "sales" with "{{ lead.name }}" }'
    run(leadops, text, "--max-leads", "500")
    [(_, body)] = got
    assert 1 <= len(body["messages"]) < body["outcomes"]["changed"]


def test_a_run_that_changes_nothing_tells_nobody(leadops, told):
    got = told()
    text = f'{FIND.replace(" limit 3", "")}; set rating = 1; notify "sales" with "Rated"'
    run(leadops, text)
    got.clear()
    assert run(leadops, text)[0] == 0
    assert got == []


def test_a_step_that_only_notifies_tells_of_all_that_it_finds(leadops, told):
    got = told()
    assert run(leadops, f'{FIND}; notify "sales" with "{{{{ lead.name }}}} waits"')[0] == 0
    [(_, body)] = got
    assert len(body["messages"]) == 3


def test_a_plan_tells_only_when_asked_and_says_what_would_be_told(leadops, told):
    got = told()
    text = f'{FIND}; set rating = 1; notify "sales" with "Rated"'
    code, out, _ = leadops("plan", "--sandbox", "-e", text)
    assert (code, got) == (0, [])
    assert "“sales” is told: Rated" in out
    assert leadops("run", "--dry-run", "--sandbox", "-e", text)[0] == 0
    assert got == []
    assert leadops("plan", "--sandbox", "--notify", "-e", text)[0] == 0
    [(_, body)] = got
    assert body["event"] == "plan"
    assert body["messages"] == []
    assert body["totals"]["leads"] == 3


def test_a_failure_is_told_without_a_leads_data(leadops, told):
    got = told()
    code, _, _ = run(
        leadops, 'find leads where status = Won; expect every lead name = "Nobody"; set rating = 1'
    )
    assert code == 4
    [(_, body)] = got
    assert (body["event"], body["exit_code"]) == ("failure", 4)
    assert "Nobody" not in json.dumps(body)


def test_events_choose_what_a_target_hears(leadops, told):
    got = told('[notify.ops]\nurl = { env = "HOOK" }\non = ["failure"]')
    assert run(leadops, f"{FIND}; set rating = 1")[0] == 0
    assert got == []
    assert run(leadops, f"{FIND}; set rating = 2", "--max-leads", "1")[0] == 4
    assert [body["event"] for _, body in got] == ["failure"]


def test_no_notify_tells_nobody(leadops, told):
    got = told()
    run(leadops, f'{FIND}; set rating = 1; notify "sales" with "Rated"', "--no-notify")
    assert got == []


@pytest.mark.parametrize("trouble", ["status", "gone", "unset", "bad"])
def test_a_message_that_does_not_arrive_is_a_warning_and_nothing_more(
    leadops, told, receiver, monkeypatch, trouble
):
    told()
    if trouble == "status":
        monkeypatch.setattr(receiver, "status", 500)
    else:
        url = {"gone": "http://127.0.0.1:9/very-secret", "unset": "", "bad": "very-secret"}[trouble]
        monkeypatch.setenv("HOOK", url)
    code, out, err = run(leadops, f"{FIND}; set rating = 1")
    assert code == 0
    assert "changed 3" in out
    assert "warning: [notify.sales] was not told" in err
    assert "very-secret" not in out + err


def test_a_message_to_nobody_is_found_before_anything_is_searched(leadops, told):
    told()
    code, _, err = run(leadops, f'{FIND}; set rating = 1; notify "sale" with "Rated"')
    assert code == 1
    assert "did you mean “sales”" in err


def test_an_address_in_the_file_needs_trust_unless_it_is_this_machine(leadops, told, receiver):
    got = told(f'[notify.sales]\nurl = "{receiver.url}/x"')
    run(leadops, f"{FIND}; set rating = 1")
    assert len(got) == 1
    told('[notify.sales]\nurl = "https://hooks.example.com/very-secret"')
    code, _, err = run(leadops, f"{FIND}; set rating = 2")
    assert code == 0
    assert "leadops trust" in err
    assert "very-secret" not in err


def test_a_secret_reaches_the_receiver_and_nothing_else(leadops, told, home, monkeypatch):
    got = told()
    monkeypatch.setenv("LEADOPS_PARAM_KEY", "s3same-0pen")
    (home / "a.lead").write_text(
        f'param key: secret\n{FIND}\nset rating = 1\nnotify "sales" with "key {{{{ param.key }}}}"\n'
    )
    code, out, err = leadops("plan", "--sandbox", "a.lead", "-o", "plan.json", "--json-file", "p.json")
    assert code == 0, err
    code, more, err2 = leadops("apply", "--sandbox", "--yes", "plan.json")
    assert code == 0, err2
    assert [body["messages"] for _, body in got] == [["key s3same-0pen"]]
    assert "s3same" not in out + err + more + err2
    for path in home.rglob("*"):
        assert not path.is_file() or b"s3same" not in path.read_bytes()


def test_going_on_with_a_run_tells_nothing_twice(leadops, told):
    got = told('[notify.sales]\nurl = { env = "HOOK" }\non = []')
    text = f'{FIND.replace(" limit 3", "")}; canary 2 then confirm; set rating = 1; notify "sales" with "{{{{ lead.name }}}}"'
    code, _, err = run(leadops, text)
    first = got[0][1]["messages"]
    assert len(first) == 2, err
    got.clear()
    code, _, err = leadops("resume", "--sandbox", "--yes", "--confirm-canary", "last")
    assert code == 0, err
    [(_, body)] = got
    assert not set(first) & set(body["messages"])


def test_a_setting_that_does_not_exist_is_named_with_the_nearest(leadops, told):
    told('[notify.sales]\nurl = { env = "HOOK" }\nkinds = "slack"')
    code, _, err = run(leadops, f"{FIND}; set rating = 1")
    assert code == 78
    assert "did you mean “kind”" in err


def test_an_authors_mistake_is_told_to_nobody(leadops, told):
    got = told()
    for verb, text in (
        (("run", "--yes"), f"{FIND}; set ratng = 1"),
        (("plan", "--notify"), f"{FIND}; set ratng = 1"),
        (("run", "--yes", "-p", "x"), f"{FIND}; set rating = 1"),
        (("apply", "--yes", "nowhere.json"), None),
    ):
        code, _, err = leadops(*verb, "--sandbox", *(("-e", text) if text else ()))
        assert code in {1, 64}, err
    assert got == []
