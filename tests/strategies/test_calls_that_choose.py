"""Drawn calls say queries, orders, members and references that there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from small import small

from emulator.strategies import calls

PARAMETERS = [
    {"name": name, "in": "query", "schema": {"type": "string"}}
    for name in ("q", "sort", "expand", "fields")
]
DIALECTS = ["odata", "scim", "aip160", "lucene"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_drawn_call_chooses_what_there_is(tmp_path: Path, dialect: str) -> None:
    """None is refused, though all that is unknown is a violation."""
    listed: dict[str, Any] = {
        "collection": "posts",
        "view": "post",
        "query": {"dialect": dialect, "of": "query.q", "field": "q"},
        "sort": {
            "by": "query.sort", "form": "list", "unknown": "violation",
            "allowed": {"title": ["title"], "newest": ["-id"]},
        },
        "expand": {"of": "query.expand", "unknown": "violation"},
        "fields": {"of": "query.fields", "unknown": "violation"},
    }  # fmt: skip
    api = small(
        tmp_path,
        {
            "/posts": {
                "get": {
                    "operationId": "posts",
                    "parameters": PARAMETERS,
                    "responses": {"200": {"description": "posts"}},
                }
            }
        },
        {"posts": {"list": listed}},
        collections={"posts": {}, "people": {}},
        views={
            "post": {"collection": "posts", "expand": {"author": "person"}},
            "person": {"collection": "people"},
        },
        table={"invalid_request": {"status": 422}},
        fixtures={
            "posts": [{"id": 1, "title": "a", "author": 1}],
            "people": [{"id": 1, "name": "Ada"}],
        },
    )

    @settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
    @given(calls(api.program, "posts"))
    def answered(call: Any) -> None:
        reply = api.get(call.path, None, params=call.query)
        assert reply.status_code == 200, (call.query, reply.text)

    answered()
