"""Several operations at one path: each call says which one it is for."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from front_door import Api
from hypothesis import given, settings
from hypothesis import strategies as st
from small import BODIES, small

from emulator.diagnostics import SpecError
from emulator.engine.dispatcher import Dispatcher
from emulator.exchange.call import Call
from emulator.settings import Settings

TARGET = {"name": "X-Target", "in": "header", "schema": {"type": "string"}}
TABLE = {
    "type": "object",
    "required": ["TableName"],
    "properties": {"TableName": {"type": "string", "minLength": 3}},
}
ITEM = {"type": "object", "properties": {"Key": {"type": "integer"}}}
REFUSED = {
    **BODIES,
    "unknown_target": {"status": 400, "body": {"type": "Unknown", "named": "${target}"}},
}  # fmt: skip
SAYS = {"reply": {"body": {"operation": "${operation_id}", "body": "${body}"}}}
BY_HEADER = {"/": {"by": "header['X-Target']"}}


def posted(id: str, schema: Any, **more: Any) -> Any:
    body = {"content": {"application/json": {"schema": schema}}}
    return {"post": {"operationId": id, "requestBody": body, **more}}


def tables(
    folder: Path,
    dispatch: Any = None,
    paths: Any = None,
    table: Any = None,
    **more: Any,
) -> Api:
    """An API of one address, whose header names the operation."""
    paths = paths or {
        "/#CreateTable": posted("createTable", TABLE, parameters=[TARGET]),
        "/#GetItem": posted("getItem", ITEM, parameters=[TARGET]),
    }
    operations = {"createTable": SAYS, "getItem": SAYS}
    dispatch = BY_HEADER if dispatch is None else dispatch
    table = REFUSED if table is None else table
    return small(folder, paths, operations, table=table, dispatch=dispatch, **more)


def sent(
    api: Api, target: str | None, body: Any = None, **more: Any
) -> tuple[int, Any]:
    headers = {} if target is None else {"X-Target": target}
    headers.update(more.pop("headers", {}))
    reply = api.post("/", None, json=body or {}, headers=headers, **more)
    return reply.status_code, reply.json()


def test_a_header_names_the_operation(tmp_path: Path) -> None:
    """Each has its own body, and its own rules for it."""
    api = tables(tmp_path)

    made = sent(api, "CreateTable", {"TableName": "books"})
    short = sent(api, "CreateTable", {"TableName": "b"})
    item = sent(api, "GetItem", {"Key": 3})

    assert made == (200, {"operation": "createTable", "body": {"TableName": "books"}})
    assert short[0] == 422
    assert item == (200, {"operation": "getItem", "body": {"Key": 3}})
    assert [entry.operation for entry in api.world.journal] == [
        "createTable",
        "createTable",
        "getItem",
    ]


@pytest.mark.parametrize("target", ["createtable", "DropTable", "", None])
def test_what_names_no_operation_is_refused(tmp_path: Path, target: str | None) -> None:
    """In the provider's words, with what was named among the facts."""
    api = tables(tmp_path)

    assert sent(api, target) == (400, {"type": "Unknown", "named": target})
    entry = next(iter(api.world.journal))
    assert (entry.operation, entry.refused_by, entry.refusal) == (None, "route", "unknown_target")  # fmt: skip


def test_the_refusal_can_be_forced(tmp_path: Path) -> None:
    """Byte for byte as it comes naturally; not where it cannot come."""
    api = tables(tmp_path)
    forced = {"X-Emulator-Refuse": "unknown_target"}

    assert sent(api, "GetItem", headers=forced) == (400, {"type": "Unknown", "named": "GetItem"})  # fmt: skip


def test_another_method_is_wrong_as_anywhere(tmp_path: Path) -> None:
    api = tables(tmp_path)

    reply = api.get("/", None)

    assert (reply.status_code, reply.headers["allow"]) == (405, "OPTIONS, POST")
    assert api.call("OPTIONS", "/", None).status_code == 204


def test_a_spec_without_words_for_it_is_told(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="can refuse with 'unknown_target'"):
        tables(tmp_path, table=BODIES)


def test_values_may_be_named_in_behavior(tmp_path: Path) -> None:
    """A value may have a version before it, and operations may have paths of their own."""
    paths = {
        "/tables": posted("createTable", TABLE, parameters=[TARGET]),
        "/#GetItem": posted("getItem", ITEM, parameters=[TARGET]),
    }
    named = {"V1.CreateTable": "createTable", "V1.GetItem": "getItem"}
    dispatch = {"/": {"by": "header['X-Target']", "operations": named}}
    api = tables(tmp_path, dispatch, paths)

    assert sent(api, "V1.CreateTable", {"TableName": "books"})[1]["operation"] == "createTable"  # fmt: skip
    assert sent(api, "V1.GetItem")[1]["operation"] == "getItem"
    assert sent(api, "GetItem")[1]["operation"] == "getItem"
    assert api.post("/tables", None, json={"TableName": "books"}).status_code == 200


RPC = {
    "type": "object",
    "required": ["method"],
    "properties": {"method": {"type": "string"}, "id": {"type": "integer"}},
}


def rpc(folder: Path, **more: Any) -> Api:
    paths = {"/#add": posted("add", RPC), "/#subtract": posted("subtract", RPC)}
    operations = {"add": SAYS, "subtract": SAYS}
    dispatch = {"/": {"by": "body.method"}}
    return small(folder, paths, operations, table=REFUSED, dispatch=dispatch, **more)


@pytest.mark.parametrize(
    ("body", "status", "operation"),
    [
        (b'{"method": "add", "id": 1}', 200, "add"),
        (b'{"method": "subtract", "id": "x"}', 422, "subtract"),
        (b'{"method": "multiply"}', 400, None),
        (b'{"method": ["add"]}', 400, None),
        (b'[{"method": "add"}]', 400, None),
        (b'"add"', 400, None),
        (b"{", 400, None),
        (b"", 400, None),
    ],
)
def test_a_body_names_the_operation(
    tmp_path: Path, body: bytes, status: int, operation: str | None
) -> None:
    """As JSON-RPC does; what cannot be read names nothing."""
    api = rpc(tmp_path)

    reply = api.post("/", None, content=body, headers={"Content-Type": "application/json"})  # fmt: skip

    assert reply.status_code == status
    assert next(iter(api.world.journal)).operation == operation


def test_a_compressed_body_names_it_too(tmp_path: Path) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    body = gzip.compress(b'{"method": "add"}')

    reply = rpc(tmp_path).post("/", None, content=body, headers=headers)

    assert reply.json()["operation"] == "add"


def test_an_operation_at_the_path_itself_takes_the_rest(tmp_path: Path) -> None:
    """`GET /{bucket}` lists, `GET /{bucket}?acl` does something else."""
    bucket = {"name": "bucket", "in": "path", "required": True, "schema": {"type": "string"}}  # fmt: skip
    acl = {"name": "acl", "in": "query", "schema": {"type": "string"}}
    paths = {
        "/{bucket}": {"get": {"operationId": "list", "parameters": [bucket]}},
        "/{bucket}#acl": {"get": {"operationId": "acl", "parameters": [bucket, acl]}},
    }
    says = {"reply": {"body": "${operation_id + ' ' + path.bucket}"}}
    dispatch = {"/{bucket}": {"by": "'acl' if 'acl' in query else null"}}
    table = {"invalid_path": {"status": 404}, "invalid_request": {"status": 422}}
    api = small(tmp_path, paths, {"list": says, "acl": says}, table=table, dispatch=dispatch)  # fmt: skip

    assert api.get("/photos?acl", None).json() == "acl photos"
    assert api.get("/photos", None).json() == "list photos"
    assert api.call("HEAD", "/photos?acl", None).status_code == 200
    forced = {"X-Emulator-Refuse": "unknown_target"}
    assert api.get("/photos", None, headers=forced).status_code == 400


def test_strict_mode_says_what_is_not_emulated(tmp_path: Path) -> None:
    """With what it may have meant, and nothing is done."""
    program = tables(tmp_path).program
    strict = Dispatcher({"small": program}, settings=Settings(strict=True))
    call = Call("POST", "/small/", raw_headers=[(b"x-target", b"GetItems")])

    reply = strict.answer(call)

    assert reply.status == 501
    assert b"did you mean 'GetItem'" in reply.body


def test_credentials_find_their_world_there(tmp_path: Path) -> None:
    """The world is found by the credential that the named operation asks for."""
    key = {"type": "apiKey", "in": "header", "name": "X-Key"}
    paths = {
        "/#CreateTable": posted("createTable", TABLE, parameters=[TARGET]),
        "/#GetItem": posted("getItem", ITEM, parameters=[TARGET], security=[{"Key": []}]),
    }  # fmt: skip
    api = tables(
        tmp_path,
        paths=paths,
        openapi={"components": {"securitySchemes": {"Key": key}}},
        collections={"keys": None},
        authentication={"schemes": {"Key": {"credentials": "keys", "field": "key"}}},
        fixtures={"keys": {"records": [{"id": 1, "name": "full", "key": "k_0123456789abcdef"}]}},
        table={**REFUSED, "credential_missing": {"status": 401}, "credential_unknown": {"status": 401}},
    )  # fmt: skip
    made = api.client.post("/_emulator/worlds", json={"id": "w1"}).json()
    minted = made["providers"]["small"]["credentials"]["full"]["value"]

    assert sent(api, "GetItem", headers={"X-Key": minted})[0] == 200
    assert [entry.operation for entry in api.board.worlds["w1"].journal] == ["getItem"]
    assert sent(api, "GetItem")[0] == 401
    assert sent(api, "CreateTable", {"TableName": "books"})[0] == 200


@pytest.mark.parametrize(
    ("dispatch", "told"),
    [
        ({"/other": {"by": "method"}}, "nothing says which of createTable, getItem"),
        ({**BY_HEADER, "/other": {"by": "method"}}, "no operations are told apart at /other"),
        ({"/": {"by": "header['X-Targets']"}}, "'header' has no 'X-Targets'"),
        ({"/": {"by": "caller.name"}}, "it is asked which operation a call is for"),
        ({"/": {"by": "lookup('x', 1)"}}, "there is no function 'lookup'"),
        ({"/": {"by": "method", "operations": {"a": "dropTable"}}}, "there is no operation 'dropTable'"),
        ({"/": {"header": "X-Target"}}, "'header' is not a key"),
        ({"/": {}}, "has no 'by'"),
    ],
)  # fmt: skip
def test_what_tells_nothing_apart_is_told(
    tmp_path: Path, dispatch: Any, told: str
) -> None:
    with pytest.raises(SpecError, match=told.replace("[", r"\[")):
        tables(tmp_path, dispatch)


NAMES = st.text("abAB.", min_size=1, max_size=3)


@settings(deadline=None, max_examples=30)
@given(st.sets(NAMES, min_size=1, max_size=6), NAMES)
def test_the_operation_is_that_of_a_dictionary(
    tmp_path_factory: Any, names: set[str], named: str
) -> None:
    paths = {
        f"/#{name}": posted(f"op{at}", ITEM, parameters=[TARGET])
        for at, name in enumerate(sorted(names))
    }
    operations = {f"op{at}": SAYS for at in range(len(names))}
    folder = tmp_path_factory.mktemp("dispatch")
    api = small(folder, paths, operations, table=REFUSED, dispatch=BY_HEADER)
    expected = {name: f"op{at}" for at, name in enumerate(sorted(names))}.get(named)

    call = Call("POST", "/small/", raw_headers=[(b"x-target", named.encode())])
    status = api.board.answer(call).status

    assert (status == 200, next(iter(api.world.journal)).operation) == (expected is not None, expected)  # fmt: skip
