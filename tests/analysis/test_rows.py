"""CSV files: every mistake names file, row and column; good rows are typed for their fields."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadops.analysis.compiler import Surroundings, compile_playbook
from leadops.analysis.date_order import read_date
from leadops.analysis.files import EmbeddedFiles
from leadops.analysis.tables import OpenQuote, records
from leadops.model.plan import Cell, EachRow
from leadops.model.schema import FieldType
from leadops.syntax.parser import parse
from tests.analysis.conftest import NOW, SCHEMA

HEAD = 'for each row in csv "new.csv" { match lead by phone = row.phone'


class Bytes(EmbeddedFiles):
    """One CSV file, byte for byte."""

    def __init__(self, data):
        super().__init__({"new.csv": ""})
        self.data = data

    def read(self, path, base):
        return self.data


@pytest.fixture
def rows():
    def of(data, effects="set name = row.name", contract="", **options):
        files = Bytes(data if isinstance(data, bytes) else data.encode())
        around = Surroundings("Asia/Kolkata", NOW, files=files, **options)
        return compile_playbook(parse(f"{HEAD}; {contract} }}\n{effects}", "main.lead"), SCHEMA, around)

    return of


def source(compiled):
    assert compiled.plan is not None, [d.message for d in compiled.diagnostics]
    found = compiled.plan.steps[0].source
    assert isinstance(found, EachRow)
    return found


def test_rows_are_typed_for_their_uses(rows):
    data = "phone,name,rating\n+91 98111 11111,Asha,4\n\n9822222222,,\n"
    compiled = rows(data, "set name = row.name, rating = row.rating")
    found = source(compiled)
    assert (found.match_field, found.match_type, found.on_missing) == ("phone", FieldType.PHONE, "fail")
    first, second = found.rows
    assert (first.number, first.key) == (2, "919811111111")
    assert first.values == {
        ("phone", "phone"): "919811111111",
        ("name", "name"): "Asha",
        ("rating", "rating"): 4,
    }
    assert (second.number, second.key, second.cells["name"]) == (4, "919822222222", "")
    assert second.values == {("phone", "phone"): "919822222222"}
    assert compiled.plan.steps[0].effects[1].assign.value == Cell("rating")


def test_the_files_text_travels_with_the_plan_and_compiles_again(rows, compiling):
    first = rows("\ufeffphone;name\r\n9811111111;Asha\r\n")
    assert set(first.sources) == {"main.lead", "new.csv"}
    again = compiling(first.sources["main.lead"], files=dict(first.sources))
    assert source(again) == source(first)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_are_found_out(rows, delimiter):
    data = "phone,name\n9811111111,Asha\n".replace(",", delimiter)
    assert source(rows(data)).rows[0].cells == {"phone": "9811111111", "name": "Asha"}


@pytest.mark.parametrize("delimiter", list(",;\t|:^]\\ -"))
def test_a_table_is_parted_by_any_sign_that_it_is_said_to_be(delimiter):
    text = delimiter.join(["a", '"b"', "c"]) + "\n"
    assert [cell.text for record in records(text, delimiter) for cell in record.cells] == ["a", "b", "c"]


def test_quoted_cells_may_hold_delimiters_quotes_and_line_breaks(rows):
    found = source(rows('phone,name\n9811111111,"Rao, ""Asha""\nK"\n9822222222,Dev\n'))
    assert [(r.number, r.cells["name"]) for r in found.rows] == [(2, 'Rao, "Asha"\nK'), (4, "Dev")]


def test_columns_with_blanks_stand_in_backticks(rows):
    found = source(rows("phone,Full name\n9811111111,Asha\n", "set name = row.`Full name`"))
    assert found.rows[0].values["Full name", "name"] == "Asha"


def test_a_declared_order_reads_slashed_dates(rows):
    data = "phone,visit\n9811111111,03/04/2026\n9822222222,2026-04-03\n"
    found = source(rows(data, "set lead_date = row.visit", 'dates are "DD/MM/YYYY"'))
    assert {r.values["visit", "lead_date"] for r in found.rows} == {1_775_154_600_000}


@pytest.mark.parametrize(
    ("order", "cell"),
    [
        ("DD-MM-YYYY", "03-04-2026"),
        ("DD MM YYYY", "3 4 2026"),
        ("DD.MM.YYYY", "03.04.2026"),
        ("YYYY-DD-MM", "2026-03-04"),
        ("DD-MM-YYYY", "2026-04-03"),
    ],
)
def test_a_declared_order_may_have_dashes_dots_or_blanks(rows, order, cell):
    found = source(
        rows(f"phone,visit\n9811111111,{cell}\n", "set lead_date = row.visit", f'dates are "{order}"')
    )
    assert {r.values["visit", "lead_date"] for r in found.rows} == {1_775_154_600_000}


def test_several_tags_stand_in_one_cell(rows):
    found = source(rows("phone,tags\n9811111111,vip; Revive\n", "set interests = row.tags"))
    assert found.rows[0].values["tags", "interests"] == ("VIP", "Revive")


def test_a_template_sees_the_row(rows):
    compiled = rows("phone,name\n9811111111,Asha\n", 'set city = "{{ row.name | upper }}"')
    assert source(compiled).rows[0].cells["name"] == "Asha"


@pytest.mark.parametrize(
    ("data", "contract", "code", "message", "place"),
    [
        ("phone,name\n9811111111,A\n+919811111111,B\n", "", "E434", "new.csv, row 3, column phone: ", (3, 1)),
        ("phone,name\n9.19E+11,A\n", "", "E435", "new.csv, row 2, column phone: ", (2, 1)),
        (b"phone,name\n9811111111,Jos\xe9\n", "", "E431", "new.csv, row 2, column name: ", (2, 12)),
        ("phone,name\n9811111111\n", "", "E433", "new.csv, row 2 has 1 cells", (2, 1)),
        ("phone,name\n9811111111,A,B\n", "", "E433", "new.csv, row 2 has 3 cells", (2, 14)),
        ('phone,name\n9811111111,"A\n', "", "E433", "new.csv: a quoted cell", (2, 12)),
        ("phone,name\n,A\n", "", "E438", "new.csv, row 2, column phone: ", (2, 1)),
        ("phone,name\n12,A\n", "", "E437", "new.csv, row 2, column phone: ", (2, 1)),
        ("phone,name,name\n9811111111,A,B\n", "", "E432", "new.csv, row 1: the column “name”", (1, 12)),
        (
            "phone,name,x\n9811111111,A,B\n",
            "columns must be phone, name",
            "E432",
            "new.csv, row 1: ",
            (1, 12),
        ),
    ],
)
def test_a_mistake_is_shown_in_the_file(rows, data, contract, code, message, place):
    compiled = rows(data, contract=contract)
    assert [d.code for d in compiled.diagnostics] == [code]
    (found,) = compiled.diagnostics
    assert found.message.startswith(message)
    assert (found.span.file, (found.span.line, found.span.column)) == ("new.csv", place)


@pytest.mark.parametrize(
    ("data", "code"),
    [("phone,nme\n9811111111,A\n", "E432"), ("", "E432"), ("p\0", "E431"), (b"\xff\xfep\0", "E431")],
)
def test_a_file_of_another_kind_is_shown_in_the_playbook(rows, data, code):
    (found,) = rows(data).diagnostics
    assert (found.code, found.span.file) == (code, "main.lead")


def test_a_missing_column_of_the_contract_is_told(rows):
    found = rows("phone,name\n9811111111,A\n", contract="columns must be phone, name, city").diagnostics
    assert [d.code for d in found] == ["E432"]


@pytest.mark.parametrize("cell", ["03/04/2026", "03-04-2026", "3.4.2026"])
def test_slashed_dates_need_an_order(rows, cell):
    data = f"phone,visit\n9811111111,{cell}\n"
    assert [d.code for d in rows(data, "set lead_date = row.visit").diagnostics] == ["E436"]


def test_a_date_that_does_not_exist_is_told(rows):
    data = "phone,visit\n9811111111,31/02/2026\n"
    found = rows(data, "set lead_date = row.visit", 'dates are "DD/MM/YYYY"').diagnostics
    assert [d.code for d in found] == ["E437"]


def test_all_rows_mistakes_come_at_once_and_are_counted_at_last(rows):
    data = "phone,rating\n" + "".join(f"98111111{i:02},9\n" for i in range(30))
    found = rows(data, "set rating = row.rating").diagnostics
    assert len(found) == 21
    assert {d.code for d in found} == {"E437"}
    assert "10 more" in next(d.message for d in found if d.span.file == "main.lead")


def test_unchecked_cells_are_sent_as_written(rows):
    compiled = rows("phone,rating\n9811111111,9\n", "set rating = row.rating", unchecked=True)
    assert {d.severity for d in compiled.diagnostics} == {"warning"}
    assert source(compiled).rows[0].values["rating", "rating"] == 9


def test_creating_missing_leads_needs_the_identifier(rows, compiling):
    ok = source(rows("phone,name\n9811111111,A\n", contract="on missing lead create"))
    assert ok.on_missing == "create"
    text = 'for each row in csv "new.csv" { match lead by email = row.email; on missing lead create }\nset city = X'
    assert compiling.codes(text, files={"new.csv": "email\na@b.in\n"}) == ["E507"]


@pytest.mark.parametrize("spelling", ["$list", '"$list"'])
def test_a_file_may_be_named_by_a_param(compiling, spelling):
    text = f'param list: file = "new.csv"\nfor each row in csv {spelling} {{ match lead by phone = row.phone }}\nset city = X'
    files = {"new.csv": "phone\n9811111111\n", "other.csv": "phone\n9822222222\n"}
    assert source(compiling(text, files=files)).rows[0].key == "919811111111"
    given = compiling(text, files=files, parameters={"list": "other.csv"})
    assert source(given).rows[0].key == "919822222222"


def test_orders_of_dates():
    assert read_date("3/4/2026", "DD/MM/YYYY") == "2026-04-03"
    assert read_date("3/4/2026", "MM/DD/YYYY") == "2026-03-04"
    assert read_date("2026.04.03", "YYYY.MM.DD") == "2026-04-03"
    assert read_date("03-04-2026 09:30", "DD-MM-YYYY") == "2026-04-03T09:30"
    assert read_date("03/04/26", "DD/MM/YYYY") is None
    assert read_date("03-04-2026", "DD/MM/YYYY") is None


cells = st.text(st.sampled_from('ab ,;"\n'), max_size=6)


@given(st.lists(st.lists(cells, min_size=2, max_size=3), min_size=1, max_size=4))
def test_what_is_written_as_csv_is_read_back(table):
    text = "\n".join(",".join('"' + c.replace('"', '""') + '"' for c in row) for row in table) + "\n"
    found = [tuple(cell.text for cell in record.cells) for record in records(text, ",")]
    assert found == [tuple(c.strip() for c in row) for row in table]


@given(st.text(st.sampled_from('a,"\n\r;')))
def test_any_text_is_a_table_or_an_open_quote(text):
    at = None
    try:
        found = list(records(text, ","))
    except OpenQuote as open_quote:
        found, at = [], open_quote.at
    assert at is None or text[at] == '"'
    assert all(0 <= cell.start <= cell.end <= len(text) for record in found for cell in record.cells)
