"""What a list of names may look like, and what is wrong in one."""

import asyncio

import pytest

from leadops.cli.name_lists import lists_from
from leadops.core.errors import UsageError
from tests.workspace import sandbox_schema

SIX = [f"91900000000{i}" for i in range(6)]
LISTS = {
    "plain": b"9000000000\n9000000001\n9000000002\n9000000003\n9000000004\n9000000005\n",
    "a header, a second column, quotes, many spellings": (
        b'phone\n+91 90000 00000\n09000000001\n9000000002\n919000000003,asked on 3 April\n"919000000004"\n91-90000-00005 \n'
    ),
    "a byte order mark": b"\xef\xbb\xbf" + "\r\n".join(SIX).encode(),
    "UTF-16 with tabs": "Name\tPhone Number\r\n".encode("utf-16")
    + "".join(f"A{i}\t{one}\r\n" for i, one in enumerate(SIX)).encode("utf-16-le"),
    "UTF-16 of the other order": b"\xfe\xff" + "\n".join(SIX).encode("utf-16-be"),
    "a line for spreadsheets": (
        "sep=;\nid;phone\n" + "".join(f"{i};{one}\n" for i, one in enumerate(SIX))
    ).encode(),
    "semicolons, and commas in the remarks": ("".join(f"{one};asked, wrote, rang\n" for one in SIX)).encode(),
    "comments and blank lines": (
        '# do-not-call, of "May\n\n' + "\n\n".join(SIX) + "\n   # end\n" + f"{SIX[0]} # asked twice\n"
    ).encode(),
    "floats": "".join(f"{one[2:]}.0\n" for one in SIX).encode(),
    "what tools put around": (
        'p:+919000000000\ntel:+91-9000000001\n\'9000000002\n="9000000003"\n\u202a+91\u00a090000\u201100004\u202c\n'
        "\uff0b919000000005\n"
    ).encode(),
    "lines that end with CR only": "\r".join(SIX).encode(),
    "quoted, doubled": "".join(f'"=""{one}"""\n' for one in SIX).encode(),
    "devanagari digits": "".join(chr(0x0966 + int(c)) if c.isdigit() else c for c in "\n".join(SIX)).encode(),
}


@pytest.fixture(scope="module")
def schema():
    return asyncio.run(sandbox_schema())


@pytest.fixture
def read(schema, tmp_path):
    """Return the scope of a file's content, or of names on the command line."""

    def scope(content=None, flag="exclude", names=(), steps=()):
        given = {flag: names}
        if content is not None:
            path = tmp_path / "names.txt"
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            given[f"{flag}_file"] = (str(path),)
        return lists_from(given).scope(schema, "91", steps)

    return scope


@pytest.mark.parametrize("content", LISTS.values(), ids=LISTS)
def test_a_list_names_the_same_people_however_it_was_saved(read, content):
    assert read(content).except_leads == set(SIX)
    assert read(content, "only").only_leads == set(SIX)


WRONG = {
    "a letter": "919000000O01",
    "a name": "Lead 00003",
    "a word": "nonsense",
    "a digit too few": "90000",
    "two in one": "9000000001/02",
    "a broken cell": "#N/A",
    "a cell that lost its digits": "9.19E+11",
    "a blank first cell": ",asked on 3 April",
    "two on a line": "919000000001,919000000002",
    "an open quote": '"919000000001',
}


@pytest.mark.parametrize("entry", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("flag", ["only", "exclude"])
def test_an_entry_that_names_nobody_is_an_error_with_line_and_text(read, entry, flag):
    with pytest.raises(UsageError) as told:
        read(f"919000000004\n{entry}\n", flag)
    assert "names.txt, line 2" in told.value.message
    assert entry.startswith('"') or entry.split(",")[0] in told.value.message


@pytest.mark.parametrize(
    "content",
    [b"", b"# nobody\n\n#\n", b"phone,name\n", b"\xef\xbb\xbf\r\n", b",,\n , ,\n", b"sep=;\n"],
    ids=["nothing", "comments", "a header", "a mark", "delimiters", "a line for spreadsheets"],
)
def test_a_list_that_names_nobody_is_no_missing_list(read, content):
    with pytest.raises(UsageError, match="names nobody: nothing would be left"):
        read(content, "only")
    assert read(content).except_leads == frozenset()
    assert read().except_leads is None


def test_each_of_several_files_counts(schema, tmp_path):
    for name, text in {"a": "9000000001\n", "b": "phone\n9000000002\n", "none": "# nobody\n"}.items():
        (tmp_path / name).write_text(text)
    files = tuple(str(tmp_path / name) for name in ("a", "b", "none"))
    scope, empty = lists_from({"exclude": ("9000000003",), "exclude_file": files}).read(schema, "91", ())
    assert scope.except_leads == {"919000000001", "919000000002", "919000000003"}
    assert [where.rpartition("/")[2] for where in empty] == ["none"]
    assert lists_from({"only_file": files[:2]}).scope(schema, "91", ()).only_leads == {
        "919000000001",
        "919000000002",
    }
    with pytest.raises(UsageError, match="none names nobody"):
        lists_from({"only": ("9000000003",), "only_file": files}).scope(schema, "91", ())


@pytest.mark.parametrize("flag", ["only", "exclude"])
def test_an_empty_name_is_refused_before_anything_is_read(flag):
    for given in (
        {flag: ("",)},
        {flag: ("919000000001", "  ")},
        {f"{flag}_file": ("",)},
        {f"{flag}_file": ("a", " ")},
    ):
        with pytest.raises(UsageError, match="empty"):
            lists_from(given)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04" + bytes(100), "workbook"),
        ("919000000001,caf\u00e9".encode("latin-1"), "not UTF-8: byte 16"),
        ("919000000001".encode("utf-16-le"), "NUL"),
    ],
    ids=["a workbook", "another encoding", "UTF-16 without a mark"],
)
def test_what_is_no_text_is_refused(read, content, said):
    with pytest.raises(UsageError, match=said):
        read(content)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    for path in (tmp_path / "gone.txt", tmp_path):
        with pytest.raises(UsageError, match="cannot be read"):
            lists_from({"only_file": (str(path),)})


def test_a_row_with_id_and_phone_names_its_lead_by_both_to_leave_out_and_by_the_id_to_take(read):
    table = (
        "Lead ID;Phone;Name\n64F000000000000000000001;9000000001;Asha\n;9000000002;Ravi\n3;9000000003;Om\n"
    )
    first = "64f000000000000000000001"
    assert read(table).except_leads == {first, "919000000001", "919000000002", "919000000003"}
    assert read(table, "only").only_leads == {first, "919000000002", "919000000003"}


def test_two_columns_of_phones_are_both_left_out(read):
    table = "name,mobile,whatsapp,phone status\nAsha,9000000001,9000000002,valid\n"
    assert read(table).except_leads == {"919000000001", "919000000002"}


def test_steps_are_known_by_title_in_any_case_and_by_number_on_the_command_line_only(read):
    steps = ["Rate, then thank", "Call"]
    assert read(names=("call", "1"), steps=steps).except_steps == {"Call", "1"}
    assert read("Rate, then thank\n919000000001 # asked\n", steps=steps).except_steps == {"Rate, then thank"}
    with pytest.raises(UsageError, match=r"line 1: “1” is neither"):
        read("1,919000000001\n", "only", steps=steps)
    with pytest.raises(UsageError) as told:
        read(names=("cal",), steps=steps)
    assert "did you mean “Call”" in told.value.help


def test_the_reason_says_how_a_phone_was_read(read):
    with pytest.raises(
        UsageError, match=r"line 1: “98765432” is neither .* which is no number of the country"
    ):
        read("98765432\n")


def test_thousands_of_wrong_entries_are_counted(read):
    with pytest.raises(UsageError, match="and 4,990 more such entries"):
        read("nonsense\n" * 5000)


def test_lists_that_were_joined_may_repeat_their_header(read):
    assert read("phone,why\n9000000001,a\nphone,why\n9000000002,b\n\x1a").except_leads == {
        "919000000001",
        "919000000002",
    }


def test_equal_lists_are_equal_scopes(read):
    scopes = {read("9000000001\n9000000002\n", "only"), read("+91 90000 00002\n09000000001", "only")}
    assert len(scopes) == 1


# ── other verbs that take a name ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["", " ", "9000O", "91 90000 0000l"])
def test_forget_of_what_names_nobody_is_no_success(leadops, name):
    code, _, err = leadops("forget", "--sandbox", "--yes", name)
    assert code == 64
    assert "nothing was forgotten" in err


@pytest.mark.parametrize("verb", ["why", "why-not"])
def test_why_of_nobody_is_refused(leadops, verb):
    assert leadops(verb, " ", "--sandbox", "-e", "find leads where status = Won")[0] == 64
    code, _, err = leadops(verb, "9000O", "--sandbox", "-e", "find leads where status = Won")
    assert code == 4
    assert "9000O" in err


@pytest.mark.parametrize("flag", ["--profile", "--state"])
def test_a_place_that_came_out_empty_is_not_the_usual_place(leadops, flag):
    code, _, err = leadops("plan", "--sandbox", flag, "", "-e", "find leads where status = Won")
    assert code == 64
    assert flag in err


@pytest.mark.parametrize("verb", ["retry", "resume", "undo", "verify", "report", "resolve"])
def test_an_empty_run_is_not_the_last_one(leadops, home, verb):
    assert (
        leadops(
            "run", "--sandbox", "--yes", "-e", "find leads where status = Won; limit 1; set city = Nagpur"
        )[0]
        == 0
    )
    more = {"retry": ["--yes"], "resume": ["--yes"], "undo": ["-o", "u.lead"]}.get(verb, [])
    code, _, err = leadops(verb, "", "--sandbox", *more)
    assert code == 64
    assert "there is no run" in err


def test_a_choice_is_not_lost_where_rejects_are_written(leadops, home):
    leadops("run", "--sandbox", "--yes", "-e", "find leads where status = Won; limit 1; set city = Nagpur")
    for flags in (["--only", "919000000001"], ["--exclude", "919000000001"], ["--sample", "3"]):
        assert leadops("retry", "last", "--sandbox", "-o", "again.lead", *flags)[0] == 64
    assert not (home / "again.lead").exists()


@pytest.mark.parametrize(
    "content",
    [
        "Lead ID\tPhone\r\n64f000000000000000000001\tp:+91 90000 00001\r\n".encode("utf-16"),
        b"sep=|\nlead_id|phone\n64f000000000000000000001|9000000001.0\n",
        b"\xef\xbb\xbflead_id;phone\n64F000000000000000000001;'9000000001\n",
    ],
    ids=["UTF-16", "a line for spreadsheets", "a mark"],
)
def test_ids_are_imported_from_files_as_people_have_them(leadops, home, content):
    (home / "ids.csv").write_bytes(content)
    code, out, err = leadops("ids", "import", "--sandbox", "ids.csv")
    assert (code, err) == (0, "")
    assert "1 id read" in out
    assert leadops("ids", "list", "--sandbox", "--pii", "show")[1].startswith(
        "919000000001  64f000000000000000000001"
    )


def test_a_line_of_more_cells_than_a_spreadsheet_holds_is_told(read):
    with pytest.raises(UsageError, match=r"line 2: the row has more than 16,384 cells"):
        read("919000000000\n" + "," * 20_000 + "\n")
