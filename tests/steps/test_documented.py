"""Documented: operations that are answered from the document alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from front_door import Api
from small import BODIES, small
from starlette.testclient import TestClient

from emulator.diagnostics import SpecError

ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
PET = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string", "maxLength": 30},
        "status": {"enum": ["sold", "available"]},
        "secret": {"type": "string", "writeOnly": True},
    },
}
PETS = {"type": "array", "items": PET}
ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "string", "minLength": 1}},
}
CAT, DOG = {"id": 1, "name": "Tom"}, {"id": 2, "name": "Rex"}


def content(schema: Any, media: str = "application/json", **more: Any) -> Any:
    return {"description": "-", "content": {media: {"schema": schema, **more}}}


PATHS: Any = {
    "/pets": {
        "get": {
            "operationId": "listPets",
            "responses": {
                "200": {
                    "description": "-",
                    "headers": {
                        "X-Total": {"schema": {"type": "integer", "minimum": 3}},
                        "Content-Length": {"schema": {"type": "integer"}},
                    },
                    "content": {
                        "application/json": {"schema": PETS},
                        "application/xml": {"schema": {**PETS, "xml": {"name": "pets"}}},
                    },
                },
            },
        },
        "post": {
            "operationId": "addPet",
            "requestBody": {"content": {"application/json": {"schema": PET}}},
            "responses": {
                "201": content(
                    PET, examples={"cat": {"value": CAT}, "dog": {"value": DOG}}
                ),
                "404": content(ERROR),
            },
        },
    },
    "/pets/{id}": {
        "parameters": [ID],
        "get": {
            "operationId": "getPet",
            "deprecated": True,
            "responses": {
                "200": content(PET, examples={"wrong": {"value": {"id": "1"}}}),
                "default": content(ERROR),
            },
        },
        "delete": {"operationId": "deletePet", "responses": {"204": {"description": "-"}}},
    },
    "/picture": {"get": {"operationId": "getPicture", "responses": {
        "200": {"description": "-", "content": {"image/png": {}}}}}},
    "/events": {"get": {"operationId": "getEvents", "responses": {
        "200": content(PET, "text/event-stream")}}},
    "/lines": {"get": {"operationId": "getLines", "responses": {
        "200": content(PET, "application/x-ndjson")}}},
    "/note": {"get": {"operationId": "getNote", "responses": {
        "2XX": content({"type": "string"}, "text/plain")}}},
    "/xml": {"get": {"operationId": "getXml", "responses": {
        "200": content({"type": "object"}, "application/xml", example="<a>1</a>")}}},
    "/nothing": {"get": {"operationId": "getNothing", "responses": {
        "404": content(ERROR)}}},
}  # fmt: skip


def stateless(tmp_path: Path, operations: Any = None, **changes: Any) -> Api:
    return small(
        tmp_path,
        PATHS,
        operations or {},
        **{"unlisted": "stateless", "errors": None, **changes},
    )


def test_a_reply_is_generated_and_the_same_call_gets_the_same(tmp_path: Path) -> None:
    api = stateless(tmp_path)
    first, second = api.get("/pets", None), api.get("/pets", None)
    pet, other = api.get("/pets/7", None), api.get("/pets/8", None)

    assert first.status_code == 200
    assert first.content == second.content
    assert pet.json() != other.json()
    assert [sorted(pet) for pet in first.json()] == [["id", "name", "status"]] * 2
    assert int(first.headers["x-total"]) >= 3
    assert int(first.headers["content-length"]) == len(first.content)


def test_the_call_is_validated_in_the_words_of_the_provider(tmp_path: Path) -> None:
    api = stateless(tmp_path)

    assert api.post("/pets", None, json={"id": "1", "name": "x"}).status_code == 422
    assert api.get("/pets/x", None).status_code == 400
    assert api.get("/pets/9/x", None).status_code == 404


def test_the_first_example_is_given_and_the_journal_says_so(tmp_path: Path) -> None:
    api = stateless(tmp_path)
    reply = api.post("/pets", None, json=DOG)

    assert (reply.status_code, reply.json()) == (201, CAT)
    note = {"status": 201, "from": "example", "example": "cat", "response": "201"}
    assert next(iter(api.world.journal)).steps == [
        ("documented", "answered from the document", note)
    ]


def test_an_example_that_does_not_fit_its_schema_is_not_given(tmp_path: Path) -> None:
    api = stateless(tmp_path)
    reply = api.get("/pets/7", None)

    assert isinstance(reply.json()["id"], int)
    assert reply.headers["deprecation"] == "true"
    assert next(iter(api.world.journal)).steps[-1][2]["unfit"] == ["wrong"]


def test_the_media_type_is_the_one_that_the_call_prefers(tmp_path: Path) -> None:
    api = stateless(tmp_path)
    reply = api.get("/pets", None, headers={"Accept": "application/xml"})

    assert reply.headers["content-type"] == "application/xml; charset=utf-8"
    assert reply.text.startswith(
        '<?xml version="1.0" encoding="UTF-8"?>\n<pets><item><id>'
    )
    refused = api.get("/pets", None, headers={"Accept": "text/html"})
    assert refused.status_code == 200
    strict = stateless(tmp_path, http={"accept": "enforce"})
    assert strict.get("/pets", None, headers={"Accept": "text/html"}).status_code == 406


def test_bodies_of_other_types(tmp_path: Path) -> None:
    api = stateless(tmp_path)
    events, lines = api.get("/events", None), api.get("/lines", None)

    assert api.call("DELETE", "/pets/7", None).content == b""
    assert api.get("/picture", None).headers["content-type"] == "image/png"
    assert events.headers["content-type"] == "text/event-stream"
    assert events.text.count("data: {") == 3
    assert lines.text.count("\n") == 3
    assert api.get("/note", None).headers["content-type"] == "text/plain; charset=utf-8"
    assert api.get("/xml", None).text == "<a>1</a>"
    assert api.get("/nothing", None).status_code == 404


def test_an_alternative_has_the_value_of_its_discriminator(tmp_path: Path) -> None:
    kinds = {"type": "object", "required": ["kind"], "properties": {
        "kind": {"type": "string"}, "paws": {"type": "integer"}}}  # fmt: skip
    one_of = [{"$ref": f"#/components/schemas/{name}"} for name in ("Cat", "Dog")]
    mapping = {"tom": "#/components/schemas/Cat"}
    either = {"oneOf": one_of, "discriminator": {"propertyName": "kind"}}
    mapped = {
        "anyOf": one_of,
        "discriminator": {"propertyName": "kind", "mapping": mapping},
    }
    dog = {**kinds, "properties": {"kind": {"enum": ["Dog"]}}}
    paths = {
        f"/{name}": {
            "get": {"operationId": name, "responses": {"200": content(schema)}}
        }
        for name, schema in {"either": either, "mapped": mapped}.items()
    }
    api = small(
        tmp_path, paths, {}, unlisted="stateless", errors=None,
        openapi={"components": {"schemas": {"Cat": kinds, "Dog": dog}}},
    )  # fmt: skip

    assert api.get("/either", None).json()["kind"] == "Cat"
    assert api.get("/mapped", None).json()["kind"] == "tom"


def test_a_listed_operation_may_have_the_documented_reply(tmp_path: Path) -> None:
    api = stateless(
        tmp_path, {"listPets": {"reply": "documented"}}, unlisted="not_emulated"
    )

    assert len(api.get("/pets", None).json()) == 2
    assert api.get("/pets/7", None).status_code == 501


@pytest.mark.parametrize("reply", ["document", ["documented"], True])
def test_the_word_is_the_word(tmp_path: Path, reply: Any) -> None:
    with pytest.raises(SpecError):
        stateless(tmp_path, {"listPets": {"reply": reply}})


def test_a_schema_that_nothing_fits_is_a_mistake_of_the_spec(tmp_path: Path) -> None:
    huge = {"type": "array", "items": {"type": "string"}, "minItems": 10**9}
    paths = {
        "/huge": {
            "get": {"operationId": "getHuge", "responses": {"200": content(huge)}}
        }
    }
    api = small(tmp_path, paths, {}, unlisted="stateless", errors=None)
    client = TestClient(api.client.app, raise_server_exceptions=False)
    reply = client.get("/small/huge")

    assert reply.status_code == 500
    assert reply.json()["title"] == "spec error"


def test_where_a_parent_is_asked_for_one_of_its_kinds_is_given(tmp_path: Path) -> None:
    """OpenAPI 3.2, 4.25.4: kinds are found by their `allOf`, however far below."""
    ref = "#/components/schemas/{}".format

    def kind(parent: str, **members: Any) -> Any:
        own = {"required": [*members], "properties": members}
        return {"allOf": [{"$ref": ref(parent)}, own]}

    said = {"propertyName": "kind", "mapping": {"tom": ref("Cat")}}
    told = {"type": "object", "required": ["kind"], "properties": {
        "kind": {"type": "string"}, "name": {"type": "string"},
        "friend": {"$ref": ref("Mapped")}}}  # fmt: skip
    schemas = {
        "Mapped": {**told, "discriminator": said},
        "Cat": kind("Mapped", claws={"type": "integer", "minimum": 8}),
        "Dog": kind("Mapped", bark={"type": "string", "minLength": 1}),
        "Event": {
            **told,
            "discriminator": {"propertyName": "kind", "defaultMapping": "Other"},
        },
        "Other": kind("Event", reason={"type": "string"}),
        "Base": {"allOf": [{"$ref": ref("Event")}]},
        "Deep": kind("Base", depth={"const": 3}),
    }
    wrapped = {"allOf": [{"$ref": ref("Mapped")}], "description": "A pet"}
    paths = {
        "/pet": {
            "get": {"operationId": "pet", "responses": {"200": content(wrapped)}},
            "put": {
                "operationId": "put",
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": ref("Mapped")}}}
                },
                "responses": {"200": content({"$ref": ref("Event")})},
            },
            "post": {
                "operationId": "post",
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": ref("Event")}}}
                },
                "responses": {"204": {"description": "-"}},
            },
        },
    }
    api = small(
        tmp_path, paths, {}, unlisted="stateless", table=BODIES,
        openapi={"openapi": "3.2.0", "components": {"schemas": schemas}},
    )  # fmt: skip

    pet = api.get("/pet", None).json()
    assert pet["kind"] == "tom"
    assert pet["claws"] >= 8

    def put(method: str, **body: Any) -> int:
        return int(api.call(method, "/pet", None, json=body).status_code)

    assert put("PUT", kind="tom", claws=9) == put("PUT", kind="Fish") == 200
    assert put("PUT", kind="tom", claws=1) == 422
    assert put("PUT", kind="Dog") == put("PUT", kind="Dog", bark="") == 422
    assert put("PUT", kind="Fish", friend={"kind": "Dog"}) == 422
    assert put("POST", kind="Deep", depth=3) == 204
    assert put("POST", kind="Deep", depth=4) == put("POST", kind="new") == 422
    assert put("POST", kind="new", reason="So") == 204


def test_items_of_a_sequence_are_generated_and_checked(tmp_path: Path) -> None:
    """`itemSchema` (OpenAPI 3.2, 4.14.3), in replies and in bodies."""
    item = {
        "type": "object",
        "required": ["n"],
        "properties": {"n": {"type": "integer"}},
    }
    event = {
        "type": "object",
        "required": ["event", "data"],
        "properties": {
            "event": {"const": "added"},
            "data": {
                "type": "string",
                "contentMediaType": "application/json",
                "contentSchema": item,
            },
        },
    }
    kinds = {
        "application/jsonl": item,
        "application/json-seq": item,
        "text/event-stream": event,
    }
    paths: Any = {}
    for number, (media, schema) in enumerate(kinds.items()):
        told = {"content": {media: {"itemSchema": schema}}}
        paths[f"/{number}"] = {
            "get": {
                "operationId": f"get{number}",
                "responses": {"200": {"description": "-", **told}},
            },
            "post": {
                "operationId": f"post{number}",
                "requestBody": told,
                "responses": {"204": {"description": "-"}},
            },
        }
    written = {"c": {"serializedValue": '{"n":1}\n{"n":2}\n'}}
    example = content({}, "application/jsonl", examples=written)
    paths["/written"] = {
        "get": {"operationId": "written", "responses": {"200": example}}
    }
    api = small(
        tmp_path, paths, {}, unlisted="stateless", table=BODIES,
        openapi={"openapi": "3.2.0"},
    )  # fmt: skip

    lines, sequence, events = (api.get(f"/{at}", None).text for at in range(3))
    assert [*json.loads(lines.split("\n")[0])] == ["n"]
    assert [*json.loads(sequence.split("\x1e")[1])] == ["n"]
    assert sequence.startswith("\x1e")
    assert events.startswith('event: added\ndata: {"n":')
    assert events.count("\n\n") == 2
    assert api.get("/written", None).text == '{"n":1}\n{"n":2}\n'

    def post(at: int, body: bytes) -> int:
        headers = {"Content-Type": [*kinds][at]}
        reply = api.call("POST", f"/{at}", None, headers=headers, content=body)
        return int(reply.status_code)

    assert post(0, b'{"n":1}\n{"n":2}') == 204
    assert post(0, b'{"n":1}\n{"n":"2"}') == 422
    assert post(1, b'\x1e{"n":\n1}\n\x1e{"n":2}\n') == 204
    assert post(1, b"\x1e{}\n") == 422
    assert post(1, b'{"n":1}') == post(1, b'\x1e{"n"') == 400
