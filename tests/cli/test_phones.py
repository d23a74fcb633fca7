"""Phones at the command line: what was wrong is shown, and what the service holds can be named."""

import json

HEAD = 'for each row in csv "list.csv" {\n  match lead by phone = row.phone\n  on missing lead create\n}\n'


def test_an_error_shows_what_was_read_where_a_preview_would_mask_it(leadops, home):
    (home / "list.csv").write_text("phone,name\n98765 43210/11,Office\n9876500001.0,Asha\n", "utf-8")
    (home / "p.lead").write_text(HEAD + "set name = row.name\n", "utf-8")
    code, _, err = leadops("run", "--sandbox", "--yes", "p.lead")
    assert code == 1
    assert "list.csv, row 2, column phone: “98765 43210/11” is not a phone number" in err
    assert "987654321011" in err
    assert "“9876500001.0” was read as 9876500001" in err


def test_a_foreign_lead_keeps_its_phone_when_it_is_copied(leadops, home):
    (home / "a.lead").write_text('create lead with phone = "+971 50 123 4567", name = "Amna"\n', "utf-8")
    assert leadops("run", "--sandbox", "--yes", "a.lead")[0] == 0
    text = 'find leads where phone = "+971501234567"\nset alt_phone = "{{ lead.phone }}"\n'
    (home / "b.lead").write_text(text, "utf-8")
    code, out, err = leadops("plan", "--sandbox", "--format", "json", "b.lead")
    assert code == 0, err
    assert "971501234567" in out


def test_ids_import_reads_phones_as_tools_leave_them(leadops, home):
    rows = [
        ("98765 43210/11", "a" * 24), ("9876500001.0", "b" * 24), ("971501234567", "c" * 24), ("2026-04-03", "d" * 24)
    ]  # fmt: skip
    text = "phone,lead_id\n" + "".join(f"{phone},{lead}\n" for phone, lead in rows)
    (home / "ids.csv").write_text(text, "utf-8")
    code, out, _ = leadops("ids", "import", "--sandbox", "--format", "json", "ids.csv")
    assert code == 3
    assert [one["row"] for one in json.loads(out)["refused"]] == [2, 5]
