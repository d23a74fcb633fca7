"""Both APIs as one function from a call to an answer; who may call, which paths there are (docs/api.md §1 to §5)."""

from urllib.parse import unquote

from tests.independent import metadata
from tests.independent.definitions import ASYNC_TOKEN, ENTERPRISE, SYNC_TOKEN, Switches
from tests.independent.replies import Refusal, Reply, action_body, lead_fields, search_row, timeline_row
from tests.independent.search import search_actions, search_leads
from tests.independent.writes import append_actions, create_lead, update_action, update_lead, upsert

PREFIX = "/autoupdate/v2"


class Api:
    """The service's behaviour; ``later(seconds, function)`` runs something afterwards, ``now`` is its clock in ms."""

    def __init__(self, world, now, later, switches=None):
        self.world = world
        self.now = now
        self.later = later
        self.switches = switches or Switches()
        self.sync_tokens = {SYNC_TOKEN}
        self.async_tokens = {ASYNC_TOKEN}

    def answer(self, call):
        """Return the service's answer to ``call``, with its effect on the world."""
        try:
            return self._sync(call) if call.sync else self._async(call)
        except Refusal as refusal:
            return refusal.reply()

    def _admit(self, call, tokens):
        if call.enterprise != ENTERPRISE and self.switches.unknown_enterprise == 404:
            raise Refusal(
                404, "ENTERPRISE_NOT_FOUND", f"The enterprise with ID {call.enterprise} was not found."
            )
        if call.enterprise != ENTERPRISE or call.token not in tokens:
            text = f'Enterprise with id "{call.enterprise}" not found or invalid access token.'
            raise Refusal(401, "NOT_AUTHORIZED", text)

    def _async(self, call):
        self._admit(call, self.async_tokens)
        if (call.method, call.path) != ("POST", "/autoupdatelead"):
            raise Refusal(404, "NOT_FOUND", "Not found")
        body = _object(call)
        self.later(self.switches.async_delay, lambda: upsert(self.world, body, self.now()))
        if self.switches.async_reply == "legacy":
            return Reply(
                200, {"modifiedLeadIds": [], "status": "success", "errorString": "", "uniqueIdentifier": ""}
            )
        return Reply(200, {"status": "QUEUED"})

    def _sync(self, call):
        self._admit(call, self.sync_tokens)
        parts = [unquote(part) for part in call.path.strip("/").split("/")]
        detail = call.query.get("detail") == "true"
        match (call.method, *parts):
            case ("POST", "lead"):
                return create_lead(self.world, _object(call), self.now(), self.switches)
            case ("POST", "lead", "search"):
                return self._search(call)
            case (_, "lead", lead_id, *rest):
                return self._lead(call, lead_id, rest)
            case ("GET", "metadata"):
                return metadata.workspace(self.world, self.switches)
            case ("GET", "custom-fields"):
                return metadata.fields(self.world, self.switches, detail=detail)
            case ("GET", "custom-fields", name):
                return metadata.field(self.world, name)
            case ("GET", "custom-actions"):
                return metadata.actions(self.world, detail=detail)
            case ("GET", "custom-actions", code):
                return metadata.action(self.world, code)
            case ("GET", "lead-stage-pipeline"):
                return metadata.pipeline(self.world, self.switches)
            case ("GET", "team-members"):
                return metadata.team(self.world, call.query, *_page(call, most=10))
            case ("GET", "team-members", email):
                return metadata.teammate(self.world, email, call.query)
            case ("POST", "team-members"):
                return metadata.invite(self.world, _object(call))
            case ("POST", "teammember", "state_change"):
                return metadata.change_state(self.world, _object(call))
            case _:
                raise Refusal(404, "NOT_FOUND", "Not found")

    def _search(self, call):
        skip, limit = _page(call)
        found = search_leads(self.world, _object(call), self.switches)
        rows = [search_row(lead, self.switches) for lead in found[skip : skip + limit]]
        return Reply(200, {"data": rows, "total_count": len(found), "skip": skip, "limit": limit})

    def _lead(self, call, lead_id, rest):
        lead = self.world.leads.get(lead_id)
        if lead is None or lead.deleted:
            words = "The lead" if call.method == "GET" else "Lead"
            raise Refusal(404, "LEAD_NOT_FOUND", f"{words} with ID {lead_id} was not found.")
        match (call.method, *rest):
            case ("GET",):
                return self._get(call, lead)
            case ("POST",):
                return update_lead(self.world, lead, _object(call), self.now(), self.switches)
            case ("POST", "action"):
                return append_actions(self.world, lead, _object(call), self.now(), self.switches)
            case ("POST", "action", "search"):
                skip, limit = _page(call)
                found = search_actions(lead, _object(call), self.switches)
                rows = [timeline_row(entry, self.switches) for entry in found[skip : skip + limit]]
                return Reply(200, {"data": rows, "total_count": len(found), "skip": skip, "limit": limit})
            case (_, "action", action_id):
                return self._action(call, lead, action_id)
            case _:
                raise Refusal(404, "NOT_FOUND", "Not found")

    def _get(self, call, lead):
        reply = {"fields": lead_fields(lead)}
        if call.query.get("includeActions") == "true":
            skip, limit = _page(call)
            newest_first = lead.timeline[::-1][skip : skip + limit]
            rows = [timeline_row(entry, self.switches) for entry in newest_first]
            reply |= {"actions": rows, "actions_skip": skip, "actions_limit": limit}
        return Reply(200, reply)

    def _action(self, call, lead, action_id):
        entry = next((one for one in lead.timeline if one.id == action_id), None)
        if entry is None:
            raise Refusal(404, "ACTION_NOT_FOUND", f"Action with ID {action_id} was not found.")
        if entry.type != "PAYMENT" and not entry.type.isdigit():
            raise Refusal(400, "BAD_REQUEST", "Only custom actions and payment actions can be retrieved")
        if call.method == "GET":
            return Reply(200, action_body(entry))
        return update_action(self.world, entry, _object(call), self.now())


def _object(call):
    if not isinstance(call.body, dict) or call.content_type != "application/json":
        raise Refusal(400, "BAD_REQUEST", "Body must be a JSON object")
    return call.body


def _page(call, most=100):
    try:
        skip, limit = int(call.query.get("skip", 0)), int(call.query.get("limit", 10))
    except ValueError:
        skip = limit = -1
    if skip < 0 or not 1 <= limit <= most:
        raise Refusal(400, "BAD_REQUEST", f"Limit should be between 1 and {most}")
    return skip, limit
