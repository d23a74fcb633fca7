"""Every write, tried exactly once: whether to send again is the engine's to decide (docs/api.md §5, §11)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from leadops.crm.encode import action_out, fields_out
from leadops.crm.paths import action_path, lead_path
from leadops.crm.transport import Ask, Door
from leadops.crm.write_outcome import Reading, action_updated, appended, created, queued, updated, verdict
from leadops.model.change import ActionSpec
from leadops.model.exchange import Delivery, Reply
from leadops.model.values import Value

Still = Callable[[], bool] | None


class TeleWriter:
    """Fits ``engine.ports.Writer``.

    Raises only for what is not the service's doing: CallBudgetError before a call that would exceed the budget,
    ConfigurationError when the async API is not configured. Nothing was sent then. ``still`` is asked when the request
    is handed to the transport; where it says no, the reply is OUTDATED and nothing was sent.
    """

    def __init__(self, door: Door) -> None:
        self._door = door

    async def create(
        self, fields: Mapping[str, Value], actions: Sequence[ActionSpec], *, still: Still = None
    ) -> Reply:
        """POST /lead, its actions in the same call (docs/api.md §5.1)."""
        body: dict[str, object] = {"fields": fields_out(fields)}
        if actions:
            body["actions"] = [action_out(action) for action in actions]
        return await self._write("/lead", body, created(len(actions)), still)

    async def update(self, lead_id: str, fields: Mapping[str, Value], *, still: Still = None) -> Reply:
        """POST /lead/{id} (docs/api.md §5.3)."""
        return await self._write(lead_path(lead_id), {"fields": fields_out(fields)}, updated, still)

    async def append(self, lead_id: str, actions: Sequence[ActionSpec], *, still: Still = None) -> Reply:
        """POST /lead/{id}/action (docs/api.md §5.5)."""
        path = lead_path(lead_id)
        body = {"actions": [action_out(action) for action in actions]}
        return await self._write(path and f"{path}/action", body, appended(len(actions)), still)

    async def update_action(self, lead_id: str, action: ActionSpec, *, still: Still = None) -> Reply:
        """POST /lead/{id}/action/{actionId} (docs/api.md §5.7)."""
        path = action_path(lead_id, action.action_id or "")
        return await self._write(path, action_out(action), action_updated, still)

    async def upsert(self, fields: Mapping[str, Value], *, still: Still = None) -> Reply:
        """POST …/autoupdatelead on the async API (docs/api.md §11): ACKED means queued, no more."""
        body = {"fields": fields_out(fields)}
        return await self._write("/autoupdatelead", body, queued, still, queued_lane=True)

    async def _write(
        self, path: str | None, body: object, read: Reading, still: Still, *, queued_lane: bool = False
    ) -> Reply:
        if path is None:
            return Reply(Delivery.REJECTED, message="this can be no lead's or action's id; nothing was sent")
        ask = Ask("POST", path, body=body, write=True, queued=queued_lane, still=still)
        result = await self._door.exchange(ask)
        reply = verdict(result, read, may_be_empty=queued_lane)
        return replace(reply, message=self._door.redactor.text(reply.message)) if reply.message else reply
