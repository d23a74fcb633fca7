"""A webhook is told once, briefly, and only where nobody can listen; whatever goes wrong is a sentence."""

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from leadops.crm.secrets import Secret
from leadops.crm.webhook import post

PATH = "/services/T000/B000/very-secret"


def send(url, handler=None, **more):
    transport = httpx.MockTransport(handler) if handler else None
    return asyncio.run(post(Secret(url), {"text": "done"}, transport=transport, **more))


def test_a_message_is_one_json_post():
    seen = []

    def handler(request):
        seen.append((request.method, str(request.url), request.headers["content-type"], request.content))
        return httpx.Response(200)

    assert send(f"https://hooks.example.com{PATH}", handler) == ""
    [(method, url, kind, content)] = seen
    assert (method, url, kind) == ("POST", f"https://hooks.example.com{PATH}", "application/json")
    assert json.loads(content) == {"text": "done"}


@pytest.mark.parametrize(
    "url", ["http://hooks.example.com/x", "ftp://hooks.example.com", "hooks.example.com", "", "https://[x"]
)
def test_nothing_is_sent_to_plain_http_or_to_no_address(url):
    def handler(_request):
        raise AssertionError("sent")

    assert "its url" in send(url, handler)


def test_a_redirect_is_not_followed():
    seen = []

    def handler(request):
        seen.append(request.url.host)
        return httpx.Response(302, headers={"location": "https://elsewhere.example.com/"})

    assert "302" in send("https://hooks.example.com/x", handler)
    assert seen == ["hooks.example.com"]


@pytest.mark.parametrize("status", [400, 404, 429, 500])
def test_an_error_is_a_sentence_without_the_address(status):
    reason = send(f"https://hooks.example.com{PATH}?key=1", lambda _: httpx.Response(status))
    assert reason == f"hooks.example.com answered {status}"


def test_a_failing_network_is_a_sentence_without_the_address():
    def handler(request):
        raise httpx.ConnectError(f"no way to {request.url}")

    reason = send(f"https://hooks.example.com{PATH}", handler)
    assert "hooks.example.com cannot be reached" in reason
    assert "secret" not in reason


def test_a_receiver_that_does_not_answer_is_given_up():
    async def handler(_request):
        await asyncio.sleep(30)
        return httpx.Response(200)

    assert "did not answer within 0.1 seconds" in send("https://hooks.example.com/x", handler, wait=0.1)


def test_this_machine_may_be_told_by_plain_http():
    seen = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            seen.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert send(f"http://127.0.0.1:{server.server_port}/x") == ""
        server.shutdown()
    assert [json.loads(body) for body in seen] == [{"text": "done"}]
