"""Weight: about how many bytes a record takes in memory."""

from __future__ import annotations

import json
import re

import orjson

from emulator.json_type import Json

_MISSING = object()
_PLAIN = re.compile(r"[\w:.+-]*", re.ASCII)
"""A text that JSON writes as it is, and that counts for nothing but its length."""
_RECORD = 200
_MEMBER = 90
"""A member or an item, besides its text: what a comma stands for."""
_HOLDER = 64
"""A mapping or a list, besides what it holds."""


def weight(record: Json) -> int:
    """About how many bytes *record* takes: for `{"a": "x"}` some 300.

    It is read off the record's JSON, which takes a tenth of the time that looking at
    each value would; a text with many commas counts for more than it takes.
    """
    try:
        text = orjson.dumps(record)
    except TypeError:  # a number of more than 64 bits
        written = json.dumps(
            record, ensure_ascii=False, separators=(",", ":"), default=repr
        )
        text = written.encode(errors="replace")
    size = len(text)
    if not text.isascii():
        size *= 2  # such a text keeps its UTF-8 too, once it was written
    holders = text.count(b"{") + text.count(b"[")
    return _RECORD + size + _MEMBER * text.count(b",") + _HOLDER * holders


def gain(old: dict[str, Json], new: dict[str, Json]) -> int:
    """How much more *new* takes than *old*, in whose place it is.

    That is mostly nothing, and seen from the members that differ: counters and times
    stay as long as they are, and effects write them at every call.
    """
    if len(old) == len(new):
        for name, value in old.items():
            other = new.get(name, _MISSING)
            if other is not value and not _is_as_long(value, other):
                break
        else:
            return 0
    return weight(new) - weight(old)


def _is_as_long(value: Json, other: Json) -> bool:
    """Whether both are whole numbers, or both plain texts, and as long in JSON."""
    if type(value) is not type(other):
        return False
    if type(value) is int:
        return len(str(value)) == len(str(other))
    return (
        type(value) is str
        and len(value) == len(other)
        and _PLAIN.fullmatch(value) is not None
        and _PLAIN.fullmatch(other) is not None
    )
