"""Phones as people's files hold them, against a service: the right people are reached, and nobody twice."""

import pytest

from tests.e2e.expected import written

CREATE = 'for each row in csv "list.csv" {\n  match lead by phone = row.phone\n  on missing lead create\n}\nset name = row.name\n'


@pytest.fixture
def bring(place):
    """Lay a list of (phone, name) and the playbook that reads it into the place."""

    def lay(*rows, text=CREATE):
        lines = "".join('"{}",{}\n'.format(phone.replace('"', '""'), name) for phone, name in rows)
        (place.folder / "list.csv").write_text("phone,name\n" + lines, "utf-8")
        (place.folder / "p.lead").write_text(text, "utf-8")
        return place

    return lay


@pytest.fixture
def known(server):
    """Three leads that exist: 919000000000 and those behind it."""
    for number in range(3):
        server.world.add(
            server.world.built_ms - 1000 - number, phone=f"91900000000{number}", name="Old", status="Fresh"
        )
    return server


def test_a_column_that_pandas_made_floats_of_reaches_three_people(bring, server):
    place = bring(("9876500001.0", "Asha"), ("919876500002.0", "Imran"), ("9876500003", "Neha"))
    done = place.leadops("run", "--yes", "p.lead")
    assert "“9876500001.0” was read as 9876500001" in done.err
    phones = sorted(body["fields"]["phone"] for _, body in written(server))
    assert phones == ["919876500001", "919876500002", "919876500003"]
    for text in (
        'find leads where phone = "9876500001.0"',
        "param who: phone\nfind leads where phone = $who",
    ):
        plan = place.plan(
            "-e", f"{text}\nset city = Pune", *(["-p", "who=9876500001.0"] if "$who" in text else [])
        )
        assert [c["lead"]["name"] for step in plan["steps"] for c in step["changes"]] == ["Asha"]
    (place.folder / "c.lead").write_text('create lead with phone = "9876500009.0", name = "Dev"\n', "utf-8")
    place.leadops("run", "--yes", "c.lead")
    assert server.world.by_phone("919876500009").fields["name"] == "Dev"


BAD = [
    "98765 43210/11", "022-2778 1234/35", "987654321", "27781234", "2026-04-03", "25000.50", "9876543210-23", "0000000000"
]  # fmt: skip


def test_cells_that_are_no_phones_are_told_and_nothing_is_searched_or_written(bring, server):
    place = bring(*((cell, f"Row {n}") for n, cell in enumerate(BAD)))
    done = place.leadops("run", "--yes", "p.lead", code=1)
    for number, cell in enumerate(BAD, 2):
        assert f"list.csv, row {number}, column phone: “{cell}” is not a phone number" in done.err
    assert not server.seen(path="/lead/search", probes=False)
    assert not server.seen(writes=True)
    unchecked = place.leadops("run", "--yes", "--unchecked", "p.lead", code=None)
    assert unchecked.code in (0, 3)
    assert {body["fields"]["phone"] for _, body in written(server)} >= {"98765 43210/11", "9876543210-23"}


def test_marks_of_chats_and_web_pages_are_read_over_in_phones_and_shown_in_names(bring, known):
    place = bring(
        ("\u202a+91 90000 00000\u202c", "Asha\u200b Rao"),
        ("+91\u00a090000\u00a000001", "Imran\u200f"),
        ("98765\u201143210", "Neha"),
        ("919000000002", "\u200b"),
    )
    plan = place.plan("p.lead")
    changed = {change["lead"]["identifier"] for step in plan["steps"] for change in step["changes"]}
    assert changed == {"919000000000", "919000000001", "919876543210"}
    shown = place.leadops("plan", "p.lead").out
    assert "Asha\\u200b Rao" in shown
    assert "Imran\\u200f" in shown


ONE = ["9000000000", "+91 90000 00000", "09000000000", "(91) 90000-00000", "00919000000000"]
TWO = ["919000000001", "919000000001.0", "0919000000001"]


def test_one_person_in_many_spellings_is_told_and_never_becomes_two(bring, known):
    place = bring(*((phone, "A") for phone in (*ONE, *TWO)))
    done = place.leadops("run", "--yes", "p.lead", code=1)
    for row, first in ((3, 2), (4, 2), (5, 2), (6, 2), (8, 7), (9, 7)):
        assert f"list.csv, row {row}, column phone: " in done.err
        assert f"stands in row {first} too" in done.err
    assert not known.seen(writes=True)


@pytest.mark.parametrize(
    "phone", [*ONE, "p:+919000000000", "whatsapp:+91 90000 00000", "'9000000000", "९०००००००००"]
)
def test_each_spelling_finds_the_lead_that_is_there(bring, known, phone):
    place = bring((phone, "New name"))
    place.leadops("run", "--yes", "p.lead")
    [(path, body)] = written(known)
    assert path == f"/lead/{known.world.by_phone('919000000000').id}"
    assert body["fields"] == {"name": "New name"}


def test_a_template_makes_a_phone_by_the_same_rules(bring, server):
    text = 'create lead with phone = "{{ param.who }}", name = "A"\n'
    place = bring(("9876543210", "A"), text="param who: text\n" + text)
    done = place.leadops("run", "--yes", "-p", "who=98765 43210/11", "p.lead", code=None)
    assert done.code != 0
    assert not server.seen(writes=True)
    assert "98765 43210/11" in done.out + done.err or "987654321011" in done.out + done.err
    place.leadops("run", "--yes", "-p", "who=p:98765 43210", "p.lead")
    assert [body["fields"]["phone"] for _, body in written(server)] == ["919876543210"]


def test_a_profile_of_another_country_reads_its_own_numbers(bring, server):
    place = bring(("050 123 4567", "Amna"), ("+91 98765 43210", "Asha"), ("501234568.0", "Omar"))
    settings = f'[profiles.default]\nenterprise_id = "{server.environment()["TELECRM_ENTERPRISE_ID"]}"\ncountry_code = "971"\n'
    (place.folder / "leadops.toml").write_text(settings, "utf-8")
    place.leadops("run", "--yes", "p.lead", code=None)
    phones = {body["fields"]["phone"] for _, body in written(server)}
    assert phones == {"971501234567", "919876543210", "971501234568"}
