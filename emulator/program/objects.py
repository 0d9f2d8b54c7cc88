"""Objects: parameters that are more than one value, as OpenAPI's styles write them.

filter[author]=2&filter[tags]=a&filter[tags]=b      deepObject
role=admin&first=Ada                                form, exploded
filter=author,2,state,open                          form, and | or a blank for ,
filter={"author": 2}                                content: application/json
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson

from emulator.program.schemas import properties_of

Json = Any
Sent = Mapping[str, list[str]]
Coerce = Callable[[str, Mapping[str, Json]], Json]

DEEP = "deep"
MEMBERS = "members"
PAIRS = "pairs"
CONTENT = "content"
MAX_DEPTH = 100


class _Branch(dict[str, Any]):
    """What stands inside a name: texts, and further branches."""


def deep(name: str, schema: Mapping[str, Json], sent: Sent, coerce: Coerce) -> Json:
    """What the names that begin with `name[` say together; None where there are none."""
    found = _Branch()
    for key, texts in sent.items():
        if key.startswith(f"{name}[") and key.endswith("]"):
            _graft(found, key[len(name) + 1 : -1].split("]["), texts)
    return _shaped(found, schema, coerce) if found else None


def members(
    schema: Mapping[str, Json], sent: Sent, others: Iterable[str], coerce: Coerce
) -> Json:
    """What the members of an object say, each under its own name; or None."""
    known = fields_of(schema)
    open_to = schema.get("additionalProperties")
    declared = frozenset(others)
    found = {
        name: _typed(texts, known.get(name, open_to or {}), coerce)
        for name, texts in sent.items()
        if name not in declared and (name in known or open_to)
    }
    return found or None


def pairs(
    text: str, separator: str, schema: Mapping[str, Json], coerce: Coerce
) -> Json:
    """`author,2,state,open` as an object; the text itself where it is none."""
    parts = text.split(separator)
    if len(parts) % 2:
        return text
    known = fields_of(schema)
    return {
        name: _typed([value], known.get(name, {}), coerce)
        for name, value in zip(parts[::2], parts[1::2], strict=True)
    }


def content(text: str) -> Json:
    """The value that JSON says; the text itself where it is none."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def fields_of(schema: Mapping[str, Json]) -> Mapping[str, Mapping[str, Json]]:
    """The members that *schema* names, also in parts and branches of it."""
    fields = dict(properties_of(schema))
    for key in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(key, ()):
            if isinstance(part, Mapping):
                fields = {**fields_of(part), **fields}
    return fields


def is_member(name: str, parameter: str, schema: Mapping[str, Json]) -> bool:
    """Whether *name*, `filter[author]`, is one that the *parameter*, `filter`, has."""
    if not (name.startswith(f"{parameter}[") and name.endswith("]")):
        return False
    known = fields_of(schema)
    if not known or "additionalProperties" in schema:
        return True  # it says that there may be more, or refuses it
    return name[len(parameter) + 1 : -1].partition("]")[0] in known


def _graft(branch: _Branch, parts: list[str], texts: list[str]) -> None:
    """Put *texts* where *parts* lead; what leads into a value is no part of it."""
    if len(parts) > MAX_DEPTH:
        return
    for part in parts[:-1]:
        inner = branch.setdefault(part, _Branch())
        if not isinstance(inner, _Branch):
            return
        branch = inner
    if not isinstance(branch.get(parts[-1]), _Branch):
        branch[parts[-1]] = texts


def _shaped(value: Json, schema: Mapping[str, Json], coerce: Coerce) -> Json:
    if not isinstance(value, _Branch):
        return _typed(value, schema, coerce)
    items = schema.get("items")
    if isinstance(items, Mapping):
        found: list[Json] = []
        for name, member in value.items():
            if name or isinstance(member, _Branch):
                found.append(_shaped(member, items, coerce))
            else:  # `tags[]=a&tags[]=b`
                found += [coerce(text, items) for text in member]
        return found
    known, others = fields_of(schema), schema.get("additionalProperties")
    beside = others if isinstance(others, Mapping) else {}
    return {
        name: _shaped(member, known.get(name, beside), coerce)
        for name, member in value.items()
    }


def _typed(texts: list[str], schema: Json, coerce: Coerce) -> Json:
    schema = schema if isinstance(schema, Mapping) else {}
    items = schema.get("items")
    if isinstance(items, Mapping):
        return [coerce(text, items) for text in texts]
    return coerce(texts[-1], schema)
