"""Likely: what the members of a record hold that somebody has written.

Texts and numbers are those of `generation/`; enums and times are spread over the records;
objects and lists are small. The same provider and collection get the same in whichever
process.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from emulator.generation.failures import NotGenerated
from emulator.generation.names import text_for, words
from emulator.generation.values import Generator
from emulator.inference.names import singular, snake
from emulator.inference.samples import NoSample, examples_of, plain_schema, sample
from emulator.inference.shapes import Shape
from emulator.inference.times import CREATED, UPDATED
from emulator.json_type import Json
from emulator.program.schemas import Schema
from emulator.world.chance import Chance

_MOST = 12
"""Members that nothing requires are given up to so many in all, and in objects inside."""
_MOST_INSIDE = 5
_DEEPEST = 2
"""Below, objects have what is required alone."""
_MOST_VALUES = 60
"""So many values of a record are likely ones; the others are the plainest that do."""
_FIRST = datetime(2026, 1, 5, 9, tzinfo=UTC)
_PEOPLE = frozenset(
    {
        "user", "person", "customer", "contact", "employee", "member", "author", "owner", "guest",
        "patient", "student", "teacher", "client", "driver", "passenger", "admin", "friend",
        "doctor", "artist", "assignee", "reviewer", "creator", "lead", "candidate", "applicant",
        "recipient", "sender", "profile", "attendee", "speaker", "player", "subscriber", "seller",
        "buyer", "manager", "agent", "reporter", "holder", "cardholder", "host", "me",
    }
)  # fmt: skip
_NAMES = frozenset(
    {"first", "last", "full", "given", "family", "display", "nick", "middle", "sur", "file",
     "screen", "login"}
)  # fmt: skip
"""What stands before `name` in those of people, and of files."""
_SAY_LITTLE = ("friendly", "unique", "default", "short", "long")
"""What stands before `name` in names of the thing itself."""
_JUDGED = (
    "not", "if", "oneOf", "anyOf", "patternProperties", "propertyNames", "dependentRequired",
    "dependentSchemas", "contains", "unevaluatedItems", "prefixItems", "unevaluatedProperties",
)  # fmt: skip
"""Keywords that only a whole value can be judged by."""

Link = Callable[[str, Shape, int], Json]
"""The key of a record that a member of this name is likely to name; None where it names none."""


class _Form(NamedTuple):
    """What a member may be, looked at once for all records."""

    shape: Shape
    kind: str
    """`object`, `list`, `plain`, `enum`; `other` for what only a whole value is judged by."""
    schema: dict[str, Json]
    check: Callable[[Json], bool] | None
    examples: tuple[Json, ...]


def _form(shape: Shape) -> _Form:
    schema: dict[str, Json] = {}
    check = None
    examples: tuple[Json, ...] = ()
    if "enum" in shape.schema or "const" in shape.schema:
        kind = "enum"
    elif any(word in shape.schema for word in _JUDGED) or not shape.types:
        kind = "other"
    elif shape.is_object or shape.is_list:
        kind = "object" if shape.is_object else "list"
    else:
        kind, schema = "plain", plain_schema(shape)
        check = Schema(schema).is_valid if len(schema) > 1 else None
        examples = tuple(each for each in examples_of(shape) if _is_of(shape, each))
    return _Form(shape, kind, schema, check, examples)


class Likely:
    """Makes the members of the records of one kind."""

    def __init__(
        self,
        about: tuple[str, ...],
        shape: Shape,
        thing: str,
        link: Link,
        examples: Sequence[Mapping[str, Json]] = (),
    ):
        self._about = about
        self._examples = examples
        self._form = _form(shape)
        self._thing = thing
        self._link = link
        self._forms: dict[tuple[int, str], _Form] = {}
        self._number = 0
        self._values = 0

    def members(
        self, number: int, left_out: frozenset[str], needed: frozenset[str]
    ) -> dict[str, Json]:
        """All members of the record with this *number* that are *needed* or required, and
        some others. Raises `NoSample`.
        """
        self._number, self._values = number, 0
        made = self._members(self._form, self._thing, (), left_out, needed)
        if number <= len(self._examples):
            example = self._examples[number - 1]
            for name in self._form.shape.properties:
                form = self._inside(self._form, name)
                taken = name in example and name not in left_out
                if (
                    taken
                    and not form.shape["writeOnly"]
                    and _holds(form, example[name])
                ):
                    made[name] = example[name]
        return made

    def _inside(self, form: _Form, name: str) -> _Form:
        """What the member *name* may be, or the items of a list without a name."""
        key = (id(form.shape), name)
        if key not in self._forms:
            inner = form.shape.member(name) if name else form.shape.items
            self._forms[key] = _form(inner)
        return self._forms[key]

    def _members(
        self,
        form: _Form,
        thing: str,
        path: tuple[str, ...],
        left_out: frozenset[str],
        needed: frozenset[str],
    ) -> dict[str, Json]:
        made: dict[str, Json] = {}
        required = form.shape.required
        needed |= {*required}
        room = _MOST_INSIDE if path else _MOST
        room = max(room - len(needed), 0 if path else 3) if len(path) < _DEEPEST else 0
        for name in dict.fromkeys((*form.shape.properties, *sorted(needed))):
            if name in left_out:
                continue
            if name not in needed and (room <= 0 or self._values > _MOST_VALUES):
                continue
            member = self._inside(form, name)
            if member.shape["writeOnly"]:
                continue
            if name not in needed:
                if not _is_sure(member, len(path)):
                    continue
                room -= 1
            try:
                made[name] = self._value(member, name, thing, (*path, name))
            except NoSample:
                if name in required:
                    raise
        return made

    def _value(self, form: _Form, name: str, thing: str, path: tuple[str, ...]) -> Json:
        self._values += 1
        shape = form.shape
        if not shape.schema and len(path) == 1:
            return None
        if form.kind == "enum":
            values = shape["enum"] or [shape["const"]]
            left = [each for each in values if each is not None] or [None]
            return left[(self._number - 1) % len(left)]
        if form.kind == "other" or self._values > _MOST_VALUES:
            return plain(sample(shape, name), (*self._about, *path), self._number)
        if form.kind == "object":
            return self._object(form, name, path)
        if form.kind == "list":
            return [*self._items(form, name, thing, path)]
        return self._plain(form, name, thing, path)

    def _object(self, form: _Form, name: str, path: tuple[str, ...]) -> Json:
        if len(path) > 8:
            raise NoSample
        made = self._members(form, snake(name), path, frozenset(), frozenset())
        least, most = form.shape["minProperties"] or 0, form.shape["maxProperties"]
        if not least <= len(made) <= (most or len(made)):
            sampled = sample(form.shape, name)
            return plain(sampled, (*self._about, *path), self._number)
        return made

    def _items(
        self, form: _Form, name: str, thing: str, path: tuple[str, ...]
    ) -> Iterator[Json]:
        """One or two items, or as many as there must be."""
        items, least = self._inside(form, ""), form.shape["minItems"] or 0
        usual = 1 + self._number % 2 if _is_sure(items, len(path)) else 0
        count = max(least, min(usual, form.shape["maxItems"] or usual))
        if count > 10:
            raise NoSample
        known: list[Json] = []
        for at in range(count):
            item = self._value(items, singular(name), thing, (*path, str(at)))
            if not (form.shape["uniqueItems"] and item in known):
                known.append(item)
        if len(known) < least:
            raise NoSample
        yield from known

    def _plain(self, form: _Form, name: str, thing: str, path: tuple[str, ...]) -> Json:
        """A text, a number, true or false."""
        chance = Chance("/".join((*self._about, *path, str(self._number))))
        for value in self._proposed(form, name, thing, chance):
            if value is not None and (form.check is None or form.check(value)):
                return value
        if form.schema == {"type": "string"}:
            return text_for(name, chance) or words(chance)
        try:
            making = Generator(form.schema)
            return making.value(str(chance.seed), dynamic=True, name=name)
        except NotGenerated:
            raise NoSample from None

    def _proposed(
        self, form: _Form, name: str, thing: str, chance: Chance
    ) -> Iterator[Json]:
        """What the member may be, the best first."""
        shape, examples = form.shape, form.examples
        yield self._link(name, shape, self._number)
        yield self._time(shape, name, chance)
        if self._number <= len(examples):
            yield examples[self._number - 1]
        if examples:
            yield _another(examples[0], self._number - 1)
        if shape.type == "boolean":
            first = Chance("/".join((*self._about, name))).number(0, 1)
            yield (first + self._number) % 2 == 0
        elif shape.type == "string" and not shape["format"]:
            yield _name(name, thing, chance)

    def _time(self, shape: Shape, name: str, chance: Chance) -> Json:
        """When it was made, or something else happened after that; None for other members."""
        called = snake(name)
        first = called in CREATED or called == "creation_timestamp"
        known = first or called in UPDATED
        dated = shape["format"] in ("date-time", "date")
        if not known and (not dated or _BEFORE.search(called)):
            return None
        # All of a record begin with the same draws: nothing is before its beginning.
        drawn = Chance("/".join((*self._about, str(self._number))))
        moment = _FIRST + timedelta(
            days=31 * (self._number - 1) + drawn.number(0, 20),
            seconds=drawn.number(0, 40_000),
        )
        if not first:
            days = next(days for words, days in _AFTER if words.search(called))
            moment += timedelta(
                days=chance.number(*days), seconds=chance.number(600, 40_000)
            )
        if shape.type in ("integer", "number"):
            return int(moment.timestamp())
        return _written(moment, shape["format"] or "date-time")


_BEFORE = re.compile(r"birth|dob|founded|hired|joined|since")
"""Times that are long before a record of them."""
_AFTER: tuple[tuple[re.Pattern[str], tuple[int, int]], ...] = (
    (re.compile(r"expir|due|deadline|end|until|_to$|cancel_at"), (40, 90)),
    (re.compile(r"start|begin|schedule|from"), (10, 30)),
    (re.compile(r""), (0, 8)),
)
"""So many days after the beginning."""


def _written(moment: datetime, format: str) -> str:
    text = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return text[:10] if format == "date" else text


def _name(name: str, thing: str, chance: Chance) -> str | None:
    """What something is called that is nobody: `Amber project`; None for other members."""
    what, _, last = f"{thing}_{snake(name)}".rpartition("_")
    if last not in ("name", "label"):
        return None
    what = what.rpartition(f"{thing}_")[2] or thing
    if what in _SAY_LITTLE:
        what = thing
    if {*what.split("_")[-1:]} & (_PEOPLE | _NAMES):
        return None
    return f"{words(chance)} {what.replace('_', ' ')}".capitalize()


def _is_sure(form: _Form, level: int) -> bool:
    """Whether something that nothing requires is easily made of *form*."""
    if form.kind == "other":
        return False
    return level < _DEEPEST or form.kind not in ("object", "list")


def _holds(form: _Form, value: Json, depth: int = 0) -> bool:
    """Whether an example is one of what it is an example of, as far as that is plain."""
    shape = form.shape
    if depth > 6 or form.kind == "other":
        return not shape.schema
    if form.kind == "enum":
        return value == shape["const"] or value in (shape["enum"] or ())
    if form.kind == "plain":
        return value is not None and Schema(form.schema).is_valid(value)
    if form.kind == "list":
        least, most = shape["minItems"] or 0, shape["maxItems"]
        if not isinstance(value, list) or shape["uniqueItems"]:
            return False
        right = least <= len(value) <= (len(value) if most is None else most)
        items = _form(shape.items)
        return right and all(_holds(items, item, depth + 1) for item in value)
    if not isinstance(value, dict) or not {*shape.required} <= value.keys():
        return False
    others = _form(shape.inside(shape["additionalProperties"]))
    return all(
        _holds(_form(shape.member(name)), inner, depth + 1)
        if name in shape.properties
        else not shape.is_closed and _holds(others, inner, depth + 1)
        for name, inner in value.items()
    )


def _is_of(shape: Shape, value: Json) -> bool:
    """Whether an example is of the type that it is an example of."""
    return Shape({"const": value}).types <= shape.types


def _another(example: Json, number: int) -> Json:
    """What is counted in an *example*, further on: `INV-001`, `INV-002`; None for others."""
    if type(example) is int:
        return example + number
    if not isinstance(example, str) or re.search(r"\d-\d|\d:\d|\d\.\d", example):
        return None
    found = re.fullmatch(r"(.*?)(\d{1,9})(\D{0,3})", example)
    if found is None:
        return None
    return f"{found[1]}{int(found[2]) + number:0{len(found[2])}}{found[3]}"


def plain(value: Json, about: tuple[str, ...], number: int) -> Json:
    """A sample as it stands in a fixture, where there are no expressions."""
    if isinstance(value, dict):
        return {
            name: plain(each, (*about, name), number) for name, each in value.items()
        }
    if isinstance(value, list):
        return [plain(each, about, number) for each in value]
    if not isinstance(value, str):
        return value
    moment = _FIRST + timedelta(days=31 * (number - 1))
    if value in ("${now}", "${date(now)}"):
        return _written(moment, "date" if "date" in value else "date-time")
    if value == "${uuid()}":
        return Chance("/".join((*about, str(number)))).uuid()
    if value == "${epoch(now)}":
        return int(moment.timestamp())
    return value.replace("$${", "${")
