"""Night after night, each in a process of its own: leads that the service always refuses starve nobody."""

NIGHTLY = "find leads where status = Won\nlimit 2\nset rating = 5\n"


def planned(place):
    """Return the leads that a plan would write to."""
    return {
        change["lead"]["id"] for step in place.plan("nightly.lead")["steps"] for change in step["changes"]
    }


def written(place, server, *arguments, code):
    """Run the nightly playbook; return what it said and the leads that it wrote to."""
    server.forget_calls()
    done = place.leadops("run", "--yes", "nightly.lead", *arguments, code=code)
    return done, {call.path.split("/")[2] for call in server.seen(writes=True)}


def test_leads_that_are_always_refused_go_last_and_are_counted_in_plan_and_report(place, server):
    (place.folder / "nightly.lead").write_text(NIGHTLY)
    bad = planned(place)
    assert len(bad) == 2
    for lead in bad:
        server.faults.add(f"POST /lead/{lead}", "silent_drop", times=None)
    _, first = written(place, server, code=3)
    assert first == bad
    said = place.leadops("plan", "nightly.lead")
    assert "2 leads whose same change failed in an earlier run come after all others" in said.out
    reached = set()
    for _ in range(2):
        done, wrote = written(place, server, code=0)
        assert len(wrote) == 2
        assert not wrote & (bad | reached), done
        reached |= wrote
    report = place.leadops("report", "last").out
    assert "come after all others; none of them are in this plan" in " ".join(report.split())
    held = {lead.fields.get("rating") for lead in server.world.leads.values() if lead.id in bad}
    other = next(value for value in (1, 2, 3, 4) if value not in held)
    (place.folder / "nightly.lead").write_text(NIGHTLY.replace("5", str(other)))
    assert planned(place) == bad
