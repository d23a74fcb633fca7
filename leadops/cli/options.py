"""The flags, each defined once, so that they mean the same in every verb."""

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from leadops.cli import completing, logs

F = TypeVar("F", bound=Callable[..., Any])


def duration(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Refuse what is no time before anything begins."""
    if value is not None:
        from leadops.cli.settings import seconds  # noqa: PLC0415 (only where one is given)
        from leadops.core.errors import ConfigurationError  # noqa: PLC0415 (as above)

        try:
            seconds(value)
        except ConfigurationError as error:
            raise click.BadParameter(f"{error.message}; {error.help}", ctx, param) from None
    return value


def filled(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Refuse a flag that came out empty, as from a variable that is not set: it would read as if it were not there."""
    if value is not None and not value.strip():
        raise click.BadParameter("it is empty; leave the flag out, or fill it in", ctx, param)
    return value


def written(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Refuse a file that could not be written in the end, perhaps after an hour, before anything begins."""
    if value is not None and (reason := _unwritable(value)):
        raise click.BadParameter(reason, ctx, param)
    return value


def _unwritable(value: str) -> str:
    from leadops.state.outputs import is_stream  # noqa: PLC0415 (only where one is given)

    path = Path(value)
    if not value.strip():
        return "the name is empty"
    if path.is_dir():
        return f"{value} is a folder"
    if not path.parent.is_dir():
        return f"there is no folder {path.parent}"
    stream = is_stream(path)
    if path.is_symlink() and not stream:
        return f"{value} is a symbolic link; name the file itself"
    # A file is replaced as a whole, which its folder must allow.
    if not os.access(path if stream else path.parent, os.W_OK) or (
        path.exists() and not os.access(path, os.W_OK)
    ):
        return f"{value} cannot be written"
    return ""


def _read(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Refuse a file that could not be read in the end before anything begins."""
    if value is not None and not Path(value).is_file():
        raise click.BadParameter(f"there is no file {value}", ctx, param)
    if value is not None and not os.access(value, os.R_OK):
        raise click.BadParameter(f"{value} cannot be read", ctx, param)
    return value


def group(*decorators: Callable[[F], F]) -> Callable[[F], F]:
    """Return one decorator that applies all of ``decorators``, the first one outermost."""

    def apply(function: F) -> F:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return apply


place = group(
    click.option(
        "--profile",
        callback=filled,
        metavar="NAME",
        shell_complete=completing.profiles,
        help="Profile of leadops.toml (or LEADOPS_PROFILE).",
    ),
    click.option("--sandbox", is_flag=True, help="Work on the embedded sandbox instead of an account."),
    click.option(
        "--state",
        callback=filled,
        metavar="DIR",
        shell_complete=completing.folders,
        help="State folder: journal, locks, rate (or LEADOPS_STATE).",
    ),
    click.option("--rate", type=click.IntRange(1, 3600), help="Calls an hour, at most 3600 (default 3000)."),
)
"""Where the command works."""


def _spoken(function: F) -> F:
    """Set how the process logs before the verb begins."""

    @functools.wraps(function)
    def begin(*args: Any, **given: Any) -> Any:
        logs.configure(given["log_format"], given["verbose"])
        return function(*args, **given)

    return cast("F", begin)


voice = group(
    click.option("-q", "--quiet", is_flag=True, help="Only results, warnings and errors."),
    click.option(
        "-v", "--verbose", count=True, help="Log every call on stderr; twice for retries and waits."
    ),
    click.option("--no-color", is_flag=True, help="No colours (also NO_COLOR)."),
    click.option(
        "--pii",
        type=click.Choice(["show", "mask"]),
        help="Phones and e-mails in text for people: shown on a terminal, else masked. Machine formats: always shown.",
    ),
    click.option(
        "--log-format",
        type=click.Choice(["text", "json"]),
        default="text",
        help="Form of stderr: text, or JSON lines only.",
    ),
    click.option(
        "--progress",
        type=click.Choice(["auto", "bar", "plain", "none"]),
        default="auto",
        help="Form of progress: a bar on a terminal, else a line per tenth of a run or half a minute.",
    ),
    _spoken,
)
"""How it speaks."""

_inputs = group(
    click.option("-e", "text", metavar="TEXT", help="The playbook itself instead of FILE."),
    click.option(
        "-p", "--param", "params", multiple=True, metavar="K=V", help="A parameter of the playbook."
    ),
    click.option(
        "--param-file",
        metavar="FILE",
        shell_complete=completing.files,
        help="Parameters, one K=V a line; V may stand in double quotes.",
    ),
    click.option("--unchecked", is_flag=True, help="Errors about values become warnings; the value is sent."),
    click.option(
        "--now", metavar="TIME", help="The playbook's clock, like 2026-05-02T09:00 (periods, templates)."
    ),
)

playbook = group(
    click.argument("file", required=False, shell_complete=completing.files),
    _inputs,
)
"""What it reads."""

playbook_and_lead = group(
    click.argument("places", nargs=-1, required=True, metavar="[FILE] LEAD", shell_complete=completing.files),
    _inputs,
)
"""The same, and a lead."""

belts = group(
    click.option("--max-leads", type=click.IntRange(0), help="Refuse when more leads would be written."),
    click.option(
        "--max-percent", type=click.FloatRange(0, 100), help="… more than this share of the workspace."
    ),
    click.option("--max-calls", type=click.IntRange(1), help="Stop before the call that would exceed it."),
    click.option(
        "--max-fail-percent", type=click.FloatRange(0, 100), help="Stop a step when more of it fails."
    ),
    click.option(
        "--override-belt",
        "overrides",
        multiple=True,
        metavar="NAME=VALUE",
        help="Loosen a belt (leads, percent, calls); needs --reason.",
    ),
    click.option("--reason", metavar="TEXT", help="Why a belt is loosened; stands in the plan and the run."),
)
"""What bounds it."""

calls = group(
    click.option("--max-calls", type=click.IntRange(1), help="Stop before the call that would exceed it."),
    click.option(
        "--override-belt",
        "overrides",
        multiple=True,
        metavar="calls=VALUE",
        help="Loosen the playbook's limit of calls; needs --reason.",
    ),
    click.option("--reason", metavar="TEXT", help="Why it is loosened; stands in the log."),
)
"""What bounds the calls of a command that makes no plan."""

choice = group(
    click.option("--only", multiple=True, metavar="LEAD|STEP", help="Only this lead or step."),
    click.option("--exclude", multiple=True, metavar="LEAD|STEP", help="Not this lead or step."),
    click.option(
        "--only-file",
        multiple=True,
        metavar="FILE",
        shell_complete=completing.files,
        help="Only the leads or steps of this file: one a line, or a table (docs/how-to/lists-of-names.md).",
    ),
    click.option(
        "--exclude-file",
        multiple=True,
        metavar="FILE",
        shell_complete=completing.files,
        help="Not the leads or steps of this file.",
    ),
    click.option(
        "--sample", type=click.IntRange(1), metavar="N", help="Only N leads a step, chosen by --seed."
    ),
    click.option("--seed", type=int, default=0, help="Seed of --sample."),
)
"""Which part of it."""

shown = group(
    click.option("--explain", is_flag=True, help="Show the tree of searches, with counts and calls."),
    click.option("--full", is_flag=True, help="Show every lead; do not collapse equal changes."),
    click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json", "jsonl", "md", "html", "junit", "github"]),
        default="text",
        help="What stdout holds.",
    ),
    click.option(
        "--json-file",
        callback=written,
        metavar="FILE",
        shell_complete=completing.files,
        help="Also write the JSON form to FILE.",
    ),
    click.option(
        "--junit-file",
        callback=written,
        metavar="FILE",
        shell_complete=completing.files,
        help="Also write the JUnit form to FILE.",
    ),
    click.option(
        "--template",
        callback=_read,
        metavar="FILE",
        shell_complete=completing.files,
        help="Your own Jinja template instead of --format.",
    ),
)
"""In which form."""

lock_timeout = click.option(
    "--lock-timeout",
    callback=duration,
    default="0s",
    metavar="TIME",
    help="Wait this long for another runner, like 10m.",
)

consent = group(
    click.option("--yes", is_flag=True, help="Do not ask. Lifts no belt and confirms no canary."),
    click.option("--no-input", is_flag=True, help="Never ask; fail where an answer would be needed."),
    lock_timeout,
    click.option(
        "--max-time", callback=duration, metavar="TIME", help="Stop, resumable, after this long, like 90m."
    ),
    click.option("--confirm-canary", is_flag=True, help="Go on after a canary that waits for confirmation."),
)
"""What it may do without asking."""

step = click.option("--step", metavar="STEP", help="Only this step: its title or its number.")
text_or_json = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="What stdout holds."
)

detailed = click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when the plan has changes.")
digest = click.option(
    "--expect-digest", metavar="SHA256", help="Refuse (5) unless the plan has exactly this digest."
)
notify = click.option(
    "--notify/--no-notify",
    default=None,
    help="Tell the [notify] targets: of a run they are told, of a plan only with --notify.",
)
max_age = click.option(
    "--max-age",
    callback=duration,
    default="24h",
    metavar="TIME",
    help="Oldest saved plan that may be applied (default 24h).",
)
