"""The belts that a playbook and its includes state: of two, the tighter one holds."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Literal

from leadops.analysis.context import COUNT
from leadops.core.diagnostics import Findings
from leadops.core.positions import Span, part_of
from leadops.model.plan import Limits
from leadops.syntax import ast

_SAID = {
    ast.LimitLeads: "at most N leads",
    ast.LimitPercent: "at most P % of leads",
    ast.LimitCalls: "at most N calls",
    ast.LimitLane: "lane",
}


def share_of(text: str) -> Decimal | None:
    """Return a percentage above 0 and up to 100; None when it is none."""
    number = Decimal(text)
    return number if 0 < number <= 100 else None


def merge_limits(
    blocks: Iterable[ast.Limits], main: str, sources: Mapping[str, str], findings: Findings
) -> Limits:
    """Return the limits of all ``blocks``; ``main`` is the playbook's own file, whose lane wins."""
    leads: list[int] = []
    percents: list[Decimal] = []
    calls: list[int] = []
    lanes: dict[bool, Literal["sync", "async"]] = {}
    seen: set[tuple[str, type]] = set()
    for item in (item for block in blocks for item in block.items):
        again = (item.span.file, type(item)) in seen
        if again:
            findings.error(
                "E509", f"“{_SAID[type(item)]}” is stated twice in this file", item.span, "keep one"
            )
        seen.add((item.span.file, type(item)))
        match item:
            case ast.LimitLeads(count=count):
                leads.append(count)
            case ast.LimitCalls(count=count):
                calls.append(count)
            case ast.LimitPercent(percent=text):
                share = share_of(text)
                if share is None:
                    findings.error("E513", f"{text} % is not above 0 and up to 100", _number(item, sources))
                else:
                    percents.append(share)
            case ast.LimitLane(lane=lane):
                lanes.setdefault(item.span.file == main, lane)
        if isinstance(item, ast.LimitLeads | ast.LimitCalls) and item.count < 1:
            findings.error("E513", "a limit is at least 1", _number(item, sources))
        if isinstance(item, ast.LimitLeads | ast.LimitCalls):
            known = leads if isinstance(item, ast.LimitLeads) else calls
            if item.count > min(known) and not again:
                findings.warning(
                    "W111", f"an included file allows only {min(known)}; the tighter holds", item.span
                )
    lane = lanes.get(True, lanes.get(False, "sync"))
    return Limits(min(leads, default=None), min(percents, default=None), min(calls, default=None), lane)


def _number(item: ast.Node, sources: Mapping[str, str]) -> Span:
    return part_of(sources.get(item.span.file, ""), item.span, COUNT)
