"""The async lane as a user meets it: on default settings, and with a queue that is slower than anybody waits."""

import time

from tests.e2e.expected import won
from tests.e2e.place import until

TEXT = "limits { lane async }\nfind leads where status = Won; set rating = 5"


def test_the_lane_on_default_settings_of_the_sandbox(bare):
    bare.settle = ""
    text = TEXT.replace("lane async", "lane async at most 500 leads")
    done = bare.leadops("run", "--sandbox", "--yes", "-e", text, code=None)
    outcomes = {one["outcome"] for one in bare.results()["changes"]}
    assert (done.code, outcomes) == (0, {"changed"}), done
    looked = bare.leadops("verify", "--sandbox", "last")
    assert f"looked at {len(bare.results()['changes'])} fields" in looked.err


def test_what_is_still_queued_is_in_doubt_until_it_is_seen(place, server):
    server.switches.async_delay = 13.0
    began = time.monotonic()
    done = place.leadops("run", "--yes", "-e", TEXT, code=3)
    asked = place.results()["changes"]
    assert asked
    assert {one["outcome"] for one in asked} == {"in_doubt"}
    assert "in doubt" in done.err + done.out
    assert "ignored by the CRM" not in done.err + done.out
    if time.monotonic() - began < 12:
        missing = place.leadops("verify", "last", code=1)
        assert f"looked at {len(asked)} fields" in missing.err
    until(
        lambda: all(lead.fields.get("rating") == 5 for lead in won(server.world).values()),
        what="the queue",
    )
    seen = place.leadops("verify", "--format", "json", "last")
    assert (seen.json["fields"], seen.json["arrived"], seen.json["findings"]) == (len(asked), len(asked), [])
    place.leadops("resume", "last")
    assert {one["outcome"] for one in place.results()["changes"]} == {"changed"}
