"""Bodies: the request bodies of an operation: media types, schemas and defaults."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from emulator.compile.source import Source
from emulator.program.schemas import Schema, properties_of
from emulator.values import value

if TYPE_CHECKING:
    from emulator.compile.program import HttpPolicy

Json = Any

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@value
class BodyPolicy:
    """What an operation takes as a request body."""

    required: bool
    schemas: Mapping[str, Schema]
    """By media type, in lower case; `*/*` and `application/*` match as HTTP says."""
    properties: Mapping[str, Mapping[str, Json]]
    """The fields of the input, over all media types."""
    defaults: Mapping[str, Json]
    partial: bool = False
    """It changes a record: what it does not have stays as it is."""
    most: int | None = None
    """The longest body that the provider takes, in bytes; None: nobody says."""
    says_too_large: bool = False
    """The OpenAPI document gives the operation a 413."""

    @cached_property
    def order(self) -> Mapping[str, int]:
        """The place of each field among the others."""
        return {name: at for at, name in enumerate(self.properties)}

    @cached_property
    def unsent(self) -> Mapping[str, Json]:
        """What a whole record has of each field that is not sent: its default, or null."""
        return {**dict.fromkeys(self.properties), **self.defaults}

    def schema(self, media: str) -> Schema | None:
        """The schema for a media type, or None when it is not taken."""
        found = self.schemas.get(media)
        if found is not None:
            return found
        family = media.partition("/")[0] + "/*"
        return self.schemas.get(family) or self.schemas.get("*/*")

    def media_type(
        self, content_type: str, *, empty: bool, http: HttpPolicy
    ) -> tuple[str, bool]:
        """The media type of a body, in lower case, and whether it is taken.

        A body that may be missing, and is, needs no type.
        """
        media = content_type.partition(";")[0].strip().lower()
        if empty and not content_type and not self.required:
            return media, True
        if empty and not content_type and http.no_body == "empty":
            return next(iter(self.schemas), ""), True  # an empty one of those
        return media, self.schema(media) is not None


FILE = "x-file"
"""The keyword of a schema that stands for an uploaded file; nothing is checked by it."""


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
            name: _with_files(one) if isinstance(one, Mapping) else one
            for name, one in schema["properties"].items()
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
            media.partition(";")[0].strip().lower(): Schema(
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
