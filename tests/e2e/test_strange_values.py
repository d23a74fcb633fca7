"""One strange value in what the service answers harms one lead: it is named, never written, and all others go on."""

import json

import pytest

from tests.independent.replies import Reply

LINE = "find leads where status = Won; set rating = 2"
SLOT = "@@@"


def _rewrite(server, edit):
    """Let every JSON answer pass through ``edit`` (call, body) before it leaves; the effect stays."""
    handle = server.handle

    def handled(call):
        reply, rule = handle(call)
        body = reply.body if isinstance(reply.body, str) else edit(call, json.loads(json.dumps(reply.body)))
        return Reply(reply.status, body, reply.headers, kind=reply.kind), rule

    server.handle = handled


def _won(server):
    return [lead for lead in server.world.leads.values() if lead.fields["status"] == "Won"]


def _raw(body, value):
    """Return the JSON text of ``body`` with ``value``, which json would not write, at its slot."""
    return json.dumps(body).replace(json.dumps(SLOT), value)


def _in_rows(server, victim, change):
    """Let ``change`` make something strange of each search row of ``victim``; returns raw text for its slots."""

    def edit(call, body):
        if call.path != "/lead/search":
            return body
        raw = None
        for at, row in enumerate(body["data"]):
            if row is not None and row.get("id") == victim.id:
                body["data"][at], raw = change(row)
        return body if raw is None else _raw(body, raw)

    _rewrite(server, edit)


def _field(name, raw):
    def change(row):
        return {**row, "fields": {**row["fields"], name: SLOT}}, raw

    return change


STRANGE = {
    "half a character in a name": _field("name", r'"Asha \ud83d"'),
    "a byte that is no UTF-8": _field("name", '"Ash\udcff"'),
    "a number beyond all floats": _field("deal_size", "1e400"),
    "a number beyond 64 bits": _field("visits", "9" * 40),
    "no number": _field("deal_size", "NaN"),
    "a key twice": _field("city", '{"a": 1, "a": 2}'),
    "a nest without end": _field("city", "[" * 200 + "]" * 200),
    "fields that are a text": lambda row: ({**row, "fields": SLOT}, '"gone"'),
}


@pytest.fixture
def won(server):
    """The leads that the line is about; none is as asked yet."""
    found = [lead for lead in server.world.leads.values() if lead.fields["status"] == "Won"]
    for lead in found:
        lead.fields["rating"] = 4
    return found


@pytest.fixture
def victim(won):
    return max(won, key=lambda lead: lead.created)


def _all_but(victim, won, server):
    """Assert that every lead but one was changed, each by one write."""
    written = [call.path for call in server.seen(writes=True)]
    assert sorted(written) == sorted(f"/lead/{lead.id}" for lead in won if lead is not victim)
    assert {lead.fields["rating"] for lead in won if lead is not victim} == {2}
    assert victim is None or victim.fields["rating"] == 4


@pytest.mark.parametrize("kind", STRANGE)
def test_a_row_that_cannot_be_read_is_named_and_all_others_are_changed_once(kind, server, place, won, victim):
    _in_rows(server, victim, STRANGE[kind])
    done = place.leadops("run", "--yes", "--no-input", "-e", LINE, code=None)
    assert done.code == 3, done
    assert victim.id in done.out
    assert "cannot be read" in done.out
    _all_but(victim, won, server)
    assert len(place.results()["changes"]) == len(won) - 1


@pytest.mark.parametrize("row", [None, "gone", 7, [], {}], ids=repr)
def test_a_row_that_names_nobody_is_told_by_its_place(row, server, place, won, victim):
    _in_rows(server, victim, lambda _: (row, None))
    done = place.leadops("run", "--yes", "--no-input", "-e", LINE, code=None)
    assert done.code == 3, done
    _all_but(victim, won, server)


HARMLESS = {
    "an object where text is expected": _field("name", '{"first": "Asha"}'),
    "a date as text": _field("created_on", '"2026-04-01T10:00:00Z"'),
    "a date beyond all calendars": _field("created_on", "99999999999999999"),
    "a NUL": _field("name", r'"Asha \u0000 Rao"'),
    "a line break as it is": _field("name", '"Asha\nRao"'),
    "whole characters of two halves": _field("name", r'"Asha \ud83d\ude00"'),
    "a list of odd tags": _field("interests", '[1, null, {"label": "VIP"}]'),
    "no name": _field("name", "null"),
}


@pytest.mark.parametrize("kind", HARMLESS)
def test_a_value_that_can_be_read_somehow_harms_nobody(kind, server, place, won, victim):
    _in_rows(server, victim, HARMLESS[kind])
    done = place.leadops("run", "--yes", "--no-input", "-e", LINE, code=None)
    assert done.code == 0, done
    _all_but(None, won, server)
    for form in ("text", "html", "md", "json"):
        place.leadops("report", "--format", form)


def test_a_row_without_identifier_is_changed_by_its_id(server, place, won, victim):
    _in_rows(server, victim, _field("phone", "null"))
    place.leadops("run", "--yes", "--no-input", "-e", LINE)
    _all_but(None, won, server)


@pytest.mark.parametrize(
    "answer",
    ["<html>sign in</html>", "no JSON", "[]", "{}", '{"data": {}, "total_count": 3}', '{"data": []}',
     '{"data": [], "total_count": "many"}', '{"data": [], "data": [], "total_count": 0}'],
)  # fmt: skip
def test_what_is_no_answer_of_this_api_ends_with_69_before_any_write(answer, server, place, won):
    _rewrite(server, lambda call, body: answer if call.path == "/lead/search" else body)
    done = place.leadops("run", "--yes", "--no-input", "-e", LINE, code=None)
    assert done.code == 69, done
    assert server.seen(writes=True) == []


ENTRIES = {
    "an entry of no type": {"creationTimestamp": 1, "fields": {}},
    "an entry that is a text": "gone",
    "an entry with half a character": {"type": "1001", "fields": {"note": SLOT}},
}


@pytest.mark.parametrize("kind", ENTRIES)
def test_a_timeline_that_cannot_be_read_harms_its_lead(kind, server, place, won, victim):
    line = 'find leads where status = Won; add action 1001 with note = "Hello"'
    for lead in won:  # each holds an action of the type, so that each timeline is looked at
        server.world.log(lead, "1001", lead.created + 1000, "", {"note": "before"})

    def edit(call, body):
        if call.path != f"/lead/{victim.id}/action/search":
            return body
        return _raw({**body, "data": [ENTRIES[kind], *body["data"]]}, r'"\ud83d"')

    _rewrite(server, edit)
    done = place.leadops("run", "--yes", "--no-input", "-e", line, code=None)
    assert done.code == 3, done
    assert victim.id in done.out
    written = [call.path for call in server.seen(writes=True)]
    assert sorted(written) == sorted(f"/lead/{lead.id}/action" for lead in won if lead is not victim)


def test_a_lead_that_is_named_by_its_id_and_cannot_be_read_is_not_written(server, place, victim):
    _rewrite(
        server,
        lambda call, body: (
            _raw({**body, "fields": {**body["fields"], "name": SLOT}}, r'"\udc00"')
            if call.path == f"/lead/{victim.id}" and call.method == "GET"
            else body
        ),
    )
    done = place.leadops("run", "--yes", "-e", f'find lead "{victim.id}"; set rating = 2', code=None)
    assert done.code == 3, done
    assert server.seen(writes=True) == []


def test_a_row_that_names_nobody_does_not_make_a_second_lead_of_somebody(server, place, won, victim):
    (place.folder / "people.csv").write_text(
        "phone,rating\n" + "".join(f"{lead.fields['phone']},2\n" for lead in won) + "919811223344,2\n"
    )
    line = (
        'for each row in csv "people.csv" { match lead by phone = row.phone; on missing lead create }'
        " set rating = row.rating"
    )
    _in_rows(server, victim, lambda _: (None, None))
    done = place.leadops("run", "--yes", "--no-input", "-e", line, code=None)
    assert done.code == 3, done
    assert victim.fields["rating"] == 4
    assert [call.body["fields"]["phone"] for call in server.seen(writes=True, path="/lead")] == [
        "919811223344"
    ]
    assert {lead.fields["rating"] for lead in won if lead is not victim} == {2}


METADATA = {
    "a field that is a text": ("/custom-fields", lambda body: body["customFields"].insert(0, "gone"), "null"),
    "a field without a name": (
        "/custom-fields",
        lambda body: body["customFields"].append({"type": "TEXT"}),
        "null",
    ),
    "a field with half a character": (
        "/custom-fields",
        lambda body: body["customFields"].append(
            {"apiName": "odd_one", "type": "DROPDOWN", "options": [SLOT]}
        ),
        r'"\udc00"',
    ),
    "an action without a code": (
        "/custom-actions",
        lambda body: body["customActions"].append({"name": "?"}),
        "null",
    ),
    "a member that is a number": ("/team-members", lambda body: body["data"].__setitem__(0, 7), "null"),
}


@pytest.mark.parametrize("kind", METADATA)
def test_a_definition_that_cannot_be_read_is_left_out_and_said_once(kind, server, place, won):
    path, spoil, raw = METADATA[kind]

    def edit(call, body):
        if call.path != path or call.query.get("skip", "0") != "0":
            return body
        spoil(body)
        return _raw(body, raw)

    _rewrite(server, edit)
    done = place.leadops("run", "--yes", "--no-input", "-e", LINE)
    assert done.err.count("cannot be read and is left out") == 1, done
    assert path in done.err
    _all_but(None, won, server)
    assert "left out" not in place.leadops("plan", "-e", LINE).err, "said once"


@pytest.mark.parametrize("form", ["text", "md", "html", "json", "jsonl", "github", "junit"])
def test_every_form_takes_what_could_not_be_read(form, server, place, won, victim):
    _in_rows(server, victim, STRANGE["half a character in a name"])
    done = place.leadops("run", "--yes", "--no-input", "--format", form, "-e", LINE, code=3)
    assert done.out
    assert "Traceback" not in done.err
