"""An input that is none of several alternatives is told by the one that it comes nearest to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small import small

ONE = {"type": "object", "required": ["name", "size"],
       "properties": {"name": {"type": "string"}, "size": {"enum": ["s", "m"]}}}  # fmt: skip
MANY = {"type": "object", "required": ["names", "size", "zone"],
        "properties": {"names": {"type": "array", "items": {"type": "string"}}}}  # fmt: skip
OWNER = {
    "anyOf": [
        {"type": "string", "format": "email"},
        {"type": "integer"},
        {"type": "null"},
    ]
}
PATHS = {
    "/boxes": {"post": {"operationId": "add", "responses": {}, "requestBody": {"content": {
        "application/json": {"schema": {"oneOf": [ONE, MANY]}},
    }}}},
    "/owners": {"post": {"operationId": "own", "responses": {}, "parameters": [
        {"name": "as", "in": "query", "schema": OWNER},
    ], "requestBody": {"content": {
        "application/json": {"schema": {"type": "object", "properties": {"owner": OWNER}}},
    }}}},
}  # fmt: skip


def messages(folder: Path, path: str, body: Any, **more: Any) -> list[str]:
    api = small(
        folder,
        PATHS,
        {id: {"reply": {"status": 204}} for id in ("add", "own")},
        errors={
            "default": {"body": "${[v.message for v in violations]}"},
            **more,
        },
    )
    told: list[str] = api.post(path, None, json=body).json()
    return told


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"name": "a"}, ["size is required"]),
        ({"name": "a", "size": "l"}, ["size must be one of [\"s\",\"m\"]"]),
        ({"names": ["a"], "size": "s"}, ["name is required"]),
        ([], ["The input must be of the type object"]),
    ],
    ids=str,
)  # fmt: skip
def test_the_fewest_mistakes_are_told(
    tmp_path: Path, body: Any, told: list[str]
) -> None:
    assert messages(tmp_path, "/boxes", body) == told


def test_what_is_of_no_type_is_told_by_all_types(tmp_path: Path) -> None:
    wrong = {"owner": ["a"]}
    assert messages(tmp_path, "/owners", wrong) == [
        "owner must be of the type string or integer"
    ]
    assert messages(tmp_path, "/owners", {"owner": "a"}) == [
        "owner must have the format email"
    ]
    assert messages(tmp_path, "/owners?as=a", {}) == ["as must have the format email"]


def test_words_of_the_provider_for_alternatives_are_kept(tmp_path: Path) -> None:
    words = {"rules": {"oneOf": "neither one nor many", "default": "wrong"}}

    assert messages(tmp_path, "/boxes", {"name": "a"}, violations=words) == [
        "neither one nor many"
    ]
