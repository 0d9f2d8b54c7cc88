"""The OpenAPI document of the admin API, made from its table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from asking import ask
from jsonschema import Draft202012Validator
from schemathesis.specs.openapi.definitions import OPENAPI_31

from emulator.admin.admin import Admin


@pytest.fixture
def document(admin: Admin) -> Any:
    status, document = ask(admin, "GET", "/openapi.json")
    assert status == 200
    return document


def test_it_is_openapi(document: Any) -> None:
    """3.1, by the schema of its authors; and its schemas are JSON Schema 2020-12."""
    Draft202012Validator(OPENAPI_31).validate(document)
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_row_is_in_it(admin: Admin, document: Any) -> None:
    rows = {
        (operation.method.lower(), operation.path, operation.id)
        for operation in admin.operations
    }

    described = {
        (method, path, one["operationId"])
        for path, methods in document["paths"].items()
        for method, one in methods.items()
    }
    assert described == rows
    assert len({operation.id for operation in admin.operations}) == len(
        admin.operations
    )
    assert document["servers"] == [{"url": "http://emulator.test/_emulator"}]


def test_every_reference_leads_somewhere(document: Any) -> None:
    """And every schema is one that somebody refers to."""
    text = json.dumps(document)
    used = set(re.findall(r'"\$ref": "#/components/(\w+/\w+)"', text))
    there = {
        f"{kind}/{name}"
        for kind in ("schemas", "responses")
        for name in document["components"][kind]
    }

    assert used - there == set()
    assert {one for one in there - used if one.startswith("schemas/")} == set()


def test_parameters_of_the_path_are_described(admin: Admin) -> None:
    """All of them, and no others; and what can be not there has a 404."""
    for operation in admin.operations:
        named = set(re.findall(r"\{(\w+)\}", operation.path))
        assert {each.name for each in operation.of("path")} == named, operation.id
        assert not named or 404 in operation.replies, operation.id


def test_every_body_is_strict_about_members(admin: Admin) -> None:
    """What is sent in vain is told: a typing error is not a default.

    A fault is checked by the schema of scenarios.yaml, which is as strict.
    """
    for operation in admin.operations:
        if operation.id == "addFault":
            continue
        if operation.body is None or operation.body.media != ("application/json",):
            continue
        name = str(operation.body.schema.get("$ref", "")).rpartition("/")[2]
        schema = admin.schemas.get(name, operation.body.schema)
        strict = schema.get("additionalProperties") is False
        assert strict or "properties" not in schema, operation.id


def test_typed_clients_can_send_whatever_is_taken(document: Any) -> None:
    """What openapi-typescript makes of it asks for no member that may be left out."""
    for schema in _schemas(document["components"]["schemas"]):
        assert "default" not in schema or "type" not in schema
        if schema.get("type") == "object":
            assert "properties" in schema or "additionalProperties" in schema


def _schemas(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for one in value.values() if isinstance(value, dict) else value:
        if isinstance(one, (dict, list)):
            yield from _schemas(one)
