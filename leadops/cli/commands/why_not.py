"""``leadops why-not``: the clause for which a step leaves a lead out."""

from typing import Any

import click

from leadops.cli import options
from leadops.cli.deciding import tell_why
from leadops.core.exit_codes import Exit


@click.command("why-not")
@options.playbook_and_lead
@options.step
@options.text_or_json
@options.place
@options.voice
def command(places: tuple[str, ...], step: str | None, form: str, **given: Any) -> int:
    """Say why the playbook FILE leaves LEAD out: the clause that decides, and the smallest change that would let it in.

    LEAD is an id, or the phone. At most three calls. Exit 0: it is left out; 1: it is selected after all.
    """
    return int(Exit.FINDINGS if tell_why(places, step, form, given) else Exit.DONE)
