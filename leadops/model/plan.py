"""A playbook's meaning against a schema: names resolved, values typed, periods turned into windows.

Made by analysis/compiler.py, run by engine/. The saved plan with its changes is model/saved.py.
"""

from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal
from typing import Literal

from leadops.core.fast_dataclass import record
from leadops.core.positions import Span
from leadops.model.predicate import Condition, Having, Window
from leadops.model.schema import FieldType, Schema
from leadops.model.values import Value

# ── values of effects ────────────────────────────────────────────────────────────────────────────


@record()
class Constant:
    """A value known at plan time."""

    value: Value


@record()
class Cell:
    """A cell of the step's CSV row; a blank cell leaves the field as it is."""

    column: str


@record()
class Filter:
    """One of upper lower title trim default round date money, with constant arguments."""

    name: str
    arguments: tuple[str | int | float, ...] = ()


@record()
class Placeholder:
    """``{{ root.path | filters }}``; the root is lead, row, param or now."""

    root: Literal["lead", "row", "param", "now"]
    path: tuple[str, ...]
    filters: tuple[Filter, ...] = ()


@record()
class Template:
    """A text with placeholders, rendered once per lead, strictly."""

    parts: tuple[str | Placeholder, ...]
    text: str


Expression = Constant | Cell | Template


@record()
class Assign:
    """A field (or an action's field) and the expression of its value."""

    name: str
    type: FieldType
    value: Expression
    origin: Span | None = field(default=None, compare=False, repr=False)


# ── effects ──────────────────────────────────────────────────────────────────────────────────────


@record()
class SetField:
    """The field shall have the value."""

    assign: Assign


@record()
class ClearField:
    """The field shall be missing."""

    name: str
    type: FieldType


@record()
class ChangeTags:
    """The tags field shall hold, or not hold, these tags."""

    verb: Literal["add", "remove"]
    name: str
    tags: tuple[Expression, ...]


@record()
class Once:
    """How often an append is made.

    Attributes:
        kind: ``lead``: once per lead, for ever; ``period``: once in ``window``; ``run``: in each run.
        window: of ``period``.
        occurrence: the part of the op key: "ever", the period's local days ("2026-04-01..2026-04-30"), or "run".
    """

    kind: Literal["lead", "period", "run"]
    window: Window | None = None
    occurrence: str = "ever"


@record()
class Append:
    """An action or a payment shall stand on the timeline.

    Attributes:
        type: the bare code, or ``PAYMENT``.
        rule: the rule's name, part of the op key (design: key, else playbook / step title / ordinal, else a hash).
    """

    type: str
    fields: tuple[Assign, ...]
    once: Once
    rule: str


@record()
class UpdateAction:
    """The latest action of the type that matches ``where`` shall have these fields. ``PAYMENT`` likewise."""

    type: str
    where: tuple[Having, ...]
    fields: tuple[Assign, ...]


@record()
class ReadTimeline:
    """The lead's timeline is read and shown."""

    window: Window | None = None


@record()
class When:
    """Effects that depend on the lead as the step found it."""

    condition: Condition
    then: tuple["Effect", ...]
    otherwise: tuple["Effect", ...] = ()


@record()
class Report:
    """A report file of the run; paths are relative to the project's root."""

    path: str
    template: str | None = None


@record()
class Notify:
    """A message to a name in the profile's ``[notify]``."""

    name: str
    text: Template


Effect = SetField | ClearField | ChangeTags | Append | UpdateAction | ReadTimeline | When | Report | Notify

# ── sources ──────────────────────────────────────────────────────────────────────────────────────


@record()
class Find:
    """Leads of a condition.

    Attributes:
        single: exactly one, else refused.
        everyone: it is proved that every lead satisfies the condition.
    """

    condition: Condition
    single: bool = False
    everyone: bool = False


@record()
class FindById:
    """The lead of this id."""

    lead_id: str


@record()
class Create:
    """A new lead; the step's appends travel in the same call."""

    fields: tuple[Assign, ...]


@record()
class Upsert:
    """A lead by its identifier: created when absent, updated when there."""

    by: str
    fields: tuple[Assign, ...]


@record()
class Row:
    """A row of a CSV file.

    Attributes:
        number: its line in the file, 1-based, the header being line 1.
        cells: text by column; blank cells are empty texts.
        values: cells typed for the fields they are used as, by (column, field's API name); blank ones absent.
    """

    number: int
    cells: Mapping[str, str]
    values: Mapping[tuple[str, str], Value]
    key: str


@record()
class EachRow:
    """A lead for each row of a CSV file, matched by a field."""

    path: str
    match_field: str
    match_type: FieldType
    on_missing: Literal["create", "skip", "fail"]
    rows: tuple[Row, ...]


@record()
class Rejects:
    """What a run's service refused or ignored; ``run`` None: the last run."""

    run: str | None = None


Source = Find | FindById | Create | Upsert | EachRow | Rejects

# ── steps ────────────────────────────────────────────────────────────────────────────────────────


@record()
class CountGuard:
    """``expect A..B leads``: how many leads the step finds; None: no bound."""

    at_least: int | None
    at_most: int | None
    text: str


@record()
class Canary:
    """``canary N then confirm|continue``."""

    count: int
    then: Literal["confirm", "continue"]


@record()
class Permissions:
    """What the step may do that is dear or hard to take back."""

    full_scan: bool = False
    timelines: bool = False
    timelines_at_most: int | None = None
    new_option: bool = False


@record()
class Step:
    """One step.

    Attributes:
        name: its title, or ``step N``.
        title: None for bare statements.
        newest: the order in which ``limit`` takes leads.
        limit: the first N that still need a change; None: all.
        text: its canonical text.
        every: ``expect every lead COND``.
        stop_percent: ``stop when P % fail``.
    """

    name: str
    title: str | None
    source: Source
    effects: tuple[Effect, ...]
    text: str
    newest: bool = True
    limit: int | None = None
    counts: tuple[CountGuard, ...] = ()
    every: tuple[Condition, ...] = ()
    stop_percent: Decimal | None = None
    canary: Canary | None = None
    permissions: Permissions = field(default_factory=Permissions)
    windows: tuple[Window, ...] = ()


@record()
class Limits:
    """The belts that the file states; None: not stated."""

    leads: int | None = None
    percent: Decimal | None = None
    calls: int | None = None
    lane: Literal["sync", "async"] = "sync"


@record()
class Parameter:
    """A resolved parameter; a secret's value is never shown, saved or hashed."""

    name: str
    type: str
    text: str
    secret: bool = False


@record()
class Plan:
    """A compiled playbook.

    Attributes:
        title: the playbook's title, else an empty text.
        canonical: its canonical text, includes resolved; what digests and journals name it by.
        timezone: IANA name; ``timezone_origin`` says where it comes from ("playbook", "profile", "default").
        clock_ms: the playbook's clock, epoch ms, fixed once per plan.
        unchecked: errors about values were warnings.
        country_code: of phones without one.
    """

    title: str
    file: str
    canonical: str
    timezone: str
    timezone_origin: str
    clock_ms: int
    schema: Schema
    steps: tuple[Step, ...]
    limits: Limits = field(default_factory=Limits)
    parameters: tuple[Parameter, ...] = ()
    unchecked: bool = False
    country_code: str = "91"
