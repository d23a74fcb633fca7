"""Every kind of literal in every place of an operand: no token takes another's place."""

import pytest

from leadops.syntax import ast
from leadops.syntax.parser import parse

LITERALS = {
    "Won": ast.Word, "Walk-in": ast.Word, "3BHK": ast.Word, "नया": ast.Word, "OUTGOING_CALL": ast.Word, "android": ast.Word,
    "ordered": ast.Word, "inland": ast.Word, "finder": ast.Word, "2026-Q2": ast.Word, "notable": ast.Word, "2_x": ast.Word,
    "leads": ast.Word, "lead": ast.Word, "day": ast.Word, "April": ast.Word, "today": ast.Word, "this": ast.Word,
    "key": ast.Word, "by": ast.Word, "5": ast.Number, "-2.5": ast.Number, "+7": ast.Number, "2026": ast.Number, "1001": ast.Number,
    "919999999999": ast.Number, "2026-04-01": ast.Date, "2026-04-01T09:00": ast.Date, '"a text"': ast.String,
    '""': ast.String, "agent@company.com": ast.String, "first.last+x@sub.company.co.in": ast.String, "find@company.com": ast.String,
    "or.not@company.com": ast.String, "$agent": ast.ParamRef, "$find": ast.ParamRef, "row.phone": ast.RowRef,
    "row.`Full name`": ast.RowRef, "ROW.phone": ast.RowRef,
}  # fmt: skip


def one(text):
    parsed = parse(text)
    assert parsed.diagnostics == (), text
    return parsed.playbook.items[0].statements[0]


PLACES = {
    "find leads where f = {}": lambda s: s.where.value,
    "find leads where f >= {} and g = 1": lambda s: s.where.terms[0].value,
    "find leads where f in [{}]": lambda s: s.where.values[0],
    "find leads where f in [1, {}, 2]": lambda s: s.where.values[1],
    "find leads where f between {} and 3": lambda s: s.where.low,
    "find leads where f between 3 and {}": lambda s: s.where.high,
    "find leads where f contains {}": lambda s: s.where.value,
    "find leads where f starts with {}": lambda s: s.where.value,
    "find leads where f has any [{}]": lambda s: s.where.values[0],
    "find leads where called by {} in April": lambda s: s.where.by[0],
    "find leads where called by [{}, x]": lambda s: s.where.by[0],
    "find leads where has action {}": lambda s: s.where.action,
    "find leads where has action {} with a = 1": lambda s: s.where.action,
    "find leads where has action 1 with a = {} by x": lambda s: s.where.having[0].value,
    "find leads where has payment with a = {}": lambda s: s.where.having[0].value,
    "set f = {}": lambda s: s.fields[0].value,
    "set f to {}; clear g": lambda s: s.fields[0].value,
    "set f {}": lambda s: s.fields[0].value,
    "set f {}, g = 1": lambda s: s.fields[0].value,
    "set f = [{}]": lambda s: s.fields[0].value.values[0],
    "add {} to tags": lambda s: s.tags[0],
    "remove 1, {} from tags": lambda s: s.tags[1],
    "add action {}": lambda s: s.action,
    "add action {} note 1": lambda s: s.action,
    "add action 1 note {} once per lead": lambda s: s.fields[0].value,
    "add payment status {}": lambda s: s.fields[0].value,
    "update action {} with a = 1": lambda s: s.action,
    "update action 1 where a = {} with b = 2": lambda s: s.where[0].value,
    "create lead with f = {}": lambda s: s.fields[0].value,
    "upsert lead by f with g = {}": lambda s: s.fields[0].value,
    "find lead {}": lambda s: s.lead_id,
    'for each row in csv "x" {{ match lead by f = {} }}': lambda s: s.match_value,
}


@pytest.mark.parametrize("place", PLACES)
def test_every_literal_in_every_place_of_an_operand(place):
    for literal, kind in LITERALS.items():
        held = PLACES[place](one(place.format(literal)))
        assert type(held) is kind, (place, literal)


@pytest.mark.parametrize("place", ["set {} = 1", "find leads where {} = 1", "clear {}", "find leads where {} is missing",
                                   "add 1 to {}", "add action 1 with {} = 2", "upsert lead by {} with a = 1"])  # fmt: skip
@pytest.mark.parametrize(
    "name", ["rating", "leads", "day", "april", "in", "to", "status_2", "नया", "3bhk", "android", "lead"]
)
def test_a_word_of_some_other_place_is_a_field_here(place, name):
    assert f"name='{name}', quoted=False" in repr(one(place.format(name)))


@pytest.mark.parametrize("name", ["called", "has", "matches", "missed"])
def test_a_phrase_word_in_front_of_an_operator_is_a_field(name):
    assert one(f"find leads where {name} = 1").where.field.name == name


PERIODS = {
    "April": ast.MonthPeriod, "may": ast.MonthPeriod, "April 2026": ast.MonthPeriod, "2026-04": ast.MonthPeriod,
    "2026-Q2": ast.QuarterPeriod, "2026-q2": ast.QuarterPeriod, "2026": ast.YearPeriod, "2026-04-01": ast.DayPeriod,
    "2026-04-01..2026-04-30": ast.RangePeriod, "2026-04-01 .. 2026-04-30": ast.RangePeriod, "today": ast.NamedDayPeriod,
    "Yesterday": ast.NamedDayPeriod, "last 14 days": ast.LastPeriod, "last 1 month": ast.LastPeriod, "this month": ast.RelativePeriod,
    "previous quarter": ast.RelativePeriod, "since 2026-04-01": ast.SincePeriod, "$window": ast.ParamRef,
}  # fmt: skip


@pytest.mark.parametrize("period", PERIODS)
def test_every_period_in_every_place_of_a_period(period):
    for place in (
        "find leads where f in {}",
        "find leads where f during {} and g = 1",
        "find leads where called in {} by x",
    ):
        where = one(place.format(period)).where
        assert type(getattr(where, "terms", (where,))[0].period) is PERIODS[period]
    assert type(one(f"read timeline in {period}").period) is PERIODS[period]
    assert type(one(f'add action 1 once per lead in {period} key "k"').once.period) is PERIODS[period]
    (param,) = parse(f"param p: period = {period}").playbook.items
    assert type(param.default) is PERIODS[period]


def test_a_param_of_another_type_keeps_its_word():
    (param,) = parse("param month: text = April").playbook.items
    assert param.default == ast.Word(span=param.span, text="April")
