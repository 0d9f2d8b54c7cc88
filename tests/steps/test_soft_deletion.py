"""Soft deletion: what is deleted stays, out of sight, and holds on to nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from front_door import Api
from small import BODIES, small

from emulator.diagnostics import SpecError

ID = [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]
DONE = {"responses": {"200": {"description": "it"}}}
CONTENT = {
    "application/json": {
        "schema": {
            "properties": {
                "mail": {"type": "string"},
                "team": {"type": "integer"},
            }
        }
    }
}
BODY = {"requestBody": {"content": CONTENT}, **DONE}
PATHS = {
    "/people": {
        "get": {"operationId": "list", **DONE},
        "post": {"operationId": "create", **BODY},
    },
    "/bin": {"get": {"operationId": "bin", **DONE}},
    "/people/{id}": {
        "parameters": ID,
        "get": {"operationId": "read", **DONE},
        "patch": {"operationId": "change", **BODY},
        "delete": {"operationId": "remove", **DONE},
    },
    "/people/{id}/restore": {
        "parameters": ID,
        "post": {"operationId": "restore", **DONE},
    },
    "/teams/{id}": {"parameters": ID, "delete": {"operationId": "dissolve", **DONE}},
}
PERSON = {"collection": "people", "key": "path.id"}
OPERATIONS: dict[str, Any] = {
    "list": {"list": {"collection": "people"}, "reply": {"body": "${items}"}},
    "bin": {
        "list": {"collection": "people", "deleted": "only"},
        "reply": {"body": "${items}"},
    },
    "create": {"create": {"collection": "people"}, "reply": {"body": "${record}"}},
    "read": {"read": PERSON, "reply": {"body": "${record}"}},
    "change": {"update": PERSON, "reply": {"body": "${record}"}},
    "remove": {"delete": PERSON, "reply": {"body": None}},
    "restore": {
        "update": {**PERSON, "deleted": "only", "set": {"deleted_at": None}},
        "reply": {"body": "${record}"},
    },
    "dissolve": {
        "delete": {"collection": "teams", "key": "path.id"},
        "reply": {"body": None},
    },
}
TABLE = {
    **BODIES,
    "not_found": {"status": 404},
    "invalid_path": {"status": 404},
    "gone": {"status": 410},
    "taken": {"status": 409},
}


def people(folder: Path, soft: Any, on_delete: str = "cascade", **table: Any) -> Api:
    made = small(
        folder,
        PATHS,
        OPERATIONS,
        table={**TABLE, **table},
        collections={
            "people": {
                "soft_delete": soft,
                "unique": [{"fields": ["mail"], "refuse": "taken"}],
                "references": {"team": {"to": "teams", "on_delete": on_delete}},
            },
            "teams": None,
        },
        fixtures={
            "teams": [{"id": 1}, {"id": 2}],
            "people": [
                {"id": 1, "mail": "a", "team": 1},
                {"id": 2, "mail": "b", "team": 1},
            ],
        },
    )
    made.clock.freeze()
    return made


SOFT = {"field": "deleted_at", "refuse": "gone"}


def ids(api: Api, path: str = "/people") -> list[int]:
    return [person["id"] for person in api.get(path, None).json()]


def test_a_deleted_record_is_gone_and_another_never_was(tmp_path: Path) -> None:
    api = people(tmp_path, SOFT)
    assert api.call("DELETE", "/people/1", None).status_code == 200

    for method, path in (
        ("GET", "/people/1"),
        ("DELETE", "/people/1"),
        ("PATCH", "/people/1"),
    ):
        assert api.call(method, path, None, json={}).status_code == 410
    assert api.get("/people/9", None).status_code == 404
    assert ids(api) == [2]
    assert ids(api, "/bin") == [1]
    kept = api.get("/bin", None).json()[0]["deleted_at"]
    assert kept.endswith("Z")


def test_without_a_word_of_its_own_it_is_not_found(tmp_path: Path) -> None:
    table = {name: row for name, row in TABLE.items() if name != "gone"}
    api = small(
        tmp_path, PATHS, OPERATIONS, table=table,
        collections={"people": {"soft_delete": "deleted_at", "unique": [{"fields": ["mail"], "refuse": "taken"}]}, "teams": None},
        fixtures={"teams": [{"id": 1}], "people": [{"id": 1, "mail": "a", "team": 1}]},
    )  # fmt: skip
    api.call("DELETE", "/people/1", None)

    assert api.get("/people/1", None).status_code == 404


@pytest.mark.parametrize(("unique", "status"), [("free", 200), ("kept", 409)])
def test_what_was_unique_is_free_or_kept(
    tmp_path: Path, unique: str, status: int
) -> None:
    api = people(tmp_path, {**SOFT, "unique": unique})
    api.call("DELETE", "/people/1", None)

    assert api.post("/people", None, json={"mail": "a"}).status_code == status


def test_a_bin_gives_back_what_is_in_it(tmp_path: Path) -> None:
    """Unless somebody else has what is unique by then."""
    api = people(tmp_path, SOFT)
    api.call("DELETE", "/people/1", None)
    api.call("DELETE", "/people/2", None)
    api.post("/people", None, json={"mail": "a"})

    assert api.post("/people/2/restore", None).status_code == 200
    assert api.post("/people/2/restore", None).status_code == 404
    assert api.post("/people/1/restore", None).status_code == 409
    assert ids(api) == [2, 3]


def test_references_do_not_lead_to_it_nor_hold_it(tmp_path: Path) -> None:
    """A cascade deletes in the way of each collection; what is deleted holds nothing."""
    api = people(tmp_path, SOFT)
    api.call("DELETE", "/teams/1", None)

    assert ids(api) == []
    assert ids(api, "/bin") == [1, 2]
    assert api.post("/people", None, json={"team": 1}).status_code == 422


def test_what_is_deleted_holds_nothing(tmp_path: Path) -> None:
    api = people(tmp_path, SOFT, "restrict", still_referenced={"status": 409})
    assert api.call("DELETE", "/teams/1", None).status_code == 409
    api.call("DELETE", "/people/1", None)
    api.call("DELETE", "/people/2", None)

    assert api.call("DELETE", "/teams/1", None).status_code == 200


def test_it_can_be_forced(tmp_path: Path) -> None:
    api = people(tmp_path, SOFT)
    reply = api.get("/people/1", None, headers={"x-emulator-refuse": "gone"})

    assert reply.status_code == 410


def test_nothing_deleted_is_seen_where_nothing_is_kept(tmp_path: Path) -> None:
    operations = {"bin": OPERATIONS["bin"]}
    with pytest.raises(SpecError) as error:
        small(
            tmp_path,
            {"/bin": PATHS["/bin"]},
            operations,
            collections={"people": None},
            fixtures={"people": [{"id": 1}]},
        )

    assert [each.code for each in error.value.diagnostics] == ["wrong-form"]
