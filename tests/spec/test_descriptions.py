"""Descriptions: what the JSON Schemas of specs say of each key, to authors and editors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from emulator.spec.structure import behavior_schema, scenarios_schema

_EMPTY = {"a", "an", "and", "by", "in", "is", "it", "its", "name", "of", "that", "the"}
_EMPTY |= {"this", "what", "which"}


def described(schema: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every key of a mapping that has a description, with that."""
    if not isinstance(schema, dict):
        return
    if key and isinstance(schema.get("description"), str):
        yield key, schema["description"]
    for part, inner in schema.items():
        named = part in ("properties", "$defs")
        for name, one in inner.items() if named else [("", inner)]:
            for each in one if isinstance(one, list) else [one]:
                yield from described(each, name)


def test_a_description_says_more_than_the_name_of_its_key() -> None:
    """`status: The status.` helps nobody whose status is refused."""
    empty = []
    for schema in (behavior_schema(), scenarios_schema()):
        for key, text in described(schema):
            said = set(re.findall(r"[a-z]+", text.lower()))
            own = {one.rstrip("s") for one in key.lower().split("_")}
            if not {one.rstrip("s") for one in said - _EMPTY} - own:
                empty.append((key, text))

    assert empty == []
