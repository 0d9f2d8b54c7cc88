"""Kinds: of which kind the values of a call are, as the schemas say."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from emulator.compile.source import Source
from emulator.json_type import Json
from emulator.language.conversions import ANY_MEMBER
from emulator.language.kinds import NUMBER, TEXT, kind_of_schema
from emulator.program.bodies import BodyPolicy
from emulator.program.parameters import PLACES, ParameterPolicy
from emulator.spec.description import OperationDoc

_DEEP = 3


def kinds_of_parameters(parameters: ParameterPolicy) -> dict[str, str]:
    """`{"query.per_page": "a number"}`"""
    return {
        f"{place}.{name}": kind
        for place in PLACES
        for name, typed in parameters.typed(place).items()
        if (kind := kind_of_schema(typed.schema))
    }


def kinds_of_members(body: BodyPolicy | None) -> dict[str, str]:
    """`{"body.title": "a text"}`, where all media types of the body agree."""
    kinds: dict[str, set[str]] = {}
    for schema in body.schemas.values() if body else ():
        kinds.setdefault("body", set()).add(kind_of_schema(schema.schema))
        for name, kind in _members(schema.schema, "body", _DEEP):
            kinds.setdefault(name, set()).add(kind)
    return {
        name: next(iter(known))
        for name, known in kinds.items()
        if len(known) == 1 and "" not in known
    }


def kinds_in_all(operations: Collection[OperationDoc]) -> dict[str, str]:
    """`{"query.cost": "a number"}`, where all of *operations* that have it agree."""
    kinds: dict[str, set[str]] = {}
    for name, schema in _schemas(operations):
        kinds.setdefault(name, set()).add(kind_of_schema(schema))
    return {
        name: known.pop()
        for name, known in kinds.items()
        if len(known) == 1 and "" not in known
    }


def signed(operations: Collection[OperationDoc]) -> Iterator[str]:
    """`query.cost`, where one of *operations* takes a number of it that is less than 0."""
    for name, schema in _schemas(operations):
        if kind_of_schema(schema) == NUMBER and _SETS_A_MINIMUM.isdisjoint(schema):
            yield name


_SETS_A_MINIMUM = {
    "minimum", "exclusiveMinimum", "enum", "const", "allOf", "anyOf", "oneOf", "$ref",
}  # fmt: skip
"""Keywords by which a schema may keep out what is less than 0."""


def _schemas(operations: Collection[OperationDoc]) -> Iterator[tuple[str, Json]]:
    """The schemas of the parameters, and of the members of bodies, by dotted names."""
    for operation in operations:
        for parameter in operation.parameters:
            yield f"{parameter.where}.{parameter.name}", parameter.schema
        content = operation.body.content if operation.body else {}
        for schema in content.values():
            properties = schema.get("properties")
            if isinstance(properties, Mapping):
                for name, inner in properties.items():
                    yield f"body.{name}", inner


def any_texts(parameters: ParameterPolicy, body: BodyPolicy | None) -> Iterator[str]:
    """`query.after`, where its schema says that it is a text, and not of which form."""
    for place in PLACES:
        for name, typed in parameters.typed(place).items():
            if _is_any_text(typed.schema):
                yield f"{place}.{name}"
    for schema in body.schemas.values() if body else ():
        properties = schema.schema.get("properties")
        for name, inner in (
            properties.items() if isinstance(properties, Mapping) else ()
        ):
            if _is_any_text(inner):
                yield f"body.{name}"


def any_values(body: BodyPolicy | None) -> Iterator[str]:
    """`body.tags`, where no schema says of what kind it is; `body.*` for all members."""
    if body is None:
        return
    for schema in body.schemas.values():
        others = schema.schema.get("additionalProperties", True)
        is_bare = _says_nothing(
            schema.schema, {"type", "additionalProperties", "required"}
        )
        if not body.members and is_bare and others in (True, {}):
            yield ANY_MEMBER
        properties = schema.schema.get("properties")
        for name, inner in (
            properties.items() if isinstance(properties, Mapping) else ()
        ):
            if isinstance(inner, Mapping) and _says_nothing(inner):
                yield f"body.{name}"


def _says_nothing(schema: Mapping[str, Json], besides: Collection[str] = ()) -> bool:
    """Whether *schema* has only words that allow every kind of value."""
    return {*schema} <= {*_DESCRIBING, *besides}


_DESCRIBING = {
    "title", "description", "example", "examples", "default", "deprecated", "readOnly",
    "writeOnly", "nullable",
}  # fmt: skip


def _is_any_text(schema: Json) -> bool:
    return kind_of_schema(schema) == TEXT and _FORMS.isdisjoint(schema)


_FORMS = {"format", "pattern", "enum", "const"}


def _members(schema: Json, above: str, deep: int) -> Iterator[tuple[str, str]]:
    if not isinstance(schema, Mapping) or not deep:
        return
    properties = schema.get("properties")
    for name, inner in properties.items() if isinstance(properties, Mapping) else ():
        yield f"{above}.{name}", kind_of_schema(inner)
        yield from _members(inner, f"{above}.{name}", deep - 1)


def computed(source: Source, collection: str) -> frozenset[str]:
    """The fields in which records of *collection* may hold something else than was sent."""
    policy = source.get("collections", collection, default={}) or {}
    settings = [policy.get(key) for key in ("on_create", "on_update")]
    for pointer, _ in source.entries("operations"):
        settings += [
            source.get(*pointer, kind, "set")
            for kind in ("create", "update")
            if source.get(*pointer, kind, "collection") == collection
        ]
    return frozenset(field for setting in settings for field in setting or ())
