"""Encoding: a value as the body of another media type than JSON.

A stream (`lines`, `sequence`, `events`) is a list of pieces, one for each item.
"""

from __future__ import annotations

import re
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

import orjson

from emulator.json_type import Json

_LINE_BREAK = re.compile("\r\n|\r|\n")
_OF_EVENT = frozenset({"event", "id", "data", "retry"})
_URL_SAFE = re.compile(r"[\w-]*={0,2}", re.ASCII)


class Unwritable(ValueError):
    """A value that a media type cannot hold, and why."""


def text_body(value: Json) -> bytes:
    """A text, or a number as one; null is no text at all."""
    if isinstance(value, str):
        return value.encode()
    if value is None:
        return b""
    if isinstance(value, (bool, int, float)):
        return orjson.dumps(value)
    raise Unwritable(f"a body of `text` is a text, and this is {_kind(value)}")


def bytes_body(value: Json) -> bytes:
    """Bytes as they are; a text is base64 (RFC 4648, 4 or 5); null is none."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if value is None:
        return b""
    if isinstance(value, str):
        try:
            if _URL_SAFE.fullmatch(value):
                padded = value.rstrip("=")
                return urlsafe_b64decode(padded + "=" * (-len(padded) % 4))
            return b64decode(value, validate=True)
        except ValueError:
            raise Unwritable("a text in a body of `bytes` is base64") from None
    raise Unwritable(
        f"a body of `bytes` is bytes or base64, and this is {_kind(value)}"
    )


def form_body(value: Json) -> bytes:
    """A mapping as a form (WHATWG URL, 5.2); what is inside of others is in brackets.

    {"a": 1, "b": {"c": [2]}}  ->  b"a=1&b%5Bc%5D%5B0%5D=2"
    """
    if not isinstance(value, Mapping):
        raise Unwritable(f"a body of `form` is a mapping, and this is {_kind(value)}")
    pairs = [pair for name, member in value.items() for pair in _pairs(name, member)]
    return urlencode(pairs).encode()


def _pairs(name: str, value: Json) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, member in value.items():
            yield from _pairs(f"{name}[{key}]", member)
    elif isinstance(value, (list, tuple)):
        for at, item in enumerate(value):
            yield from _pairs(f"{name}[{at}]", item)
    else:
        yield name, text_body(value).decode()


def json_lines(value: Json) -> list[bytes]:
    """Each item of a list as a line of JSON (application/x-ndjson)."""
    return [orjson.dumps(item) + b"\n" for item in _list(value, "lines")]


def json_sequence(value: Json) -> list[bytes]:
    """Each item of a list as a JSON text behind a record separator (RFC 7464, 2.2)."""
    return [b"\x1e" + orjson.dumps(item) + b"\n" for item in _list(value, "sequence")]


def event_stream(value: Json) -> list[bytes]:
    """Each item of a list as an event (HTML, 9.2.5).

    An item is the data: a text as it is, anything else as JSON; or a mapping of nothing
    but `event`, `id`, `retry` and `data`, whose fields are sent in its order.
    """
    return [_event(item) for item in _list(value, "events")]


def _event(item: Json) -> bytes:
    fields = item if isinstance(item, Mapping) and _is_event(item) else {"data": item}
    lines = []
    for name, value in fields.items():
        if name == "data":
            text = value if isinstance(value, str) else orjson.dumps(value).decode()
            lines += [f"data: {line}" for line in _LINE_BREAK.split(text)]
        elif value is not None:
            text = text_body(value).decode()
            if _LINE_BREAK.search(text) or (name == "id" and "\0" in text):
                raise Unwritable(
                    f"the {name} of an event is one line, not {text[:60]!r}"
                )
            lines.append(f"{name}: {text}")
    return ("\n".join(lines) + "\n\n").encode()


def _is_event(item: Mapping[str, Json]) -> bool:
    return "data" in item and item.keys() <= _OF_EVENT


def _list(value: Json, name: str) -> list[Json] | tuple[Json, ...]:
    if isinstance(value, (list, tuple)):
        return value
    raise Unwritable(f"a body of `{name}` is a list, and this is {_kind(value)}")


def _kind(value: Json) -> str:
    return _KINDS.get(type(value), "something else")


_KINDS: Mapping[type, str] = {
    type(None): "nothing", dict: "a mapping", list: "a list", tuple: "a list",
    str: "a text", bool: "true or false", int: "a number", float: "a number",
    bytes: "bytes",
}  # fmt: skip
