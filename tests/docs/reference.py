"""docs/cli.md, written from the commands themselves: ``python -m tests.docs.reference`` prints it."""

import importlib
import sys
from inspect import cleandoc

import click

from leadops.cli import options
from leadops.cli.verbs import VERBS

_HEAD = """\
# The command line

Written from the commands themselves; `leadops VERB --help` says the same.

    leadops VERB [FLAGS] [FILE]

- stdout holds only the form asked for (`--format`); everything else goes to stderr. `-q` is silent when nothing changed.
- A flag means the same in every verb that has it.
- How a verb ends is an [exit code](exit-codes.md); what it reads of the environment stands in [Configuration](configuration.md).
- `-e 'TEXT'` stands wherever a playbook's FILE does; `-` is stdin.
- Durations are written `500ms`, `90s`, `10m`, `24h`.
"""
_GROUPS = {
    "The playbook": options.playbook,
    "Belts": options.belts,
    "A part of it": options.choice,
    "Forms": options.shown,
    "Consent": options.consent,
    "Place": options.place,
    "Voice": options.voice,
}
"""The flags that several verbs share, by the heading under which they stand once."""


def reference():
    """Return the page."""
    verbs = {name: importlib.import_module(verb.module).command for name, verb in VERBS.items()}
    parts = [_HEAD, "## Verbs\n", *(f"- [`{n}`](#leadops-{n}): {VERBS[n].help}" for n in verbs), ""]
    for name, command in verbs.items():
        parts += _verb(f"leadops {name}", command)
        for sub in getattr(command, "commands", {}).values():
            parts += _verb(f"leadops {name} {sub.name}", sub)
    parts += ["## Shared flags\n"]
    for title, group in _GROUPS.items():
        parts += [f"### {title}\n", *_table(_parameters(group)), ""]
    return "\n".join(parts).rstrip() + "\n"


def _verb(path, command):
    context = click.Context(command, info_name=path)
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    level = "##" if path.count(" ") == 1 else "###"
    own = [p for p in command.params if isinstance(p, click.Option)]
    shared = []
    for title, group in _GROUPS.items():
        theirs = {_key(p) for p in _parameters(group)}
        if theirs <= {_key(p) for p in own}:
            own = [p for p in own if _key(p) not in theirs]
            shared.append(f"[{title}](#{title.lower().replace(' ', '-')})")
    lines = [f"{level} {path}\n", f"    {usage}\n", _text(command.help or ""), ""]
    lines += [*_table(own), ""] if own else []
    lines += [f"Also: {', '.join(shared)}.", ""] if shared else []
    return lines


def _parameters(group):
    def nothing():
        pass

    declared = group(nothing).__click_params__
    return [p for p in reversed(declared) if isinstance(p, click.Option)]


def _key(option):
    return (tuple(option.opts), option.help)


def _table(found):
    return ["| flag | |", "|---|---|", *(f"| {_flag(p)} | {_meaning(p)} |" for p in found)]


def _flag(option):
    if option.is_flag or option.count:
        value = ""
    elif isinstance(option.type, click.Choice):
        value = " " + "\\|".join(option.type.choices)
    else:
        value = " " + option.make_metavar(click.Context(click.Command("any"))).split(" ")[0].replace(
            "|", "\\|"
        )
    return ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts)) + (
        f" {value.strip()}" if value else ""
    )


def _meaning(option):
    default = option.default
    said = option.help or ""
    shown = (
        isinstance(default, str | int | float)
        and not isinstance(default, bool)
        and default not in {"", "0s", 0}
    )
    named = shown and str(default) not in said
    return said.replace("|", "\\|") + (f" Default: {default}." if named and not option.is_flag else "")


def _text(text):
    return cleandoc(text).replace("\b\n", "").strip()


if __name__ == "__main__":
    sys.stdout.write(reference())
