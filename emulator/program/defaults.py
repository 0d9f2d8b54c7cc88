"""Defaults: what a schema says of members that were not sent, at every depth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from emulator.json_type import Json
from emulator.program.schemas import Schema, properties_of

_NOTHING: Mapping[str, Json] = {}


def with_defaults(
    schema: Schema, value: Json, *, partial: tuple[str, ...] | None = None
) -> Json:
    """*value* with the defaults of *schema* in the place of what it lacks.

    It is not changed itself. A *partial* one lacks nothing of its own, nor do the members
    that *partial* leads to one inside the other: what they do not have is left as it is,
    and only what they do have is filled. Of a choice, the first branch that fits says
    what is filled.
    """
    if schema.fills is None:
        schema.fills = (
            _Filler(schema.schema) if _mentions(schema.schema, "default") else False
        )
    return schema.fills.filled(value, schema.schema, partial) if schema.fills else value


def _mentions(tree: Json, word: str) -> bool:
    """Whether *word* is anywhere in *tree*, if only as the name of a member."""
    if isinstance(tree, Mapping):
        return word in tree or any(_mentions(member, word) for member in tree.values())
    return isinstance(tree, list) and any(_mentions(item, word) for item in tree)


class _Members(NamedTuple):
    """What is known of the members of an object before there is one."""

    schemas: Mapping[str, Json]
    others: Json
    defaults: tuple[tuple[str, Json], ...]


class _Filler:
    def __init__(self, root: Mapping[str, Json]) -> None:
        self._root = root
        self._named: Mapping[str, Json] = root.get("$defs", {})
        self._branches: dict[int, Schema] = {}
        self._filling: dict[int, bool] = {}
        # All that is known by its id stays: parts of the root, and what these refer to.
        self._known: dict[int, _Members] = {}
        self._references: dict[int, Mapping[str, Json]] = {}

    def filled(
        self, value: Json, schema: Json, partial: tuple[str, ...] | None = None
    ) -> Json:
        if not isinstance(value, (dict, list)):
            return value
        schema = self._resolved(schema)
        for part in schema.get("allOf", ()):
            value = self.filled(value, part, partial)
        for choice in ("oneOf", "anyOf"):
            for branch in schema.get(choice, ()):
                if self._fits(value, branch):
                    value = self.filled(value, branch, partial)
                    break
        if isinstance(value, list):
            items = schema.get("items")
            if not items or not self._may_fill(items):
                return value
            return [self.filled(item, items) for item in value]
        return self._members(value, schema, partial)

    def _may_fill(self, schema: Json) -> bool:
        """Whether a value can lack a default of *schema*: few of many thousand items do."""
        known = self._filling.get(id(schema))
        if known is None:
            known = _mentions(schema, "default") or _mentions(schema, "$ref")
            self._filling[id(schema)] = known
        return known

    def _members(
        self,
        value: dict[str, Json],
        schema: Mapping[str, Json],
        partial: tuple[str, ...] | None,
    ) -> dict[str, Json]:
        known = self._members_of(schema)
        members = dict(value)
        for name, member in value.items():
            if isinstance(member, (dict, list)):
                schema = known.schemas.get(name, known.others)
                if schema and self._may_fill(schema):
                    inside = partial[1:] if partial and name == partial[0] else None
                    members[name] = self.filled(member, schema, inside)
        if partial is None:
            for name, default in known.defaults:
                if name not in members:
                    members[name] = default
        return members

    def _members_of(self, schema: Mapping[str, Json]) -> _Members:
        known = self._known.get(id(schema))
        if known is None:
            schemas = properties_of(schema)
            inner = {
                name: self._resolved(subschema) for name, subschema in schemas.items()
            }
            known = self._known[id(schema)] = _Members(
                schemas,
                schema.get("additionalProperties"),
                tuple(
                    (k, subschema["default"])
                    for k, subschema in inner.items()
                    if "default" in subschema
                ),
            )
        return known

    def _resolved(self, schema: Json) -> Mapping[str, Json]:
        """*schema*, with what it refers to in `$defs`: chains there have an end."""
        if type(schema) is not dict and not isinstance(schema, Mapping):
            return _NOTHING
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return schema
        known = self._references.get(id(schema))
        if known is None:
            target = self._named.get(reference.removeprefix("#/$defs/"))
            beside = {
                name: keyword for name, keyword in schema.items() if name != "$ref"
            }
            known = {**self._resolved(target), **beside}
            self._references[id(schema)] = known
        return known

    def _fits(self, value: Json, branch: Json) -> bool:
        if not isinstance(branch, Mapping):
            return False
        known = self._branches.get(id(branch))
        if known is None:
            known = Schema({**branch, "$defs": self._named})
            self._branches[id(branch)] = known
        return known.is_valid(value)
