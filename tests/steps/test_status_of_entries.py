"""The status of an entry of errors.table that says none."""

from __future__ import annotations

from typing import Any

import pytest
from small import ERRORS, small

PATHS: Any = {
    "/things/{id}": {
        "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
        ],
        "get": {"operationId": "read", "responses": {}},
    }
}
LIMIT = {"quota": 1, "window": "1m", "per": "ip"}
ASKS = {"check": "path.id == 'a'", "refuse": "too_odd"}
CASES: list[tuple[str, dict[str, Any], dict[str, Any], int]] = [
    ("rate_limited", {}, {"rate_limits": [{**LIMIT, "quota": "0"}]}, 429),
    ("slow_down", {}, {"rate_limits": [{**LIMIT, "quota": "0", "refuse": "slow_down"}]}, 429),
    ("not_found", {}, {}, 404),
    ("gone", {"read": {"collection": "things", "key": "path.id", "missing": "gone"}}, {}, 404),
    ("too_odd", {"requires": [ASKS]}, {}, 403),
    ("too_odd", {"requires": [{**ASKS, "step": "act"}], "read": None}, {}, 409),
    ("too_odd", {}, {"requires": [ASKS]}, 403),
]  # fmt: skip


@pytest.mark.parametrize(("code", "operation", "behavior", "status"), CASES)
def test_it_is_that_of_the_refusal(
    tmp_path: Any,
    code: str,
    operation: dict[str, Any],
    behavior: dict[str, Any],
    status: int,
) -> None:
    """As without an entry; it was 500, in silence."""
    read = {"read": {"collection": "things", "key": "path.id"}, **operation}
    if read["read"] is None:
        read = {**read, "reply": {"body": {}}}
        del read["read"]
    errors = {**ERRORS, "default": {}, "table": {code: {"code": "told"}}}
    api = small(
        tmp_path,
        PATHS,
        {"read": read},
        errors=errors,
        collections={"things": {"fields": ["id"]}},
        fixtures={"things": [{"id": "a"}]},
        **behavior,
    )

    reply = api.get("/things/b", None)

    assert (reply.status_code, reply.json()) == (status, {"error": "told"})
