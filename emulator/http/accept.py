"""Accept: which of the media types on offer a client prefers (RFC 9110, 12.5.1).

A range is `type/subtype`, `type/*` or `*/*`, with parameters that a type has to have.
For each type the most particular range that it is in says how much it is wanted. A
charset makes no other type. A type that is in no range but for the parameters of one is
given all the same: clients ask for more than servers tell apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

# A text that is never closed goes on to the end: no other reading is tried.
_QUOTED = r'"(?:[^"\\]|\\(?s:.)?)*(?:"|\Z)'
_PART = re.compile(rf"(?:[^,\"]|{_QUOTED})+")
_PARAMETER = re.compile(rf"(?:[^;\"]|{_QUOTED})+")
_WEIGHT = re.compile(r"(0(\.\d{0,3})?|1(\.0{0,3})?)")
_MOST = 100
"""The most ranges that are read of an Accept header."""
_UNMATCHED = 2
"""How particular a range is whose parameters a type does not have."""


class Range(NamedTuple):
    """What a client accepts, and how gladly: from 0, not at all, to 1."""

    media: str
    parameters: Mapping[str, str]
    weight: float


def read_accept(accept: str) -> list[Range]:
    """The ranges of an Accept header; what cannot be read is left out."""
    ranges = []
    for part in _PART.findall(accept)[:_MOST]:
        media, parameters = read_media(part)
        weight = parameters.pop("q", "1")
        if media.count("/") == 1:
            wanted = float(weight) if _WEIGHT.fullmatch(weight) else 1.0
            ranges.append(Range(media, parameters, wanted))
    return ranges


def read_media(text: str) -> tuple[str, dict[str, str]]:
    """`text/html; Level="1"`  ->  ("text/html", {"level": "1"}), without the charset."""
    media, *rest = _PARAMETER.findall(text) or [""]
    parameters = {}
    for parameter in rest:
        name, equals, value = parameter.partition("=")
        if equals and name.strip().lower() != "charset":
            parameters[name.strip().lower()] = value.strip().strip('"').lower()
    return media.strip().lower().replace(" ", ""), parameters


def preferred(accept: str, offered: Sequence[str]) -> int | None:
    """The place of the type that the client wants most; None: it wants none of them.

    Of those that it wants equally, the first. Who says nothing takes everything.
    """
    if not accept.strip():
        return 0 if offered else None
    ranges = read_accept(accept)
    best, place = 0.0, None
    for at, text in enumerate(offered):
        weight = _weight(*read_media(text), ranges)
        if weight > best:
            best, place = weight, at
    return place


def _weight(media: str, parameters: Mapping[str, str], ranges: list[Range]) -> float:
    """How much a type is wanted: what the most particular of the ranges says."""
    most, weight = (0, 0), 0.0
    for wanted in ranges:
        particular = _particular(wanted, media, parameters)
        if particular > most:
            most, weight = particular, wanted.weight
    return weight


def _particular(
    wanted: Range, media: str, parameters: Mapping[str, str]
) -> tuple[int, int]:
    """How particular a range is that has the type in it; (0, 0): it has not."""
    if wanted.media == "*/*":
        level = 1
    elif wanted.media == media.partition("/")[0] + "/*":
        level = 3
    elif wanted.media == media:
        level = 4
    else:
        return 0, 0
    if wanted.parameters.items() <= parameters.items():
        return level, len(wanted.parameters)
    return (_UNMATCHED, 0) if level == 4 else (0, 0)
