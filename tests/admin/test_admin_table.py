"""One table: what it routes, what it checks, and what it lets handlers do."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from asking import HOOKS, ask, board_of, reply_of

from emulator.admin.admin import Admin
from emulator.admin.request import AdminRequest, json_reply, unprocessable, world_of
from emulator.admin.table import (
    Answer,
    Body,
    Operation,
    Parameter,
    Schema,
    Work,
    query,
    ref,
)
from emulator.exchange.call import Reply
from emulator.times import SECOND

WORLD = Parameter("world", "path", {"type": "string"}, "the id of a world")


def echo(request: AdminRequest) -> Reply:
    return json_reply([request.names, request.options, request.json])


def table(*operations: Operation, **schemas: Schema) -> Admin:
    """The admin API with rows of a test's own."""
    rows: Any = SimpleNamespace(
        row=SimpleNamespace(operations=operations), SCHEMAS=schemas
    )
    return Admin(board_of(), modules=(rows,))


def row(method: str = "GET", path: str = "/things", **more: Any) -> Operation:
    id = f"{method} {path}"
    fixed: dict[str, Any] = {"id": id, "summary": id, "tag": "things"}
    fixed |= {"replies": {200: Answer("it", {})}, "handler": echo}
    return Operation(method=method, path=path, **{**fixed, **more})


def test_a_literal_segment_goes_before_a_parameter() -> None:
    admin = table(row(path="/things/{thing}"), row(path="/things/all"))

    assert admin.find("GET", "/_emulator/things/all").operation.path == "/things/all"
    found = admin.find("GET", "/_emulator/things/a%2Fb%20c")
    assert (found.operation.path, found.names) == (
        "/things/{thing}",
        {"thing": "a/b c"},
    )


@pytest.mark.parametrize(
    ("path", "fix"),
    [
        ("/things/all/", "did you mean '/_emulator/things/all'?"),
        ("/thing/all", "did you mean '/_emulator/things/all'?"),
        ("//things/all", "did you mean '/_emulator/things/all'?"),
        ("", "/_emulator/openapi.json describes what there is"),
        ("/", "/_emulator/openapi.json describes what there is"),
        ("/worlds", "/_emulator/openapi.json describes what there is"),
    ],
)
def test_what_is_not_in_the_table_is_not_found(path: str, fix: str) -> None:
    status, said = ask(table(row(path="/things/all")), "GET", path)

    assert (status, said) == (
        404,
        {
            "type": "about:blank",
            "title": "not found",
            "status": 404,
            "detail": f"nothing is at /_emulator{path}",
            "fix": fix,
        },
    )


def test_the_beginning_of_an_address_is_told_its_end() -> None:
    """Before one that is spelt like it, and whatever its parameters are called."""
    rows = (
        row(path="/worlds/{world}/faults"),
        row(path="/worlds/{world}/plans/{plan}"),
    )

    status, said = ask(table(*rows), "GET", "/worlds/default/plans")

    assert status == 404
    assert said["fix"] == "did you mean '/_emulator/worlds/{world}/plans/{plan}'?"


def test_a_wrong_method_is_told_the_right_ones() -> None:
    """In order, and HEAD wherever there is a GET."""
    reply = reply_of(table(row("POST"), row("GET"), row("DELETE")), "PATCH", "/things")

    assert reply.status == 405
    assert ("Allow", "DELETE, GET, HEAD, POST") in reply.headers


@pytest.mark.parametrize("more", [{}, {"path": "/{thing}/x"}])
def test_two_rows_cannot_have_one_address(more: dict[str, Any]) -> None:
    """Nor can one segment be two parameters."""
    first = row(**more) if not more else row(path="/{other}/x")

    with pytest.raises(ValueError, match=r"twice|also called"):
        table(first, row(**more)).find("GET", "/_emulator/things")


def test_two_schemas_cannot_have_one_name() -> None:
    rows: list[Any] = [
        SimpleNamespace(
            row=SimpleNamespace(operations=()), SCHEMAS={"Thing": {"type": kind}}
        )
        for kind in ("string", "object")
    ]

    with pytest.raises(ValueError, match="'Thing'"):
        _ = Admin(board_of(), modules=rows).schemas


LIST = row(
    parameters=(
        query("many", {"type": "integer", "maximum": 9, "default": 3}),
        query("share", {"type": "number"}),
        query("all", {"type": "boolean"}),
        query("id", {"type": "array", "items": {"type": "integer"}}),
        Parameter("of", "query", {"enum": ["a", "b"]}, "", True),
    )
)


def test_options_have_the_types_of_their_schemas() -> None:
    request = "/things?of=a&share=0.5&all=true&id=1&id=2"

    assert ask(table(LIST), "GET", request) == (
        200,
        [{}, {"many": 3, "of": "a", "share": 0.5, "all": True, "id": [1, 2]}, None],
    )


def test_all_that_is_wrong_with_a_query_is_told() -> None:
    """With what was probably meant; an option is not what Python would make of it."""
    request = "/things?manny=1&share=nan&all=1&id=x&many=1_0&many=2"

    status, said = ask(table(LIST), "GET", request)

    assert (status, said["title"]) == (422, "invalid request")
    assert {error["parameter"]: error["detail"] for error in said["errors"]} == {
        "manny": "there is none such: did you mean 'many'?",
        "share": 'it is not of type "number"',
        "all": 'it is not of type "boolean"',
        "id": 'it is not of type "integer"',
        "many": "it is given more than once",
        "of": "it is needed",
    }


@pytest.mark.parametrize("query", ["x=" + "9" * 30, "&".join(["a=1"] * 200), "%ff"])
def test_hostile_queries_are_refused(query: str) -> None:
    status, said = ask(table(row()), "GET", f"/things?{query}")

    assert (status, said["status"]) in {(400, 400), (422, 422)}


THING: Schema = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "maxLength": 3},
        "clock": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "advance": {"type": "number", "minimum": 0},
                "a/b~c": {"type": "null"},
            },
        },
        "seed": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
    },
}
MAKE = row("POST", body=Body(ref("Thing"), most=200))


def test_all_that_is_wrong_with_a_body_is_told() -> None:
    """Each with a pointer (RFC 6901); query and body at once; and no value is shown."""
    sent = {"names": 1, "seed": [], "clock": {"advance": -1, "a/b~c": 7, "x/y": 7}}

    status, said = ask(table(MAKE, Thing=THING), "POST", "/things?x=1", sent)

    assert status == 422
    assert {
        error.get("pointer", error.get("parameter")): error["detail"]
        for error in said["errors"]
    } == {
        "x": "there is none such: remove it",
        "/name": "it is needed",
        "/names": "there is no such member: did you mean 'name'?",
        "/clock/advance": "it is less than the minimum of 0",
        "/clock/a~1b~0c": 'it is not of type "null"',
        "/clock/x~1y": "there is no such member: use one of: a/b~c, advance",
        "/seed": 'it is not of type "string"; or it is not of type "integer"',
    }


def test_a_value_that_is_wrong_is_never_repeated() -> None:
    """It may be a secret."""
    sent = {"name": "hunter2 hunter2", "seed": ["hunter2"]}

    reply = reply_of(table(MAKE, Thing=THING), "POST", "/things", sent)

    assert reply.status == 422
    assert b"hunter2" not in reply.body


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"name": "a"}', "application/json", 200),
        (b'{"name": "a"}', "Application/JSON; charset=utf-8", 200),
        (b'{"name": "a"}', "text/plain", 415),
        (b'{"name": "a"}', "", 415),
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b'{"name": NaN}', "application/json", 400),
        (b'{"name": ' + b"[" * 80 + b"]" * 80 + b"}", "application/json", 400),
        (b'{"name": "' + b"a" * 200 + b'"}', "application/json", 413),
    ],
)
def test_bodies_that_are_taken_and_not(body: bytes, kind: str, status: int) -> None:
    request = AdminRequest(
        method="POST",
        path="/_emulator/things",
        headers={"content-type": kind},
        body=body,
    )

    assert table(MAKE, Thing=THING).answer(request).status == status


def test_a_body_that_is_not_needed_is_empty() -> None:
    admin = table(row("POST", body=Body(THING, required=False)))

    assert ask(admin, "POST", "/things") == (200, [{}, {}, {}])


def test_a_body_where_none_is_taken_is_not_ignored() -> None:
    status, said = ask(table(row("POST")), "POST", "/things", {"id": 1})

    assert (status, said["detail"]) == (422, "the body: POST /things takes no body")


def test_an_empty_object_is_no_body() -> None:
    """Many clients have no other way to write it."""
    assert ask(table(row("POST")), "POST", "/things", {})[0] == 200


def test_bytes_of_another_type_are_left_alone() -> None:
    """A snapshot is nobody's JSON but its reader's."""

    def keep(request: AdminRequest) -> Reply:
        return Reply(body=request.body)

    media = ("application/vnd.thing",)
    admin = table(row("PUT", body=Body({}, media=media), handler=keep))

    reply = admin.answer(
        AdminRequest(
            method="PUT",
            path="/_emulator/things",
            headers={"content-type": media[0]},
            body=b"\x00\xff",
        )
    )

    assert (reply.status, reply.body) == (200, b"\x00\xff")


def test_a_handler_may_refuse_for_reasons_of_its_own() -> None:
    def refuse(request: AdminRequest) -> Reply:
        raise unprocessable([{"pointer": "/clock/set", "detail": "it is past"}])

    assert ask(table(row(handler=refuse)), "GET", "/things") == (
        422,
        {
            "type": "about:blank",
            "title": "invalid request",
            "status": 422,
            "detail": "/clock/set: it is past",
            "errors": [{"pointer": "/clock/set", "detail": "it is past"}],
        },
    )


def test_a_handler_that_is_interrupted_goes_on() -> None:
    """In process nothing is sent, and the work is done all the same."""

    def move(request: AdminRequest) -> Work:
        world = world_of(request)
        yield world
        world.clock.advance(60)
        yield world
        return json_reply(world.clock.now())

    admin = table(row("POST", "/worlds/{world}", parameters=(WORLD,), handler=move))
    request = AdminRequest(method="POST", path="/_emulator/worlds/default")
    before = admin.dispatcher.world.clock.now()

    sent = [world.id for world in admin.work(request)]

    assert sent == ["default", "default"]
    assert ask(admin, "POST", "/worlds/default") == (200, before + 120 * SECOND)
    assert ask(admin, "POST", "/worlds/other")[0] == 404


def test_a_world_that_is_not_there_is_told(admin: Admin) -> None:
    status, said = ask(admin, "GET", HOOKS.replace("default", "default2"))

    assert (status, said["title"]) == (404, "no such world")


def test_a_health_check_imports_nothing_that_costs() -> None:
    """It is the first request of most servers' lives."""
    code = (
        "import sys\n"
        "from emulator.admin.admin import Admin\n"
        "from emulator.admin.request import AdminRequest\n"
        "class Board: programs = {}\n"
        "for name in ('health', 'ready', 'version'):\n"
        "    asked = AdminRequest(method='GET', path='/_emulator/' + name)\n"
        "    assert Admin(Board()).answer(asked).status == 200\n"
        "heavy = ['jsonschema', 'jsonschema_rs', 'prometheus_client', 'starlette',\n"
        "         'httpx', 'faker', 'asyncio', 'emulator.admin.worlds',\n"
        "         'emulator.admin.metrics']\n"
        "print([one for one in heavy if one in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert (done.stdout, done.stderr) == ("[]\n", "")
