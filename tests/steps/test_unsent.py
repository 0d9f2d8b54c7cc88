"""Unsent: what a record has of a field that nobody sends; and `this`, all of a record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small import BODIES, small

BODY: Any = {
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "properties": {
                    "title": {"type": "string"},
                    "note": {"type": ["string", "null"]},
                    "kind": {"type": "string", "default": "plain"},
                },
            }
        }
    }
}
ONE: Any = [
    {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
]
PATHS: Any = {
    "/notes": {"post": {"operationId": "make", "requestBody": BODY, "responses": {"201": {}}}},
    "/notes/{id}": {
        "parameters": ONE,
        "put": {"operationId": "replace", "requestBody": BODY, "responses": {"200": {}}},
        "patch": {"operationId": "change", "requestBody": BODY, "responses": {"200": {}}},
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("unsent", "note", "title"),
    [("fill", {"note": None}, {"title": None}), ("drop", {}, {})],
)
def test_a_field_that_is_not_sent_is_null_or_not_there(
    tmp_path: Path, unsent: str, note: Any, title: Any
) -> None:
    api = small(
        tmp_path,
        PATHS,
        {
            "make": {"create": {"collection": "notes"}},
            "replace": {"update": {"collection": "notes", "key": "path.id", "whole": True}},
            "change": {"update": {"collection": "notes", "key": "path.id"}},
        },
        collections={"notes": {"unsent": unsent, "on_create": {"by": "ada"}}},
        table={**BODIES, "not_found": {"status": 404}, "invalid_path": {"status": 404}},
    )  # fmt: skip
    made = api.post("/notes", None, json={"title": "a"}).json()
    assert made == {"id": 1, "title": "a", **note, "kind": "plain", "by": "ada"}
    sent = api.call("PATCH", "/notes/1", None, json={"note": None}).json()
    assert sent == {**made, "note": None}
    whole = api.call("PUT", "/notes/1", None, json={"note": "b"}).json()
    assert whole == {"id": 1, **title, "note": "b", "kind": "plain", "by": "ada"}


def test_this_alone_is_a_copy_of_the_record(tmp_path: Path) -> None:
    """What is stored of it does not hold itself."""
    api = small(
        tmp_path,
        PATHS,
        {
            "make": {"create": {"collection": "notes", "view": "note"}},
            "replace": {"update": {"collection": "notes", "key": "path.id", "whole": True}},
            "change": {"update": {"collection": "notes", "key": "path.id"}},
        },
        collections={"notes": {"on_create": {"first": "${this}"}, "fields": ["first"]}},
        views={"note": {"collection": "notes", "show": "${without(this, ['note', 'kind'])}"}},
        table={**BODIES, "not_found": {"status": 404}, "invalid_path": {"status": 404}},
    )  # fmt: skip
    made = api.post("/notes", None, json={"title": "a"}).json()
    first = {"id": 1, "title": "a", "note": None, "kind": "plain"}
    assert made == {"id": 1, "title": "a", "first": first}


def test_bodies_of_errors_know_why_and_the_status_as_a_text(tmp_path: Path) -> None:
    api = small(
        tmp_path,
        PATHS,
        {
            "make": {"create": {"collection": "notes"}},
            "replace": {"update": {"collection": "notes", "key": "path.id"}},
            "change": {"update": {"collection": "notes", "key": "path.id"}},
        },
        collections={"notes": {}},
        table={
            **BODIES,
            "not_found": {"status": 404, "body": {"why": "${reason}", "s": "${text(status)}"}},
            "invalid_path": {"status": 404},
        },
    )  # fmt: skip
    gone = api.call("PATCH", "/notes/7", None, json={})
    assert gone.json() == {"why": "No such record", "s": "404"}
