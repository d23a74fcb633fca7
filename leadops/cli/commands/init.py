"""``leadops init``: the first files of a project."""

import json
import shlex
import sys
from pathlib import Path

import click

from leadops.cli import completing
from leadops.cli.console import open_console
from leadops.cli.origin import requirement
from leadops.cli.packaged import packaged_text
from leadops.cli.projectfile import FILE
from leadops.cli.settings import DEFAULT_TIMEZONE
from leadops.core.errors import ConfigurationError, UsageError
from leadops.core.exit_codes import Exit
from leadops.core.time_zones import zone_advice, zone_of

_TOML = """\
# leadops: where this project works. Tokens never stand here; see docs/configuration.md.
default_profile = "main"

[profiles.main]
# enterprise_id = "…"                   # or TELECRM_ENTERPRISE_ID
token = {{ env = "TELECRM_SYNC_TOKEN" }}
timezone = "{timezone}"
country_code = "91"
rate = 3000                             # calls an hour, at most 3600
"""
_FIRST = """\
# Leads that were won and called by one agent in April: rate them and leave a note, once each.
find leads where status = Won and called by "agent@company.com" in April
set rating = 5
add action 1001 with note = "Thanks"
"""
_IGNORE = (".leadops/", "leadops.env")
"""What must never be committed: leads' data, and the token."""
_ENV = """\
# Read by nightly.sh; keep it private (chmod 600).
TELECRM_ENTERPRISE_ID=
TELECRM_SYNC_TOKEN=
"""
_WORKFLOW = ".github/workflows/leads.yml"
_UNKNOWN = 'LEADOPS: ""'
_SYSTEM = ("/usr/bin", "/bin")
"""Where cron looks for a command by itself."""


@click.command("init")
@click.argument("folder", default=".", shell_complete=completing.folders)
@click.option("--timezone", default=DEFAULT_TIMEZONE, help="Time zone of days and months (IANA name).")
def command(folder: str, timezone: str) -> int:
    """Write the first files of a project into FOLDER: leadops.toml, a playbook, a nightly script, a CI workflow.

    Nothing that exists is overwritten; an existing .gitignore gets the lines that it lacks.
    """
    console = open_console()
    root = Path(folder)
    if zone_of(timezone) is None:
        raise UsageError(f"there is no time zone “{timezone}”", zone_advice(timezone))
    above = _repository_above(root.resolve())
    comes_from = requirement(above or root)
    files = {
        FILE: _TOML.format(timezone=timezone),
        "nightly.lead": _FIRST,
        "nightly.sh": packaged_text("examples", "nightly.sh"),
        "leadops.env": _ENV + _path(),
        _WORKFLOW: packaged_text("examples", "github-workflow.yml")
        .replace("playbooks/nightly.lead", "nightly.lead")
        .replace("playbooks/**.lead", "**.lead")
        .replace(_UNKNOWN, f"LEADOPS: {json.dumps(comes_from)}"),
    }
    there = [name for name in (FILE, "nightly.lead") if (root / name).exists() or (root / name).is_symlink()]
    if (root / ".gitignore").is_symlink():
        raise ConfigurationError(
            ".gitignore is a symbolic link; nothing was written", "git reads no linked one"
        )
    if there:
        raise ConfigurationError(
            f"{' and '.join(there)} exist{'s' * (len(there) == 1)} already; nothing was written",
            "`leadops init FOLDER` makes a project in another folder",
        )
    root.mkdir(parents=True, exist_ok=True)
    console.note(f"{_ignore(root / '.gitignore')} .gitignore")
    for name, text in files.items():
        path = root / name
        if path.exists() or path.is_symlink():
            console.note(f"kept     {name}")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        path.chmod({"nightly.sh": 0o755, "leadops.env": 0o600}.get(name, 0o644))
        console.note(f"wrote    {name}")
    if above is not None:
        console.note(
            f"GitHub reads workflows in {above}/.github/workflows only: move leads.yml there,\n"
            f"and say `defaults: {{ run: {{ working-directory: {root.resolve().relative_to(above)} }} }}` in it"
        )
    if not comes_from:
        console.note(
            f"fill in LEADOPS in {_WORKFLOW}: where leadops comes from cannot be known here; without it the workflow fails"
        )
    console.result(_next(folder, root.resolve(), timezone))
    return int(Exit.DONE)


def _ignore(path: Path) -> str:
    """Make sure that git leaves out what is private, and say what was done to the file."""
    there = path.exists()
    text = path.read_text("utf-8", "surrogateescape") if there else ""
    lacks = [name for name in _IGNORE if name not in text.split()]
    if not lacks:
        return "kept    "
    if text and not text.endswith("\n"):
        text += "\n"
    path.write_text(text + "".join(f"{name}\n" for name in lacks), "utf-8", "surrogateescape")
    return "added to" if there else "wrote   "


def _repository_above(root: Path) -> Path | None:
    """Return the repository that the project is a folder of; None where it is one itself, or in none."""
    if (root / ".git").exists():
        return None
    return next((folder for folder in root.parents if (folder / ".git").exists()), None)


def _path() -> str:
    """Return the line that lets cron find leadops; empty where it does so by itself."""
    here = Path(sys.executable).parent
    if str(here) in _SYSTEM or not (here / "leadops").exists():
        return ""
    return f"PATH={shlex.quote(str(here))}:$PATH\n"


def _next(folder: str, root: Path, timezone: str) -> str:
    """Return what to type now, and the lines for cron and systemd, each quoted by the rules of who reads it."""
    script = str(root / "nightly.sh")
    cron = shlex.quote(script).replace("%", "\\%")
    unit = script.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    unit = f'"{unit}"' if any(char.isspace() for char in unit) else unit
    inside = "" if folder == "." else f"  cd {shlex.quote(folder)}\n"
    return (
        f"Next:\n{inside}"
        "  leadops check nightly.lead\n"
        "  leadops plan --sandbox nightly.lead\n"
        "  leadops run --sandbox nightly.lead\n"
        "Then put the account into leadops.env, and for every night (crontab -e):\n"
        f"  CRON_TZ={timezone}\n"
        f"  30 2 * * *  {cron}\n"
        "or as a systemd timer (leads.timer, leads.service):\n"
        f"  [Timer]\n  OnCalendar=*-*-* 02:30:00 {timezone}\n  Persistent=true\n"
        "  [Install]\n  WantedBy=timers.target\n\n"
        f"  [Service]\n  Type=oneshot\n  ExecStart={unit}\n  TimeoutStopSec=120"
    )
