"""Renames: keys of a spec that had another name before version 1.

A JSON Schema says what became of them beside the `properties` of a mapping:
`"x-renamed": {"from": "collection"}`. An old name is refused, and what stands under it is
checked as if it had the new one, so that an author is told of all mistakes at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from emulator.diagnostics import Report
from emulator.spec.document import Document, Pointer

Json = Any

_KINDS = {dict: "object", list: "array", str: "string", type(None): "null"}


class Rename(NamedTuple):
    """A key with its old name, and its new one."""

    pointer: Pointer
    name: str


def renames(data: Json, schema: Mapping[str, Json]) -> Iterator[Rename]:
    """The keys of *data* that *schema* calls something else, outer ones first."""
    yield from _renames(data, schema, schema, ())


def with_new_names(
    document: Document, schema: Mapping[str, Json], report: Report
) -> Document:
    """*document* with the new names of its keys; each old one is reported."""
    found = list(renames(document.data, schema))
    if not found:
        return document
    for rename in found:
        old = str(rename.pointer[-1])
        where = ".".join(map(str, rename.pointer[:-1])) or document.file
        report.add(
            document.diagnostic(
                rename.pointer,
                "renamed-key",
                f"{old!r} of {where} was renamed in version 1",
                f"a name has one meaning now, and this one is {rename.name!r}",
                f"write `{rename.name}:`, or run `emulator check --fix`",
                key=True,
            )
        )
    return _renamed(document, dict(found))


def _renames(
    value: Json, schema: Json, root: Mapping[str, Json], pointer: Pointer
) -> Iterator[Rename]:
    schema = _resolved(schema, value, root)
    if isinstance(value, list):
        for at, item in enumerate(value):
            yield from _renames(item, schema.get("items"), root, (*pointer, at))
    elif isinstance(value, dict):
        known = schema.get("properties", {})
        old = schema.get("x-renamed", {})
        for key, member in value.items():
            if key in old and key not in known:
                yield Rename((*pointer, key), old[key])
            inner = known.get(old.get(key, key), schema.get("additionalProperties"))
            yield from _renames(member, inner, root, (*pointer, key))


def _resolved(
    schema: Json, value: Json, root: Mapping[str, Json]
) -> Mapping[str, Json]:
    """What *schema* says of a value like *value*: references and choices are followed."""
    while isinstance(schema, dict):
        if "$ref" in schema:
            schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
        elif "oneOf" in schema:
            kind = _KINDS.get(type(value), "")
            branches = (_resolved(branch, value, root) for branch in schema["oneOf"])
            schema = next((b for b in branches if b.get("type") == kind), None)
        else:
            return schema
    return {}


def _renamed(document: Document, names: Mapping[Pointer, str]) -> Document:
    """The document with other *names* of keys, and the places that they had."""

    def translated(pointer: Pointer) -> Pointer:
        return tuple(
            names.get(pointer[: at + 1], part) for at, part in enumerate(pointer)
        )

    def carried(value: Json, pointer: Pointer) -> Json:
        if isinstance(value, list):
            return [carried(item, (*pointer, at)) for at, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        return {
            names.get((*pointer, key), key): carried(member, (*pointer, key))
            for key, member in value.items()
        }

    return replace(
        document,
        data=carried(document.data, ()),
        positions={translated(at): place for at, place in document.positions.items()},
        keys={translated(at): place for at, place in document.keys.items()},
    )
