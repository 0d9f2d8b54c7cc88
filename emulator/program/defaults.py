"""Defaults: what a schema says of members that were not sent, at every depth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from emulator.json_type import Json
from emulator.program.bodies import required_of
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


class _Plan(NamedTuple):
    """What a schema says of the defaults in a value, before there is one."""

    parts: Sequence[Json]
    """Schemas that the value has to fit as well."""
    choices: Sequence[Sequence[Json]]
    """Of each of these, the first that the value fits counts as well."""
    items: Json
    """The schema of items, where they may lack a default; otherwise None."""
    members: Mapping[str, Json]
    """The same of the members that it names."""
    others: Json
    """The same of all further members."""
    fills_inside: bool
    """Whether any member may lack a default inside."""
    defaults: Mapping[str, Json]


class _Filler:
    def __init__(self, root: Mapping[str, Json]) -> None:
        self._named: Mapping[str, Json] = root.get("$defs", {})
        # All that is known by its id stays: it is a part of the root.
        self._branches: dict[int, Schema] = {}
        self._plans: dict[int, _Plan] = {}

    def filled(
        self, value: Json, schema: Json, partial: tuple[str, ...] | None = None
    ) -> Json:
        if not isinstance(value, (dict, list)):
            return value
        plan = self._plans.get(id(schema)) or self._plan(schema)
        for part in plan.parts:
            value = self.filled(value, part, partial)
        for branches in plan.choices:
            for branch in branches:
                if self._fits(value, branch):
                    value = self.filled(value, branch, partial)
                    break
        if isinstance(value, list):
            items = plan.items
            return [self.filled(item, items) for item in value] if items else value
        # What is sent stays in front, and what counts is what is sent.
        defaults = plan.defaults if partial is None else _NOTHING
        members = {**value, **defaults, **value}
        if plan.fills_inside:
            self._fill_inside(members, value, plan, partial)
        return members

    def _fill_inside(
        self,
        members: dict[str, Json],
        sent: Mapping[str, Json],
        plan: _Plan,
        partial: tuple[str, ...] | None,
    ) -> None:
        """Fill in what the members lack that were *sent*."""
        for name, member in sent.items():
            schema = plan.members.get(name, plan.others)
            if schema is not None and isinstance(member, (dict, list)):
                inside = partial[1:] if partial and name == partial[0] else None
                members[name] = self.filled(member, schema, inside)

    def _plan(self, schema: Json) -> _Plan:
        known = self._resolved(schema)
        members = properties_of(known)
        inner = {name: _fillable(member) for name, member in members.items()}
        others = _fillable(known.get("additionalProperties"))
        resolved = [(name, self._resolved(member)) for name, member in members.items()]
        plan = self._plans[id(schema)] = _Plan(
            known.get("allOf", ()),
            [known[choice] for choice in ("oneOf", "anyOf") if choice in known],
            _fillable(known.get("items")),
            inner,
            others,
            any(member is not None for member in (*inner.values(), others)),
            {n: m["default"] for n, m in resolved if may_be_filled(m, self._named)},
        )
        return plan

    def _resolved(self, schema: Json) -> Mapping[str, Json]:
        """*schema*, with what it refers to in `$defs`: chains there have an end."""
        if type(schema) is not dict and not isinstance(schema, Mapping):
            return _NOTHING
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return schema
        target = self._named.get(reference.removeprefix("#/$defs/"))
        beside = {name: keyword for name, keyword in schema.items() if name != "$ref"}
        return {**self._resolved(target), **beside}

    def _fits(self, value: Json, branch: Json) -> bool:
        if not isinstance(branch, Mapping):
            return False
        known = self._branches.get(id(branch))
        if known is None:
            known = Schema({**branch, "$defs": self._named})
            self._branches[id(branch)] = known
        return known.is_valid(value)


def may_be_filled(schema: Mapping[str, Json], named: Mapping[str, Json]) -> bool:
    """Whether a member has a default that its own schema, with those *named*, lets it be:
    documents give `{}` of objects that must have members."""
    if "default" not in schema:
        return False
    default = schema["default"]
    if not isinstance(default, Mapping):
        return True
    return {*required_of(schema, named)} <= default.keys()


def _fillable(schema: Json) -> Json:
    """*schema*, if what is inside of a value can lack a default of it: few do.

    Its own default is for those that lack the value itself.
    """
    if not isinstance(schema, Mapping):
        return None
    inside = [keyword for name, keyword in schema.items() if name != "default"]
    may_fill = "$ref" in schema or any(
        _mentions(keyword, word) for keyword in inside for word in ("default", "$ref")
    )
    return schema if may_fill else None
