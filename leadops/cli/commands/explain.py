"""``leadops explain``: a playbook in plain sentences, or the page of a diagnostic."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from leadops.cli import options
from leadops.cli.console import Console, open_console
from leadops.cli.packaged import packaged_text
from leadops.core.codes import CODES
from leadops.core.did_you_mean import did_you_mean
from leadops.core.errors import UsageError
from leadops.core.exit_codes import Exit

_CODE = re.compile(r"[EeWw]\d{1,4}")


@click.command("explain")
@options.playbook
@options.place
@options.voice
def command(file: str | None, text: str | None, **given: Any) -> int:
    """Say in plain sentences what the playbook FILE means, or print the page of a diagnostic's code (E041).

    Makes no search and no change: which leads there are, `plan` tells. Names come from leadops.schema.json, else from
    what was last pulled, else from the workspace (with --sandbox from the sandbox's).
    """
    console = open_console(quiet=given["quiet"], no_color=given["no_color"], pii=given["pii"])
    if file is not None and text is None and not Path(file).is_file() and _names_a_code(file):
        return _code(file, console)
    return _playbook(file, text, given, console)


def _names_a_code(name: str) -> bool:
    return bool(_CODE.fullmatch(name)) or (name != "-" and not set(name) & set("./\\"))


def _code(name: str, console: Console) -> int:
    wanted = name.upper()
    if wanted not in CODES:
        raise UsageError(
            f"there is no code {name}", did_you_mean(wanted, CODES) or "codes look like E041 or W107"
        )
    console.result(packaged_text("errors", f"{wanted}.md").rstrip())
    return int(Exit.DONE)


def _playbook(file: str | None, text: str | None, given: dict[str, Any], console: Console) -> int:
    from leadops.cli.compiling import Request, compile_source, require_sound, show_findings  # noqa: PLC0415 (a code's page needs none of this)
    from leadops.cli.explaining.playbook import explained  # noqa: PLC0415 (as above)
    from leadops.cli.schemas import require_schema  # noqa: PLC0415 (as above)
    from leadops.cli.settings import load_settings  # noqa: PLC0415 (as above)
    from leadops.cli.source import playbook_clock, read_parameters, read_playbook  # noqa: PLC0415 (as above)
    from leadops.core.clock import SystemClock  # noqa: PLC0415 (as above)

    settings = load_settings(profile=given["profile"], sandbox=given["sandbox"], state=given["state"])
    source = read_playbook(file, text)
    schema = require_schema(settings, "an explanation", pull=True)
    request = Request(
        source=source,
        parameters=dict(read_parameters(given["params"], given["param_file"], source.parsed)),
        clock_ms=playbook_clock(given["now"], source.parsed, settings, SystemClock()),
        unchecked=given["unchecked"],
        environment={},
    )
    compiled = compile_source(request, schema, settings, stand_ins=True)
    show_findings(
        compiled.diagnostics, {source.parsed.file: source.parsed.source, **compiled.sources}, console
    )
    require_sound(compiled)
    assert compiled.plan is not None
    console.stream(_laid(explained(compiled.plan, masked=given["pii"] == "mask"), console))
    return int(Exit.DONE)


def _laid(lines: Iterable[tuple[int, str]], console: Console) -> Iterable[str]:
    from leadops.report.style import Tone, lay  # noqa: PLC0415 (as above)

    for depth, text in lines:
        tone = Tone.STRONG if depth == 0 else Tone.PLAIN
        hang = 2 if text.startswith("- ") else 0
        yield from (
            f"{row.rstrip()}\n"
            for row in lay(((text, tone),), console.width, indent=2 * depth, hang=hang, color=console.color)
        )
