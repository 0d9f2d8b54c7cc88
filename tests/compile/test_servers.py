"""Servers: every path of one leads to the provider, and what leads nowhere is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small import small

from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.diagnostics import Report, SpecError

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


def test_every_server_is_routed(tmp_path: Path) -> None:
    """Also those with another path than the first one's."""
    servers = [{"url": "https://x.example/v2"}, {"url": "https://x.example/legacy/v1/"}]
    api = small(tmp_path, PATHS, OPERATIONS, openapi={"servers": servers})

    paths = ("/v2/things", "/legacy/v1/things", "/things")
    assert [api.get(path, None).status_code for path in paths] == [200, 200, 404]


@pytest.mark.parametrize("where", ["path", "operation"])
@pytest.mark.parametrize(
    ("url", "codes"),
    [("https://files.x.example/v2", []), ("/upload", ["openapi-ignored"])],
)
def test_a_server_of_a_single_path_is_told_where_it_leads_elsewhere(
    tmp_path: Path, where: str, url: str, codes: list[str]
) -> None:
    """Hosts are all one, but nothing is reached under a path that is not routed."""
    operation: dict[str, Any] = {"operationId": "read", "responses": {}}
    path: dict[str, Any] = {"get": operation}
    (path if where == "path" else operation)["servers"] = [{"url": url}]

    report = told(
        tmp_path, {"/things": path}, servers=[{"url": "https://x.example/v2"}]
    )

    assert codes == [diagnostic.code for diagnostic in report.diagnostics]


def test_callbacks_that_are_webhooks_of_the_provider_are_not_told(
    tmp_path: Path,
) -> None:
    """What openapi.yaml says of them is said in behavior.yaml."""
    callbacks = {"done": {"{$request.body#/url}": {"post": {"responses": {}}}}}
    paths = {"/things": {"get": {**PATHS["/things"]["get"], "callbacks": callbacks}}}
    webhooks = {"events": {"done": {"operations": ["read"], "payload": {}}}}

    assert [
        diagnostic.code for diagnostic in told(tmp_path / "a", paths).diagnostics
    ] == ["openapi-ignored"]
    assert told(tmp_path / "b", paths, webhooks=webhooks).diagnostics == []


def told(folder: Path, paths: Any, *, webhooks: Any = None, **openapi: Any) -> Report:
    """What is said of a small provider with these paths."""
    report = Report()
    more = {"webhooks": webhooks} if webhooks else {}
    small(folder, paths, OPERATIONS, openapi=openapi, **more)
    load(Place(folder / "small", folder / "small" / "fixtures"), None, report)
    return report
