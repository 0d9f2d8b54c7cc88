"""Encoding: bodies as bytes, in the media type that an operation takes."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlencode

import orjson

from emulator.http.encoding import json_sequence
from emulator.json_type import Json
from emulator.language.texts import to_text
from emulator.program.bodies import FORMS, kind_of

_BOUNDARY = "BoundaryThatNoTextHas"


class File(NamedTuple):
    """A file that is sent in a form."""

    filename: str
    content: bytes
    content_type: str = "application/octet-stream"


def encoded(payload: Json, media: str) -> tuple[str, bytes]:
    """The Content-Type and the bytes of a body."""
    if media == FORMS[0]:
        pairs = [(name, to_text(member)) for name, member in fields(payload)]
        return media, urlencode(pairs).encode()
    if media == FORMS[1]:
        return f"{media}; boundary={_BOUNDARY}", _multipart(payload)
    if isinstance(payload, list) and kind_of(media) == "lines":
        return media, b"\n".join(map(orjson.dumps, payload))
    if isinstance(payload, list) and kind_of(media) == "sequence":
        return media, b"".join(json_sequence(payload))
    if media.endswith("json"):
        return media, orjson.dumps(payload)
    content = payload if isinstance(payload, bytes) else str(payload).encode()
    return media.replace("*/", "application/").replace("/*", "/octet-stream"), content


def fields(payload: Json, name: str = "") -> list[tuple[str, Json]]:
    """The fields of a form: `{"a": {"b": 1}, "c": [2]}` is `a[b]` and `c[]`."""
    if isinstance(payload, dict):
        return [
            pair
            for key, member in payload.items()
            for pair in fields(member, f"{name}[{key}]" if name else str(key))
        ]
    if isinstance(payload, list):
        inside = any(isinstance(member, (dict, list)) for member in payload)
        return [
            pair
            for at, item in enumerate(payload)
            for pair in fields(item, f"{name}[{at if inside else ''}]")
        ]
    return [] if payload is None else [(name, payload)]


def _multipart(payload: Json) -> bytes:
    parts = []
    for name, value in fields(payload):
        head = f'Content-Disposition: form-data; name="{name}"'
        content = value.content if isinstance(value, File) else to_text(value).encode()
        if isinstance(value, File):
            head += (
                f'; filename="{value.filename}"\r\nContent-Type: {value.content_type}'
            )
        parts.append(f"--{_BOUNDARY}\r\n{head}\r\n\r\n".encode() + content + b"\r\n")
    return b"".join([*parts, f"--{_BOUNDARY}--\r\n".encode()])
