"""Charges: a provider that tells of what is charged, to subscriptions that are records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from front_door import Api
from small import BODIES, small

ID = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
DONE = {"responses": {"200": {"description": "it"}}}


def schema(**properties: str) -> Any:
    described = {name: {"type": kind} for name, kind in properties.items()}
    content = {"application/json": {"schema": {"properties": described}}}
    return {"requestBody": {"content": content}, **DONE}


PATHS = {
    "/charges": {
        "post": {
            "operationId": "charge",
            **schema(amount="integer", card="string", callback="string"),
        },
        "get": {"operationId": "charges", **DONE},
    },
    "/hooks": {
        "post": {
            "operationId": "subscribe",
            **schema(url="string", secret="string", events="array", on="boolean"),
        }
    },
    "/hooks/{id}": {
        "parameters": ID,
        "patch": {"operationId": "change", **schema(on="boolean", url="string")},
        "delete": {"operationId": "unsubscribe", **DONE},
    },
    "/events": {"get": {"operationId": "events", **DONE}},
}
OPERATIONS = {
    "charge": {
        "requires": [
            {"check": "body.card != 'bad'", "refuse": "card_declined", "step": "act"}
        ],
        "create": {"collection": "charges"},
        "reply": {"body": "${record}"},
    },
    "charges": {"list": {"collection": "charges"}, "reply": {"body": "${items}"}},
    "subscribe": {"create": {"collection": "hooks"}, "reply": {"body": "${record}"}},
    "change": {
        "update": {"collection": "hooks", "key": "path.id"},
        "reply": {"body": "${record}"},
    },
    "unsubscribe": {
        "delete": {"collection": "hooks", "key": "path.id"},
        "reply": {"body": None},
    },
    "events": {"list": {"collection": "events"}, "reply": {"body": "${items}"}},
}
WEBHOOKS: dict[str, Any] = {
    "events": {
        "charge.made": {
            "operations": ["charge"],
            "store": "events",
            "payload": {
                "id": "${event.id}",
                "type": "${event.name}",
                "amount": "${record.amount}",
            },
        },
        "charge.failed": {
            "refused": ["card_declined"],
            "payload": {"why": "${refused}", "amount": "${body.amount}"},
        },
        "charges.listed": {
            "operations": ["charges"],
            "payload": {"many": "${length(matched)}"},
        },
    },
    "subscriptions": {
        "collection": "hooks",
        "url": "url",
        "events": "events",
        "secret": "secret",
        "active": "on",
    },
}
TABLE = {
    **BODIES,
    "card_declined": {"status": 402},
    "not_found": {"status": 404},
    "invalid_path": {"status": 404},
}


def shop(folder: Path, **changes: Any) -> Api:
    webhooks = {**WEBHOOKS, **changes}
    made = small(
        folder,
        PATHS,
        OPERATIONS,
        table=TABLE,
        collections={
            "charges": None,
            "hooks": {"ids": "'h_' + token(8)", "on_create": {"on": "${on if on is not None else true}"}},
            "events": {"ids": "'evt_' + token(24)"},
        },
        webhooks={name: part for name, part in webhooks.items() if part is not None},
    )  # fmt: skip
    made.clock.freeze()
    return made


def told(api: Api) -> list[tuple[str, str, Any]]:
    return [
        (each.subscription.url, each.message.event, json.loads(each.message.body))
        for each in api.world.outbox
    ]


def hook(api: Api, **about: Any) -> str:
    reply = api.post("/hooks", None, json={"url": "http://127.0.0.1:9/a", **about})
    made: str = reply.json()["id"]
    return made
