"""Samples: the plainest value that a schema allows, as it stands in a text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache

from emulator.generation.failures import NotGenerated
from emulator.generation.values import Generator
from emulator.inference.shapes import Shape
from emulator.json_type import Json
from emulator.program.schemas import Schema

_DEEPEST = 8
_BY_FORMAT: Mapping[str, str] = {
    "date-time": "${now}",
    "date": "${date(now)}",
    "uuid": "${uuid()}",
    "time": "12:00:00Z",
    "duration": "PT1H",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "iri": "https://example.com/",
    "uri-reference": "/",
    "email": "someone@example.com",
    "idn-email": "someone@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "byte": "AA==",
    "json-pointer": "",
    "regex": ".*",
}


class NoSample(Exception):
    """Nothing plain is known to satisfy the schema."""


def sample(shape: Shape, name: str = "", depth: int = 0) -> Json:
    """A value for *shape*, which the member *name* has; texts may be expressions.

    Raises `NoSample`.
    """
    if depth > _DEEPEST:
        raise NoSample
    schema = shape.schema
    if "const" in schema:
        return literal(schema["const"])
    if isinstance(schema.get("enum"), list) and schema["enum"]:
        values = schema["enum"]
        default = schema.get("default")
        return literal(
            default if default in values and default is not None else values[0]
        )
    if shape.nullable:
        return None
    if (
        "default" in schema
        and not shape.varies
        and not isinstance(schema["default"], (dict, list))
    ) and _type_fits(schema["default"], shape):
        return literal(schema["default"])
    for keyword in ("oneOf", "anyOf"):
        parts = schema.get(keyword)
        if isinstance(parts, list) and parts:
            return _of_first(shape, keyword, parts, name, depth)
    if "not" in schema or "if" in schema:
        raise NoSample
    return _of_type(shape, name, depth)


def _of_first(
    shape: Shape, keyword: str, parts: list[Json], name: str, depth: int
) -> Json:
    """A sample of the first alternative that has one."""
    rest = {key: value for key, value in shape.schema.items() if key != keyword}
    for part in parts:
        try:
            return sample(shape.inside({"allOf": [rest, part]}), name, depth + 1)
        except NoSample:
            continue
    raise NoSample


def _of_type(shape: Shape, name: str, depth: int) -> Json:
    types = shape.types
    if "object" in types or not types:
        return _object(shape, depth)
    if "string" in types:
        return _text(shape, name)
    if "boolean" in types:
        return False
    if types & {"integer", "number"}:
        return _number(shape)
    if "array" in types:
        count = shape["minItems"] or 0
        if (count > 1 and shape["uniqueItems"]) or count > 10:
            raise NoSample
        return [sample(shape.items, name, depth + 1) for _ in range(count)]
    raise NoSample


def _object(shape: Shape, depth: int) -> dict[str, Json]:
    made = {
        name: sample(shape.member(name), name, depth + 1) for name in shape.required
    }
    least = shape["minProperties"] or 0
    for name in shape.properties:
        if len(made) < least and name not in made:
            made[name] = sample(shape.member(name), name, depth + 1)
    if len(made) < least:
        others = shape["additionalProperties"]
        if others is False or least > len(made) + 3:
            raise NoSample
        for number in range(len(made) + 1, least + 1):
            made[f"key{number}"] = sample(shape.inside(others), "value", depth + 1)
    return made


_USUAL = (
    "0",
    "1",
    "a",
    "A",
    "00000000-0000-4000-8000-000000000000",
    "#000000",
    "USD",
    "en",
)
_OF_PLAIN = (
    "pattern", "format", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum",
    "exclusiveMaximum", "multipleOf", "enum", "const", "not", "contentEncoding",
)  # fmt: skip
"""What a schema says of a text, a number, true or false."""


def _text(shape: Shape, name: str) -> str:
    """Something of the format; an example that fits; or the member's name."""
    if shape["pattern"] is None and shape["format"] in _BY_FORMAT:
        return _BY_FORMAT[shape["format"]]
    plain = re.sub(r"[^A-Za-z0-9]+", " ", name).strip() or "text"
    texts = [text for text in examples_of(shape) if isinstance(text, str) and text]
    if shape["pattern"] is None:
        least, most = shape["minLength"] or 0, shape["maxLength"]
        texts += [text.ljust(least, "x")[: most or None] for text in (plain, *_USUAL)]
    made: str = _first_allowed(shape, name, texts)
    return made.replace("${", "$${")


def _number(shape: Shape) -> int | float:
    bounds = (shape["minimum"], shape["maximum"])
    plain = [0, 1, *(each for each in bounds if type(each) is int)]
    made: int | float = _first_allowed(shape, "", plain)
    return made


def _first_allowed(shape: Shape, name: str, plain: list[Json]) -> Json:
    """The first of the *plain* values that a schema allows, or one that is generated."""
    schema = plain_schema(shape)
    check = Schema(schema)
    for value in plain:
        if not schema.keys() - {"type"} or check.is_valid(value):
            return value
    text = json.dumps(schema, sort_keys=True, default=str)
    return _generated(text, name)


def plain_schema(shape: Shape) -> dict[str, Json]:
    """The schema of a text, a number, true or false, without what says nothing of values."""
    types = sorted(shape.types - {"null"})
    return {
        "type": types[0] if len(types) == 1 else types,
        **{key: shape[key] for key in _OF_PLAIN if shape[key] is not None},
    }


def examples_of(shape: Shape) -> list[Json]:
    """The values that a schema gives as examples of itself."""
    several = shape["examples"] if isinstance(shape["examples"], list) else []
    single = [shape["example"]] if shape["example"] is not None else []
    return [*single, *several]


@lru_cache(1024)
def _generated(schema: str, name: str) -> Json:
    """A value that a schema, written as JSON, allows."""
    try:
        return Generator(json.loads(schema)).value("sample", name=name)
    except NotGenerated:
        raise NoSample from None


def _type_fits(value: Json, shape: Shape) -> bool:
    kind = {bool: "boolean", int: "integer", float: "number", str: "string"}.get(
        type(value), ""
    )
    types = shape.types
    return not types or kind in types or (kind == "integer" and "number" in types)


def literal(value: Json) -> Json:
    """*value* with no expression in it."""
    if isinstance(value, str):
        return value.replace("${", "$${")
    if isinstance(value, list):
        return [literal(item) for item in value]
    if isinstance(value, Mapping):
        return {key: literal(item) for key, item in value.items()}
    return value


def expression(value: Json) -> str:
    """A sample as it stands inside of an expression."""
    if isinstance(value, str):
        if value.startswith("${"):
            return value[2:-1]
        text = value.replace("$${", "${")
        return (
            "'"
            + text.replace("\\", "\\\\")
            .replace("'", "\\'")
            .replace("\n", "\\n")
            .replace("\r", "\\r")
            + "'"
        )
    if isinstance(value, Mapping):
        inner = ", ".join(
            f"{expression(str(key))}: {expression(item)}" for key, item in value.items()
        )
        return f"{{{inner}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(expression, value))}]"
    if value is None:
        return "null"
    return (
        {True: "true", False: "false"}[value]
        if isinstance(value, bool)
        else repr(value)
    )
