"""Seeds: the records that each collection begins with."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any
from uuid import UUID

from emulator.inference.collections import (
    CREATED,
    UPDATED,
    Records,
    key_expression,
    records_of,
)
from emulator.inference.draft import HIGH, Draft
from emulator.inference.ids import key_text
from emulator.inference.inferred import Kind
from emulator.inference.names import reading, snake
from emulator.inference.resources import Resource
from emulator.inference.samples import NoSample, sample
from emulator.inference.shapes import Shape

Json = Any
KIND = Kind(
    "seeds",
    "the schema of what is shown, its examples and enums",
    "fixtures with three records of each collection; those below others belong to the first",
)
_COUNT = 3
_TIME = "2026-01-0{}T10:00:00Z"
_PIECE = re.compile(r"'([^']*)'|token\((\d+)(?:, '([^']*)')?\)")
_HEX = "0123456789abcdef"
_MOST = 12
"""So many members are given that nothing requires."""


def infer_seeds(draft: Draft) -> None:
    for resource in draft.resources:
        operations = [one.id for one in resource.operations.values()]
        if not any(draft.allows(KIND, id) for id in operations):
            continue
        records = _records(draft, resource)
        if records:
            draft.fixtures[resource.name] = records
            reason = f"{len(records)} records, so that lists have something to show"
            draft.found(KIND, resource.name, HIGH, reason)


def _records(draft: Draft, resource: Resource) -> list[dict[str, Json]]:
    known = records_of(draft, resource)
    above = _above(draft, resource, known)
    if above is None:
        return []
    made = []
    for number in range(1, _COUNT + 1):
        key = _key(draft, resource, number)
        if key is None:
            return []
        try:
            made.append(
                {resource.key: key, **_members(draft, resource, number), **above}
            )
        except NoSample:
            return []
    return made


def _above(draft: Draft, resource: Resource, known: Records) -> dict[str, Json] | None:
    """What the first record of the parent gives; None where nothing is known of one."""
    if not known.places:
        return {}
    parent = resource.parent
    if (
        parent is None
        or not parent.name
        or not isinstance(draft.fixtures.get(parent.name), list)
    ):
        return None
    first, above = draft.fixtures[parent.name][0], {}
    of_parent = records_of(draft, parent).places
    for name, field in known.places.items():
        if name == parent.parameter.name:
            value = first[parent.key]
            sent = Shape(parent.parameter.schema).type
            if (
                type(value) is int
                and sent == "string"
                and key_expression(parent) != reading("path", name)
            ):
                value = str(value)
        elif name in of_parent:
            value = first[of_parent[name]]
        else:
            return None
        above[field] = value
    return above


def _members(draft: Draft, resource: Resource, number: int) -> dict[str, Json]:
    """The members of a record that is shown: all that are required, and some plain ones."""
    shape, made, more = resource.shape, {}, 0
    for name in shape.properties:
        member = shape.member(name)
        if name == resource.key or member["writeOnly"]:
            continue
        if name not in shape.required:
            if more >= _MOST or member.is_object or member.is_list or member.varies:
                continue
            more += 1
        try:
            made[name] = _filled(
                _value(member, name, number, resource.thing),
                (draft.name, resource.name, name, number),
            )
        except NoSample:
            if name in shape.required:
                raise
    for name in shape.required:
        if name not in made and name != resource.key:
            made[name] = None
    return made


def _value(member: Shape, name: str, number: int, thing: str) -> Json:
    """A value that differs from record to record, where there is room for it."""
    values = member["enum"]
    if isinstance(values, list) and values:
        left = [value for value in values if value is not None] or [None]
        return left[(number - 1) % len(left)]
    example = member["example"]
    if example is None and isinstance(member["examples"], list) and member["examples"]:
        example = member["examples"][0]
    plain = member.type == "string" and not member["pattern"] and not member["format"]
    if plain and example is None and member["const"] is None:
        words = re.sub(r"[^A-Za-z0-9]+", " ", name).strip().lower() or "text"
        if words in ("name", "title", "label"):
            words = thing.replace("_", " ") or words
        text = f"{words.capitalize()} {number}"
        if "email" in words:
            text = f"person{number}@example.com"
        text = text.ljust(member["minLength"] or 0, "x")
        return (
            text
            if len(text) <= (member["maxLength"] or len(text))
            else sample(member, name)
        )
    if member.nullable and member.type in ("string", "integer", "number", "boolean"):
        types = {"type": member.type, "nullable": False}
        return _value(member.inside({**member.schema, **types}), name, number, thing)
    if member.type == "integer" and _time(name) and not member["minimum"]:
        return "${epoch(now)}"
    return sample(member, name)


def _time(name: str) -> bool:
    return snake(name) in (*CREATED, *UPDATED)


def _filled(value: Json, about: tuple[Json, ...]) -> Json:
    """*value* as it stands in a fixture, where there are no expressions."""
    number = about[-1]
    if isinstance(value, dict):
        return {
            name: _filled(inner, (*about[:-1], name, number))
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_filled(item, about) for item in value]
    if not isinstance(value, str):
        return value
    plain = {
        "${now}": _TIME.format(number),
        "${date(now)}": _TIME.format(number)[:10],
        "${uuid()}": _uuid(about),
        "${epoch(now)}": 1_767_261_600 + 86_400 * number,
    }
    return plain.get(value, value.replace("$${", "${"))


def _key(draft: Draft, resource: Resource, number: int) -> Json:
    """The key of a seed, in the form that those of new records have."""
    member = resource.shape.member(resource.key)
    about = (draft.name, resource.name, number)
    if member.type == "integer":
        least = member["minimum"]
        return number if least is None or least <= number else None
    made = key_text(resource)
    if made is None:
        return None
    if made == "uuid":
        is_uuid = "uuid" in (
            member["format"],
            Shape(resource.parameter.schema)["format"],
        )
        text = f"{resource.thing}-{number}"
        fits = (member["minLength"] or 0) <= len(text) <= (member["maxLength"] or 99)
        return _uuid(about) if is_uuid or not resource.given or not fits else text
    text = ""
    for at, piece in enumerate(_PIECE.finditer(made)):
        if piece[2] is None:
            text += piece[1]
            continue
        alphabet = piece[3] or _HEX
        digits = sha256(repr((about, at)).encode()).digest() * (int(piece[2]) // 32 + 1)
        text += "".join(
            alphabet[digit % len(alphabet)] for digit in digits[: int(piece[2])]
        )
    return text


def _uuid(about: tuple[Json, ...]) -> str:
    digest = sha256(repr(about).encode()).digest()[:16]
    return str(UUID(bytes=digest, version=4))
