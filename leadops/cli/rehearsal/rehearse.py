"""Running a playbook's own tests: each is compiled with its own clock and params, and planned on a world of its own."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from leadops.analysis.compiler import DEFAULT_TIMEZONE, Compiled, Surroundings, compile_playbook
from leadops.analysis.periods import PeriodError, moment_bounds
from leadops.analysis.rehearsals import given_now, given_params, lower_test
from leadops.cli.compiling import with_stand_ins
from leadops.cli.rehearsal.outcome import outcome_of
from leadops.cli.rehearsal.verdict import Failure, judged
from leadops.cli.rehearsal.world import staged
from leadops.core.diagnostics import Severity
from leadops.core.errors import RefusedError
from leadops.core.positions import Span
from leadops.engine.memory_stores import ShortCapabilities
from leadops.engine.plan.clearing import NULL
from leadops.engine.plan.options import PlanOptions
from leadops.engine.plan.planner import make_plan
from leadops.model.journal import Made, OpRecord
from leadops.model.plan import Permissions, Plan, Step
from leadops.model.schema import Schema
from leadops.syntax import ast
from leadops.syntax.parser import Parsed


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What came of one test.

    Attributes:
        claims: how many it makes.
        failures: those that do not hold; a test that cannot be planned fails with the reason.
    """

    title: str
    claims: int
    failures: tuple[Failure, ...]
    span: Span = field(compare=False, repr=False)

    @property
    def passed(self) -> bool:
        """Whether every claim holds."""
        return not self.failures


@dataclass(frozen=True, slots=True)
class RehearsalReport:
    """What came of a playbook's tests, in the order of writing."""

    file: str
    results: tuple[Rehearsed, ...]

    @property
    def failed(self) -> tuple[Rehearsed, ...]:
        """The tests that failed."""
        return tuple(result for result in self.results if not result.passed)


async def rehearse(
    parsed: Parsed, schema: Schema, around: Surroundings, *, only: re.Pattern[str] | None = None
) -> RehearsalReport:
    """Run the tests of a playbook whose syntax is sound.

    Args:
        parsed: the playbook.
        schema: the user's workspace; a world is made of it for each test.
        around: as the playbook is compiled in; a test replaces clock and params by what it gives.
        only: run the tests whose title it is found in.
    """
    calm = with_stand_ins(parsed, around)
    tests = [item for item in parsed.playbook.items if isinstance(item, ast.Test)]
    chosen = [test for test in tests if only is None or only.search(test.title)]
    return RehearsalReport(parsed.file, tuple([await _one(test, parsed, schema, calm) for test in chosen]))


async def _one(test: ast.Test, parsed: Parsed, schema: Schema, around: Surroundings) -> Rehearsed:
    compiled = compile_playbook(parsed, schema, _around(test, parsed, around))
    claims = sum(isinstance(s, ast.StepMatches | ast.LeadWouldHave | ast.LeadWouldHaveAction | ast.LeadNotTouched)
                 for s in test.statements)  # fmt: skip
    if compiled.plan is None:
        return Rehearsed(test.title, claims, (_unsound(compiled, test),), test.span)
    plan = _unhindered(compiled.plan)
    rehearsal = lower_test(test, plan, around.call_types)
    async with staged(plan, rehearsal.given) as stage:
        known = ShortCapabilities()
        known.put(NULL, True)  # a test is about what the playbook wants, not about what the workspace can
        options = PlanOptions(clock=stage.clock, capabilities=known)
        try:
            saved = await make_plan(plan, stage.reader, _BlankJournal(), options)
        except RefusedError as error:
            return Rehearsed(test.title, claims, (_refused(error, test),), test.span)
        outcome = outcome_of(plan, saved, stage.leads)
    judgements = [judged(claim, saved, outcome) for claim in rehearsal.claims]
    failures = tuple(failure for failure in judgements if failure is not None)
    if failures and saved.refusals:
        refusals = tuple(f"the plan is refused: {refusal}" for refusal in saved.refusals)
        failures = (replace(failures[0], details=(*failures[0].details, *refusals)), *failures[1:])
    return Rehearsed(test.title, len(rehearsal.claims), failures, test.span)


def _unhindered(plan: Plan) -> Plan:
    """Return ``plan`` with what only costs calls allowed: which ways lead to its leads depends on the whole workspace."""
    return replace(plan, steps=tuple(replace(step, permissions=_allowed(step)) for step in plan.steps))


def _allowed(step: Step) -> Permissions:
    return replace(step.permissions, full_scan=True, timelines=True, timelines_at_most=None)


def _around(test: ast.Test, parsed: Parsed, around: Surroundings) -> Surroundings:
    now = given_now(test)
    parameters = {**around.parameters, **given_params(test)}
    if now is None:
        return replace(around, parameters=parameters)
    try:
        now_ms = moment_bounds(now, _zone(parsed, around))[0]
    except PeriodError:  # the compiler says so, with the place
        now_ms = around.now_ms
    return replace(around, parameters=parameters, now_ms=now_ms)


def _zone(parsed: Parsed, around: Surroundings) -> ZoneInfo:
    written = (item.name for item in parsed.playbook.items if isinstance(item, ast.Timezone))
    try:
        return ZoneInfo(next(written, None) or around.timezone or DEFAULT_TIMEZONE)
    except (KeyError, ValueError, OSError):  # as above
        return ZoneInfo(DEFAULT_TIMEZONE)


def _unsound(compiled: Compiled, test: ast.Test) -> Failure:
    first = next(d for d in compiled.diagnostics if d.severity is Severity.ERROR)
    said = f"{first.code}: {first.message}"
    advice = f"{first.help}, or write in the test: given param …" if first.code == "E410" else first.help
    return Failure(
        "the playbook compiles with what the test gives", said, (advice,) if advice else (), test.span
    )


def _refused(error: RefusedError, test: ast.Test) -> Failure:
    return Failure(
        "the playbook can be planned", error.message, (error.help,) if error.help else (), test.span
    )


class _BlankJournal:
    """A past in which nothing was ever made; fits ``engine.ports.JournalView``."""

    lineage = "test"
    serial = 0
    mark = "test:0:0:"

    def holds(self, mark: str) -> bool:
        """Whether it is this past."""
        return mark == self.mark

    def made(self, keys: Collection[str]) -> Mapping[str, Made]:  # noqa: ARG002 (the port's signature)
        """Return nothing."""
        return {}

    def tries(self, leads: Collection[str], keys: Collection[str]) -> Sequence[OpRecord]:  # noqa: ARG002 (as above)
        """Return nothing."""
        return ()

    def knows_rule(self, rule: str) -> bool:  # noqa: ARG002 (the port's signature)
        """Return True: that a rule is new to a test is no news."""
        return True
