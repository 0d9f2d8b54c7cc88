"""Bodies: the request bodies of an operation: media types, schemas and defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.compile.source import Source
from emulator.http.media_types import media_type
from emulator.program.bodies import FILE, BodyPolicy
from emulator.program.schemas import Schema, properties_of

Json = Any


def _with_files(schema: Mapping[str, Json]) -> Mapping[str, Json]:
    """*schema* with bytes as `program.reading` reads them: facts about them.

    OpenAPI 3.0 calls them a text of the format `binary`; 3.1 leaves the type out.
    """
    if schema.get("format") == "binary":
        return {"type": "object", FILE: True}
    changed = dict(schema)
    if "items" in schema and isinstance(schema["items"], Mapping):
        changed["items"] = _with_files(schema["items"])
    if "properties" in schema:
        changed["properties"] = {
            name: _with_files(member) if isinstance(member, Mapping) else member
            for name, member in schema["properties"].items()
        }
    return changed


def compile_body(source: Source, id: str, most: int | None) -> BodyPolicy | None:
    """The request body of the operation *id*, or None when it takes none.

    *most* is the longest one of operations that do not say.
    """
    document = source.openapi.operations[id].body
    if document is None:
        if source.get("operations", id, "max_body") is not None:
            source.problem(
                ("operations", id, "max_body"),
                "unread-body",
                f"the operation {id!r} takes no body",
                "what nobody reads has no longest form",
                "remove it, or give the operation a requestBody in openapi.yaml",
                key=True,
            )
        return None
    own = source.size("operations", id, "max_body")
    update = source.get("operations", id, "update")
    properties: dict[str, Mapping[str, Json]] = {}
    for schema in document.content.values():
        properties.update(properties_of(schema))
    return BodyPolicy(
        required=document.required,
        schemas={
            media_type(media): Schema(
                schema if "json" in media else _with_files(schema)
            )
            for media, schema in document.content.items()
        },
        properties=properties,
        defaults={
            name: schema["default"]
            for name, schema in properties.items()
            if isinstance(schema, Mapping) and "default" in schema
        },
        partial=update is not None and not update.get("whole"),
        most=most if own is None else own,
        says_too_large="413" in source.openapi.operations[id].responses,
    )
