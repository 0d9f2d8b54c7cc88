"""Paths: lists look into what a field holds; where a field itself is meant, none is taken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small import small

from emulator.diagnostics import SpecError

PATHS = {"/things": {"get": {
    "operationId": "all",
    "parameters": [{"name": "q", "in": "query", "schema": {"type": "string"}}],
    "responses": {},
}}}  # fmt: skip
THINGS = [
    {"id": 1, "size": {"high": 3, "unit": {"name": "Inch"}}},
    {"id": 2, "size": {"high": 1, "unit": {"name": "cm"}}},
    {"id": 3, "size": None},
    {"id": 4, "size": 7},
]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"where": {"size.high": 1}}, [2]),
        ({"where": {"size.high": {"above": 1}}}, [1]),
        ({"where": {"size.unit.name": {"starts_with": "in"}}}, [1]),
        ({"where": {"size.high": {"not": 1}}}, [1, 3, 4]),
        ({"search": {"text": "'INCH'", "fields": ["size.unit.name"]}}, [1]),
        ({"sort": {"by": "'high'", "allowed": {"high": ["-size.high", "-id"]}}}, [1, 2, 4, 3]),
        ({}, [4, 3, 2, 1]),
    ],
)  # fmt: skip
def test_a_path_leads_into_a_field(
    tmp_path: Path, said: dict[str, Any], found: list[int]
) -> None:
    """What it does not lead to is null."""
    operations = {"all": {
        "list": {"collection": "things", **said},
        "reply": {"body": "${[one.id for one in results]}"},
    }}  # fmt: skip
    order = {"order": ["size.high", "-id"]} if not said else {}
    api = small(
        tmp_path, PATHS, operations, collections={"things": order},
        table={"invalid_request": {"status": 422}}, fixtures={"things": THINGS},
    )  # fmt: skip

    assert api.get("/things", None).json() == found


@pytest.mark.parametrize(
    "collection",
    [
        {"unique": [{"fields": ["size.high"]}]},
        {"references": {"size.high": {"to": "things"}}},
        {"max_records": {"where": {"size.high": 1}, "at_most": 3}},
    ],
)
def test_a_path_is_refused_where_a_field_is_meant(
    tmp_path: Path, collection: dict[str, Any]
) -> None:
    """It would be that of no record."""
    with pytest.raises(SpecError, match=r"have no field 'size\.high'"):
        small(
            tmp_path,
            PATHS,
            {"all": {"create": {"collection": "things"}}},
            collections={"things": collection},
            table={"invalid_request": {"status": 422}},
            fixtures={"things": THINGS},
        )
