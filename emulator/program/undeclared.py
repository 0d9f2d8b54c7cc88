"""Known: what of a call the spec of its provider does not say, and what comes nearest.

A call that says nothing but what is known pays for a comparison of two sets of names;
what is near is looked for only where something is not.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property, lru_cache
from itertools import islice
from typing import NamedTuple

from emulator.diagnostics import nearest
from emulator.json_type import Json
from emulator.language.embedded import expressions
from emulator.program.brackets import fields_of
from emulator.program.documented import PREFERENCES
from emulator.program.objects import DEEP, MEMBERS, is_member
from emulator.program.operation import Operation
from emulator.program.parameters import Typed
from emulator.program.patterns import in_brackets
from emulator.program.program import Program
from emulator.program.schemas import Schema, properties_of

PATH = "path"
METHOD = "method"
TARGET = "target"
OPERATION = "operation"
QUERY = "query parameter"
MEMBER = "body member"
VERSION = "version"
CONTENT = "content of a body"
CODING = "content coding"

MOST = 20
"""The most unknown names that are reported of one call."""
_LONGEST = 200
_KIN = {"PUT": ("PATCH", "POST"), "PATCH": ("PUT", "POST"), "POST": ("PUT", "PATCH")}


class Unknown(NamedTuple):
    """Something that a call asked for and the spec does not say."""

    what: str
    asked: str
    nearest: str | None
    known: tuple[str, ...] = ()
    """What could have been asked for."""

    @property
    def facts(self) -> dict[str, Json]:
        return {"what": self.what, "asked": self.asked, "nearest": self.nearest}


def unknown_path(program: Program, path: str) -> Unknown:
    """The raw *path*, which leads nowhere."""
    asked, base = path[:_LONGEST], program.base_path
    known = tuple(
        dict.fromkeys(
            base + further
            for operation in program.operations.values()
            for further in (operation.path.partition("#")[0], *operation.path_aliases)
        )
    )
    return Unknown(PATH, asked, _nearest_path(asked, known, base), known)


def unknown_method(method: str, known: Iterable[str]) -> Unknown:
    """The *method*, which the path that was found does not have."""
    asked, known = method[:_LONGEST], tuple(known)
    kin = next((other for other in _KIN.get(asked, ()) if other in known), None)
    return Unknown(METHOD, asked, kin or _nearest(asked.upper(), known), known)


def unknown_target(target: str | None, known: Iterable[str]) -> Unknown:
    """The *target* of a call, which none of the operations at its path has."""
    asked, known = ("" if target is None else target)[:_LONGEST], tuple(known)
    return Unknown(TARGET, asked, _nearest(asked, known), known)


def unknown_query(
    program: Program, operation: Operation, names: Iterable[str]
) -> list[Unknown]:
    """Those of *names* that no parameter, credential or format has in the query."""
    if operation.id not in program.operations:
        return []  # an OPTIONS that HTTP answers: browsers send it wherever they may
    if operation.grant is not None:
        return []  # RFC 6749, 3.1: what a server does not know, it ignores
    typed = operation.parameters.query
    known = tuple(typed)
    beside = [sent_name for sent_name in names if sent_name not in typed]
    also = {
        *(
            scheme.parameter
            for scheme in program.schemes.values()
            if scheme.kind == "query"
        ),
        *(
            name
            for policy in program.formats
            for name in _read_of_query(policy.when.tree)
        ),
    }
    objects = operation.parameters.objects.values()
    unknown = (
        sent_name
        for sent_name in beside
        if sent_name not in also
        and sent_name not in PREFERENCES
        and not _of_object(sent_name, objects)
    )
    return _told(QUERY, unknown, known)


def unknown_version(program: Program, version: str) -> Unknown:
    """The *version* that an Accept header asks for, which is none of the provider's."""
    asked, known = version[:_LONGEST], tuple(program.http.version["known"])
    return Unknown(VERSION, asked, _nearest(asked, known), known)


def without_credentials(program: Program, body: Json) -> Json:
    """*body* without the members in which credentials stand, whether or not declared."""
    for scheme in program.schemes.values():
        if scheme.kind == "body" and isinstance(body, dict):
            body = _without(body, scheme.parameter.split("."))
            body = _without(body, [in_brackets(scheme.parameter)])
    return body


def _without(body: Json, path: Sequence[str]) -> Json:
    name, *inner = path
    if not isinstance(body, dict) or name not in body:
        return body
    rest = {member: value for member, value in body.items() if member != name}
    inside = _without(body[name], inner) if inner else None
    return {**rest, name: inside} if inside else rest


def unknown_members(schema: Schema, body: Json) -> list[Unknown]:
    """The members of *body* that *schema* neither names nor refuses, inside it too.

    A schema that says of further members what they are, or that there may be any, has
    named them all.
    """
    members: list[Unknown] = []
    if isinstance(body, (dict, list)):
        if schema.shape is None:
            schema.shape = _Shape([schema.schema], schema.schema)
        _seek(schema.shape, body, "", members)
    return members


def _told(what: str, names: Iterable[str], known: tuple[str, ...]) -> list[Unknown]:
    return [
        Unknown(what, asked, _nearest(asked, known), known)
        for asked in (name[:_LONGEST] for name in islice(names, MOST))
    ]


@lru_cache(maxsize=1_024)
def _nearest(asked: str, known: tuple[str, ...]) -> str | None:
    return nearest(asked, known)


@lru_cache(maxsize=1_024)
def _nearest_path(asked: str, known: tuple[str, ...], base: str) -> str | None:
    """The template that *asked* nearly is, whatever stands for its parameters.

    What all paths begin with makes no two of them more alike.
    """
    skipped = len(base) if asked.startswith(base) else 0
    parts = asked[skipped:].rstrip("/").split("/")
    filled: dict[str, str] = {}
    for template in known:
        written = template[skipped:].split("/")
        if len(written) == len(parts):
            pairs = zip(written, parts, strict=True)
            written = [sent if "{" in segment else segment for segment, sent in pairs]
        filled.setdefault("/".join(written), template)
    near = nearest("/".join(parts), filled)
    return None if near is None else filled[near]


def _of_object(name: str, objects: Iterable[Typed]) -> bool:
    """Whether *name* is a member of a parameter that is an object, as OpenAPI writes it.

    `filter[author]` of one in the style deepObject; `author` where it is exploded.
    """
    for parameter in objects:
        if parameter.reading == DEEP and is_member(
            name, parameter.name, parameter.schema
        ):
            return True
        if parameter.reading == MEMBERS and (
            name in fields_of(parameter.schema)
            or parameter.schema.get("additionalProperties")
        ):
            return True
    return False


@cache
def _read_of_query(text: str) -> frozenset[str]:
    """The parameters that a condition reads: "query.format == 'xml'" -> {"format"}."""
    names: set[str] = set()
    for _, part in expressions(text, (), bare=True):
        for node in ast.walk(ast.parse(str(part).strip(), mode="eval")):
            if not isinstance(node, (ast.Attribute, ast.Subscript)):
                continue
            if ast.unparse(node.value) not in ("query", "request.query"):
                continue
            if isinstance(node, ast.Attribute):
                names.add(node.attr)
            elif isinstance(node.slice, ast.Constant):
                names.add(str(node.slice.value))
    return frozenset(names)


class _Shape:
    """The members that a value has by its schemas, which hold together or by choice."""

    def __init__(self, schemas: Iterable[Json], root: Mapping[str, Json]) -> None:
        self._root = root
        self._schemas: dict[str, list[Json]] = {}
        self._of_items: list[Json] = []
        self._of_others: list[Json] = []
        self._seen: set[int] = set()
        self._open = False
        for schema in schemas:
            self._gather(schema)
        self.names = self._schemas.keys()
        self.judged = bool(self._schemas) and not self._open
        """A member that is not named here is unknown."""
        self.speaks = bool(self._schemas or self._of_items or self._of_others)
        """Something is said of what is inside."""
        self._named: dict[str, _Shape | None] = {}

    def of(self, name: str) -> _Shape | None:
        """The shape of the member *name*; None where nothing is said of it."""
        if name not in self.names:
            return self.others
        if name not in self._named:
            self._named[name] = self._shape(self._schemas[name])
        return self._named[name]

    @cached_property
    def items(self) -> _Shape | None:
        """The shape of the items, where the value is a list."""
        return self._shape(self._of_items)

    @cached_property
    def others(self) -> _Shape | None:
        """The shape of the members without a name of their own."""
        return self._shape(self._of_others)

    def _shape(self, schemas: list[Json]) -> _Shape | None:
        return _Shape(schemas, self._root) if schemas else None

    def _gather(self, schema: Json) -> None:
        if not isinstance(schema, Mapping) or id(schema) in self._seen:
            return
        self._seen.add(id(schema))
        for name, member in properties_of(schema).items():
            self._schemas.setdefault(name, []).append(member)
        self._of_items += [schema["items"]] if "items" in schema else []
        self._of_items += schema.get("prefixItems", ())
        for key in ("additionalProperties", "unevaluatedProperties"):
            if key in schema:  # it says that there may be more, or refuses it
                self._open = True
                self._of_others.append(schema[key])
        if "patternProperties" in schema:
            self._open = True
            self._of_others += schema["patternProperties"].values()
        for key in ("allOf", "anyOf", "oneOf"):
            for subschema in schema.get(key, ()):
                self._gather(subschema)
        for key in ("if", "then", "else"):
            self._gather(schema.get(key))
        for dependent in schema.get("dependentSchemas", {}).values():
            self._gather(dependent)
        reference = schema.get("$ref")
        if isinstance(reference, str):
            name = reference.removeprefix("#/$defs/")
            self._gather(self._root.get("$defs", {}).get(name))


def _seek(shape: _Shape, value: Json, before: str, found: list[Unknown]) -> None:
    """Add the unknown members of *value*, which stands behind *before*, to *found*."""
    if len(found) >= MOST:
        return
    if isinstance(value, list):
        inner = shape.items
        if inner is not None and inner.speaks:
            for item in value:
                if item and isinstance(item, (dict, list)):
                    _seek(inner, item, before, found)
        return
    if shape.judged and not value.keys() <= shape.names:
        known = tuple(shape.names)
        unknown = (name for name in value if name not in shape.names)
        left = islice(unknown, MOST - len(found))
        found += [_member(before, name, known) for name in left]
    for name, member in value.items():
        kind = type(member)
        if kind is dict or kind is list:
            inner = shape.of(name)
            if inner is not None:
                _seek(inner, member, f"{before}{name}.", found)


def _member(before: str, name: str, known: tuple[str, ...]) -> Unknown:
    asked = name[:_LONGEST]
    near = _nearest(asked, known)
    return Unknown(
        MEMBER,
        before + asked,
        None if near is None else before + near,
        tuple(before + declared for declared in known) if before else known,
    )
