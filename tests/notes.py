"""Notes: a provider whose records go through states, by calls and by time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from front_door import Api
from small import BODIES, small

from emulator.times import SECOND

STATES: dict[str, Any] = {
    "field": "status",
    "start": "queued",
    "moves": {
        "send": {
            "from": ["queued"],
            "to": "sent",
            "after": "2s",
            "set": {"sent_at": "${now}"},
        },
        "deliver": {
            "from": ["sent"],
            "to": "delivered",
            "after": "3s",
            "when": "not bad",
        },
        "fail": {"from": ["sent"], "to": "failed", "after": "4s"},
        "cancel": {"from": ["queued"], "to": "canceled"},
    },
}
PATHS = {
    "/notes": {
        "post": {
            "operationId": "create",
            "requestBody": {
                "content": {
                    "application/json": {
                        "schema": {"properties": {"bad": {"type": "boolean"}}}
                    }
                }
            },
            "responses": {"201": {"description": "it"}},
        }
    },
    "/notes/{id}": {
        "parameters": [
            {
                "name": "id",
                "in": "path",
                "required": True,
                "schema": {"type": "integer"},
            }
        ],
        "get": {"operationId": "read", "responses": {"200": {"description": "it"}}},
        "patch": {
            "operationId": "change",
            "requestBody": {
                "content": {
                    "application/json": {
                        "schema": {"properties": {"status": {"type": "string"}}}
                    }
                }
            },
            "responses": {"200": {"description": "it"}},
        },
    },
    "/notes/{id}/cancel": {
        "parameters": [
            {
                "name": "id",
                "in": "path",
                "required": True,
                "schema": {"type": "integer"},
            }
        ],
        "post": {"operationId": "cancel", "responses": {"200": {"description": "it"}}},
    },
}
OPERATIONS: dict[str, Any] = {
    "create": {"create": {"collection": "notes"}, "reply": {"status": 201, "body": "${record}"}},
    "read": {"read": {"collection": "notes", "key": "path.id"}, "reply": {"body": "${record}"}},
    "change": {"update": {"collection": "notes", "key": "path.id"}, "reply": {"body": "${record}"}},
    "cancel": {
        "update": {"collection": "notes", "key": "path.id", "move": "cancel"},
        "reply": {"body": "${record}"},
    },
}  # fmt: skip
TABLE = {
    **BODIES,
    "not_found": {"status": 404},
    "invalid_path": {"status": 404},
    "wrong_state": {
        "status": 409,
        "body": {"state": "${state}", "move": "${move}", "allowed": "${allowed}"},
    },
}
EVENTS = {
    "note.sent": {
        "moves": {"notes": ["send"]},
        "payload": {
            "was": "${before.status}",
            "is": "${record.status}",
            "at": "${now}",
        },
    },
    "note.canceled": {
        "moves": {"notes": ["cancel"]},
        "payload": {"is": "${record.status}", "by": "${operation_id}"},
    },
}


def notes(folder: Path, states: Any = STATES, **rest: Any) -> Api:
    made = small(
        folder,
        PATHS,
        rest.pop("operations", OPERATIONS),
        table=TABLE,
        collections={"notes": {"fields": ["bad", "sent_at"], "states": states}},
        webhooks={"events": EVENTS},
        **rest,
    )
    made.clock.freeze()
    made.world.outbox.subscribe("small", "http://127.0.0.1:1/")
    return made


def told(api: Api) -> list[tuple[str, Any]]:
    return [
        (each.message.event, json.loads(each.message.body)) for each in api.world.outbox
    ]


def status(api: Api, id: int) -> Any:
    return api.get(f"/notes/{id}", None).json()["status"]


def pass_by(api: Api, seconds: float) -> None:
    api.clock.set(api.clock.now() + int(seconds * SECOND))
