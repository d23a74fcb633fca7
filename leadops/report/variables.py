"""The view model: what a report template may read. Plain values, ready to be shown; documented in docs/templates.md.

Every field says what it is beside its type: ``leadops report --list-variables`` and docs/templates.md print that.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar, get_type_hints

Item = TypeVar("Item")


class Rows(Generic[Item]):
    """Rows that are made while they are read, each time anew: a report of 100,000 leads holds one at a time."""

    __slots__ = ("_count", "_make")

    def __init__(self, make: Callable[[], Iterator[Item]], count: int) -> None:
        self._make = make
        self._count = count

    def __iter__(self) -> Iterator[Item]:
        return self._make()

    def __len__(self) -> int:
        return self._count


@dataclass(frozen=True, slots=True)
class PairView:
    """A name and its value."""

    name: Annotated[str, "the name"]
    value: Annotated[str, "the value as text"]


@dataclass(frozen=True, slots=True)
class CountView:
    """A name and how often it occurs."""

    name: Annotated[str, "the name"]
    count: Annotated[int, "how often"]


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field of a lead before and after."""

    name: Annotated[str, "the field's API name"]
    before: Annotated[str, "the value before, “(missing)” where there is none"]
    after: Annotated[str, "the value after, “(missing)” when it is cleared"]
    outcome: Annotated[str, "what became of it; empty in a plan"]


@dataclass(frozen=True, slots=True)
class ActionView:
    """An action or a payment that is appended or updated."""

    verb: Annotated[str, "“append” or “update”"]
    type: Annotated[str, "the action's code, or PAYMENT"]
    name: Annotated[str, "what the workspace calls it; empty where unknown"]
    fields: Annotated[tuple[PairView, ...], "its fields"]
    once: Annotated[str, "how often: “once per lead”, “once per lead in …” or “each run”"]
    outcome: Annotated[str, "what became of it; empty in a plan"]
    text: Annotated[str, 'in one line: action 1001 "Site visit" note="…"']


@dataclass(frozen=True, slots=True)
class RemarkView:
    """The service's own words about a value."""

    field: Annotated[str, "the path as the service names it, such as fields.rating"]
    name: Annotated[str, "the field's API name or the action's key"]
    value: Annotated[str, "what was sent; empty where the words are about no value"]
    words: Annotated[str, "the service's text"]

    def shown(self) -> str:
        """Return the path, with the value where there is one."""
        return f"{self.field} = {self.value}" if self.value else self.field


@dataclass(frozen=True, slots=True)
class LeadView:
    """A lead and all that one step does to it."""

    step: Annotated[int, "the step's number, from 1"]
    step_name: Annotated[str, "the step's name"]
    id: Annotated[str, "the lead's id; empty for a lead yet to be created"]
    identifier: Annotated[str, "the value that names the lead in the CRM, mostly its phone"]
    name: Annotated[str, "the lead's name; may be empty"]
    agent: Annotated[str, "the assignee's e-mail where the plan knows it; else empty"]
    kind: Annotated[str, "“create” or “update”"]
    fields: Annotated[tuple[FieldView, ...], "fields that change"]
    actions: Annotated[tuple[ActionView, ...], "actions and payments that are appended or updated"]
    outcome: Annotated[str, "what became of it, the worst of its parts; empty in a plan"]
    evidence: Annotated[str, "how that is known: echo, created, timeline, journal, reply, read"]
    reason: Annotated[str, "why, where the outcome is not clean"]
    remarks: Annotated[tuple[RemarkView, ...], "the service's words about refused values"]
    depends: Annotated[str, "what only the service can know; mostly empty"]
    row: Annotated[int | None, "the CSV row that asked for it, or none"]


@dataclass(frozen=True, slots=True)
class RefusalView:
    """A lead or a CSV row that the plan cannot change."""

    step_name: Annotated[str, "the step's name"]
    id: Annotated[str, "the lead's id; may be empty"]
    identifier: Annotated[str, "the value that names the lead"]
    name: Annotated[str, "the lead's name; may be empty"]
    outcome: Annotated[str, "“rejected” or “skipped_by_guard”"]
    reason: Annotated[str, "why"]
    help: Annotated[str, "what to do about it"]
    field: Annotated[str, "the field concerned; may be empty"]
    value: Annotated[str, "the value concerned; may be empty"]
    row: Annotated[int | None, "the CSV row, or none"]


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry of a timeline."""

    at: Annotated[str, "when, local time; empty where unknown"]
    type: Annotated[str, "OUTGOING_CALL, 1001 …"]
    name: Annotated[str, "what the workspace calls a custom action; else empty"]
    performer: Annotated[str, "who; may be empty"]
    fields: Annotated[tuple[PairView, ...], "its values"]


@dataclass(frozen=True, slots=True)
class ReadView:
    """A lead as it was read."""

    id: Annotated[str, "the lead's id; empty where nobody knows it"]
    identifier: Annotated[str, "the value that names the lead; empty where the plan does not know it"]
    name: Annotated[str, "the lead's name; may be empty"]
    fields: Annotated[tuple[PairView, ...], "its fields"]
    timeline: Annotated[tuple[EntryView, ...], "its timeline, newest first"]


@dataclass(frozen=True, slots=True)
class WindowView:
    """A period of the playbook as days."""

    text: Annotated[str, "as written in the playbook"]
    first_day: Annotated[str, "the first local day"]
    last_day: Annotated[str, "the last local day, inclusive"]
    days: Annotated[str, "both in words, and whether the last day is whole or ends at the playbook's clock"]


@dataclass(frozen=True, slots=True)
class SearchView:
    """A search that the plan made."""

    text: Annotated[str, "its body as JSON"]
    count: Annotated[int, "how many leads it counts"]

    @property
    def compact(self) -> str:
        """Its body as ``explain`` writes it."""
        return json.dumps(json.loads(self.text), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class StepView:
    """A step of the playbook."""

    number: Annotated[int, "from 1"]
    name: Annotated[str, "its name"]
    matched: Annotated[int, "how many leads its condition selects"]
    compliant: Annotated[int, "how many of them need nothing"]
    leads: Annotated[Rows[LeadView], "the leads that it changes"]
    refused: Annotated[tuple[RefusalView, ...], "the leads that it cannot change"]
    windows: Annotated[tuple[WindowView, ...], "the periods in it"]
    searches: Annotated[tuple[SearchView, ...], "the searches made for it"]
    notes: Annotated[tuple[str, ...], "sentences worth reading"]
    explain: Annotated[tuple[str, ...], "the query plan, a line each"]
    read: Annotated[tuple[ReadView, ...], "the leads whose timeline was read"]
    found: Annotated[Rows[ReadView], "the leads of a step that only finds; their timelines are not read"]

    @property
    def other_searches(self) -> tuple[SearchView, ...]:
        """The searches that ``explain`` does not show already."""
        told = "\n".join(self.explain)
        return tuple(one for one in self.searches if one.compact not in told)


@dataclass(frozen=True, slots=True)
class BeltView:
    """A limit and what this plan has of it."""

    name: Annotated[str, "leads, percent, calls or fail_percent"]
    limit: Annotated[str, "the most that is allowed"]
    count: Annotated[str, "what this plan has"]
    origin: Annotated[str, "who set it: default, playbook, flag or override"]
    exceeded: Annotated[bool, "whether the plan is refused for it"]
    reason: Annotated[str, "why it was loosened; mostly empty"]


@dataclass(frozen=True, slots=True)
class TotalsView:
    """The plan in numbers."""

    matched: Annotated[int, "leads that the steps select"]
    compliant: Annotated[int, "of these, leads that need nothing"]
    leads: Annotated[int, "leads that change"]
    refused: Annotated[int, "leads that cannot be changed"]
    updates: Annotated[int, "leads whose fields change"]
    creates: Annotated[int, "leads that are created"]
    appends: Annotated[int, "actions that are appended"]
    payments: Annotated[int, "payments that are appended"]
    action_updates: Annotated[int, "actions that are updated"]
    fields: Annotated[
        tuple[CountView, ...], "on how many leads each field changes, most first; without new leads"
    ]


@dataclass(frozen=True, slots=True)
class CallsView:
    """Requests to the service."""

    reads: Annotated[int, "reads: made for the plan; with a run, made by the run"]
    writes: Annotated[int, "writes: to be made; with a run, made"]
    bound: Annotated[int, "the most that plan and run may make together"]
    eta: Annotated[str, "how long the run takes, about; with a run, how long it took"]


@dataclass(frozen=True, slots=True)
class RunView:
    """A run in numbers."""

    id: Annotated[str, "the run's id"]
    exit_code: Annotated[int, "as the process ended"]
    exit_reason: Annotated[str, "why, one sentence"]
    started: Annotated[str, "local time"]
    finished: Annotated[str, "local time"]
    duration: Annotated[str, "how long it took"]
    outcomes: Annotated[Mapping[str, int], "how many by outcome; every outcome is there, zeros included"]
    clean: Annotated[bool, "whether nothing is left to do"]


@dataclass(frozen=True, slots=True)
class MinuteView:
    """Calls of one stretch of a run."""

    at: Annotated[str, "when it began, local time"]
    count: Annotated[int, "how many calls"]


@dataclass(frozen=True, slots=True)
class View:
    """Everything a report shows; its fields are the names at the top of a template."""

    title: Annotated[str, "the playbook's title; may be empty"]
    workspace: Annotated[str, "the workspace's id"]
    workspace_name: Annotated[str, "the workspace's name; may be empty"]
    sandbox: Annotated[bool, "whether it ran on the sandbox, so that no real lead is touched"]
    masked: Annotated[bool, "whether phones and e-mails are masked"]
    full: Annotated[bool, "whether every lead shall be listed"]
    appliable: Annotated[bool, "whether the plan may be applied"]
    refusals: Annotated[tuple[str, ...], "why it may not"]
    digest: Annotated[str, "the plan's digest"]
    made: Annotated[str, "when the plan was made, local time"]
    clock: Annotated[str, "the playbook's clock, local time"]
    timezone: Annotated[str, "the time zone of all days"]
    timezone_origin: Annotated[str, "where the time zone comes from"]
    version: Annotated[str, "the version of leadops"]
    totals: Annotated[TotalsView, "the plan in numbers"]
    calls: Annotated[CallsView, "requests to the service"]
    belts: Annotated[tuple[BeltView, ...], "the limits and what the plan has of each"]
    steps: Annotated[tuple[StepView, ...], "the steps"]
    leads: Annotated[Rows[LeadView], "the leads of all steps, one entry a lead and step"]
    refused: Annotated[tuple[RefusalView, ...], "the leads that cannot be changed, of all steps"]
    parameters: Annotated[tuple[PairView, ...], "the parameters; a secret's value is not shown"]
    warnings: Annotated[tuple[str, ...], "the playbook's warnings, a line each"]
    automations: Annotated[str, "one sentence on automations that the changes may start; else empty"]
    run: Annotated[RunView | None, "the run; none in a plan"]
    minutes: Annotated[tuple[MinuteView, ...], "calls over time, where the run recorded them"]
    busiest_hour: Annotated[int, "the most calls in any hour of the run; 0 where it recorded none"]


_LISTED: tuple[tuple[str, type], ...] = (
    ("", View), ("totals", TotalsView), ("calls", CallsView), ("run", RunView), ("steps[]", StepView),
    ("leads[]", LeadView), ("leads[].fields[]", FieldView), ("leads[].actions[]", ActionView),
    ("leads[].remarks[]", RemarkView), ("refused[]", RefusalView), ("belts[]", BeltView),
    ("steps[].windows[]", WindowView), ("steps[].searches[]", SearchView), ("steps[].read[]", ReadView),
    ("steps[].read[].timeline[]", EntryView), ("totals.fields[]", CountView), ("parameters[]", PairView),
    ("minutes[]", MinuteView),
)  # fmt: skip


def documented() -> Iterator[tuple[str, str, tuple[tuple[str, str], ...]]]:
    """Yield each part of the view model: its path, what it is, and its names with what they are."""
    for path, part in _LISTED:
        doc = (part.__doc__ or "").strip()
        yield (
            path,
            doc,
            tuple((n, hint.__metadata__[0]) for n, hint in get_type_hints(part, include_extras=True).items()),
        )


def list_variables() -> str:
    """Return what a template may read, as text for people."""
    lines: list[str] = []
    for path, doc, names in documented():
        lines += ["", f"{path}  {doc}" if path else doc]
        width = max(len(name) for name, _ in names)
        lines += [f"  {name:<{width}}  {what}" for name, what in names]
    return "\n".join(lines[1:]) + "\n"
