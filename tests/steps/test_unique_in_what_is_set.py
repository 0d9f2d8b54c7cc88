"""Values that no two records share, where the provider itself sets one of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from front_door import Api
from small import BODIES, small


def labels(folder: Path, **unique: Any) -> Api:
    """Labels of repositories, each with a name of its own there."""
    name = {"schema": {"type": "object", "properties": {"name": {"type": "string"}}}}
    body = {"content": {"application/json": name}}
    repo = {
        "name": "repo",
        "in": "path",
        "required": True,
        "schema": {"type": "string"},
    }
    return small(
        folder,
        {
            "/{repo}/labels": {
                "parameters": [repo],
                "post": {
                    "operationId": "add",
                    "requestBody": body,
                    "responses": {"201": {"description": "added"}},
                },
            }
        },
        {
            "add": {
                "create": {"collection": "labels", "set": {"repo": "${path.repo}"}},
                "reply": {"body": {"id": "${record.id}"}},
            }
        },
        collections={"labels": {"unique": [{"fields": ["name", "repo"], **unique}]}},
        table={
            **BODIES,
            "invalid_path": {"status": 400},
            "invalid_request": {
                "status": 422, "code": "${[[v.field, v.rule, v.value] for v in violations]}",
            },
            **(
                {"conflict": {"status": 409, "code": "${field} ${value}"}}
                if unique.get("refuse") != "violation"
                else {}
            ),
        },
    )  # fmt: skip


def test_what_the_provider_sets_counts_for_what_is_unique(tmp_path: Path) -> None:
    """It is a violation of the input, though the input has only a part of it."""
    api = labels(tmp_path, refuse="violation")

    first = api.post("/site/labels", None, json={"name": "bug"})
    again = api.post("/site/labels", None, json={"name": "bug"})
    elsewhere = api.post("/shop/labels", None, json={"name": "bug"})

    assert (first.status_code, elsewhere.status_code) == (201, 201)
    assert (again.status_code, again.json()) == (
        422, {"error": [["name", "unique", "bug"]]},
    )  # fmt: skip


@pytest.mark.parametrize("refuse", ["violation", "conflict"])
def test_a_caller_is_told_of_the_field_that_was_sent(
    tmp_path: Path, refuse: str
) -> None:
    """In whichever order `unique` names the fields."""
    api = labels(tmp_path, refuse=refuse, fields=["repo", "name"])

    api.post("/site/labels", None, json={"name": "bug"})
    again = api.post("/site/labels", None, json={"name": "bug"}).json()

    told = "name bug" if refuse == "conflict" else [["name", "unique", "bug"]]
    assert again == {"error": told}


def test_a_conflict_is_told_as_before(tmp_path: Path) -> None:
    """Where `unique` does not say that it is a violation."""
    api = labels(tmp_path)

    statuses = [
        api.post("/site/labels", None, json={"name": "bug"}).status_code
        for _ in range(2)
    ]

    assert statuses == [201, 409]
