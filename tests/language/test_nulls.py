"""Nulls: names that may be missing where an expression cannot do without them."""

from __future__ import annotations

from pathlib import Path

import pytest
from small import small

from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.diagnostics import Report
from emulator.language.nulls import may_be_null

OPTIONAL = {"query.n", "body.a", "body.b"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("query.n + 1 > 0", ["query.n"]),
        ("body.a <= body.b", ["body.a", "body.b"]),
        ("body.a.c < 3", ["body.a.c"]),
        ("body['a'] * 2", ["body.a"]),
        ("3 < body.a < 5", ["body.a"]),
        ("not (body.a > 3)", ["body.a"]),
        ("query.n and query.n > 3", []),
        ("query.n is None or query.n > 3", []),
        ("query.n > 3 if query.n else false", []),
        ("body.a and body.a.c < 3", []),
        ("(query.n or 0) + 1", []),
        ("length(query.n) > 3", []),
        ("query.n == 3", []),
        ("query.m > 3", []),
        ("query.n >", []),
    ],
)
def test_a_name_is_doubted_where_nothing_asks_for_it_first(
    text: str, names: list[str]
) -> None:
    assert may_be_null(text, OPTIONAL) == names


def test_a_rule_is_told_of_the_fields_that_may_be_missing(tmp_path: Path) -> None:
    """Those that it requires are there; what stands below them may be missing still."""
    schema = {"type": "object", "required": ["low"], "properties": {
        "low": {"type": "integer"}, "high": {"type": "integer"},
        "pay": {"type": "object", "properties": {"min": {"type": "integer"}}},
        "fine": {"type": "integer", "default": 1},
    }}  # fmt: skip
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    rules = [
        {"check": "low < high"},
        {"check": "low < high", "requires_fields": ["high"]},
        {"check": "low < pay.min", "requires_fields": ["pay"]},
        {"check": "low < fine"},
    ]
    small(
        tmp_path,
        {"/things": {"post": {"operationId": "add", "requestBody": body, "responses": {}}}},
        {"add": {"create": {"collection": "things"}, "rules": rules}},
        collections={"things": {}},
        table={"malformed_body": {"status": 400}, "body_too_large": {"status": 413},
               "unsupported_media": {"status": 415}, "invalid_request": {"status": 422}},
    )  # fmt: skip
    report = Report()
    load(Place(tmp_path / "small", tmp_path / "small" / "fixtures"), None, report)

    assert [
        each.what.split("'")[1]
        for each in report.diagnostics
        if each.code == "may-be-null"
    ] == ["high", "pay.min"]
