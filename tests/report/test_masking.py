"""What counts as a phone or an e-mail in free text, and what does not."""

import re
from dataclasses import replace
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadops.model.change import Change, FieldChange, Kind, LeadRef
from leadops.model.schema import FieldType
from leadops.report.masking import Masker, mask, mask_phone
from leadops.report.render import markdown, render_html
from leadops.report.summary import summary
from leadops.report.table import table
from leadops.report.terminal import run_text
from leadops.report.view import view_of


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("919876543210", "91•••••••210"),
        ("+91 98765-43210", "91•••••••210"),
        ("call (080) 2345-6789 now", "call 08••••••789 now"),
        ("asha.rao+x@mail.example.co.in", "a•••@mail.example.co.in"),
        ('{"phone": ["919876543210"]}', '{"phone": ["91•••••••210"]}'),
    ],
)
def test_phones_and_addresses_are_masked(text, shown):
    assert mask(text) == shown


@pytest.mark.parametrize("secret", ["919876543210", "98765 43210", "+91-98765-43210", "(080) 2345-6789"])
@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "flat 1204 {}",
        "{} flat 1204",
        "2026-04-01 {}",
        "{} 2026-04-01",
        "line 5 ({})",
        "12 {} 34",
        "{}, {}",
    ],
)
def test_no_phone_passes_for_what_stands_around_it(secret, around):
    shown = mask(around.replace("{}", secret))
    hidden = "".join(filter(str.isdigit, secret))[2:-3]
    assert hidden not in "".join(filter(str.isdigit, shown))


@pytest.mark.parametrize(
    "text",
    [
        "66a1b2c3d4e5f60000000001",
        "2026-04-20 09:00",
        "2026-04-01..2026-04-30",
        "action 1001",
        "12 of 100",
        "1.2345678",
        "ACTION_1001234567",
    ],
)
def test_dates_ids_and_small_numbers_stay(text):
    assert mask(text) == text


def test_a_known_phone_is_masked_however_short():
    assert mask_phone("12345") == "•••••"


# ── a document ───────────────────────────────────────────────────────────────────────────────────
PHONES = st.from_regex(r"\+?(91|971|1)?[6-9][0-9]{9}", fullmatch=True)
EMAILS = st.from_regex(r"[a-c]{1,3}@(x|company)\.(com|in)", fullmatch=True)
NOTES = st.builds(lambda before, one, after: f"{before} {one} {after}".strip(), st.sampled_from(["", "call", "write to"]), PHONES | EMAILS, st.sampled_from(["", "now", "•••••"]))  # fmt: skip
LOOKALIKES = st.sampled_from(["91•••••••210", "91•••••••210·2", "a•••@x.com", "•••••", "12345", "919876543210", "919876544210"])  # fmt: skip
VALUES = st.lists(PHONES | EMAILS | NOTES | LOOKALIKES, unique=True, max_size=40)


@given(VALUES)
def test_two_different_values_never_look_equal_in_one_document(values):
    masker = Masker()
    shown = [masker.text(value) for value in values]
    assert len(set(shown)) == len(values)
    assert [masker.text(value) for value in values] == shown, "the second time as the first"


@given(st.lists(PHONES | st.from_regex(r"[0-9]{1,6}", fullmatch=True), unique=True, max_size=40))
def test_no_digit_of_a_phone_is_told_but_the_first_two_and_the_last_three(values):
    masker = Masker()
    for value in values:
        form = masker.phone(value).partition("·")[0]
        digits = "".join(filter(str.isdigit, value))
        told = "".join(filter(str.isdigit, form))
        assert told == (digits[:2] + digits[-3:] if len(digits) >= 7 else "")


OURS = (
    "at most 0012345556 hours",
    "at most 9876543210 hours",
    "919876543210 leads would be written; the belt is 20",
    "the window ends at 1794249000000",
    "2 of 10 leads lack what the step sets, by count, and 7 were found",
    "the step reads 6b04afb65eed1ead000001f5 and 2026-04-01..2026-04-30",
    "deal_size holds 9150000000 now",
    "limit 12345678: 3 of at least 12,345,678 leads",
)


@pytest.mark.parametrize("sentence", OURS)
def test_our_sentences_are_never_bitten(sentence):
    masker = Masker()
    masker.know(phones=["919811122233"], numbers=["9150000000"])
    assert masker.sentence(sentence) == sentence


@given(PHONES | EMAILS)
def test_a_sentence_differs_by_its_values_only(value):
    masker = Masker()
    masker.know(phones=[value] if "@" not in value else ())
    for sentence in (
        "no lead has {}",
        "line 5 ({}) is left out",
        "a lead with phone {} exists already (Asha)",
    ):
        assert masker.sentence(sentence.format(value)) == sentence.format(masker.text(value))
        assert value not in masker.sentence(sentence.format(value))


def test_a_sentence_hides_a_phone_that_the_document_does_not_know():
    said = Masker().sentence(
        "people.csv names leads that do not exist: line 5 (919876543210), line 7 (+14155550100)"
    )
    assert "9876543210" not in said
    assert "4155550100" not in said
    assert "line 5 (91•••••••210), line 7 (14••••••100)" in said


def test_members_are_shown_and_leads_are_not():
    masker = Masker()
    masker.know(members=["manish@company.com"])
    assert masker.member("manish@company.com") == "manish@company.com"
    assert masker.text('called by "Manish@company.com", wrote to manu@mail.com') == (
        'called by "Manish@company.com", wrote to m•••@mail.com'
    )
    assert masker.sentence("assigned to manish@company.com") == "assigned to manish@company.com"


def test_members_who_must_be_hidden_are_still_told_apart():
    masker = Masker(hide_members=True)
    masker.know(members=["manish@company.com", "meera@company.com"])
    shown = [masker.member(one) for one in ("manish@company.com", "meera@company.com")]
    assert shown == ["m•••@company.com", "m•••@company.com·2"]


SINKS = {
    "terminal": lambda plan, run: run_text(plan, run, mask=True, full=True),
    "html": lambda plan, run: "".join(render_html(view_of(plan, run, pii="mask", full=True))),
    "markdown": lambda plan, run: "".join(markdown(view_of(plan, run, pii="mask", full=True))),
    "table": lambda plan, run: "".join(table(view_of(plan, run, pii="mask"))),
    "summary": summary,
}


@pytest.mark.parametrize("sink", SINKS)
def test_an_approver_sees_to_whom_leads_go_and_which_of_two_is_meant(sink, sample):
    plan = sample.plan(odd=False, leads=2)
    [step, *rest] = plan.steps
    changes = tuple(
        Change(f"c{i}", 0, Kind.UPDATE, LeadRef(f"{i:024x}", f"91981{i}123456"), {
            "assignee": FieldChange("manish@company.com", "meera@company.com", FieldType.MEMBER),
            "email": FieldChange("asha@mail.com", "amit@mail.com", FieldType.EMAIL),
        })
        for i in range(3)
    )  # fmt: skip
    plan = replace(plan, steps=(replace(step, changes=changes, read=(), refused=()), *rest))
    text = unescape(SINKS[sink](plan, sample.finished(plan)))
    assert "manish@company.com" in text
    assert "meera@company.com" in text
    assert "asha@mail.com" not in text
    assert "amit@mail.com" not in text
    assert "981012" not in text
    text = text.replace("\\", "")
    assert {f"91•••••••456{tag}" for tag in ("·2", "·3")} <= set(re.findall(r"91•••••••456·\d", text))
    assert "a•••@mail.com·2" in text


def test_the_profile_hides_members(leadops, home):
    (home / "leadops.toml").write_text("[profiles.default]\nmask_members = true\n")
    line = "find leads where assignee = kavya@company.com limit 2; set assignee = neha@company.com"
    for flags, shown in (((), False), (("--pii", "show"), True)):
        code, out, err = leadops("plan", "--sandbox", "--pii", "mask", *flags, "-e", line)
        assert code == 0, err
        assert ("neha@company.com" in out) is shown
    (home / "leadops.toml").write_text("")
    assert "neha@company.com" in leadops("plan", "--sandbox", "--pii", "mask", "-e", line)[1]
