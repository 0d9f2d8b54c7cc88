"""Ranges: which part of a body a client asks for (RFC 9110, 14)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_UNIT = re.compile(r"bytes[ \t]*=(.*)", re.IGNORECASE)
_RANGE = re.compile(r"[ \t]*(?:([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18}))[ \t]*")
_MOST = 16
"""The most parts that are sent; a request for more gets the whole (14.2)."""


class Unsatisfiable(ValueError):
    """None of the ranges has anything in it."""


class Range(NamedTuple):
    """Some bytes: the first and the last of them."""

    first: int
    last: int


def read_ranges(text: str, length: int) -> list[Range]:
    """The parts of *length* bytes that a Range header asks for; none: the whole.

    "bytes=0-1"  the first two    "bytes=-2"  the last two    "bytes=5-"  from the sixth on

    Ranges that overlap or follow each other are one. What is no range of bytes is
    ignored, as the RFC has it, and so are too many. Raises `Unsatisfiable`.
    """
    unit = _UNIT.fullmatch(text)
    if unit is None or text.count(",") >= 1_000:
        return []
    ranges: list[Range] = []
    pieces = [piece for piece in unit[1].split(",") if piece.strip(" \t")]
    for piece in pieces:
        match = _RANGE.fullmatch(piece)
        if match is None:
            return []
        first, last, suffix = match.groups()
        if suffix is not None:
            many = min(int(suffix), length)
            start, end = length - many, length - 1
        else:
            start, end = int(first), length - 1
            if last is not None:
                if int(last) < start:
                    return []
                end = min(int(last), end)
        if start <= end and start < length:
            ranges.append(Range(start, end))
    if not pieces:
        return []
    if not ranges:
        raise Unsatisfiable(f"there are {length} bytes, and none of those")
    merged = _merged(ranges)
    return merged if len(merged) <= _MOST else []


def _merged(ranges: Sequence[Range]) -> list[Range]:
    """The same bytes in order, each once."""
    merged: list[Range] = []
    for one in sorted(ranges):
        if merged and one.first <= merged[-1].last + 1:
            merged[-1] = Range(merged[-1].first, max(merged[-1].last, one.last))
        else:
            merged.append(one)
    return merged


def multipart(
    body: bytes, ranges: Sequence[Range], content_type: str, boundary: str
) -> bytes:
    """The *ranges* of *body* as multipart/byteranges (14.6)."""
    pieces = []
    for first, last in ranges:
        pieces.append(
            f"--{boundary}\r\nContent-Type: {content_type}\r\n"
            f"Content-Range: bytes {first}-{last}/{len(body)}\r\n\r\n".encode("latin-1")
        )
        pieces += [body[first : last + 1], b"\r\n"]
    return b"".join([*pieces, f"--{boundary}--\r\n".encode()])
