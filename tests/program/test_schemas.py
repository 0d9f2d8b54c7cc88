"""What a schema says of a value."""

from __future__ import annotations

from emulator.program.schemas import Schema


def test_an_enum_that_allows_null_says_what_it_allows() -> None:
    """Null is JSON like the rest: it does not hide the other values."""
    schema = Schema({"properties": {"size": {"enum": ["s", "m", None]}}})

    assert schema.violations({"size": "xl"}) == [
        {"path": ["size"], "rule": "enum", "limit": ["s", "m", None], "value": "xl"}
    ]
