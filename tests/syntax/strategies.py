"""Playbooks that could have been written: AST nodes that the parser can produce, in any combination."""

import string

from hypothesis import strategies as st

from leadops.core.positions import Span
from leadops.core.text import is_hidden
from leadops.syntax import ast
from leadops.syntax.grammar.parse_tables import tables
from leadops.syntax.grammar.prescan import RESERVED
from leadops.syntax.printing.canonical import MONTHS
from leadops.syntax.printing.wording import words

SPAN = Span("<test>", 1, 1, 1, 1, 0, 0)

KEYWORDS = frozenset(word.lower() for word in words(frozenset(tables().lark._terminals_dict))) | RESERVED
"""Every word that some place of the language knows."""

_LETTERS = string.ascii_letters + "éßकनयिाвЖ中"
_UNITS = ("day", "week", "month", "quarter", "year")


def node(kind, /, **parts):
    return st.builds(kind, span=st.just(SPAN), **{name: _strategy(part) for name, part in parts.items()})


def _strategy(part):
    return part if isinstance(part, st.SearchStrategy) else st.just(part)


def _free(text):
    return text.lower() not in KEYWORDS and text.lower() not in {month.lower() for month in MONTHS}


names = st.text(_LETTERS + string.digits + "_", min_size=1, max_size=10).filter(
    lambda text: _free(text) and not text.isdigit() and text[0] not in "िा"
)
bare_words = st.text(_LETTERS + string.digits + "_-", min_size=1, max_size=10).filter(
    lambda text: (
        _free(text)
        and any(c.isalpha() or c == "_" for c in text)
        and text[0] not in "िा-"
        and not (text[:4].isdigit() and text[4:5] == "-")
    )
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    [
        "Won",
        "a # b",
        'say "hi"',
        "back\\slash",
        "{{ lead.name }}",
        "two\nlines",
        "नया",
        "“curly”",
        "\u200bhidden",
        "it's;",
        "}",
    ]
)
labels = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cf"], exclude_characters="`"), min_size=1, max_size=12
).filter(lambda text: not any(is_hidden(char) for char in text))

fields = node(ast.FieldRef, name=names) | node(ast.FieldRef, name=labels, quoted=True)
days = st.dates().map(lambda day: day.isoformat())
minutes = st.datetimes().map(
    lambda at: at.strftime("%Y-%m-%dT%H:%M") if at.year > 999 else "2026-04-30T23:30"
)
numbers = st.integers(-(10**13), 10**13).map(str) | st.decimals(
    allow_nan=False, allow_infinity=False, places=2, min_value=-(10**6), max_value=10**6
).map(str)
counts = st.integers(0, 999_999_999)
percents = st.integers(0, 100).map(str) | st.just("2.5")
params = node(ast.ParamRef, name=names)
strings = node(ast.String, text=texts)
values = st.one_of(
    node(ast.Word, text=bare_words),
    strings,
    node(ast.Number, text=numbers),
    node(ast.Date, text=days | minutes),
    params,
    node(ast.RowRef, column=names | labels),
)
value_tuples = st.lists(values, min_size=1, max_size=3).map(tuple)
assignments = st.lists(
    node(ast.Assignment, field=fields, value=values | node(ast.List, values=value_tuples)),
    min_size=1,
    max_size=3,
).map(tuple)
some_assignments = st.just(()) | assignments
field_tuples = st.lists(fields, min_size=1, max_size=3).map(tuple)

years = st.integers(1, 9999)
only_periods = st.one_of(
    node(ast.MonthPeriod, month=st.integers(1, 12), year=years),
    node(ast.RangePeriod, first=days, last=days),
    node(ast.LastPeriod, count=counts, unit=st.sampled_from(_UNITS)),
    node(ast.RelativePeriod, which=st.sampled_from(["this", "previous"]), unit=st.sampled_from(_UNITS)),
    node(ast.SincePeriod, day=days),
)
"""Periods that cannot be read as values of another kind."""
periods = st.one_of(
    only_periods,
    node(ast.MonthPeriod, month=st.integers(1, 12)),
    node(ast.QuarterPeriod, year=years, quarter=st.integers(1, 4)),
    node(ast.YearPeriod, year=years),
    node(ast.DayPeriod, day=days),
    node(ast.NamedDayPeriod, name=st.sampled_from(["today", "yesterday"])),
    params,
)
maybe_period = st.none() | periods
who = st.just(()) | value_tuples

simple_conditions = st.one_of(
    node(ast.Comparison, field=fields, op=st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), value=values),
    node(ast.Membership, field=fields, values=value_tuples, negated=st.booleans()),
    node(ast.Between, field=fields, low=values, high=values),
    node(
        ast.TextTest,
        field=fields,
        kind=st.sampled_from(["contains", "starts with", "ends with"]),
        value=values,
    ),
    node(ast.Presence, field=fields, missing=st.booleans()),
    node(ast.TagTest, field=fields, which=st.sampled_from(["any", "all"]), values=value_tuples),
    node(ast.InPeriod, field=fields, period=periods),
    node(
        ast.CallPhrase,
        direction=st.sampled_from(["outgoing", "incoming", "missed"]),
        by=who,
        period=maybe_period,
    ),
    node(ast.ActionPhrase, action=values, having=some_assignments, by=who, period=maybe_period),
    node(ast.PaymentPhrase, having=some_assignments, by=who, period=maybe_period),
    node(ast.Matches, name=names),
)


def _joined(terms):
    def flat(kind):
        return lambda parts: kind(
            span=SPAN,
            terms=tuple(t for part in parts for t in (part.terms if isinstance(part, kind) else (part,))),
        )

    several = st.lists(terms, min_size=2, max_size=3)
    return several.map(flat(ast.And)) | several.map(flat(ast.Or)) | node(ast.Not, term=terms)


conditions = st.recursive(simple_conditions, _joined, max_leaves=6)

sources = st.one_of(
    node(ast.FindLeads, where=conditions, single=st.booleans()),
    node(ast.FindLeads, where=None),
    node(ast.FindLeadById, lead_id=values),
    node(ast.CreateLead, fields=assignments),
    node(ast.UpsertLead, by=fields, fields=assignments),
    node(
        ast.EachRow,
        path=texts,
        match_field=fields,
        match_value=values,
        contract=st.lists(
            st.one_of(
                node(ast.DatesAre, format=texts),
                node(ast.ColumnsMustBe, columns=st.lists(names | texts, min_size=1, max_size=3).map(tuple)),
                node(ast.OnMissingLead, what=st.sampled_from(["create", "skip", "fail"])),
            ),
            max_size=3,
        ).map(tuple),
    ),
    node(ast.RetryRejects, run=st.none() | texts),
)
once = st.none() | node(ast.OncePer, each_run=True) | node(ast.OncePer, period=maybe_period)
keys = st.none() | texts
simple_effects = st.one_of(
    node(ast.SetFields, fields=assignments),
    node(ast.ClearFields, fields=field_tuples),
    node(ast.ChangeTags, verb=st.sampled_from(["add", "remove"]), tags=value_tuples, field=fields),
    node(ast.AddAction, action=values, fields=some_assignments, once=once, key=keys),
    node(ast.AddPayment, fields=assignments, once=once, key=keys),
    node(ast.UpdateAction, action=values, where=some_assignments, fields=assignments),
    node(ast.UpdatePayment, where=some_assignments, fields=assignments),
    node(ast.ReadTimeline, period=maybe_period),
    node(ast.Report, path=texts, template=st.none() | texts),
    node(ast.Notify, name=texts, text=strings),
)


def _whens(inner):
    block = st.lists(inner, max_size=2).map(tuple)
    when = node(ast.When, condition=conditions, then=block, otherwise=block)
    chain = node(
        ast.When, condition=conditions, then=block, otherwise=when.map(lambda one: (one,)), chained=True
    )
    return when | chain


effects = st.recursive(simple_effects, _whens, max_leaves=4)
guards = st.one_of(
    node(ast.ExpectCount, at_least=counts, at_most=counts),
    node(ast.ExpectCount, at_least=None, at_most=counts),
    node(ast.ExpectCount, at_least=counts, at_most=None),
    node(ast.ExpectEvery, condition=conditions),
    node(ast.StopWhen, percent=percents),
    node(ast.Canary, count=counts, then=st.sampled_from(["confirm", "continue"])),
    node(ast.AllowFullScan),
    node(ast.AllowTimelines, at_most=st.none() | counts),
    node(ast.AllowNewOption),
)
orders = node(ast.Order, newest=st.booleans()) | node(ast.Limit, count=counts)
statements = st.one_of(sources, effects, guards, orders)
named_steps = node(ast.Step, title=texts, statements=st.lists(statements, max_size=4).map(tuple))
bare_steps = st.builds(
    lambda source, others: ast.Step(span=SPAN, title=None, statements=(source, *others)),
    sources,
    st.lists(st.one_of(effects, guards, orders), max_size=3),
)

value_types = st.sampled_from(["text", "email", "phone", "number", "date", "file", "secret"])
param_items = st.one_of(
    node(ast.Param, name=names, type=value_types, default=st.none() | values | only_periods),
    node(ast.Param, name=names, type="period", default=st.none() | periods),
)
moments = days | minutes
history = st.lists(
    st.one_of(
        node(
            ast.GivenCall,
            direction=st.sampled_from(["outgoing", "incoming", "missed"]),
            by=st.none() | values,
            at=st.none() | moments,
        ),
        node(
            ast.GivenAction,
            action=st.none() | values,
            having=some_assignments,
            by=st.none() | values,
            at=st.none() | moments,
        ),
    ),
    max_size=2,
).map(tuple)
test_statements = st.one_of(
    node(ast.GivenNow, at=moments),
    node(ast.GivenLead, fields=assignments, history=history),
    node(ast.GivenParam, name=names, value=values | only_periods),
    node(ast.StepMatches, title=st.none() | texts, count=counts),
    node(ast.LeadWouldHave, lead=values, fields=assignments),
    node(ast.LeadWouldHaveAction, lead=values, action=values, having=some_assignments),
    node(ast.LeadNotTouched, lead=values),
)
limit_items = st.one_of(
    node(ast.LimitLeads, count=counts),
    node(ast.LimitPercent, percent=percents),
    node(ast.LimitCalls, count=counts),
    node(ast.LimitLane, lane=st.sampled_from(["sync", "async"])),
)
items = st.one_of(
    node(ast.PlaybookHeader, title=texts, language=st.none() | counts),
    node(ast.Timezone, name=texts),
    node(ast.Include, path=texts),
    node(ast.Limits, items=st.lists(limit_items, max_size=3).map(tuple)),
    param_items,
    node(ast.Define, name=names, condition=conditions),
    named_steps,
    bare_steps,
    node(ast.Test, title=texts, statements=st.lists(test_statements, max_size=4).map(tuple)),
)
playbooks = node(ast.Playbook, items=st.lists(items, max_size=4).map(tuple))
