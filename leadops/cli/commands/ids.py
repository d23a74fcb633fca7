"""``leadops ids``: the local index of lead ids, for workspaces whose searches tell none."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from leadops.cli import completing, options
from leadops.cli.console import Console, open_console
from leadops.cli.history import home_of
from leadops.cli.session import Session, alone, open_session
from leadops.cli.settings import Settings, load_settings
from leadops.core.errors import UsageError
from leadops.core.exit_codes import Exit
from leadops.core.text import visible
from leadops.engine.operations.import_ids import Imported, import_ids
from leadops.model.forms import instant
from leadops.report.masking import Masker
from leadops.report.shown import count
from leadops.state.ids import Learned, known_ids

_SHOWN = 20
"""How many left-out rows are named on a terminal; --format json names all."""


@click.group("ids")
def command() -> None:
    """Tell leadops the ids of leads, or list those that it knows."""


@command.command("import")
@click.argument("file", shell_complete=completing.files)
@click.option(
    "--id-column", metavar="NAME", help="The column (or JSON key) of the id, if not found by itself."
)
@click.option(
    "--identifier-column", metavar="NAME", help="The column (or JSON key) of the phone, or what names a lead."
)
@options.text_or_json
@options.lock_timeout
@options.place
@options.voice
def import_(file: str, id_column: str | None, identifier_column: str | None, form: str, **given: Any) -> int:
    """Learn ids from FILE: a dashboard export (CSV with a header) or recorded workflow pushes (JSON lines).

    What FILE says of a lead replaces what was known of it. An id is read back and compared before its first write.
    Exit 3: some rows were left out; each is named with the reason. Exit 6: a runner works on this workspace.
    """
    settings, console = _begin(given)
    try:
        content = Path(file).read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None

    async def learn(session: Session) -> tuple[Imported, Learned]:
        told = import_ids(
            content,
            await session.schema(),
            country_code=settings.country_code,
            id_column=id_column,
            identifier_column=identifier_column,
        )
        async with alone(session, given, "leadops ids import"):
            return told, session.ids.learn(told.pairs)

    told, learned = _with(settings, learn)
    if form == "json":
        console.json(
            {
                "format_version": 1,
                "file": file,
                "told": len(told.pairs),
                "new": learned.new,
                "replaced": learned.replaced,
                "refused": [{"row": bad.number, "reason": bad.reason} for bad in told.refused],
                "doubled": list(learned.doubled),
            }
        )
    else:
        _print(file, told, learned, console)
    return int(Exit.INCOMPLETE if told.refused else Exit.DONE)


@command.command("list")
@options.text_or_json
@options.place
@options.voice
def list_(form: str, **given: Any) -> int:
    """List the ids that are known: of every row, read, create and import. Where two leads share one, both stand."""
    settings, console = _begin(given)
    known = known_ids(home_of(settings) / "ids.db")
    if form == "json":
        console.json(
            [
                {
                    "identifier": one.identifier,
                    "id": one.lead_id,
                    "source": one.source,
                    "seen": instant(one.seen_ms),
                }
                for one in known
            ]
        )
        return int(Exit.DONE)
    masker = Masker()
    for one in known:
        name = masker.text(one.identifier) if console.pii == "mask" else one.identifier
        console.result(f"{visible(name)}  {one.lead_id}  {one.source}  {instant(one.seen_ms)}")
    console.note(count(len(known), "id"))
    return int(Exit.DONE)


def _begin(given: dict[str, Any]) -> tuple[Settings, Console]:
    settings = load_settings(
        profile=given["profile"], sandbox=given["sandbox"], state=given["state"], rate=given["rate"]
    )
    return settings, open_console(quiet=given["quiet"], no_color=given["no_color"], pii=given["pii"])


def _with(settings: Settings, work: Callable[[Session], Any]) -> Any:
    async def inside() -> Any:
        async with open_session(settings) as session:
            return await work(session)

    return asyncio.run(inside())


def _print(file: str, told: Imported, learned: Learned, console: Console) -> None:
    console.result(
        f"{count(len(told.pairs), 'id')} read from {visible(file)}: {learned.new:,} new, {learned.replaced:,} replaced"
    )
    masker = Masker()
    for bad in told.refused[:_SHOWN]:
        reason = masker.sentence(bad.reason) if console.pii == "mask" else bad.reason
        console.warn(f"line {bad.number} is left out: {reason}")
    if len(told.refused) > _SHOWN:
        console.warn(f"… and {len(told.refused) - _SHOWN:,} more lines (--format json names all)")
    if learned.doubled:
        some = ", ".join(masker.text(one) if console.pii == "mask" else one for one in learned.doubled[:5])
        console.warn(
            f"{len(learned.doubled):,} leads stand there with more than one id, so that none is used: {some}"
        )
