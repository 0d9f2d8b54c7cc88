"""`input`: what is inside of a body's wrapper is the input of an operation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from front_door import Api
from small import BODIES, small

from emulator.diagnostics import SpecError

VARIANT = {
    "type": "object",
    "required": ["sku"],
    "properties": {
        "sku": {"type": "string", "minLength": 2},
        "price": {"type": "integer", "default": 100},
    },
}
PRODUCT = {
    "type": "object",
    "required": ["title"],
    "properties": {
        "title": {"type": "string", "minLength": 3},
        "status": {"type": "string", "default": "draft"},
        "vendor": {"type": ["string", "null"]},
        "low": {"type": "integer"},
        "high": {"type": "integer"},
        "variants": {"type": "array", "items": VARIANT},
    },
}
WRAPPED = {"type": "object", "properties": {"product": PRODUCT}}
CONTENT = {"application/json": {"schema": WRAPPED}}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
PATHS = {
    "/products": {
        "post": {"operationId": "add", "requestBody": {"content": CONTENT, "required": True}},
    },
    "/products/{id}": {
        "parameters": [ID],
        "get": {"operationId": "show"},
        "patch": {"operationId": "edit", "requestBody": {"content": CONTENT, "required": True}},
        "put": {"operationId": "replace", "requestBody": {"content": CONTENT, "required": True}},
    },
}  # fmt: skip
FOUND = {"collection": "products", "key": "path.id"}
BODY = {"body": "${record}"}
OPERATIONS: dict[str, Any] = {
    "add": {"input": "body.product", "violations": {"names": "last"}, "create": {"collection": "products"}, "reply": {"status": 201, **BODY}},
    "show": {"read": {"collection": "products", "key": "path.id"}, "reply": BODY},
    "edit": {"input": "body.product", "update": FOUND, "reply": BODY},
    "replace": {"input": "body.product", "update": {**FOUND, "whole": True}, "reply": BODY},
}  # fmt: skip
TABLE = {
    **BODIES,
    "not_found": {"status": 404},
    "invalid_path": {"status": 404},
    "invalid_request": {"status": 422, "body": {"errors": "${violations}"}},
}

OF_ADD = {name: TABLE[name] for name in BODIES}


def shop(folder: Path, **behavior: Any) -> Api:
    collections = {
        "products": {
            "unique": [{"fields": ["vendor"], "refuse": "violation"}],
            "rules": [{"check": "low <= high", "requires_fields": ["low", "high"], "field": "low"}],
        }
    }  # fmt: skip
    parts: dict[str, Any] = {"collections": collections, **behavior}
    return small(folder, PATHS, OPERATIONS, table=TABLE, **parts)


@pytest.fixture
def api(tmp_path: Path) -> Api:
    return shop(tmp_path)


def sent(api: Api, body: Any, method: str = "POST", path: str = "/products") -> Any:
    return api.call(method, path, None, json=body)


def named(reply: Any) -> list[tuple[str, str, list[Any]]]:
    return [
        (error["field"], error["rule"], error["path"])
        for error in reply.json()["errors"]
    ]


def test_what_is_inside_is_stored_with_its_defaults(api: Api) -> None:
    """At every depth; the wrapper itself is no part of the record."""
    body = {"product": {"title": "Mug", "unknown": 1, "variants": [{"sku": "a1"}]}}

    reply = sent(api, body)

    assert (reply.status_code, reply.json()) == (
        201,
        {
            "title": "Mug",
            "status": "draft",
            "vendor": None,
            "low": None,
            "high": None,
            "variants": [{"sku": "a1", "price": 100}],
            "id": 1,
        },
    )


def test_a_partial_update_fills_nothing_that_was_not_sent(api: Api) -> None:
    sent(api, {"product": {"title": "Mug", "status": "live", "low": 3}})

    edited = sent(api, {"product": {"high": 4}}, "PATCH", "/products/1")
    assert edited.status_code == 422  # of the schema: a title is required
    edited = sent(api, {"product": {"title": "Cup"}}, "PATCH", "/products/1").json()
    assert (edited["title"], edited["status"], edited["low"]) == ("Cup", "live", 3)
    replaced = sent(api, {"product": {"title": "Cup"}}, "PUT", "/products/1").json()
    assert (replaced["status"], replaced["low"]) == ("draft", None)


@pytest.mark.parametrize(
    ("body", "violations"),
    [
        ({}, [("product", "required", ["product"])]),
        ({"title": "Mug"}, [("product", "required", ["product"])]),
        ({"product": None}, [("product", "required", ["product"])]),
        ({"product": "Mug"}, [("product", "type", ["product"])]),
        ({"product": [{"title": "Mug"}]}, [("product", "type", ["product"])]),
        ({"product": {}}, [("title", "required", ["title"])]),
        ({"product": {"title": "x"}}, [("title", "minLength", ["title"])]),
        (
            {"product": {"title": "Mug", "variants": [{"sku": "a"}]}},
            [("sku", "minLength", ["variants", 0, "sku"])],
        ),
        ({"product": {"title": "Mug", "low": 2, "high": 1}}, [("low", "rule", ["low"])]),
    ],
)  # fmt: skip
def test_violations_are_named_from_the_inside(
    api: Api, body: Any, violations: Any
) -> None:
    """`names: last` names the innermost field; a wrapper that is missing names itself."""
    reply = sent(api, body)

    assert (reply.status_code, named(reply)) == (422, violations)


@pytest.mark.parametrize(
    ("names", "field"),
    [
        ("top", "variants"),
        ("dotted", "variants.1.sku"),
        ("brackets", "variants[1][sku]"),
        ("indexed", "variants[1].sku"),
        ("last", "sku"),
    ],
)
def test_a_nested_field_is_named_as_the_provider_names_it(
    tmp_path: Path, names: str, field: str
) -> None:
    add = {**OPERATIONS["add"], "violations": {"names": names}}
    body = {"product": {"title": "Mug", "variants": [{"sku": "a1"}, {"sku": "b"}]}}
    api = small(
        tmp_path,
        {"/products": PATHS["/products"]},
        {"add": add},
        collections={"products": {}},
        table={**OF_ADD, "invalid_request": TABLE["invalid_request"]},
    )

    reply = sent(api, body)

    assert named(reply) == [(field, "minLength", ["variants", 1, "sku"])]


def test_a_value_that_another_has_is_named_from_the_inside(api: Api) -> None:
    body = {"product": {"title": "Mug", "vendor": "Acme"}}
    sent(api, body)

    assert named(sent(api, body)) == [("vendor", "unique", ["vendor"])]


def test_a_forced_refusal_is_that_of_an_empty_input(api: Api) -> None:
    forced = api.call(
        "POST",
        "/products",
        None,
        json={"product": {"title": "Mug"}},
        headers={"X-Emulator-Refuse": "invalid_request"},
    )

    assert named(forced) == [("title", "required", ["title"])]


def test_blanks_are_dropped_inside(tmp_path: Path) -> None:
    api = shop(tmp_path, http={"blank": "drop"})

    assert named(sent(api, {"product": {"title": " ", "vendor": None}})) == [
        ("title", "required", ["title"])
    ]


def test_forms_have_wrappers_too(tmp_path: Path) -> None:
    """`product[title]=Mug` is what Rails calls a nested form."""
    content = {"application/x-www-form-urlencoded": {"schema": WRAPPED}}
    paths = {"/products": {"post": {"operationId": "add", "requestBody": {"content": content}}}}  # fmt: skip
    api = small(
        tmp_path, paths, {"add": OPERATIONS["add"]}, table=BODIES, collections={"products": None}
    )  # fmt: skip

    reply = api.post("/products", None, data={"product[title]": "Mug", "product[low]": "3"})  # fmt: skip

    assert (reply.json()["title"], reply.json()["low"]) == ("Mug", 3)


def test_a_wrapper_in_a_wrapper(tmp_path: Path) -> None:
    """`{"data": {"attributes": {...}}}`; parts of a schema in `allOf` are parts of it."""
    attributes = {"allOf": [PRODUCT, {"properties": {"size": {"default": 5}}}]}
    data = {"type": "object", "properties": {"attributes": attributes}}
    content = {"application/json": {"schema": {"type": "object", "properties": {"data": data}}}}  # fmt: skip
    paths = {"/products": {"post": {"operationId": "add", "requestBody": {"content": content}}}}  # fmt: skip
    add = {**OPERATIONS["add"], "violations": {}, "input": "body.data.attributes"}
    api = small(tmp_path, paths, {"add": add}, table=OF_ADD, collections={"products": None})  # fmt: skip

    made = sent(api, {"data": {"attributes": {"title": "Mug"}, "type": "product"}})
    wrong = sent(api, {"data": {"type": "product"}})
    worse = sent(api, {"data": 3})

    assert (made.json()["size"], made.json()["status"]) == (5, "draft")
    assert named(wrong) == [("data.attributes", "required", ["data", "attributes"])]
    assert named(worse) == [("data", "type", ["data"])]


@pytest.mark.parametrize(
    ("written", "code", "what"),
    [
        ("body.produce", "unknown-field", "no member 'produce'"),
        ("body.product.titles", "unknown-field", "no member 'product.titles'"),
        ("query.product", "wrong-form", "`input` is 'query.product'"),
        ("product", "wrong-form", "`input` is 'product'"),
        ("body", "wrong-form", "`input` is 'body'"),
        ("body.product or body", "wrong-form", "names the member of the body"),
        ("body.product[0]", "wrong-form", "names the member of the body"),
        (3, "wrong-form", "names the member of the body"),
    ],
)
def test_a_wrapper_that_no_body_has_is_told(
    tmp_path: Path, written: Any, code: str, what: str
) -> None:
    operations = {**OPERATIONS, "add": {**OPERATIONS["add"], "input": written}}

    with pytest.raises(SpecError) as told:
        small(tmp_path, PATHS, operations, table=TABLE, collections={"products": None})

    assert code in str(told.value)
    assert what in str(told.value)


def test_an_operation_without_a_body_has_no_input(tmp_path: Path) -> None:
    operations = {**OPERATIONS, "show": {**OPERATIONS["show"], "input": "body.product"}}

    with pytest.raises(SpecError, match="unread-body"):
        small(tmp_path, PATHS, operations, table=TABLE, collections={"products": None})
