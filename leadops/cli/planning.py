"""From flags to a saved plan: compile against the workspace's schema, search, compare."""

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from leadops import __version__
from leadops.analysis.compiler import Compiled
from leadops.cli import logs
from leadops.cli.asked import asked_of
from leadops.cli.belts import belts_from
from leadops.cli.call_limit import limit_of_playbook
from leadops.cli.compiling import Request, compile_source, require_sound, show_findings
from leadops.cli.console import Console, open_console
from leadops.cli.findings_forms import tell_findings
from leadops.cli.name_lists import NameLists, lists_from
from leadops.cli.progress import reading
from leadops.cli.recorded import recorded
from leadops.cli.session import Session
from leadops.cli.settings import Settings, load_settings, require_account
from leadops.cli.source import playbook_clock, read_parameters, read_playbook
from leadops.cli.wanted_reports import require_reports
from leadops.core.clock import SystemClock
from leadops.core.diagnostics import Severity
from leadops.core.errors import StalePlanError
from leadops.engine.plan.options import PlanOptions
from leadops.engine.plan.planner import make_plan
from leadops.engine.plan.scope import Scope, Unmatched
from leadops.model.plan import Plan, Rejects
from leadops.model.run import Result
from leadops.model.saved import SavedPlan
from leadops.model.schema import Schema
from leadops.report.masking import Masker


@dataclass(frozen=True, slots=True)
class Wanted:
    """A planning command's flags, read.

    Attributes:
        given: the flags as click gave them, by name.
        lists: of leads and steps by name.
    """

    settings: Settings
    console: Console
    request: Request
    given: Mapping[str, Any]
    lists: NameLists


def wanted_from(given: Mapping[str, Any]) -> Wanted:
    """Read the flags of a planning command; checks everything that needs no network.

    Raises:
        UsageError, ConfigurationError: as their names say.
    """
    settings = load_settings(
        profile=given["profile"], sandbox=given["sandbox"], state=given["state"], rate=given["rate"]
    )
    console = open_console(quiet=given["quiet"], no_color=given["no_color"], pii=given["pii"])
    lists = lists_from(given)
    source = read_playbook(given["file"], given["text"])
    request = Request(
        source=source,
        parameters=dict(read_parameters(given["params"], given["param_file"], source.parsed)),
        clock_ms=playbook_clock(given["now"], source.parsed, settings, SystemClock()),
        unchecked=given["unchecked"],
        environment=dict(os.environ),
    )
    require_account(settings)
    return Wanted(settings, console, request, given, lists)


def limit_of(wanted: Wanted) -> int | None:
    """Return the most calls that the command may make in all; None: no limit."""
    return limit_of_playbook(wanted.request, wanted.settings, wanted.given)


async def compile_in(session: Session, wanted: Wanted) -> tuple[Compiled, Schema]:
    """Compile against the workspace's schema; a cached one is pulled again before a name is called unknown."""
    schema = await session.schema()
    compiled = compile_source(wanted.request, schema, wanted.settings)
    if any(d.severity is Severity.ERROR for d in compiled.diagnostics) and session.schema_was_cached:
        schema = await session.schema(fresh=True)
        compiled = compile_source(wanted.request, schema, wanted.settings)
    sources = {wanted.request.source.parsed.file: wanted.request.source.parsed.source, **compiled.sources}
    show_findings(compiled.diagnostics, sources, wanted.console)
    if compiled.has_errors:
        tell_findings(compiled.diagnostics, [wanted.request.source.parsed.file], wanted.given, wanted.console)
    require_sound(compiled)
    assert compiled.plan is not None
    logs.hide_parameters(compiled.plan.parameters)
    require_reports(compiled.plan, wanted.settings.root)
    return compiled, schema


def asked_by(wanted: Wanted, plan: Plan) -> Mapping[str, str]:
    """Return what the command asks for beyond the playbook's texts (``SavedPlan.asked``)."""
    given = wanted.given
    scope = wanted.lists.scope(plan.schema, plan.country_code, [step.name for step in plan.steps])
    return asked_of(wanted.request.source, plan, wanted.settings, scope, belts_from(given), given["now"])


async def plan_in(
    session: Session,
    wanted: Wanted,
    compiled: Compiled,
    *,
    spent: Mapping[int, int] | None = None,
    written: frozenset[str] = frozenset(),
    at_work: Callable[[], bool] = lambda: False,
) -> SavedPlan:
    """Plan a sound playbook in an open session; ``spent``, ``written`` and ``at_work``: see ``PlanOptions``."""
    assert compiled.plan is not None
    given = wanted.given
    options = PlanOptions(
        belts=belts_from(given),
        scope=chosen(wanted.lists, compiled.plan, wanted.console),
        sources=dict(compiled.sources),
        asked=asked_by(wanted, compiled.plan),
        spent=spent or {},
        written=written,
        warnings=tuple(d for d in compiled.diagnostics if d.severity is Severity.WARNING),
        sandbox=wanted.settings.sandbox,
        rate_per_hour=wanted.settings.rate,
        capabilities=session.cache,
        ids=session.ids,
        clock=session.clock,
        rejects=rejects_of(compiled.plan, wanted.settings),
        version=__version__,
        tell=teller(wanted.console),
        at_work=at_work,
        nonce=secrets.token_hex(16),
    )
    with reading(session, wanted.console, given["progress"]):
        return await make_plan(compiled.plan, session.reader, session.history, options)


def expect(saved: SavedPlan, digest: str | None) -> SavedPlan:
    """Return ``saved`` if it has the digest that was approved.

    Raises:
        StalePlanError: it has another one.
    """
    if digest is not None and saved.digest != digest.lower():
        raise StalePlanError(
            f"the plan is not the approved one: its digest is {saved.digest}",
            f"approved was {digest}; leads, playbook or parameters have changed since: look at it again",
        )
    return saved


def chosen(lists: NameLists, plan: Plan, console: Console) -> Scope:
    """Return which leads and steps of ``plan`` were chosen; a list of those to leave out that is empty is told.

    Raises:
        UsageError: an entry names neither a step nor a lead.
    """
    scope, empty = lists.read(plan.schema, plan.country_code, [step.name for step in plan.steps])
    for where in empty:
        console.warn(f"warning: {where} names nobody: no lead and no step is left out by it")
    return scope


def teller(console: Console) -> Callable[[Unmatched], None]:
    """Return what says on stderr which names match nobody, masked where people's data is."""
    masker = Masker()

    def tell(names: Unmatched) -> None:
        sentence = masker.sentence(str(names)) if console.pii == "mask" else str(names)
        if names.grave:
            console.warn(f"warning: {sentence}")
        else:
            console.note(sentence)

    return tell


def rejects_of(plan: Plan, settings: Settings) -> Mapping[str, tuple[Result, ...]]:
    """Return the results that `retry rejects` steps refer to, by run; "" is the last run.

    Raises:
        UsageError: there is no such run.
    """
    wanted = {step.source.run or "" for step in plan.steps if isinstance(step.source, Rejects)}
    return {run: recorded(settings, run or "last").result.results for run in wanted}
