"""From an AST to a plan's meaning: everything that can be known before the first search."""

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Literal
from zoneinfo import ZoneInfo

from leadops.analysis.cases import check_tests
from leadops.analysis.conditions import lower
from leadops.analysis.context import TEXT, Argument, Context, StepState
from leadops.analysis.define_expansion import sizes
from leadops.analysis.files import EmbeddedFiles, Files
from leadops.analysis.follow_on_errors import attempted, without_echoes
from leadops.analysis.limits import merge_limits
from leadops.analysis.params import ParamResolver
from leadops.analysis.provable import judge
from leadops.analysis.scope import Scope, declared, gather
from leadops.analysis.steps import lower_step
from leadops.analysis.values import Rules
from leadops.core.diagnostics import Diagnostic, Findings, Severity, TooManyError
from leadops.core.fast_dataclass import record
from leadops.core.positions import Span, part_of, span_at
from leadops.core.time_zones import zone_advice, zone_of
from leadops.model.plan import Parameter, Plan, Step
from leadops.model.schema import Schema
from leadops.syntax import ast
from leadops.syntax.grammar.source_text import Source
from leadops.syntax.parser import Parsed, read_once
from leadops.syntax.printing.printer import print_playbook

MOST_FINDINGS = 200
"""So many findings are told of at once, besides those of the syntax."""
DEFAULT_TIMEZONE = "Asia/Kolkata"
LANGUAGE = 1


@record()
class Surroundings:
    """What a playbook is compiled in, besides the schema.

    Attributes:
        timezone: the profile's; None where it names none.
        country_code: of phones without one.
        now_ms: the playbook's clock, epoch ms.
        parameters: from -p and --param-file.
        files: what the playbook may read.
        environment: for secrets (LEADOPS_PARAM_NAME).
        call_types: what ``called`` means, from the profile; None: every known outgoing type.
        unchecked: errors about values are warnings.
        notify_names: the profile's ``[notify]``; None: not known, not checked.
    """

    timezone: str | None
    now_ms: int
    country_code: str = "91"
    parameters: Mapping[str, str] = field(default_factory=dict)
    files: Files = field(default_factory=lambda: EmbeddedFiles({}))
    environment: Mapping[str, str] = field(default_factory=dict)
    call_types: tuple[str, ...] | None = None
    unchecked: bool = False
    notify_names: frozenset[str] | None = None


@record()
class Compiled:
    """What came of a playbook.

    Attributes:
        plan: None when there are errors, or no schema.
        diagnostics: all of them, those of the parser included, by place.
        sources: texts of every file read (playbook, includes, CSV), by name.
        tests: the file's own tests.
        names_checked: False without a schema.
    """

    plan: Plan | None
    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, str]
    tests: tuple[ast.Test, ...]
    names_checked: bool

    @property
    def has_errors(self) -> bool:
        """Whether the playbook cannot be planned as it is."""
        return any(d.severity is Severity.ERROR for d in self.diagnostics)


def compile_playbook(parsed: Parsed, schema: Schema | None, around: Surroundings) -> Compiled:
    """Return the meaning of ``parsed`` against ``schema``, or all that is wrong with it, with corrections that hold."""
    compiled = compile_once(parsed, schema, around)
    if not any(one.fix is not None or one.help for one in compiled.diagnostics):
        return compiled
    from leadops.core.offers import proven  # noqa: PLC0415 (most texts have no mistake)

    def look(text: str) -> tuple[Diagnostic, ...]:
        return compile_once(read_once(text, parsed.file), schema, around).diagnostics

    return replace(compiled, diagnostics=proven(compiled.diagnostics, parsed.source, parsed.file, look))


def compile_once(parsed: Parsed, schema: Schema | None, around: Surroundings) -> Compiled:
    """Return the meaning of ``parsed``, or what is wrong with it, without trying the corrections that are offered."""
    findings = Findings(most=len(parsed.diagnostics) + MOST_FINDINGS)
    scope = gather(parsed, around.files, findings)
    try:
        return _meaning(parsed, schema, around, scope, findings)
    except TooManyError:
        from leadops.syntax.hints.diagnosis import too_many  # noqa: PLC0415 (most texts have no mistake)

        last = too_many(Source(parsed.source, parsed.file), len(parsed.source), MOST_FINDINGS)
        found = without_echoes((*findings.in_order(), last))
        return Compiled(None, found, scope.sources, tuple(scope.tests), schema is not None)


def _meaning(
    parsed: Parsed, schema: Schema | None, around: Surroundings, scope: Scope, findings: Findings
) -> Compiled:
    whole = not findings.has_errors
    zone, origin = _zone(scope, around, findings)
    params = ParamResolver(
        around.parameters,
        around.environment,
        around.files,
        Rules(zone, around.country_code),
        around.now_ms,
        findings,
        around.unchecked,
    ).resolve(scope.params)
    ctx = Context(
        findings,
        schema,
        zone,
        around.now_ms,
        around.country_code,
        around.unchecked,
        around.call_types,
        around.notify_names,
        params,
        scope.defines,
        scope.sources,
        scope.incomplete,
        attempted(scope.sources.values()) if not whole else frozenset(),
        sizes(scope.defines),
    )
    _language(scope, findings)
    limits = merge_limits(scope.limits, parsed.file, scope.sources, findings)
    title = scope.header.title if scope.header else ""
    steps = _steps(ctx, scope, title, around.files, whole=whole)
    _defines(ctx, scope)
    check_tests(ctx, scope.tests, scope.steps, scope.params)
    if not findings.has_errors:
        _unused(ctx, scope)
        _nothing(ctx, scope, parsed)
    if schema is None:
        ctx.hint(
            "W104",
            "names were not checked: no schema of the workspace is at hand",
            None,
            "leadops schema pull",
        )
    plan = None
    if schema is not None and not findings.has_errors:
        assert len(steps) == len(scope.steps), "a step that was not understood must have been told of"
        plan = Plan(
            title,
            parsed.file,
            print_playbook(ast.Playbook(tuple(scope.items), span=parsed.playbook.span)),
            zone.key,
            origin,
            around.now_ms,
            schema,
            tuple(steps),
            limits,
            tuple(_parameter(argument) for argument in params.values() if argument is not None),
            around.unchecked,
            around.country_code,
        )
    return Compiled(
        plan, without_echoes(findings.in_order()), scope.sources, tuple(scope.tests), schema is not None
    )


def _parameter(argument: Argument) -> Parameter:
    return Parameter(argument.name, argument.type, argument.text, argument.type == "secret")


def _zone(
    scope: Scope, around: Surroundings, findings: Findings
) -> tuple[ZoneInfo, Literal["playbook", "profile", "default"]]:
    if scope.timezone is not None:
        zone = zone_of(scope.timezone.name)
        if zone is not None:
            return zone, "playbook"
        written = scope.timezone.span
        _no_zone(scope.timezone.name, part_of(scope.sources.get(written.file, ""), written, TEXT), findings)
    if around.timezone is not None:
        zone = zone_of(around.timezone)
        if zone is not None:
            return zone, "profile"
        _no_zone(around.timezone, None, findings)
    return ZoneInfo(DEFAULT_TIMEZONE), "default"


def _no_zone(name: str, span: Span | None, findings: Findings) -> None:
    where = "" if span else "the profile's timezone: "
    findings.error("E306", f"{where}there is no time zone “{name}”", span, zone_advice(name))


def _language(scope: Scope, findings: Findings) -> None:
    header = scope.header
    if header is not None and header.language not in {None, LANGUAGE}:
        message = f"this leadops reads version {LANGUAGE} of the language, not {header.language}"
        where = part_of(scope.sources.get(header.span.file, ""), header.span, r"language\s+([0-9.]+)")
        findings.error("E517", message, where, "use a newer leadops, or write: language 1")


def _steps(ctx: Context, scope: Scope, title: str, files: Files, *, whole: bool) -> list[Step]:
    steps: list[Step] = []
    titles: dict[str, Span] = {}
    rules: dict[str, Span] = {}
    for index, node in enumerate(scope.steps):
        if node.title is not None and node.title in titles:
            message = f"two steps are called “{node.title}”, the first in line {titles[node.title].line}"
            ctx.error("E511", message, ctx.part(node.span, TEXT), "give each its own title")
            twice = True
        else:
            twice = False
            titles.setdefault(node.title or "", node.span)
        step, named = lower_step(ctx, node, index, title, files, whole=whole)
        if step is not None:
            steps.append(step)
        for rule, span in named:
            if rule in rules and not twice:
                ctx.error(
                    "E510",
                    f"two appends have the same name “{rule}”, the first in line {rules[rule].line}",
                    span,
                    'give one of them its own: key "…"',
                )
            rules.setdefault(rule, span)
    return steps


def _defines(ctx: Context, scope: Scope) -> None:
    """Check the defines that no step uses; what the others say has been said."""
    ctx.step = StepState()
    used = set(ctx.used)
    for name, define in scope.defines.items():
        if name not in used and not ctx.sizes[name].too_large:
            condition = lower(ctx, define.condition, (name,))
            if condition is not None:
                judge(ctx, condition)
    ctx.used.intersection_update(used | {each for each in ctx.used if each.startswith("$")})


def _nothing(ctx: Context, scope: Scope, parsed: Parsed) -> None:
    """Say that there is nothing to do; a file that only declares is one to include."""
    if not scope.tests and all(
        isinstance(item, ast.PlaybookHeader | ast.Timezone) for item in parsed.playbook.items
    ):
        start = span_at(parsed.source, 0, 0, parsed.file)
        ctx.warning("W114", "this playbook has no step: it does nothing", start, "begin: find leads where …")


def _unused(ctx: Context, scope: Scope) -> None:
    for name, item in declared(scope).items():
        if name not in ctx.used:
            what = "param" if name.startswith("$") else "define"
            ctx.warning("W105", f"the {what} {name.removeprefix('$')} is never used", item.span)
