"""A new project: what init prints works as printed, and what is private stays out of git."""

import json
import re
import shlex
import subprocess

import pytest
import yaml

from leadops.cli import origin


def _commands(out):
    return [line.strip() for line in out.partition("Then")[0].splitlines() if line.startswith("  leadops ")]


def test_the_commands_that_it_prints_reach_a_plan_without_an_account(leadops, home):
    code, out, _ = leadops("init")
    assert code == 0
    check, plan, run = _commands(out)
    assert leadops(*shlex.split(check)[1:])[0] == 0
    code, shown, _ = leadops(*shlex.split(plan)[1:])
    assert code == 0
    assert "leads to change" in shown
    assert leadops(*shlex.split(run)[1:], "--yes")[0] == 0
    assert leadops("runs", "--sandbox")[0] == 0


def test_an_existing_gitignore_gets_the_lines_that_keep_the_token_out(leadops, home):
    (home / ".gitignore").write_text("build")
    assert leadops("init")[0] == 0
    assert (home / ".gitignore").read_text() == "build\n.leadops/\nleadops.env\n"
    (home / "leadops.toml").unlink()
    (home / "nightly.lead").unlink()
    assert leadops("init")[0] == 0
    assert (home / ".gitignore").read_text() == "build\n.leadops/\nleadops.env\n"


@pytest.mark.parametrize("name", [".gitignore", "leadops.toml", "nightly.lead", "nightly.sh", "leadops.env"])
def test_nothing_is_written_through_a_link(leadops, home, tmp_path, name):
    """A folder may come from a stranger's clone: a link in it, dangling or not, leads elsewhere."""
    for target in (tmp_path / "there", tmp_path / "nowhere"):
        (tmp_path / "there").write_text("kept")
        (home / name).unlink(missing_ok=True)
        (home / name).symlink_to(target)
        leadops("init")
        assert (tmp_path / "there").read_text() == "kept"
        assert not (tmp_path / "nowhere").exists()


def test_a_zone_that_does_not_exist_is_refused_before_anything_is_written(leadops, home):
    code, _, err = leadops("init", "--timezone", "Asia/Kolkatta")
    assert code == 64
    assert "“Asia/Kolkata”" in err
    assert not (home / "leadops.toml").exists()


def test_an_existing_project_is_left_alone_with_the_way_out(leadops, home):
    (home / "leadops.toml").write_text("")
    code, _, err = leadops("init")
    assert code == 78
    assert "leadops init FOLDER" in err
    assert not (home / "nightly.lead").exists()


def test_a_folder_of_a_repository_is_told_where_github_looks(leadops, home):
    code, _, err = leadops("init", "leads/dubai")
    assert code == 0
    assert f"{home}/.github/workflows" in err
    assert "working-directory: leads/dubai" in err


@pytest.mark.parametrize("name", ["plain", "with blanks", "100% 'quoted'"])
def test_the_lines_for_cron_start_the_script_whatever_its_folder_is_called(leadops, home, name):
    code, out, _ = leadops("init", name)
    assert code == 0
    (home / name / "nightly.sh").write_text("#!/bin/sh\n. ./leadops.env; command -v leadops\n")
    line = next(line for line in out.splitlines() if "30 2 * * *" in line)
    command = line.partition("30 2 * * *")[2].replace("\\%", "%")  # what cron hands to the shell
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=home / name,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done
    assert done.stdout.strip().endswith("/leadops")


def _came_from(monkeypatch, told):
    class Installed:
        def read_text(self, name):
            assert name == "direct_url.json"
            return told if told is None or isinstance(told, str) else json.dumps(told)

    monkeypatch.setattr(origin, "distribution", lambda _: Installed())


COMMIT = "4f1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f7a8b9c"
KNOWN = {
    "a commit": (
        {
            "url": "https://git.example.org/sales/leadops.git",
            "vcs_info": {"vcs": "git", "commit_id": COMMIT, "requested_revision": "main"},
        },
        f"git+https://git.example.org/sales/leadops.git@{COMMIT}",
    ),
    "a commit, with somebody's password in the address": (
        {
            "url": "https://me:secret@git.example.org/leadops",
            "vcs_info": {"vcs": "git", "commit_id": COMMIT},
            "subdirectory": "tools",
        },
        f"git+https://git.example.org/leadops@{COMMIT}#subdirectory=tools",
    ),
    "an archive with its hash": (
        {
            "url": "https://files.example.org/leadops-0.1.0-py3-none-any.whl",
            "archive_info": {"hashes": {"sha256": "ab12"}},
        },
        "https://files.example.org/leadops-0.1.0-py3-none-any.whl#sha256=ab12",
    ),
    "an archive with its hash, as older pips wrote it": (
        {"url": "https://files.example.org/leadops.whl", "archive_info": {"hash": "sha256=ab12"}},
        "https://files.example.org/leadops.whl#sha256=ab12",
    ),
    "a wheel in the project": (
        {"url": "file://HOME/vendor/leadops%2B1.whl", "archive_info": {}},
        "./vendor/leadops+1.whl",
    ),
    "a folder in the project": ({"url": "file://HOME/leadops", "dir_info": {"editable": True}}, "./leadops"),
}
UNKNOWN = {
    "nothing told": None,
    "no JSON": "{",
    "a list": [],
    "an index": {},
    "a folder of this machine": {"url": "file:///srv/leadops", "dir_info": {}},
    "a wheel of this machine": {
        "url": "file:///srv/leadops.whl",
        "archive_info": {"hashes": {"sha256": "ab12"}},
    },
    "an archive that may change": {"url": "https://files.example.org/leadops.whl", "archive_info": {}},
    "a branch": {
        "url": "https://git.example.org/leadops",
        "vcs_info": {"vcs": "git", "requested_revision": "main"},
    },
}


def _workflow(home):
    return yaml.safe_load((home / ".github" / "workflows" / "leads.yml").read_text())


@pytest.mark.parametrize("kind", KNOWN)
def test_the_workflow_installs_from_where_this_leadops_came_from(leadops, home, monkeypatch, kind):
    told, expected = KNOWN[kind]
    _came_from(monkeypatch, json.dumps(told).replace("HOME", str(home)))
    code, _, err = leadops("init")
    assert code == 0
    assert _workflow(home)["env"]["LEADOPS"] == expected
    assert "LEADOPS" not in err


@pytest.mark.parametrize("kind", UNKNOWN)
def test_where_nobody_can_know_it_the_place_stays_empty_and_init_says_so(leadops, home, monkeypatch, kind):
    _came_from(monkeypatch, UNKNOWN[kind])
    code, _, err = leadops("init")
    assert code == 0
    assert _workflow(home)["env"]["LEADOPS"] == ""
    assert "fill in LEADOPS" in err


def test_nothing_that_init_writes_is_installed_by_a_name_or_moves(leadops, home):
    assert leadops("init")[0] == 0
    for path in (path for path in home.rglob("*") if path.is_file()):
        text = path.read_text()
        assert "leadops==" not in text
        assert "pypi" not in text
        assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", used) for used in re.findall(r"uses: *(\S+)", text))
