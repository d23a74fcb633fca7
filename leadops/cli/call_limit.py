"""The limit of calls: how many one command may make in all, from the first look at the schema to the last check."""

from collections.abc import Iterable, Mapping
from typing import Any

from leadops.analysis.scope import gather
from leadops.cli.belts import BELTS, overrides_from
from leadops.cli.compiling import Request, surroundings
from leadops.cli.settings import Settings
from leadops.core.diagnostics import Findings
from leadops.model.saved import SavedPlan
from leadops.syntax import ast
from leadops.syntax.parser import read_once


def limit_of_playbook(request: Request, settings: Settings, given: Mapping[str, Any]) -> int | None:
    """Return the most calls that a command on a playbook may make; None: no limit.

    The limits are those of the file and of its includes. They are read before the first call, so that it counts too.
    """
    scope = gather(request.source.parsed, surroundings(request, settings).files, Findings())
    return _tightest(_stated(scope.limits), given)


def limit_of_plan(saved: SavedPlan, given: Mapping[str, Any]) -> int | None:
    """Return the most calls that a command on a saved plan, or on its run, may make; None: no limit.

    What the playbook states holds, and what the flags said when the plan was made. Each command counts anew.
    """
    belts = [belt for belt in saved.belts if belt.name == "calls"]
    loosened = [int(belt.limit) for belt in belts if belt.origin == "override"]
    if loosened:
        return _tightest(loosened, given)
    blocks = (
        one for one in read_once(saved.canonical, "<plan>").playbook.items if isinstance(one, ast.Limits)
    )
    return _tightest([*_stated(blocks), *(int(belt.limit) for belt in belts)], given)


def _stated(blocks: Iterable[ast.Limits]) -> list[int]:
    return [item.count for block in blocks for item in block.items if isinstance(item, ast.LimitCalls)]


def _tightest(stated: Iterable[int], given: Mapping[str, Any]) -> int | None:
    known = BELTS if "max_leads" in given else ("calls",)
    override = overrides_from(given, known).get("calls")
    if override is not None:
        return int(override.value)
    return min([*stated, *([given["max_calls"]] if given.get("max_calls") else [])], default=None)
