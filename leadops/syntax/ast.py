"""The AST of a playbook: what was written, resolved to nothing yet.

Every node knows where it came from (``span``); equality ignores it, so that
``parse(print(ast)) == ast`` can be said. Built by syntax/builder.py, printed by syntax/printer.py,
given meaning by analysis/.
"""

from dataclasses import dataclass, field
from typing import Literal

from leadops.core.positions import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Anything written in a playbook.

    Attributes:
        span: where it stands.
    """

    span: Span = field(compare=False, repr=False)


# ── values ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Word(Node):
    """A bare word: ``Won``, ``Walk-in``, ``OUTGOING_CALL``, ``true``."""

    text: str


@dataclass(frozen=True, slots=True)
class String(Node):
    """A quoted text, escapes resolved; also a bare e-mail. May hold ``{{ … }}``, which analysis reads."""

    text: str


@dataclass(frozen=True, slots=True)
class Number(Node):
    """Bare digits as written, with an optional sign and fraction: ``5``, ``-2.5``, ``919999999999``, ``1001``."""

    text: str


@dataclass(frozen=True, slots=True)
class Date(Node):
    """An ISO day or local minute as written: ``2026-04-01``, ``2026-04-01T09:00``."""

    text: str


@dataclass(frozen=True, slots=True)
class ParamRef(Node):
    """``$name``."""

    name: str


@dataclass(frozen=True, slots=True)
class RowRef(Node):
    """A cell of the current CSV row: ``row.phone`` or ``row.`Column name```."""

    column: str


@dataclass(frozen=True, slots=True)
class List(Node):
    """``["VIP", "Returning"]``: several tags as one value, in ``set`` and ``with``; lists do not nest."""

    values: tuple["Word | String | Number | Date | ParamRef | RowRef", ...]


Value = Word | String | Number | Date | ParamRef | RowRef | List


@dataclass(frozen=True, slots=True)
class FieldRef(Node):
    """A field by API name, or by display label in backticks.

    Attributes:
        name: as written, without the backticks.
        quoted: True when it stood in backticks.
    """

    name: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Assignment(Node):
    """``field = value``, in ``set``, ``with`` and ``where`` lists."""

    field: FieldRef
    value: Value


# ── periods ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class MonthPeriod(Node):
    """``April``, ``April 2026`` or ``2026-04``. ``year`` None: the latest such month that has begun."""

    month: int
    year: int | None = None


@dataclass(frozen=True, slots=True)
class QuarterPeriod(Node):
    """``2026-Q2``."""

    year: int
    quarter: int


@dataclass(frozen=True, slots=True)
class YearPeriod(Node):
    """``2026``."""

    year: int


@dataclass(frozen=True, slots=True)
class DayPeriod(Node):
    """``2026-04-01``: the local day."""

    day: str


@dataclass(frozen=True, slots=True)
class RangePeriod(Node):
    """``2026-04-01..2026-04-30``: both days included."""

    first: str
    last: str


@dataclass(frozen=True, slots=True)
class NamedDayPeriod(Node):
    """``today`` or ``yesterday``."""

    name: Literal["today", "yesterday"]


@dataclass(frozen=True, slots=True)
class LastPeriod(Node):
    """``last 14 days``: the full local units before the current one, and the current one until now."""

    count: int
    unit: Literal["day", "week", "month", "quarter", "year"]


@dataclass(frozen=True, slots=True)
class RelativePeriod(Node):
    """``this month``, ``previous week``: whole calendar units; weeks begin on Monday."""

    which: Literal["this", "previous"]
    unit: Literal["day", "week", "month", "quarter", "year"]


@dataclass(frozen=True, slots=True)
class SincePeriod(Node):
    """``since 2026-04-01``: from the start of that local day until now."""

    day: str


Period = (
    MonthPeriod
    | QuarterPeriod
    | YearPeriod
    | DayPeriod
    | RangePeriod
    | NamedDayPeriod
    | LastPeriod
    | RelativePeriod
    | SincePeriod
    | ParamRef
)


# ── conditions ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """``field op value``."""

    field: FieldRef
    op: Literal["=", "!=", "<", "<=", ">", ">="]
    value: Value


@dataclass(frozen=True, slots=True)
class Membership(Node):
    """``field [not] in [a, b]``."""

    field: FieldRef
    values: tuple[Value, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Between(Node):
    """``field between low and high``: both included."""

    field: FieldRef
    low: Value
    high: Value


@dataclass(frozen=True, slots=True)
class TextTest(Node):
    """``field contains|starts with|ends with value``."""

    field: FieldRef
    kind: Literal["contains", "starts with", "ends with"]
    value: Value


@dataclass(frozen=True, slots=True)
class Presence(Node):
    """``field is missing`` or ``field is present``."""

    field: FieldRef
    missing: bool


@dataclass(frozen=True, slots=True)
class TagTest(Node):
    """``field has any|all [a, b]``."""

    field: FieldRef
    which: Literal["any", "all"]
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class InPeriod(Node):
    """``field in PERIOD``; ``created in PERIOD`` is written with the field ``created``."""

    field: FieldRef
    period: Period


@dataclass(frozen=True, slots=True)
class CallPhrase(Node):
    """``called …`` (outgoing), ``called us …`` (incoming), ``missed call …``: one call satisfies all of it."""

    direction: Literal["outgoing", "incoming", "missed"]
    by: tuple[Value, ...] = ()
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class ActionPhrase(Node):
    """``has action TYPE [with k = v] [by WHO] [in PERIOD]``: one action satisfies all of it."""

    action: Value
    having: tuple[Assignment, ...] = ()
    by: tuple[Value, ...] = ()
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class PaymentPhrase(Node):
    """``has payment [with k = v] [by WHO] [in PERIOD]``."""

    having: tuple[Assignment, ...] = ()
    by: tuple[Value, ...] = ()
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class Matches(Node):
    """``matches NAME``: a condition named by ``define``."""

    name: str


@dataclass(frozen=True, slots=True)
class And(Node):
    """All of ``terms``; two or more, none of them an And."""

    terms: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    """Any of ``terms``; two or more, none of them an Or."""

    terms: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    """Not ``term``."""

    term: "Condition"


Condition = (
    Comparison
    | Membership
    | Between
    | TextTest
    | Presence
    | TagTest
    | InPeriod
    | CallPhrase
    | ActionPhrase
    | PaymentPhrase
    | Matches
    | And
    | Or
    | Not
)


# ── sources ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class FindLeads(Node):
    """``find leads [where …]`` (any number) or ``find lead where …`` (``single``: exactly one)."""

    where: Condition | None
    single: bool = False


@dataclass(frozen=True, slots=True)
class FindLeadById(Node):
    """``find lead "<id>"``."""

    lead_id: Value


@dataclass(frozen=True, slots=True)
class CreateLead(Node):
    """``create lead with f = v, …``."""

    fields: tuple[Assignment, ...]


@dataclass(frozen=True, slots=True)
class UpsertLead(Node):
    """``upsert lead by FIELD with f = v, …``."""

    by: FieldRef
    fields: tuple[Assignment, ...]


@dataclass(frozen=True, slots=True)
class DatesAre(Node):
    """``dates are "DD/MM/YYYY"`` in a CSV contract."""

    format: str


@dataclass(frozen=True, slots=True)
class ColumnsMustBe(Node):
    """``columns must be a, b`` in a CSV contract."""

    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OnMissingLead(Node):
    """``on missing lead create|skip|fail`` in a CSV contract."""

    what: Literal["create", "skip", "fail"]


@dataclass(frozen=True, slots=True)
class EachRow(Node):
    """``for each row in csv "file.csv" { match lead by F = row.c; …contract… }``; its effects follow as statements."""

    path: str
    match_field: FieldRef
    match_value: Value
    contract: tuple["DatesAre | ColumnsMustBe | OnMissingLead", ...] = ()


@dataclass(frozen=True, slots=True)
class RetryRejects(Node):
    """``retry rejects of last run`` (``run`` None) or ``of run "<id>"``."""

    run: str | None = None


Source = FindLeads | FindLeadById | CreateLead | UpsertLead | EachRow | RetryRejects


# ── effects ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class SetFields(Node):
    """``set f = v, g = v``."""

    fields: tuple[Assignment, ...]


@dataclass(frozen=True, slots=True)
class ClearFields(Node):
    """``clear f, g``."""

    fields: tuple[FieldRef, ...]


@dataclass(frozen=True, slots=True)
class ChangeTags(Node):
    """``add "VIP" to interests`` or ``remove "VIP", "Old" from interests``."""

    verb: Literal["add", "remove"]
    tags: tuple[Value, ...]
    field: FieldRef


@dataclass(frozen=True, slots=True)
class OncePer(Node):
    """``once per lead [in PERIOD]``, or ``each run``.

    Attributes:
        each_run: True for ``each run``; then ``period`` is None.
        period: repeats in each such period; None: once per lead, for ever.
    """

    each_run: bool = False
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class AddAction(Node):
    """``add action TYPE [with k = v, …] [once per …|each run] [key "…"]``."""

    action: Value
    fields: tuple[Assignment, ...] = ()
    once: OncePer | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class AddPayment(Node):
    """``add payment [with] status = …, currency = …, amount = … [once per …] [key "…"]``."""

    fields: tuple[Assignment, ...]
    once: OncePer | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class UpdateAction(Node):
    """``update action TYPE [where k = v, …] with k = v, …``: the latest that matches."""

    action: Value
    where: tuple[Assignment, ...]
    fields: tuple[Assignment, ...]


@dataclass(frozen=True, slots=True)
class UpdatePayment(Node):
    """``update payment [where k = v, …] with status = …``: the latest that matches."""

    where: tuple[Assignment, ...]
    fields: tuple[Assignment, ...]


@dataclass(frozen=True, slots=True)
class ReadTimeline(Node):
    """``read timeline [in PERIOD]``."""

    period: Period | None = None


@dataclass(frozen=True, slots=True)
class When(Node):
    """``when COND { … } [otherwise { … }]``."""

    condition: Condition
    then: tuple["Effect", ...]
    otherwise: tuple["Effect", ...] = ()


@dataclass(frozen=True, slots=True)
class Report(Node):
    """``report to "out.md" [using "my.md.j2"]``."""

    path: str
    template: str | None = None


@dataclass(frozen=True, slots=True)
class Notify(Node):
    """``notify "name" with "text"``."""

    name: str
    text: String


Effect = (
    SetFields
    | ClearFields
    | ChangeTags
    | AddAction
    | AddPayment
    | UpdateAction
    | UpdatePayment
    | ReadTimeline
    | When
    | Report
    | Notify
)


# ── guards, order, permissions ───────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class ExpectCount(Node):
    """``expect at most|at least|exactly N leads`` or ``expect A..B leads``: bounds, both included."""

    at_least: int | None
    at_most: int | None


@dataclass(frozen=True, slots=True)
class ExpectEvery(Node):
    """``expect every lead COND``."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class StopWhen(Node):
    """``stop when P % fail``; ``percent`` as written."""

    percent: str


@dataclass(frozen=True, slots=True)
class Canary(Node):
    """``canary N then confirm|continue``."""

    count: int
    then: Literal["confirm", "continue"]


@dataclass(frozen=True, slots=True)
class AllowFullScan(Node):
    """``allow full scan``."""


@dataclass(frozen=True, slots=True)
class AllowTimelines(Node):
    """``allow timelines [at most N]``."""

    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class AllowNewOption(Node):
    """``allow new option``."""


@dataclass(frozen=True, slots=True)
class Order(Node):
    """``newest first`` or ``oldest first``."""

    newest: bool


@dataclass(frozen=True, slots=True)
class Limit(Node):
    """``limit N``: the first N that still need a change."""

    count: int


Guard = ExpectCount | ExpectEvery | StopWhen | Canary | AllowFullScan | AllowTimelines | AllowNewOption
StepStatement = Source | Effect | Guard | Order | Limit


@dataclass(frozen=True, slots=True)
class Step(Node):
    """A step; ``title`` None: the bare statements of a file, from one source to the next.

    ``statements`` stand in their written order; the first is the source in a well-formed step.
    """

    title: str | None
    statements: tuple[StepStatement, ...]


# ── in-file tests ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class GivenNow(Node):
    """``given now 2026-05-02T09:00``: local time of the playbook."""

    at: str


@dataclass(frozen=True, slots=True)
class GivenCall(Node):
    """``called|called us|missed call [by WHO] [on T]`` behind a given lead."""

    direction: Literal["outgoing", "incoming", "missed"]
    by: Value | None = None
    at: str | None = None


@dataclass(frozen=True, slots=True)
class GivenAction(Node):
    """``has action TYPE [with …] [by WHO] [on T]`` (or ``has payment …``) behind a given lead."""

    action: Value | None
    having: tuple[Assignment, ...] = ()
    by: Value | None = None
    at: str | None = None


@dataclass(frozen=True, slots=True)
class GivenLead(Node):
    """``given lead with f = v, … [called …] [has action …]``."""

    fields: tuple[Assignment, ...]
    history: tuple["GivenCall | GivenAction", ...] = ()


@dataclass(frozen=True, slots=True)
class GivenParam(Node):
    """``given param name = value``."""

    name: str
    value: "Value | Period"


@dataclass(frozen=True, slots=True)
class StepMatches(Node):
    """``step "title" matches N leads``; ``title`` None: the unnamed step."""

    title: str | None
    count: int


@dataclass(frozen=True, slots=True)
class LeadWouldHave(Node):
    """``lead "…" would have f = v, …``."""

    lead: Value
    fields: tuple[Assignment, ...]


@dataclass(frozen=True, slots=True)
class LeadWouldHaveAction(Node):
    """``lead "…" would have action TYPE [with k = v, …]``."""

    lead: Value
    action: Value
    having: tuple[Assignment, ...] = ()


@dataclass(frozen=True, slots=True)
class LeadNotTouched(Node):
    """``lead "…" is not touched``."""

    lead: Value


TestStatement = (
    GivenNow | GivenLead | GivenParam | StepMatches | LeadWouldHave | LeadWouldHaveAction | LeadNotTouched
)


@dataclass(frozen=True, slots=True)
class Test(Node):
    """``test "title" { … }``."""

    title: str
    statements: tuple[TestStatement, ...]


# ── the file ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class PlaybookHeader(Node):
    """``playbook "title" [language 1]``."""

    title: str
    language: int | None = None


@dataclass(frozen=True, slots=True)
class Timezone(Node):
    """``timezone "Asia/Kolkata"``."""

    name: str


@dataclass(frozen=True, slots=True)
class Include(Node):
    """``include "lib/common.lead"``."""

    path: str


@dataclass(frozen=True, slots=True)
class LimitLeads(Node):
    """``at most N leads``."""

    count: int


@dataclass(frozen=True, slots=True)
class LimitPercent(Node):
    """``at most P % of leads``; ``percent`` as written."""

    percent: str


@dataclass(frozen=True, slots=True)
class LimitCalls(Node):
    """``at most N calls``."""

    count: int


@dataclass(frozen=True, slots=True)
class LimitLane(Node):
    """``lane async`` (field updates may go through the async API) or ``lane sync``."""

    lane: Literal["sync", "async"]


@dataclass(frozen=True, slots=True)
class Limits(Node):
    """``limits { … }``."""

    items: tuple["LimitLeads | LimitPercent | LimitCalls | LimitLane", ...]


@dataclass(frozen=True, slots=True)
class Param(Node):
    """``param name: type [= default]``."""

    name: str
    type: Literal["text", "email", "phone", "number", "date", "period", "file", "secret"]
    default: "Value | Period | None" = None


@dataclass(frozen=True, slots=True)
class Define(Node):
    """``define name as COND``."""

    name: str
    condition: Condition


Item = PlaybookHeader | Timezone | Include | Limits | Param | Define | Step | Test


@dataclass(frozen=True, slots=True)
class Playbook(Node):
    """A parsed file: its items in written order."""

    items: tuple[Item, ...]
