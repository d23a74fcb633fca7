"""What can be seen on this machine: settings, hosts, messages' addresses, the state folder, lock and journal."""

import os
import shutil
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

from leadops.cli.health.check import Check, Verdict
from leadops.cli.projectfile import FILE
from leadops.cli.settings import SYNC_BASE_URL, Settings, project_file, require_account
from leadops.cli.telling import address
from leadops.core.clock import Clock
from leadops.core.errors import ConfigurationError
from leadops.core.time_zones import zone_advice, zone_of
from leadops.crm.connection import is_loopback, origin_of
from leadops.model.journal import RunState
from leadops.state.journal_reading import JournalReading
from leadops.state.lock import Holder, WorkspaceLock
from leadops.state.marks import marks_below

_ENOUGH = 50 * 1024 * 1024
"""Bytes that must be free for journal and run folders."""


def configuration(settings: Settings) -> Iterator[Check]:
    """Yield where the settings come from, the token's source, the host, and the messages' addresses."""
    path = project_file(Path.cwd().resolve())
    file = f"{FILE}, profile “{settings.profile}”" if path else f"the environment; there is no {FILE}"
    trusted = " (trusted)" if settings.file_trusted else ""
    yield Check("configuration", Verdict.OK, f"{file}{trusted}", data={"file": path is not None})
    if settings.timezone is not None and zone_of(settings.timezone) is None:
        yield Check(
            "timezone",
            Verdict.FAIL,
            f"there is no time zone “{settings.timezone}”",
            zone_advice(settings.timezone),
        )
    if settings.sandbox:
        yield Check("sandbox", Verdict.OK, "the embedded sandbox: no account is used", data={"sandbox": True})
        return
    yield _account(settings)
    yield _host(settings)


def messages(settings: Settings) -> Iterator[Check]:
    """Yield whether each ``[notify]`` target has an address; nothing is sent."""
    for name, target in settings.notify.items():
        try:
            address(target, settings)
        except ConfigurationError as error:
            yield Check(
                "notify", Verdict.WARN, f"[notify.{name}] cannot be told: {error.message}", error.help
            )
        else:
            events = ", ".join(target.on) or "texts of playbooks only"
            yield Check("notify", Verdict.OK, f"[notify.{name}] ({target.kind}) is told of {events}")


def _account(settings: Settings) -> Check:
    try:
        require_account(settings)
        same = settings.async_token is not None and settings.async_token == settings.token
    except ConfigurationError as error:
        return Check("account", Verdict.FAIL, error.message, error.help)
    if same:
        return Check(
            "account",
            Verdict.FAIL,
            "the same text is configured as the sync and as the async token",
            "they are two kinds: the API token screen makes one of each",
        )
    set_here = os.environ.get("TELECRM_SYNC_TOKEN", "").strip()
    where = "TELECRM_SYNC_TOKEN" if set_here else f"the source in {FILE}"
    lane = "" if settings.async_token else "; no async token (only `lane async` needs one)"
    return Check("account", Verdict.OK, f"the token comes from {where}{lane}", data={"source": where})


def _host(settings: Settings) -> Check:
    try:
        scheme, host, port = origin_of(settings.base_url)
    except ConfigurationError as error:
        return Check("host", Verdict.FAIL, error.message, error.help)
    shown = f"{scheme}://{host}" + ("" if port in {80, 443} else f":{port}")
    data = {"base_url": settings.base_url}
    if settings.base_url == SYNC_BASE_URL:
        return Check("host", Verdict.OK, f"{shown}, TeleCRM's own", data=data)
    if is_loopback(host):
        return Check("host", Verdict.OK, f"{shown}, this machine", data=data)
    help_text = "" if settings.base_url.endswith("/autoupdate/v2") else "TeleCRM's own ends in /autoupdate/v2"
    return Check("host", Verdict.WARN, f"{shown}, not the default address", help_text, data)


def folder(home: Path) -> Iterator[Check]:
    """Yield the state folder's permissions and room."""
    try:
        info = home.lstat()
        free = shutil.disk_usage(home).free
    except OSError as error:
        yield Check("state_folder", Verdict.FAIL, f"{home}: {error.strerror}", "--state names another folder")
        return
    open_to = stat.S_IMODE(info.st_mode) & 0o077
    loose = [
        path.name
        for path in sorted(home.iterdir())
        if path.is_file() and stat.S_IMODE(path.lstat().st_mode) & 0o077
    ]
    data = {"path": str(home), "free_bytes": free}
    if open_to or loose or info.st_uid != os.getuid():
        what = f"files others can read: {', '.join(loose)}" if loose else "others can enter it, or own it"
        yield Check("state_folder", Verdict.FAIL, f"{home}: {what}", f"chmod -R go= {home}", data)
    elif not os.access(home, os.W_OK):
        yield Check("state_folder", Verdict.FAIL, f"{home} cannot be written", "--state names another", data)
    elif free < _ENOUGH:
        yield Check(
            "state_folder", Verdict.FAIL, f"{home}: {free // 1024**2} MiB are free",
            "a run that cannot write its journal stops: make room", data,
        )  # fmt: skip
    else:
        size = sum(path.lstat().st_size for path in home.rglob("*") if path.is_file())
        yield Check(
            "state_folder", Verdict.OK,
            f"{home}, private, {size // 1024:,} KiB, {free // 1024**2:,} MiB free", data=data,
        )  # fmt: skip


def lock(home: Path, clock: Clock) -> Check:
    """Return who holds the workspace's lock; it is not touched."""
    try:
        lock = WorkspaceLock(home / "lock.db", Holder(pid=os.getpid(), host=socket.gethostname()), clock)
        if not lock.at_work():
            return Check("lock", Verdict.OK, "no runner is at work")
    except ConfigurationError as error:
        return Check("lock", Verdict.FAIL, error.message, error.help)
    holder = lock.holder()
    return Check(
        "lock",
        Verdict.WARN,
        f"another runner works on this workspace{f': {holder}' if holder else ''}",
        "a plan can be made meanwhile; a run waits or ends with 6",
    )


def journal(journal: JournalReading) -> Iterator[Check]:
    """Yield whether the journal is as it was written, and which runs did not end."""
    damage = list(journal.audit())
    runs = list(journal.runs())
    data = {"runs": len(runs), "damaged_rows": len(damage)}
    if damage:
        first = damage[0]
        yield Check(
            "journal",
            Verdict.FAIL,
            f"{len(damage)} rows are not as they were written; the first: {first.table} {first.row}: {first.message}",
            "move journal.db away: without it every append is first looked for on its lead's timeline.\n"
            "A backup knows less than the runs since it was made",
            data,
        )
    else:
        yield Check("journal", Verdict.OK, f"{len(runs)} runs, every row as it was written", data=data)
    unfinished = [run for run in runs if run.state is not RunState.DONE]
    if unfinished:
        names = ", ".join(run.id for run in unfinished[:3])
        yield Check(
            "unfinished_runs", Verdict.WARN, f"{len(unfinished)}: {names}",
            f"`leadops resume {unfinished[0].id}` goes on, with --abandon it is given up",
            {"runs": [run.id for run in unfinished]},
        )  # fmt: skip


def marks(journal: JournalReading, root: Path, workspace: str) -> Iterator[Check]:
    """Yield whether the journal knows all that the project's run folders were told by one."""
    foreign = [mark for mark in marks_below(root, workspace) if not journal.holds(mark)]
    if foreign:
        what = (
            "a run folder tells of a history"
            if len(foreign) == 1
            else f"{len(foreign)} run folders tell of a history"
        )
        yield Check(
            "journal_age",
            Verdict.WARN,
            f"{what} that this journal does not hold: it was put back from an older copy, or is another's",
            f"each append is first looked for on its lead's timeline, one call each; delete the folders below {root}\n"
            "that are not needed any more to end this",
            {"folders": len(foreign)},
        )
