"""Where search rows carry no id, nothing is guessed: a lead is resolved, or refused by name with the remedy."""

from tests.e2e.expected import thanked, won, won_and_called, written
from tests.e2e.place import playbook


def test_leads_without_an_id_are_refused_by_name_with_the_remedy(place, server):
    server.switches.search_id = None
    done = place.leadops("run", "--yes", "--pii", "show", playbook("won-in-april"), code=None)
    assert done.code in (3, 4), done
    assert "ids import" in done.out + done.err
    for lead in won_and_called(server.world).values():
        assert lead.fields["phone"] in done.out, done
    assert not server.seen(writes=True)


def test_a_created_lead_is_known_by_the_id_of_its_create(place, server):
    server.switches.search_id = None
    place.leadops("run", "--yes", playbook("create-lead"))
    lead = server.world.by_phone("919999999999")
    server.forget_calls()
    place.leadops("run", "--yes", "-e", 'find leads where phone = "919999999999"; set rating = 4')
    assert written(server) == [(f"/lead/{lead.id}", {"fields": {"rating": 4}})]
    # An id from the index is verified before it is written to.
    paths = [call.path for call in server.seen()]
    assert paths.index(f"/lead/{lead.id}") < len(paths) - 1
    assert any(call.method == "GET" and call.path == f"/lead/{lead.id}" for call in server.seen())


def test_imported_ids_lead_to_the_right_leads(place, server):
    server.switches.search_id = None
    export = place.folder / "export.csv"
    rows = [f"{lead.id},{lead.fields['phone']}" for lead in server.world.alive()]
    export.write_text("\n".join(["Lead Id,Phone", *rows]) + "\n", "utf-8")
    place.leadops("ids", "import", export)
    place.leadops("run", "--yes", playbook("won-in-april"))
    expected = won_and_called(server.world)
    assert {lead_id for lead_id, lead in won(server.world).items() if thanked(lead)} == set(expected)
    assert all(thanked(lead) == 1 and lead.fields["rating"] == 5 for lead in expected.values())
