"""Schemas: JSON Schema 2020-12 without references, from what the files say.

Every schema that a reference can name is a vertex of one graph, walked depth first
and once. When a vertex is left, all that it refers to is built, so its references
are replaced by what they name. Three kinds of target stay references, into `$defs`:
those that lead back to themselves, and those that would grow too large or too deep.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from emulator.diagnostics import Report, did_you_mean
from emulator.spec import patterns
from emulator.spec.document import Pointer, kind_of
from emulator.spec.keywords_of_schemas import doubtful, modernised
from emulator.spec.kinds import Kinds, Parent
from emulator.spec.references import Key, Node, References, within
from emulator.spec.sound import TYPES, sound

MAX_INLINED = 2_000
"""Subschemas that one reference may bring with it."""
MAX_LEVELS = 60
DISCRIMINATED = "x-discriminated"
"""The keyword that holds what a discriminator says where an alternative is meant."""

_ONE = {
    "additionalProperties", "contains", "contentSchema", "else", "if", "items", "not",
    "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties",
}  # fmt: skip
_LIST = {"allOf", "anyOf", "oneOf", "prefixItems", "items"}
_NAMED = {"properties", "patternProperties", "dependentSchemas", "$defs", "definitions"}
_WITH_SCHEMAS = _ONE | _LIST | _NAMED
_IN_PLACE = {
    "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas",
}  # fmt: skip
"""Keywords whose schemas judge the same value, so that a circle never ends."""
_DROPPED = {"$id", "$schema", "$anchor", "$dynamicAnchor", "$defs", "definitions"}
_ANNOTATIONS = {
    "title", "description", "default", "examples", "example", "deprecated", "readOnly",
    "writeOnly", "$comment", "externalDocs", "xml", "summary",
}  # fmt: skip

Place = Callable[[Node], Any]
"""What to put where a schema with a `$ref` stands."""


@dataclass(eq=False, repr=False)
class _Vertex:
    """One schema that stands on its own, and the references in it."""

    node: Node
    parent: Parent | None = None
    """It stands for a schema together with its kinds."""
    edges: list[tuple[Node, Key, bool, int]] = field(default_factory=list)
    """The schema with the `$ref`, what it names, whether in place, how deep."""
    built: Any = None
    uses: set[Key] = field(default_factory=set)
    """The targets in `$defs` that `built` refers to."""
    size: int = 0
    levels: int = 0


class Schemas:
    """Reads schemas of one provider; *legacy* ones are of OpenAPI 3.0.

    Those that are to be *sound* lack the keywords that say nothing, which are reported.
    Of those that are *known*, all that is wrong has been reported before.
    """

    def __init__(
        self,
        references: References,
        report: Report,
        kinds: Kinds,
        *,
        legacy: bool = False,
        sound: bool = False,
        known: bool = False,
    ) -> None:
        self._references = references
        self._kinds = kinds
        self._report = report
        self._legacy = legacy
        self._sound = sound
        self._known = known
        self._vertices: dict[Key, _Vertex] = {}
        self._kept: dict[Key, str] = {}
        """The targets that stay references, and their names in `$defs`."""
        self._names: dict[str, Key] = {}
        self._targets: dict[Key, Node] = {}
        self._found: dict[Key, Key] = {}
        """What each schema with a `$ref` names."""

    def read(self, node: Node) -> dict[str, Any]:
        """The schema at *node*, self-contained. It is shared: never change it."""
        self._walk(node)
        vertex = self._unaliased(self._vertices[node.key])
        built = vertex.built
        if not isinstance(built, dict):
            built = {} if built else {"not": {}}
        if not vertex.uses:
            return built
        needed, waiting = set(vertex.uses), list(vertex.uses)
        while waiting:
            more = self._vertices[waiting.pop()].uses - needed
            needed |= more
            waiting.extend(more)
        names = sorted((self._kept[key], key) for key in needed)
        definitions = {name: self._vertices[key].built for name, key in names}
        return {**built, "$defs": definitions}

    def _unaliased(self, vertex: _Vertex) -> _Vertex:
        """What *vertex* says, where that is no more than a reference into `$defs`."""
        for _ in self._kept:
            if not isinstance(vertex.built, dict) or vertex.built.keys() != {"$ref"}:
                break
            name = str(vertex.built["$ref"]).removeprefix("#/$defs/")
            if name not in self._names:
                break
            vertex = self._vertices[self._names[name]]
        return vertex

    def check(self) -> None:
        """Report what is wrong with the schemas read so far."""
        import jsonschema_rs

        meta = jsonschema_rs.Draft202012Validator(
            {"$ref": "https://json-schema.org/draft/2020-12/schema"}
        )
        done: set[Key] = set()
        for vertex in self._vertices.values():
            self._check_circle(vertex, done)
            if vertex.parent is not None:
                continue
            schema = self._rebuild(vertex.node, self._as_written, dropped=set())
            for error in meta.iter_errors(schema):
                path = tuple(error.instance_path)
                self._refuse(vertex.node, path, error.instance, error.message)
            if not self._sound:  # who uses a published document cannot mend it
                for node, _, _ in _subschemas(vertex.node, self._legacy):
                    if not (self._legacy and node.reference):
                        for told in doubtful(node):
                            self._report.add(told)

    def _walk(self, root: Node) -> None:
        """Visit all that *root* refers to; what leads back to itself is built together.

        Which schemas lead back to themselves does not depend on where one begins, so
        that the same document always gives the same schemas (Tarjan's algorithm).
        """
        if root.key in self._vertices:
            return
        active: dict[Key, Iterator[Key]] = {}
        number: dict[Key, int] = {}
        lowest: dict[Key, int] = {}
        unbuilt: dict[Key, None] = {}

        def enter(node: Node) -> None:
            vertex = self._vertices[node.key] = self._vertex(node)
            number[node.key] = lowest[node.key] = len(number)
            unbuilt[node.key] = None
            active[node.key] = iter([edge[1] for edge in vertex.edges])

        enter(root)
        while active:
            key = next(reversed(active))
            target = next(active[key], None)
            if target is None:
                del active[key]
                if active:
                    above = next(reversed(active))
                    lowest[above] = min(lowest[above], lowest[key])
                if lowest[key] == number[key]:
                    self._build_together(unbuilt, key)
            elif target in unbuilt:
                lowest[key] = min(lowest[key], number[target])
            elif target not in self._vertices:
                enter(self._targets[target])

    def _build_together(self, unbuilt: dict[Key, None], first: Key) -> None:
        """Build *first* and all after it: each of them leads to each, if there are more."""
        keys = [unbuilt.popitem()[0]]
        while keys[-1] != first:
            keys.append(unbuilt.popitem()[0])
        alone = self._vertices[first].edges if len(keys) == 1 else ()
        if len(keys) > 1 or any(edge[1] == first for edge in alone):
            for key in sorted(keys, key=str):
                self._keep(key)
            if self._sound:
                self._cut_circles(sorted(keys, key=str))
        for key in keys:
            self._build(self._vertices[key])

    def _vertex(self, node: Node) -> _Vertex:
        above = Node(node.document, node.pointer[:-1], None).key
        parent = self._kinds.parent(above)
        if parent is None or parent.whole.key != node.key:
            vertex = _Vertex(node)
            self._find_edges(vertex)
            return vertex
        vertex = _Vertex(node, parent)
        for schema in (parent.node, *(kind.schema for kind in parent.kinds)):
            self._targets[schema.key] = schema
            vertex.edges.append((schema, schema.key, True, 1))
        return vertex

    def _find_edges(self, vertex: _Vertex) -> None:
        for node, in_place, level in _subschemas(vertex.node, self._legacy):
            vertex.size += 1
            vertex.levels = max(vertex.levels, level)
            if not self._known:
                self._check_patterns(node)
                self._check_mapping(node)
            if node.reference is None:
                continue
            target = self._references.follow(node)
            if target is not None:
                target = self._with_kinds(vertex, node, target, in_place)
                self._targets[target.key] = target
                self._found[node.key] = target.key
                vertex.edges.append((node, target.key, in_place, level))

    def _with_kinds(
        self, vertex: _Vertex, node: Node, target: Node, in_place: bool
    ) -> Node:
        """*target* with the schemas that are kinds of it, unless *node* makes it a part
        of one of them."""
        parent = self._kinds.parent(target.key)
        if parent is None or node.key in self._kinds.inheriting:
            return target
        is_kind = self._kinds.are_of(vertex.node.key, target.key)
        return target if in_place and is_kind else parent.whole

    def _build(self, vertex: _Vertex) -> None:
        for _, key, _, level in vertex.edges:
            if key in self._kept:
                vertex.uses.add(key)
                continue
            target = self._vertices[key]
            vertex.uses |= target.uses
            vertex.size += target.size
            vertex.levels = max(vertex.levels, level + target.levels)
        if vertex.size > MAX_INLINED or vertex.levels > MAX_LEVELS:
            self._keep(vertex.node.key)
        if vertex.parent is not None:
            parts = [self._placed(key) for _, key, _, _ in vertex.edges]
            vertex.built = vertex.parent.built(parts[0], parts[1:])
        else:
            vertex.built = self._rebuild(vertex.node, self._place, dropped=_DROPPED)

    def _keep(self, key: Key) -> None:
        """Let *key* stay a reference, under a name that no other one has."""
        if key in self._kept:
            return
        name = re.sub(r"[^A-Za-z0-9_.-]", "_", _name(key))
        unique, number = name, 2
        while unique in self._names:
            unique, number = f"{name}-{number}", number + 1
        self._kept[key], self._names[unique] = unique, key

    def _rebuild(self, node: Node, place: Place, dropped: set[str]) -> Any:
        """The schema at *node* with other values where its references stand."""
        is_sound = self._sound and place == self._place
        if not isinstance(node.value, dict):
            return node.value if not is_sound or node.value is False else True
        if node.reference is not None:
            return place(node)
        schema: dict[str, Any] = {}
        for keyword in node.value:
            if keyword not in dropped:
                schema[keyword] = self._keyword(node, keyword, place, dropped)
        if self._legacy or self._sound:
            schema = modernised(schema)
        return sound(schema) if is_sound else schema

    def _keyword(
        self, schema: Node, keyword: str, place: Place, dropped: set[str]
    ) -> Any:
        if keyword not in _WITH_SCHEMAS:
            return schema.value[keyword]
        node = schema.child(keyword)
        if keyword in _NAMED and isinstance(node.value, dict):
            return {
                name: self._rebuild(node.child(name), place, dropped)
                for name in node.value
            }
        if keyword in _LIST and isinstance(node.value, list):
            parts = [
                self._rebuild(node.child(index), place, dropped)
                for index in range(len(node.value))
            ]
            return _hinting(schema, node, parts) if place == self._place else parts
        return self._rebuild(node, place, dropped) if keyword in _ONE else node.value

    def _place(self, node: Node) -> Any:
        """What the schema with a `$ref` at *node* says, in its own words."""
        key = self._found.get(node.key)
        beside = self._beside(node, self._place, _DROPPED)
        if key is None:
            return beside
        target = self._placed(key)
        if key in self._kept:
            return {**target, **beside}
        if not beside:
            return target
        if isinstance(target, dict) and beside.keys() <= _ANNOTATIONS:
            return {**target, **beside}
        # Keywords such as additionalProperties look at their neighbours, so two
        # schemas cannot be poured into one.
        return {**beside, "allOf": [target, *beside.get("allOf", [])]}

    def _placed(self, key: Key) -> Any:
        """What stands where a schema refers to the one at *key*."""
        if key in self._kept:
            return {"$ref": f"#/$defs/{self._kept[key]}"}
        return self._vertices[key].built

    def _as_written(self, node: Node) -> Any:
        beside = self._beside(node, self._as_written, set())
        return {"$ref": node.reference, **beside}

    def _beside(self, node: Node, place: Place, dropped: set[str]) -> dict[str, Any]:
        """The keywords beside a `$ref`, which OpenAPI 3.0 ignores."""
        if self._legacy:
            return {}
        beside = {
            keyword: self._keyword(node, keyword, place, dropped)
            for keyword in node.value
            if keyword != "$ref" and keyword not in dropped
        }
        return sound(beside) if self._sound and place == self._place else beside

    def _cut_circles(self, keys: list[Key]) -> None:
        """Take out references that lead back without going down into the value: a schema
        that is a part of itself says no more than its other parts do."""
        done: set[Key] = set()
        for key in keys:
            for at, circle in self._circles(self._vertices[key], done):
                self._references.refuse_cycle(at, circle)
                if self._found.pop(at.key, None) is not None:
                    last = self._vertices[circle[-1]]
                    last.edges = [edge for edge in last.edges if edge[0] is not at]

    def _check_circle(self, start: _Vertex, done: set[Key]) -> None:
        for at, circle in self._circles(start, done):
            self._references.refuse_cycle(at, circle)

    def _circles(
        self, start: _Vertex, done: set[Key]
    ) -> Iterator[tuple[Node, list[Key]]]:
        """References that lead back without going down into the value, and what is on
        the way to each."""
        if start.node.key in done:
            return
        active: dict[Key, Iterator[tuple[Node, Key]]] = {}

        def enter(key: Key) -> None:
            done.add(key)
            edges = self._vertices[key].edges
            active[key] = iter([(at, to) for at, to, in_place, _ in edges if in_place])

        enter(start.node.key)
        while active:
            key = next(reversed(active))
            at, target = next(active[key], (None, None))
            if at is None or target is None:
                del active[key]
            elif target in active:
                way = list(active)
                yield at, way[way.index(target) :]
            elif target not in done:
                enter(target)

    def _check_patterns(self, schema: Node) -> None:
        if not isinstance(schema.value, dict):
            return
        if isinstance(schema.value.get("pattern"), str):
            self._check_pattern(schema.child("pattern"), schema.value["pattern"])
        named = schema.value.get("patternProperties")
        for pattern in named if isinstance(named, dict) else ():
            node = schema.child("patternProperties").child(pattern)
            self._check_pattern(node, pattern, key=True)

    def _check_mapping(self, schema: Node) -> None:
        """Warn of what a discriminator names, and what is not there."""
        value = schema.value
        discriminator = value.get("discriminator") if isinstance(value, dict) else None
        named = (
            discriminator.get("mapping") if isinstance(discriminator, dict) else None
        )
        for name, reference in named.items() if isinstance(named, dict) else ():
            at = schema.at(("discriminator", "mapping", name), reference)
            is_here = isinstance(reference, str) and reference.startswith("#")
            if is_here and within(schema.document, reference) is None:
                written = schema.document.as_written(reference)
                what = f"{written!r}, which {name!r} is mapped to, does not exist"
                why = "such a value is judged by the rest of the schema alone"
                fix = "add what is referred to, or remove the name"
                told = at.diagnostic("ref-missing", what, why, fix, severity="warning")
                self._report.add(told)

    def _check_pattern(self, node: Node, pattern: str, *, key: bool = False) -> None:
        if why := patterns.error_in(pattern):
            code = "openapi-pattern"
            what = f"{pattern!r} is not a regular expression"
            fix = "correct it; in single quotes, \\ is a plain character"
            self._report.add(node.diagnostic(code, what, why, fix, key=key))

    def _refuse(self, schema: Node, path: Pointer, value: Any, message: str) -> None:
        keyword = next((step for step in reversed(path) if isinstance(step, str)), None)
        shown = repr(value) if isinstance(value, str | int | float) else kind_of(value)
        if keyword is None:
            what, why, fix = f"a schema cannot be {shown}", message, ""
        elif keyword == "type":
            what, fix = f"{shown} is not a type", did_you_mean(value, TYPES)
            why = f"a type is one of {', '.join(TYPES)}, or a list of them"
        else:
            what, why, fix = f"{keyword!r} cannot be {shown}", message, ""
        at = schema.at(path, value)
        self._report.add(at.diagnostic("openapi-schema", what, why, fix))


def _name(key: Key) -> str:
    """What a schema is called: by the last part of its pointer, or by its file."""
    file, pointer = key
    if pointer[-1:] == ("discriminator",):
        return f"{pointer[-2]}-kinds"
    return str(pointer[-1]) if pointer else file.rpartition("/")[2]


def _subschemas(root: Node, legacy: bool) -> Iterator[tuple[Node, bool, int]]:
    """*root* and every schema inside, whether it judges the same value, how deep."""
    waiting = [(root, True, 0)]
    while waiting:
        schema, in_place, level = waiting.pop()
        yield schema, in_place, level
        if not isinstance(schema.value, dict) or (legacy and schema.reference):
            continue
        for keyword, value in schema.value.items():
            if keyword in _DROPPED or keyword not in _WITH_SCHEMAS:
                continue  # those are visited when something refers to them
            node, same = schema.child(keyword), in_place and keyword in _IN_PLACE
            if keyword in _NAMED and isinstance(value, dict):
                waiting += ((node.child(name), same, level + 1) for name in value)
            elif keyword in _LIST and isinstance(value, list):
                inside = range(len(value))
                waiting += ((node.child(index), same, level + 1) for index in inside)
            elif keyword in _ONE:
                waiting.append((node, same, level + 1))


def _hinting(schema: Node, alternatives: Node, parts: list[Any]) -> list[Any]:
    """*parts* with the value of the discriminator that stands for each that has a name.

    JSON Schema knows nothing of it, so it stands in a keyword of our own.
    """
    said = schema.value.get("discriminator")
    name = said.get("propertyName") if isinstance(said, dict) else None
    if not isinstance(name, str) or alternatives.pointer[-1] == "allOf":
        return parts
    mapping = said.get("mapping")
    values = dict(mapping) if isinstance(mapping, dict) else {}
    by_target = {str(target): value for value, target in values.items()}
    hinted = []
    for index, part in enumerate(parts):
        reference = alternatives.child(index).reference
        if reference is not None and isinstance(part, dict):
            last = reference.rpartition("/")[2]
            value = by_target.get(reference, by_target.get(last, last))
            part = {**part, DISCRIMINATED: {name: value}}
        hinted.append(part)
    return hinted
