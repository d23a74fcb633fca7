"""From what came back to an outcome: a 200 is not success; every field and every action is compared."""

import re
from collections.abc import Mapping, Sequence

from leadops.model.change import ActionSpec, Change, Kind
from leadops.model.exchange import Reply, Words
from leadops.model.run import Outcome, Remark, Result
from leadops.model.schema import FieldType
from leadops.model.values import Value, is_missing, reached, same

_PATH = re.compile(r"^(?:actions\[(?P<index>\d+)\]\.)?(?:fields\.)?(?P<name>[^.\[\]]+)$")


def judge_fields(change: Change, now: Mapping[str, Value], evidence: str, country_code: str = "91") -> Result:
    """Return the outcome of an update by what the fields hold now."""
    kept: dict[str, Outcome] = {}
    remarks: list[Remark] = []
    for name, one in change.fields.items():
        value = now.get(name)
        if reached(value, one.before, one.after, one.type, country_code):
            continue
        kept[name] = Outcome.IGNORED_BY_CRM
        as_before = same(value, one.before, one.type, country_code)
        words = (
            f"the service answered without an error and kept {_shown(value)}"
            if as_before
            else f"the service answered without an error and stored {_shown(value)}"
        )
        remarks.append(Remark(f"fields.{name}", name, one.after, words))
    if not kept:
        return Result(change, Outcome.CHANGED, evidence, lead_id=change.lead.id)
    whole = len(kept) == len(change.fields)
    return Result(
        change,
        Outcome.IGNORED_BY_CRM if whole else Outcome.CHANGED,
        evidence,
        f"not taken: {', '.join(kept)}",
        tuple(remarks),
        lead_id=change.lead.id,
        fields={} if whole else kept,
    )


def judge_create(change: Change, appends: Sequence[Change], reply: Reply) -> list[Result]:
    """Return the outcomes of a create and of the appends that travelled with it."""
    kept: dict[str, Outcome] = {}
    remarks: list[Remark] = []
    for words in reply.remarks:
        index, name = _place(words)
        if index is not None:
            continue
        if name in change.fields:
            kept[name] = Outcome.IGNORED_BY_CRM
        remarks.append(Remark(words.field, name, _sent(change, name), words.text))
    reason = f"not taken: {', '.join(kept)}" if kept else ""
    results = [
        Result(change, Outcome.CREATED, "created", reason, tuple(remarks), lead_id=reply.lead_id, fields=kept)
    ]
    return [*results, *(judge_append(one, reply, at) for at, one in enumerate(appends))]


def judge_append(change: Change, reply: Reply, at: int = 0) -> Result:
    """Return the outcome of the append that was the ``at``-th action of its request."""
    entry = reply.entries[at]
    remarks = []
    kept: dict[str, Outcome] = {}
    for words in reply.remarks:
        index, name = _place(words)
        if index != at and not (index is None and not change.with_create):
            continue
        remarks.append(Remark(words.field, name, _sent(change, name), words.text))
        if entry.created and change.action and name in change.action.fields:
            kept[name] = Outcome.IGNORED_BY_CRM
    lead_id = change.lead.id or reply.lead_id
    if not entry.created:
        why = "; ".join(one.words for one in remarks) or "the service ignored it without a word"
        return Result(change, Outcome.IGNORED_BY_CRM, "reply", why, tuple(remarks), lead_id=lead_id)
    reason = f"not taken: {', '.join(kept)}" if kept else ""
    return Result(
        change, Outcome.CHANGED, "reply", reason, tuple(remarks), entry.action_id, lead_id, fields=kept
    )


def judge_action(change: Change, now: Mapping[str, Value], evidence: str, country_code: str = "91") -> Result:
    """Return the outcome of an action update by what the action holds now."""
    action = change.action
    assert action is not None
    wrong = [
        name
        for name, value in action.fields.items()
        if not same(now.get(name), value, action.types.get(name, FieldType.TEXT), country_code)
    ]
    if not wrong:
        return Result(change, Outcome.CHANGED, evidence, action_id=action.action_id, lead_id=change.lead.id)
    remarks = tuple(
        Remark(f"fields.{name}", name, action.fields[name], f"the service kept {_shown(now.get(name))}")
        for name in wrong
    )
    whole = len(wrong) == len(action.fields)
    return Result(
        change,
        Outcome.IGNORED_BY_CRM if whole else Outcome.CHANGED,
        evidence,
        f"not taken: {', '.join(wrong)}",
        remarks,
        action.action_id,
        change.lead.id,
        {} if whole else dict.fromkeys(wrong, Outcome.IGNORED_BY_CRM),
    )


def judge_refusal(change: Change, reply: Reply, action_index: int = 0) -> Result:
    """Return the outcome of a change that the application refused whole."""
    words = reply.message or reply.code or f"HTTP {reply.status}"
    remarks: list[Remark] = []
    for one in reply.remarks:
        index, name = _place(one)
        if index is None or index == action_index:
            remarks.append(Remark(one.field, name, _sent(change, name), one.text))
    if not remarks:
        remarks = [Remark(path, name, value, words) for path, name, value in _asked(change)]
    reason = f"refused ({reply.status}): {words}"
    if reply.status == 404:
        reason = f"the lead is gone (404): {words}"
    return Result(change, Outcome.REJECTED, "reply", reason, tuple(remarks), lead_id=change.lead.id)


def _asked(change: Change) -> list[tuple[str, str, Value]]:
    if change.kind in {Kind.UPDATE, Kind.CREATE}:
        return [(f"fields.{name}", name, one.after) for name, one in change.fields.items()]
    action = change.action or ActionSpec("", {})
    return [(f"actions[0].fields.{name}", name, value) for name, value in action.fields.items()]


def _place(words: Words) -> tuple[int | None, str]:
    """Return the action's index (None: a field of the lead) and the name inside a remark's path."""
    found = _PATH.match(words.field)
    if not found:
        index = re.match(r"actions\[(\d+)\]", words.field)
        return (int(index.group(1)) if index else None), words.field.rsplit(".", 1)[-1]
    index_text = found.group("index")
    return (None if index_text is None else int(index_text)), found.group("name")


def _sent(change: Change, name: str) -> Value:
    if change.action and name in change.action.fields:
        return change.action.fields[name]
    return change.fields[name].after if name in change.fields else None


def _shown(value: Value) -> str:
    if is_missing(value):
        return "no value"
    return ", ".join(value) if isinstance(value, tuple | list) else str(value)
