"""Idle keys: what is written to no effect is told, and what has one is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small import small

from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.diagnostics import Report, SpecError

LIMIT = {"quota": 9, "window": "1m", "per": "ip"}
SLOWLY = {"rate_limited": {"status": 429}}
KEYS = {
    "openapi": {
        "components": {
            "securitySchemes": {"K": {"type": "apiKey", "in": "header", "name": "X"}}
        },
        "security": [{"K": []}],
    },
    "collections": {"keys": {"fields": ["key"]}},
    "table": {"credential_missing": {"status": 401}, "credential_unknown": {"status": 401}},
}  # fmt: skip
SCHEME = {"credentials": "keys", "field": "key"}
RECORDS = {"keys": [{"id": 1, "key": "k_0123456789"}]}


def told(folder: Path, **behavior: Any) -> list[tuple[str, str]]:
    """The warnings about a small provider with this behavior."""
    paths = {"/a": {"get": {"operationId": "a", "responses": {}}}}
    operation = {"reply": {"body": 1}, **behavior.pop("operation", {})}
    small(folder, paths, {"a": operation}, **behavior)
    report = Report()
    load(Place(folder / "small", folder / "small" / "fixtures"), None, report)
    return [(diagnostic.code, diagnostic.what) for diagnostic in report.diagnostics]


@pytest.mark.parametrize(
    ("key", "behavior"),
    [
        ("burst", {"rate_limits": [{**LIMIT, "burst": 3}], "table": SLOWLY}),
        ("starts", {"rate_limits": [{**LIMIT, "starts": "clock", "algorithm": "sliding_window"}],
                    "table": SLOWLY}),
        ("rate_limit_headers", {"rate_limit_headers": {"limit": "X-Limit"}}),
        ("reset_as", {"rate_limits": [LIMIT], "table": SLOWLY,
                      "rate_limit_headers": [{"limit": "X", "reset_as": "delta"}]}),
        ("idempotency", {"idempotency": {"key": "header_lines.x"}}),
        ("cursor", {"pages": {"p": {"cursor": "after"}}}),
        ("number", {"pages": {"p": {"style": "offset", "number": "page"}}}),
        ("expires", {"pages": {"p": {"style": "cursor", "key": "id", "expires": "1m"}}}),
        ("password", {**KEYS, "fixtures": RECORDS,
                      "authentication": {"schemes": {"K": {**SCHEME, "password": "key"}}}}),
        ("operations", {"table": {"wrong_method": {"status": 405, "operations": ["a"]}}}),
        ("set", {"collections": {"c": {"fields": ["x"]}},
                 "operation": {"effects": [{"delete": "c", "key": "1", "set": {"x": 1}}]}}),
        ("body", {"operation": {"reply": {"status": 204, "body": 1}}}),
    ],
)  # fmt: skip
def test_a_key_without_effect_is_told(
    tmp_path: Path, key: str, behavior: dict[str, Any]
) -> None:
    """Once, and nothing besides."""
    assert told(tmp_path, **behavior) == [
        ("idle-key", f"nothing comes of {key!r} here")
    ]


@pytest.mark.parametrize(
    "behavior",
    [
        {"rate_limits": [{**LIMIT, "burst": 30, "algorithm": "token_bucket"}],
         "table": SLOWLY, "rate_limit_headers": {"reset": "X", "reset_as": "delta"}},
        {"rate_limits": [{**LIMIT, "starts": "first_call"}], "table": SLOWLY},
        {"pages": {"p": {"number": "n"}, "q": {"style": "cursor", "cursor": "c", "expires": "1m"}}},
        {"table": {"down": {"status": 503, "operations": ["a"]}}},
        {**KEYS, "fixtures": RECORDS, "authentication": {"schemes": {"K": SCHEME}}},
    ],
)  # fmt: skip
def test_a_key_with_an_effect_is_not_told(
    tmp_path: Path, behavior: dict[str, Any]
) -> None:
    """It is for what it stands beside."""
    assert told(tmp_path, **behavior) == []


@pytest.mark.parametrize(
    ("operation", "codes"),
    [
        ({}, ["fixture-missing"]),
        ({"effects": [{"create": "keys", "set": {"key": "${secret(20)}"}}]}, []),
    ],
)
def test_a_scheme_without_credentials_is_told_unless_they_are_made(
    tmp_path: Path, operation: dict[str, Any], codes: list[str]
) -> None:
    """Nobody could be let in."""
    authentication = {"schemes": {"K": SCHEME}}

    found = told(tmp_path, **KEYS, authentication=authentication, operation=operation)

    assert [code for code, _ in found] == codes


@pytest.mark.parametrize("shows", ["1m", "tightest", "core", "1h"])
def test_headers_show_a_limit_that_there_is(tmp_path: Path, shows: str) -> None:
    """By its name, or its window where it has none; another would never be shown."""
    behavior = {
        "rate_limits": [LIMIT, {**LIMIT, "window": "1h", "name": "core"}],
        "rate_limit_headers": [{"limit": "X", "shows": shows}],
        "table": SLOWLY,
    }
    if shows != "1h":
        assert told(tmp_path, **behavior) == []
        return
    with pytest.raises(SpecError, match="there is no limit '1h'"):
        told(tmp_path, **behavior)
