"""The command line: a static table of verbs, each imported only when it is called.

``--help`` imports nothing but click. Usage errors exit 64; every LeadopsError exits with its own code; anything else
is a bug: traceback, exit 70.
"""

import importlib
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from leadops import __version__
from leadops.cli.verbs import VERBS
from leadops.core.exit_codes import Exit

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class Verbs(click.Group):
    """The verbs, loaded on demand from the static table."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """Return the verbs in the order of the table: the order of a day's work."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 (click's signature)
        """Import and return the verb; None when there is none of that name."""
        if cmd_name not in VERBS:
            return None
        command = importlib.import_module(VERBS[cmd_name].module).command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 (click's signature)
        """Write the table of verbs without importing any of them."""
        with formatter.section("Verbs"):
            formatter.write_dl([(name, verb.help) for name, verb in VERBS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list["CompletionItem"]:
        """Return the verbs that begin so, from the table: a shell does not wait for all of them to be imported."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 (only for completion)

        verbs = [
            CompletionItem(name, help=verb.help)
            for name, verb in VERBS.items()
            if name.startswith(incomplete)
        ]
        return verbs or super().shell_complete(ctx, incomplete)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb, or say which one was probably meant."""
        name = args[0]
        if name not in VERBS and not name.startswith("-"):
            from leadops.core.did_you_mean import did_you_mean  # noqa: PLC0415 (only on this path)

            hint = did_you_mean(name, VERBS)
            raise click.UsageError(f"there is no verb “{name}”{'; ' + hint if hint else ''}", ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="\b\nStart without an account:\n  leadops run --sandbox -e 'find leads where status=Won; set rating 5'",
)
@click.version_option(__version__, prog_name="leadops", message="%(prog)s %(version)s")
def cli() -> None:
    """Terraform for a sales team's leads: say what must be true of them, see the exact difference, apply it once."""


def dispatch(arguments: list[str]) -> int:
    """Run one command line and return its exit code (docs/exit-codes.md)."""
    try:
        outcome = cli.main(arguments, prog_name="leadops", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return int(stop.exit_code)
    except click.Abort:
        _say("stopped; nothing was changed by this answer")
        return int(Exit.INTERRUPTED)
    except click.UsageError as error:
        _usage(error)
        return int(Exit.USAGE)
    except click.ClickException as error:
        _say(f"error: {error.format_message()}")
        return int(Exit.USAGE)
    except KeyboardInterrupt:
        return int(Exit.INTERRUPTED)
    except BrokenPipeError:
        return _quiet_pipe()
    except Exception as error:  # noqa: BLE001 (the one place where a failure becomes an exit code)
        return _failed(error)
    code = int(outcome) if isinstance(outcome, int) else int(Exit.DONE)
    return code or _of_stdout(arguments)


def _of_stdout(arguments: list[str]) -> int:
    """Return the exit code of a command that did what was asked, but perhaps could not say so.

    A run's code stands in its results.json, and what it did in its folder.
    """
    if arguments and arguments[0] in {"run", "apply", "resume", "retry"} and "--dry-run" not in arguments:
        return int(Exit.DONE)
    console = sys.modules.get("leadops.cli.console")
    return int(Exit.FINDINGS if console is not None and console.cut() else Exit.DONE)


def _failed(error: Exception) -> int:
    from leadops.cli.failures import report_failure  # noqa: PLC0415 (only on this path)

    code = report_failure(error)
    if code is None:
        import traceback  # noqa: PLC0415 (as above)

        from leadops.cli.logs import redact  # noqa: PLC0415 (only on this path)

        _say(redact("".join(traceback.format_exception(error)).rstrip()))
        _say("this is a bug in leadops: please report it with the text above")
        return int(Exit.BUG)
    return int(code)


def _usage(error: click.UsageError) -> None:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        _say(error.format_message())
        return
    if error.ctx is not None:
        _say(error.ctx.get_usage())
    _say(f"error: {error.format_message()}")
    if error.ctx is not None:
        _say(f"try: {error.ctx.command_path} --help")


def _quiet_pipe() -> int:
    import os  # noqa: PLC0415 (only on this path)

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return int(Exit.DONE)


def _say(text: str) -> None:
    with suppress(OSError):  # a full disk behind stderr: the exit code says it
        click.echo(text, err=True)
