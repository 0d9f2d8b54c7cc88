"""Media: media types that a reply is said to have, and what is sent in their place.

A document may well describe others than those that are written, and stays usable: that
nobody writes them is a warning, which says how they could be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from emulator.compile.encodings import encoding_of
from emulator.compile.replies import alternatives
from emulator.compile.source import Source
from emulator.diagnostics import some
from emulator.http.media_types import media_type
from emulator.program.errors import Errors
from emulator.program.media import MediaPolicy, of_status
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.spec.document import Pointer

_ANY = ("*/*", "application/*")
_CODE = "unwritten-media-type"
_BODIES: Mapping[str, str] = {
    "text": "a body that is a text",
    "form": "a body that is a mapping",
    "lines": "a body that is a list",
    "sequence": "a body that is a list",
    "events": "a body that is a list",
    "xml": "`encode: xml`",
    "json": "`encode: json`",
    "": "an `encode` of `bytes` or `text`",
}
"""What a reply has that is written in a type, by how that is."""


def check_media(program: Program, source: Source) -> None:
    """Warn of the media types of replies that nothing here is written in."""
    for at, _ in source.entries("headers"):
        if str(at[-1]).lower() == "content-type":
            source.problem(
                at,
                "unusable-header",
                "the Content-Type of every reply is said elsewhere",
                "a reply has one, and knows it by what it is",
                "write it as http.content_type, or as content_type of a reply",
                key=True,
            )
    _check_documented(program, source)
    general = source.get("http", "content_type")
    places = [*_named(program, source)]
    if general is not None and encoding_of(general) != "json":
        places.append((("http", "content_type"), general))
    for at, media in places:
        source.report.add(
            source.behavior.diagnostic(
                at,
                _CODE,
                f"JSON is sent under the name {media_type(media)!r}",
                "nothing says how else a body of this type is written, or the body is none",
                f"write {_BODIES[encoding_of(media)]}, or `encode: json` if the provider"
                " does mistake its own type"
                if at[-1] != "content_type" or len(at) > 2
                else "write application/json here, and the other type where it is meant",
                severity="warning",
            )
        )


def _named(program: Program, source: Source) -> Iterator[tuple[Pointer, str]]:
    """The media types that replies and errors give to bodies that are JSON all the same."""
    said: list[tuple[Pointer, tuple[MediaPolicy, ...]]] = []
    tables: dict[Pointer, Errors] = {("errors", "table"): program.errors}
    for id, operation in program.operations.items():
        pointer = ("operations", id)
        places = [at for at, _ in alternatives(source, (*pointer, "reply"))]
        sent = [reply.media for reply in operation.replies]
        said += zip(places, sent, strict=False)
        tables[(*pointer, "errors")] = operation.errors
    for table, errors in tables.items():
        for at, _ in source.entries(*table):
            policy = errors.get(str(at[-1]))
            if policy is not None and policy.at == at:
                said.append((at, policy.media))
    for at, media in said:
        names = [sent.name for sent in media if sent.encoding == "json" and sent.name]
        for name in names if source.get(*at, "encode") is None else ():
            if encoding_of(name) != "json":
                yield _where_named(source, at), name


def _where_named(source: Source, at: Pointer) -> Pointer:
    for inner, _ in source.entries(*at, "headers"):
        if str(inner[-1]).lower() == "content-type":
            return inner
    return (*at, "content_type")


def _check_documented(program: Program, source: Source) -> None:
    unwritten: dict[str, list[Operation]] = {}
    for operation in program.operations.values():
        for media in _documented(operation, source):
            kind, name = encoding_of(media), media_type(media)
            if kind == "json" or (kind == "xml" and program.formats):
                continue
            if name not in {media_type(written) for written in _written(operation)}:
                unwritten.setdefault(media, []).append(operation)
    for media, operations in unwritten.items():
        document = source.openapi.operations[operations[0].id]
        source.report.add(
            document.document.diagnostic(
                (*document.pointer, "responses"),
                _CODE,
                f"{some(each.id for each in operations)}: no reply is written as {media!r}",
                f"what is sent is {_sent(program, operations[0])}",
                f"give a reply `content_type: {media}` and {_BODIES[encoding_of(media)]}"
                if "*" not in media
                else "",
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


def _written(operation: Operation) -> Iterator[str]:
    """The types that the replies of an operation are written in."""
    for reply in operation.replies:
        yield from (policy.name for policy in reply.media)
        for name, template in reply.headers:
            if name.lower() == "content-type" and isinstance(template.tree, str):
                yield template.tree


def _sent(program: Program, operation: Operation) -> str:
    return next(filter(None, _written(operation)), program.http.content_type)
