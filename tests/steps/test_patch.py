"""Patches, and updates that create: what a body makes of a record, by its media type."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from front_door import Api
from small import small

from emulator.diagnostics import SpecError

MERGE, JSON = "application/merge-patch+json", "application/json-patch+json"
THING = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "string"},
        "name": {"type": "string", "minLength": 1},
        "place": {"type": "object"},
        "tags": {"type": "array", "maxItems": 3},
        "parent": {"type": ["string", "null"]},
    },
}
SHOWN = {"description": "It", "content": {"application/json": {"schema": THING}}}
CHANGE = {"type": "object", "properties": {**THING["properties"], "id": False}}  # type: ignore[dict-item]
PATHS: dict[str, Any] = {
    "/things/{id}": {
        "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
        ],
        "get": {"operationId": "read", "responses": {"200": SHOWN}},
        "put": {
            "operationId": "put",
            "requestBody": {"content": {"application/json": {"schema": CHANGE}}},
            "responses": {"200": SHOWN, "201": SHOWN},
        },
        "patch": {
            "operationId": "patch",
            "requestBody": {
                "content": {
                    "application/json": {"schema": CHANGE},
                    MERGE: {"schema": {"type": "object"}},
                    JSON: {"schema": {}},
                }
            },
            "responses": {"200": SHOWN},
        },
    }
}
KEY = {"collection": "things", "key": "path.id"}
OPERATIONS: dict[str, Any] = {
    "read": {"read": KEY},
    "put": {
        "update": {**KEY, "whole": True, "creates": True},
        "reply": [{"when": "before is None", "status": 201}, {"status": 200}],
    },
    "patch": {
        "update": {
            **KEY,
            "patch": {MERGE: "merge", JSON: "json"},
            "conforms_to": "Thing",
        }
    },
}
LAMP = {
    "id": "lamp",
    "name": "Lamp",
    "place": {"city": "Rome", "street": "Via"},
    "tags": [1],
}
"""The record that each world begins with."""


def things(folder: Path, **changes: Any) -> Api:
    """A provider of things; *changes* are parts of its `patch` operation's update."""
    operations = json.loads(json.dumps(OPERATIONS))
    operations["patch"]["update"] |= changes
    return small(
        folder,
        PATHS,
        operations,
        openapi={"components": {"schemas": {"Thing": THING}}},
        collections={
            "things": {
                "unsent": "drop",
                "references": {"parent": {"to": "things"}},
                "rules": [
                    {"check": "name != 'No'", "field": "name", "rule": "named", "message": "no"}
                ],
            }
        },
        fixtures={"things": [LAMP]},
        errors={
            "default": {"body": {"error": "${refused}", "why": "${reason}"}},
            "table": {
                "invalid_request": {
                    "status": 422,
                    "body": {"fields": "${[v.field for v in violations]}"},
                }
            },
        },
    )  # fmt: skip


def patched(api: Api, body: Any, media: str = JSON, **headers: str) -> Any:
    return api.call(
        "PATCH",
        "/things/lamp",
        None,
        content=json.dumps(body),
        headers={"Content-Type": media, **headers},
    )


def test_the_media_type_says_what_a_body_does(tmp_path: Path) -> None:
    """RFC 5789: a patch is what its media type says that it is."""
    api = things(tmp_path)
    plain = patched(api, {"place": {"city": "Pisa"}}, "application/json").json()
    assert plain["place"] == {"city": "Pisa"}
    merged = patched(api, {"place": {"street": "Corso"}, "tags": None}, MERGE).json()
    assert merged == {
        "id": "lamp", "name": "Lamp", "place": {"city": "Pisa", "street": "Corso"},
    }  # fmt: skip
    steps = [
        {"op": "test", "path": "/place/city", "value": "Pisa"},
        {"op": "add", "path": "/tags", "value": []},
        {"op": "copy", "path": "/tags/-", "from": "/place/city"},
        {"op": "remove", "path": "/place"},
    ]
    changed = patched(api, steps)
    assert (changed.status_code, changed.json()) == (
        200,
        {"id": "lamp", "name": "Lamp", "tags": ["Pisa"]},
    )
    assert api.get("/things/lamp", None).json() == changed.json()


def test_a_patch_that_cannot_be_done_changes_nothing(tmp_path: Path) -> None:
    """RFC 5789, 2.2: 400 for what is no patch, 409 for one that does not fit the state."""
    api = things(tmp_path)
    failed = patched(
        api,
        [
            {"op": "replace", "path": "/name", "value": "Moved"},
            {"op": "test", "path": "/name", "value": "Lamp"},
        ],
    )
    assert (failed.status_code, failed.json()["error"]) == (409, "patch_failed")
    wrong = patched(api, [{"op": "put", "path": "/name"}])
    assert (wrong.status_code, wrong.json()["error"]) == (400, "patch_malformed")
    whole = patched(api, [{"op": "replace", "path": "", "value": []}])
    assert (whole.status_code, whole.json()["error"]) == (409, "patch_failed")
    assert api.get("/things/lamp", None).json() == LAMP


@pytest.mark.parametrize(
    ("body", "media", "fields"),
    [
        ([{"op": "remove", "path": "/name"}], JSON, ["name"]),
        ({"name": None}, MERGE, ["name"]),
        ({"tags": [1, 2, 3, 4]}, MERGE, ["tags"]),
        ([{"op": "replace", "path": "/name", "value": "No"}], JSON, ["name"]),
        ({"parent": "nobody"}, MERGE, ["parent"]),
    ],
)
def test_what_comes_of_a_patch_is_judged(
    tmp_path: Path, body: Any, media: str, fields: list[str]
) -> None:
    """By the schema that it conforms to, by the rules, and by where it refers to."""
    api = things(tmp_path)
    wrong = patched(api, body, media)

    assert (wrong.status_code, wrong.json()) == (422, {"fields": fields})
    assert api.get("/things/lamp", None).json() == LAMP


def test_the_key_of_a_record_is_not_patched(tmp_path: Path) -> None:
    api = things(tmp_path)

    assert patched(api, [{"op": "remove", "path": "/id"}], JSON).status_code == 422
    assert patched(api, {"id": "other"}, MERGE).json()["id"] == "lamp"


def test_both_refusals_can_be_asked_for(tmp_path: Path) -> None:
    api = things(tmp_path)
    for code, status in (("patch_failed", 409), ("patch_malformed", 400)):
        forced = patched(api, [], **{"X-Emulator-Refuse": code})
        assert (forced.status_code, forced.json()["error"]) == (status, code)


def test_an_update_creates_what_is_not_there(tmp_path: Path) -> None:
    """RFC 9110, 9.3.4: 201 if PUT has made it, 200 if it was there."""
    api = things(tmp_path)
    made = api.call("PUT", "/things/desk", None, json={"name": "Desk"})
    assert (made.status_code, made.json()) == (201, {"id": "desk", "name": "Desk"})
    again = api.call("PUT", "/things/desk", None, json={"name": "Table", "tags": []})
    assert (again.status_code, again.json()) == (
        200,
        {"id": "desk", "name": "Table", "tags": []},
    )
    assert api.call("PUT", "/things/none", None, json={"name": ""}).status_code == 422
    assert api.get("/things/none", None).status_code == 404
    forced = {"X-Emulator-Refuse": "not_found"}
    refused = api.call("PUT", "/things/x", None, json={"name": "X"}, headers=forced)
    assert refused.status_code == 404
    assert api.get("/things/x", None).status_code == 404


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"patch": {"text/plain": "merge"}}, "wrong-form"),
        ({"patch": "merge", "whole": True}, "wrong-form"),
        ({"patch": None, "conforms_to": "Thing"}, "wrong-form"),
        ({"conforms_to": "Thingy"}, "unknown-schema"),
        ({"creates": True, "by": "name"}, "wrong-form"),
    ],
)
def test_what_makes_no_sense_is_refused_when_it_is_read(
    tmp_path: Path, changes: Any, code: str
) -> None:
    operations = json.loads(json.dumps(OPERATIONS))
    operations["patch"]["update"] |= changes
    operations["patch"]["update"] = {
        key: value for key, value in operations["patch"]["update"].items() if value
    }
    with pytest.raises(SpecError) as wrong:
        small(
            tmp_path, PATHS, operations, collections={"things": {"fields": ["name"]}},
            openapi={"components": {"schemas": {"Thing": THING}}}, errors={"default": {}},
        )  # fmt: skip
    assert code in [each.code for each in wrong.value.diagnostics]
