"""The playbooks for which the project exists."""

from decimal import Decimal

from leadops.model.actions import OUTGOING_CALLS
from leadops.model.plan import (
    Append,
    ChangeTags,
    Constant,
    Create,
    Find,
    FindById,
    ReadTimeline,
    SetField,
    When,
)
from leadops.model.predicate import Activity, And, Equals

LINE = 'find leads where status=Won and called by agent@company.com in April; set rating 5; add action 1001 note "Thanks"'

WHOLE = """
playbook "Won in April: rate and log"
timezone "Asia/Kolkata"
limits { at most 200 leads; at most 1000 calls }

param agent: email = "agent@company.com"
define cool as rating is missing or rating <= 3

step "thank won leads" {
  find leads where status = Won and called by $agent in April 2026
  expect 1..200 leads
  stop when 5 % fail
  set rating = 5
  when matches cool { add "Revive" to interests }
  add action 1001 with note = "Won, called in April", outcome = Interested once per lead in this month
}

test "the month ends at midnight local time" {
  given now 2026-05-02T09:00
  given lead with phone = "911111111111", status = Won called by "agent@company.com" on 2026-04-30T23:30
  given lead with phone = "912222222222", status = Won called by "agent@company.com" on 2026-05-01T00:10
  step "thank won leads" matches 1 lead
  lead "911111111111" would have rating = 5
  lead "911111111111" would have action 1001 with outcome = Interested
  lead "912222222222" is not touched
}
"""


def test_the_owners_line_means_what_it_says(compiling):
    plan = compiling.plan(LINE)
    (step,) = plan.steps
    assert isinstance(step.source, Find)
    assert not step.source.single
    match step.source.condition:
        case And(terms=(Equals(field="status", value="Won"), Activity() as called)):
            assert called.types == OUTGOING_CALLS
            assert called.by == ("agent@company.com",)
            assert called.window is not None
            # 2026-03-31T18:30Z to 2026-04-30T18:30Z
            assert (called.window.start_ms, called.window.end_ms) == (1_774_981_800_000, 1_777_573_800_000)
            assert called.text == 'called by "agent@company.com" in April'
        case other:
            raise AssertionError(other)
    match step.effects:
        case (SetField(assign=rating), Append(type="1001", fields=(note,), once=once)):
            assert rating.value == Constant(5)
            assert note.value == Constant("Thanks")
            assert (once.kind, once.occurrence) == ("lead", "ever")
        case other:
            raise AssertionError(other)


def test_the_owners_line_is_hinted_at_its_year_and_nothing_else(compiling):
    (hint,) = compiling(LINE).diagnostics
    assert hint.code == "W103"
    assert hint.severity == "hint"
    assert "April 2026" in hint.help
    assert LINE[hint.span.start : hint.span.end] == "April"


def test_a_whole_playbook_compiles_without_a_finding(compiling):
    compiled = compiling(WHOLE)
    assert compiled.diagnostics == ()
    plan = compiled.plan
    assert (plan.limits.leads, plan.limits.calls, plan.limits.percent) == (200, 1000, None)
    assert (plan.timezone, plan.timezone_origin) == ("Asia/Kolkata", "playbook")
    assert [(p.name, p.text) for p in plan.parameters] == [("agent", "agent@company.com")]
    (step,) = plan.steps
    assert step.stop_percent == Decimal(5)
    assert (step.counts[0].at_least, step.counts[0].at_most) == (1, 200)
    _, when, append = step.effects
    assert isinstance(when, When)
    assert when.condition.text == "rating is missing or rating <= 3"
    assert when.then == (ChangeTags("add", "interests", (Constant("Revive"),)),)
    assert append.rule == "Won in April: rate and log/thank won leads/1"
    assert append.once.occurrence == "2026-05-01..2026-05-31"
    assert [w.text for w in step.windows] == ["April 2026", "this month"]
    assert [t.title for t in compiled.tests] == ["the month ends at midnight local time"]


def test_the_canonical_text_holds_no_tests(compiling):
    plan = compiling.plan(WHOLE)
    assert "given now" not in plan.canonical
    assert plan.canonical.startswith('playbook "Won in April: rate and log"')


def test_a_create_carries_its_fields_tags_and_action(compiling):
    plan = compiling.plan(
        'create lead with name = "Jane Doe", phone = 919999999999, email = jane.doe@example.com, '
        'contact_source = Website, deal_size = 1000; add "VIP", "Returning" to interests; '
        'add action 1001 with note = "Site visit completed", outcome = Interested'
    )
    (step,) = plan.steps
    assert isinstance(step.source, Create)
    assert {a.name: a.value for a in step.source.fields} == {
        "name": Constant("Jane Doe"),
        "phone": Constant("919999999999"),
        "email": Constant("jane.doe@example.com"),
        "contact_source": Constant("Website"),
        "deal_size": Constant("1000"),
        "interests": Constant(("VIP", "Returning")),
    }
    assert [type(effect) for effect in step.effects] == [Append]


def test_a_list_of_tags_is_the_same_as_adding_them_to_a_create(compiling):
    def fields(text):
        return {a.name: a.value for a in compiling.plan(text).steps[0].source.fields}

    given = fields("create lead with phone = 919999999999, interests = [VIP, Returning]")
    added = fields("create lead with phone = 919999999999; add VIP to interests; add Returning to interests")
    assert given == added


def test_one_lead_with_its_timeline(compiling):
    (step,) = compiling.plan("find lead where phone = 919999999999; read timeline").steps
    assert isinstance(step.source, Find)
    assert step.source.single
    assert step.effects == (ReadTimeline(None),)


def test_a_built_in_action_with_a_limit(compiling):
    (step,) = compiling.plan(
        'find leads where status = Won and has action OUTGOING_CALL by "agent@company.com" in April 2026; '
        "limit 50; set rating = 5"
    ).steps
    match step.source.condition:
        case And(terms=(Equals(), Activity(types=types))):
            assert types == ("OUTGOING_CALL",)
        case other:
            raise AssertionError(other)
    assert step.limit == 50


def test_a_lead_by_its_id(compiling):
    (step,) = compiling.plan('find lead "0123456789abcdef01234567"; set status = Qualified, rating = 5').steps
    assert step.source == FindById("0123456789abcdef01234567")
    assert [e.assign.value for e in step.effects] == [Constant("Qualified"), Constant(5)]


def test_unchecked_values_are_sent_as_written_in_their_json_type(compiling):
    text = (
        "create lead with phone = 919999999999, rating = 9; "
        'add action 1001 with note = "Hello", email = "nope"'
    )
    compiled = compiling(text, unchecked=True)
    assert [(d.code, d.severity) for d in compiled.diagnostics] == [("E202", "warning"), ("E203", "warning")]
    (step,) = compiled.plan.steps
    assert compiled.plan.unchecked
    assert {a.name: a.value for a in step.source.fields}["rating"] == Constant(9)
    assert {a.name: a.value for a in step.effects[0].fields}["email"] == Constant("nope")
    assert compiling(text).plan is None
