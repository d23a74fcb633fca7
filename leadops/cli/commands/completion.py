"""``leadops completion``: the shell's script for completing verbs and flags."""

import click
from click.shell_completion import get_completion_class

from leadops.core.exit_codes import Exit


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> int:
    """Print the completion script for SHELL.

    bash: `leadops completion bash > ~/.local/share/bash-completion/completions/leadops`;
    zsh: into a file `_leadops` on $fpath; fish: into ~/.config/fish/completions/leadops.fish.
    """
    kind = get_completion_class(shell)
    assert kind is not None
    script = kind(ctx.find_root().command, {}, "leadops", "_LEADOPS_COMPLETE").source()
    # click's script for fish cuts a description at its first comma
    click.echo(script.replace('string split ","', 'string split --max 1 ","'))
    return int(Exit.DONE)
