"""Keywords: what the JSON Schemas of a spec's files say of a key besides its shape.

`$defs/expression` and `$defs/template` are the two kinds of values that are computed: an
expression is one value, and stands by itself; a template is JSON with `${...}` in it. What
a key is said to be there is what it is compiled as, wherever that happens.

    x-words            texts that stand for themselves at a key of the kind expression
    x-renamed          what became of the keys of a mapping in version 1
    x-template-before  the key was a template before version 1
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import orjson

from emulator.json_type import Json
from emulator.spec.document import Pointer

Schema = Mapping[str, Json]

EXPRESSION, TEMPLATE, FACT = "expression", "template", "fact"
FACTS = ("assumed", "source", "sources", "otherwise")
"""Keys that every mapping with keys of its own may have: what is known of it, and how."""
_KINDS = {dict: "object", list: "array", str: "string", type(None): "null"}


class Part(NamedTuple):
    """A value of a file, and what its schema says of it."""

    pointer: Pointer
    value: Json
    kind: str = ""
    """`expression`, `template` or `fact`, where it is one of them."""
    holds_facts: bool = False
    """It is a mapping that may have the keys of `FACTS`."""
    words: tuple[str, ...] = ()
    was_template: bool = False
    renamed: str = ""
    """The name of its key since version 1, if that is another one."""


class Keywords:
    """One JSON Schema, and what it says of the values of a file."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._known: dict[Pointer, Part] = {}
        self._wholes: dict[tuple[int, ...], list[Schema]] = {}
        """What `_whole` has given, by the identities of parts that stay for good."""

    def parts(self, data: Json) -> Iterator[Part]:
        """All that is in *data*, outer values first."""
        yield from self._parts((), data, [self.schema], "")

    def of(self, pointer: Pointer) -> Part:
        """What the schema says of that place, whatever stands there."""
        part = self._known.get(pointer)
        if part is None:
            schemas = [self.schema]
            for name in pointer:
                if _kind(self._whole(schemas)) == TEMPLATE:
                    break
                schemas = [
                    inner
                    for schema in self._whole(schemas)
                    for inner in _members(schema, name)
                ]
            part = self._known[pointer] = self._part(pointer, None, schemas, "")
        return part

    def has_default(self, pointer: Pointer) -> bool:
        """Whether something holds at that place though nothing is written there."""
        return any("default" in schema for schema in self.schemas_of(pointer))

    def schemas_of(self, pointer: Pointer) -> list[Schema]:
        """The schemas of that place, whatever stands there."""
        schemas = [self.schema]
        for name in pointer:
            whole = self._whole(schemas)
            schemas = [inner for each in whole for inner in _members(each, name)]
        return self._whole(schemas)

    def _parts(
        self, pointer: Pointer, value: Json, schemas: list[Schema], renamed: str
    ) -> Iterator[Part]:
        part = self._part(pointer, value, schemas, renamed)
        yield part
        if part.kind == TEMPLATE:
            return
        whole = [schema for schema in self._whole(schemas) if _may_be(schema, value)]
        if isinstance(value, list):
            for at, item in enumerate(value):
                inner = [each for schema in whole for each in _members(schema, at)]
                yield from self._parts((*pointer, at), item, inner, "")
        elif isinstance(value, dict):
            old = {
                key: name
                for schema in whole
                for key, name in schema.get("x-renamed", {}).items()
                if key not in schema.get("properties", {})
            }
            facts = _facts(pointer, whole)
            for key, item in value.items():
                if key in facts:
                    yield Part((*pointer, key), item, FACT)
                    continue
                name = old.get(key, "")
                inner = [
                    each for schema in whole for each in _members(schema, name or key)
                ]
                yield from self._parts((*pointer, key), item, inner, name)

    def _part(
        self, pointer: Pointer, value: Json, schemas: list[Schema], renamed: str
    ) -> Part:
        whole = self._whole(schemas)
        words = [word for schema in whole for word in schema.get("x-words", ())]
        before = any("x-template-before" in schema for schema in whole)
        holds = isinstance(value, dict) and bool(_facts(pointer, whole))
        return Part(pointer, value, _kind(whole), holds, tuple(words), before, renamed)

    def _whole(self, schemas: list[Schema]) -> list[Schema]:
        """*schemas*, with those that they refer to and choose from."""
        parts = tuple(map(id, schemas))
        known = self._wholes.get(parts)
        if known is None:
            known = self._wholes[parts] = self._found(schemas)
        return known

    def _found(self, schemas: list[Schema]) -> list[Schema]:
        whole = []
        for schema in schemas:
            whole.append(schema)
            if "$ref" in schema:
                name = schema["$ref"].rpartition("/")[2]
                named = self.schema["$defs"][name]
                is_kind = name in (EXPRESSION, TEMPLATE)
                whole += [{**named, "kind": name}] if is_kind else self._whole([named])
            whole += self._whole([*schema.get("oneOf", ())])
        return whole


@cache
def keywords(name: str) -> Keywords:
    """Those of `behavior.schema.json`, or of another file of this package."""
    return Keywords(orjson.loads((Path(__file__).parent / name).read_bytes()))


def for_editors(schema: Schema) -> Json:
    """*schema* as an editor needs it: with `FACTS` in every mapping that may have them,
    and without what an author does not write."""

    def copied(part: Json, path: tuple[str, ...]) -> Json:
        if isinstance(part, list):
            return [copied(item, path) for item in part]
        if not isinstance(part, dict):
            return part
        moved = [name for name, inner in part.items() if _is_moved(inner)]
        made = {
            name: copied(inner, (*path, name))
            for name, inner in part.items()
            if not name.startswith("x-") and name not in moved
        }
        own = path[-1:] != ("properties",) and isinstance(part.get("properties"), dict)
        if own and "facts" in schema.get("$defs", {}) and _holds_facts(path):
            made["properties"] |= {
                name: {"$ref": f"#/$defs/facts/properties/{name}"} for name in FACTS
            }
        return made

    return copied(schema, ())


def _is_moved(schema: Json) -> bool:
    return isinstance(schema, dict) and schema.get("x-moved", False) is True


def _holds_facts(path: tuple[str, ...]) -> bool:
    return path[-2:] not in (("properties", "evidence"), ("$defs", "facts"))


def _kind(schemas: list[Schema]) -> str:
    return next((schema["kind"] for schema in schemas if "kind" in schema), "")


def _facts(pointer: Pointer, schemas: list[Schema]) -> tuple[str, ...]:
    """The keys that say what is known of a mapping with these schemas."""
    own = [schema["properties"] for schema in schemas if "properties" in schema]
    if not own or pointer[:1] == ("evidence",):
        return ()
    return tuple(key for key in FACTS if not any(key in keys for keys in own))


def _members(schema: Schema, name: str | int) -> list[Schema]:
    """What *schema* says of the member, or of an item of a list."""
    if isinstance(name, int):
        inner = schema.get("items")
    else:
        inner = schema.get("properties", {}).get(
            name, schema.get("additionalProperties")
        )
    return [inner] if isinstance(inner, dict) else []


def _may_be(schema: Schema, value: Json) -> bool:
    kind = schema.get("type")
    return not isinstance(kind, str) or kind == _KINDS.get(type(value), kind)
