"""The slips that people make: the first finding stands on the cause, and its fix is one that parses."""

import re
from dataclasses import fields, is_dataclass

import pytest

from leadops.syntax import ast
from leadops.syntax.parser import parse
from leadops.syntax.printing.printer import print_playbook
from tests.syntax.corpus import dump

SLIPS = [
    ("find leads where created = 25/04/2026", "E007", 28, "find leads where created = 2026-04-25"),
    ("find leads where created = 01/04/2026", "E007", 28, "find leads where created = 2026-04-01"),
    ("find leads where created = 2026-4-1", "E007", 28, "find leads where created = 2026-04-01"),
    ("set note = “Thanks”", "E005", 12, 'set note = "Thanks"'),
    ("set note = 'it''", "E005", 12, None),
    ("set note = 'Thanks'", "E005", 12, 'set note = "Thanks"'),
    ('set "rating" = 5', "E005", 5, "set rating = 5"),
    ("find leads where status == Won", "E006", 25, "find leads where status = Won"),
    ("find leads where rating > = 4", "E006", 25, "find leads where rating >= 4"),
    ("find leads where rating ≥ 4", "E006", 25, "find leads where rating >= 4"),
    ("find leads where a = 1 && b = 2", "E006", 24, "find leads where a = 1 and b = 2"),
    ("find leads where !called", "E006", 18, "find leads where not called"),
    ("find leads where a = 1, b = 2", "E006", 23, "find leads where a = 1 and b = 2"),
    ("find leads where status is Won", "E006", 25, "find leads where status = Won"),
    ("find leads where status is not Won", "E006", 25, "find leads where status != Won"),
    ("find leads where status is not missing", "E006", 25, "find leads where status is present"),
    ("find leads where status is null", "E006", 25, "find leads where status is missing"),
    ("set status: Won", "E006", 11, "set status = Won"),
    ("expect 1-5 leads", "E006", 8, "expect 1..5 leads"),
    ('set note = "Thanks', "E004", 12, 'set note = "Thanks"'),
    ('set note = "Thanks; set b = 5', "E004", 12, 'set note = "Thanks"\nset b = 5'),
    ('set note = "x, b = "y"', "E004", 12, None),
    ("set `Lead source = Web", "E004", 5, None),
    ("find leads where a = 1 and b = 2 or c = 3", "E008", 34, "find leads where (a = 1 and b = 2) or c = 3"),
    ("find leads where status = Not Interested", "E009", 27, 'find leads where status = "Not Interested"'),
    ("find leads where status = Site Visit and a = 1", "E009", 27, 'find leads where status = "Site Visit" and a = 1'),
    ("set name = O'Brien", "E009", 12, 'set name = "O\'Brien"'),
    ("set phone = +91 98765 43210", "E009", 13, 'set phone = "+91 98765 43210"'),
    ("find leads where Lead Source = Web", "E009", 18, "find leads where `Lead Source` = Web"),
    ("timezone Asia/Kolkata", "E009", 10, 'timezone "Asia/Kolkata"'),
    ("set deal_size = 1,00,000", "E010", 17, "set deal_size = 100000"),
    ("find leads where d between 1,00,000 and 2", "E010", 28, "find leads where d between 100000 and 2"),
    ("find leads where status Won", "E011", 25, "find leads where status = Won"),
    ("find leads status = Won", "E011", 12, "find leads where status = Won"),
    ("find leads where status = Won or Lost", "E011", 34, "find leads where status in [Won, Lost]"),
    ('find leads where s = "a" or "b" or c', "E011", 29, 'find leads where s in ["a", "b", c]'),
    ("find leads where status in (Won, Lost)", "E011", 28, "find leads where status in [Won, Lost]"),
    ("find leads where status in Won, Lost", "E011", 28, "find leads where status in [Won, Lost]"),
    ("find leads where interests has VIP", "E011", 32, "find leads where interests has any [VIP]"),
    ("find leads where created in last month", "E011", 29, "find leads where created in previous month"),
    ("set status = Won rating = 5", "E011", 18, "set status = Won, rating = 5"),
    ("set limit = 5", "E012", 5, "set `limit` = 5"),
    ("set status = find", "E012", 14, 'set status = "find"'),
    ('add acton 1001 with note = "x"', "E003", 5, 'add action 1001 with note = "x"'),
    ('add action 1001 wiht note = "x"', "E003", 17, 'add action 1001 with note = "x"'),
    ("fnd leads where a = 1", "E003", 1, "find leads where a = 1"),
    ("find leads wehre a = 1", "E003", 12, "find leads where a = 1"),
    ("find leads where created in Apr 2026", "E003", 29, "find leads where created in April 2026"),
    ("find leads where rating between 1 to 5", "E003", 35, "find leads where rating between 1 and 5"),
    ("find leads where name like x", "E003", 23, "find leads where name contains x"),
    ("if a = 1 { set b = 2 }", "E003", 1, "when a = 1 { set b = 2 }"),
    ("find leads where created in the last 14 days", "E001", 29, "find leads where created in last 14 days"),
    ('add tag "VIP" to interests', "E001", 5, 'add "VIP" to interests'),
    ("set a = [VIP, ]", "E001", 13, "set a = [VIP]"),
    ("set rating = rating + 1", "E001", 21, None),
    ("find leads where called by in April", "E002", 28, None),
    ("limits { at most 200 }", "E002", 21, None),
    ('test "x" { given now 2026-01-01 9:30 }', "E007", 22, 'test "x" {\n  given now 2026-01-01T09:30\n}'),
    ("set a = 5 // why", "E001", 11, "set a = 5"),
    ("set met = 5 April 2026", "E007", 11, "set met = 2026-04-05"),
    ("find leads where created in 2026-04-01 to 2026-04-30", "E006", 40, "find leads where created in 2026-04-01..2026-04-30"),
    ("find leads where created in 2024-02..2024-02", "E006", 29, "find leads where created in 2024-02-01..2024-02-29"),
    ("find leads where called between 2026-04-01 and 2026-04-30", "E006", 25, "find leads where called in 2026-04-01..2026-04-30"),
    ("find leads where created in last days 14", "E011", 34, "find leads where created in last 14 days"),
    ("find leads where created in 4/2026", "E007", 29, "find leads where created in April 2026"),
    ("set a = 2026-04-30T10:00:00Z", "E007", 9, "set a = 2026-04-30T10:00"),
    ("limit ten", "E001", 7, "limit 10"),
    ('find leads where name does not contain "x"', "E006", 23, 'find leads where not name contains "x"'),
    ("find leads where status is one of [Won]", "E006", 25, "find leads where status in [Won]"),
    ("find leads where email exists", "E006", 24, "find leads where email is present"),
    ("find leads where never called", "E003", 18, "find leads where not called"),
    ("find leads where called by a@b.com and c@d.com", "E011", 40, 'find leads where called by ["a@b.com", "c@d.com"]'),
    ("find leads where rating >= 4 stars", "E010", 28, "find leads where rating >= 4"),
    ("find leads where d > Rs 5000", "E010", 22, "find leads where d > 5000"),
    ("find leads where a = 1 order by b", "E003", 24, "find leads where a = 1\nnewest first"),
    ("find leads where name like '%x'", "E003", 23, 'find leads where name ends with "x"'),
    ("set a = 5 and b = 6", "E006", 11, "set a = 5, b = 6"),
    ("set Deal size = 5", "E009", 5, "set `Deal size` = 5"),
    ("set a = {{ lead.name }}", "E009", 9, 'set a = "{{ lead.name }}"'),
    ("set a = lead.name", "E009", 9, 'set a = "{{ lead.name }}"'),
    ("set a = row.Met on", "E009", 9, "set a = row.`Met on`"),
    ("find leads where company = A&B", "E009", 28, 'find leads where company = "A&B"'),
    ("find leads where city = Pune/Thane", "E009", 25, 'find leads where city = "Pune/Thane"'),
    ("set rating => 5", "E006", 12, "set rating = 5"),
    ("set rating ＝ 5", "E006", 12, "set rating = 5"),
    ("set rating = ${stars}", "E001", 14, "set rating = $stars"),
    ("add action 1001 with a = 1 once a month", "E001", 33, "add action 1001 with a = 1 once per lead in this month"),
    ("retry rejects last run", "E011", 15, "retry rejects of last run"),
    ("upsert lead with phone = 1", "E011", 13, None),
    ("findleads where a = 1", "E003", 1, "find leads where a = 1"),
    ('find leads where matches "cool"', "E005", 26, "find leads where matches cool"),
    ("define very cool as a = 1", "E009", 8, "define very_cool as a = 1"),
    ("limits { at most 5 leads, lane async }", "E001", 25, "limits { at most 5 leads; lane async }"),
]  # fmt: skip


def applied(text, fix):
    for edit in sorted(fix.edits, key=lambda edit: -edit.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


@pytest.mark.parametrize(("text", "code", "column", "mended"), SLIPS, ids=[slip[0] for slip in SLIPS])
def test_a_slip_is_named_where_it_stands_and_its_fix_parses(text, code, column, mended):
    first = parse(text).diagnostics[0]
    assert (first.code, first.span.line, first.span.column) == (code, 1, column)
    if mended is None:
        return
    assert first.fix is not None
    again = parse(applied(text, first.fix))
    assert again.diagnostics == ()
    assert print_playbook(again.playbook).strip() == mended


def test_a_slashed_date_offers_both_readings():
    (found,) = parse("find leads where created = 01/04/2026").diagnostics
    assert "2026-04-01 (day first)" in found.help
    assert "2026-01-04 (month first)" in found.help
    assert not found.fix.safe


def test_a_date_with_one_reading_is_a_safe_fix():
    (found,) = parse("find leads where created = 25/04/2026").diagnostics
    assert found.fix.safe


def test_mixed_and_with_or_shows_both_readings():
    (found,) = parse("find leads where a = 1 and b = 2 or c = 3").diagnostics
    assert "(a = 1 and b = 2) or c = 3" in found.help
    assert "a = 1 and (b = 2 or c = 3)" in found.help


def test_the_message_says_what_was_expected():
    (found,) = parse("find leads where status =").diagnostics
    assert "expected a value after “=”" in found.message
    (found,) = parse("limit ten").diagnostics
    assert found.message == "expected a number after “limit”, found “ten”"


def test_all_findings_of_a_file_come_at_once_and_in_order():
    text = "find leads where status == Won\nset note = 'x'\nadd acton 1001\nset b = 1,000\n"
    found = parse(text).diagnostics
    assert [(d.code, d.span.line) for d in found] == [("E006", 1), ("E005", 2), ("E003", 3), ("E010", 4)]


@pytest.mark.parametrize(
    "begun",
    ["find leads where", "find leads where status =", "set rating", "add action", "when a = 1 {", "expect at most",
     "find leads where (a = 1", "set a = [1,", "update action 1001 where a = 1", "stop", "for each row in csv", "notify",
     'add action 1001 with note = "x', "find leads where called by", "retry rejects of", "param x", "remove a"],
)  # fmt: skip
@pytest.mark.parametrize("between", ["\n", "; ", "\n\n# why\n"])
def test_the_statement_behind_a_truncated_one_is_never_swallowed(begun, between):
    parsed = parse(f"{begun}{between}clear remarks\nset city = Pune\n")
    assert parsed.diagnostics
    text = print_playbook(parsed.playbook)
    assert "clear remarks" in text
    assert "set city = Pune" in text


def test_a_misspelt_statement_behind_a_truncated_one_is_told_of_too():
    found = parse("find leads where\nsett rating = 5\nclear remarks\n").diagnostics
    assert [(d.code, d.span.line) for d in found] == [("E002", 1), ("E003", 2)]


def test_what_was_plainly_meant_stays_in_the_ast():
    parsed = parse("find leads where status == Won")
    assert print_playbook(parsed.playbook) == "find leads where status = Won\n"


STATEMENTS = [
    'find leads where (status = Won and city in [Pune, "New Town"]) or called by "a@b.com" in last 14 days',
    'create lead with name = "Jane Doe", phone = 919999999999',
    "upsert lead by phone with phone = 919999999999, rating = 5",
    'for each row in csv "new.csv" { match lead by phone = row.phone; columns must be phone, name; on missing lead create }',
    "retry rejects of last run",
    "newest first",
    "limit 50",
    "set rating = 5, status to Won, `Deal size` 7, interests = [VIP, Plot]",
    'add "VIP", Old to interests',
    'add action 1001 with note = "Thanks" once per lead in this month key "thanks"',
    "update action 1001 where outcome = Open with outcome = Done",
    "read timeline in April",
    'when matches cool and rating > 3 { add "Revive" to interests } otherwise { clear rating }',
    'notify "sales" with "won"',
    "expect every lead phone is present",
    "stop when 5 % fail",
    "canary 10 then confirm",
    'playbook "Won in April" language 1',
    "limits { at most 200 leads; at most 5 % of leads; lane async }",
    'param agent: email = "agent@company.com"',
    "define cool as rating is missing or rating <= 3",
    'step "thank" { find leads where status = Won; set rating = 5 }',
    'test "t" { given now 2026-05-02T09:00; given lead with a = 1 called by "a@c.com" on 2026-04-30T23:30; lead 1 is not touched }',
    'test "u" { given param agent = "x"; step "thank" matches 1 lead; lead "91" would have action 1001 with outcome = Done }',
]
_TOKENS = re.compile(r'"[^"]*"|`[^`]*`|[\w@$:-]+|\.\.|[^\s]')


def parts(held):
    """Return all nodes of an AST without their places, as one text each; a step without a title is none of its own."""
    if isinstance(held, tuple):
        return {part for each in held for part in parts(each)}
    if not is_dataclass(held):
        return set()
    inner = {part for each in fields(held) if each.name != "span" for part in parts(getattr(held, each.name))}
    bare = isinstance(held, ast.Step) and held.title is None
    return inner if bare else inner | {dump(held)}


@pytest.mark.parametrize("first", STATEMENTS, ids=[text.split("{")[0][:24] for text in STATEMENTS])
def test_a_statement_cut_at_any_word_does_not_swallow_the_one_on_the_next_line(first):
    for cut in [found.start() for found in _TOKENS.finditer(first)][1:]:
        half = first[:cut].rstrip()
        truncated = bool(parse(half).diagnostics)
        for second in STATEMENTS:
            if half.endswith("otherwise") and second.startswith("when"):
                continue  # together they are right
            parsed = parse(f"{half}\n{second}\n")
            assert parts(parse(second).playbook.items) <= parts(parsed.playbook.items), (half, second)
            if truncated:
                assert parsed.diagnostics[0].span.start <= len(half), (half, second)


@pytest.mark.parametrize(
    "text",
    [
        'step "a"\n  find leads\n  set rating = 5\n}\n',
        "upsert lead with phone = 919999999999, rating = 5",
        "set rating = 5 and city = Pune",
        "when rating = 5 [ set city = Pune ]",
        "find leads where sta\u200btus = Won",
        "update leads set rating = 5 where rating = 4",
        "find leads where email is set\nclear rating",
        'add action 1001 with note = "x" with outcome = Done',
    ],
)
def test_one_mistake_is_one_finding(text):
    assert len(parse(text).diagnostics) == 1


def test_a_word_that_was_given_back_is_read_once_more_only():
    found = parse(
        'stop\nwhen � = 5 { clear rating }\ntest "b" { given\nparam x: : }\nfind find find'
    ).diagnostics
    assert len(found) < 9


def test_statements_of_other_languages_are_told_of_behind_a_failed_statement():
    found = parse("upsert lead with phone = 1\nSELECT * FROM leads\n").diagnostics
    assert [(d.code, d.span.line) for d in found] == [("E011", 1), ("E003", 2)]
