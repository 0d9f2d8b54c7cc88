"""Documented: what the OpenAPI document says of the replies to an operation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from emulator.compile.authentication import compile_alternatives
from emulator.compile.bodies import compile_body
from emulator.compile.encodings import encoding_of, error_media
from emulator.compile.parameters import compile_parameters
from emulator.compile.paths import names_in_path
from emulator.compile.replies import BODILESS
from emulator.compile.source import Source
from emulator.http.media_types import media_type
from emulator.json_type import Json
from emulator.program.authentication import SchemePolicy
from emulator.program.documented import (
    REPLIES,
    ContentPolicy,
    DocumentedPolicy,
    ResponsePolicy,
)
from emulator.program.errors import Errors
from emulator.program.media import MediaPolicy
from emulator.program.operation import Action
from emulator.program.rate_limits import LimitPolicy
from emulator.program.stateless import StatelessOperation
from emulator.program.violations import Wording
from emulator.spec.description import OperationDoc
from emulator.values import value

_NEVER = "1"
"""Statuses that begin so come before a reply, and are none."""
_TEXTS = ("application/yaml", "application/x-yaml", "application/javascript")
_RANGE = re.compile("[2-5]XX")


@value
class Shared:
    """What operations that are answered from the document have in common."""

    schemes: Mapping[str, SchemePolicy]
    limits: tuple[LimitPolicy, ...]
    errors: Errors
    wording: Wording
    repeated: str
    accept: str
    max_body: int | None


def stateless_operations(
    source: Source, shared: Shared
) -> Iterator[tuple[str, StatelessOperation]]:
    """The operations that `operations` does not list, by id, as `unlisted` says."""
    for id, document in source.openapi.operations.items():
        if source.get("operations", id) is None and id not in source.broken:
            yield id, _stateless(source, shared, document)


def _stateless(
    source: Source, shared: Shared, document: OperationDoc
) -> StatelessOperation:
    id = document.id
    return StatelessOperation(
        partial(compile_parameters, source, id, ("operations", id), shared.repeated),
        partial(_parts, source, shared, document),
        id=id,
        method=document.method,
        path=document.path,
        parameter_names=names_in_path(document.path),
        summary=document.summary,
        accept=shared.accept,
        action=Action(kind="reply"),
        rules=(),
        requires=(),
        limit=None,
        limits=tuple(
            limit
            for limit in shared.limits
            if limit.operations is None or id in limit.operations
        ),
        effects=(),
        replies=REPLIES,
        errors=shared.errors,
        wording=shared.wording,
        behavior=source.behavior,
        pointer=("unlisted",),
    )


def _parts(source: Source, shared: Shared, document: OperationDoc) -> dict[str, Any]:
    """What is compiled when a call of the operation comes, or somebody looks at it."""
    alternatives, is_open, scopes = compile_alternatives(
        source, document.id, shared.schemes
    )
    produces = {
        media: None
        for status, content in document.responses.items()
        if status.startswith("2") or status == "default"
        for media in content
    }
    return {
        "security": alternatives,
        "open": is_open,
        "scopes": scopes,
        "body": compile_body(source, document.id, shared.max_body),
        "produces": tuple(produces),
        "error_media": error_media(source, document.responses),
        "documented": compile_documented(source, document.id),
    }


def compile_documented(source: Source, id: str) -> DocumentedPolicy:
    """What the document describes of the replies to the operation *id*."""
    document = source.openapi.operations[id]
    responses = {
        status: _response(document, status)
        for status in document.responses
        if not status.startswith(_NEVER)
    }
    name, status = success(document)
    return DocumentedPolicy(
        responses=responses,
        success=responses.get(name),
        status=status,
        deprecated=_is_deprecated(source, document),
    )


def success(document: OperationDoc) -> tuple[str, int]:
    """The response to a call that nothing is wrong with: its name, and its status.

    The lowest success, what is said of all others, or the lowest of all; or 200, of which
    nothing is said.
    """
    names = [name for name in document.responses if not name.startswith(_NEVER)]
    whole = sorted(name for name in names if name.isdigit() and name < "300")
    if whole:
        return whole[0], int(whole[0])
    if "2XX" in names:
        return "2XX", 200
    if "default" in names:
        return "default", 200
    others = sorted(name for name in names if name.isdigit())
    return (others[0], int(others[0])) if others else ("", 200)


def _is_deprecated(source: Source, document: OperationDoc) -> bool:
    paths = source.openapi.raw.get("paths")
    item = paths.get(document.path) if isinstance(paths, dict) else None
    method = item.get(document.method.lower()) if isinstance(item, dict) else None
    return isinstance(method, dict) and method.get("deprecated") is True


def _response(document: OperationDoc, status: str) -> ResponsePolicy:
    examples = document.examples.get(status, {})
    contents = (
        () if status in map(str, BODILESS) else document.responses[status].items()
    )
    return ResponsePolicy(
        name=status,
        contents=tuple(
            _content(media, schema, examples.get(media, {}))
            for media, schema in contents
        ),
        headers=document.response_headers.get(status, {}),
        document=document.document,
        pointer=(*document.pointer, "responses", status),
    )


def _content(
    media: str, schema: Mapping[str, Json], examples: Mapping[str, Json]
) -> ContentPolicy:
    name = {"*/*": "application/json", "application/*": "application/json"}.get(
        media, media.replace("/*", "/plain")
    )
    kind = _kind(name, schema)
    root, items = _names_in(schema) if kind == "xml" else ("response", {})
    typed = name if "charset" in name or kind not in ("text", "xml") else ""
    return ContentPolicy(
        media=MediaPolicy(
            name=typed or f"{name}; charset=utf-8",
            encoding=kind,
            root=root,
            items=items,
        ),
        described=media,
        schema=schema or ({"type": "string"} if kind == "bytes" else None),
        examples=examples,
    )


def _names_in(schema: Mapping[str, Json]) -> tuple[str, dict[str, str]]:
    # Few replies are XML, and a start that has none does not pay for its patterns.
    from emulator.program.markup import names_in

    return names_in(schema)


def _kind(media: str, schema: Mapping[str, Json]) -> str:
    """How a body of this type is written."""
    known = encoding_of(media)
    if known:
        return known
    if media_type(media) in _TEXTS:
        return "text"
    of_structure = {"properties", "items", "allOf", "oneOf", "anyOf"} & schema.keys()
    return "json" if of_structure else "bytes"
