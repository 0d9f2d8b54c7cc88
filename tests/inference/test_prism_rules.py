"""Prism's rules of validation and negotiation, of a document that is served as it is.

The rules are those of https://github.com/stoplightio/prism/blob/master/docs/guides/02-request-validation.md,
the cases our own. Where a status differs, the case says why.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from front_door import Api
from test_documents import written

from emulator.compile.load import load
from emulator.engine.dispatcher import Dispatcher
from emulator.world.world import World


def content(schema: Any, media: str = "application/json") -> Any:
    return {"description": "-", "content": {media: {"schema": schema}}}


def member(name: str, schema: Any) -> Any:
    return {"type": "object", "required": [name], "properties": {name: schema}}


def parameter(name: str, where: str, **schema: Any) -> Any:
    return {"name": name, "in": where, "required": True, "schema": schema}


ERROR = content(member("error", {"type": "string"}))
OK = content(member("id", {"type": "integer"}))
WHOLE = {"type": "integer"}
BODY = {"required": True, **content(member("a", WHOLE))}
FORM = {
    "required": True,
    **content(member("a", WHOLE), "application/x-www-form-urlencoded"),
}
OPERATIONS: dict[str, Any] = {
    "post /both": {"responses": {"200": OK, "400": ERROR, "422": ERROR}, "requestBody": BODY},
    "post /old": {"responses": {"200": OK, "400": ERROR}, "requestBody": BODY},
    "post /else": {"responses": {"200": OK, "default": ERROR}, "requestBody": BODY},
    "post /bare": {"responses": {"200": OK}, "requestBody": BODY},
    "post /typed": {"responses": {"200": OK, "415": ERROR}, "requestBody": BODY},
    "post /spare": {"responses": {"200": OK}, "requestBody": {**BODY, "required": False}},
    "post /list": {"responses": {"200": OK}, "requestBody": content({"type": "array"})},
    "post /maybe": {"responses": {"200": OK}, "requestBody": content({"enum": [None, 1]})},
    "post /form": {"responses": {"200": OK}, "requestBody": FORM},
    "get /old": {"responses": {"200": OK, "400": ERROR},
                 "parameters": [parameter("n", "query", minimum=1, **WHOLE)]},
    "get /query": {"responses": {"200": OK}, "parameters": [parameter("n", "query", **WHOLE)]},
    "get /header": {"responses": {"200": OK}, "parameters": [parameter("X-N", "header", **WHOLE)]},
    "get /cookie": {"responses": {"200": OK}, "parameters": [parameter("n", "cookie", **WHOLE)]},
    "get /path/{n}": {"responses": {"200": OK, "400": ERROR},
                      "parameters": [parameter("n", "path", **WHOLE)]},
    "get /key": {"responses": {"200": OK, "401": ERROR}, "security": [{"key": []}]},
    "get /either": {"responses": {"200": OK}, "security": [{"key": []}, {"bearer": []}]},
    "get /maybe": {"responses": {"200": OK}, "security": [{"key": []}, {}]},
    "post /key": {"responses": {"200": OK, "401": ERROR, "422": ERROR},
                  "requestBody": BODY, "security": [{"key": []}]},
    "get /json": {"responses": {"200": OK}},
    "get /strict": {"responses": {"200": OK, "406": ERROR}},
    "get /moved": {"responses": {"302": {"description": "-"}}},
    "get /silent": {"responses": {}},
}  # fmt: skip
SCHEMES = {
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "bearer": {"type": "http", "scheme": "bearer"},
}
XML = {"content": "<a/>", "headers": {"Content-Type": "application/xml"}}
BROKEN = {"content": "{", "headers": {"Content-Type": "application/json"}}
NULL = {"content": "null", "headers": {"Content-Type": "application/json"}}
HTML: dict[str, Any] = {"headers": {"Accept": "text/html"}}
SAME: list[tuple[str, dict[str, Any], int]] = [
    ("POST /both", {"json": {}}, 422),
    ("POST /old", {"json": {}}, 400),
    ("POST /else", {"json": {}}, 422),
    ("POST /bare", {"json": {}}, 422),
    ("POST /bare", {"json": {"a": 1, "more": 2}}, 200),
    ("POST /bare", {}, 422),
    ("POST /old", {}, 400),
    ("POST /form", {}, 422),
    ("POST /bare", NULL, 422),
    ("POST /list", NULL, 422),
    ("POST /maybe", NULL, 200),
    ("POST /bare", {"json": []}, 422),
    ("POST /bare", BROKEN, 400),
    ("POST /bare", XML, 415),
    ("POST /typed", XML, 415),
    ("POST /spare", {}, 200),
    ("POST /spare", {"json": {}}, 422),
    ("POST /form", {"data": {"a": "1"}}, 200),
    ("POST /form", {"data": {"a": "x"}}, 422),
    ("POST /form", {"json": {"a": 1}}, 415),
    ("GET /old", {}, 400),
    ("GET /old?n=0", {}, 400),
    ("GET /old?n=1", {}, 200),
    ("GET /query", {}, 422),
    ("GET /query?n=x", {}, 422),
    ("GET /header", {}, 422),
    ("GET /header", {"headers": {"x-n": "1"}}, 200),
    ("GET /path/1", {}, 200),
    ("GET /path/x", {}, 400),
    ("GET /key", {}, 401),
    ("GET /either", {}, 401),
    ("GET /maybe", {}, 200),
    ("POST /key", {"json": {}}, 401),
    ("GET /strict", HTML, 406),
    ("GET /strict", {"headers": {"Accept": "*/*"}}, 200),
    ("GET /moved", {"follow_redirects": False}, 302),
    ("DELETE /json", {}, 405),
    ("GET /nothing", {}, 404),
]
"""Call, and the status that Prism gives as well (5.14, on the same document)."""
DIFFERENT: list[tuple[str, dict[str, Any], int, int, str]] = [
    ("POST /both", XML, 415, 422, "a body of another type is a 415 (RFC 9110, 15.5.16)"),
    ("GET /cookie", {}, 422, 200, "cookies are parameters like others"),
    ("GET /query?n=1&n=2", {}, 200, 422, "many clients repeat a parameter, the last one counts"),
    ("GET /json/", {}, 200, 404, "`http.trailing_slash: strict` refuses it"),
    ("GET /key", {"headers": {"X-Key": "any"}}, 401, 200, "credentials are checked"),
    ("GET /json", HTML, 200, 406, "RFC 9110, 12.4.1 allows it; `http.accept: enforce` refuses"),
    ("GET /silent", {}, 200, 500, "nothing is wrong with the call"),
]  # fmt: skip
"""Call, our status, that of Prism, and why it is another."""


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Api:
    folder = tmp_path_factory.mktemp("rules")
    paths: dict[str, Any] = {}
    for key, operation in OPERATIONS.items():
        method, _, path = key.partition(" ")
        paths.setdefault(path, {})[method] = {"operationId": key, **operation}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Rules", "version": "1"},
        "paths": paths,
        "components": {"securitySchemes": SCHEMES},
    }
    path = folder / "rules.yaml"
    path.write_text(json.dumps(document), encoding="utf-8")
    program = load(written(path, folder))
    return Api(program, Dispatcher({"rules": program}, World()), "/rules")


def status(api: Api, call: str, more: dict[str, Any]) -> int:
    method, _, path = call.partition(" ")
    answered: int = api.call(method, path, None, **more).status_code
    return answered


@pytest.mark.parametrize(("call", "more", "wanted"), SAME)
def test_the_status_is_the_one_of_prism(
    api: Api, call: str, more: dict[str, Any], wanted: int
) -> None:
    assert status(api, call, more) == wanted


@pytest.mark.parametrize(("call", "more", "wanted", "prism", "why"), DIFFERENT)
def test_where_the_status_is_another_there_is_a_reason(
    api: Api, call: str, more: dict[str, Any], wanted: int, prism: int, why: str
) -> None:
    assert status(api, call, more) == wanted != prism, why
