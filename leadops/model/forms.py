"""Plans, results and diagnostics as plain JSON values: the one writer of docs/machine-forms.md.

Never masked. Instants are ISO 8601 in UTC (milliseconds only where there are some), tuples are lists, and every key
is always there. What a program reads stands first; the keys that only a reader of saved plans needs stand beside it
(``key``, ``types``, ``action_types``), so that ``fields`` and ``action`` keep exactly their published shape.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from leadops.core.diagnostics import Diagnostic
from leadops.model.change import Change, LeadRef
from leadops.model.lead import Lead
from leadops.model.predicate import Window
from leadops.model.run import Outcome, Remark, Result, RunResult
from leadops.model.saved import Belt, Message, Refusal, SavedPlan, SavedStep
from leadops.model.seal import SEAL, seal_of_form

Form = dict[str, Any]


def plan_form(saved: SavedPlan) -> Form:
    """Return ``saved`` as ``plan --format json`` and the saved plan file hold it, sealed; nothing of it is lost."""
    form = unsealed_form(saved)
    return {**form, SEAL: seal_of_form(form)}


def unsealed_form(saved: SavedPlan) -> Form:
    """Return ``saved`` as ``plan_form`` does, without its seal."""
    return {
        "format_version": saved.format_version,
        "digest": saved.digest,
        "workspace": saved.workspace,
        "workspace_name": saved.workspace_name,
        "title": saved.title,
        "clock": instant(saved.clock_ms),
        "made": instant(saved.made_ms),
        "nonce": saved.nonce,
        "timezone": saved.timezone,
        "timezone_origin": saved.timezone_origin,
        "calls": {
            "reads": saved.calls.reads,
            "writes": saved.calls.writes,
            "bound": saved.calls.bound,
            "eta_seconds": saved.calls.eta_seconds,
        },
        "belts": [_belt(belt) for belt in saved.belts],
        "appliable": saved.appliable,
        "refusals": list(saved.refusals),
        "steps": [step_form(step) for step in saved.steps],
        "parameters": [
            {"name": p.name, "type": p.type, "text": "" if p.secret else p.text, "secret": p.secret}
            for p in saved.parameters
        ],
        "warnings": diagnostics_form(saved.warnings),
        "canonical": saved.canonical,
        "sources": dict(saved.sources),
        "asked": dict(saved.asked),
        "schema_hash": saved.schema_hash,
        "journal": saved.journal,
        "sandbox": saved.sandbox,
        "unchecked": saved.unchecked,
        "version": saved.version,
    }


def step_form(step: SavedStep) -> Form:
    """Return one step of a plan."""
    return {
        "name": step.name,
        "matched": step.matched,
        "compliant": step.compliant,
        "windows": [window_form(window) for window in step.windows],
        "searches": [
            {"body": plain(search.body), "count": search.count, "pages": search.pages}
            for search in step.searches
        ],
        "changes": [change_form(change) for change in step.changes],
        "refused": [refusal_form(refusal) for refusal in step.refused],
        "notes": list(step.notes),
        "explain": list(step.explain),
        "read": [lead_form(lead) for lead in step.read],
        "messages": [message_form(message) for message in step.messages],
        "query": plain(step.query),
    }


def message_form(message: Message) -> Form:
    """Return what ``notify`` will send; ``lead`` is None when it is about the step as a whole."""
    return {
        "to": message.to,
        "parts": list(message.parts),
        "secrets": list(message.secrets),
        "lead": None if message.lead is None else _ref(message.lead),
        "needs_change": message.needs_change,
    }


def change_form(change: Change) -> Form:
    """Return one change; ``fields`` is empty for appends, ``action`` None for updates and creates."""
    action = change.action
    return {
        "kind": change.kind.value,
        "lead": _ref(change.lead),
        "fields": {
            name: {"before": plain(one.before), "after": plain(one.after)}
            for name, one in change.fields.items()
        },
        "action": None if action is None else {"type": action.type, "fields": plain(action.fields)},
        "key": change.key,
        "step": change.step,
        "types": {name: one.type.value for name, one in change.fields.items()},
        "action_types": {} if action is None else {name: one.value for name, one in action.types.items()},
        "target_action_id": None if action is None else action.action_id,
        "with_create": change.with_create,
        "occurrence": None if change.occurrence is None else window_form(change.occurrence),
        "each_run": change.each_run,
        "depends": change.depends,
        "row": change.row,
    }


def results_form(saved: SavedPlan | None, result: RunResult) -> Form:
    """Return a run as ``results.json`` holds it.

    ``outcomes`` counts the changes, the fields that differ from their change, and the leads that the plan refused
    (listed under ``refused``); without ``saved`` those and the steps' names are left out.
    """
    names = [step.name for step in saved.steps] if saved else []
    refused = saved.refused if saved else ()
    outcomes = result.outcomes
    for refusal in refused:
        outcomes[refusal.outcome] += 1
    changes = []
    for one in result.results:
        form = result_form(one)
        if one.change.step < len(names):
            form["step_name"] = names[one.change.step]
        changes.append(form)
    return {
        "format_version": 1,
        "run": result.run,
        "plan_digest": result.plan_digest,
        "exit_code": int(result.exit_code),
        "exit_reason": result.exit_reason,
        "outcomes": outcomes,
        "calls": {"reads": result.calls.reads, "writes": result.calls.writes},
        "changes": changes,
        "refused": [refusal_form(refusal) for refusal in refused],
        "started": instant(result.started_ms),
        "finished": instant(result.finished_ms),
        "sandbox": saved.sandbox if saved else False,
    }


def result_form(result: Result) -> Form:
    """Return one change with what became of it; a created lead has its id in ``lead``."""
    form = change_form(result.change)
    form["lead"]["id"] = result.change.lead.id or result.lead_id
    outcomes = {name: result.fields.get(name, result.outcome).value for name in result.change.fields}
    return {
        **form,
        "outcome": result.outcome.value,
        "evidence": result.evidence,
        "reason": result.reason,
        "remarks": [remark_form(remark) for remark in result.remarks],
        "action_id": result.action_id,
        "lead_id": result.lead_id,
        "field_outcomes": {**outcomes, **{name: Outcome(one).value for name, one in result.fields.items()}},
    }


def remark_form(remark: Remark) -> Form:
    """Return the service's words about a value; ``field`` is the path as the service names it."""
    return {"field": remark.field, "name": remark.name, "value": plain(remark.value), "remark": remark.words}


def refusal_form(refusal: Refusal) -> Form:
    """Return a lead that the plan cannot change."""
    return {
        "lead": _ref(refusal.lead),
        "outcome": refusal.outcome,
        "reason": refusal.reason,
        "help": refusal.help,
        "field": refusal.field,
        "value": refusal.value,
        "row": refusal.row,
    }


def lead_form(lead: Lead) -> Form:
    """Return a lead as read; ``timeline`` is None when it was not read."""
    return {
        "id": lead.id,
        "fields": plain(lead.fields),
        "timeline": None
        if lead.timeline is None
        else [
            {
                "id": entry.id,
                "type": entry.type,
                "at": None if entry.at_ms is None else instant(entry.at_ms),
                "performer": entry.performer,
                "fields": plain(entry.fields),
            }
            for entry in lead.timeline
        ],
    }


def window_form(window: Window) -> Form:
    """Return a window; ``end`` is exclusive, ``last_day`` inclusive."""
    return {
        "start": instant(window.start_ms),
        "end": instant(window.end_ms),
        "first_day": window.first_day,
        "last_day": window.last_day,
        "text": window.text,
        "moving": window.moving,
    }


def diagnostics_form(diagnostics: Iterable[Diagnostic]) -> list[Form]:
    """Return diagnostics; lines and columns are 1-based code points, None where there is no place."""
    return [
        {
            "code": one.code,
            "severity": one.severity.value,
            "message": one.message,
            "file": one.span.file if one.span else None,
            "line": one.span.line if one.span else None,
            "column": one.span.column if one.span else None,
            "end_line": one.span.end_line if one.span else None,
            "end_column": one.span.end_column if one.span else None,
            "help": one.help,
        }
        for one in diagnostics
    ]


def instant(ms: int) -> str:
    """Return epoch milliseconds as ISO 8601 in UTC.

    >>> instant(0), instant(1_500)
    ('1970-01-01T00:00:00Z', '1970-01-01T00:00:01.500Z')
    """
    seconds, rest = divmod(ms, 1000)
    text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{rest:03d}Z" if rest else f"{text}Z"


def plain(value: object) -> Any:
    """Return ``value`` with its mappings as dicts and its sequences as lists, as JSON knows them."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(one) for one in value]
    return value


def _ref(lead: LeadRef) -> Form:
    return {"id": lead.id, "identifier": lead.identifier, "name": lead.name}


def _belt(belt: Belt) -> Form:
    return {
        "name": belt.name,
        "limit": belt.limit,
        "count": belt.count,
        "origin": belt.origin,
        "exceeded": belt.exceeded,
        "reason": belt.reason,
    }
