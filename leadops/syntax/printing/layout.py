"""A playbook as entries to be laid out: each statement in pieces that stay on one line, with its blocks.

Printer and formatter lay the same entries out; the formatter puts the comments between them.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from leadops.core.fast_dataclass import record
from leadops.core.positions import Span
from leadops.syntax import ast
from leadops.syntax.printing.canonical import (
    print_by,
    print_column,
    print_default,
    print_direction,
    print_field,
    print_having,
    print_text,
    print_value,
    print_within,
)
from leadops.syntax.printing.pieces import Piece, assigning, conditional, several

_PARAM = re.compile(r"\$[^\W\d]\w*")


@record()
class Entry:
    """A statement.

    Attributes:
        pieces: what it says before its blocks.
        start, end: its place in the source.
        blocks: the statements in its braces; the others are those of ``otherwise``.
        head_end: the offset in the source behind which its first brace opens.
        heads: of each further block what stands before its brace, and where that ends; nothing: ``otherwise``.
        short: whether it may stand on one line with its blocks.
        group: entries of one group follow each other without an empty line; None: always one around it.
    """

    pieces: tuple[Piece, ...]
    start: int
    end: int
    blocks: tuple[tuple["Entry", ...], ...] = ()
    head_end: int = 0
    short: bool = False
    group: str | None = "statement"
    heads: tuple[tuple[tuple[Piece, ...], int], ...] = ()


def playbook_entries(playbook: ast.Playbook) -> tuple[Entry, ...]:
    """Return the entries of a whole file; those of an unnamed step stand in a group of their own."""
    entries: list[Entry] = []
    for at, item in enumerate(playbook.items):
        if isinstance(item, ast.Step) and item.title is None:
            entries += [_grouped(step_entry(statement), f"bare {at}") for statement in item.statements]
        else:
            entries.append(item_entry(item))
    return tuple(entries)


def item_entry(item: ast.Item) -> Entry:
    """Return the entry of one of a file's own statements, or of a step or test that has a title."""
    match item:
        case ast.PlaybookHeader(title=title, language=language):
            version = f" language {language}" if language is not None else ""
            return _plain(item, f"playbook {print_text(title)}{version}", group="head")
        case ast.Timezone(name=name):
            return _plain(item, f"timezone {print_text(name)}", group="head")
        case ast.Include(path=path):
            return _plain(item, f"include {print_text(path)}", group="head")
        case ast.Limits(items=limits):
            blocks = (tuple(_plain(limit, _limit(limit)) for limit in limits),)
            return _blocks(item.span, [Piece("limits", item.span.start)], blocks, short=True, group="head")
        case ast.Param(name=name, type=kind, default=default):
            tail = f" = {print_default(default)}" if default is not None else ""
            return _plain(item, f"param {name}: {kind}{tail}", group="names")
        case ast.Define(name=name, condition=condition):
            return _pieces(
                item.span, conditional(item.span.start, f"define {name} as ", condition), group="names"
            )
        case ast.Step(title=title, statements=statements):
            head = [Piece(f"step {print_text(title or '')}", item.span.start)]
            return _blocks(item.span, head, (tuple(step_entry(held) for held in statements),), group=None)
        case ast.Test(title=title, statements=tests):
            head = [Piece(f"test {print_text(title)}", item.span.start)]
            return _blocks(item.span, head, (tuple(_test_entry(held) for held in tests),), group=None)


def step_entry(statement: ast.StepStatement) -> Entry:
    """Return the entry of one statement of a step."""
    span = statement.span
    match statement:
        case ast.FindLeads(where=where, single=single):
            if where is None:
                return _plain(statement, "find leads")
            return _pieces(
                span, conditional(span.start, f"find {'lead' if single else 'leads'} where ", where)
            )
        case ast.FindLeadById(lead_id=lead_id):
            return _plain(statement, f"find lead {print_value(lead_id)}")
        case ast.CreateLead(fields=fields):
            return _pieces(span, assigning(span.start, "create lead with ", fields))
        case ast.UpsertLead(by=by, fields=fields):
            return _pieces(span, assigning(span.start, f"upsert lead by {print_field(by)} with ", fields))
        case ast.EachRow(path=path, match_field=field, match_value=value, contract=contract):
            matching = f"match lead by {print_field(field)} = {print_value(value)}"
            first = _pieces(field.span.to(value.span), [Piece(matching, field.span.start)])
            rows = (first, *(_contract(clause) for clause in contract))
            file = path if _PARAM.fullmatch(path) else print_text(path)
            head = [Piece(f"for each row in csv {file}", span.start)]
            return _blocks(span, head, (rows,), short=True)
        case ast.RetryRejects(run=run):
            return _plain(
                statement, f"retry rejects of {'last run' if run is None else f'run {print_text(run)}'}"
            )
        case ast.When():
            return _when(statement)
        case ast.ExpectEvery(condition=condition):
            return _pieces(span, conditional(span.start, "expect every lead ", condition))
        case ast.SetFields(fields=fields):
            return _pieces(span, assigning(span.start, "set ", fields))
        case ast.AddAction(action=action, fields=fields):
            verb = f"add action {print_value(action)}{' with ' if fields else ''}"
            return _pieces(span, [*assigning(span.start, verb, fields), *_repeating(statement)])
        case ast.AddPayment(fields=fields):
            return _pieces(
                span, [*assigning(span.start, "add payment with ", fields), *_repeating(statement)]
            )
        case ast.UpdateAction(action=action, where=where, fields=fields):
            return _pieces(span, _updating(span, f"update action {print_value(action)}", where, fields))
        case ast.UpdatePayment(where=where, fields=fields):
            return _pieces(span, _updating(span, "update payment", where, fields))
        case ast.ClearFields(fields=names):
            starts = [span.start, *(name.span.start for name in names[1:])]
            return _pieces(span, several("clear ", [print_field(name) for name in names], starts))
        case ast.ChangeTags(verb=verb, tags=tags, field=field):
            behind = f" {'to' if verb == 'add' else 'from'} {print_field(field)}"
            starts = [span.start, *(tag.span.start for tag in tags[1:])]
            return _pieces(span, several(f"{verb} ", [print_value(tag) for tag in tags], starts, behind))
        case _:
            return _plain(statement, _simple(statement))


_Simple = (
    ast.ReadTimeline | ast.Report | ast.Notify | ast.ExpectCount | ast.StopWhen
    | ast.Canary | ast.AllowFullScan | ast.AllowTimelines | ast.AllowNewOption | ast.Order | ast.Limit
)  # fmt: skip


def _simple(statement: _Simple) -> str:
    match statement:
        case ast.ReadTimeline(period=period):
            return f"read timeline{print_within(period)}"
        case ast.Report(path=path, template=template):
            return f"report to {print_text(path)}{f' using {print_text(template)}' if template is not None else ''}"
        case ast.Notify(name=name, text=text):
            return f"notify {print_text(name)} with {print_value(text)}"
        case ast.ExpectCount(at_least=low, at_most=high):
            return f"expect {_bounds(low, high)}"
        case ast.StopWhen(percent=percent):
            return f"stop when {percent} % fail"
        case ast.Canary(count=count, then=then):
            return f"canary {count} then {then}"
        case ast.AllowFullScan():
            return "allow full scan"
        case ast.AllowTimelines(at_most=most):
            return f"allow timelines{'' if most is None else f' at most {most}'}"
        case ast.AllowNewOption():
            return "allow new option"
        case ast.Order(newest=newest):
            return f"{'newest' if newest else 'oldest'} first"
        case ast.Limit(count=count):
            return f"limit {count}"


def _bounds(low: int | None, high: int | None) -> str:
    if low is None and high is not None:
        return f"at most {_leads(high)}"
    if high is None and low is not None:
        return f"at least {_leads(low)}"
    return f"exactly {_leads(low or 0)}" if low == high else f"{low}..{high} leads"


def _leads(count: int) -> str:
    return f"{count} lead{'' if count == 1 else 's'}"


def _limit(limit: ast.LimitLeads | ast.LimitPercent | ast.LimitCalls | ast.LimitLane) -> str:
    match limit:
        case ast.LimitLeads(count=count):
            return f"at most {_leads(count)}"
        case ast.LimitPercent(percent=percent):
            return f"at most {percent} % of leads"
        case ast.LimitCalls(count=count):
            return f"at most {count} calls"
        case ast.LimitLane(lane=lane):
            return f"lane {lane}"


def _contract(clause: ast.DatesAre | ast.ColumnsMustBe | ast.OnMissingLead) -> Entry:
    match clause:
        case ast.DatesAre(format=order):
            return _plain(clause, f"dates are {print_text(order)}")
        case ast.ColumnsMustBe(columns=columns, starts=places):
            starts = [clause.span.start, *(places or (0,) * len(columns))[1:]]
            return _pieces(clause.span, several("columns must be ", [*map(print_column, columns)], starts))
        case ast.OnMissingLead(what=what):
            return _plain(clause, f"on missing lead {what}")


def _test_entry(statement: ast.TestStatement) -> Entry:
    span = statement.span
    match statement:
        case ast.GivenNow(at=at):
            return _plain(statement, f"given now {at}")
        case ast.GivenLead(fields=fields, history=history):
            happened = [Piece(_happened(event), event.span.start) for event in history]
            return _pieces(span, [*assigning(span.start, "given lead with ", fields), *happened])
        case ast.GivenParam(name=name, value=held):
            return _plain(statement, f"given param {name} = {print_default(held)}")
        case ast.StepMatches(title=title, count=count):
            named = "" if title is None else f" {print_text(title)}"
            return _plain(statement, f"step{named} matches {_leads(count)}")
        case ast.LeadWouldHave(lead=lead, fields=fields):
            return _pieces(span, assigning(span.start, f"lead {print_value(lead)} would have ", fields))
        case ast.LeadWouldHaveAction(lead=lead, action=action, having=having):
            head = f"lead {print_value(lead)} would have action {print_value(action)}{' with ' if having else ''}"
            return _pieces(span, assigning(span.start, head, having))
        case ast.LeadNotTouched(lead=lead):
            return _plain(statement, f"lead {print_value(lead)} is not touched")


def _happened(event: ast.GivenCall | ast.GivenAction) -> str:
    by = print_by((event.by,)) if event.by is not None else ""
    at = f" on {event.at}" if event.at is not None else ""
    if isinstance(event, ast.GivenCall):
        return f"{print_direction(event.direction)}{by}{at}"
    what = "payment" if event.action is None else f"action {print_value(event.action)}"
    return f"has {what}{print_having(event.having)}{by}{at}"


# ── pieces ───────────────────────────────────────────────────────────────────────────────────────


def _plain(node: ast.Node, text: str, group: str = "statement") -> Entry:
    return _pieces(node.span, [Piece(text, node.span.start)], group)


def _pieces(span: Span, pieces: Iterable[Piece], group: str = "statement") -> Entry:
    return Entry(tuple(pieces), span.start, span.end, group=group)


def _blocks(
    span: Span,
    head: Iterable[Piece],
    blocks: tuple[tuple[Entry, ...], ...],
    *,
    short: bool = False,
    head_end: int | None = None,
    group: str | None = "statement",
) -> Entry:
    behind = span.start if head_end is None else head_end
    return Entry(tuple(head), span.start, span.end, blocks, behind, short, group)


def _when(whole: ast.When) -> Entry:
    heads: list[tuple[tuple[Piece, ...], int]] = []
    arms = [whole.then]
    last = whole
    while last.chained and isinstance(following := last.otherwise[0], ast.When):
        pieces = conditional(following.span.start, "otherwise when ", following.condition)
        heads.append((tuple(pieces), following.condition.span.end))
        arms.append(following.then)
        last = following
    if last.otherwise:
        heads.append(((), 0))
        arms.append(last.otherwise)
    blocks = tuple(tuple(step_entry(effect) for effect in arm) for arm in arms)
    head = conditional(whole.span.start, "when ", whole.condition)
    short = all(len(arm) == 1 for arm in blocks)
    made = _blocks(whole.span, head, blocks, short=short, head_end=whole.condition.span.end)
    return replace(made, heads=tuple(heads))


def _grouped(entry: Entry, group: str) -> Entry:
    return replace(entry, group=group)


def _updating(
    span: Span, head: str, where: tuple[ast.Assignment, ...], fields: tuple[ast.Assignment, ...]
) -> list[Piece]:
    first = assigning(span.start, f"{head} where ", where) if where else [Piece(head, span.start)]
    behind = fields[0].span if fields else span
    return [*first, *assigning(behind.start, "with ", fields)]


def _repeating(statement: ast.AddAction | ast.AddPayment) -> list[Piece]:
    once, key = statement.once, statement.key
    pieces = []
    if once is not None:
        text = "each run" if once.each_run else f"once per lead{print_within(once.period)}"
        pieces.append(Piece(text, once.span.start))
    if key is not None:
        pieces.append(Piece(f"key {print_text(key)}", statement.key_start))
    return pieces
