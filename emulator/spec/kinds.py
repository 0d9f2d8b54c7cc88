"""Kinds: the schemas that a discriminator tells apart without naming them itself.

    Pet: {discriminator: {propertyName: kind}, properties: {kind: {type: string}}}
    Cat: {allOf: [{$ref: "#/components/schemas/Pet"}, {properties: {claws: ...}}]}

Where a `Pet` is asked for, one whose `kind` is `Cat` is a `Cat` (OpenAPI 3.2, 4.25.4).
The kinds of a schema are those components that include it by `allOf`, and those that its
`mapping` names.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from emulator.json_type import Json
from emulator.spec.references import Key, Node, within

KINDS = "x-kinds"
"""The keyword that holds the members that say of which kind a value is."""
_ALTERNATIVES = ("oneOf", "anyOf")


class Kind(NamedTuple):
    values: tuple[str, ...]
    """What stands in the member that tells the kinds apart; none: whatever is no other."""
    schema: Node


class Parent(NamedTuple):
    """A schema that others are kinds of."""

    node: Node
    member: str
    kinds: tuple[Kind, ...]
    """Those that the `mapping` names come first."""
    mapped: int
    """How many these are."""

    @property
    def whole(self) -> Node:
        """What stands for the schema together with its kinds."""
        return self.node.child("discriminator")

    def built(self, schema: Json, kinds: list[Json]) -> Json:
        """*schema*, and each of *kinds* where a value says that it is one."""
        rules = []
        values = [value for kind in self.kinds for value in kind.values]
        for kind, inner in zip(self.kinds, kinds, strict=True):
            said = {"enum": [*(kind.values or values)]}
            condition = {"properties": {self.member: said}, "required": [self.member]}
            rules.append({"if": condition, "then" if kind.values else "else": inner})
        hints = [{self.member: kind.values[0]} for kind in self.kinds if kind.values]
        told = {KINDS: hints[: self.mapped or None], "allOf": rules}
        return {**schema, "allOf": [*schema.get("allOf", ()), told]}


class Kinds:
    """Finds the parents among the components of one document."""

    def __init__(self, root: Node) -> None:
        self._components = dict(_components(root))
        self._parents: dict[Key, Parent] = {}
        self.inheriting: dict[Key, Key] = {}
        """The schemas by which a component includes another one, and which that is."""
        self._below: dict[Key, dict[Key, str]] = {}
        told = [node for node in self._components.values() if _member(node)]
        if told:
            self._find(told)

    def parent(self, key: Key) -> Parent | None:
        return self._parents.get(key)

    def are_of(self, key: Key, parent: Key) -> bool:
        """Whether the component at *key* includes the one at *parent*."""
        return key in self._below.get(parent, ())

    def _find(self, told: list[Node]) -> None:
        children: dict[Key, list[tuple[str, Node]]] = {}
        for name, node in self._components.items():
            for part in _parts(node):
                target = within(part.document, part.reference or "")
                if target is not None:
                    self.inheriting[part.key] = target.key
                    children.setdefault(target.key, []).append((name, node))
        self._below = {node.key: _all_below(node.key, children) for node in told}
        for node in told:
            parent = self._parent(node)
            if parent.kinds:
                self._parents[node.key] = parent

    def _parent(self, node: Node) -> Parent:
        said = node.value["discriminator"]
        below = self._below[node.key]
        schemas: dict[Key, Node] = {}
        values: dict[Key, list[str]] = {}
        mapping = said.get("mapping")
        for value, written in (mapping if isinstance(mapping, dict) else {}).items():
            target = self._named(node, written)
            if target is not None and (target.key in below or _stands_alone(target)):
                schemas[target.key] = target
                values.setdefault(target.key, []).append(str(value))
        mapped = len(schemas)
        known = {value for several in values.values() for value in several}
        for key, name in below.items():
            if name not in known:
                schemas.setdefault(key, self._components[name])
                values.setdefault(key, []).append(name)
        kinds = [Kind(tuple(values[key]), schemas[key]) for key in schemas]
        otherwise = self._named(node, said.get("defaultMapping"))
        if otherwise is not None and otherwise.key in below:
            kinds.append(Kind((), otherwise))
        return Parent(node, said["propertyName"], tuple(kinds), mapped)

    def _named(self, node: Node, written: Json) -> Node | None:
        """What a mapping refers to: a component by its name, or a schema by a URI."""
        if not isinstance(written, str):
            return None
        if written in self._components:
            return self._components[written]
        return within(node.document, written)


def _components(root: Node) -> Iterator[tuple[str, Node]]:
    part: Json = root
    for name in ("components", "schemas"):
        if not isinstance(part.value, dict) or name not in part.value:
            return
        part = part.child(name)
    for name in part.value if isinstance(part.value, dict) else ():
        yield name, part.child(name)


def _member(node: Node) -> str:
    """The member that tells the kinds of the schema apart, if it names none itself."""
    if not isinstance(node.value, dict) or node.reference is not None:
        return ""
    said = node.value.get("discriminator")
    if not isinstance(said, dict) or any(word in node.value for word in _ALTERNATIVES):
        return ""
    name = said.get("propertyName")
    return name if isinstance(name, str) else ""


def _parts(node: Node) -> Iterator[Node]:
    parts = node.value.get("allOf") if isinstance(node.value, dict) else None
    if isinstance(parts, list) and node.reference is None:
        inside = node.child("allOf")
        yield from (inside.child(at) for at in range(len(parts)))


def _stands_alone(node: Node) -> bool:
    """Whether a schema can be a kind of another one without leading back to it."""
    return isinstance(node.value, dict) and not (
        {"$ref", "allOf", "not", "if", "dependentSchemas", *_ALTERNATIVES}
        & node.value.keys()
    )


def _all_below(
    parent: Key, children: dict[Key, list[tuple[str, Node]]]
) -> dict[Key, str]:
    """The names of all components that include *parent*, in the order of the document."""
    below: dict[Key, str] = {}
    waiting = [parent]
    while waiting:
        for name, node in children.get(waiting.pop(), ()):
            if node.key not in below and node.key != parent:
                below[node.key] = name
                waiting.append(node.key)
    return below
