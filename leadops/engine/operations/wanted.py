"""Whether a run that did not end is still wanted: what it was asked for, against what is asked for now.

A saved plan holds most of it: the texts of its files, its params, its zone and its days. What only the command line and the
profile knew stands in ``SavedPlan.asked``.
"""

import hashlib
import json
import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from leadops.analysis.digest import schema_hash
from leadops.engine.plan.options import BeltFlags
from leadops.engine.plan.scope import Scope
from leadops.model.plan import Placeholder, Plan
from leadops.model.predicate import Window
from leadops.model.saved import SavedPlan

PLAYBOOK = "playbook"
"""Names the playbook's place in ``SavedPlan.asked``."""
TEMPLATE = "template "
"""Begins the names of the templates in ``SavedPlan.asked``; their values are the digests of their texts."""
_TEXT = ".lead"


def asked_by_flags(scope: Scope, belts: BeltFlags) -> Mapping[str, str]:
    """Return what the flags ask for, by flag; what was not given is absent. Lists of leads stand as digests."""
    found: dict[str, str] = {}
    for flag, parts in (
        ("--only", (scope.only_leads, scope.only_steps)),
        ("--exclude", (scope.except_leads, scope.except_steps)),
    ):
        if any(parts):
            found[flag] = digest_of(json.dumps([sorted(part or ()) for part in parts]))
    if scope.sample is not None:
        found["--sample"] = f"{scope.sample} seed {scope.seed}"
    for flag, value in (
        ("--max-leads", belts.max_leads),
        ("--max-percent", belts.max_percent),
        ("--max-calls", belts.max_calls),
        ("--max-fail-percent", belts.max_fail_percent),
    ):
        if value is not None:
            found[flag] = str(value)
    for name, override in belts.overrides.items():
        found[f"--override-belt {name}"] = str(override.value)
    return found


def digest_of(text: str) -> str:
    """Return what stands for a text of any length."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def differences(
    saved: SavedPlan, plan: Plan, sources: Mapping[str, str], asked: Mapping[str, str]
) -> list[str]:
    """Return in words what is asked for otherwise now than by ``saved``; empty when its run is still wanted.

    Args:
        saved: the plan of the run that did not end.
        plan: what is asked for now, compiled.
        sources: the texts that ``plan`` was compiled from, by name; the first is the playbook.
        asked: as ``SavedPlan.asked``, of this command.
    """
    found = changed_texts(saved, plan.canonical, sources)
    found += _params(saved, plan)
    found += _asked(saved.asked, asked)
    if saved.unchecked is not plan.unchecked:
        found.append("--unchecked differs")
    if saved.timezone != plan.timezone:
        found.append(f"the time zone was {saved.timezone} and is {plan.timezone}")
    if saved.schema_hash != schema_hash(plan.schema):
        found.append("the workspace's schema changed")
    if saved.canonical == plan.canonical:
        found += _days(saved, plan)
    return found


def changed_texts(saved: SavedPlan, canonical: str | None, sources: Mapping[str, str]) -> list[str]:
    """Return in words which files say something else now; ``canonical`` is None where they cannot be compiled.

    A playbook whose canonical text is the same means the same: another comment or another layout is no change.
    """
    before, now = _beside(saved.sources), _beside(sources)
    same = saved.canonical == canonical if canonical is not None else before == now
    found = [
        _changed(name, there=name in before, here=name in now)
        for name in {**before, **now}
        if before.get(name) != now.get(name) and not (same and _is_text(name))
    ]
    return found or ([] if same else [_PLAYBOOK_CHANGED])


def changed_templates(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return in words which templates of ``SavedPlan.asked`` say something else now."""
    return [
        _changed(name.removeprefix(TEMPLATE), there=name in before, here=name in now)
        for name in {**before, **now}
        if name.startswith(TEMPLATE) and before.get(name) != now.get(name)
    ]


def _beside(sources: Mapping[str, str]) -> dict[str, str]:
    """Return the texts by their names as seen from the playbook: the working folder is no part of a name."""
    first = next(iter(sources), "")
    folder = "" if first.startswith("<") else posixpath.dirname(first)
    return {
        name if name.startswith("<") else posixpath.relpath(name, folder or "."): text
        for name, text in sources.items()
    }


_PLAYBOOK_CHANGED = "the playbook's text changed"


def _is_text(name: str) -> bool:
    return name.startswith("<") or name.endswith(_TEXT)


def _changed(name: str, *, there: bool, here: bool) -> str:
    if name.startswith("<"):
        return _PLAYBOOK_CHANGED
    if there and here:
        return f"{name} changed"
    return f"{name} is read now" if here else f"{name} is no longer read"


def _params(saved: SavedPlan, plan: Plan) -> list[str]:
    before = {one.name: one.text for one in saved.parameters if not one.secret}
    now = {one.name: one.text for one in plan.parameters if not one.secret}
    return [f"the param {name} differs" for name in {**before, **now} if before.get(name) != now.get(name)]


def _asked(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    if PLAYBOOK not in before:
        return ["it was begun by a leadops that did not note down what was asked for"]
    found: list[str] = []
    for name in {**before, **now}:
        if before.get(name) == now.get(name) or name == PLAYBOOK or name.startswith(TEMPLATE):
            continue
        if name in before and name in now:
            found.append(f"{name} differs")
        else:
            found.append(f"{name} is given now" if name in now else f"{name} is no longer given")
    return found + changed_templates(before, now)


def _days(saved: SavedPlan, plan: Plan) -> list[str]:
    """Return which periods, and texts that name the day, mean other days now."""
    found = [
        f"“{now.text}” was {_span(before)} and is {_span(now)}"
        for old, new in zip(saved.steps, plan.steps, strict=True)
        for before, now in zip(old.windows, new.windows, strict=False)
        if _span(before) != _span(now)
    ]
    was, is_ = _day(saved.clock_ms, plan.timezone), _day(plan.clock_ms, plan.timezone)
    if was != is_ and any(_tells_the_time(step.effects) for step in plan.steps):
        found.append(f"its texts name the time: it was {was} and is {is_}")
    return list(dict.fromkeys(found))


def _span(window: Window) -> str:
    return (
        window.first_day
        if window.first_day == window.last_day
        else f"{window.first_day} to {window.last_day}"
    )


def _day(at_ms: int, zone: str) -> str:
    return datetime.fromtimestamp(at_ms / 1000, ZoneInfo(zone)).date().isoformat()


def _tells_the_time(node: object) -> bool:
    if isinstance(node, Placeholder):
        return node.root == "now"
    return any(_tells_the_time(one) for one in _parts(node))


def _parts(node: object) -> Iterable[object]:
    if isinstance(node, tuple):
        return node
    if is_dataclass(node):
        return [getattr(node, one.name) for one in fields(node)]
    return ()
