"""From a saved plan and its run to the view model."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

from leadops.core.diagnostics import Diagnostic
from leadops.core.durations import duration
from leadops.model.change import ActionSpec, Change, Kind, LeadRef
from leadops.model.forms import plain
from leadops.model.lead import Lead
from leadops.model.run import CLEAN, Outcome, Result, RunResult
from leadops.model.saved import Belt, Refusal, SavedPlan, SavedStep
from leadops.model.schema import FieldType, Schema
from leadops.model.values import is_missing
from leadops.report import variables as v
from leadops.report.masking import Masker
from leadops.report.shown import amount, days_of, moment, value_text

AUTOMATIONS = (
    "Changed, created and annotated leads may start automations set up in TeleCRM; a plan cannot see those."
)

_HOUR_MS = 3_600_000
_WORST = (
    Outcome.IN_DOUBT, Outcome.GHOST, Outcome.REJECTED, Outcome.IGNORED_BY_CRM, Outcome.STALE,
    Outcome.NOT_ATTEMPTED, Outcome.SKIPPED_BY_GUARD, Outcome.CREATED, Outcome.CHANGED, Outcome.ALREADY,
)  # fmt: skip
"""Outcomes, those that a person must see first."""


def view_of(
    saved: SavedPlan,
    result: RunResult | None = None,
    *,
    pii: Literal["show", "mask"] = "show",
    full: bool = False,
    schema: Schema | None = None,
    calls_at_ms: Sequence[int] = (),
) -> v.View:
    """Return what a report of ``saved`` and of its run shows.

    ``schema`` gives actions their names. ``calls_at_ms`` are the epoch ms of a run's calls, if they were recorded.
    The leads of the view are made while they are read.
    """
    maker = _Maker(
        zone=ZoneInfo(saved.timezone),
        masker=_masker(saved, schema) if pii == "mask" else None,
        names={action.code: action.name for action in schema.actions} if schema else {},
        results={one.change.key: one for one in result.results} if result else None,
        agents=_agents(saved),
        identifier=schema.identifier.api_name if schema else "phone",
        types={field.api_name: field.type for field in schema.fields} if schema else {},
    )
    groups = [_together(step.changes) for step in saved.steps]
    steps = tuple(maker.step(i, step, groups[i]) for i, step in enumerate(saved.steps))
    counted = _totals(saved, steps)
    return v.View(
        title=maker.text(saved.title or _file_name(saved)),
        workspace=saved.workspace,
        workspace_name=saved.workspace_name,
        sandbox=saved.sandbox,
        masked=maker.masker is not None,
        full=full,
        appliable=saved.appliable,
        refusals=tuple(maker.sentence(text) for text in saved.refusals),
        digest=saved.digest,
        made=moment(saved.made_ms, maker.zone),
        clock=moment(saved.clock_ms, maker.zone),
        timezone=saved.timezone,
        timezone_origin=saved.timezone_origin,
        version=saved.version,
        totals=counted,
        calls=_calls(saved, result),
        belts=tuple(_belt(belt) for belt in saved.belts),
        steps=steps,
        leads=v.Rows(
            lambda: (lead for step in steps for lead in step.leads), sum(len(s.leads) for s in steps)
        ),
        refused=tuple(refusal for step in steps for refusal in step.refused),
        parameters=tuple(
            v.PairView(p.name, "(secret)" if p.secret else maker.text(p.text)) for p in saved.parameters
        ),
        warnings=tuple(maker.sentence(_warning(warning)) for warning in saved.warnings),
        automations=AUTOMATIONS if counted.leads else "",
        run=_run(saved, result, maker.zone) if result else None,
        minutes=_minutes(calls_at_ms, maker.zone),
        busiest_hour=_busiest_hour(calls_at_ms),
    )


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the outcome that a person must see first."""
    return min(outcomes, key=_WORST.index)


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the parts of one view.

    Attributes:
        masker: makes values unreadable; None shows them.
        names: of custom actions, by code.
        results: by change key; None in a plan.
        agents: e-mail of the assignee by lead id, where the plan has read it.
        identifier: the field that names a lead; ``types`` are the fields' types, where the schema is known.
    """

    zone: tzinfo
    masker: Masker | None
    names: Mapping[str, str]
    results: Mapping[str, Result] | None
    agents: Mapping[str, str]
    identifier: str
    types: Mapping[str, FieldType]

    def text(self, text: str) -> str:
        return text if self.masker is None else self.masker.text(text)

    def sentence(self, text: str) -> str:
        return text if self.masker is None else self.masker.sentence(text)

    def member(self, text: str) -> str:
        return text if self.masker is None else self.masker.member(text)

    def value(self, value: object, type: FieldType = FieldType.TEXT) -> str:
        return value_text(value, type, self.zone, self.masker)

    def _line(self, line: str) -> str:
        """Return a line of the query plan with what stands in quotes masked; its bare numbers are instants and counts."""
        if self.masker is None:
            return line
        parts = line.split('"')
        return '"'.join(self.masker.text(part) if i % 2 else part for i, part in enumerate(parts))

    def _body(self, value: object) -> object:
        """Return a search body with the phones and e-mails in its texts masked; its numbers are instants and ratings."""
        if isinstance(value, Mapping):
            return {key: self._body(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self._body(one) for one in value]
        return self.text(value) if isinstance(value, str) else value

    def step(self, index: int, step: SavedStep, groups: Sequence[Sequence[Change]]) -> v.StepView:
        found = [lead for lead in step.read if lead.timeline is None]
        return v.StepView(
            number=index + 1,
            name=self.text(step.name),
            matched=step.matched,
            compliant=step.compliant,
            leads=v.Rows(lambda: (self.lead(index, step, group) for group in groups), len(groups)),
            refused=tuple(self.refusal(step, refusal) for refusal in step.refused),
            windows=tuple(
                v.WindowView(w.text, w.first_day, w.last_day, days_of(w, self.zone)) for w in step.windows
            ),
            searches=tuple(
                v.SearchView(json.dumps(self._body(plain(s.body)), ensure_ascii=False), s.count)
                for s in step.searches
            ),
            notes=tuple(self.sentence(note) for note in step.notes),
            explain=tuple(self._line(line) for line in step.explain),
            read=tuple(self.read(lead) for lead in step.read if lead.timeline is not None),
            found=v.Rows(lambda: (self.read(lead) for lead in found), len(found)),
        )

    def lead(self, index: int, step: SavedStep, group: Sequence[Change]) -> v.LeadView:
        ref = group[0].lead
        found = [self.results.get(change.key) for change in group] if self.results is not None else []
        results = [one for one in found if one]
        lead_id = ref.id or next((one.lead_id for one in results if one.lead_id), None) or ""
        outcomes = [o for one in results for o in (one.outcome, *one.fields.values())]
        return v.LeadView(
            step=index + 1,
            step_name=self.text(step.name),
            id=lead_id,
            identifier=self.value(ref.identifier) if ref.identifier else "",
            name=self.text(ref.name),
            agent=self.agent(ref, group),
            kind="create" if any(change.kind is Kind.CREATE for change in group) else "update",
            fields=tuple(view for change in group for view in self.fields(change)),
            actions=tuple(self.action(change, change.action) for change in group if change.action),
            outcome=worst(outcomes).value if outcomes else "",
            evidence=", ".join(dict.fromkeys(one.evidence for one in results if one.evidence)),
            reason=self.sentence("; ".join(dict.fromkeys(one.reason for one in results if one.reason))),
            remarks=tuple(
                v.RemarkView(
                    r.field, r.name, "" if is_missing(r.value) else self.value(r.value), self.text(r.words)
                )
                for one in results
                for r in one.remarks
            ),
            depends="; ".join(dict.fromkeys(self.sentence(c.depends) for c in group if c.depends)),
            row=next((change.row for change in group if change.row is not None), None),
        )

    def agent(self, ref: LeadRef, group: Sequence[Change]) -> str:
        for change in group:
            if "assignee" in change.fields:
                return self.value(change.fields["assignee"].after, FieldType.MEMBER)
        return self.member(self.agents.get(ref.id or "", ""))

    def fields(self, change: Change) -> Iterator[v.FieldView]:
        result = self.results.get(change.key) if self.results is not None else None
        for name, one in change.fields.items():
            outcome = result.fields.get(name, result.outcome).value if result else ""
            yield v.FieldView(
                name, self.value(one.before, one.type), self.value(one.after, one.type), outcome
            )

    def action(self, change: Change, action: ActionSpec) -> v.ActionView:
        result = self.results.get(change.key) if self.results is not None else None
        name = self.names.get(action.type, "")
        fields = tuple(
            v.PairView(key, self.value(one, action.types.get(key, FieldType.TEXT)))
            for key, one in action.fields.items()
        )
        head = "payment" if action.type == "PAYMENT" else f"action {action.type}"
        called = f' "{name}"' if name else ""
        return v.ActionView(
            verb="update" if change.kind is Kind.UPDATE_ACTION else "append",
            type=action.type,
            name=name,
            fields=fields,
            once=_once(change),
            outcome=result.outcome.value if result else "",
            text=head + called + "".join(f" {pair.name}={_quoted(pair.value)}" for pair in fields),
        )

    def refusal(self, step: SavedStep, refusal: Refusal) -> v.RefusalView:
        lead = refusal.lead
        return v.RefusalView(
            step_name=self.text(step.name),
            id=lead.id or "",
            identifier=self.value(lead.identifier) if lead.identifier else "",
            name=self.text(lead.name),
            outcome=refusal.outcome,
            reason=self.sentence(refusal.reason),
            help=self.sentence(refusal.help),
            field=refusal.field,
            value=self.text(refusal.value),
            row=refusal.row,
        )

    def read(self, lead: Lead) -> v.ReadView:
        return v.ReadView(
            id=lead.id or "",
            identifier=self.value(lead.fields.get(self.identifier, "")),
            name=self.text(lead.name),
            fields=self.pairs(lead.fields, self.types),
            timeline=tuple(
                v.EntryView(
                    at="" if entry.at_ms is None else moment(entry.at_ms, self.zone),
                    type=entry.type,
                    name=self.names.get(entry.type, ""),
                    performer=self.member(entry.performer),
                    fields=self.pairs(entry.fields, {}),
                )
                for entry in lead.timeline or ()
            ),
        )

    def pairs(self, values: Mapping[str, object], types: Mapping[str, FieldType]) -> tuple[v.PairView, ...]:
        def type_of(name: str) -> FieldType:
            usual = FieldType.MEMBER if name == "assignee" else FieldType.TEXT
            return types.get(name) or (FieldType.DATE if name.endswith("_on") else usual)

        return tuple(v.PairView(name, self.value(one, type_of(name))) for name, one in values.items())


def _masker(saved: SavedPlan, schema: Schema | None) -> Masker:
    """Return what masks a document of ``saved``: it knows the values that the document will show."""
    masker = Masker()
    by = schema.identifier.api_name if schema and schema.fields else "phone"
    masker.know(members=(one.email for one in schema.members) if schema else ())
    for step in saved.steps:
        for search in step.searches:
            masker.know(members=_performers(search.body))
        for lead in step.read:
            masker.know(phones=_texts(lead.fields.get(by)), members=_texts(lead.fields.get("assignee")))
            masker.know(members=(entry.performer for entry in lead.timeline or ()))
    for change in saved.changes:
        masker.know(phones=[change.lead.identifier])
        action = change.action
        for one in change.fields.values():
            _learn(masker, one.type, one.before, one.after)
        for name, value in action.fields.items() if action else ():
            _learn(masker, action.types.get(name, FieldType.TEXT) if action else FieldType.TEXT, value)
    masker.know(phones=(refusal.lead.identifier for refusal in saved.refused))
    return masker


def _learn(masker: Masker, type: FieldType, *values: object) -> None:
    texts = [text for value in values for text in _texts(value)]
    match type:
        case FieldType.PHONE:
            masker.know(phones=texts)
        case FieldType.MEMBER:
            masker.know(members=texts)
        case FieldType.NUMBER | FieldType.MONEY | FieldType.DATE:
            masker.know(numbers=texts)
        case _:
            pass


def _performers(body: Mapping[str, object]) -> list[str]:
    """Return the members that a search asks for."""
    fields, actions = body.get("fields"), body.get("actions")
    named = [fields.get("assignee")] if isinstance(fields, Mapping) else []
    named += [actions.get("performed_by")] if isinstance(actions, Mapping) else []
    return [text for one in named for text in _texts(one)]


def _texts(value: object) -> list[str]:
    many = value if isinstance(value, list | tuple) else [value]
    return [str(one) for one in many if not is_missing(one)]


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'


def _once(change: Change) -> str:
    if change.kind not in {Kind.APPEND, Kind.PAYMENT}:
        return ""
    if change.each_run:
        return "each run"
    window = change.occurrence
    return f"once per lead in {window.first_day}..{window.last_day}" if window else "once per lead"


def _together(changes: Sequence[Change]) -> list[list[Change]]:
    """Group a step's changes by lead, in the order in which the leads come first."""
    groups: dict[object, list[Change]] = {}
    for change in changes:
        groups.setdefault(_who(change), []).append(change)
    return list(groups.values())


def _who(change: Change) -> object:
    lead = change.lead
    return (lead.id, lead.identifier) if lead.id or lead.identifier else change.row


def _file_name(saved: SavedPlan) -> str:
    """Return the name of the playbook's file; empty for text from the command line."""
    name = next(iter(saved.sources), "")
    return "" if name.startswith("<") else name.rpartition("/")[2]


def _agents(saved: SavedPlan) -> dict[str, str]:
    return {
        lead.id: str(lead.fields["assignee"])
        for step in saved.steps
        for lead in step.read
        if lead.id and lead.fields.get("assignee")
    }


def _totals(saved: SavedPlan, steps: Sequence[v.StepView]) -> v.TotalsView:
    kinds = Counter(change.kind for change in saved.changes)
    fields = Counter(name for change in saved.changes if change.kind is Kind.UPDATE for name in change.fields)
    leads = {_who(change) for change in saved.changes}
    return v.TotalsView(
        matched=sum(step.matched for step in steps),
        compliant=sum(step.compliant for step in steps),
        leads=len(leads),
        refused=len(saved.refused),
        updates=kinds[Kind.UPDATE],
        creates=kinds[Kind.CREATE],
        appends=kinds[Kind.APPEND],
        payments=kinds[Kind.PAYMENT],
        action_updates=kinds[Kind.UPDATE_ACTION],
        fields=tuple(v.CountView(name, many) for name, many in fields.most_common()),
    )


def _calls(saved: SavedPlan, result: RunResult | None) -> v.CallsView:
    if result is None:
        calls = saved.calls
        return v.CallsView(calls.reads, calls.writes, calls.bound, duration(calls.eta_seconds))
    took = duration((result.finished_ms - result.started_ms) / 1000)
    return v.CallsView(result.calls.reads, result.calls.writes, saved.calls.bound, took)


def _run(saved: SavedPlan, result: RunResult, zone: tzinfo) -> v.RunView:
    outcomes = result.outcomes
    for refusal in saved.refused:
        outcomes[refusal.outcome] += 1
    return v.RunView(
        id=result.run,
        exit_code=int(result.exit_code),
        exit_reason=result.exit_reason,
        started=moment(result.started_ms, zone),
        finished=moment(result.finished_ms, zone),
        duration=duration((result.finished_ms - result.started_ms) / 1000),
        outcomes=outcomes,
        clean=all(not many for name, many in outcomes.items() if Outcome(name) not in CLEAN),
    )


def _belt(belt: Belt) -> v.BeltView:
    percent = " %" if "percent" in belt.name else ""
    return v.BeltView(
        name=belt.name,
        limit=amount(belt.limit) + percent,
        count=amount(belt.count) + percent,
        origin=belt.origin,
        exceeded=belt.exceeded,
        reason=belt.reason,
    )


def _warning(warning: Diagnostic) -> str:
    span = warning.span
    where = f"{span.file}:{span.line}:{span.column}: " if span else ""
    return f"{where}{warning.message} [{warning.code}]" + (f" ({warning.help})" if warning.help else "")


def _minutes(calls_at_ms: Sequence[int], zone: tzinfo) -> tuple[v.MinuteView, ...]:
    """Count calls in at most 60 equal stretches of at least a second."""
    if not calls_at_ms:
        return ()
    first, last = min(calls_at_ms), max(calls_at_ms)
    width = max(1000, -(-(last - first + 1) // 60))
    counts = Counter((at - first) // width for at in calls_at_ms)
    return tuple(
        v.MinuteView(moment(first + i * width, zone), counts[i]) for i in range((last - first) // width + 1)
    )


def _busiest_hour(calls_at_ms: Sequence[int]) -> int:
    """Return the most calls within any hour."""
    ordered = sorted(calls_at_ms)
    most = start = 0
    for end, at in enumerate(ordered):
        while at - ordered[start] >= _HOUR_MS:
            start += 1
        most = max(most, end - start + 1)
    return most
