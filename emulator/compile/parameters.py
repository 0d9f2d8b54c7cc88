"""Parameters: those of an operation in `openapi.yaml`, and what of them is tolerated."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, Sequence

from emulator.compile.paths import names_in_path, with_greedy
from emulator.compile.source import Source
from emulator.program.brackets import items_of
from emulator.program.objects import CONTENT, DEEP, MEMBERS, PAIRS
from emulator.program.parameters import PLACES, ParameterPolicy, Typed, type_of
from emulator.program.schemas import Schema
from emulator.spec.description import OperationDoc, Parameter
from emulator.spec.document import Pointer

TOLERANCE = ("ignore", "clamp", "truncate")
_SEPARATORS = {"pipeDelimited": "|", "spaceDelimited": " "}
_OF_PATH = ("simple", "label", "matrix")


def compile_parameters(
    source: Source, id: str, pointer: Pointer, repeated: str
) -> ParameterPolicy:
    """The parameters of the operation *id*; `tolerate` stands at *pointer*."""
    operation = with_greedy(source, pointer, source.openapi.operations[id])
    tolerate = source.get(*pointer, "tolerate", default={})
    aliases = source.get(*pointer, "parameter_aliases", default={})
    names = {parameter.name for parameter in operation.parameters}
    for name in tolerate:
        source.known((*pointer, "tolerate", name), name, names, "parameter")
    for alias, name in aliases.items():
        source.known((*pointer, "parameter_aliases", alias), name, names, "parameter")
    places = _by_place(source, operation, tolerate)
    query = {declared.name: declared for declared in places["query"]}
    return ParameterPolicy(
        path=tuple(places["path"]),
        query=query
        | {alias: query[name] for alias, name in aliases.items() if name in query},
        header=tuple(places["header"]),
        cookie=tuple(places["cookie"]),
        schemas={place: _together(found) for place, found in places.items() if found},
        defaults={
            place: {
                declared.name: declared.default
                for declared in found
                if declared.default is not None
            }
            for place, found in places.items()
        },
        needed=frozenset(
            place
            for place, found in places.items()
            if any(declared.required for declared in found)
        ),
        repeated=repeated,
        objects={
            name: declared
            for name, declared in query.items()
            if declared.reading in (DEEP, MEMBERS)
        },
    )


def _by_place(
    source: Source, operation: OperationDoc, tolerate: Mapping[str, str]
) -> dict[str, list[Typed]]:
    """The parameters of each place; those of the path as they follow each other in it."""
    words = source.get("http", "booleans") == "words"
    places: dict[str, list[Typed]] = {place: [] for place in PLACES}
    for parameter in operation.parameters:
        typed = _typed(parameter, tolerate.get(parameter.name, ""), words)
        places[parameter.where].append(typed)
    order = {name: rank for rank, name in enumerate(names_in_path(operation.path))}
    places["path"].sort(key=lambda declared: order.get(declared.name, 0))
    return places


def _together(declared: Sequence[Typed]) -> Schema:
    """The schema of an object whose members are the parameters of one place.

    What they refer to stands at its root: one document gives a name in `$defs` once.
    """
    named = [one.schema["$defs"] for one in declared if "$defs" in one.schema]
    together = {
        "type": "object",
        "properties": {one.name: one.schema for one in declared},
        "required": [one.name for one in declared if one.required],
    }
    return Schema({**together, "$defs": dict(ChainMap(*named))} if named else together)


def _typed(parameter: Parameter, tolerance: str, words: bool) -> Typed:
    schema = parameter.schema
    kind = type_of(schema)
    if kind == "boolean" and words:
        kind = "word"
    items = items_of(schema)
    before, separator, joined = _marks(parameter, kind)
    return Typed(
        name=parameter.name,
        key=parameter.name.lower() if parameter.where == "header" else parameter.name,
        kind=kind,
        item_kind=type_of(items) if isinstance(items, Mapping) else "string",
        separator=separator,
        joined=joined,
        before=before,
        greedy=parameter.greedy,
        reading=_reading(parameter, kind),
        words=words,
        required=parameter.required,
        default=schema.get("default"),
        schema=schema,
        tolerance=tolerance,
    )


def _marks(parameter: Parameter, kind: str) -> tuple[str, str, str]:
    """What stands before a value, between its parts, and inside a part (RFC 6570)."""
    style, exploded = parameter.style, parameter.explode
    if style not in _OF_PATH:
        separator = _SEPARATORS.get(style, ",")
        return "", "" if exploded and kind != "object" else separator, ""
    joined = "=" if exploded and kind == "object" else ""
    if style == "label":
        return ".", "." if exploded else ",", joined
    if style == "matrix":
        named = f";{parameter.name}="
        if joined:
            return ";", ";", joined
        return named, named if exploded else ",", ""
    return "", ",", joined


def _reading(parameter: Parameter, kind: str) -> str:
    if parameter.media_type is not None:
        return CONTENT if "json" in parameter.media_type else ""
    listed = parameter.name.endswith("[]") and kind == "array"
    if parameter.style == "deepObject" or (parameter.where == "query" and listed):
        return DEEP
    if kind != "object":
        return ""
    if parameter.style == "form" and parameter.explode and parameter.where == "query":
        return MEMBERS
    return PAIRS
