"""What a command asks for beyond the playbook's texts: noted down in its plan, so that a later run can compare."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from leadops.cli.compiling import Request, compile_source
from leadops.cli.settings import Settings
from leadops.cli.source import Source, playbook_at
from leadops.cli.template_files import project_template
from leadops.core.errors import LeadopsError
from leadops.engine.operations.wanted import (
    PLAYBOOK,
    TEMPLATE,
    asked_by_flags,
    changed_templates,
    changed_texts,
    digest_of,
)
from leadops.engine.plan.options import BeltFlags
from leadops.engine.plan.scope import Scope
from leadops.model.plan import Effect, Plan, Report, When
from leadops.model.saved import SavedPlan
from leadops.model.schema import Schema
from leadops.syntax import ast


def asked_of(
    source: Source, plan: Plan, settings: Settings, scope: Scope, belts: BeltFlags, now: str | None
) -> Mapping[str, str]:
    """Return what is asked for, by name (``SavedPlan.asked``); ``now`` is what ``--now`` says."""
    asked = {PLAYBOOK: place_of(source, settings), **asked_by_flags(scope, belts)}
    if now is not None:
        asked["--now"] = now
    asked["the profile's country code"] = plan.country_code
    if settings.call_types is not None:
        asked["the profile's call types"] = ", ".join(settings.call_types)
    return {**asked, **_templates(_reports(plan), settings.root)}


def place_of(source: Source, settings: Settings) -> str:
    """Return what tells a playbook from others, whatever it says: its file, as seen from the project.

    A playbook without a file is known by its title; without one it is only what it says, and the place is empty.
    """
    name = source.parsed.file
    if name.startswith("<"):
        return next(
            (f"{name} {i.title}" for i in source.parsed.playbook.items if isinstance(i, ast.PlaybookHeader)),
            "",
        )
    path = source.base / Path(name).resolve().name
    root = settings.root.resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def changed_since(saved: SavedPlan, root: Path, schema: Schema, settings: Settings) -> list[str]:
    """Return in words which of the plan's files, below ``root``, say something else now than when it was made.

    Nothing where the playbook has no file, or the file is gone: nobody can tell what it would say.
    """
    place = saved.asked.get(PLAYBOOK, "")
    path = root / place
    if not place or place.startswith("<") or not path.is_file():
        return []
    here = Path.cwd() if Path.cwd().is_relative_to(root) else root
    request = Request(
        source=playbook_at(path, os.path.relpath(path, here)),
        parameters={one.name: one.text for one in saved.parameters if not one.secret},
        clock_ms=saved.clock_ms,
        unchecked=saved.unchecked,
        environment=dict(os.environ),
    )
    compiled = compile_source(request, schema, replace(settings, root=root))
    canonical = None if compiled.plan is None else compiled.plan.canonical
    found = changed_texts(saved, canonical, compiled.sources)
    names = [name.removeprefix(TEMPLATE) for name in saved.asked if name.startswith(TEMPLATE)]
    return found + changed_templates(saved.asked, _templates(names, root))


def _reports(plan: Plan) -> list[str]:
    """Return the names of the templates that the playbook's reports are made by."""

    def walk(effects: tuple[Effect, ...]) -> list[str]:
        found: list[str] = []
        for effect in effects:
            if isinstance(effect, Report) and effect.template is not None:
                found.append(effect.template)
            elif isinstance(effect, When):
                found += walk(effect.then) + walk(effect.otherwise)
        return found

    return [name for step in plan.steps for name in walk(step.effects)]


def _templates(names: Iterable[str], root: Path) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name in names:
        try:
            found[TEMPLATE + name] = digest_of(project_template(name, root))
        except LeadopsError:  # a template that is gone is said where it is needed
            continue
    return found
