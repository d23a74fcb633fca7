"""``leadops verify``: a run's leads are read once more."""

import asyncio
from collections.abc import Mapping
from typing import Any

import click

from leadops.cli import completing, options
from leadops.cli.applying import recompile
from leadops.cli.call_limit import limit_of_plan
from leadops.cli.console import Console, open_console
from leadops.cli.progress import reading
from leadops.cli.recorded import Recorded, recorded
from leadops.cli.session import open_session
from leadops.cli.settings import Settings, load_settings, require_account
from leadops.core.exit_codes import Exit
from leadops.core.text import visible
from leadops.engine.operations.verify import verify_run
from leadops.report.masking import Masker


@click.command("verify")
@click.argument("run", default="last", shell_complete=completing.runs)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="What stdout holds."
)
@options.calls
@options.place
@options.voice
def command(run: str, form: str, **given: Any) -> int:
    """Read the leads of RUN again: late, lost, doubled and overwritten changes come to light (exit 1)."""
    settings = load_settings(
        profile=given["profile"], sandbox=given["sandbox"], state=given["state"], rate=given["rate"]
    )
    require_account(settings)
    console = open_console(quiet=given["quiet"], no_color=given["no_color"], pii=given["pii"])
    known = recorded(settings, run)
    return asyncio.run(_verify(settings, console, known, form, given))


async def _verify(
    settings: Settings, console: Console, known: Recorded, form: str, given: Mapping[str, Any]
) -> int:
    saved, result = known.saved, known.result
    async with open_session(settings, max_calls=limit_of_plan(saved, given)) as session:
        plan = recompile(saved, await session.schema(), settings)
        with reading(session, console, given["progress"]):
            verified = await verify_run(result, plan, session.reader)
    if form == "json":
        console.json(
            {
                "run": result.run,
                "fields": verified.fields,
                "actions": verified.actions,
                "arrived": verified.arrived,
                "findings": [
                    {
                        "kind": f.kind,
                        "lead_id": f.lead.id,
                        "identifier": f.lead.identifier,
                        "message": f.message,
                    }
                    for f in verified.findings
                ],
            }
        )
    else:
        masker = Masker()
        masker.know(phones=(finding.lead.identifier for finding in verified.findings))
        for finding in verified.findings:
            lead = finding.lead
            who = "  ".join(part for part in (lead.name, lead.identifier, lead.id) if part)
            line = visible(f"{finding.kind}  {who}: {finding.message}")
            console.result(masker.sentence(line) if console.pii == "mask" else line)
        if verified.arrived:
            console.note(
                f"{verified.arrived} in doubt {'is' if verified.arrived == 1 else 'are'} there: `leadops resume {result.run}` settles that"
            )
        console.note(
            f"looked at {verified.fields} fields and {verified.actions} actions: "
            f"{len(verified.findings) or 'no'} finding{'s' * (len(verified.findings) != 1)}"
        )
    return int(Exit.FINDINGS if verified.findings else Exit.DONE)
