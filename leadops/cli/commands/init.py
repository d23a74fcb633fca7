"""``leadops init``: the first files of a project."""

from pathlib import Path

import click

from leadops.cli.console import open_console
from leadops.cli.packaged import packaged_text
from leadops.cli.projectfile import FILE
from leadops.cli.settings import DEFAULT_TIMEZONE
from leadops.core.errors import ConfigurationError
from leadops.core.exits import Exit

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
_IGNORE = ".leadops/\nleadops.env\n"
_ENV = """\
# Read by nightly.sh; keep it private (chmod 600).
TELECRM_ENTERPRISE_ID=
TELECRM_SYNC_TOKEN=
"""


@click.command("init")
@click.argument("folder", default=".")
@click.option("--timezone", default=DEFAULT_TIMEZONE, help="Time zone of days and months (IANA name).")
def command(folder: str, timezone: str) -> int:
    """Write the first files of a project into FOLDER: leadops.toml, a playbook, a nightly script, a CI workflow.

    Nothing that exists is overwritten.
    """
    console = open_console()
    root = Path(folder)
    files = {
        FILE: _TOML.format(timezone=timezone),
        "nightly.lead": _FIRST,
        "nightly.sh": packaged_text("examples", "nightly.sh"),
        "leadops.env": _ENV,
        ".gitignore": _IGNORE,
        ".github/workflows/leads.yml": packaged_text("examples", "github-workflow.yml")
        .replace("playbooks/nightly.lead", "nightly.lead")
        .replace("playbooks/**.lead", "**.lead"),
    }
    there = [name for name in (FILE, "nightly.lead") if (root / name).exists()]
    if there:
        raise ConfigurationError(
            f"{' and '.join(there)} exist{'s' * (len(there) == 1)} already; nothing was written"
        )
    for name, text in files.items():
        path = root / name
        if path.exists():
            console.note(f"kept     {name}")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        path.chmod({"nightly.sh": 0o755, "leadops.env": 0o600}.get(name, 0o644))
        console.note(f"wrote    {name}")
    inside = "" if folder == "." else f"cd {folder}\n  "
    where = root.resolve()
    console.result(
        f"Next:\n  {inside}leadops check nightly.lead\n"
        "  leadops plan --sandbox nightly.lead\n"
        "  leadops run --sandbox nightly.lead\n"
        "Then put the account into leadops.env, and for every night (crontab -e):\n"
        f"  CRON_TZ={timezone}\n"
        f"  30 2 * * *  {where}/nightly.sh\n"
        "or as a systemd timer:\n"
        f"  [Timer]\n  OnCalendar=*-*-* 02:30:00 {timezone}\n  [Service]\n  ExecStart={where}/nightly.sh"
    )
    return int(Exit.DONE)
