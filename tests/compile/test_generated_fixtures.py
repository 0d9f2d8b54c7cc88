"""Generated fixtures: records that a recipe makes from a schema of openapi.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from front_door import Api
from small import small

from emulator.compile.load import freeze
from emulator.compile.places import Place
from emulator.diagnostics import SpecError

PET = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string", "example": "Rex"},
        "code": {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$"},
        "pin": {"type": "string", "writeOnly": True},
    },
}
PATHS = {
    "/pets": {
        "get": {"operationId": "listPets", "responses": {"200": {"description": "-"}}}
    }
}


def pets(tmp_path: Path, fixture: Any, key: str = "id", **more: Any) -> Api:
    return small(
        tmp_path,
        PATHS,
        {"listPets": {"list": {"collection": "pets"}}},
        openapi={"components": {"schemas": {"Pet": PET}}},
        collections={"pets": {"key": key}},
        fixtures={"pets": fixture},
        **more,
    )


def test_each_record_is_a_value_of_the_schema(tmp_path: Path) -> None:
    records = pets(tmp_path, {"generate": 5, "schema": "Pet"}).get("/pets", None).json()

    assert [record["id"] for record in records] == [1, 2, 3, 4, 5]
    assert [*records[0]] == ["id", "name", "code"]
    assert records[0]["name"] == "Rex"
    assert len({record["code"] for record in records}) == 5


def test_fields_of_the_record_replace_what_is_generated_and_see_it(
    tmp_path: Path,
) -> None:
    record = {"name": "${code}!", "shop_id": "${pick([7])}"}
    fixture = {"generate": 2, "schema": "Pet", "record": record, "omit": ["code"]}
    (first, _) = pets(tmp_path, fixture).get("/pets", None).json()

    assert first["name"].endswith("!")
    assert len(first["name"]) == 9
    assert first["shop_id"] == 7
    assert "code" not in first


def test_keys_are_unique_beside_records_that_are_written(tmp_path: Path) -> None:
    recipes = [{"generate": 3, "schema": "Pet"}, {"generate": 3, "schema": "Pet"}]
    fixture = {"records": [{"id": 2, "name": "Tom"}], "recipes": recipes}
    by_code = pets(tmp_path / "code", {"generate": 20, "schema": "Pet"}, key="code")

    assert len(by_code.get("/pets", None).json()) == 20
    both = pets(tmp_path / "both", fixture).get("/pets", None).json()
    assert [pet["id"] for pet in both] == [2, 1, 3, 4, 5, 6, 7]


def test_what_was_made_is_frozen_with_its_schema(tmp_path: Path) -> None:
    pets(tmp_path, {"generate": 2, "schema": "Pet"})
    place = Place(tmp_path / "small", tmp_path / "small" / "fixtures")
    ((path, frozen),) = freeze(place).items()

    assert path.name == "pets.frozen.json"
    assert [record["id"] for record in frozen.records] == [1, 2]
    other = pets(tmp_path / "other", {"generate": 2, "schema": "Pet"})
    assert other.get("/pets", None).json() == [*frozen.records]


@pytest.mark.parametrize(
    ("fixture", "code"),
    [
        ({"generate": 1, "schema": "Pets"}, "unknown-schema"),
        ({"generate": 1, "schema": 7}, "fixture-structure"),
        ({"generate": 1, "schema": "Pet", "record": {"a": "${nmae}"}}, "unknown-name"),
        ({"generate": 1}, "fixture-structure"),
    ],
)
def test_mistakes(tmp_path: Path, fixture: Any, code: str) -> None:
    with pytest.raises(SpecError) as caught:
        pets(tmp_path, fixture)

    assert code in {each.code for each in caught.value.diagnostics}
