"""`doctor` finds what does not work and says the way forward; its probe finds out whether a field can be cleared."""

import functools
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

import leadops.cli.session as sessions
from leadops.cli.sandboxes import open_world

LEAD = "find leads where company is present; allow full scan; limit 1"


def found(out):
    return {check["name"]: check for check in json.loads(out)["checks"]}


@pytest.fixture
def switched(monkeypatch):
    """Set switches of the sandbox."""

    def turn(**switches):
        monkeypatch.setattr(sessions, "open_world", functools.partial(open_world, switches=switches))

    return turn


@pytest.fixture
def lead(leadops):
    """The id of a lead with a company, and what it is."""
    _, out, _ = leadops(
        "plan", "--sandbox", "--format", "json", "-e", f"{LEAD}; set rating = 1; set company = x"
    )
    [change] = json.loads(out)["steps"][0]["changes"]
    return change["lead"]["id"], change["fields"]["company"]["before"]


def company(leadops, lead_id):
    _, out, _ = leadops(
        "plan", "--sandbox", "--format", "json", "-e", f'find lead "{lead_id}"; read timeline'
    )
    return json.loads(out)["steps"][0]["read"][0]["fields"]["company"]


def test_a_healthy_workspace_is_exit_0_with_every_check(leadops):
    code, out, err = leadops("doctor", "--sandbox", "--format", "json")
    assert code == 0, err
    checks = found(out)
    assert {
        "configuration", "sandbox", "state_folder", "lock", "journal", "token", "workspace", "clock", "search_ids",
        "page_size", "filters", "clear", "limits", "schema",
    } == set(checks)  # fmt: skip
    assert {check["verdict"] for check in checks.values()} == {"ok"}
    assert checks["search_ids"]["data"]["with_id"] == 100
    code, out, _ = leadops("doctor", "--sandbox")
    assert code == 0
    assert out.endswith("everything is as it should be\n")


def test_nothing_configured_is_a_finding_with_the_way_forward(leadops):
    code, out, _ = leadops("doctor")
    assert code == 1
    assert "FAIL  account" in out
    assert "leadops init" in out


def test_a_broken_settings_file_is_a_finding(leadops, home):
    (home / "leadops.toml").write_text("[profiles.main]\nratee = 3\n")
    code, out, _ = leadops("doctor", "--format", "json")
    assert code == 1
    assert "did you mean “rate”" in found(out)["configuration"]["says"]


def test_a_world_without_ids_in_rows_is_named_with_the_remedy(leadops, switched):
    switched(search_id="off")
    code, out, _ = leadops("doctor", "--sandbox", "--format", "json")
    check = found(out)["search_ids"]
    assert (code, check["verdict"]) == (0, "warn")
    assert "ids import" in check["help"]


def test_the_filters_that_playbooks_use_most_are_probed(leadops):
    _, out, _ = leadops("doctor", "--sandbox", "--format", "json")
    check = found(out)["filters"]
    assert check["verdict"] == "ok"
    verdicts = check["data"]["verdicts"]
    assert all(verdicts.values())
    assert {
        "field:phone:list", "field:status:list", "field:created_on:range", "field:modified_on:range", "actions:type",
        "actions:performed_by", "actions:performed_at",
    } <= set(verdicts)  # fmt: skip


def test_a_filter_that_is_ignored_is_named_with_what_to_do(leadops, switched):
    switched(modified_on_filter="ignored", custom_date_range="400")
    code, out, _ = leadops("doctor", "--sandbox")
    assert code == 0
    said = " ".join(out.partition("warn  filters")[2].partition(" clear ")[0].split())
    ignored, _, trusted = said.partition("; trusted: ")
    assert "modified_on (range)" in ignored
    assert "lead_date (range)" in ignored
    assert "created_on (range)" in trusted
    assert "costs more calls" in out


def test_a_schema_file_that_drifted_is_named(leadops, home):
    leadops("schema", "pull", "--sandbox")
    _, out, _ = leadops("doctor", "--sandbox", "--format", "json")
    assert found(out)["schema"]["data"]["same"] is True
    path = home / "leadops.schema.json"
    path.write_text(path.read_text().replace('"remarks"', '"remarkz"'))
    code, out, _ = leadops("doctor", "--sandbox", "--format", "json")
    check = found(out)["schema"]
    assert (code, check["verdict"]) == (0, "warn")
    assert "schema diff" in check["help"]
    path.write_text("{}")
    code, out, _ = leadops("doctor", "--sandbox", "--format", "json")
    assert (code, found(out)["schema"]["verdict"]) == (1, "fail")


def test_a_file_that_others_can_read_is_a_finding(leadops, home):
    leadops("doctor", "--sandbox")
    _, out, _ = leadops("doctor", "--sandbox", "--format", "json")
    folder = home.parent / "state" / found(out)["workspace"]["data"]["enterprise_id"]
    (folder / "notes.txt").write_text("x")
    (folder / "notes.txt").chmod(0o644)
    code, out, _ = leadops("doctor", "--sandbox", "--format", "json")
    assert code == 1
    assert "notes.txt" in found(out)["state_folder"]["says"]
    assert "chmod" in found(out)["state_folder"]["help"]


def test_a_message_without_an_address_is_named(leadops, home):
    (home / "leadops.toml").write_text('[notify.sales]\nurl = { env = "NOT_THERE" }\n')
    code, out, _ = leadops("doctor", "--sandbox", "--format", "json")
    assert code == 0
    assert "NOT_THERE is not set" in found(out)["notify"]["says"]


def test_a_refused_token_names_what_looks_alike(leadops, monkeypatch):
    class Refusing(BaseHTTPRequestHandler):
        def do_GET(self):
            body = b'{"error": {"code": "NOT_AUTHORIZED", "message": "invalid access token"}}'
            self.send_response(401)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        monkeypatch.setenv("TELECRM_ENTERPRISE_ID", "64f0c0ffee0000000000abcd")
        monkeypatch.setenv("TELECRM_SYNC_TOKEN", "c4nary-t0ken")
        monkeypatch.setenv("TELECRM_BASE_URL", f"http://127.0.0.1:{server.server_port}/autoupdate/v2")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        code, out, err = leadops("doctor")
        server.shutdown()
    assert code == 1
    assert "FAIL  token" in out
    assert "sync or async" in out
    assert "c4nary" not in out + err


@pytest.mark.parametrize(
    ("position", "how"), [("empty", "an empty text"), ("null", "null"), ("both", "an empty text")]
)
def test_the_probe_finds_what_clears_puts_the_value_back_and_clear_uses_it(
    leadops, switched, lead, position, how
):
    switched(clearing=position)
    lead_id, before = lead
    code, out, err = leadops("doctor", "--sandbox", "--probe-clear", lead_id, "--format", "json")
    assert code == 0, err
    assert how in found(out)["clear"]["says"]
    assert company(leadops, lead_id) == before
    _, out, _ = leadops("doctor", "--sandbox", "--format", "json")
    assert how in found(out)["clear"]["says"]
    code, out, err = leadops("run", "--sandbox", "--yes", "-e", f'find lead "{lead_id}"; clear company')
    assert (code, "changed 1" in out) == (0, True), err
    code, out, _ = leadops("plan", "--sandbox", "-e", f'find lead "{lead_id}"; clear company')
    assert "Nothing to change" in out


def test_where_nothing_clears_the_lead_keeps_its_value_and_clear_is_refused(leadops, switched, lead):
    switched(clearing="off")
    lead_id, before = lead
    code, out, _ = leadops("doctor", "--sandbox", "--probe-clear", lead_id, "--format", "json")
    assert code == 0
    assert "cannot clear" in found(out)["clear"]["says"]
    assert company(leadops, lead_id) == before
    code, out, _ = leadops("run", "--sandbox", "--yes", "-e", f'find lead "{lead_id}"; clear company')
    assert code == 4
    assert "keeps a field's value" in " ".join(out.split())


def test_clear_is_refused_by_name_while_nobody_knows(leadops, lead):
    lead_id, before = lead
    code, out, _ = leadops("run", "--sandbox", "--yes", "-e", f'find lead "{lead_id}"; clear company')
    assert code == 4
    assert "--probe-clear" in out
    assert company(leadops, lead_id) == before


def test_the_probe_takes_an_identifier_and_refuses_a_lead_that_is_not_there(leadops, switched):
    switched(clearing="null")
    _, out, _ = leadops("plan", "--sandbox", "--format", "json", "-e", f"{LEAD}; set company = x")
    phone = json.loads(out)["steps"][0]["changes"][0]["lead"]["identifier"]
    assert leadops("doctor", "--sandbox", "--probe-clear", phone)[0] == 0
    code, _, err = leadops("doctor", "--sandbox", "--probe-clear", "910000000000")
    assert code == 64
    assert "no lead has" in err


def test_a_probe_that_broke_off_is_remembered_until_somebody_has_looked(
    leadops, switched, lead, home, monkeypatch
):
    switched(clearing="null")
    lead_id, before = lead

    async def broken(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("leadops.cli.health.clearing._probe", broken)
        leadops("doctor", "--sandbox", "--probe-clear", lead_id)
    [left] = (home.parent / "state").rglob("probe-clear.json")
    assert json.loads(left.read_text())["value"] == before
    assert left.stat().st_mode & 0o077 == 0
    code, out, _ = leadops("doctor", "--sandbox", "--format", "json")
    assert code == 1
    assert lead_id in found(out)["clear_left"]["says"]
    assert leadops("doctor", "--sandbox", "--probe-clear", lead_id)[0] == 4
    left.unlink()
    assert leadops("doctor", "--sandbox", "--probe-clear", lead_id)[0] == 0
