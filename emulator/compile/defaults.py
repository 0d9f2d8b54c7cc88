"""Defaults: what a schema says of members that were not sent, at every depth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.compile.schemas import Schema, properties_of

Json = Any


def with_defaults(schema: Schema, value: Json, *, partial: bool = False) -> Json:
    """*value* with the defaults of *schema* in the place of what it lacks.

    It is not changed itself. A *partial* one lacks nothing of its own: what it does not
    have is left as it is, and only what it does have is filled. Of a choice, the first
    branch that fits says what is filled.
    """
    if schema.fills is None:
        schema.fills = (
            _Filler(schema.schema) if _mentions(schema.schema, "default") else False
        )
    return schema.fills.filled(value, schema.schema, partial) if schema.fills else value


def _mentions(tree: Json, word: str) -> bool:
    """Whether *word* is anywhere in *tree*, if only as the name of a member."""
    if isinstance(tree, Mapping):
        return word in tree or any(_mentions(one, word) for one in tree.values())
    return isinstance(tree, list) and any(_mentions(one, word) for one in tree)


class _Filler:
    def __init__(self, root: Mapping[str, Json]) -> None:
        self._root = root
        self._named: Mapping[str, Json] = root.get("$defs", {})
        self._branches: dict[int, Schema] = {}
        self._filling: dict[int, bool] = {}

    def filled(self, value: Json, schema: Json, partial: bool = False) -> Json:
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
            return [self.filled(one, items) for one in value]
        return self._members(value, schema, partial)

    def _may_fill(self, schema: Json) -> bool:
        """Whether a value can lack a default of *schema*: few of many thousand items do."""
        known = self._filling.get(id(schema))
        if known is None:
            known = _mentions(schema, "default") or _mentions(schema, "$ref")
            self._filling[id(schema)] = known
        return known

    def _members(
        self, value: dict[str, Json], schema: Mapping[str, Json], partial: bool
    ) -> dict[str, Json]:
        known, others = properties_of(schema), schema.get("additionalProperties")
        found = {
            name: self.filled(one, known.get(name, others))
            for name, one in value.items()
        }
        for name, one in () if partial else known.items():
            inner = self._resolved(one)
            if name not in found and "default" in inner:
                found[name] = inner["default"]
        return found

    def _resolved(self, schema: Json) -> Mapping[str, Json]:
        """*schema*, with what it refers to in `$defs`: chains there have an end."""
        if not isinstance(schema, Mapping):
            return {}
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return schema
        target = self._named.get(reference.removeprefix("#/$defs/"))
        beside = {name: one for name, one in schema.items() if name != "$ref"}
        return {**self._resolved(target), **beside}

    def _fits(self, value: Json, branch: Json) -> bool:
        if not isinstance(branch, Mapping):
            return False
        known = self._branches.get(id(branch))
        if known is None:
            known = Schema({**branch, "$defs": self._named})
            self._branches[id(branch)] = known
        return known.is_valid(value)
