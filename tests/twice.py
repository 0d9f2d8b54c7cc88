"""Twice: a provider whose calls may come again, for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from front_door import Api
from small import BODIES, small

KEY = {"Idempotency-Key": "k-1"}
OPENAPI = {
    "components": {
        "securitySchemes": {"Key": {"type": "apiKey", "in": "header", "name": "X-Key"}}
    },
    "security": [{"Key": []}],
}
FIXTURES = {
    "keys": [
        {"id": 1, "name": "full", "key": "k_full"},
        {"id": 2, "name": "other", "key": "k_other"},
    ]
}
BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "properties": {"name": {"type": "string", "maxLength": 9}},
            }
        }
    },
}
TABLE = {
    **BODIES,
    "credential_missing": {"status": 401},
    "credential_unknown": {"status": 401},
    "idempotency_key_invalid": {"status": 400, "code": "bad_key"},
    "idempotency_mismatch": {"status": 400, "code": "key_reused"},
    "idempotency_in_flight": {
        "status": 409,
        "code": "try_again",
        "headers": {"Retry-After": "${retry_after}"},
    },
    "too_poor": {"status": 402, "code": "too_poor"},
}
IDEMPOTENCY = {
    "key": "header_lines['idempotency-key']",
    "headers": {"Replayed": "true", "Original": "${original.headers['X-Request']}"},
}
ADDED = {
    "status": 201,
    "headers": {"Location": "/things/${record.id}", "X-Count": "${length(records('things'))}"},
    "body": {"id": "${record.id}", "of": "${request_id}"},
}  # fmt: skip


def api(
    folder: Path, idempotency: Any = None, operation: Any = None, **more: Any
) -> Api:
    """A provider that adds things, and has them paid for."""
    table = {**TABLE, **more.pop("table", {})}
    made = small(
        folder,
        {
            "/things": {
                "post": {"operationId": "add", "requestBody": BODY, "responses": {}},
                "get": {"operationId": "list", "responses": {}},
            },
            "/pay": {"post": {"operationId": "pay", "responses": {}}},
        },
        {
            "add": {"create": {"collection": "things"}, "reply": ADDED, **(operation or {})},
            "list": {"list": {"collection": "things"}, "reply": {"body": "${length(results)}"}},
            "pay": {"requires": [{"check": "caller.rich", "refuse": "too_poor", "step": "act"}]},
        },
        openapi=OPENAPI,
        table=table,
        fixtures=FIXTURES,
        collections={"keys": {"fields": ["rich"]}, "things": {"fields": ["name"]}},
        authentication={"schemes": {"Key": {"credentials": "keys", "field": "key"}}},
        headers={"X-Request": "${request_id}"},
        idempotency={**IDEMPOTENCY, **(idempotency or {})},
        **more,
    )  # fmt: skip
    made.clock.freeze()
    return made
