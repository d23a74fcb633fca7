"""A notice in each receiver's form: nothing in it is markup, a link or a mention there, and it fits."""

import json

import pytest

from leadops.report.chat import MOST_LINES, Notice, payload

HOSTILE = "<!channel> @everyone & [click](https://evil.example.com) *bold* `x` \x1b[2J \u202e <@U123> a@b.in"


def notice(*lines):
    return Notice("apply", "Rate", "ws", False, "changed 3", lines, {"exit_code": 0})


def text_in(kind, body):
    match kind:
        case "slack" | "json":
            return body["text"]
        case "discord":
            return body["content"]
        case "teams":
            [block] = body["attachments"][0]["content"]["body"]
            assert block["type"] == "RichTextBlock"
            return "".join(run["text"] for run in block["inlines"])


def test_slack_gets_no_markup_no_link_and_no_mention():
    body = payload("slack", notice(HOSTILE))
    assert not set("<>") & set(body["text"])
    assert "&lt;!channel&gt;" in body["text"]
    assert "@everyone" not in body["text"]
    assert (body["mrkdwn"], body["link_names"], body["parse"]) == (False, False, "none")


def test_discord_may_mention_nobody_and_shows_markdown_as_it_is():
    body = payload("discord", notice(HOSTILE))
    assert body["allowed_mentions"] == {"parse": []}
    assert "@everyone" not in body["content"]
    assert "\\*bold\\*" in body["content"]
    assert "\\[click\\]" in body["content"]
    assert "https://" not in body["content"]


def test_teams_gets_runs_of_text_that_it_does_not_read_as_markdown():
    body = payload("teams", notice("*bold*"))
    assert "*bold*" in text_in("teams", body)
    assert body["attachments"][0]["contentType"] == "application/vnd.microsoft.card.adaptive"


@pytest.mark.parametrize("kind", ["slack", "discord", "teams"])
def test_controls_are_visible_and_addresses_stay_whole(kind):
    text = text_in(kind, payload(kind, notice(HOSTILE)))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "a@b.in" in text


@pytest.mark.parametrize(("kind", "most"), [("slack", 4000), ("discord", 2000), ("teams", 20_000)])
def test_a_long_notice_is_cut_to_what_the_receiver_takes(kind, most):
    body = payload(kind, notice(*(["*" * 3000] * 40)))
    assert len(text_in(kind, body)) <= most


def test_lines_beyond_the_most_are_counted():
    text = notice(*(f"lead {i}" for i in range(MOST_LINES + 7))).text
    assert text.endswith("… and 7 more")
    assert f"lead {MOST_LINES}" not in text


def test_json_has_the_texts_and_the_counts():
    body = payload("json", notice("one", "two"))
    assert body["messages"] == ["one", "two"]
    assert body["exit_code"] == 0
    assert body["text"] == "changed 3\none\ntwo"
    assert json.loads(json.dumps(body)) == body
