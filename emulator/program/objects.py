"""Objects: parameters that are more than one value, as OpenAPI's styles write them.

filter[author]=2&filter[tags]=a&filter[tags]=b      deepObject
role=admin&first=Ada                                form, exploded
filter=author,2,state,open                          form, and | or a blank for ,
filter=author=2,state=open                          simple, label and matrix, exploded
filter={"author": 2}                                content: application/json
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

import orjson

from emulator.json_type import Json
from emulator.program.brackets import (
    Branch,
    LeadsNowhere,
    fields_of,
    items_of,
    put,
    shaped,
)

Sent = Mapping[str, list[str]]
Coerce = Callable[[str, Mapping[str, Json]], Json]

DEEP = "deep"
MEMBERS = "members"
PAIRS = "pairs"
CONTENT = "content"


def deep(name: str, schema: Mapping[str, Json], sent: Sent, coerce: Coerce) -> Json:
    """What the names that begin with `name[` say together; None where there are none."""
    found = Branch()
    base = name.removesuffix("[]")
    for key, texts in sent.items():
        if key.startswith(f"{base}[") and key.endswith("]"):
            parts = key[len(base) + 1 : -1].split("][")
            with suppress(LeadsNowhere):  # it is no part of the value
                for text in texts:
                    put(found, parts, text)
    return shaped(found, schema, coerce) if found else None


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
    text: str, separator: str, schema: Mapping[str, Json], coerce: Coerce, joined: str
) -> Json:
    """`author,2,state,open` as an object; the text itself where it is none.

    Where name and value are *joined*, that is `author=2,state=open`.
    """
    parts = text.split(separator)
    if joined:
        named = [part.partition(joined) for part in parts]
        if not all(between for _, between, _ in named):
            return text
        parts = [side for name, _, value in named for side in (name, value)]
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


def is_member(name: str, parameter: str, schema: Mapping[str, Json]) -> bool:
    """Whether *name*, `filter[author]`, is one that the *parameter*, `filter`, has."""
    base = parameter.removesuffix("[]")
    if not (name.startswith(f"{base}[") and name.endswith("]")):
        return False
    known = fields_of(schema)
    if not known or "additionalProperties" in schema:
        return True  # it says that there may be more, or refuses it
    return name[len(base) + 1 : -1].partition("]")[0] in known


def _typed(texts: list[str], schema: Json, coerce: Coerce) -> Json:
    schema = schema if isinstance(schema, Mapping) else {}
    items = items_of(schema)
    if isinstance(items, Mapping):
        return [coerce(text, items) for text in texts]
    return coerce(texts[-1], schema)
