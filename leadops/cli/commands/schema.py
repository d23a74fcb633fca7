"""``leadops schema``: what exists in the workspace."""

import asyncio
import difflib
from typing import Any

import click

from leadops.cli import options
from leadops.cli.console import Console, open_console
from leadops.cli.places import SCHEMA_FILE
from leadops.cli.session import open_session
from leadops.cli.settings import Settings, load_settings
from leadops.core.errors import ConfigurationError
from leadops.core.exit_codes import Exit
from leadops.core.text import visible
from leadops.model.schema import Schema
from leadops.state.cache import read_schema, says_the_same, schema_text, write_schema


@click.group("schema")
def command() -> None:
    """Pull, show or compare what exists in the workspace: fields, labels, actions, members."""


@command.command("pull")
@options.place
@options.voice
def pull(**given: Any) -> int:
    """Read the workspace's metadata and write leadops.schema.json, which is meant to be committed."""
    settings, console = _begin(given)
    schema = asyncio.run(_fresh(settings))
    path = settings.root / SCHEMA_FILE
    same = path.is_file() and says_the_same(read_schema(path), schema)
    if not same:
        write_schema(path, schema)
    console.note(f"{SCHEMA_FILE} {'is as it was' if same else 'is written'}: {_counts(schema)}")
    return int(Exit.DONE)


@command.command("show")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="What stdout holds."
)
@options.place
@options.voice
def show(form: str, **given: Any) -> int:
    """Show what playbooks may name in the workspace."""
    settings, console = _begin(given)
    schema = asyncio.run(_known(settings))
    if form == "json":
        console.stream([schema_text(schema)])
    else:
        _print(schema, console)
    return int(Exit.DONE)


@command.command("diff")
@click.option(
    "--detailed-exitcode", is_flag=True, help="Exit 2 when something changed: 1 is then a failure only."
)
@options.place
@options.voice
def diff(detailed_exitcode: bool, **given: Any) -> int:
    """Show what changed in the workspace since leadops.schema.json was written; exit 1 when something did.

    With --detailed-exitcode that is 2, as a plan with changes.
    """
    settings, console = _begin(given)
    path = settings.root / SCHEMA_FILE
    if not path.is_file():
        raise ConfigurationError(f"there is no {SCHEMA_FILE} here", "`leadops schema pull` writes it")
    old = read_schema(path)
    new = asyncio.run(_fresh(settings))
    if says_the_same(old, new):
        console.note("nothing changed")
        return int(Exit.DONE)
    before, after = (schema_text(one).splitlines(keepends=True) for one in (old, new))
    console.stream(
        line
        for line in difflib.unified_diff(before, after, "leadops.schema.json", "the workspace")
        if "pulled_at" not in line
    )
    return int(Exit.CHANGES if detailed_exitcode else Exit.FINDINGS)


def _begin(given: dict[str, Any]) -> tuple[Settings, Console]:
    settings = load_settings(
        profile=given["profile"], sandbox=given["sandbox"], state=given["state"], rate=given["rate"]
    )
    return settings, open_console(quiet=given["quiet"], no_color=given["no_color"], pii=given["pii"])


async def _fresh(settings: Settings) -> Schema:
    async with open_session(settings) as session:
        return await session.schema(fresh=True)


async def _known(settings: Settings) -> Schema:
    async with open_session(settings) as session:
        return await session.schema()


def _counts(schema: Schema) -> str:
    return (
        f"{len(schema.fields)} fields, {len(schema.actions)} actions, {len(schema.statuses)} statuses, "
        f"{len(schema.members)} members"
    )


def _print(schema: Schema, console: Console) -> None:
    console.result(f"{visible(schema.name)} ({schema.enterprise_id}): {_counts(schema)}")
    console.result("\nFields")
    wide = max(len(field.api_name) for field in schema.fields)
    for field in schema.fields:
        notes = (
            ["identifier"] * field.identifier + ["read only"] * field.read_only + ["locked"] * field.locked
        )
        labels = [visible(label) for label in field.options]
        shown = ", ".join(labels[:8]) + (f", … ({len(labels)} in all)" if len(labels) > 8 else "")
        label = f" “{visible(field.label)}”" if field.label else ""
        tail = "  ".join(part for part in (", ".join(notes), shown) if part)
        console.result(f"  {visible(field.api_name):<{wide}}  {field.type:<11}{label}  {tail}".rstrip())
    console.result("\nStatuses")
    for status in schema.statuses:
        console.result(f"  {visible(status.label)}  {status.stage}{'  archived' if status.archived else ''}")
    console.result("\nActions")
    for action in schema.actions:
        if action.writable:
            keys = ", ".join(f"{visible(f.key)} ({f.type})" for f in action.fields)
            console.result(f"  {action.code}  “{visible(action.name)}”  {keys}")
    console.result("\nMembers")
    for member in schema.members:
        console.result(
            f"  {visible(member.email)}  {visible(member.name)}{'  former' if member.former else ''}"
        )
