"""Paths of examples: addresses that lead to records of a world."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from emulator.admin.example_values import has_example, value_of
from emulator.json_type import Json
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.program.writing import address
from emulator.world.world import World

_KEYS = 20
"""Records that are tried for what a path names."""
_PATH = r"path(?:\.(\w+)|\['([^']+)'\])"
_SAME = re.compile(rf"(?:(\w+)|\['([^']+)'\]) == (?:request\.)?{_PATH}")
"""A field that is compared with a parameter: `owner_id == path.ownerId`."""
_NAMED = re.compile(rf"^\$\{{(?:request\.)?{_PATH}\}}$")
_LOOKED_UP = re.compile(rf"lookup\('(\w+)', \D*?{_PATH}")
"""A record that there must be: `lookup('owners', path.ownerId)`."""
_ONE = r"(?:request\.)?path(?:\.\w+|\['[^']+'\])"
_JOINED = re.compile(rf"(?:lookup\('(\w+)', |^)({_ONE}(?: \+ '/' \+ {_ONE})+)(?:\)|$)")
"""A key that several parameters make: `path.space + '/' + path.name`."""


class _Kind(NamedTuple):
    """A collection that a path may name a record of."""

    collection: str
    fields: Mapping[str, str]
    """The field that each parameter is compared with; an empty one is the key."""
    joined: Sequence[str] = ()
    """The parameters that make the key together."""

    def values(self, record: Mapping[str, Json], key: str) -> dict[str, Json]:
        """What a path that leads to *record* has for each parameter."""
        found = {name: record.get(field or key) for name, field in self.fields.items()}
        parts = str(record.get(key)).split("/") if self.joined else []
        if len(parts) == len(self.joined):
            found.update(zip(self.joined, parts, strict=True))
        return found


def paths(world: World, program: Program, operation: Operation) -> Iterator[str]:
    """Addresses that lead to records of the world, and one that leads to none.

    That of the document's own examples is the first.
    """
    names = operation.parameter_names
    described = operation.parameters.typed("path")
    if any(has_example(typed.schema) for typed in described.values()):
        yield _filled(operation, {})
    for kind in _kinds(program, operation) if names else ():
        collection = world.collections(program)[kind.collection]
        for record in islice(collection, _KEYS):
            yield _filled(operation, kind.values(record, collection.key))
    yield _filled(operation, {})


def _filled(operation: Operation, values: Mapping[str, Json]) -> str:
    """The path with *values*, and with what the schemas allow for the others."""
    described = operation.parameters.typed("path")
    filled = {}
    for name in operation.parameter_names:
        typed, known = described.get(name), values.get(name)
        if known is None and typed is not None:
            known = value_of(typed.schema, name)
            if known == "":
                known = value_of({**typed.schema, "minLength": 1}, name)
        filled[name] = 1 if known is None else known
    return address(operation, filled)


def _kinds(program: Program, operation: Operation) -> Iterator[_Kind]:
    action, names = operation.action, operation.parameter_names
    same = {name: name for name in names}
    if action.collection in program.bases:
        fields = _fields(operation)
        key = str(action.key.tree) if action.key is not None else ""
        joined = [_parameters(parts) for name, parts in _JOINED.findall(key)]
        yield _Kind(action.collection, {**same, **fields}, *joined)
        if action.key is None and not fields:
            yield _Kind(action.collection, {**same, names[-1]: ""})
    for requirement in operation.requires:
        text = str(requirement.check.tree)
        for collection, parts in _JOINED.findall(text):
            if collection in program.bases:
                yield _Kind(collection, same, _parameters(parts))
        for collection, *name in _LOOKED_UP.findall(text):
            if collection in program.bases and collection != action.collection:
                fields = {**same, **_compared(text), "".join(name): ""}
                yield _Kind(collection, fields)
    segments = operation.path.split("/")
    for segment, behind in zip(segments, [*segments[1:], ""], strict=True):
        if segment in program.bases and segment != action.collection:
            likely = [behind[1:-1]] if behind[1:-1] in names else []
            for named in dict.fromkeys([*likely, names[-1]]):
                yield _Kind(segment, {**same, named: ""})


def _parameters(text: str) -> list[str]:
    """The parameters of an expression: "path.space + '/' + path.name"  ->  space, name"""
    return [name or other for name, other in re.findall(_PATH, text)]


def _fields(operation: Operation) -> Mapping[str, str]:
    """The fields of the action's collection, by the parameters they are compared with.

    "owner_id == path.ownerId"  ->  {"ownerId": "owner_id"}
    """
    action = operation.action
    fields: dict[str, str] = {}
    written = [(each.field, each.operand.tree) for each in action.filters]
    if action.values is not None and isinstance(action.values.tree, Mapping):
        written += action.values.tree.items()
    for field, text in written:
        named = _NAMED.match(str(text))
        if named is not None:
            fields[named[1] or named[2]] = field
    if action.condition is not None:
        fields |= _compared(str(action.condition.tree))
    if action.key is not None:
        fields[operation.parameter_names[-1]] = action.by
    return fields


def _compared(text: str) -> Mapping[str, str]:
    return {
        name or other: field or member
        for field, member, name, other in _SAME.findall(text)
    }
