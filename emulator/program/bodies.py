"""Bodies: what an operation takes as a request body."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from emulator.http.media_types import LINES, is_sequence, media_type
from emulator.json_type import Json
from emulator.program.http_policy import HttpPolicy
from emulator.program.schemas import Schema, properties_of
from emulator.values import value

MAX_REFERENCES = 100
"""Schemas that lead to schemas: more of them one behind the other lead nowhere."""
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
READ_AS = ("json", "form", "text", "lines", "sequence")
"""The ways to read a body that a spec can ask for."""


@value
class BodyPolicy:
    """What an operation takes as a request body."""

    required: bool
    schemas: Mapping[str, Schema]
    """By media type, in lower case; `*/*` and `application/*` match as HTTP says."""
    members: Mapping[str, Mapping[str, Json]]
    """What stands at the top of the body, over all media types."""
    properties: Mapping[str, Mapping[str, Json]]
    """The fields of the input: the same, unless the input is in a wrapper."""
    defaults: Mapping[str, Json]
    partial: bool = False
    """It changes a record: what it does not have stays as it is."""
    most: int | None = None
    """The longest body that the provider takes, in bytes; None: nobody says."""
    says_too_large: bool = False
    """The OpenAPI document gives the operation a 413."""
    wrapper: tuple[str, ...] = ()
    """The members that lead to the input: `body.product` is ("product",)."""
    read_as: Mapping[str, str] = {}
    """How bodies of some media types are read, whatever these say; as in `READ_AS`."""

    @cached_property
    def order(self) -> Mapping[str, int]:
        """The place of each field among the others."""
        return {name: at for at, name in enumerate(self.properties)}

    @cached_property
    def settable(self) -> Mapping[str, Mapping[str, Json]]:
        """The fields that a call sets: what it sends of those that are `readOnly` counts for
        nothing (JSON Schema Validation 2020-12, 9.4)."""
        return {
            name: schema
            for name, schema in self.properties.items()
            if not (isinstance(schema, Mapping) and schema.get("readOnly") is True)
        }

    @cached_property
    def unsent(self) -> Mapping[str, Json]:
        """What a whole record has of each field that is not sent: its default, or null."""
        return {**dict.fromkeys(self.properties), **self.defaults}

    def input_of(self, body: Json) -> Json:
        """The input that *body* holds; None where its wrapper is missing or none."""
        for name in self.wrapper:
            body = body.get(name) if isinstance(body, dict) else None
        return body

    def wrapped(self, fields: Mapping[str, Json]) -> dict[str, Json]:
        """The body whose input these *fields* are."""
        body = dict(fields)
        for name in reversed(self.wrapper):
            body = {name: body}
        return body

    def input_schema(self, media: str) -> Schema | None:
        """The schema of the input in a body of a media type."""
        schema = self.schema(media)
        return self._inside.get(id(schema)) if self.wrapper else schema

    @cached_property
    def _inside(self) -> Mapping[int, Schema]:
        """The schemas of inputs, by those of the bodies that they are in."""
        inside: dict[int, Schema] = {}
        for schema in self.schemas.values():
            found = inner_schema(schema.schema, self.wrapper)
            if found is not None:
                inside[id(schema)] = Schema(found)
        return inside

    def schema(self, media: str) -> Schema | None:
        """The schema for a media type, or None when it is not taken."""
        schema = self.schemas.get(media)
        if schema is not None:
            return schema
        family = media.partition("/")[0] + "/*"
        return self.schemas.get(family) or self.schemas.get("*/*")

    def media_type(
        self, content_type: str, *, empty: bool, http: HttpPolicy
    ) -> tuple[str, bool]:
        """The media type of a body, in lower case, and whether it is taken.

        A body that may be missing, and is, needs no type.
        """
        media = media_type(content_type)
        if self.read_as and media not in self.schemas:
            media = self._counted(media)
        if empty and not content_type and not self.required:
            return media, True
        untyped = empty and not content_type
        if (untyped and http.no_body == "empty") or self.is_missing(empty, http):
            return next(iter(self.schemas), ""), True  # an empty one of those
        return media, self.schema(media) is not None

    def is_missing(self, empty: bool, http: HttpPolicy) -> bool:
        """Whether it is a violation that a body is *empty*."""
        return empty and self.required and http.no_body == "missing"

    def kind(self, media: str) -> str:
        """How a body of a media type is read: `json`, `form`, `parts`, `text`, `lines`,
        `sequence`; empty where nothing but its size is known."""
        known = self._kinds.get(media)
        return self._kind(media) if known is None else known

    @cached_property
    def _kinds(self) -> Mapping[str, str]:
        """How bodies of the types that it names are read."""
        return {media: self._kind(media) for media in self.schemas}

    def _kind(self, media: str) -> str:
        if self.read_as:
            own = self.read_as.get(media)
            if own is None and media not in self.schemas:
                own = kind_of_type(self.read_as, media)
            if own:
                return own
        return kind_of(media)

    def _counted(self, media: str) -> str:
        """The type that is taken and that a body of another one is read like."""
        kind = kind_of_type(self.read_as, media)
        taken = (known for known in self.schemas if kind and kind_of(known) == kind)
        return next(taken, media)


def kind_of(media: str) -> str:
    """What a media type says of a body; empty where that is not read."""
    if media in FORMS:
        return "form" if media == FORMS[0] else "parts"
    if media in LINES:
        return "lines"
    if media == "application/json" or media.endswith("+json"):
        return "json"
    if is_sequence(media):
        return "sequence"
    return "text" if media.startswith("text/") else ""


def kind_of_type(read_as: Mapping[str, str], media: str) -> str:
    """What *read_as* says of a media type; the narrowest range counts."""
    family = media.partition("/")[0] + "/*"
    for wide in (media, family, "*/*"):
        if wide in read_as:
            return read_as[wide]
    return ""


def inner_schema(
    schema: Mapping[str, Json], names: Iterable[str]
) -> Mapping[str, Json] | None:
    """The schema of the member that *names* lead to; None where they lead nowhere.

    It has the `$defs` of the whole, so that it can be read alone.
    """
    named = schema.get("$defs", {})
    node: Mapping[str, Json] | None = plain(schema, named)
    for name in names:
        if node is None:
            return None
        node = plain(properties_of(node).get(name), named)
    if node is None:
        return None
    return {**node, "$defs": named} if named else node


def plain(schema: Json, named: Mapping[str, Json]) -> Mapping[str, Json] | None:
    """*schema* with the members of its `allOf`, and what it refers to among *named*."""
    if not isinstance(schema, Mapping):
        return None
    known: Mapping[str, Json] = schema
    for _ in range(MAX_REFERENCES):
        reference = known.get("$ref")
        if not isinstance(reference, str):
            break
        beside = {key: keyword for key, keyword in known.items() if key != "$ref"}
        known = {**named.get(reference.removeprefix("#/$defs/"), {}), **beside}
    if "anyOf" in known or "oneOf" in known:
        return known  # what else it may have depends on the value
    members = {
        name: member
        for part in known.get("allOf", ())
        for name, member in properties_of(plain(part, named) or {}).items()
    }
    if not members:
        return known
    return {**known, "properties": {**members, **properties_of(known)}}


def required_of(
    schema: Json, named: Mapping[str, Json], levels: int = 8
) -> Iterator[str]:
    """The members that an object must have, also by what it refers to among *named*."""
    known = plain(schema, named) or {}
    yield from known.get("required", ())
    for part in known.get("allOf", ()) if levels else ():
        yield from required_of(part, named, levels - 1)


FILE = "x-file"
"""The keyword of a schema that stands for an uploaded file; nothing is checked by it."""
