"""Bodies of examples: what the document shows, what a schema needs, what a record has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

import orjson

from emulator.admin.example_values import value_of
from emulator.http.media_types import is_xml
from emulator.json_type import Json
from emulator.program.bodies import FORMS, BodyPolicy, required_of
from emulator.program.encoding import File, encoded
from emulator.program.example import written_example
from emulator.program.markup import names_in, xml
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.program.schemas import Schema
from emulator.world.world import World

Body = tuple[str, bytes | None]
"""The Content-Type, and the bytes."""
_FILE = File("file.pdf", b"%PDF-1.4 a file\n", "application/pdf")
_MOST = 3
"""Media types that are tried."""


def bodies(
    world: World, program: Program, operation: Operation, client: Mapping[str, Json]
) -> Iterator[Body]:
    """Bodies with their media types, the most likely ones first.

    Members by which a *client* proves itself are those of that client.
    """
    policy = operation.body
    if policy is None:
        yield "", None
        return
    written = written_example(program, operation)
    if written is not None and policy.schema("application/json") is not None:
        if isinstance(written, dict):
            written = {name: client.get(name, said) for name, said in written.items()}
        yield _encoded("application/json", written, None)
    for media in sorted(policy.schemas, key=_likely)[:_MOST] or ["application/json"]:
        yield from _of_type(world, program, operation, policy, media)
    if not policy.required:
        yield "", None


def _likely(media: str) -> int:
    if "json" in media or "*" in media:
        return "patch" in media
    return 2 if media in FORMS else 3


def _of_type(
    world: World,
    program: Program,
    operation: Operation,
    policy: BodyPolicy,
    media: str,
) -> Iterator[Body]:
    schema = policy.schema(media)
    media = "application/json" if "*" in media else media
    value = value_of(schema.schema) if schema else None
    if not isinstance(value, dict):
        yield _encoded(media, value, schema)
        return
    members = policy.properties
    value = {
        name: _FILE if media == FORMS[1] and _is_file(members.get(name)) else member
        for name, member in value.items()
    }
    named = schema.schema.get("$defs", {}) if schema else {}
    required = {*required_of(schema.schema, named)} if schema else ()
    yield _encoded(media, {k: value[k] for k in value if k in required}, schema)
    yield _encoded(media, value, schema)
    for record in _similar(world, program, operation):
        fields = policy.input_of(value) or {}
        sent = {name: record[name] for name in members if record.get(name) is not None}
        for extra in (fields, sent):
            made = {**fields, **{k: sent[k] for k in extra if k in sent}}
            yield _encoded(media, policy.wrapped(made), schema)


def _similar(world: World, program: Program, operation: Operation) -> list[Json]:
    """Records of the kind that the operation makes or changes."""
    if operation.action.collection not in program.bases:
        return []
    return [*islice(world.collections(program)[operation.action.collection], 2)]


def _encoded(media: str, value: Json, schema: Schema | None) -> Body:
    if "json" in media:
        return media, orjson.dumps(value, option=orjson.OPT_INDENT_2)
    if is_xml(media):
        root, items = names_in(schema.schema if schema else {})
        return media, xml(value, root, items)
    if value is None or (isinstance(value, (dict, list)) and media not in FORMS):
        return media, orjson.dumps(value) if media.startswith(
            "text/"
        ) else _FILE.content
    return encoded(value, media)


def _is_file(schema: Mapping[str, Json] | None) -> bool:
    known = schema or {}
    return known.get("format") == "binary" or "contentMediaType" in known
