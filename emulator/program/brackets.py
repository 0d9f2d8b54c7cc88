"""Brackets: names that lead inside: `owner[email]`, `items[0][price]`, `tags[]`.

Forms and queries write lists and mappings so, and both are read here: an empty pair of
brackets is the next place of a list, a number is a place of its own, and a name that
comes again is a further value of the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from emulator.json_type import Json
from emulator.program.schemas import properties_of, types_of

Typed = Callable[[Any, Mapping[str, Json]], Json]
"""Gives a value that was sent the type that a schema asks for."""

MAX_DEPTH = 100
_INSIDE = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])+)")
_PLACE = re.compile(r"[0-9]{1,9}")


class LeadsNowhere(ValueError):
    """A name leads into a value, or too deep."""


class Branch(dict[str, Any]):
    """What stands inside of a name: further branches, and leaves."""


class Leaf(list[Any]):
    """The values that came under one name, in order."""


def parts_of(name: str) -> list[str]:
    """The steps of a name: "a[b][]" -> ["a", "b", ""]; of another one none."""
    match = _INSIDE.fullmatch(name)
    return [match[1], *match[2][1:-1].split("][")] if match else []


def put(branch: Branch, parts: list[str], value: Any) -> None:
    """Put *value* where *parts* lead. Raises `LeadsNowhere`."""
    if len(parts) > MAX_DEPTH:
        raise LeadsNowhere(f"a name leads more than {MAX_DEPTH} deep")
    for part in parts[:-1]:
        inner = branch.setdefault(part or str(len(branch)), Branch())
        if not isinstance(inner, Branch):
            raise LeadsNowhere(f"{_written(parts)!r} leads into a value")
        branch = inner
    leaf = branch.setdefault(parts[-1] or str(len(branch)), Leaf())
    if not isinstance(leaf, Leaf):
        raise LeadsNowhere(f"{_written(parts)!r} is a value, and leads further")
    leaf.append(value)


def shaped(value: Branch | Leaf, schema: Mapping[str, Json], typed: Typed) -> Json:
    """Lists and mappings of values with the types that *schema* says."""
    if isinstance(value, Branch) and all(_PLACE.fullmatch(name) for name in value):
        schema = _list_among(schema)
    items = schema.get("items")
    if not isinstance(items, Mapping):
        items = {} if "array" in types_of(schema) else None
    if isinstance(value, Leaf):
        if items is None:
            return typed(value[-1], schema)
        return [typed(item, items) for item in value]
    if items is not None:
        return [
            member
            for inner in _in_order(value)
            for member in _members_of_list(inner, items, typed)
        ]
    known, others = fields_of(schema), schema.get("additionalProperties")
    beside = others if isinstance(others, Mapping) else {}
    return {
        name: shaped(member, known.get(name, beside), typed)
        for name, member in value.items()
    }


def _list_among(schema: Mapping[str, Json]) -> Mapping[str, Json]:
    """The list that a value may be besides a text; *schema* itself where there is none."""
    if "items" in schema or properties_of(schema):
        return schema
    parts = (*schema.get("anyOf", ()), *schema.get("oneOf", ()))
    lists = (part for part in parts if isinstance(part, Mapping) and "items" in part)
    return next(lists, schema)


def fields_of(schema: Mapping[str, Json]) -> Mapping[str, Mapping[str, Json]]:
    """The members that *schema* names, also in parts and branches of it."""
    fields = {
        name: member if isinstance(member, Mapping) else {}
        for name, member in properties_of(schema).items()
    }
    for key in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(key, ()):
            if isinstance(part, Mapping):
                fields = {**fields_of(part), **fields}
    return fields


def items_of(schema: Mapping[str, Json]) -> Json:
    """The schema of the items of a list, also where a part of *schema* has it."""
    parts = (part for part in schema.get("allOf", ()) if isinstance(part, Mapping))
    found = (known for known in map(items_of, parts) if known is not None)
    return schema["items"] if "items" in schema else next(found, None)


def _members_of_list(
    inner: Branch | Leaf, items: Mapping[str, Json], typed: Typed
) -> list[Json]:
    """What one place of a list says: a value for each time that it came."""
    if isinstance(inner, Branch) or "array" in types_of(items):
        return [shaped(inner, items, typed)]
    return [typed(item, items) for item in inner]


def _in_order(branch: Branch) -> list[Branch | Leaf]:
    """The members of a list: by their places, where they have some."""
    if all(_PLACE.fullmatch(name) for name in branch):
        return [branch[name] for name in sorted(branch, key=int)]
    return [*branch.values()]


def _written(parts: list[str]) -> str:
    return parts[0] + "".join(f"[{part}]" for part in parts[1:])
