"""Schemas: the JSON Schemas of what the admin API takes and gives, written briefly.

    text("The world's time.")           ->  {"type": "string", "description": "The ..."}
    list_of(integer(), maxItems=3)      ->  {"type": "array", "items": {...}, "maxItems": 3}
    input_schema(url=text(), required="url")

Each maker takes what the value means, and further keywords of JSON Schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.json_type import Json

Schema = Mapping[str, Json]


def text(description: str = "", **keywords: Json) -> Schema:
    return _schema("string", description, keywords)


def text_or_null(description: str = "", **keywords: Json) -> Schema:
    return _schema(["string", "null"], description, keywords)


def of_types(types: str, description: str = "", **keywords: Json) -> Schema:
    """A value of several types: `of_types("integer string", "A status, or `4xx`.")`."""
    return _schema(types.split(), description, keywords)


def anything(description: str) -> Schema:
    return {"description": description}


def described(schema: Schema, description: str) -> Schema:
    """*schema*, with what it means in one place."""
    return {**schema, "description": description}


def integer(description: str = "", **keywords: Json) -> Schema:
    return _schema("integer", description, keywords)


def count(description: str = "", **keywords: Json) -> Schema:
    """An integer that is not negative."""
    return _schema("integer", description, {"minimum": 0, **keywords})


def number(description: str = "", **keywords: Json) -> Schema:
    return _schema("number", description, keywords)


def boolean(description: str = "", **keywords: Json) -> Schema:
    return _schema("boolean", description, keywords)


def list_of(items: Schema, description: str = "", **keywords: Json) -> Schema:
    return _schema("array", description, {"items": items, **keywords})


def map_of(values: Schema | bool, description: str = "") -> Schema:
    """An object with members of any name."""
    return _schema("object", description, {"additionalProperties": values})


def any_object(description: str = "") -> Schema:
    return _schema("object", description, {})


def object_schema(
    description: str = "", *, required: str | None = None, **members: Schema
) -> Schema:
    """An object of a reply: it has all of these members, unless *required* names fewer."""
    needed = [*members] if required is None else required.split()
    return _schema("object", description, {"required": needed, "properties": members})


def input_schema(
    description: str = "", *, required: str = "", **members: Schema
) -> Schema:
    """An object of a request: other members are refused, and *required* are needed."""
    keywords: dict[str, Any] = {"additionalProperties": False, "properties": members}
    if required:
        keywords["required"] = required.split()
    return _schema("object", description, keywords)


def ref(name: str) -> Schema:
    """The schema of that name in some module's `SCHEMAS`."""
    return {"$ref": f"#/components/schemas/{name}"}


def _schema(kind: Json, description: str, keywords: Mapping[str, Json]) -> Schema:
    described = {"description": description} if description else {}
    return {"type": kind, **described, **keywords}
