"""A new project: what init prints works as printed, and what is private stays out of git."""

import shlex
import subprocess

import pytest


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
