"""Media: media types that a reply is said to have, and what is sent in their place.

Bodies are written as JSON, and as XML where `formats` of a provider says so. A document
may well describe others, and stays usable: that nobody writes them is a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from emulator.compile.replies import alternatives, of_status
from emulator.compile.source import Source
from emulator.diagnostics import some
from emulator.http.media_types import media_type
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.spec.document import Pointer

Json = Any

_JSON = re.compile(r"[^/]+/(?:[^/]*[+.-])?json", re.IGNORECASE)
_XML = re.compile(r"[^/]+/(?:[^/]*[+.-])?xml", re.IGNORECASE)
_ANY = ("*/*", "application/*")
_CODE = "unwritten-media-type"


def check_media(program: Program, source: Source) -> None:
    """Warn of the media types of replies that nothing here is written in."""
    _check_documented(program, source)
    for at, written in _named(source):
        media = written.partition(";")[0].strip()
        if "${" in written or _JSON.fullmatch(media):
            continue
        source.report.add(
            source.behavior.diagnostic(
                at,
                _CODE,
                f"JSON is sent under the name {media!r}",
                "that is what bodies are written as, whatever their Content-Type says",
                "write application/json, unless the provider mistakes its own type, too",
                severity="warning",
            )
        )


def _named(source: Source) -> Iterator[tuple[Pointer, str]]:
    """The media types that behavior.yaml gives to bodies of JSON."""
    places: list[Pointer] = [("http", "content_type")]
    tables: list[Pointer] = [("errors", "table")]
    for at, _ in source.entries("operations"):
        tables.append((*at, "errors"))
        for place, reply in alternatives(source, (*at, "reply")):
            if reply.get("body") is not None:
                places += _content_types(source, (*place, "headers"))
    for table in tables:
        for at, entry in source.entries(*table):
            if isinstance(entry, dict) and entry.get("body", entry) is not None:
                places.append((*at, "content_type"))
                places += _content_types(source, (*at, "headers"))
    for at in places:
        written = source.get(*at)
        if isinstance(written, str):
            yield at, written


def _content_types(source: Source, headers: Pointer) -> Iterator[Pointer]:
    for at, _ in source.entries(*headers):
        if str(at[-1]).lower() == "content-type":
            yield at


def _check_documented(program: Program, source: Source) -> None:
    unwritten: dict[str, list[Operation]] = {}
    for operation in program.operations.values():
        for media in _documented(operation, source):
            name = media_type(media)
            xml = program.formats and _XML.fullmatch(name)
            if name not in _ANY and not xml and not _JSON.fullmatch(name):
                unwritten.setdefault(media, []).append(operation)
    for media, operations in unwritten.items():
        document = source.openapi.operations[operations[0].id]
        source.report.add(
            document.document.diagnostic(
                (*document.pointer, "responses"),
                _CODE,
                f"{some(each.id for each in operations)}: no reply is written as {media!r}",
                f"bodies are JSON, or XML where `formats` says so; what is sent is"
                f" {_sent(program, source, operations[0])}",
                "test what reads that type by other means",
                key=True,
                severity="warning",
            )
        )


def _documented(operation: Operation, source: Source) -> Mapping[str, None]:
    """The media types that openapi.yaml gives to the replies that have a body."""
    responses = source.openapi.operations[operation.id].responses
    return {
        media: None
        for reply in operation.replies
        if reply.body is not None
        for media in of_status(responses, reply.status) or ()
    }


def _sent(program: Program, source: Source, operation: Operation) -> str:
    said = [
        source.get(*at)
        for place, _ in alternatives(source, (*operation.pointer, "reply"))
        for at in _content_types(source, (*place, "headers"))
    ]
    return str(said[0] if said else program.http.content_type)
