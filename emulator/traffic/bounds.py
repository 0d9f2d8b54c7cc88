"""Bounds: what inputs must be like, by values that were taken and values that were refused.

For each refused value, bounds are thought of: those that the error's text says, those
that lie next to the value, and at last that it is not this value. The first that refuses
it, and takes all that was taken, is learnt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from emulator.json_type import Json
from emulator.program.schemas import Schema
from emulator.traffic.complaints import Complaints
from emulator.traffic.shapes import kind_of, shape_of

_MOST_TAKEN = 100
_MOST_REFUSED = 40
"""So many values of one input are looked at."""
_LONGEST = 200
"""A longer text is bounded by its length, and never listed."""
_ONE_OF = re.compile(
    r"one of:?\s+\[?((?:[\w'\"-]{1,40}(?:, | or |, or )?){2,40})", re.I
)
_CHOICE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,30}")
_NUMBER = r"(-?\d{1,15}(?:\.\d{1,6})?)"
_BETWEEN = re.compile(rf"between {_NUMBER} (?:and|to) {_NUMBER}")
_AT_LEAST = re.compile(
    rf"(?:at least|minimum(?: length| value)?(?: of| is)?:?|no less than|not be less than"
    rf"|(?:greater|more|larger) than or equal to|>=) {_NUMBER}"
)
_AT_MOST = re.compile(
    rf"(?:at most|maximum(?: length| value)?(?: of| is)?:?|no more than|not exceed"
    rf"|(?:not|no) (?:be )?(?:greater|longer|larger|more) than|(?:less|smaller) than or equal to"
    rf"|<=) {_NUMBER}"
)
_ABOVE = re.compile(rf"(?:greater|more|larger) than {_NUMBER}")
_BELOW = re.compile(rf"(?:less|smaller|fewer) than {_NUMBER}")
_TYPES: Mapping[str, str] = {
    "string": "string", "text": "string", "integer": "integer", "int": "integer",
    "whole number": "integer", "number": "number", "numeric": "number", "float": "number",
    "decimal": "number", "array": "array", "list": "array", "object": "object",
    "dictionary": "object", "boolean": "boolean", "bool": "boolean", "true or false": "boolean",
}  # fmt: skip
_TYPE = re.compile(
    r"(?:must be|should be|is not|has to be|expected|type)(?: of)?(?: the)?(?: type)?:?"
    rf"(?: an?)?(?: valid)? ({'|'.join(sorted(_TYPES, key=len, reverse=True))})s?\b"
)
_FORMATS = (
    ("date", re.compile(r"yyyy-mm-dd|\bdate\b")),
    ("date-time", re.compile(r"iso ?8601|date-?time|timestamp|rfc ?3339")),
    ("email", re.compile(r"e-?mail")),
    ("uri", re.compile(r"\bur[il]\b|\blink\b|web ?address")),
    ("uuid", re.compile(r"\b[ug]uid\b")),
)
_WORDS: Mapping[str, tuple[str, str]] = {
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
}


class Sent(NamedTuple):
    """A body that was refused, or a part of it, and what was said of its members."""

    members: Mapping[str, Json]
    said: Complaints


def bound(
    properties: dict[str, Json],
    taken: Sequence[Mapping[str, Json]],
    refused: Sequence[Sent],
    others: Sequence[Mapping[str, Json]] = (),
) -> None:
    """Add to *properties* what the *taken* and the *refused* objects show of members.

    What *others* have was taken elsewhere, for the same things.
    """
    for name, schema in properties.items():
        if not isinstance(schema, dict):
            continue
        values = [each[name] for each in taken if name in each]
        wrong = [
            (sent.members[name], sent.said[name,])
            for sent in refused
            if name in sent.members and (name,) in sent.said
        ]
        elsewhere = [each[name] for each in others if name in each]
        constrain(schema, values, wrong, elsewhere)
        inner = schema.get("properties")
        if isinstance(inner, dict):
            objects = [value for value in values if isinstance(value, dict)]
            bound(inner, objects, [*_inside(name, refused)])


def _inside(name: str, refused: Iterable[Sent]) -> Iterator[Sent]:
    for sent in refused:
        said = {
            path[1:]: text
            for path, text in sent.said.items()
            if path[0] == name and len(path) > 1
        }
        if said and isinstance(sent.members.get(name), dict):
            yield Sent(sent.members[name], said)


def constrain(
    schema: dict[str, Json],
    taken: Sequence[Json],
    refused: Sequence[tuple[Json, str]],
    elsewhere: Sequence[Json] = (),
) -> None:
    """Have *schema* refuse each value of *refused* that nothing *taken* is like.

    It still takes what was taken *elsewhere*, but for such a value itself.
    """
    known = _distinct(taken, _MOST_TAKEN)
    others = _distinct(elsewhere, _MOST_TAKEN)
    for value, text in refused[: 4 * _MOST_REFUSED]:
        if any(_same(value, each) for each in known):
            continue  # it is the company that it is in
        if not Schema(schema).is_valid(value):
            continue
        likely = [*known, *(each for each in others if not _same(value, each))]
        for wanted in _thought_of(schema, value, text, likely):
            check = Schema({**schema, **wanted})
            if not check.is_valid(value) and all(map(check.is_valid, likely)):
                schema.update(wanted)
                break


def _distinct(values: Iterable[Json], most: int) -> list[Json]:
    found: dict[str, Json] = {}
    for value in values:
        found.setdefault(repr(value), value)
        if len(found) >= most:
            break
    return [*found.values()]


def _same(one: Json, other: Json) -> bool:
    return type(one) is type(other) and bool(one == other)


def _thought_of(
    schema: Mapping[str, Json], value: Json, text: str, taken: list[Json]
) -> Iterator[dict[str, Json]]:
    """What may have been wrong with *value*, the likeliest first."""
    kind, choices = kind_of(value), [*_choices(text)]
    text = text.lower()
    if "type" not in schema:
        for word in _TYPE.findall(text):
            yield {"type": _TYPES[word]}
    if choices:
        yield {"enum": choices}
    yield from _said_bounds(kind, text)
    if kind == "string" and "format" not in schema:
        for name, pattern in _FORMATS:
            if pattern.search(text):
                yield {"format": name}
        alike = shape_of(taken).formats
        for name in sorted(alike or ()):
            yield {"format": name}
    yield from _next_to(schema, value, kind, taken)
    if (
        kind in ("string", "integer", "number", "boolean", "null")
        or len(repr(value)) < _LONGEST
    ):
        before = schema.get("not", {}).get("enum", [])
        if len(before) < _MOST_REFUSED and len(str(value)) <= _LONGEST:
            yield {"not": {"enum": [*before, value]}}


def _said_bounds(kind: str, text: str) -> Iterator[dict[str, Json]]:
    """The bounds that a text speaks of."""
    low, high = _WORDS.get(kind, ("minimum", "maximum"))

    def number(digits: str) -> int | float:
        return (
            float(digits) if "." in digits and kind == "number" else int(float(digits))
        )

    for one, other in _BETWEEN.findall(text):
        yield {low: number(one), high: number(other)}
    for pattern, word in ((_AT_LEAST, low), (_AT_MOST, high)):
        for digits in pattern.findall(text):
            yield {word: number(digits)}
    for pattern, word in ((_ABOVE, "exclusiveMinimum"), (_BELOW, "exclusiveMaximum")):
        for digits in pattern.findall(text) if low == "minimum" else ():
            yield {word: number(digits)}


def _next_to(
    schema: Mapping[str, Json], value: Json, kind: str, taken: list[Json]
) -> Iterator[dict[str, Json]]:
    """Bounds between *value* and what was taken."""
    if kind in ("string", "array"):
        lengths = [len(each) for each in taken if kind_of(each) == kind]
        low, high = _WORDS[kind]
        words = sorted({each for each in taken if isinstance(each, str)})
        if lengths and len(value) < min(lengths) and not _is_word(value, words):
            yield {low: max(schema.get(low, 0), len(value) + 1)}
        if lengths and len(value) > max(lengths) and not _is_word(value, words):
            yield {high: min(schema.get(high, len(value)), len(value) - 1)}
        if 1 < len(words) < 9 and all(map(_CHOICE.fullmatch, words)):
            yield {"enum": words}
    elif kind in ("integer", "number"):
        numbers = [each for each in taken if kind_of(each) in ("integer", "number")]
        if numbers and value < min(numbers):
            known = schema.get("exclusiveMinimum", value)
            yield {"exclusiveMinimum": max(known, value)}
        elif numbers and value > max(numbers):
            known = schema.get("exclusiveMaximum", value)
            yield {"exclusiveMaximum": min(known, value)}
    elif kind == "object" and not value:
        yield {"minProperties": 1}


def _is_word(value: Json, words: list[str]) -> bool:
    """Whether a text is one to choose, and none whose length matters."""
    return (
        isinstance(value, str)
        and 2 < len(value) < 31
        and 0 < len(words) < 9
        and all(map(_CHOICE.fullmatch, words))
    )


def _choices(text: str) -> Iterator[str]:
    """What a message says to choose from."""
    for listed in _ONE_OF.findall(text):
        yield from re.findall(r"[\w-]+", listed.replace(" or ", ", "))
