"""The variables of a server: every value leads to the provider, and too many are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small import small

from emulator.diagnostics import SpecError

PATHS = {"/things": {"get": {"operationId": "read", "responses": {}}}}
OPERATIONS = {"read": {"reply": {"body": "${base_url + raw_path}"}}}


def made(folder: Path, url: str, **variables: Any) -> Any:
    """A provider whose server has these variables."""
    return small(
        folder, PATHS, OPERATIONS, openapi={"servers": [{"url": url, "variables": variables}]}
    )  # fmt: skip


def test_every_value_of_a_variable_is_routed(tmp_path: Path) -> None:
    """A version in the path is one of several; another one leads nowhere."""
    api = made(
        tmp_path,
        "https://{shop}.example/api/{version}",
        shop={"default": "a"},
        version={"default": "v2", "enum": ["v1", "v2", "2024-01"]},
    )

    found = {
        one: api.get(f"/api/{one}/things", None)
        for one in ("v1", "v2", "2024-01", "v3")
    }

    assert [one.status_code for one in found.values()] == [200, 200, 200, 404]
    assert found["v1"].json() == "http://testserver/small/api/v1/things"
    assert api.program.base_path == "/api/v2"
    assert api.call("DELETE", "/api/v1/things", None).status_code == 405


def test_more_values_than_anyone_routes_are_told(tmp_path: Path) -> None:
    """They would be a route each."""
    many = {"default": "0", "enum": [str(one) for one in range(20)]}

    with pytest.raises(SpecError, match="more than 100 values"):
        made(tmp_path, "https://x.example/{a}/{b}", a=many, b=many)
