"""A folder that came from a stranger: nothing of it names addresses, tokens or commands, and none of its links leads out."""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from leadops.cli.projectfile import open_project
from leadops.cli.settings import load_settings
from leadops.cli.telling import address
from leadops.cli.trust import is_trusted, trust
from leadops.core.errors import ConfigurationError

WON = "find leads where status = Won limit 2; set rating = 2"


@pytest.fixture
def heard():
    """A receiver of messages on this machine, and what it was told."""
    told = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            told.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", told
        server.shutdown()


def _clone(home, source, *, mode=0o600, text="https://evil.example/hook"):
    (home / "leadops.toml").write_text(f'[notify.sales]\nurl = {source}\non = ["apply"]\n')
    (home / "hook").write_text(text)
    (home / "hook").chmod(mode)


SOURCES = {
    "a file": '{ file = "hook" }',
    "a file by dots": '{ file = "playbooks/../hook" }',
    "a file by its whole path": '{ file = "HOME/hook" }',
    "the address": '"https://evil.example/hook"',
    "a command": '{ command = ["cat", "hook"] }',
}


@pytest.mark.parametrize("mode", [0o600, 0o400])
@pytest.mark.parametrize("kind", SOURCES)
def test_an_address_that_the_project_names_needs_trust_whatever_its_mode(home, kind, mode):
    _clone(home, SOURCES[kind].replace("HOME", str(home)), mode=mode)
    settings = load_settings()
    with pytest.raises(ConfigurationError, match=r"trust"):
        address(settings.notify["sales"], settings)
    trust(settings.state, open_project(home / "leadops.toml"))
    settings = load_settings()
    assert address(settings.notify["sales"], settings) == "https://evil.example/hook"


def test_trust_ends_when_a_file_that_is_named_changes(home):
    _clone(home, '{ file = "hook" }')
    state = load_settings().state
    trust(state, open_project(home / "leadops.toml"))
    assert load_settings().file_trusted
    (home / "hook").write_text("https://other.example/hook")
    assert not load_settings().file_trusted
    assert not is_trusted(state, open_project(home / "leadops.toml"))


def test_trust_ends_when_the_script_of_a_command_changes(home):
    (home / "token.sh").write_text("echo one")
    (home / "leadops.toml").write_text('[profiles.default]\ntoken = { command = "sh token.sh" }\n')
    state = load_settings().state
    trust(state, open_project(home / "leadops.toml"))
    assert load_settings().token.reveal() == "one"
    (home / "token.sh").write_text("echo two")
    with pytest.raises(ConfigurationError, match="not trusted"):
        _ = load_settings().token


def test_a_file_of_the_users_own_needs_no_trust(home):
    _clone(home, '{ file = "../mine" }')
    (home.parent / "mine").write_text("https://mine.example/hook")
    (home.parent / "mine").chmod(0o600)
    settings = load_settings()
    assert address(settings.notify["sales"], settings) == "https://mine.example/hook"


def test_a_link_of_the_users_own_into_the_project_is_the_projects_text(home):
    _clone(home, '{ file = "../mine" }')
    (home.parent / "mine").symlink_to(home / "hook")
    settings = load_settings()
    with pytest.raises(ConfigurationError, match="trust"):
        address(settings.notify["sales"], settings)


def test_nothing_is_sent_to_an_address_in_a_file_of_the_clone(leadops, home, heard):
    url, told = heard
    _clone(home, '{ file = "hook" }', text=url)
    code, _, err = leadops("run", "--sandbox", "--yes", "-e", WON)
    assert (code, told) == (0, [])
    assert "not trusted" in err
    assert leadops("trust", "--yes")[0] == 0
    assert leadops("run", "--sandbox", "--yes", "-e", WON.replace("2;", "3;"))[0] == 0
    assert len(told) == 1


@pytest.mark.timeout(20)
def test_a_pipe_in_the_place_of_a_token_is_not_waited_for(home):
    os.mkfifo(home / "pipe")
    (home / "leadops.toml").write_text('[profiles.default]\ntoken = { file = "../pipe" }\n')
    os.mkfifo(home.parent / "pipe")
    with pytest.raises(ConfigurationError, match="regular"):
        _ = load_settings().token


def test_a_linked_leadops_toml_is_not_taken_for_the_one_that_was_trusted(home, tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "leadops.toml").write_text('[profiles.default]\ntoken = { command = "sh token.sh" }\n')
    trust(load_settings().state, open_project(mine / "leadops.toml"))
    (home / "token.sh").write_text("touch ran; echo secret")
    (home / "leadops.toml").symlink_to(mine / "leadops.toml")
    with pytest.raises(ConfigurationError, match="symbolic link"):
        load_settings()
    assert not (home / "ran").exists()


PLACES = {
    "include": ('include "x/stolen.txt"\n' + WON, 1),
    "csv": ('for each row in csv "x/stolen.txt" { match lead by phone = row.phone }; set rating = 2', 1),
    "using": (WON + '\nreport to "out.md" using "x/stolen.txt"', 64),
    "report to": (WON + '\nreport to "x/out.md"', 64),
}


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize("link", ["folder", "file"])
def test_no_link_of_the_project_is_followed(leadops, home, tmp_path, kind, link):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "stolen.txt").write_text("SECRET")
    if link == "folder":
        (home / "x").symlink_to(outside)
    else:
        (home / "x").mkdir()
        (home / "x" / "stolen.txt").symlink_to(outside / "stolen.txt")
        (home / "x" / "out.md").symlink_to(outside / "out.md")
    text, code = PLACES[kind]
    (home / "p.lead").write_text(text)
    done = leadops("run", "--sandbox", "--yes", "p.lead")
    assert done[0] == code, done
    assert "symbolic link" in done[2]
    assert "SECRET" not in done[1] + done[2]
    assert not (outside / "out.md").exists()


def test_a_template_of_the_project_is_read_by_no_link_and_one_of_the_user_is(leadops, home, tmp_path):
    assert leadops("run", "--sandbox", "--yes", "-e", WON)[0] == 0
    (home / "leadops.toml").write_text("")
    (tmp_path / "mine.md.j2").write_text("{{ title }} mine")
    (home / "linked.md.j2").symlink_to(tmp_path / "mine.md.j2")
    code, out, err = leadops("report", "--template", "linked.md.j2")
    assert (code, out) == (64, "")
    assert "symbolic link" in err
    assert "mine" in leadops("report", "--template", tmp_path / "mine.md.j2")[1]


@pytest.mark.timeout(20)
def test_a_pipe_in_the_place_of_a_csv_is_not_waited_for(leadops, home):
    os.mkfifo(home / "people.csv")
    line = 'for each row in csv "people.csv" { match lead by phone = row.phone }; set rating = 2'
    code, _, err = leadops("check", "--sandbox", "-e", line)
    assert code == 1
    assert "regular file" in err
