"""Seeds: the records that each collection begins with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from uuid import UUID

from emulator.generation.failures import NotGenerated
from emulator.generation.values import Generator
from emulator.inference.collections import Records, key_expression, records_of
from emulator.inference.draft import HIGH, Draft
from emulator.inference.ids import key_text
from emulator.inference.inferred import Kind
from emulator.inference.names import member_like, reading, snake
from emulator.inference.resources import Resource
from emulator.inference.samples import NoSample, sample
from emulator.inference.shapes import Shape
from emulator.inference.times import CREATED, UPDATED
from emulator.json_type import Json
from emulator.program.schemas import Schema

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
        operations = [each.id for _, each in resource.does()]
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
    made: list[dict[str, Json]] = []
    for number in range(1, 2 if resource.single else _COUNT + 1):
        try:
            members = {**_members(draft, resource, number), **above}
        except NoSample:
            return []
        key: Json = (
            _inside(resource, members, above, number)
            if resource.inside
            else _key(draft, resource, number)
        )
        if key is None:
            return made
        made.append({resource.key: key, **members})
    return [*{record[resource.key]: record for record in made}.values()]


def _inside(
    resource: Resource, members: dict[str, Json], above: dict[str, Json], number: int
) -> str:
    """The key of a record whose name stands in one of its members, where it is put."""
    holder, name = resource.inside
    own = f"{resource.thing.replace('_', '-')}-{number}"
    shape = resource.shape.member(holder)
    placed = {
        found: value
        for parent, value in above.items()
        if (found := member_like(parent, shape.properties)) is not None
    }
    members[holder] = {**(members.get(holder) or {}), **placed, name: own}
    return "/".join([*map(str, above.values()), own])


def _above(draft: Draft, resource: Resource, known: Records) -> dict[str, Json] | None:
    """What the first record of the parent gives, and values for the parents that no
    collection holds; None where the parent has a collection without records."""
    if not known.places:
        return {}
    parent = resource.parent
    of_parent: Mapping[str, str] = {}
    first: Mapping[str, Json] = {}
    if parent is not None and parent.name:
        records = draft.fixtures.get(parent.name)
        if not isinstance(records, list):
            return None
        first, of_parent = records[0], records_of(draft, parent).places
    above = {}
    try:
        for name, field in known.places.items():
            if first and parent is not None and name == resource.parent_parameter:
                above[field] = _key_of(parent, first, name)
            elif name in of_parent:
                above[field] = first[of_parent[name]]
            else:
                above[field] = _place(draft, resource, name)
    except NoSample:
        return None
    return above


def _key_of(parent: Resource, record: Mapping[str, Json], name: str) -> Json:
    """The key of a parent, as the parameter *name* of its children's paths has it."""
    if parent.inside:
        holder, inner = parent.inside
        return record[holder][inner]
    value = record[parent.key]
    is_text = Shape(parent.parameter.schema).type == "string"
    plain = key_expression(parent, name) == reading("path", name)
    return str(value) if type(value) is int and is_text and not plain else value


def _place(draft: Draft, resource: Resource, name: str) -> Json:
    """A value for a parameter of the path that names no record of ours, the same wherever
    it stands: the resource group of a server. Raises `NoSample`."""
    operation = next(each for _, each in resource.does())
    schemas = (
        p.schema for p in operation.parameters if p.where == "path" and p.name == name
    )
    shape = Shape(next(schemas, {}))
    keywords = ("enum", "const", "pattern", "format", "example", "examples", "default")
    if shape.type in ("string", "") and all(shape[word] is None for word in keywords):
        words = re.sub(r"_(id|name|key)$", "", snake(name)).replace("_", "-")
        text = f"{words}-1".ljust(shape["minLength"] or 0, "x")
        if len(text) <= (shape["maxLength"] or len(text)):
            return text
    made = _filled(sample(shape, name), (draft.name, name, 1))
    if made is None or isinstance(made, (dict, list)) or made == "":
        raise NoSample
    return made


def _members(draft: Draft, resource: Resource, number: int) -> dict[str, Json]:
    """The members of a record that is shown: all that are required, and some plain ones."""
    shape, made, more = resource.shape, {}, 0
    known = records_of(draft, resource)
    for name in shape.properties:
        member = shape.member(name)
        if name == resource.key or member["writeOnly"] or name in known.links:
            continue
        if name in known.derived:
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
        shown = name in known.links or name in known.derived
        if name not in made and name != resource.key and not shown:
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
    """The key of a seed, in the form that those of new records have; where the path, or
    what is shown, does not take that form, one that they do. None: there is none."""
    if resource.single:
        return resource.thing
    member = resource.shape.member(resource.key)
    sent = Shape(resource.parameter.schema)
    usual = _usual_key(draft, resource, number)
    if isinstance(sent["enum"], list):
        return sent["enum"][number - 1] if number <= len(sent["enum"]) else None
    if sent.type != member.type:
        return usual
    both = {"allOf": [sent.schema, member.schema]}
    if usual is not None and Schema(both).is_valid(usual):
        return usual
    try:
        return Generator(both).value(f"{draft.name} {resource.name} {number}")
    except NotGenerated:
        return None


def _usual_key(draft: Draft, resource: Resource, number: int) -> Json:
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
