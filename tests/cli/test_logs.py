"""Log lines: every call with -v, JSON only when asked, a log in the run's folder, and never a token anywhere."""

import base64
import json
import logging
import os
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import pytest

import leadops.cli.session as sessions
from leadops.cli import logs
from leadops.cli.sandboxes import open_world

TEXT = 'find leads where status = Won and called by "agent@company.com" in April limit 2; set rating = 1'
CANARY = "c4nary5e-0000:t0ken/9f"


@pytest.fixture(autouse=True)
def _as_before():
    yield
    logs.configure("text", 0)


def objects(err):
    return [json.loads(line) for line in err.splitlines()]


def test_without_v_no_call_is_logged(leadops):
    assert "call" not in leadops("plan", "--sandbox", "-e", TEXT)[2]


def test_v_logs_every_call_without_the_values_of_its_query(leadops):
    leadops("plan", "--sandbox", "-e", TEXT)
    code, out, err = leadops("plan", "--sandbox", "-v", "--format", "json", "-e", TEXT)
    assert code == 0
    calls = [line for line in err.splitlines() if " info call " in line]
    assert len(calls) == json.loads(out)["calls"]["reads"]
    assert any(
        "method=POST path=/lead/search?skip&limit ms=" in line and "status=200" in line for line in calls
    )
    assert "skip=" not in err


def test_json_makes_stderr_json_lines_only(leadops):
    code, _, err = leadops("run", "--sandbox", "--yes", "-v", "--log-format", "json", "-e", TEXT)
    assert code == 0
    found = objects(err)
    assert {tuple(one) for one in found} == {("ts", "level", "event", "fields")}
    events = [one["event"] for one in found]
    assert {"call", "note", "run began", "run ended"} <= set(events)
    [end] = [one for one in found if one["event"] == "run ended"]
    assert end["fields"]["outcomes"] == {"changed": 2}
    assert all(one["ts"].endswith("Z") for one in found)


def test_json_holds_for_findings_and_failures_too(leadops):
    code, _, err = leadops(
        "plan", "--sandbox", "--log-format", "json", "-e", "find leads where cityy = x; set y = 1"
    )
    assert code == 1
    assert objects(err)[-1]["level"] == "error"
    code, _, err = leadops("plan", "--log-format", "json", "-e", TEXT)
    assert code == 78
    assert all(one["fields"]["text"] for one in objects(err))


def test_a_later_command_is_not_bound_by_an_earlier_one(leadops):
    leadops("plan", "--sandbox", "--log-format", "json", "-vv", "-e", TEXT)
    _, _, err = leadops("plan", "-e", TEXT)
    assert err.startswith("error: no TeleCRM account")


def test_the_runs_folder_holds_its_log_whatever_stderr_shows(leadops, home):
    assert leadops("run", "--sandbox", "--yes", "-q", "-e", TEXT)[0] == 0
    [path] = (home / ".leadops").rglob("log.jsonl")
    assert path.stat().st_mode & 0o077 == 0
    events = [json.loads(line)["event"] for line in path.read_text().splitlines()]
    assert events[0] == "run began"
    assert events[-1] == "run ended"
    assert events.count("call") >= 2


def test_a_log_that_cannot_be_written_is_no_failure(tmp_path):
    (tmp_path / "log.jsonl").symlink_to("/dev/full")  # no link is followed: there is no log
    with logs.run_log(tmp_path):
        logs.event("run began")
    (tmp_path / "log.jsonl").unlink()
    number = os.open("/dev/full", os.O_WRONLY)
    handler = logs._attach(logs._File(number), "json")
    try:
        logs.event("run began")
        logs.event("run ended")
    finally:
        logs._detach(handler)
        os.close(number)
    assert handler.level > logging.CRITICAL


def test_forgetting_a_lead_takes_the_log_that_names_it(leadops, home):
    leadops("run", "--sandbox", "--yes", "-e", TEXT)
    [path] = (home / ".leadops").rglob("log.jsonl")
    [results] = (home / ".leadops").rglob("results.json")
    phone = json.loads(results.read_text())["changes"][0]["lead"]["identifier"]
    code, _, err = leadops("forget", "--sandbox", "--yes", phone)
    assert code == 0, err
    assert not path.exists()


@pytest.mark.parametrize("broken", ["\x1b[2J", "a\nb", "\u2028", '"}'])
def test_a_hostile_text_stays_one_line(leadops, capfd, broken):
    for form in ("text", "json"):
        logs.configure(form, 1)
        logs.event("call", path=f"/lead/{broken}")
        err = capfd.readouterr().err
        assert err.count("\n") == 1
        assert "\x1b" not in err


# ── the token ────────────────────────────────────────────────────────────────────────────────────


def everywhere(folder):
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def assert_absent(token, *texts):
    forms = [token, quote(token, safe=""), base64.b64encode(token.encode()).decode()]
    for text in texts:
        data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
        assert not [form for form in forms if form.encode() in data]


@pytest.fixture
def account(monkeypatch):
    """Configure an account with the canary, on an address of this machine."""

    def configure(port):
        monkeypatch.setenv("TELECRM_ENTERPRISE_ID", "64f0c0ffee0000000000abcd")
        monkeypatch.setenv("TELECRM_SYNC_TOKEN", CANARY)
        monkeypatch.setenv("TELECRM_ASYNC_TOKEN", f"{CANARY}-async")
        monkeypatch.setenv("TELECRM_BASE_URL", f"http://127.0.0.1:{port}/autoupdate/v2")

    return configure


COMMANDS = (
    ("plan", "-e", TEXT, "-o", "plan.json"),
    ("run", "--yes", "--no-input", "-e", TEXT),
    ("doctor",),
    ("schema", "pull"),
)


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one[0])
def test_the_token_stands_nowhere_when_all_goes_well(leadops, home, monkeypatch, command, form):
    worlds = []

    def opened(*arguments, **named):
        worlds.append(open_world(*arguments, **named))
        return worlds[-1]

    monkeypatch.setattr(sessions, "open_world", opened)
    code, out, err = leadops(*command, "--sandbox", "-vv", "--log-format", form)
    assert code == 0, err
    assert "call" in err
    state = home.parent / "state"
    ours = b"".join(
        path.read_bytes() for path in state.rglob("*") if path.is_file() and path.parent.name != "sandbox"
    )
    assert_absent(worlds[0].sync_token, out, err, everywhere(home), ours)


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one[0])
def test_the_token_stands_nowhere_when_the_service_refuses_and_repeats_it(
    leadops, home, account, command, form
):
    class Repeating(BaseHTTPRequestHandler):
        def do_GET(self):
            words = f"not authorised: {self.headers['authorization']} {CANARY} {self.path}"
            body = json.dumps({"error": {"code": "NOT_AUTHORIZED", "message": words}}).encode()
            self.send_response(401)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))  # unread, it would reset the connection
            self.do_GET()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Repeating) as server:
        account(server.server_port)  # while there is one thread
        threading.Thread(target=server.serve_forever, daemon=True).start()
        code, out, err = leadops(*command, "-vv", "--log-format", form)
        server.shutdown()
    assert code in {1, 77}
    assert "not authorised" in out + err
    assert_absent(CANARY, out, err, everywhere(home), everywhere(home.parent / "state"))


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one[0])
def test_the_token_stands_nowhere_when_the_network_fails(leadops, home, account, command, form):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    account(port)
    code, out, err = leadops(*command, "-vv", "--log-format", form)
    assert code in {1, 69}
    assert_absent(CANARY, out, err, everywhere(home), everywhere(home.parent / "state"))


def test_the_token_stands_not_even_in_the_trace_of_a_bug(leadops, account, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError(f"what is this: Bearer {CANARY}, {CANARY}")

    account(1)
    monkeypatch.setattr("leadops.cli.session.RollingHour", broken)
    monkeypatch.setattr("leadops.cli.session.RateBucket", broken)
    code, out, err = leadops("plan", "-vv", "-e", TEXT)
    assert code == 70
    assert "RuntimeError" in err
    assert_absent(CANARY, out, err)
