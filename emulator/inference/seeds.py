"""Seeds: the records that each collection begins with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from emulator.generation.failures import NotGenerated
from emulator.generation.names import text_for
from emulator.generation.values import Generator
from emulator.inference.draft import HIGH, Draft
from emulator.inference.ids import is_given, key_examples, key_text
from emulator.inference.inferred import Kind
from emulator.inference.keys import key_expression, parameter_of
from emulator.inference.likely import Likely, Link, plain
from emulator.inference.names import member_like, reading, snake
from emulator.inference.records import Records, records_of
from emulator.inference.resources import Resource
from emulator.inference.samples import NoSample, sample
from emulator.inference.shapes import Shape
from emulator.inference.things import examples_of, seed_name
from emulator.json_type import Json
from emulator.program.schemas import Schema
from emulator.spec.description import Parameter
from emulator.world.chance import Chance

KIND = Kind(
    "seeds",
    "the schema of what is shown: the names of its members, formats, examples and enums",
    "fixtures with three records of each collection: likely words, enums and times that differ,"
    " and the ids of one another, as in `customer_id`; two of those below others belong to the"
    " first, one to the second",
)
_COUNT = 3
_PIECE = re.compile(r"'([^']*)'|token\((\d+)(?:, '([^']*)')?\)")
_HEX = "0123456789abcdef"
_PLAIN_KEYS = (
    "id",
    "uuid",
    "guid",
    "name",
    "key",
    "code",
    "slug",
    "type",
    "number",
    "title",
)
"""Keys that other things have as well, of their own."""
_NAMES_ONE = re.compile(r"(.+)_(id|uuid|guid|gid|sid|key|ref|sku|slug|code|name)")


def infer_seeds(draft: Draft) -> None:
    keys = _Keys(draft)
    for resource in draft.resources:
        operations = [each.id for _, each in resource.does()]
        if not any(draft.allows(KIND, id) for id in operations):
            continue
        records = _records(draft, resource, keys)
        if records:
            draft.fixtures[resource.name] = records
            reason = f"{len(records)} records, so that lists have something to show"
            draft.found(KIND, resource.name, HIGH, reason)


class _Keys:
    """The keys of the seeds, each worked out once."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._known: dict[tuple[str, int], Json] = {}
        self._by_thing: dict[str, Resource] = {}
        for resource in draft.resources:
            if not (resource.single or resource.inside):
                self._by_thing.setdefault(resource.thing, resource)
                if snake(resource.key) not in _PLAIN_KEYS:
                    self._by_thing.setdefault(snake(resource.key), resource)

    def key(self, resource: Resource, number: int) -> Json:
        """The key of the seed with this *number*; None: there is none."""
        place = resource.name, number
        if place not in self._known:
            self._known[place] = _key(self._draft, resource, number)
        return self._known[place]

    def named(self, words: str) -> Resource | None:
        """The things that a member with this name is likely to hold the key of one of."""
        found = _NAMES_ONE.fullmatch(words)
        things = [found[1], found[1].rpartition("_")[2]] if found else [words]
        matches = (self._by_thing[each] for each in things if each in self._by_thing)
        return next(matches, None)


def _records(draft: Draft, resource: Resource, keys: _Keys) -> list[dict[str, Json]]:
    known = records_of(draft, resource)
    first = _above(draft, resource, known, 1)
    if first is None:
        return []
    left_out = frozenset(
        {resource.key, *known.links, *known.derived, *known.places.values()}
    )
    made: list[dict[str, Json]] = []
    needed = frozenset(known.always)
    inside = {
        field: Likely(
            draft.forms,
            (draft.name, resource.name, field),
            shape,
            field,
            lambda *_: None,
        )
        for field, shape in known.below.items()
    }
    likely = Likely(
        draft.forms,
        (draft.name, resource.name),
        resource.shape,
        resource.thing,
        _link_from(draft, resource, keys),
        examples_of(resource),
    )
    for number in range(1, 2 if resource.single else _COUNT + 1):
        above = _above(draft, resource, known, number) or first
        try:
            members = {**likely.members(number, left_out, needed), **above}
            for field, below in inside.items():
                members[field] = below.members(number, frozenset(), frozenset())
        except NoSample:
            return []
        key: Json = (
            _inside(resource, members, above, number)
            if resource.inside
            else keys.key(resource, number)
        )
        if key is None:
            return made
        made.append({resource.key: key, **members})
    return [*{record[resource.key]: record for record in made}.values()]


def _link_from(draft: Draft, resource: Resource, keys: _Keys) -> Link:
    """What gives members of *resource* such as `customer_id` the keys of seeds."""

    named = cache(keys.named)

    def link(name: str, shape: Shape, number: int, own: bool) -> Json:
        words = snake(name)
        other = named(words)
        if own and words in ("parent", "parent_id"):
            if number == 1 and name not in resource.shape.required:
                raise NoSample
            other, number = resource, 1
        elif other is resource:
            return None
        if other is None or other.inside or not draft.fixtures.get(other.name, 1):
            return None
        if other.shape.member(other.key).type != shape.type:
            return None
        return keys.key(other, number)

    return link


def _inside(
    resource: Resource, members: dict[str, Json], above: dict[str, Json], number: int
) -> str:
    """The key of a record whose name stands in one of its members, where it is put."""
    holder, name = resource.inside
    own = seed_name(resource.thing, number)
    shape = resource.shape.member(holder)
    placed = {
        found: value
        for parent, value in above.items()
        if (found := member_like(parent, shape.properties)) is not None
    }
    members[holder] = {**(members.get(holder) or {}), **placed, name: own}
    return "/".join([*map(str, above.values()), own])


def _above(
    draft: Draft, resource: Resource, known: Records, number: int
) -> dict[str, Json] | None:
    """What a record of the parent gives, and values for the parents that no collection
    holds; None where the parent has a collection without records.

    The first two are below the first record, and the third below the second.
    """
    if not known.places:
        return {}
    parent = resource.parent
    of_parent: dict[str, str] = {}
    holder: Mapping[str, Json] = {}
    if parent is not None and parent.name:
        records = draft.fixtures.get(parent.name)
        if not isinstance(records, list):
            return None
        of_parent = dict(records_of(draft, parent).places)
        # The path may have other names for what the parent is below itself.
        here = zip(resource.parents, parent.parents, strict=False)
        of_parent |= {new: of_parent[old] for new, old in here if old in of_parent}
        holder = records[min((number - 1) // 2, len(records) - 1)]
    above, operation = dict[str, Json](), next(each for _, each in resource.does())
    try:
        for name, field in known.places.items():
            if holder and parent is not None and name == resource.parent_parameter:
                parameter = parameter_of(operation, name) or parent.parameter
                above[field] = _key_of(parent, holder, parameter)
            elif name in of_parent:
                said = parameter_of(operation, name) or resource.parameter
                above[field] = _as_sent(holder[of_parent[name]], said)
            else:
                above[field] = _place(draft, resource, name)
    except NoSample:
        return None
    return above


def _key_of(parent: Resource, record: Mapping[str, Json], sent: Parameter) -> Json:
    """The key of a parent, as the parameter of its children's paths has it."""
    if parent.inside:
        holder, inner = parent.inside
        return record[holder][inner]
    value = record[parent.key]
    if key_expression(parent, sent) == reading("path", sent.name):
        return value
    return _as_sent(value, sent)


def _as_sent(value: Json, sent: Parameter) -> Json:
    """*value* as a parameter of a path has it: `"7"` or 7."""
    kind = Shape(sent.schema).type
    if type(value) is int and kind == "string":
        return str(value)
    is_number = isinstance(value, str) and value.isdecimal() and kind == "integer"
    return int(value) if is_number else value


def _place(draft: Draft, resource: Resource, name: str) -> Json:
    """A value for a parameter of the path that names no record of ours, the same wherever
    it stands: the resource group of a server. Raises `NoSample`."""
    parameter = parameter_of(next(each for _, each in resource.does()), name)
    shape = Shape(parameter.schema if parameter is not None else {})
    keywords = ("enum", "const", "pattern", "format", "example", "examples", "default")
    if shape.type in ("string", "") and all(shape[word] is None for word in keywords):
        words = re.sub(r"_(id|name|key)$", "", snake(name)).replace("_", "-")
        text = f"{words}-1".ljust(shape["minLength"] or 0, "x")
        if len(text) <= (shape["maxLength"] or len(text)):
            return text
    made = plain(sample(shape, name), (draft.name, name), 1)
    if made is None or isinstance(made, (dict, list)) or made == "":
        raise NoSample
    return made


def _key(draft: Draft, resource: Resource, number: int) -> Json:
    """The key of a seed, in the form that those of new records have; where the path, or
    what is shown, does not take that form, one that they do. None: there is none."""
    if resource.single:
        return resource.thing
    member = resource.shape.member(resource.key)
    sent = Shape(resource.parameter.schema)
    usual = _usual_key(draft, resource, number)
    examples = key_examples(resource)
    if examples and is_given(resource):
        usual = _beside(examples[0], resource, number)
    elif number <= len(examples) and _can_be(examples[number - 1]):
        usual = examples[number - 1]
    if isinstance(sent["enum"], list):
        return sent["enum"][number - 1] if number <= len(sent["enum"]) else None
    if sent.type != member.type:
        right = Shape({"const": usual}).type == member.type
        return usual if right else _usual_key(draft, resource, number)
    both = {"allOf": [sent.schema, member.schema]}
    if usual is not None and Schema(both).is_valid(usual):
        return usual
    try:
        return Generator(both).value(f"{draft.name} {resource.name} {number}")
    except NotGenerated:
        return None


def _beside(example: Json, resource: Resource, number: int) -> Json:
    """A key beside the one that is an example of those that callers say of new records."""
    if not isinstance(example, str):
        return number
    if re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}", example):
        return f"{resource.thing.replace('_', '-')}-{number}.{example}"
    return f"{resource.thing}-{number}"


def _can_be(key: Json) -> bool:
    """Whether an example of a key is one, and not a word for one: `<id>`, `{id}`."""
    return not isinstance(key, str) or bool(re.fullmatch(r"[\w.@:~+-]{1,200}", key))


def _usual_key(draft: Draft, resource: Resource, number: int) -> Json:
    member = resource.shape.member(resource.key)
    seed = f"{draft.name}/{resource.name}/{number}"
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
        if snake(resource.key) in ("slug", "username", "user_name", "login", "email"):
            return text_for(resource.key, Chance(seed))
        text = f"{resource.thing}-{number}"
        fits = (member["minLength"] or 0) <= len(text) <= (member["maxLength"] or 99)
        return (
            Chance(seed).uuid()
            if is_uuid or not is_given(resource) or not fits
            else text
        )
    text = ""
    for at, piece in enumerate(_PIECE.finditer(made)):
        if piece[2] is None:
            text += piece[1]
            continue
        text += Chance(f"{seed}/{at}").token(int(piece[2]), piece[3] or _HEX)
    return text
