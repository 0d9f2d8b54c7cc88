"""Example calls: whatever an operation needs, the call that is shown has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from front_door import served
from starlette.testclient import TestClient

from emulator.admin.examples import example_call
from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.engine.dispatcher import Dispatcher
from emulator.engine.loading import make_dispatcher
from emulator.settings import Settings
from emulator.spec.published import Published

Json = Any
_ID = {"in": "path", "required": True}
_SERVER = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string"}, "note": {"type": "string"}},
}
_ITEM = {"allOf": [{"type": "object", "required": ["size"],
                    "properties": {"size": {"allOf": [{"type": "integer"}]}}}]}  # fmt: skip


def _parameter(name: str, schema: Json, **more: Json) -> Json:
    return {"name": name, "in": "query", "required": True, "schema": schema, **more}


def _body(media: str, schema: Json) -> Json:
    return {"required": True, "content": {media: {"schema": schema}}}


def _operation(id: str, reply: Json = None, **more: Json) -> Json:
    content = (
        {} if reply is None else {"content": {"application/json": {"schema": reply}}}
    )
    return {
        "operationId": id,
        "responses": {"200": {"description": "Fine", **content}},
        **more,
    }


_GROUP = {"name": "group", "schema": {"type": "string", "maxLength": 9}, **_ID}
_NAME = {"name": "name", "schema": {"enum": ["blue", "green"], "type": "string"}, **_ID}
DOCUMENT: Json = {
    "openapi": "3.1.0",
    "info": {"title": "Needs", "version": "1"},
    "security": [{"App": [], "Person": []}],
    "paths": {
        "/groups/{group}/servers": {
            "parameters": [_GROUP],
            "get": _operation("servers", {"type": "array", "items": _SERVER}),
        },
        "/groups/{group}/servers/{name}": {
            "parameters": [_GROUP, _NAME],
            "get": _operation("server", _SERVER),
            "delete": _operation(
                "delete server",
                parameters=[_parameter("If-Match", {"type": "string"}) | {"in": "header"}],
                responses={"200": {"description": "Gone"}, "412": {"description": "Changed"}},
            ),
        },
        "/styles": {
            "get": _operation(
                "styles",
                parameters=[
                    _parameter("tags", {"type": "array", "minItems": 2, "items": {}}),
                    _parameter("flag", {"type": "boolean"}),
                    _parameter("items", {"type": "array", "items": _ITEM, "minItems": 1}),
                    _parameter("spread", _ITEM),
                    _parameter("deep", _ITEM, style="deepObject"),
                    _parameter("tree", {"$ref": "#/components/schemas/Tree"}, style="deepObject"),
                    _parameter("pair", _ITEM, style="form", explode=False),
                    _parameter("session", {"type": "string"}) | {"in": "cookie"},
                    _parameter("X-Many", {"type": "array", "items": {"type": "integer"},
                                          "minItems": 1}) | {"in": "header"},
                ],
            )
        },
        "/xml": {"post": _operation("xml", requestBody=_body("text/xml", _ITEM))},
        "/image": {"post": _operation("image", requestBody=_body("image/png", {"type": "string"}))},
        "/form": {
            "post": _operation(
                "form",
                requestBody=_body(
                    "multipart/form-data",
                    {
                        "type": "object",
                        "required": ["file", "size"],
                        "properties": {
                            "file": {"type": "string", "format": "binary"},
                            "size": {"type": "integer"},
                        },
                    },
                ),
            )
        },
        "/days/{day}": {
            "parameters": [{"name": "day", "schema": {"type": "integer"}, "example": 31, **_ID}],
            "get": _operation(
                "day",
                {"type": "object"},
                parameters=[_parameter("hour", {"type": "integer"}, example=12)],
            ),
        },
        "/nothing": {
            "get": _operation("nothing", {"type": "string", "pattern": "^a{9}$", "maxLength": 3})
        },
    },
    "components": {
        "schemas": {
            "Tree": {"type": "object", "required": ["size"], "properties": {
                "size": {"type": "string"}, "left": {"$ref": "#/components/schemas/Tree"}}},
        },
        "securitySchemes": {
            "App": {"type": "apiKey", "in": "cookie", "name": "app"},
            "Person": {"type": "http", "scheme": "basic"},
            "Other": {"type": "apiKey", "in": "query", "name": "key"},
        }
    },
}  # fmt: skip
IDS = [
    operation["operationId"]
    for item in DOCUMENT["paths"].values()
    for operation in item.values()
    if isinstance(operation, dict)
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    file = tmp_path_factory.mktemp("document") / "openapi.json"
    file.write_bytes(orjson.dumps(DOCUMENT))
    program = load(Place.of_document("needs", Published(file)))
    board = Dispatcher({"needs": program}, settings=Settings(log_format="none"))
    with TestClient(served(board)) as client:
        yield client


def example(client: TestClient, id: str) -> Json:
    shown: Json = client.get(f"/_emulator/worlds/default/examples/needs/{id}").json()
    return shown


@pytest.mark.parametrize("id", [id for id in IDS if id != "nothing"])
def test_the_call_that_is_shown_is_taken(client: TestClient, id: str) -> None:
    """By all credentials at once, below parents that no collection holds, and written in
    any of the styles of OpenAPI (3.1, 4.8.12.3)."""
    shown = example(client, id)
    names = ("method", "headers", "body", "credential")
    call = {name: shown[name] for name in names}
    call["path"] = f"{shown['path']}?{urlencode([*map(tuple, shown['query'])])}"

    answer = client.post("/_emulator/worlds/default/calls/needs", json=call).json()

    assert answer["status"] == 200, (call, answer)
    assert shown["credential"] == "full"


def test_a_reply_that_nothing_satisfies_leaves_the_call_as_good_as_it_is(
    client: TestClient,
) -> None:
    assert example(client, "nothing")["path"] == "/nothing"


def test_the_examples_of_parameters_come_first(client: TestClient) -> None:
    """OpenAPI 3.1, 4.8.12.2; elsewhere an integer is 1, the id of many a record."""
    shown = example(client, "day")

    assert (shown["path"], shown["query"]) == ("/days/31", [["hour", "12"]])


def test_credentials_of_schemes_have_names_of_their_own(client: TestClient) -> None:
    """`Other` is asked for by nothing, and its key is there."""
    listed = client.get("/_emulator/worlds/default/credentials/needs").json()
    names = [one["name"] for one in listed]

    assert sorted(names) == sorted({*names})
    assert {"full", "full_other"} <= {*names}


def test_a_call_that_nobody_can_make_is_shown_as_of_the_first_caller() -> None:
    """Another one, who is not even let in, comes no further with it."""
    board = make_dispatcher(Settings(log_format="none", providers=("stripe",)))
    callers = set()
    for operation in board.programs["stripe"].operations.values():
        found = example_call(board, board.world, board.programs["stripe"], operation)
        callers.add(found.credential and found.credential["name"])

    assert callers <= {"full", None}
