"""Parameters: path, query, header and cookie values, as their schemas type them.

A text that does not fit its type stays a text, so that the schema says what is wrong
with it. A parameter that the spec tolerates is mended instead of refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from emulator.json_type import Json
from emulator.program.defaults import with_defaults
from emulator.program.objects import (
    CONTENT,
    DEEP,
    MEMBERS,
    PAIRS,
    Sent,
    content,
    deep,
    members,
    pairs,
)
from emulator.program.schemas import Schema
from emulator.program.thinning import too_wide
from emulator.values import value

PLACES = ("path", "query", "header", "cookie")
MAX_ITEMS = 1_000
"""The values that one parameter may hold, whatever its schema says."""
_KNOWN = 1_000
"""Paths that are remembered with what they say."""
_SHORT = 200
"""The most characters of a parameter that is remembered."""


@value
class Typed:
    """One parameter and how its text becomes a value."""

    name: str
    key: str
    """The name as it is looked up: header names are in lower case."""
    kind: str
    item_kind: str
    separator: str
    """What separates the items of a list; empty: the parameter is repeated."""
    required: bool
    default: Json
    schema: Mapping[str, Json]
    tolerance: str
    reading: str = ""
    """How an object is written, as `objects` names it; empty for what is none."""
    joined: str = ""
    """What stands between name and value inside an object that is exploded."""
    before: str = ""
    """What stands before a value of the path, and is no part of it: `.` or `;id=`."""
    greedy: bool = False
    """It is as many segments of the path as there are, not one."""
    words: bool = False
    """Only `true` and `false` are booleans inside it."""

    def value(self, texts: list[str]) -> Json:
        """The value that these texts stand for."""
        if self.reading == CONTENT:
            return content(texts[-1])
        if self.reading == PAIRS:
            found = pairs(
                texts[-1], self.separator, self.schema, self._coerced, self.joined
            )
            return self._filled(found)
        if self.kind == "object":
            return coerced(texts[-1], _plain_type(self.schema))
        if self.kind != "array":
            return coerced(texts[-1], self.kind)
        items = texts
        if self.separator:
            items = [
                part for text in texts for part in text.split(self.separator) if part
            ]
        return [coerced(parameter, self.item_kind) for parameter in items]

    def object(self, sent: Sent, others: Iterable[str]) -> Json:
        """The value that other names than its own say; None where they say nothing."""
        if self.reading == DEEP:
            found = deep(self.name, self.schema, sent, self._coerced)
        elif self.reading == MEMBERS:
            found = members(self.schema, sent, others, self._coerced)
        else:
            return None
        return None if found is None else self._filled(found)

    def _coerced(self, text: str, schema: Mapping[str, Json]) -> Json:
        kind = type_of(schema)
        return coerced(text, "word" if self.words and kind == "boolean" else kind)

    def _filled(self, value: Json) -> Json:
        return with_defaults(Schema(self.schema), value)

    def mended(self, value: Json) -> Json:
        """*value*, which does not fit, as far as it can be used; else the default."""
        minimum, maximum = self.schema.get("minimum"), self.schema.get("maximum")
        if self.tolerance == "clamp" and type(value) in (int, float):
            if minimum is not None and value < minimum:
                return minimum
            if maximum is not None and value > maximum:
                return maximum
        longest = self.schema.get("maxLength")
        if self.tolerance == "truncate" and isinstance(value, str) and longest:
            return value[:longest]
        return self.default


class Read(NamedTuple):
    """What one place of a call says."""

    values: Mapping[str, Json]
    violations: tuple[Mapping[str, Json], ...]
    mended: tuple[tuple[str, Json], ...]
    """Names whose values were mended, and what was sent."""


@value
class ParameterPolicy:
    """The parameters of one operation."""

    path: tuple[Typed, ...]
    query: Mapping[str, Typed]
    """By the name that is sent: a parameter's own, or an alias."""
    header: tuple[Typed, ...]
    cookie: tuple[Typed, ...]
    schemas: Mapping[str, Schema]
    """By place, for the places that have parameters."""
    defaults: Mapping[str, Mapping[str, Json]]
    """By place: what a caller that sends nothing gets."""
    needed: frozenset[str]
    """Places that must be looked at even when nothing was sent."""
    repeated: str
    objects: Mapping[str, Typed] = {}
    """Those of the query that are written under other names than their own."""

    def read(self, place: str, sent: Mapping[str, list[str]]) -> Read:
        """What the texts that were sent for *place* say, and what is wrong with it."""
        if not (sent or self.objects or place in self.needed):
            return self._unsent[place]
        typed = self.by_key(place)
        values: dict[str, Json] = {}
        for key, texts in sent.items():
            parameter = typed.get(key)
            if parameter is None:
                continue
            if (
                place == "query"
                and self.repeated == "first"
                and parameter.kind != "array"
            ):
                texts = texts[:1]
            value = parameter.value(texts)
            # A list may come under two names: `tags=a&tags[]=b`.
            known = values.get(parameter.name) if parameter.kind == "array" else None
            values[parameter.name] = known + value if known else value
        for name, parameter in self.objects.items() if place == "query" else ():
            value = parameter.object(sent, typed)
            if value is not None and (name not in values or parameter.kind == "array"):
                values[name] = value
        defaults = self.defaults.get(place, {})
        if not values and place not in self.needed:
            return Read(defaults, (), ())
        violations, mended = [], []
        schema = self.schemas[place]
        wrong = (
            too_wide(values, MAX_ITEMS)
            if schema.is_valid(values)
            else schema.violations(values)
        )
        if wrong:
            names = {declared.name: declared for declared in typed.values()}
            for violation in wrong:
                name = violation["path"][0] if violation["path"] else ""
                if name in names and names[name].tolerance and name in values:
                    mended.append((name, values[name]))
                    values[name] = names[name].mended(values[name])
                else:
                    violations.append(violation)
        found = {**defaults, **values} if defaults else values
        return Read(found, tuple(violations), tuple(mended))

    def read_path(self, texts: tuple[str, ...]) -> tuple[Mapping[str, Json], bool]:
        """The values of the path's parameters, and whether they fit their schemas."""
        known = self._paths.get(texts)
        if known is None:
            # A path of `path_aliases` may lack parameters: they are missing, from the right.
            pairs = zip(self.path, texts, strict=False)
            values = {
                parameter.name: text if parameter.greedy else parameter.value([text])
                for parameter, text in pairs
            }
            known = values, self.schemas["path"].is_valid(values)
            if sum(map(len, texts)) <= _SHORT:
                if len(self._paths) >= _KNOWN:
                    self._paths.clear()
                self._paths[texts] = known
        return known

    @cached_property
    def _paths(self) -> dict[tuple[str, ...], tuple[Mapping[str, Json], bool]]:
        """Those that were called, as far as they are short."""
        return {}

    @cached_property
    def _unsent(self) -> Mapping[str, Read]:
        """What each place says where nothing was sent, and nothing needs to be."""
        return {
            parameter: Read(self.defaults.get(parameter, {}), (), ())
            for parameter in PLACES
        }

    def by_key(self, place: str) -> Mapping[str, Typed]:
        """The parameters of *place*, by the name that is sent."""
        if place == "query":
            return self.query
        found = {"header": self.header, "cookie": self.cookie, "path": self.path}[place]
        return {parameter.key: parameter for parameter in found}

    def all(self) -> list[tuple[str, Typed]]:
        return [
            *(("path", parameter) for parameter in self.path),
            *(("query", parameter) for parameter in self.query.values()),
            *(("header", parameter) for parameter in self.header),
            *(("cookie", parameter) for parameter in self.cookie),
        ]

    def typed(self, place: str) -> Mapping[str, Typed]:
        return {
            parameter.name: parameter
            for where, parameter in self.all()
            if where == place
        }


def _plain_type(schema: Mapping[str, Json]) -> str:
    """What a value is that may be an object, and is none: `anyOf` says so."""
    kinds = (
        type_of(parameter)
        for key in ("anyOf", "oneOf")
        for parameter in schema.get(key, ())
    )
    plain = (
        parameter for parameter in kinds if parameter not in ("object", "array", "null")
    )
    return next(plain, "object")


def type_of(schema: Mapping[str, Json]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((choice for choice in kind if choice != "null"), "string")
    if kind is None:
        for part in schema.get("allOf", ()):
            known = type_of(part) if isinstance(part, Mapping) else "string"
            if known != "string":
                return known
        for branch in [*schema.get("anyOf", ()), *schema.get("oneOf", ())]:
            if branch.get("type") not in (None, "null", "string"):
                return type_of(branch)
    return str(kind or "string")


_DIGITS = 19
"""So many has the largest integer of 64 bits."""
_WORDS = {"true": True, "false": False}
_BOOLEANS = {**_WORDS, "1": True, "0": False}


def coerced(text: str, kind: str) -> Json:
    """*text* as a value of *kind*, or the text itself when it is none.

    ("12", "integer") -> 12      ("yes", "boolean") -> "yes"

    Integers have 64 bits at most, as they have in bodies.
    """
    if kind == "integer":
        digits = text[1:] if text[:1] == "-" else text
        if not (digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS):
            return text
        return int(text) if -(2**63) <= int(text) < 2**63 else text
    if kind == "number":
        try:
            number = float(text)
        except ValueError:
            return text
        finite = number - number == 0 and "_" not in text
        if not finite:
            return text
        return int(number) if number.is_integer() and abs(number) < 2**53 else number
    if kind == "word":
        return _WORDS.get(text, text)
    if kind == "boolean":
        return _BOOLEANS.get(text, text)
    if kind in ("object", "array") and text[:1] in ("{", "["):
        return content(text)  # OpenAPI has no style for it inside of another value
    return text
