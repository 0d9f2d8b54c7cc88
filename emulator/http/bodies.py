"""Bodies: what a body says, found out from its media type and its bytes."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import parse_qsl

import orjson

from emulator.http.media_types import media_type as plain_media_type
from emulator.http.multipart import BadForm, fields_of, read_parts
from emulator.http.nesting import nested_deeper
from emulator.json_type import Json

_DEEPEST = 100
_FIELDS = 1_000
"""A form of more fields is shown as the text that it is."""


def read_body(body: bytes, media_type: str) -> tuple[str, Json]:
    """What kind of body it is, and what it holds.

    `json` a value, `form` a list of (name, value), `parts` the fields of a multipart
    form, `text` a text, `bytes` the same bytes, `nothing` None. What is not what its
    type says is a text, or else bytes.
    """
    if not body:
        return "nothing", None
    media = plain_media_type(media_type)
    if not media or media == "application/json" or media.endswith("+json"):
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError:
            value = None  # it only says so
        else:
            if not nested_deeper(body, _DEEPEST):
                return "json", value
    if media == "multipart/form-data":
        with suppress(BadForm):
            return "parts", fields_of(read_parts(media_type, body))
    return read_plain(body, media)


def read_plain(body: bytes, media: str) -> tuple[str, Json]:
    """The same of a body that is looked at as it came."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return "bytes", body
    if media == "application/x-www-form-urlencoded" and body.count(b"&") < _FIELDS:
        return "form", parse_qsl(text, keep_blank_values=True)
    return "text", text
