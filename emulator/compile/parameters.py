"""Parameters: those of an operation in `openapi.yaml`, and what of them is tolerated."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.compile.paths import with_greedy
from emulator.compile.source import Source
from emulator.program.brackets import items_of
from emulator.program.objects import CONTENT, DEEP, MEMBERS, PAIRS
from emulator.program.parameters import PLACES, ParameterPolicy, Typed, type_of
from emulator.program.schemas import Schema
from emulator.spec.description import Parameter
from emulator.spec.document import Pointer

TOLERANCE = ("ignore", "clamp", "truncate")
_SEPARATORS = {"pipeDelimited": "|", "spaceDelimited": " "}
_OF_PATH = ("simple", "label", "matrix")


def compile_parameters(
    source: Source, id: str, pointer: Pointer, repeated: str
) -> ParameterPolicy:
    """The parameters of the operation *id*; `tolerate` stands at *pointer*."""
    document = with_greedy(source, pointer, source.openapi.operations[id])
    tolerate = source.get(*pointer, "tolerate", default={})
    names = {parameter.name for parameter in document.parameters}
    for name in tolerate:
        source.known((*pointer, "tolerate", name), name, names, "parameter")
    aliases = source.get(*pointer, "parameter_aliases", default={})
    for alias, name in aliases.items():
        source.known((*pointer, "parameter_aliases", alias), name, names, "parameter")
    words = source.get("http", "booleans") == "words"
    typed = [
        (parameter.where, _typed(parameter, tolerate.get(parameter.name, ""), words))
        for parameter in document.parameters
    ]
    by_place: dict[str, list[Typed]] = {place: [] for place in PLACES}
    for where, declared in typed:
        by_place[where].append(declared)
    order = _names(document.path)
    by_place["path"].sort(
        key=lambda parameter: (
            order.index(parameter.name) if parameter.name in order else 0
        )
    )
    return ParameterPolicy(
        path=tuple(by_place["path"]),
        query={declared.name: declared for declared in by_place["query"]}
        | {
            alias: declared
            for alias, name in aliases.items()
            for declared in by_place["query"]
            if declared.name == name
        },
        header=tuple(by_place["header"]),
        cookie=tuple(by_place["cookie"]),
        schemas={
            place: Schema(
                {
                    "type": "object",
                    "properties": {
                        declared.name: declared.schema for declared in found
                    },
                    "required": [
                        declared.name for declared in found if declared.required
                    ],
                }
            )
            for place, found in by_place.items()
            if found
        },
        defaults={
            place: {
                declared.name: declared.default
                for declared in found
                if declared.default is not None
            }
            for place, found in by_place.items()
        },
        needed=frozenset(
            place for place, found in by_place.items() if any(o.required for o in found)
        ),
        repeated=repeated,
        objects={
            declared.name: declared
            for declared in by_place["query"]
            if declared.reading in (DEEP, MEMBERS)
        },
    )


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


def _names(path: str) -> list[str]:
    return [part.partition("}")[0] for part in path.split("{")[1:]]
