"""Directions: a schema as it judges replies, or requests.

A reply has nothing that is `writeOnly`, and a request nothing that is `readOnly`; where
such members are required, that is of the other direction (OpenAPI 3.1, 4.8.24).
"""

from __future__ import annotations

from collections.abc import Mapping

from emulator.json_type import Json

REPLY = "writeOnly"
"""What a reply leaves out."""
REQUEST = "readOnly"
_IN_PLACE = ("allOf", "anyOf", "oneOf")


def directed(schema: Json, left_out: str) -> Json:
    """*schema* without the members that have the keyword *left_out*."""
    return _Directing(left_out).of(schema) if _mentions(schema, left_out) else schema


def _mentions(schema: Json, keyword: str) -> bool:
    waiting, seen = [schema], set[int]()
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        if isinstance(part, Mapping):
            seen.add(id(part))
            if part.get(keyword) is True:
                return True
            waiting += part.values()
        elif isinstance(part, list):
            seen.add(id(part))
            waiting += part
    return False


class _Directing:
    def __init__(self, left_out: str) -> None:
        self._left_out = left_out
        self._definitions: Mapping[str, Json] = {}

    def of(self, schema: Json) -> Json:
        if isinstance(schema, Mapping):
            self._definitions = schema.get("$defs", {})
        return self._changed(schema, frozenset())

    def _changed(self, schema: Json, around: frozenset[str]) -> Json:
        if not isinstance(schema, Mapping):
            return schema
        gone = around | self._names(schema, 0)
        made: dict[str, Json] = {}
        for keyword, value in schema.items():
            if keyword == "properties":
                made[keyword] = {
                    name: self._changed(member, frozenset())
                    for name, member in value.items()
                    if name not in gone
                }
            elif keyword == "required":
                made[keyword] = [name for name in value if name not in gone]
            elif keyword in _IN_PLACE:
                made[keyword] = [self._changed(part, gone) for part in value]
            elif keyword == "prefixItems":
                made[keyword] = [self._changed(part, frozenset()) for part in value]
            elif keyword in ("if", "then", "else", "not"):
                made[keyword] = self._changed(value, gone)
            elif keyword in ("items", "additionalProperties", "contains"):
                made[keyword] = self._changed(value, frozenset())
            elif keyword in ("patternProperties", "$defs"):
                made[keyword] = {
                    name: self._changed(part, frozenset())
                    for name, part in value.items()
                }
            elif keyword == "dependentSchemas":
                made[keyword] = {
                    name: self._changed(part, gone) for name, part in value.items()
                }
            else:
                made[keyword] = value
        return made

    def _names(self, schema: Json, deep: int) -> frozenset[str]:
        """The members that are left out of an object of *schema*."""
        if not isinstance(schema, Mapping) or deep > 20:
            return frozenset()
        found = {
            name
            for name, member in schema.get("properties", {}).items()
            if self._is_left_out(member)
        }
        for part in schema.get("allOf", ()):
            found |= self._names(part, deep + 1)
        reference = schema.get("$ref")
        if isinstance(reference, str):
            name = reference.removeprefix("#/$defs/")
            found |= self._names(self._definitions.get(name), deep + 1)
        return frozenset(found)

    def _is_left_out(self, member: Json) -> bool:
        if not isinstance(member, Mapping):
            return False
        if member.get(self._left_out) is True:
            return True
        reference = member.get("$ref")
        if not isinstance(reference, str):
            return False
        definition = self._definitions.get(reference.removeprefix("#/$defs/"))
        return isinstance(definition, Mapping) and (
            definition.get(self._left_out) is True
        )
