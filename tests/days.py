"""Run the suites that depend on the date under other dates: ``python -m tests.days [SUITE …]``.

Under the first date every suite that meets a clock is run, under the others what turns on dates most; SUITEs that are
named are run under each.

Every process of a suite, the console scripts that tests start included, sees a clock that libfaketime has moved by a
constant, and a time zone of the machine that is not the playbook's. A moment below is local time of the zone beside it.
"""

import os
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

try:
    import libfaketime
except ModuleNotFoundError:
    sys.exit("the clock of a process can be moved on Linux only: libfaketime is not installed")

SUITES = ("tests/sandbox", "tests/docs", "tests/playbooks", "tests/examples", "tests/cli")
_LONG = ("tutorial", "how-to/reports", "how-to/recover")
"""Pages of which each command is run once only, at the year's end: they take as long as all others."""
_PAGE = "tests/docs/test_docs.py::test_every_console_block_prints_what_it_says[docs/{}.md]"
DATED = (
    "tests/docs",
    "tests/playbooks",
    *(f"tests/cli/test_{name}.py" for name in ("ids", "moved_clock", "report_effect", "run_report", "why")),
    *(f"--deselect={_PAGE.format(name)}" for name in _LONG),
)
"""What turns on dates most: periods in playbooks and pages, calls of the sandbox, ids that are written down."""
DAYS = (
    ("2026-12-31T23:50", "Asia/Kolkata", "Pacific/Auckland", SUITES),  # the year ends
    ("2027-02-28T00:00", "Asia/Kolkata", "America/New_York", DATED),  # a month's last day begins
    (
        "2027-03-14T01:45",
        "America/New_York",
        "America/New_York",
        DATED,
    ),  # an hour that does not exist follows
    ("2027-04-01T00:00", "Asia/Kolkata", "UTC", DATED),  # a month and a quarter begin
    ("2028-02-29T12:00", "Asia/Kolkata", "Pacific/Auckland", DATED),  # a leap day
    ("2029-10-28T02:30", "Europe/Berlin", "Europe/Berlin", DATED),  # an hour that comes twice, years from now
)
"""(moment, its zone, the machine's time zone, what is run)."""
LIBRARY = Path(libfaketime.__file__).parent / "vendor" / "libfaketime" / "src" / "libfaketime.so.1"


def environment(moment, zone, machine):
    """Return the environment of a process for which it is ``moment`` in ``zone`` now."""
    instant = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone)).timestamp()
    return {
        **os.environ,
        "LD_PRELOAD": str(LIBRARY),
        "FAKETIME": f"{instant - time.time():+.0f}",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_CACHE_DURATION": "86400",  # read once: a thread that read it while a test sets a variable would crash
        "TZ": machine,
    }


def main(named):
    """Run the suites (or those ``named``) under each date; return the exit code."""
    failed = []
    for *day, suites in DAYS:
        _say(f"── {' '.join(day)}")
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-n",
            "2",
            "-m",
            "not soak and not look",
            *(named or suites),
        ]
        started = time.monotonic()
        if subprocess.run(command, env=environment(*day), check=False).returncode:
            failed.append(day[0])
        _say(f"   {time.monotonic() - started:.0f} s")
    if failed:
        _say(f"failed on {', '.join(failed)}")
    return 1 if failed else 0


def _say(line):
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
