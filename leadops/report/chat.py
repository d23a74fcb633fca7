"""What leadops tells a chat or a program by webhook: one notice, in the form of each kind of receiver.

A notice holds counts and the playbook's own texts. Texts are escaped for the receiver: nothing in them is markup, a
link or a mention.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from leadops.core.text import visible

ChatKind = Literal["json", "slack", "teams", "discord"]
Event = Literal["plan", "apply", "failure"]

MOST_LINES = 50
"""Lines of a notice that come from leads; more are counted."""
_ROOM = {"slack": 3800, "teams": 18_000, "discord": 1900}
"""Characters that each kind shows."""
_MENTION = re.compile(r"(?<![\w•])@(?=\w)|@(?=(?:everyone|here|channel|all)\b)")
_DISCORD = re.compile(r"([\\*_~`|<>\[\]()#-])")


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one receiver.

    Attributes:
        headline: what happened, one sentence with counts.
        lines: the playbook's own texts.
        facts: the counts for programs: plain JSON values.
    """

    event: Event
    title: str
    workspace: str
    sandbox: bool
    headline: str
    lines: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The notice as plain text."""
        shown = self.lines[:MOST_LINES]
        more = len(self.lines) - len(shown)
        return "\n".join((self.headline, *shown, *([f"… and {more} more"] if more else [])))


def payload(kind: ChatKind, notice: Notice) -> dict[str, Any]:
    """Return the JSON body of ``notice`` for a receiver of this kind."""
    match kind:
        case "slack":
            return {
                "text": _slack(_clipped(notice.text, kind)),
                "mrkdwn": False,
                "unfurl_links": False,
                "unfurl_media": False,
                "link_names": False,
                "parse": "none",
            }
        case "discord":
            return {"content": _discord(notice.text), "allowed_mentions": {"parse": []}}
        case "teams":
            return _teams(_clipped(notice.text, kind))
        case "json":
            return {
                "format_version": 1,
                "event": notice.event,
                "title": notice.title,
                "workspace": notice.workspace,
                "sandbox": notice.sandbox,
                "text": notice.text,
                "messages": list(notice.lines),
                **notice.facts,
            }


def _slack(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _discord(text: str) -> str:
    escaped = _DISCORD.sub(r"\\\1", _clipped(text, "discord", room=_ROOM["discord"] // 2))
    return escaped.replace("://", ":\u200b//")


def _teams(text: str) -> dict[str, Any]:
    # Runs of a RichTextBlock are shown as they are; a TextBlock would read Markdown.
    runs = [{"type": "TextRun", "text": line + "\n"} for line in text.split("\n")]
    return {
        "type": "message",
        "attachments": [
            {
                "contentType": "application/vnd.microsoft.card.adaptive",
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.4",
                    "body": [{"type": "RichTextBlock", "inlines": runs}],
                },
            }
        ],
    }


def _clipped(text: str, kind: str, room: int | None = None) -> str:
    """Return ``text`` with its controls visible and its mentions broken, cut to what the receiver shows."""
    most = room or _ROOM[kind]
    shown = _MENTION.sub("@\u200b", visible(text, keep_newlines=True))
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"
