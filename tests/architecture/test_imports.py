"""What a start imports is part of the product: cron and completion pay for it at every call."""

import importlib
import json
import pkgutil
import subprocess
import sys

import pytest

import leadops.cli.commands
from leadops.cli.verbs import VERBS

HEAVY = {"httpx", "jinja2", "lark", "pydantic", "rich", "sqlite3", "starlette", "uvicorn"}


def _imported_by(arguments, tmp_path):
    script = (
        "import sys, json\n"
        "from leadops.cli.main import run\n"
        f"code = run({arguments!r})\n"
        "print(json.dumps([code, sorted(m for m in sys.modules if '.' not in m)]), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "LEADOPS_STATE": str(tmp_path / "state"), "PATH": ""},
    )
    code, modules = json.loads(done.stderr.splitlines()[-1])
    return code, set(modules)


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["version"]])
def test_version_and_help_import_nothing_but_click(arguments, tmp_path):
    code, modules = _imported_by(arguments, tmp_path)
    assert code == 0
    assert not modules & HEAVY


def test_check_imports_no_http_client_template_engine_or_terminal_library(tmp_path):
    code, modules = _imported_by(["check", "-e", "find leads where status = Won; set rating 5"], tmp_path)
    assert code == 0
    assert not modules & {"httpx", "jinja2", "rich", "starlette", "uvicorn"}


def test_the_table_of_verbs_is_the_folder_of_commands():
    modules = {f"leadops.cli.commands.{m.name}" for m in pkgutil.iter_modules(leadops.cli.commands.__path__)}
    assert modules == {verb.module for verb in VERBS.values()}
    for name, verb in VERBS.items():
        assert importlib.import_module(verb.module).command.name == name


def test_python_m_leadops_is_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "leadops", "frobnicate"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 64
    assert "leadops --help" in done.stderr
