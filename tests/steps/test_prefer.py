"""Prefer: statuses as Prism gives them, for the rules that its documentation has.

The rules are those of https://github.com/stoplightio/prism/blob/master/docs/guides/01-mocking.md,
the cases our own. Where a status differs, the case says why.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from front_door import Api
from small import small
from test_documented import content

ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "string"}},
}
PET = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
}
TOM, REX, GONE = {"id": 1, "name": "Tom"}, {"id": 2, "name": "Rex"}, {"error": "gone"}
FILE = {
    "required": True,
    "content": {"application/json": {"schema": {
        "type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}}},
}  # fmt: skip
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
PAGE = {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1}}


def operation(id: str, responses: Any, **more: Any) -> Any:
    return {"operationId": id, "responses": responses, **more}


PETS = {
    "200": content(PET, examples={"cat": {"value": TOM}, "dog": {"value": REX}}),
    "404": content(ERROR, examples={"gone": {"value": GONE}}),
    "422": content(ERROR),
}
PETS["200"]["content"]["application/xml"] = {"schema": PET}
PATHS: Any = {
    "/pets/{id}": {
        "parameters": [ID],
        "get": operation("getPet", PETS, parameters=[PAGE]),
        "put": operation("putPet", PETS, requestBody=FILE),
    },
    "/open": {"get": operation("getOpen", {"201": content(PET), "default": content(ERROR)})},
    "/plain": {"get": operation("getPlain", {"200": {"description": "-"}})},
    "/bare": {"get": operation("getBare", {"200": {
        "description": "-", "content": {"application/json": {}}}})},
    "/range": {"get": operation("getRange", {"2XX": content({"type": "object"})})},
    "/fails": {"get": operation("getFails", {"404": content(ERROR)})},
    "/gone": {"delete": operation("gone", {"204": {"description": "-"}})},
    "/files": {"post": operation("post", {"201": {"description": "-"}}, requestBody=FILE)},
}  # fmt: skip


SAME = [
    ("GET /pets/1", "", 200, TOM),
    ("GET /pets/2", "example=dog", 200, REX),
    ("GET /pets/3", 'example="dog"', 200, REX),
    ("GET /pets/4?__example=dog", "", 200, REX),
    ("GET /pets/1", "example=cow", 404, None),
    ("GET /pets/1", "code=404", 404, GONE),
    ("GET /pets/1?__code=404", "", 404, GONE),
    ("GET /pets/1", "code=404, example=gone", 404, GONE),
    ("GET /pets/1", "wait=5; x, CODE=404", 404, GONE),
    ("GET /pets/1", "code=500", 404, None),
    ("GET /pets/1", "code=abc", 422, None),
    ("GET /pets/1", "dynamic=maybe", 422, None),
    ("GET /pets/1", "dynamic=true", 200, None),
    ("GET /pets/1?unknown=1", "", 200, TOM),
    ("GET /pets/1?page=0", "", 422, None),
    ("GET /pets/x", "", 422, None),
    ("GET /pets/x", "code=404", 422, None),
    ("GET /open", "", 201, None),
    ("GET /open", "code=418", 418, None),
    ("GET /open", "code=200", 200, None),
    ("GET /plain", "", 200, ""),
    ("GET /bare", "", 200, ""),
    ("GET /range", "", 200, None),
    ("GET /range", "code=204", 204, ""),
    ("GET /fails", "", 404, None),
    ("DELETE /gone", "", 204, ""),
    ("POST /files", "", 422, None),
    ("GET /nothing", "", 404, None),
    ("PUT /plain", "", 405, None),
]
"""Call, Prefer, the status that Prism gives as well (5.14, on the same document), body."""
DIFFERENT = [
    (
        "GET /pets/1",
        "code=404, example=dog",
        404,
        200,
        "it is an example of another status",
    ),
    ("GET /bare", "dynamic=true", 404, 500, "the caller asks for what is not there"),
    (
        "HEAD /pets/1",
        "",
        200,
        405,
        "where there is a GET there is a HEAD (RFC 9110, 9.3.2)",
    ),
    ("OPTIONS /plain", "", 204, 405, "a path says what it allows (RFC 9110, 9.3.7)"),
]
"""Call, Prefer, our status, that of Prism, and why it is another."""


def stateless(tmp_path: Path, operations: Any = None, **changes: Any) -> Api:
    rows = {"invalid_path": {"status": 422}, "invalid_request": {"status": 422}}
    behavior = {
        "unlisted": "stateless",
        "http": {"accept": "enforce"},
        "errors": {"default": {}, "table": rows},
    }
    return small(tmp_path, PATHS, operations or {}, **{**behavior, **changes})


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Api:
    return stateless(tmp_path_factory.mktemp("prefer"))


def ask(api: Api, call: str, prefer: str, **more: Any) -> Any:
    method, _, path = call.partition(" ")
    headers = {**({"Prefer": prefer} if prefer else {}), **more.pop("headers", {})}
    body = {"json": {}} if method == "POST" else {}
    return api.call(method, path, None, headers=headers, **body, **more)


@pytest.mark.parametrize(("call", "prefer", "status", "body"), SAME)
def test_the_status_is_the_one_of_prism(
    api: Api, call: str, prefer: str, status: int, body: Any
) -> None:
    reply = ask(api, call, prefer)

    assert reply.status_code == status
    if body == "":
        assert reply.content == b""
    elif body is not None:
        assert reply.json() == body


@pytest.mark.parametrize(("call", "prefer", "status", "prism", "why"), DIFFERENT)
def test_where_the_status_is_another_there_is_a_reason(
    api: Api, call: str, prefer: str, status: int, prism: int, why: str
) -> None:
    assert ask(api, call, prefer).status_code == status != prism, why


def test_the_media_type_is_negotiated(api: Api) -> None:
    def asked(accept: str, prefer: str = "") -> Any:
        return ask(api, "GET /pets/1", prefer, headers={"Accept": accept})

    assert (
        asked("application/xml").headers["content-type"].startswith("application/xml")
    )
    assert asked("text/html").status_code == 406
    assert asked("application/xml", "example=dog").status_code == 404


def test_what_was_followed_is_told(api: Api) -> None:
    """RFC 7240, 3."""
    reply = ask(
        api, "GET /pets/1", "respond-async, code=404, example=gone, dynamic=false"
    )

    assert (
        reply.headers["preference-applied"] == "code=404, example=gone, dynamic=false"
    )
    assert "preference-applied" not in ask(api, "GET /pets/1", "wait=5").headers


def test_dynamic_values_follow_no_example_and_stay_the_same(api: Api) -> None:
    first, second = (ask(api, "GET /pets/1", "dynamic=true").json() for _ in range(2))

    assert first == second
    assert first not in (TOM, REX)


def test_a_wish_that_cannot_be_granted_is_told_by_the_emulator(api: Api) -> None:
    reply = ask(api, "GET /pets/1", "code=500")

    assert reply.json() == {
        "type": "about:blank",
        "title": "not in the document",
        "status": 404,
        "detail": "getPet has no response 500: the document describes 200, 404, 422",
        "fix": "ask for what the document describes, or add it there",
    }
    assert [*api.world.journal][-1].status == 404


def test_the_words_of_the_provider_come_before_the_document(tmp_path: Path) -> None:
    """Of an operation that has state: no record is made, and the refusal is its own."""
    listed = {
        "putPet": {
            "create": {"collection": "pets"},
            "reply": {"status": 200, "body": {"made": "${item.id}"}},
        }
    }
    table = {"invalid_request": {"status": 422, "body": {"mine": True}}}
    api = stateless(
        tmp_path,
        listed,
        collections={"pets": {"ids": "sequence"}},
        errors={
            "default": {},
            "table": table,
            "violations": {"rules": {"default": "-"}},
        },
    )

    def put(prefer: str) -> Any:
        sent = {"Prefer": prefer} if prefer else {}
        return api.call("PUT", "/pets/1", None, json={"a": 1}, headers=sent)

    assert put("code=422").json() == {"mine": True}
    assert put("code=404").json() == GONE
    assert put("example=dog").json() == REX
    assert put("").json() == {"made": 1}
    assert put("code=200").json() == {"made": 2}
    assert put("code=200, dynamic=true").json().keys() == {"id", "name"}
    assert put("").json() == {"made": 3}


def test_wishes_are_not_granted_without_triggers(tmp_path: Path) -> None:
    api = stateless(tmp_path)
    object.__setattr__(
        api.board, "settings", replace(api.board.settings, triggers=False)
    )

    assert ask(api, "GET /pets/1", "code=404").json() == TOM
    assert ask(api, "GET /pets/1?__code=404", "").json() == TOM
