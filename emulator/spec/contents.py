"""Contents: what calls and replies carry, by the media types that a document describes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from emulator.http.media_types import is_sequential
from emulator.spec.description import RequestBody
from emulator.spec.parts import Parts
from emulator.spec.references import Key, Node
from emulator.spec.schemas import Schemas

ByName = dict[str, dict[str, Any]]
ByStatus = dict[str, ByName]
_STATUS = re.compile(r"[1-5](?:[0-9][0-9]|XX)|default")


class Contents:
    """Reads bodies, replies, their headers and their examples."""

    def __init__(
        self, parts: Parts, schemas: Schemas, *, is_3_2: bool, published: bool
    ) -> None:
        self._parts = parts
        self._schemas = schemas
        self._is_3_2 = is_3_2
        self._published = published
        self._responses_read: dict[Key, tuple[ByName, ByName, ByName]] = {}

    def body(self, operation: Node) -> RequestBody | None:
        if "requestBody" not in operation.value:
            return None
        node = self._parts.resolve(operation.child("requestBody"), "requestBody")
        if node is None:
            return None
        if "content" not in node.value:
            self._parts.refuse(node, "a requestBody has no content", "write `content:`")
        for _, entry in self._parts.entries(
            self._parts.part(node, "content", "content"), "a type"
        ):
            if isinstance(entry.value, dict):
                self._parts.note(entry, "encoding")
        content = self.content(node)
        if not content and self._published:
            return None  # nobody says what it is, and none would be taken
        required = node.value.get("required") is True
        return RequestBody(required=required, content=content)

    def responses(self, operation: Node) -> tuple[ByStatus, ByStatus, ByStatus]:
        contents: ByStatus = {}
        headers: ByStatus = {}
        examples: ByStatus = {}
        responses = self._parts.part(operation, "responses", "responses")
        for status, entry in self._parts.entries(responses, "a response"):
            if not _STATUS.fullmatch(status):
                what = f"{status!r} is not a status"
                self._parts.refuse(entry, what, "write 200, 4XX or default", True)
                continue
            node = self._parts.resolve(entry, "a response")
            if node is not None:
                contents[status], headers[status], named = self._response(node)
                if named:
                    examples[status] = named
        return contents, headers, examples

    def _response(self, node: Node) -> tuple[ByName, ByName, ByName]:
        """What a response has, which many operations may share: it is read once."""
        if node.key not in self._responses_read:
            self._responses_read[node.key] = (
                self.content(node),
                dict(self._headers(node)),
                dict(self.examples(node)),
            )
        return self._responses_read[node.key]

    def examples(self, response: Node) -> Iterator[tuple[str, dict[str, Any]]]:
        """The examples of each media type, by name; those elsewhere are not fetched."""
        for media_type, entry in self._parts.entries(
            self._parts.part(response, "content", "content"), "a media type"
        ):
            if not isinstance(entry.value, dict):
                continue
            named = {"": entry.value["example"]} if "example" in entry.value else {}
            part = self._parts.part(entry, "examples", "examples")
            for name, node in self._parts.entries(part, "a header"):
                example = self._parts.resolve(node, "an example")
                if example is not None:
                    named |= _value_of(name, media_type, example.value)
            if named:
                yield media_type, named

    def _headers(self, response: Node) -> Iterator[tuple[str, dict[str, Any]]]:
        part = self._parts.part(response, "headers", "headers")
        for name, entry in self._parts.entries(part, "a header"):
            node = self._parts.resolve(entry, "a header")
            if node is not None:
                schemas = [self.schema(node), *self.content(node).values()]
                yield name, next((schema for schema in schemas if schema), {})

    def content(self, parent: Node) -> dict[str, dict[str, Any]]:
        part = self._parts.part(parent, "content", "content")
        content = {}
        for media_type, entry in self._parts.entries(part, "a media type"):
            node = self._parts.resolve(entry, f"the media type {media_type}")
            if node is not None:
                content[media_type] = self.schema(node)
                if "itemSchema" in node.value and self._is_3_2:
                    schema = self._of_items(media_type, node, content[media_type])
                    content[media_type] = schema
        return content

    def _of_items(
        self, media_type: str, node: Node, whole: dict[str, Any]
    ) -> dict[str, Any]:
        """The schema of a sequence, of which each item has a schema (3.2, 4.14.3)."""
        items = self._schemas.read(node.child("itemSchema"))
        if not is_sequential(media_type):
            self._parts.note(node, "itemSchema")
            return whole
        inner = {key: value for key, value in items.items() if key != "$defs"}
        listed: dict[str, Any] = {"type": "array", "items": inner}
        if whole:
            outer = {key: value for key, value in whole.items() if key != "$defs"}
            listed["allOf"] = [outer]
        named = {**whole.get("$defs", {}), **items.get("$defs", {})}
        return {**listed, "$defs": named} if named else listed

    def schema(self, parent: Node) -> dict[str, Any]:
        if "schema" not in parent.value:
            return {}
        return self._schemas.read(parent.child("schema"))


def _value_of(name: str, media_type: str, example: Mapping[str, Any]) -> dict[str, Any]:
    """The value of an example, under its *name*; since 3.2, it may be written as a text."""
    for key in ("dataValue", "value"):
        if key in example:
            return {name: example[key]}
    text = example.get("serializedValue")
    if not isinstance(text, str):
        return {}
    if "json" not in media_type or is_sequential(media_type):
        return {name: text}
    try:
        return {name: orjson.loads(text)}
    except orjson.JSONDecodeError:
        return {}
