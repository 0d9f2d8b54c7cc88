"""`emulator export openapi`: documents that other tools take, with this server in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
import yaml
from command import emulator
from jsonschema import Draft4Validator, Draft202012Validator
from schemathesis.openapi import from_dict
from schemathesis.specs.openapi.definitions import OPENAPI_30, OPENAPI_31

import emulator as package
from emulator.compile.load import load
from emulator.compile.places import Place, bundled, gallery, places
from emulator.engine.loading import programs
from emulator.http.pointer import steps
from emulator.program.served_document import served_document
from emulator.settings import Settings
from emulator.spec.published import Published

NAMES = sorted({*gallery(), *(place.name for place in places(*bundled()))})
METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")
NEED_MORE = {
    # A signature, and the time at which it was made.
    "account", "testOrder", "newOrder", "getOrder", "cancelOrder", "openOrders",
    "cancelOpenOrders", "allOrders", "myTrades",
    # A payment in a state that another call has led to.
    "captureIntent", "cancelIntent", "createRefund", "readRefund",
}  # fmt: skip
"""Operations of which no document can say a call that works; tests/gallery calls them."""
MORE = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: https://shop.example/v1}]
paths:
  /things:
    servers: [{url: https://other.example}]
    get:
      operationId: listThings
      security: [{Token: []}]
      servers: [{url: https://shop.example/v1}]
      responses:
        "200":
          description: all
          content:
            application/json:
              schema: {type: array, items: {$ref: "parts/thing.yaml#/Thing"}}
components:
  securitySchemes:
    Token:
      type: oauth2
      flows:
        clientCredentials: {tokenUrl: "https://shop.example/token", scopes: {}}
    Foreign:
      type: openIdConnect
      openIdConnectUrl: https://login.example/.well-known/openid-configuration
"""
THING = """
Thing:
  type: object
  properties: {id: {$ref: "#/Id"}, of: {$ref: "#/Thing"}}
Id: {type: integer}
"""
BEHAVIOR = """
provider: shop
spec: 1
hosts: [shop.example]
authentication: {schemes: {Token: {credentials: tokens, field: token}}}
collections: {tokens: {}}
operations: {listThings: {reply: {body: []}}}
"""


def valid(document: object) -> None:
    assert isinstance(document, dict)
    if document["openapi"].startswith("3.0"):
        Draft4Validator(OPENAPI_30).validate(document)
    else:
        Draft202012Validator(OPENAPI_31).validate(document)
    from_dict(document)


@pytest.mark.parametrize("name", NAMES)
def test_documents_stay_valid(name: str, tmp_path: Path) -> None:
    """By the schema of OpenAPI's authors; the one server is this emulator, which takes
    the document again, with all of its operations."""
    ran = emulator("export", "openapi", name, "--url", "http://emulator.test/below/")

    document = json.loads(ran.stdout)
    valid(document)
    (server,) = document["servers"]
    assert server["url"].startswith(f"http://emulator.test/below/{name}")
    file = tmp_path / "again.json"
    file.write_text(ran.stdout)
    again = load(Place.of_document(name, Published(file)))
    operations = {
        (method, path)
        for path, item in document["paths"].items()
        for method in item
        if method in METHODS
    }
    assert len(again.operations) >= len(operations) > 0


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    start = {"frozen": True, "clock": "2026-03-02T10:00:00Z", "log_format": "none"}
    with package.start(NAMES, **start) as served:
        yield served


@pytest.mark.parametrize("name", sorted({*NAMES} - {"identity"}))
def test_every_operation_answers_as_the_document_says(name: str, server: Any) -> None:
    """At the document's own server, to the call that the viewer and the console propose.

    Most of `identity` follows from calls before, and its keys are made anew for each copy.
    """
    document = served_document(programs(Settings(), [name])[name], server.url)
    base = document["servers"][0]["url"]
    operations = [
        (method, operation)
        for item in document["paths"].values()
        for method, operation in item.items()
        if method in METHODS and operation["operationId"] not in NEED_MORE
    ]
    operations.sort(key=lambda pair: pair[0] == "delete")

    wrong = {}
    with httpx.Client(timeout=20) as client:
        for method, operation in operations:
            server.default.clock.advance(timedelta(seconds=61))
            id = operation["operationId"]
            answer = _call(client, server, name, base, method, id)
            why = _unlike(document, operation, answer)
            if why:
                wrong[id] = f"{answer.request.url} {answer.status_code}: {why}"
    assert wrong == {}


def _call(
    client: httpx.Client, server: Any, name: str, base: str, method: str, id: str
) -> httpx.Response:
    worlds = f"{server.url}/_emulator/worlds/default"
    found = client.get(f"{worlds}/examples/{name}/{quote(id, safe='')}").json()
    query, headers = [*map(tuple, found["query"])], dict(found["headers"])
    if found["credential"]:
        held = server.default.provider(name).credentials[found["credential"]]
        headers |= held.headers
        query += held.query.items()
    url = f"{base}{found['path']}" + (f"?{urlencode(query)}" if query else "")
    content = (found["body"] or "").encode()
    return client.request(method.upper(), url, headers=headers, content=content)


def _unlike(document: Any, operation: Any, answer: httpx.Response) -> str:
    """In what *answer* is not what *document* says; "" for nothing."""
    described = operation["responses"].get(str(answer.status_code))
    if not answer.is_success or described is None:
        return f"no success that is described: {answer.text[:200]}"
    while "$ref" in described:
        reference = steps(described["$ref"].removeprefix("#"))
        described = document
        for step in reference:
            described = described[step]
    media = answer.headers.get("content-type", "").partition(";")[0]
    content = {
        name.partition(";")[0]: part
        for name, part in described.get("content", {}).items()
    }
    if answer.content and media not in content:
        return f"{media} is none of {[*content]}"
    schema = content.get(media, {}).get("schema")
    if schema is None or "json" not in media:
        return ""
    whole = {"components": document.get("components", {}), **schema}
    errors = Draft202012Validator(whole).iter_errors(answer.json())
    return next((error.message for error in errors), "")


def test_several_files_become_one(tmp_path: Path) -> None:
    """References lead into the document, and addresses to the emulator, where it answers."""
    folder = tmp_path / "shop"
    (folder / "parts").mkdir(parents=True)
    (folder / "fixtures").mkdir()
    (folder / "openapi.yaml").write_text(MORE)
    (folder / "parts" / "thing.yaml").write_text(THING)
    (folder / "behavior.yaml").write_text(BEHAVIOR)
    (folder / "fixtures" / "tokens.yaml").write_text("records: [{id: 1, token: t0ken}]")
    file = tmp_path / "out.yaml"

    ran = emulator("export", "openapi", "shop", "--specs", str(folder), "-o", str(file))

    assert ran.stderr == ""
    document = yaml.safe_load(file.read_text())
    valid(document)
    path = document["paths"]["/things"]
    schema = path["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema["items"] == {"$ref": "#/components/x-files/thing.yaml/Thing"}
    assert document["components"]["x-files"] == {
        "thing.yaml": {
            "Thing": {
                "type": "object",
                "properties": {
                    "id": {"$ref": "#/components/x-files/thing.yaml/Id"},
                    "of": {"$ref": "#/components/x-files/thing.yaml/Thing"},
                },
            },
            "Id": {"type": "integer"},
        }
    }
    assert "servers" not in path
    assert "servers" not in path["get"]
    assert document["servers"] == [{"url": "http://127.0.0.1:8080/shop/v1"}]
    schemes = document["components"]["securitySchemes"]
    flow = schemes["Token"]["flows"]["clientCredentials"]
    assert flow["tokenUrl"] == "http://127.0.0.1:8080/shop/token"
    assert schemes["Foreign"]["openIdConnectUrl"].startswith("https://login.example/")


def test_what_cannot_be_meant_is_said_in_one_line() -> None:
    unknown = emulator("export", "openapi", "jobrivr")
    address = emulator("export", "openapi", "jobriver", "--url", "nowhere")

    assert (unknown.returncode, address.returncode) == (2, 2)
    assert "did you mean 'jobriver'?" in unknown.stderr
    assert "--url: 'nowhere' is not an address" in address.stderr
