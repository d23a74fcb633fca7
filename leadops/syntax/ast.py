"""The AST of a playbook: what was written, resolved to nothing yet.

Every node knows where it came from (``span``); equality ignores it, so that
``parse(print(ast)) == ast`` can be said. Built by syntax/builder.py, printed by syntax/printer.py,
given meaning by analysis/.
"""

from dataclasses import field
from typing import Literal

from leadops.core.positions import Span
from leadops.core.records import record


@record(kw_only=True)
class Node:
    """Anything written in a playbook.

    Attributes:
        span: where it stands.
    """

    span: Span = field(compare=False, repr=False)


# ── values ───────────────────────────────────────────────────────────────────────────────────────


@record()
class Word(Node):
    """A bare word: ``Won``, ``Walk-in``, ``OUTGOING_CALL``, ``true``."""

    text: str


@record()
class String(Node):
    """A quoted text, escapes resolved; also a bare e-mail. May hold ``{{ … }}``, which analysis reads."""

    text: str


@record()
class Number(Node):
    """Bare digits as written, with an optional sign and fraction: ``5``, ``-2.5``, ``919999999999``, ``1001``."""

    text: str


@record()
class Date(Node):
    """An ISO day or local minute as written: ``2026-04-01``, ``2026-04-01T09:00``."""

    text: str


@record()
class ParamRef(Node):
    """``$name``."""

    name: str


@record()
class RowRef(Node):
    """A cell of the current CSV row: ``row.phone`` or ``row.`Column name```."""

    column: str


@record()
class List(Node):
    """``["VIP", "Returning"]``: several tags as one value, in ``set`` and ``with``; lists do not nest."""

    values: tuple["Word | String | Number | Date | ParamRef | RowRef", ...]


Value = Word | String | Number | Date | ParamRef | RowRef | List


@record()
class FieldRef(Node):
    """A field by API name, or by display label in backticks.

    Attributes:
        name: as written, without the backticks.
        quoted: True when it stood in backticks.
    """

    name: str
    quoted: bool = False


@record()
class Assignment(Node):
    """``field = value``, in ``set``, ``with`` and ``where`` lists."""

    field: FieldRef
    value: Value


# ── periods ──────────────────────────────────────────────────────────────────────────────────────


@record()
class MonthPeriod(Node):
    """``April``, ``April 2026`` or ``2026-04``. ``year`` None: the latest such month that has begun."""

    month: int
    year: int | None = None


@record()
class QuarterPeriod(Node):
    """``2026-Q2``."""

    year: int
    quarter: int


@record()
class YearPeriod(Node):
    """``2026``."""

    year: int


@record()
class DayPeriod(Node):
    """``2026-04-01``: the local day."""

    day: str


@record()
class RangePeriod(Node):
    """``2026-04-01..2026-04-30``: both days included."""

    first: str
    last: str


@record()
class NamedDayPeriod(Node):
    """``today`` or ``yesterday``."""

    name: Literal["today", "yesterday"]


@record()
class LastPeriod(Node):
    """``last 14 days``: the full local units before the current one, and the current one until now."""

    count: int
    unit: Literal["day", "week", "month", "quarter", "year"]


@record()
class RelativePeriod(Node):
    """``this month``, ``previous week``: whole calendar units; weeks begin on Monday."""

    which: Literal["this", "previous"]
    unit: Literal["day", "week", "month", "quarter", "year"]


@record()
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


@record()
class Comparison(Node):
    """``field op value``."""

    field: FieldRef
    op: Literal["=", "!=", "<", "<=", ">", ">="]
    value: Value


@record()
class Membership(Node):
    """``field [not] in [a, b]``."""

    field: FieldRef
    values: tuple[Value, ...]
    negated: bool = False


@record()
class Between(Node):
    """``field between low and high``: both included."""

    field: FieldRef
    low: Value
    high: Value


@record()
class TextTest(Node):
    """``field contains|starts with|ends with value``."""

    field: FieldRef
    kind: Literal["contains", "starts with", "ends with"]
    value: Value


@record()
class Presence(Node):
    """``field is missing`` or ``field is present``."""

    field: FieldRef
    missing: bool


@record()
class TagTest(Node):
    """``field has any|all [a, b]``."""

    field: FieldRef
    which: Literal["any", "all"]
    values: tuple[Value, ...]


@record()
class InPeriod(Node):
    """``field in PERIOD``; ``created in PERIOD`` is written with the field ``created``."""

    field: FieldRef
    period: Period


@record()
class CallPhrase(Node):
    """``called …`` (outgoing), ``called us …`` (incoming), ``missed call …``: one call satisfies all of it."""

    direction: Literal["outgoing", "incoming", "missed"]
    by: tuple[Value, ...] = ()
    period: Period | None = None


@record()
class ActionPhrase(Node):
    """``has action TYPE [with k = v] [by WHO] [in PERIOD]``: one action satisfies all of it."""

    action: Value
    having: tuple[Assignment, ...] = ()
    by: tuple[Value, ...] = ()
    period: Period | None = None


@record()
class PaymentPhrase(Node):
    """``has payment [with k = v] [by WHO] [in PERIOD]``."""

    having: tuple[Assignment, ...] = ()
    by: tuple[Value, ...] = ()
    period: Period | None = None


@record()
class Matches(Node):
    """``matches NAME``: a condition named by ``define``."""

    name: str


@record()
class And(Node):
    """All of ``terms``; two or more, none of them an And."""

    terms: tuple["Condition", ...]


@record()
class Or(Node):
    """Any of ``terms``; two or more, none of them an Or."""

    terms: tuple["Condition", ...]


@record()
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


@record()
class FindLeads(Node):
    """``find leads [where …]`` (any number) or ``find lead where …`` (``single``: exactly one)."""

    where: Condition | None
    single: bool = False


@record()
class FindLeadById(Node):
    """``find lead "<id>"``."""

    lead_id: Value


@record()
class CreateLead(Node):
    """``create lead with f = v, …``."""

    fields: tuple[Assignment, ...]


@record()
class UpsertLead(Node):
    """``upsert lead by FIELD with f = v, …``."""

    by: FieldRef
    fields: tuple[Assignment, ...]


@record()
class DatesAre(Node):
    """``dates are "DD/MM/YYYY"`` in a CSV contract."""

    format: str


@record()
class ColumnsMustBe(Node):
    """``columns must be a, b`` in a CSV contract."""

    columns: tuple[str, ...]


@record()
class OnMissingLead(Node):
    """``on missing lead create|skip|fail`` in a CSV contract."""

    what: Literal["create", "skip", "fail"]


@record()
class EachRow(Node):
    """``for each row in csv "file.csv" { match lead by F = row.c; …contract… }``; its effects follow as statements."""

    path: str
    match_field: FieldRef
    match_value: Value
    contract: tuple["DatesAre | ColumnsMustBe | OnMissingLead", ...] = ()


@record()
class RetryRejects(Node):
    """``retry rejects of last run`` (``run`` None) or ``of run "<id>"``."""

    run: str | None = None


Source = FindLeads | FindLeadById | CreateLead | UpsertLead | EachRow | RetryRejects


# ── effects ──────────────────────────────────────────────────────────────────────────────────────


@record()
class SetFields(Node):
    """``set f = v, g = v``."""

    fields: tuple[Assignment, ...]


@record()
class ClearFields(Node):
    """``clear f, g``."""

    fields: tuple[FieldRef, ...]


@record()
class ChangeTags(Node):
    """``add "VIP" to interests`` or ``remove "VIP", "Old" from interests``."""

    verb: Literal["add", "remove"]
    tags: tuple[Value, ...]
    field: FieldRef


@record()
class OncePer(Node):
    """``once per lead [in PERIOD]``, or ``each run``.

    Attributes:
        each_run: True for ``each run``; then ``period`` is None.
        period: repeats in each such period; None: once per lead, for ever.
    """

    each_run: bool = False
    period: Period | None = None


@record()
class AddAction(Node):
    """``add action TYPE [with k = v, …] [once per …|each run] [key "…"]``."""

    action: Value
    fields: tuple[Assignment, ...] = ()
    once: OncePer | None = None
    key: str | None = None


@record()
class AddPayment(Node):
    """``add payment [with] status = …, currency = …, amount = … [once per …] [key "…"]``."""

    fields: tuple[Assignment, ...]
    once: OncePer | None = None
    key: str | None = None


@record()
class UpdateAction(Node):
    """``update action TYPE [where k = v, …] with k = v, …``: the latest that matches."""

    action: Value
    where: tuple[Assignment, ...]
    fields: tuple[Assignment, ...]


@record()
class UpdatePayment(Node):
    """``update payment [where k = v, …] with status = …``: the latest that matches."""

    where: tuple[Assignment, ...]
    fields: tuple[Assignment, ...]


@record()
class ReadTimeline(Node):
    """``read timeline [in PERIOD]``."""

    period: Period | None = None


@record()
class When(Node):
    """``when COND { … } [otherwise { … }]``."""

    condition: Condition
    then: tuple["Effect", ...]
    otherwise: tuple["Effect", ...] = ()


@record()
class Report(Node):
    """``report to "out.md" [using "my.md.j2"]``."""

    path: str
    template: str | None = None


@record()
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


@record()
class ExpectCount(Node):
    """``expect at most|at least|exactly N leads`` or ``expect A..B leads``: bounds, both included."""

    at_least: int | None
    at_most: int | None


@record()
class ExpectEvery(Node):
    """``expect every lead COND``."""

    condition: Condition


@record()
class StopWhen(Node):
    """``stop when P % fail``; ``percent`` as written."""

    percent: str


@record()
class Canary(Node):
    """``canary N then confirm|continue``."""

    count: int
    then: Literal["confirm", "continue"]


@record()
class AllowFullScan(Node):
    """``allow full scan``."""


@record()
class AllowTimelines(Node):
    """``allow timelines [at most N]``."""

    at_most: int | None = None


@record()
class AllowNewOption(Node):
    """``allow new option``."""


@record()
class Order(Node):
    """``newest first`` or ``oldest first``."""

    newest: bool


@record()
class Limit(Node):
    """``limit N``: the first N that still need a change."""

    count: int


Guard = ExpectCount | ExpectEvery | StopWhen | Canary | AllowFullScan | AllowTimelines | AllowNewOption
StepStatement = Source | Effect | Guard | Order | Limit


@record()
class Step(Node):
    """A step; ``title`` None: the bare statements of a file, from one source to the next.

    ``statements`` stand in their written order; the first is the source in a well-formed step.
    """

    title: str | None
    statements: tuple[StepStatement, ...]


# ── in-file tests ────────────────────────────────────────────────────────────────────────────────


@record()
class GivenNow(Node):
    """``given now 2026-05-02T09:00``: local time of the playbook."""

    at: str


@record()
class GivenCall(Node):
    """``called|called us|missed call [by WHO] [on T]`` behind a given lead."""

    direction: Literal["outgoing", "incoming", "missed"]
    by: Value | None = None
    at: str | None = None


@record()
class GivenAction(Node):
    """``has action TYPE [with …] [by WHO] [on T]`` (or ``has payment …``) behind a given lead."""

    action: Value | None
    having: tuple[Assignment, ...] = ()
    by: Value | None = None
    at: str | None = None


@record()
class GivenLead(Node):
    """``given lead with f = v, … [called …] [has action …]``."""

    fields: tuple[Assignment, ...]
    history: tuple["GivenCall | GivenAction", ...] = ()


@record()
class GivenParam(Node):
    """``given param name = value``."""

    name: str
    value: "Value | Period"


@record()
class StepMatches(Node):
    """``step "title" matches N leads``; ``title`` None: the unnamed step."""

    title: str | None
    count: int


@record()
class LeadWouldHave(Node):
    """``lead "…" would have f = v, …``."""

    lead: Value
    fields: tuple[Assignment, ...]


@record()
class LeadWouldHaveAction(Node):
    """``lead "…" would have action TYPE [with k = v, …]``."""

    lead: Value
    action: Value
    having: tuple[Assignment, ...] = ()


@record()
class LeadNotTouched(Node):
    """``lead "…" is not touched``."""

    lead: Value


TestStatement = (
    GivenNow | GivenLead | GivenParam | StepMatches | LeadWouldHave | LeadWouldHaveAction | LeadNotTouched
)


@record()
class Test(Node):
    """``test "title" { … }``."""

    title: str
    statements: tuple[TestStatement, ...]


# ── the file ─────────────────────────────────────────────────────────────────────────────────────


@record()
class PlaybookHeader(Node):
    """``playbook "title" [language 1]``."""

    title: str
    language: int | None = None


@record()
class Timezone(Node):
    """``timezone "Asia/Kolkata"``."""

    name: str


@record()
class Include(Node):
    """``include "lib/common.lead"``."""

    path: str


@record()
class LimitLeads(Node):
    """``at most N leads``."""

    count: int


@record()
class LimitPercent(Node):
    """``at most P % of leads``; ``percent`` as written."""

    percent: str


@record()
class LimitCalls(Node):
    """``at most N calls``."""

    count: int


@record()
class LimitLane(Node):
    """``lane async`` (field updates may go through the async API) or ``lane sync``."""

    lane: Literal["sync", "async"]


@record()
class Limits(Node):
    """``limits { … }``."""

    items: tuple["LimitLeads | LimitPercent | LimitCalls | LimitLane", ...]


@record()
class Param(Node):
    """``param name: type [= default]``."""

    name: str
    type: Literal["text", "email", "phone", "number", "date", "period", "file", "secret"]
    default: "Value | Period | None" = None


@record()
class Define(Node):
    """``define name as COND``."""

    name: str
    condition: Condition


Item = PlaybookHeader | Timezone | Include | Limits | Param | Define | Step | Test


@record()
class Playbook(Node):
    """A parsed file: its items in written order."""

    items: tuple[Item, ...]
