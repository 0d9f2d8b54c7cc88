"""Described events: webhooks and callbacks of the OpenAPI document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
from front_door import Api
from small import small

from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.diagnostics import Report

MESSAGE = {
    "type": "object",
    "required": ["kind", "at"],
    "properties": {
        "kind": {"const": "paid"},
        "at": {"type": "string", "format": "date-time"},
        "secret": {"type": "string", "writeOnly": True},
    },
}
BODY = {"content": {"application/json": {"schema": MESSAGE}}}
ASKED = {
    "type": "object",
    "required": ["url"],
    "properties": {"url": {"type": "string", "format": "uri"}},
}
ORDER = {"type": "object", "required": ["id"], "properties": {"id": {"const": 7}}}
PATHS: Any = {
    "/orders/{shop}": {
        "parameters": [
            {"name": "shop", "in": "path", "required": True, "schema": {"type": "string"}}
        ],
        "post": {
            "operationId": "order",
            "requestBody": {"content": {"application/json": {"schema": {
                **ASKED, "required": []}}}},
            "responses": {"201": {"description": "-", "content": {
                "application/json": {"schema": ORDER}}}},
            "callbacks": {
                "onPaid": {"{$request.body#/url}?id={$response.body#/id}": {"post": {
                    "requestBody": BODY, "responses": {"200": {"description": "-"}}}}},
                "onSent": {"http://127.0.0.1:1/{$request.path.shop}/{$method}": {"post": {
                    "requestBody": {"content": {"application/json": {
                        "schema": MESSAGE, "example": {"kind": "paid", "at": "2026-01-01T00:00:00Z"}}}},
                    "responses": {"200": {"description": "-"}}}}},
            },
        },
    },
}  # fmt: skip
WEBHOOKS = {
    "paid": {"post": {"requestBody": BODY, "responses": {"200": {"description": "-"}}}}
}


def shop(tmp_path: Path, paths: Any = PATHS, **more: Any) -> Api:
    behavior = {"unlisted": "stateless", "errors": None, **more}
    return small(tmp_path, paths, {}, openapi={"webhooks": WEBHOOKS}, **behavior)


def admin(api: Api, method: str, path: str, **rest: Any) -> Any:
    return api.client.request(
        method, f"/_emulator/worlds/default/webhooks/small{path}", **rest
    )


def test_callbacks_follow_the_call_that_declares_them(tmp_path: Path) -> None:
    api = shop(tmp_path)
    sent = {"url": "http://127.0.0.1:1/back"}
    assert api.post("/orders/a", None, json=sent).json() == {"id": 7}

    paid, told = api.world.outbox
    assert (paid.message.event, told.message.event) == ("order.onPaid", "order.onSent")
    assert paid.subscription.url == "http://127.0.0.1:1/back?id=7"
    assert told.subscription.url == "http://127.0.0.1:1/a/POST"
    assert [*orjson.loads(paid.message.body)] == ["kind", "at"]
    assert orjson.loads(told.message.body)["at"] == "2026-01-01T00:00:00Z"


def test_where_the_call_names_no_address_nothing_is_sent(tmp_path: Path) -> None:
    api = shop(tmp_path)
    api.post("/orders/a", None, json={})
    api.post("/orders/a", None, json={"url": 7})

    assert [each.message.event for each in api.world.outbox] == ["order.onSent"]


def test_a_webhook_can_be_brought_about(tmp_path: Path) -> None:
    api = shop(tmp_path)
    made = admin(
        api, "POST", "", json={"url": "http://127.0.0.1:1/", "events": ["paid"]}
    )
    assert made.status_code == 201
    generated = admin(api, "POST", "/events/paid").json()["deliveries"]
    written = admin(api, "POST", "/events/paid", json={"payload": {"kind": "mine"}})

    assert [*orjson.loads(generated[0]["body"])] == ["kind", "at"]
    assert written.status_code == 202
    assert orjson.loads(written.json()["deliveries"][0]["body"]) == {"kind": "mine"}
    assert admin(api, "GET", "").json()["events"] == ["paid"]
    unknown = admin(api, "POST", "/events/piad")
    assert (unknown.status_code, "did you mean 'paid'?" in unknown.text) == (404, True)


def test_an_address_that_cannot_be_read_is_told_of(tmp_path: Path) -> None:
    """The document may be somebody else's: what it means is left out, and all else served."""
    operation = PATHS["/orders/{shop}"]["post"]
    wrong = {"onPaid": {"{$request.bdy#/url}": {"post": {"responses": {}}}}}
    item = {**PATHS["/orders/{shop}"], "post": {**operation, "callbacks": wrong}}
    api = shop(tmp_path, {"/orders/{shop}": item})
    report = Report()
    load(Place(tmp_path / "small", tmp_path / "small/fixtures"), report=report)

    (said,) = report.diagnostics
    assert "no address with runtime expressions" in said.what
    assert said.severity == "warning"
    assert api.post("/orders/a", None, json={}).status_code == 201
    assert [*api.world.outbox] == []


def test_without_the_word_they_are_not_followed(tmp_path: Path) -> None:
    api = shop(tmp_path, unlisted="not_emulated")

    assert api.program.webhooks is None
