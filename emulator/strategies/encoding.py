"""Encoding: bodies as bytes, in the media type that an operation takes."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlencode

import orjson

from emulator.compile.bodies import FORMS

Json = Any

_BOUNDARY = "a-boundary-that-no-text-has"


class File(NamedTuple):
    """A file that is sent in a form."""

    filename: str
    content: bytes
    content_type: str = "application/octet-stream"


def encoded(payload: Json, media: str) -> tuple[str, bytes]:
    """The Content-Type and the bytes of a body."""
    if media == FORMS[0]:
        pairs = [(name, _text(one)) for name, one in fields(payload)]
        return media, urlencode(pairs).encode()
    if media == FORMS[1]:
        return f"{media}; boundary={_BOUNDARY}", _multipart(payload)
    if media.endswith("json"):
        return media, orjson.dumps(payload)
    content = payload if isinstance(payload, bytes) else str(payload).encode()
    return media.replace("*", "octet-stream"), content


def fields(payload: Json, name: str = "") -> list[tuple[str, Json]]:
    """The fields of a form: `{"a": {"b": 1}, "c": [2]}` is `a[b]` and `c[]`."""
    if isinstance(payload, dict):
        return [
            pair
            for key, one in payload.items()
            for pair in fields(one, f"{name}[{key}]" if name else str(key))
        ]
    if isinstance(payload, list):
        inside = any(isinstance(one, (dict, list)) for one in payload)
        return [
            pair
            for at, one in enumerate(payload)
            for pair in fields(one, f"{name}[{at if inside else ''}]")
        ]
    return [] if payload is None else [(name, payload)]


def _text(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _multipart(payload: Json) -> bytes:
    parts = []
    for name, one in fields(payload):
        head = f'Content-Disposition: form-data; name="{name}"'
        content = one.content if isinstance(one, File) else _text(one).encode()
        if isinstance(one, File):
            head += f'; filename="{one.filename}"\r\nContent-Type: {one.content_type}'
        parts.append(f"--{_BOUNDARY}\r\n{head}\r\n\r\n".encode() + content + b"\r\n")
    return b"".join([*parts, f"--{_BOUNDARY}--\r\n".encode()])
