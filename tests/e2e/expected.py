"""What the playbooks mean, said in plain Python over the server's world."""

from tests.independent.definitions import AGENT
from tests.independent.world import april

OUTGOING = {"OUTGOING_CALL", "MAQSAM_OUTGOING_CALL", "IVR_OUTGOING_CALL", "MCUBE_OUTGOING_CALL"}
THANKS = {"type": "1001", "fields": {"note": "Thanks"}}


def won(world):
    """Return the Won leads by id."""
    return {lead.id: lead for lead in world.alive() if lead.fields["status"] == "Won"}


def won_and_called(world, window=None):
    """Return the Won leads that the agent called in ``window`` (else the latest April), by id."""
    start, end = window or april(world.built_ms)
    return {
        lead_id: lead
        for lead_id, lead in won(world).items()
        if any(e.type in OUTGOING and e.by == AGENT and start <= e.at < end for e in lead.timeline)
    }


def thanked(lead):
    """Return how often the lead was thanked."""
    return sum(entry.fields == THANKS["fields"] for entry in lead.of_type("1001"))


def written(server):
    """Return every writing call as (path, body), sorted by path."""
    return sorted(((call.path, call.body) for call in server.seen(writes=True)), key=lambda one: one[0])
