"""The OpenAPI document is closed, kept in docs/, and what the app answers."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import CHECKS, load_all_checks, not_a_server_error

from leadops.core.clock import ManualClock
from leadops.sandbox.description.openapi import document
from leadops.sandbox.http.app import ENDPOINTS, create_app
from leadops.sandbox.world.world import World

DOCS = Path(__file__).parents[2] / "docs" / "openapi.json"
NOW = 1_778_562_000_000


def test_the_document_in_docs_is_the_one_that_the_code_makes() -> None:
    assert json.loads(DOCS.read_text(encoding="utf-8")) == document(), (
        "write it anew: python -m leadops.sandbox.description.openapi > docs/openapi.json"
    )


def test_it_describes_exactly_the_endpoints_that_exist() -> None:
    described = {(method.upper(), re.sub(r"\{\w+\}", "{}", path))
                 for path, item in document()["paths"].items() for method in item if method != "parameters"}  # fmt: skip
    assert described == {(method, re.sub(r"\{\w+\}", "{}", path)) for method, path, _ in ENDPOINTS}
    assert len(described) == 19


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for child in node.values():
            yield from _nodes(child)
    elif isinstance(node, list):
        for child in node:
            yield from _nodes(child)


def test_every_object_says_whether_it_is_closed_and_no_answer_is_a_default() -> None:
    whole = document()
    objects = [node for node in _nodes(whole) if node.get("type") == "object"]
    assert len(objects) > 40
    assert all("additionalProperties" in node for node in objects)
    answers = [
        op["responses"] for item in whole["paths"].values() for op in item.values() if isinstance(op, dict)
    ]
    assert answers
    assert not [one for one in answers if "default" in one]


SWITCHED: list[dict[str, str]] = [
    {},
    {
        "search_id": "off", "status_place": "fields", "rating_place": "both", "get_body": "documented",
        "empty_lists": "absent", "timeline_id": "off", "pipeline_shape": "flat", "async_reply": "legacy",
        "type_on_read": "bare", "update_invalid": "drop", "assignee_read": "assignee", "clearing": "both",
        "conflict_id": "on", "paging_numbers": "lenient",
    },
]  # fmt: skip


def _attack(operation: Any, world: World, checks: list[Any]) -> set[int]:
    """Send generated requests about real leads and actions; return the statuses that came back."""
    statuses: set[int] = set()
    token = world.async_token if "autoupdatelead" in operation.path else world.sync_token
    lead, action = world.store.connection.execute(
        "SELECT l.id, a.id FROM actions a JOIN leads l ON l.seq = a.lead WHERE a.type = '1001'"
    ).fetchone()

    @settings(
        max_examples=6,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def attack(case: Any) -> None:
        real = {"leadId": lead, "actionId": action}
        case.path_parameters |= {name: real[name] for name in real if name in case.path_parameters}
        answer = case.call(headers={"Authorization": f"Bearer {token}"})
        statuses.add(answer.status_code)
        case.validate_response(answer, checks=checks)

    attack()
    return statuses


@pytest.mark.parametrize("moved", SWITCHED, ids=["defaults", "moved"])
def test_schemathesis_finds_no_5xx_and_no_undeclared_answer(moved: dict[str, str]) -> None:
    load_all_checks()
    names = ("status_code_conformance", "content_type_conformance", "response_schema_conformance")
    checks = [not_a_server_error, *CHECKS.get_by_names(names)]
    world = World.open(None, ManualClock(NOW), leads=60, switches=moved)
    world.sync_limit = world.async_limit = 10**9
    schema = schemathesis.openapi.from_asgi("/openapi.json", create_app(world))
    statuses: set[int] = set()
    for operation in schema.get_all_operations():
        statuses |= _attack(operation.ok(), world, checks)
    world.store.close()
    assert {200, 201, 404} <= statuses
    assert not [status for status in statuses if status >= 500]
