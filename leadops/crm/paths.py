"""Paths below a workspace's root, built from ids that came from outside."""

import re
from urllib.parse import quote


def lead_path(lead_id: str) -> str | None:
    """Return the path of a lead; None when the text cannot be an id, so that no request is made of it."""
    part = _part(lead_id)
    return None if part is None else f"/lead/{part}"


def action_path(lead_id: str, action_id: str) -> str | None:
    """Return the path of one action of a lead; None when a text cannot be an id."""
    lead, action = lead_path(lead_id), _part(action_id)
    return None if lead is None or action is None else f"{lead}/action/{action}"


def is_object_id(text: str) -> bool:
    """Whether ``text`` has the form of every id that the service was seen to give: 24 hex digits."""
    return re.fullmatch(r"[0-9a-fA-F]{24}", text) is not None


def _part(text: str) -> str | None:
    # Dots alone would climb up the path; a fixed word would name another endpoint.
    if not text.strip(".").strip() or len(text) > 200 or text == "search":
        return None
    return quote(text, safe="")
