"""What effects, sources and guards mean, and what does not go together."""

import pytest

from leadops.model.plan import (
    Append,
    Assign,
    Canary,
    ChangeTags,
    ClearField,
    Constant,
    Notify,
    Permissions,
    Placeholder,
    Rejects,
    Report,
    SetField,
    Template,
    UpdateAction,
    Upsert,
    When,
)
from leadops.model.predicate import Having
from leadops.model.schema import FieldType

FIND = "find leads where status = Won; "


@pytest.fixture
def effects(compiling):
    def of(text, head="", **options):
        return compiling.plan(f"{head}\n{FIND}{text}", **options).steps[0].effects

    return of


@pytest.mark.parametrize("spelling", ["set rating = 5", "set rating 5", "set rating to 5"])
def test_every_spelling_of_set_is_the_same(effects, spelling):
    assert effects(spelling) == (SetField(Assign("rating", FieldType.RATING, Constant(5))),)


def test_values_take_the_form_that_the_service_wants(effects):
    made = effects(
        "set deal_size = 1500, visits = 3, consent = true, email = a.b@c.in, lead_date = 2026-04-01, "
        'status = "qualified", city = 400001'
    )
    assert [e.assign.value.value for e in made] == [
        "1500",
        3,
        True,
        "a.b@c.in",
        1_774_981_800_000,
        "Qualified",
        "400001",
    ]


def test_tags_can_be_set_added_and_removed(effects):
    assert effects("set interests = [VIP, Revive]")[0].assign.value == Constant(("VIP", "Revive"))
    assert effects('add "vip" to interests') == (ChangeTags("add", "interests", (Constant("VIP"),)),)
    assert effects('remove "VIP", "Revive" from interests') == (
        ChangeTags("remove", "interests", (Constant("VIP"), Constant("Revive"))),
    )


def test_clear_update_report(effects):
    assert effects("clear city") == (ClearField("city", FieldType.TEXT),)
    assert effects("update action 1001 where outcome = Interested with note = done") == (
        UpdateAction(
            "1001",
            (Having("outcome", FieldType.DROPDOWN, "Interested"),),
            (Assign("note", FieldType.TEXT, Constant("done")),),
        ),
    )
    assert effects("update payment where status = PENDING with status = COMPLETED")[0].type == "PAYMENT"
    assert effects('report to "out.md" using "my.md.j2"') == (Report("out.md", "my.md.j2"),)


def test_a_notification_may_use_a_secret_from_the_environment(compiling):
    text = 'param hook: secret\nfind leads where status = Won; notify "sales" with "x {{ param.hook }}"'
    plan = compiling.plan(text, environment={"LEADOPS_PARAM_HOOK": "s3cret"})
    assert plan.steps[0].effects == (
        Notify("sales", Template(("x ", Placeholder("param", ("hook",))), "x {{ param.hook }}")),
    )
    assert plan.parameters[0].secret


def test_when_and_otherwise_may_set_the_same_field(effects):
    (when,) = effects("when rating >= 4 { set status = Qualified } otherwise { set status = Lost }")
    assert isinstance(when, When)
    assert [e.assign.value.value for e in (*when.then, *when.otherwise)] == ["Qualified", "Lost"]


def test_a_payment_converges_like_any_append(effects):
    (made,) = effects("add payment status = pending, currency = inr, amount = 100 once per lead in 2026")
    assert isinstance(made, Append)
    assert [(a.name, a.value.value) for a in made.fields] == [
        ("status", "PENDING"),
        ("currency", "INR"),
        ("amount", "100"),
    ]
    assert (made.once.kind, made.once.occurrence) == ("period", "2026-01-01..2026-12-31")


# ── names of appends ─────────────────────────────────────────────────────────────────────────────


def test_an_append_is_named_by_its_key(effects):
    assert effects('add action 1001 with note = a key "thanks"')[0].rule == "thanks"


def test_an_append_is_named_by_playbook_step_and_ordinal(compiling):
    text = (
        'playbook "P"\nstep "S" { find leads where status = Won; add action 1001 with note = a; '
        "when rating = 1 { add action 1002 with note = b } }"
    )
    first, when = compiling.plan(text).steps[0].effects
    assert (first.rule, when.then[0].rule) == ("P/S/1", "P/S/2")


def test_an_append_without_titles_is_named_by_what_its_step_says(effects):
    first = effects("add action 1001 with note = a")[0].rule
    assert first == effects("add   action 1001 with note=a # comment")[0].rule
    assert first != effects("add action 1001 with note = b")[0].rule


def test_two_equal_steps_have_appends_of_one_name(compiling):
    step = "find leads where status = Won; add action 1001 with note = a\n"
    assert "E510" in compiling.codes(step * 2)


# ── sources ──────────────────────────────────────────────────────────────────────────────────────


def test_upsert_is_by_the_identifier(compiling):
    (step,) = compiling.plan("upsert lead by phone with phone = 919811111111, rating = 5").steps
    assert isinstance(step.source, Upsert)
    assert [a.name for a in step.source.fields] == ["phone", "rating"]


def test_a_create_takes_the_steps_own_fields(compiling):
    (step,) = compiling.plan("create lead with phone = 919811111111; set rating = 5").steps
    assert [a.name for a in step.source.fields] == ["phone", "rating"]
    assert step.effects == ()


def test_a_locked_field_can_be_given_at_birth_only(compiling):
    assert compiling.codes('create lead with phone = 919811111111, campaign = "May"') == []
    assert compiling.codes(FIND + 'set campaign = "May"') == ["E223"]


def test_retry_rejects_stands_alone(compiling):
    assert compiling.plan("retry rejects of last run").steps[0].source == Rejects(None)
    assert compiling.plan('retry rejects of run "r1"').steps[0].source == Rejects("r1")
    assert compiling.codes("retry rejects of last run; set rating = 5") == ["E505"]


def test_a_new_option_needs_leave(compiling):
    assert compiling.codes(FIND + "set contact_source = Fair") == ["E206"]
    plan = compiling.plan(FIND + "allow new option; set contact_source = Fair")
    assert plan.steps[0].effects[0].assign.value == Constant("Fair")
    assert compiling.codes(FIND + "allow new option; set status = Fair") == ["E206"]


# ── guards ───────────────────────────────────────────────────────────────────────────────────────


def test_guards_order_and_permissions(compiling):
    (step,) = compiling.plan(
        FIND + "oldest first; limit 5; expect at most 9 leads; expect at least 2 leads; "
        "expect every lead phone is present; stop when 2.5 % fail; canary 3 then continue; "
        "allow full scan; allow timelines at most 50; set rating = 5"
    ).steps
    assert (step.newest, step.limit, str(step.stop_percent)) == (False, 5, "2.5")
    assert [(c.at_least, c.at_most) for c in step.counts] == [(None, 9), (2, None)]
    assert step.every[0].text == "phone is present"
    assert step.canary == Canary(3, "continue")
    assert step.permissions == Permissions(True, True, 50)


def test_the_tighter_limit_holds(compiling):
    files = {"a.lead": "limits { at most 50 leads; at most 5 % of leads; lane async }"}
    text = (
        'include "a.lead"\nlimits { at most 200 leads; at most 10 calls; lane sync }\n'
        + FIND
        + "set rating = 5"
    )
    compiled = compiling(text, files=files)
    assert [d.code for d in compiled.diagnostics] == ["W111"]
    limits = compiled.plan.limits
    assert (limits.leads, str(limits.percent), limits.calls, limits.lane) == (50, "5", 10, "sync")


def test_a_lane_of_an_include_holds_where_the_playbook_is_silent(compiling):
    text = 'include "a.lead"\n' + FIND + "set rating = 5"
    assert compiling.plan(text, files={"a.lead": "limits { lane async }"}).limits.lane == "async"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (FIND + "set rating = 5, rating = 4", ["E504"]),
        (FIND + "set rating = 5; when rating = 1 { set rating = 4 }", ["E504"]),
        (FIND + "set rating = 5; clear rating", ["E504"]),
        (FIND + "set interests = [VIP]; add Revive to interests", ["E504"]),
        (FIND + "add action 1001 with note = a, note = b", ["E504"]),
        (FIND + "set modified_on = 2026-04-01", ["E223"]),
        (FIND + "clear phone", ["E222"]),
        (FIND + "set status = 'Won'", ["E005"]),
        (FIND + "set assignee = gone@company.com", ["E207"]),
        (FIND + 'set status = "Cold storage"', ["E207"]),
        (FIND + 'set lost_reason = "No answer"', ["E207"]),
        (FIND + "add action 9001", ["E106"]),
        (FIND + "add action PAYMENT", ["E106"]),
        (FIND + "add action Site", ["E104"]),
        (FIND + "add payment status = PENDING, currency = BTC, amount = 5", ["E206"]),
        (FIND + "add payment status = PENDING, currency = INR, amount = -5", ["E209"]),
        (FIND + "when rating = 1 { report to out }", ["E009"]),
        (FIND + 'report to "/etc/x"', ["E515"]),
        (FIND + "add action 1001 with note = [a]", ["E219"]),
        ('find lead "0123"; oldest first; set rating = 5', ["E512"]),
        ('find lead "../x"; set rating = 5', ["E201"]),
        ("create lead with phone = 919811111111; read timeline", ["E505"]),
        ('create lead with phone = 919811111111; remove "VIP" from interests', ["E505"]),
        ("create lead with phone = 919811111111; canary 1 then confirm", ["E512"]),
        ("upsert lead by phone with rating = 5", ["E506"]),
        (FIND + "stop when 200 % fail; set rating = 5", ["E513"]),
        (FIND + "canary 0 then confirm; set rating = 5", ["E513"]),
        (FIND + "expect at most 2 leads; expect at least 3 leads; set rating = 5", ["E508"]),
        (FIND + "set city = row.city", ["E518"]),
        ("limits { at most 5 leads; at most 6 leads }\n" + FIND + "set rating = 5", ["E509"]),
    ],
)
def test_what_does_not_go_together_is_told(compiling, text, codes):
    compiled = compiling(text)
    assert compiled.plan is None
    found = [d.code for d in compiled.diagnostics]
    if codes[0].startswith("E0"):
        assert found, "the parser tells of it"
    else:
        assert found == codes


def test_an_unknown_notification_is_told_when_the_profile_is_known(compiling):
    text = FIND + 'notify "slaes" with "done"'
    assert compiling.codes(text) == []
    (found,) = compiling(text, notify_names=frozenset({"sales"})).diagnostics
    assert (found.code, found.help) == ("E514", "did you mean “sales”?")


def test_a_file_with_wrong_syntax_is_not_told_that_steps_lack_what_could_not_be_read(compiling):
    found = compiling.codes('step "a" { find leeds where status = Won; set rating = 5 }')
    assert all(code.startswith("E0") for code in found)
    assert found
