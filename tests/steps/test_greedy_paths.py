"""Greedy path parameters, as an author writes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from front_door import Api
from small import small

from emulator.diagnostics import SpecError

TEXT = {"schema": {"type": "string"}}
FILE = {"name": "file", "in": "path", "required": True, **TEXT}
VERSION = {"name": "version", "in": "path", "required": True, **TEXT}
REPLY = {"reply": {"body": {"operation": "${operation_id}", "file": "${path.file}"}}}
TABLE = {"invalid_path": {"status": 404}}


def files(
    folder: Path, file: Any, path: str = "/files/{file}", **operation: Any
) -> Api:
    paths = {
        path: {"get": {"operationId": "show", "parameters": [file]}},
        "/files/recent": {"get": {"operationId": "recent"}},
    }
    operations = {
        "show": {**REPLY, **operation},
        "recent": {"reply": {"body": {"operation": "recent"}}},
    }
    return small(folder, paths, operations, table=TABLE)


@pytest.mark.parametrize("way", ["openapi", "behavior"])
def test_a_path_with_slashes_is_one_value(tmp_path: Path, way: str) -> None:
    """`x-greedy` in openapi.yaml and `greedy` in behavior.yaml mean the same."""
    if way == "openapi":
        api = files(tmp_path, {**FILE, "x-greedy": True})
    else:
        api = files(tmp_path, FILE, greedy=["file"])

    found = api.get("/files/a/b%20c/d.txt", None)

    assert found.json() == {"operation": "show", "file": "a/b c/d.txt"}
    assert api.get("/files/recent", None).json() == {"operation": "recent"}
    assert api.get("/files", None).status_code == 404
    assert api.call("POST", "/files/a/b", None).status_code == 405
    assert api.call("OPTIONS", "/files/a/b", None).headers["allow"] == "GET, HEAD, OPTIONS"  # fmt: skip
    assert api.call("HEAD", "/files/a/b", None).status_code == 200


def test_a_schema_says_what_of_it_is_invalid(tmp_path: Path) -> None:
    schema = {"schema": {"type": "string", "pattern": r"\.txt$"}}
    api = files(tmp_path, {**FILE, **schema, "x-greedy": True})

    assert api.get("/files/a/b.txt", None).status_code == 200
    assert api.get("/files/a/b.png", None).status_code == 404


def test_a_greedy_path_stands_beside_a_plain_one(tmp_path: Path) -> None:
    """They are told from each other: no mistake of the document."""
    paths = {
        "/files/{file}": {
            "get": {"operationId": "show", "parameters": [{**FILE, "x-greedy": True}]}
        },
        "/files/{version}": {"get": {"operationId": "one", "parameters": [VERSION]}},
    }
    one = {"reply": {"body": {"operation": "one"}}}
    api = small(tmp_path, paths, {"show": REPLY, "one": one}, table=TABLE)

    assert api.get("/files/a", None).json() == {"operation": "one"}
    assert api.get("/files/a/b", None).json() == {"operation": "show", "file": "a/b"}


@pytest.mark.parametrize(
    ("file", "path", "operation", "told"),
    [
        (FILE, "/files/{file}", {"greedy": ["fil"]}, "there is no parameter 'fil'"),
        (FILE, "/files/{file}.txt", {"greedy": ["file"]}, "only a part of a segment"),
        ({**FILE, "style": "label"}, "/files/{file}", {"greedy": ["file"]}, "has the style 'label'"),
        ({**FILE, "x-greedy": "yes"}, "/files/{file}", {}, "has x-greedy: 'yes'"),
        (FILE, "/files/{file}", {"greedy": "file"}, "operations.show.greedy is a text"),
    ],
)  # fmt: skip
def test_what_cannot_be_greedy_is_told(
    tmp_path: Path, file: Any, path: str, operation: Any, told: str
) -> None:
    with pytest.raises(SpecError, match=told):
        files(tmp_path, file, path, **operation)


def test_two_greedy_parameters_cannot_be_told_apart(tmp_path: Path) -> None:
    both = [{**FILE, "x-greedy": True}, {**VERSION, "x-greedy": True}]
    paths = {"/{file}/{version}": {"get": {"operationId": "show", "parameters": both}}}

    with pytest.raises(SpecError, match="more than one greedy parameter"):
        small(tmp_path, paths, {"show": REPLY}, table=TABLE)
