"""The ASGI app: every path of the service, the same in process and on a port."""

from collections.abc import Awaitable, Callable
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request as WebRequest
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from leadops.sandbox.api import actions, intake, leads, members, metadata
from leadops.sandbox.api.replies import RefusalError, Reply, Request
from leadops.sandbox.description.openapi import document
from leadops.sandbox.http.authorise import let_in, parse
from leadops.sandbox.http.control import control_routes
from leadops.sandbox.http.layer import FaultLayer
from leadops.sandbox.world.records import dumps
from leadops.sandbox.world.world import World

Handler = Callable[[World, Request], Reply]

SYNC = "/autoupdate/v2/enterprise/{enterprise_id}"
ASYNC = "/enterprise/{enterprise_id}"

ENDPOINTS: tuple[tuple[str, str, Handler], ...] = (
    ("POST", f"{SYNC}/lead", leads.create),
    ("POST", f"{SYNC}/lead/search", leads.search),
    ("GET", f"{SYNC}/lead/{{lead_id}}", leads.read),
    ("POST", f"{SYNC}/lead/{{lead_id}}", leads.update),
    ("POST", f"{SYNC}/lead/{{lead_id}}/action", actions.create),
    ("POST", f"{SYNC}/lead/{{lead_id}}/action/search", actions.search),
    ("GET", f"{SYNC}/lead/{{lead_id}}/action/{{action_id}}", actions.read),
    ("POST", f"{SYNC}/lead/{{lead_id}}/action/{{action_id}}", actions.update),
    ("GET", f"{SYNC}/team-members", members.list_members),
    ("POST", f"{SYNC}/team-members", members.create_member),
    ("GET", f"{SYNC}/team-members/{{email}}", members.get_member),
    ("POST", f"{SYNC}/teammember/state_change", members.change_state),
    ("GET", f"{SYNC}/metadata", metadata.metadata),
    ("GET", f"{SYNC}/custom-fields", metadata.list_fields),
    ("GET", f"{SYNC}/custom-fields/{{api_name}}", metadata.get_field),
    ("GET", f"{SYNC}/custom-actions", metadata.list_actions),
    ("GET", f"{SYNC}/custom-actions/{{code}}", metadata.get_action),
    ("GET", f"{SYNC}/lead-stage-pipeline", metadata.pipeline),
    ("POST", f"{ASYNC}/autoupdatelead", intake.receive),
)
"""Every (method, path, endpoint); an earlier path goes first. All else is 404."""

_READS = frozenset({leads.search, actions.search})
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY")


def create_app(world: World) -> Starlette:
    """Return the service in front of ``world``. It needs no lifespan events."""
    paths: dict[str, dict[str, Handler]] = {}
    for method, path, handler in ENDPOINTS:
        paths.setdefault(path, {})[method] = handler
    routes = [
        Route(path, _endpoint(world, path, handlers), methods=_METHODS) for path, handlers in paths.items()
    ]
    routes += control_routes(world)
    routes.append(Route("/openapi.json", _described(world), methods=["GET"]))
    routes.append(Route("/{rest:path}", _nowhere, methods=_METHODS))
    return Starlette(routes=routes, middleware=[Middleware(FaultLayer, world=world)])


def _endpoint(
    world: World, path: str, handlers: dict[str, Handler]
) -> Callable[[WebRequest], Awaitable[Response]]:
    async def answer(web: WebRequest) -> Response:
        body = await web.body()
        try:
            reply = _answer(world, path, handlers, web, body)
        except RefusalError as refusal:
            reply = refusal.reply()
        return to_response(reply)

    return answer


def _answer(world: World, path: str, handlers: dict[str, Handler], web: WebRequest, body: bytes) -> Reply:
    handler = handlers.get(web.method)
    if handler is None:
        raise _wrong_method(world, web.method, handlers)
    params = {name: unquote(str(value)) for name, value in web.path_params.items()}
    let_in(
        world,
        enterprise_id=params["enterprise_id"],
        authorization=web.headers.get("authorization", ""),
        asynchronous=path.startswith(ASYNC),
    )
    query = dict(web.query_params)
    request = Request(web.method, web.url.path, params, query, parse(body) if web.method == "POST" else None)
    if web.method == "GET" or handler in _READS:
        return handler(world, request)
    with world.store.transaction():
        return handler(world, request)


def _wrong_method(world: World, method: str, handlers: dict[str, Handler]) -> RefusalError:
    if world.switches["wrong_method"] == "404":
        return RefusalError(404, "NOT_FOUND", "Cannot find this path")
    return RefusalError(
        405, "METHOD_NOT_ALLOWED", f"Method {method} is not allowed", headers={"Allow": ", ".join(handlers)}
    )


def _described(world: World) -> Callable[[WebRequest], Awaitable[Response]]:
    async def answer(web: WebRequest) -> Response:
        del web
        return to_response(Reply(200, document(world)))

    return answer


async def _nowhere(web: WebRequest) -> Response:
    if web.url.path.startswith("/autoupdate/v2/enterprise/"):
        return to_response(RefusalError(404, "NOT_FOUND", "Cannot find this path").reply())
    return HTMLResponse("<!DOCTYPE html><title>Error</title><pre>Cannot find this page</pre>", 404)


def to_response(reply: Reply) -> Response:
    """Return an answer as it goes out."""
    return Response(
        dumps(reply.body).encode(), reply.status, dict(reply.headers), media_type="application/json"
    )
