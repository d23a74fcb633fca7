"""What is a phone: a valid number in any spelling, and nothing else; each number is one key."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadops.model.phones import phone_digits, phone_part, read_phone, written_phone
from leadops.model.plan import Constant
from leadops.model.schema import FieldType
from leadops.model.values import same

ONE = "919876543210"

SPELLINGS = [
    "9876543210", "919876543210", "+919876543210", "98765 43210", "98765-43210", "+91 98765 43210", "+91-98765-43210",
    "(91) 98765-43210", "(+91) 98765 43210", "+91 (0)98765 43210", "+ 91 98765 43210", "98765.43210", "987 654 3210",
    "09876543210", "0919876543210", "00919876543210", "0091-98765-43210", "+91 098765 43210", "91 0 98765 43210",
    "p:+919876543210", "tel:+91-98765-43210", "tel: 9876543210", "whatsapp:+919876543210", "Mob. 98765 43210",
    "Ph no: 9876543210", "Phone 98765 43210", "mailto:9876543210", "https://wa.me/919876543210",
    "wa.me/+919876543210", "https://wa.me/919876543210?text=hello", "whatsapp://send?phone=919876543210",
    "sip:+919876543210", "<9876543210>", "['9876543210']", "9\ufe0f\u20e38765\ufe0f43210",
    "919876543210@c.us", "919876543210@s.whatsapp.net",
    "'9876543210", "’9876543210", '="9876543210"', "=+919876543210", '"9876543210"', "“9876543210”", "9876543210;",
    "\u202a+91 98765 43210\u202c", "\u200e9876543210", "9876543210\u200f", "\ufeff9876543210", "98765\u200b43210",
    "98765\u00a043210", "98765\u202f43210", "98765\u201143210", "98765\u201343210", "98765\u221243210", "\t9876543210\n",
    "९८७६५४३२१०", "٩٨٧٦٥٤٣٢١٠", "۹۸۷۶۵۴۳۲۱۰", "９８７６５４３２１０", "＋９１ ９８７６５ ４３２１０",
]  # fmt: skip

LOSSLESS = [
    "9876543210.0",
    "919876543210.00",
    "+919876543210.0",
    "9876543210,0",
    "9.876543210E9",
    "9.87654321e+09",
]


@pytest.mark.parametrize("text", SPELLINGS)
def test_every_spelling_of_a_number_is_one_key(text):
    reading = read_phone(text)
    assert (reading.value, reading.note) == (ONE, "")
    assert phone_digits(text) == ONE


@pytest.mark.parametrize("text", LOSSLESS[:-1])
def test_decimal_places_without_a_digit_are_dropped_with_a_note(text):
    reading = read_phone(text)
    assert reading.value == ONE
    assert text in reading.note
    assert phone_digits(text) == ONE


@pytest.mark.parametrize("text", ["9.8765E9", "9.19E+11", "9.87654321e+09", "3e10", "9.876543210E10"])
def test_a_number_that_has_lost_digits_is_no_phone(text):
    reading = read_phone(text)
    assert reading.value is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("98765 43210/11", "987654321011"),
        ("022-2778 1234/35", "0222778123435"),
        ("987654321", "987654321 (9 digits)"),
        ("27781234", "27781234 (8 digits)"),
        ("2026-04-03", "a date"),
        ("03/04/2026", "a date"),
        ("3.4.26", "a date"),
        ("2026-04-03 10", "a date"),
        ("25000.50", "decimals"),
        ("98765432.10", "decimals"),
        ("73.85674371", "decimals"),
        ("9876543210-23", "behind 9876543210"),
        ("9187654321-10", "behind 9187654321"),
        ("9876543210 x5", "“x”"),
        ("9876543210 ext. 5", "“e”"),
        ("tel:9876543210;ext=5", "“;”"),
        ("0000000000", "0000000000"),
        ("9876543210, 9876543211", "“,”"),
        ("9876543210 / 9876543211", "more than one number"),
        ("9876543210\n9876543211", "more than one number"),
        ("98765432101", "98765432101 (11 digits)"),
        ("91 98765432", "+9198765432"),
        ("91-98765432", "+9198765432"),
        ("(91) 98765432", "+9198765432"),
        ("0 91 98765432", "no number"),
        ("98765 43210 (office)", "“o”"),
        ("[9876543210, 9876543211]", "“,”"),
        ("98765 43210 12", "behind 98765 43210"),
        ("1775154600000", "13 digits"),
        ("+9876543210", "+9876543210"),
        ("971501234567", "971501234567"),
        ("12", "12 (2 digits)"),
        ("Asha", "no digits"),
        ("", "no digits"),
    ],
)
def test_what_is_no_phone_is_refused_with_what_was_read(text, said):
    reading = read_phone(text)
    assert reading.value is None
    assert said in reading.reason
    assert reading.help


def test_a_way_out_is_named_where_there_is_one():
    assert "+919876543210" in read_phone("+9876543210").help
    assert "+971501234567" in read_phone("971501234567").help


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("+971 50 123 4567", "971501234567"),
        ("00971501234567", "971501234567"),
        ("+1 (415) 555-2671", "14155552671"),
        ("+44 (0)20 7946 0958", "442079460958"),
        ("+65 8123 4567", "+6581234567"),
        ("022-2778 1234", "912227781234"),
        ("(022) 27781234", "912227781234"),
        ("022/27781234", "912227781234"),
    ],
)
def test_numbers_of_other_countries_carry_their_plus_and_landlines_their_area(text, value):
    assert read_phone(text).value == value


@pytest.mark.parametrize(
    ("code", "text", "value"),
    [
        ("971", "050 123 4567", "971501234567"),
        ("971", "971501234567.0", "971501234567"),
        ("971", "+91 98765 43210", ONE),
        ("44", "020 7946 0958", "442079460958"),
        ("44", "(020) 7946 0958", "442079460958"),
        ("44", "090716", None),
        ("1", "(415) 555-2671", "14155552671"),
        ("1", "415.555.2671", "14155552671"),
        ("39", "06 698 12345", "390669812345"),
        ("49", "0151 23456789", "4915123456789"),
        ("65", "8123 4567", "+6581234567"),
        ("45", "2026-04-03", None),
        ("971", "98765 43210", None),
    ],
)
def test_other_profiles_read_their_own_countrys_numbers(code, text, value):
    assert read_phone(text, code).value == value
    if value:
        digits = value.removeprefix("+")
        assert phone_digits(text, code) == phone_digits(digits, code) == digits


@settings(deadline=None)
@given(
    st.one_of(
        st.sampled_from([*SPELLINGS, *LOSSLESS]),
        st.from_regex(r"\A(\+|00|0|91|\+91)?[ -]?[0-9]{4,13}\Z"),
        st.from_regex(r"\A[(+0-9][0-9 ().+/-]{6,18}\Z"),
    ),
    st.sampled_from(["91", "971", "44", "1", "65", "39", "49", "7"]),
)
def test_a_reading_reads_as_itself_again(text, code):
    reading = read_phone(text, code)
    if reading.value is not None:
        again = read_phone(reading.text, code)
        assert (again.value, again.text, again.note) == (reading.value, reading.text, "")
        assert phone_digits(reading.value, code) == reading.value.removeprefix("+")
    else:
        assert reading.reason


@pytest.mark.parametrize("held", ["98765432101", "971501234567", "0000000000", "12345678"])
def test_what_the_service_holds_is_compared_and_never_judged(held):
    assert phone_digits(held)


def test_a_phone_that_the_service_holds_has_a_spelling_or_none():
    assert [written_phone(held) for held in (ONE, "971501234567", "6581234567", "98765432101")] == [
        ONE, "+971501234567", "+6581234567", ""
    ]  # fmt: skip


def test_ten_digits_of_another_country_are_the_same_with_their_plus_and_without():
    assert read_phone("+65 8123 4567").value == "+6581234567"
    assert same("+6581234567", "6581234567", FieldType.PHONE)
    assert not same("+6581234567", "916581234567", FieldType.PHONE)
    assert not same("+6581234567", "6581234568", FieldType.PHONE)


def test_a_piece_of_a_phone_is_digits():
    assert [phone_part(text) for text in ("98765", "०१", "0001.0", "432-10", "98x76")] == [
        "98765", "01", "0001", "43210", None
    ]  # fmt: skip


def test_plain_phones_do_not_load_the_library():
    script = (
        "import sys\n"
        "from leadops.model.phones import phone_digits, read_phone\n"
        "shapes = ('98{0:08}', '9198{0:08}', '+9198{0:08}', '+91 98{1} {2:05}', '098{0:08}', '98{0:08}.0')\n"
        "for n in range(100_000):\n"
        "    text = shapes[n % 6].format(n, f'{n // 100_000:03}', n % 100_000)\n"
        "    assert read_phone(text).value and phone_digits(text), text\n"
        "assert 'phonenumbers' not in sys.modules\n"
        "read_phone('+971501234567')\n"
        "assert 'phonenumbers' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


# ── the same door wherever a phone is written ────────────────────────────────────────────────────

CSV = 'for each row in csv "new.csv" { match lead by phone = row.phone; on missing lead create }\nset name = row.name'


def rows(compiling, *cells, **options):
    data = "phone,name\n" + "".join(f'"{cell.replace(chr(34), chr(34) * 2)}",A\n' for cell in cells)
    return compiling(CSV, files={"new.csv": data}, **options)


def test_a_column_that_became_floats_is_read_with_a_note(compiling):
    compiled = rows(compiling, "9876500001.0", "919876500002.0", "9876500003")
    keys = [row.key for row in compiled.plan.steps[0].source.rows]
    assert keys == ["919876500001", "919876500002", "919876500003"]
    assert [(d.code, d.severity) for d in compiled.diagnostics] == [("W140", "warning")] * 2


def test_notes_of_one_column_are_counted(compiling):
    compiled = rows(compiling, *(f"98765{n:05}.0" for n in range(50)))
    assert [d.code for d in compiled.diagnostics] == ["W140"] * 4
    assert "47 more" in next(d.message for d in compiled.diagnostics if d.span.file == "main.lead")


def test_cells_that_are_no_phones_are_told_with_row_column_and_reading(compiling):
    cells = ["98765 43210/11", "022-2778 1234/35", "987654321", "27781234", "2026-04-03", "25000.50", "9876543210-23", "0000000000"]  # fmt: skip
    compiled = rows(compiling, *cells)
    assert compiled.plan is None
    assert [d.code for d in compiled.diagnostics] == ["E437"] * 8
    for number, (cell, found) in enumerate(zip(cells, compiled.diagnostics, strict=True), 2):
        assert found.message.startswith(
            f"new.csv, row {number}, column phone: “{cell}” is not a phone number"
        )
    unchecked = rows(compiling, *cells, unchecked=True)
    assert [row.key for row in unchecked.plan.steps[0].source.rows] == cells
    assert {d.severity for d in unchecked.diagnostics} == {"warning"}


def test_one_person_in_many_spellings_is_one_row(compiling):
    compiled = rows(
        compiling,
        "9000000000", "+91 90000 00000", "09000000000", "(91) 90000-00000", "00919000000000",
        "919000000001", "919000000001.0", "0919000000001",
    )  # fmt: skip
    told = [d.message.split(",")[1].strip() for d in compiled.diagnostics if d.code == "E434"]
    assert told == ["row 3", "row 4", "row 5", "row 6", "row 8", "row 9"]


def test_only_phones_and_numbers_can_have_lost_digits(compiling):
    data = "phone,flat,visits\n9876543210,3e10,1\n9.8765E9,4e10,2\n9876543212,5e10,9.19E+11\n"
    text = CSV.replace("set name = row.name", "set city = row.flat, visits = row.visits")
    found = compiling(text, files={"new.csv": data}).diagnostics
    assert [(d.code, d.message.partition(":")[0]) for d in found] == [
        ("E435", "new.csv, row 3, column phone"),
        ("E435", "new.csv, row 4, column visits"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        'find leads where phone = "{0}"\nset rating = 5',
        'find leads where phone in ["{0}", 9811111111]\nset rating = 5',
        'find leads where phone not in ["{0}"] and status = Won\nset rating = 5',
        'create lead with phone = "{0}", name = "A"',
        'upsert lead by phone with phone = "{0}", name = "A"',
        'param who: phone = "{0}"\nfind leads where phone = $who\nset rating = 5',
        'param who: text = "{0}"\nfind leads where phone = $who\nset rating = 5',
    ],
)
def test_a_phone_is_judged_wherever_it_is_written(compiling, text):
    assert compiling(text.format("98765 43210/11")).plan is None
    assert [d.code for d in compiling(text.format("98765 43210/11"), unchecked=True).diagnostics if d.severity == "error"] == []  # fmt: skip
    assert set(compiling.codes(text.format("+91 98765\u201143210"))) <= {"W105"}
    assert set(compiling.codes(text.format("9876543210.0"))) == {"W140"}


def test_a_param_of_another_country_stays_that_number(compiling):
    text = "param who: phone\nupsert lead by phone with phone = $who, name = A"
    plan = compiling.plan(text, parameters={"who": "00971 50 123 4567"})
    (phone,) = [a.value for a in plan.steps[0].source.fields if a.name == "phone"]
    assert phone == Constant("971501234567")


def test_part_of_a_phone_is_digits_and_not_more_than_are_read(compiling):
    text = 'find leads where phone ends with "{0}" and status = Won\nset rating = 5'
    assert "value='0001'" in str(compiling.plan(text.format("0001.0")).steps[0].source)
    assert compiling.codes(text.format("98x76")) == ["E204"]


def test_a_given_lead_is_what_the_service_returns_and_is_not_judged(compiling):
    text = (
        "find leads where status = Won\nset rating = 5\n"
        'test "t" {\n  given lead with phone = "971987654321012", status = Won\n'
        '  lead "971987654321012" would have rating = 5\n}\n'
    )
    assert compiling.codes(text) == []
