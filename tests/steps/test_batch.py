"""`batch`: a call that holds calls, each of which goes through the pipeline by itself."""

from __future__ import annotations

import hashlib
import hmac
import time
from pathlib import Path
from typing import Any

import orjson
import pytest
from front_door import Api
from hypothesis import given, settings
from hypothesis import strategies as st
from small import BODIES, small

from emulator.diagnostics import SpecError

KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
NOTE = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string"}},
}


def taking(schema: Any) -> Any:
    return {"content": {"application/json": {"schema": schema}}, "required": True}


PATHS = {
    "/notes": {
        "get": {"operationId": "list", "parameters": [{"name": "text", "in": "query", "schema": {"type": "string"}}]},
        "post": {"operationId": "add", "requestBody": taking(NOTE)},
    },
    "/notes/{id}": {"get": {"operationId": "read", "parameters": [ID]}},
    "/me": {"get": {"operationId": "me"}},
    "/batch": {"post": {"operationId": "batch", "requestBody": taking({})}},
}  # fmt: skip
BATCH = {
    "each": "body.requests",
    "method": "it.method",
    "path": "it.url",
    "headers": "${it.headers}",
    "body": "it.body",
    "max": 20,
}
OPERATIONS: dict[str, Any] = {
    "list": {"list": {"collection": "notes", "where": {"text": "${query.text}"}}},
    "add": {"create": {"collection": "notes"}, "reply": {"status": 201}},
    "read": {"read": {"collection": "notes", "key": "path.id"}},
    "me": {"reply": {"body": {"me": "${caller.name}"}}},
    "batch": {"batch": BATCH},
}
TABLE = {
    **BODIES,
    "not_found": {"status": 404},
    "invalid_path": {"status": 404},
    "credential_missing": {"status": 401},
    "credential_unknown": {"status": 401},
    "rate_limited": {"status": 429},
    "too_many_parts": {"status": 413, "body": {"most": "${max}", "count": "${count}"}},
    "malformed_part": {"status": 400, "body": {"at": "${at}"}},
    "nested_batch": {"status": 400, "body": {"nested": True}},
}
KEYS = [
    {"id": 1, "name": "full", "key": "k_0123456789abcdef"},
    {"id": 2, "name": "other", "key": "k_fedcba9876543210"},
]


def notes(folder: Path, operations: Any = None, **more: Any) -> Api:
    return small(
        folder,
        PATHS,
        {**OPERATIONS, **(operations or {})},
        table=TABLE,
        openapi={
            "servers": [{"url": "https://notes.example/api/v1"}],
            "components": {"securitySchemes": {"Key": KEY}},
            "security": [{"Key": []}],
        },
        hosts=["notes.example"],
        authentication={"schemes": {"Key": {"credentials": "keys", "field": "key"}}},
        collections={"notes": {"fields": ["text"]}, "keys": None},
        fixtures={"keys": {"records": KEYS}},
        rate_limits=[{"quota": 30, "window": "1m", "per": "credential"}],
        **more,
    )  # fmt: skip


@pytest.fixture
def api(tmp_path: Path) -> Api:
    return notes(tmp_path)


def sent(api: Api, *parts: Any, **more: Any) -> Any:
    return api.post("/api/v1/batch", json={"requests": [*parts]}, **more)


def get(url: str, **more: Any) -> dict[str, Any]:
    return {"method": "GET", "url": url, **more}


def add(text: Any, **more: Any) -> dict[str, Any]:
    return {"method": "POST", "url": "/notes", "body": {"text": text}, **more}


def statuses(reply: Any) -> list[int]:
    return [one["status"] for one in reply.json()]


def test_each_part_is_answered_in_its_order(api: Api) -> None:
    """Each sees what those before it have done, and each can fail by itself."""
    reply = sent(api, add("a"), add(3), get("/notes/1"), get("/notes/9"), get("/no"))

    assert reply.status_code == 200
    assert statuses(reply) == [201, 422, 200, 404, 404]
    assert reply.json()[2]["body"] == {"text": "a", "id": 1}
    assert reply.json()[0]["headers"]["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    "url",
    [
        "/notes?text=b",
        "notes?text=b",
        "/api/v1/notes?text=b",
        "https://notes.example/api/v1/notes?text=b",
    ],
)
def test_a_part_says_its_address_as_it_likes(api: Api, url: str) -> None:
    reply = sent(api, add("a"), add("b"), get(url))

    assert [note["text"] for note in reply.json()[2]["body"]] == ["b"]


def test_a_part_is_a_call_of_the_same_caller(api: Api) -> None:
    """Unless it has a credential of its own."""
    own = {"X-Key": "k_fedcba9876543210"}
    reply = sent(api, get("/me"), get("/me", headers=own), get("/me", headers={"x-key": "?"}))  # fmt: skip

    assert [one["body"].get("me") for one in reply.json()] == ["full", "other", None]
    assert statuses(reply) == [200, 200, 401]


def test_parts_are_charged_and_journaled(api: Api) -> None:
    """The batch is a call, too, and comes last in the journal."""
    replies = [sent(api, *[get("/me")] * 9) for _ in range(4)]

    assert [statuses(reply).count(429) for reply in replies[:3]] == [0, 0, 0]
    assert replies[3].status_code == 429  # nothing of it is answered
    operations = [entry.operation for entry in api.world.journal]
    assert operations[:10] == ["me"] * 9 + ["batch"]
    assert len(operations) == 31


def test_a_part_over_the_limit_is_refused_alone(api: Api) -> None:
    for _ in range(25):
        api.get("/api/v1/me")

    assert statuses(sent(api, *[get("/me")] * 6)) == [200] * 4 + [429] * 2


def test_it_happens_in_the_world_of_the_batch(api: Api) -> None:
    """Found by its credential, by a prefix, or by a host."""
    made = api.client.post("/_emulator/worlds", json={"id": "w1"}).json()
    headers = made["providers"]["small"]["credentials"]["full"]["headers"]
    body = {"requests": [add("a"), get("/@default/small/api/v1/me")]}

    reply = api.client.post("/small/api/v1/batch", json=body, headers=headers)
    at_home = api.client.post(
        "/@w1/api/v1/batch", json=body, headers={**headers, "Host": "notes.example"}
    )

    assert statuses(reply) == statuses(at_home) == [201, 404]
    assert len(api.client.get("/small/api/v1/notes", headers=headers).json()) == 2
    assert not [*api.world.journal]


@pytest.mark.parametrize(
    ("parts", "status", "body"),
    [
        ([get("/me")] * 21, 413, {"most": 20, "count": 21}),
        ([get("/me"), 3], 400, {"at": 1}),
        ([get("/me"), {"method": "GET"}], 400, {"at": 1}),
        ([{"method": "G T", "url": "/me"}], 400, {"at": 0}),
        ([{"method": "GET", "url": "/a\nb"}], 400, {"at": 0}),
        ([{"method": ["GET"], "url": "/me"}], 400, {"at": 0}),
    ],
)
def test_what_is_no_batch_is_refused_before_anything_happens(
    api: Api, parts: Any, status: int, body: Any
) -> None:
    reply = sent(api, *parts)

    assert (reply.status_code, reply.json()) == (status, body)
    assert [entry.operation for entry in api.world.journal] == ["batch"]


@pytest.mark.parametrize("requests", [None, "x", {"a": 1}, 3])
def test_what_is_no_list_has_no_parts(api: Api, requests: Any) -> None:
    reply = api.post("/api/v1/batch", json={"requests": requests})

    assert (reply.status_code, reply.json()) == (400, {"at": 0})


def test_a_batch_in_a_batch_is_refused(api: Api) -> None:
    inner = {"method": "POST", "url": "/batch", "body": {"requests": [get("/me")]}}

    reply = sent(api, inner, get("/me"))

    assert statuses(reply) == [400, 200]
    assert reply.json()[0]["body"] == {"nested": True}


@pytest.mark.parametrize("code", ["too_many_parts", "malformed_part", "nested_batch"])
def test_its_refusals_can_be_forced(api: Api, code: str) -> None:
    reply = sent(api, get("/me"), headers={"X-Emulator-Refuse": code})

    assert reply.status_code == TABLE[code]["status"]
    assert [entry.operation for entry in api.world.journal] == ["batch"]


@pytest.mark.parametrize(
    ("stop", "body", "expected"),
    [
        (True, {}, [200, 404]),
        (False, {}, [200, 404, 200]),
        ("not body.go_on", {}, [200, 404]),
        ("not body.go_on", {"go_on": True}, [200, 404, 200]),
    ],
)
def test_it_can_end_with_the_first_that_fails(
    tmp_path: Path, stop: Any, body: Any, expected: list[int]
) -> None:
    api = notes(tmp_path, {"batch": {"batch": {**BATCH, "stop_on_error": stop}}})
    parts = [get("/me"), get("/no"), get("/me")]

    reply = api.post("/api/v1/batch", json={"requests": parts, **body})

    assert statuses(reply) == expected


def test_effects_and_the_reply_see_the_results(tmp_path: Path) -> None:
    """207 where one of them failed: the reply is one of several."""
    batch = {
        "batch": BATCH,
        "effects": [{"create": "notes", "set": {"text": "${text(length(results))}"}}],
        "reply": [
            {"when": "[r for r in results if r.status >= 400]", "status": 207, "body": "${[r.status for r in results]}"},
            {"status": 200, "body": "all"},
        ],
    }  # fmt: skip
    api = notes(tmp_path, {"batch": batch})

    mixed, good = sent(api, get("/me"), get("/no")), sent(api, get("/me"))

    assert (mixed.status_code, mixed.json()) == (207, [200, 404])
    assert (good.status_code, good.json()) == (200, "all")
    assert [note["text"] for note in api.get("/api/v1/notes").json()] == ["2", "1"] or [
        note["text"] for note in api.get("/api/v1/notes").json()
    ] == ["1", "2"]


def test_calls_of_json_rpc_come_in_arrays(tmp_path: Path) -> None:
    """JSON-RPC 2.0, 6: what has no id gets no answer."""
    call = {
        "type": "object",
        "required": ["method"],
        "properties": {"method": {"type": "string"}, "id": {}, "params": {}},
    }
    paths = {
        "/#add": {"post": {"operationId": "add", "requestBody": taking(call)}},
        "/#batch": {"post": {"operationId": "batch", "requestBody": taking({})}},
    }
    answer = {"id": "${body.id}", "result": "${body.params[0] + body.params[1]}"}
    operations = {
        "add": {"reply": {"body": answer}},
        "batch": {
            "batch": {"each": "body", "method": "'POST'", "path": "'/'", "body": "it"},
            "reply": {"body": "${[r.body for r in results if r.body.id is not None]}"},
        },
    }
    table = {**BODIES, "unknown_target": {"status": 400}, **{c: TABLE[c] for c in ("too_many_parts", "malformed_part", "nested_batch")}}  # fmt: skip
    dispatch = {"/": {"by": "'batch' if starts_with(raw_body, '[') else body.method"}}
    api = small(tmp_path, paths, operations, table=table, dispatch=dispatch)
    one = {"method": "add", "params": [1, 2], "id": 7}

    assert api.post("/", None, json=one).json() == {"id": 7, "result": 3}
    assert api.post("/", None, json=[one, {**one, "id": None}, {**one, "id": 8}]).json() == [
        {"id": 7, "result": 3}, {"id": 8, "result": 3}
    ]  # fmt: skip


def test_very_many_parts_are_refused_soon(api: Api) -> None:
    began = time.process_time()

    reply = sent(api, *[get("/me")] * 10_000)

    assert reply.status_code in (413, 422)
    assert time.process_time() - began < 5
    assert len([*api.world.journal]) == 1


CALLS = st.one_of(
    st.sampled_from(["a", "b", 3]).map(add),
    st.sampled_from(["/notes/1", "/notes/2", "/notes", "/me", "/no"]).map(get),
)


@settings(deadline=None, max_examples=30)
@given(st.lists(CALLS, max_size=6))
def test_a_batch_does_what_its_parts_do_one_by_one(
    tmp_path_factory: Any, parts: list[dict[str, Any]]
) -> None:
    together = notes(tmp_path_factory.mktemp("together"))
    apart = notes(tmp_path_factory.mktemp("apart"))

    reply = sent(together, *parts)

    single = [
        apart.call(part["method"], f"/api/v1{part['url']}", json=part.get("body"))
        for part in parts
    ]
    assert [(one["status"], one["body"]) for one in reply.json()] == [
        (one.status_code, one.json()) for one in single
    ]


@pytest.mark.parametrize(
    ("batch", "told"),
    [
        ({"each": "body.requests"}, "has no 'method'"),
        ({**BATCH, "max": 5000}, "is 5000"),
        ({**BATCH, "path": "that.url"}, "there is no 'that' here"),
        ({**BATCH, "method": "it.", "each": "body"}, "expression-syntax"),
        ({**BATCH, "paths": "x"}, "'paths' is not a key"),
    ],
)
def test_what_is_no_batch_is_told(tmp_path: Path, batch: Any, told: str) -> None:
    with pytest.raises(SpecError, match=told):
        notes(tmp_path, {"batch": {"batch": batch}})


def test_the_signature_of_a_batch_is_for_its_parts_as_well(tmp_path: Path) -> None:
    """It is over the whole body; a part with a credential of its own has to sign itself."""
    keys = [{**key, "secret": f"secret of {key['name']}"} for key in KEYS]
    scheme = {
        "credentials": "keys",
        "field": "key",
        "proves": "header_lines['x-sign'] == hmac(secret, raw_body)",
    }
    api = small(
        tmp_path,
        PATHS,
        OPERATIONS,
        table={**{code: TABLE[code] for code in TABLE if code != "rate_limited"}, "credential_unproved": {"status": 401, "code": "unproved"}},
        openapi={"components": {"securitySchemes": {"Key": KEY}}, "security": [{"Key": []}]},
        authentication={"schemes": {"Key": scheme}},
        collections={"notes": {"fields": ["text"]}, "keys": None},
        fixtures={"keys": {"records": keys}},
    )  # fmt: skip
    own = {"X-Key": KEYS[1]["key"]}
    parts = [
        {"method": "GET", "url": "/me", "headers": {}},
        {"method": "POST", "url": "/notes", "headers": {}, "body": {"text": "a"}},
        {"method": "GET", "url": "/me", "headers": own},
    ]
    body = orjson.dumps({"requests": parts})
    signature = hmac.new(b"secret of full", body, hashlib.sha256).hexdigest()

    def sent(sign: str) -> Any:
        headers = {"X-Key": KEYS[0]["key"], "X-Sign": sign}
        return api.client.post(
            "/small/batch",
            content=body,
            headers={**headers, "Content-Type": "application/json"},
        )

    assert sent("forged").status_code == 401
    results = sent(signature).json()
    assert [result["status"] for result in results] == [200, 201, 401]
    assert results[0]["body"] == {"me": "full"}
