"""Inside: what the members of an object and the items of a list must keep to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from emulator.generation.failures import MOST_ITEMS, TooMuch
from emulator.generation.flattening import Demands
from emulator.json_type import Json
from emulator.program.schemas import Schema

_MEMBERS = 200
"""So many members are made that nothing requires."""


def made_at_most(names: Iterator[str], needed: Mapping[str, None]) -> Iterator[str]:
    """The *names* that are needed, and of the others as many as are made."""
    many = 0
    for name in names:
        many += name not in needed
        if name in needed or many <= _MEMBERS:
            yield name


def with_needed(demands: Demands, names: Mapping[str, None]) -> dict[str, None]:
    """*names*, and all that must be there with them."""
    needed = dict(names)
    waiting = [*needed]
    while waiting:
        name = waiting.pop()
        for needs in demands.needs:
            for other in needs.get(name, ()):
                if other not in needed:
                    needed[other] = None
                    waiting.append(other)
    return needed


def schemas_of(demands: Demands, name: str) -> tuple[Json, ...]:
    """The schemas that the member *name* must keep to."""
    parts: list[Json] = []
    for schema in demands.objects:
        before = len(parts)
        properties = schema.get("properties", {})
        if name in properties:
            parts.append(properties[name])
        for pattern, part in schema.get("patternProperties", {}).items():
            if _is_found(pattern, name):
                parts.append(part)
        if len(parts) == before and "additionalProperties" in schema:
            parts.append(schema["additionalProperties"])
    others = demands.unevaluated.get("unevaluatedProperties", [True])
    return tuple(parts or others)


def _is_found(pattern: str, name: str) -> bool:
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return Schema({"pattern": pattern}).is_valid(name)


def is_map(demands: Demands) -> bool:
    """Whether it is an object whose members have names that only data knows."""
    return any(
        isinstance(schema.get("additionalProperties"), Mapping)
        or "patternProperties" in schema
        for schema in demands.objects
    ) and not any(schema.get("properties") for schema in demands.objects)


def items_of(demands: Demands, at: int) -> tuple[Json, ...]:
    """The schemas that the item *at* a place must keep to."""
    parts: list[Json] = []
    for schema in demands.arrays:
        prefix = schema.get("prefixItems", ())
        if at < len(prefix):
            parts.append(prefix[at])
        elif "items" in schema:
            parts.append(schema["items"])
    others = demands.unevaluated.get("unevaluatedItems", [True])
    return tuple(parts or others)


def must_contain(demands: Demands) -> list[Json]:
    """The schemas of items that must be there, as often as they must."""
    found: list[Json] = []
    for schema in demands.contains:
        many = int(schema.get("minContains", 1))
        if many > MOST_ITEMS:
            raise TooMuch(f"a list that contains something {many} times")
        found += [schema["contains"]] * many
    return found


def singular(name: str) -> str:
    """`categories`  ->  `category`, `tags`  ->  `tag`"""
    if name.endswith("ies"):
        return name[:-3] + "y"
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name
