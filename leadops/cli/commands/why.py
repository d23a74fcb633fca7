"""``leadops why``: the clause by which a step selects a lead."""

from typing import Any

import click

from leadops.cli import options
from leadops.cli.deciding import tell_why
from leadops.core.exit_codes import Exit


@click.command("why")
@options.playbook_and_lead
@options.step
@options.text_or_json
@options.place
@options.voice
def command(places: tuple[str, ...], step: str | None, form: str, **given: Any) -> int:
    """Say why the playbook FILE selects LEAD (an id, or its phone): the clause that decides, in at most three calls.

    The lead is taken as it is now; what earlier steps would do to it is left out. Exit 0: it is selected; 1: it is not.
    """
    return int(Exit.DONE if tell_why(places, step, form, given) else Exit.FINDINGS)
