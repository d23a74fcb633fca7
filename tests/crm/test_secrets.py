import base64
import copy
import io
import logging
import pickle

import pytest

from leadops.crm.secrets import RedactionFilter, Redactor, Secret

TOKEN = "0f3b1c77-aa:1777000000000:canary+/x~~~???>>>"


def test_a_secret_does_not_show_itself():
    secret = Secret(TOKEN)
    shown = [
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret!r:>20}",
        repr([secret]),
        f"{secret:>9}",
    ]
    assert not any("canary" in text for text in shown)
    assert secret.reveal() == TOKEN


def test_a_secret_is_not_written_down():
    with pytest.raises(TypeError):
        pickle.dumps(Secret(TOKEN))
    with pytest.raises(TypeError):
        copy.copy(Secret(TOKEN))


def test_secrets_are_equal_when_their_texts_are():
    assert Secret("a") == Secret("a") != Secret("b")
    assert len({Secret("a"), Secret("a")}) == 1
    assert not Secret("")


@pytest.mark.parametrize(
    "text",
    [
        TOKEN,
        f"url?t={TOKEN}&x",
        base64.b64encode(TOKEN.encode()).decode(),
        base64.urlsafe_b64encode(TOKEN.encode()).decode(),
        "0f3b1c77-aa%3A1777000000000%3Acanary%2B%2Fx~~~%3F%3F%3F%3E%3E%3E",
        f"Authorization: Bearer {TOKEN}",
        "authorization: bearer someone-elses-canary",
    ],
)
def test_every_form_of_a_token_is_taken_out(text):
    clean = Redactor([Secret(TOKEN), None]).text(text)
    assert "canary" not in clean
    assert "***" in clean


def test_without_a_secret_texts_stay_as_they_are():
    assert Redactor([]).text("plain text") == "plain text"


def test_log_records_are_clean_with_their_arguments_and_tracebacks():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactionFilter(Redactor([Secret(TOKEN)])))
    logger = logging.getLogger("tests.redaction.child")
    logger.propagate = False
    logger.addHandler(handler)
    try:
        logger.warning("sent %s to %s", TOKEN, "host")
        try:
            int(TOKEN)
        except ValueError:
            logger.exception("failed with %(t)s", {"t": TOKEN})
    finally:
        logger.removeHandler(handler)
    assert "canary" not in stream.getvalue()
    assert "sent *** to host" in stream.getvalue()
    assert "ValueError: invalid literal for int() with base 10: '***'" in stream.getvalue()
