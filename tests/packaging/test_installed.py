"""The wheel with the source out of reach, and the editable install: both find the grammar and do the main job."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.clock import CLOCK

ROOT = Path(__file__).resolve().parents[2]
LINE = (
    "find leads where status=Won and called by agent@company.com in April; "
    'set rating 5; add action 1001 note "Thanks"'
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A fresh environment that holds the wheel; its dependencies come from ours, our source does not."""
    home = tmp_path_factory.mktemp("env")
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin" / "python"
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index",
         "--disable-pip-version-check", str(wheel)],
        check=True,
    )  # fmt: skip
    site = next((home / "lib").glob("python3*/site-packages"))
    # A path line adds our site-packages without reading the .pth files in it: the editable install stays unseen.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home


def _run(home, arguments, folder):
    return subprocess.run(
        [str(home / "bin" / "leadops"), *arguments],
        cwd=folder,
        env={**CLOCK, "PATH": os.defpath, "HOME": str(folder), "LEADOPS_STATE": str(folder / "state")},
        capture_output=True,
        text=True,
    )


def test_the_wheel_holds_the_grammar_and_the_templates(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert "leadops/syntax/grammar/leadops.lark" in names
    assert any(name.startswith("leadops/report/templates/") for name in names)
    assert "leadops/py.typed" in names
    assert not [name for name in names if name.startswith(("tests/", "docs/"))]


def test_the_wheel_does_the_main_job_without_the_source(installed, tmp_path):
    where = subprocess.run(
        [str(installed / "bin" / "python"), "-c", "import leadops; print(leadops.__file__)"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert str(installed) in where
    done = _run(installed, ["run", "--sandbox", "--yes", "-e", LINE], tmp_path)
    assert done.returncode == 0, done.stderr
    again = _run(installed, ["plan", "--sandbox", "--detailed-exitcode", "-e", LINE], tmp_path)
    assert again.returncode == 0, again.stdout + again.stderr


def test_the_editable_install_finds_the_grammar_of_the_checkout(tmp_path):
    assert not (ROOT / "leadops" / "syntax" / "leadops.lark").exists(), "grammar/ holds the only copy"
    done = subprocess.run(
        [str(Path(sys.executable).with_name("leadops")), "check", "-e", LINE],
        cwd=tmp_path,
        env={**CLOCK, "PATH": os.defpath, "HOME": str(tmp_path), "LEADOPS_STATE": str(tmp_path / "state")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
