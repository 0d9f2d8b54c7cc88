"""Sound: what is left of a schema without the keywords that say nothing.

A published document is not ours to mend. A keyword that JSON Schema does not allow to be
what it is there (`required: true`, `minLength: "3"`) asks for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from emulator.json_type import Json
from emulator.spec import patterns

TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")


def sound(schema: dict[str, Json]) -> dict[str, Json]:
    """*schema* with the keywords alone that are what they have to be."""
    kept: dict[str, Json] = {}
    for keyword, value in schema.items():
        if keyword == "$ref" and isinstance(value, str):
            kept[keyword] = value
        elif keyword not in _KEYWORDS:
            if not keyword.startswith("$") or keyword == "$defs":
                kept[keyword] = value
        else:
            repaired = _KEYWORDS[keyword](value)
            if repaired is not None:
                kept[keyword] = repaired
    return kept


def _type(value: Json) -> Json:
    if isinstance(value, list):
        known = [name for name in dict.fromkeys(_texts(value)) if name in TYPES]
        return known or None
    return value if isinstance(value, str) and value in TYPES else None


def _number(value: Json) -> Json:
    return value if type(value) in (int, float) else None


def _positive(value: Json) -> Json:
    return value if _number(value) is not None and value > 0 else None


def _count(value: Json) -> Json:
    is_whole = _number(value) is not None and value == int(value)
    return int(value) if is_whole and value >= 0 else None


def _text(value: Json) -> Json:
    return value if isinstance(value, str) else None


def _truth(value: Json) -> Json:
    return value if isinstance(value, bool) else None


def _list(value: Json) -> Json:
    return value if isinstance(value, list) else None


def _names(value: Json) -> Json:
    return [*dict.fromkeys(_texts(value))] if isinstance(value, list) else None


def _texts(value: list[Json]) -> list[str]:
    return [item for item in value if isinstance(item, str)]


def _pattern(value: Json) -> Json:
    return value if isinstance(value, str) and not patterns.error_in(value) else None


def _schema(value: Json) -> Json:
    return value if isinstance(value, bool | dict) else None


def _schemas(value: Json) -> Json:
    schemas = (
        [item for item in value if _schema(item) is not None]
        if isinstance(value, list)
        else []
    )
    return schemas or None


def _named(value: Json) -> Json:
    if not isinstance(value, dict):
        return None
    return {name: item for name, item in value.items() if _schema(item) is not None}


def _by_pattern(value: Json) -> Json:
    named = _named(value) or {}
    return {
        name: item for name, item in named.items() if _pattern(name) is not None
    } or None


def _dependent(value: Json) -> Json:
    if not isinstance(value, dict):
        return None
    return {
        name: _names(item) for name, item in value.items() if isinstance(item, list)
    }


_KEYWORDS: Mapping[str, Callable[[Json], Json]] = {
    "$ref": lambda _: None,
    "type": _type,
    "enum": _list,
    "multipleOf": _positive,
    **dict.fromkeys(
        ("maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum"), _number
    ),
    **dict.fromkeys(
        (
            "maxLength", "minLength", "maxItems", "minItems", "maxProperties",
            "minProperties", "maxContains", "minContains",
        ),
        _count,
    ),
    "pattern": _pattern,
    "required": _names,
    "dependentRequired": _dependent,
    **dict.fromkeys(
        (
            "format", "title", "description", "$comment", "contentEncoding",
            "contentMediaType",
        ),
        _text,
    ),
    **dict.fromkeys(("uniqueItems", "deprecated", "readOnly", "writeOnly"), _truth),
    "examples": _list,
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), _schemas),
    **dict.fromkeys(
        (
            "additionalProperties", "contains", "contentSchema", "else", "if", "items",
            "not", "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties",
        ),
        _schema,
    ),
    **dict.fromkeys(("properties", "dependentSchemas"), _named),
    "patternProperties": _by_pattern,
}  # fmt: skip
"""What is left of the value of each keyword; None: nothing."""
