"""Likely: what the members of a record hold that somebody has written.

Texts and numbers are those of `generation/`; enums and times are spread over the records;
objects and lists are small. The same provider and collection get the same in whichever
process.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from emulator.generation.failures import NotGenerated
from emulator.generation.names import text_for, words
from emulator.generation.texts import of_format
from emulator.inference.forms import Form, Forms
from emulator.inference.names import singular, snake
from emulator.inference.samples import NoSample, sample
from emulator.inference.shapes import Shape
from emulator.inference.times import CREATED, UPDATED
from emulator.json_type import Json
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
_NONE: frozenset[str] = frozenset()
_TEXT = {"type": "string"}
_FORMATTED = {"type", "format"}

Link = Callable[[str, Shape, int, bool], Json]
"""The key of a record that a member of this name is likely to name; None where it names none.

The last argument: it is a member of the record itself, not of an object inside."""


class Likely:
    """Makes the members of the records of one kind."""

    def __init__(
        self,
        forms: Forms,
        about: tuple[str, ...],
        shape: Shape,
        thing: str,
        link: Link,
        examples: Sequence[Mapping[str, Json]] = (),
    ):
        self._forms = forms
        self._about = about
        self._examples = examples
        self._form = forms.of(shape)
        self._thing = thing
        self._link = link
        self._number = 0
        self._values = 0

    def members(
        self, number: int, left_out: frozenset[str], needed: frozenset[str]
    ) -> dict[str, Json]:
        """All members of the record with this *number* that are *needed* or required, and
        some others. Raises `NoSample`.
        """
        self._number, self._values = number, 0
        shown = self._exampled(number, left_out)
        made = self._members(self._form, self._thing, (), left_out, needed, shown)
        return {**made, **shown}

    def _exampled(self, number: int, left_out: frozenset[str]) -> dict[str, Json]:
        """The members that the document's example of such a record shows."""
        if number > len(self._examples):
            return {}
        example, forms = self._examples[number - 1], self._forms
        shown = {}
        for name in self._form.shape.properties:
            if name in example and name not in left_out:
                form = forms.member(self._form, name)
                if not form.is_hidden and forms.holds(form, example[name]):
                    shown[name] = example[name]
        return shown

    def _members(
        self,
        form: Form,
        thing: str,
        path: tuple[str, ...],
        left_out: frozenset[str],
        needed: frozenset[str],
        shown: Mapping[str, Json],
    ) -> dict[str, Json]:
        made: dict[str, Json] = {}
        needed |= form.required
        room = _MOST_INSIDE if path else _MOST
        room = max(room - len(needed), 0 if path else 3) if len(path) < _DEEPEST else 0
        for name in dict.fromkeys((*form.shape.properties, *sorted(needed))):
            if name in left_out:
                continue
            if name not in needed and (room <= 0 or self._values > _MOST_VALUES):
                continue
            member = self._forms.member(form, name)
            if member.is_hidden:
                continue
            if name not in needed:
                if not _is_sure(member, len(path)):
                    continue
                room -= 1
            if name in shown:
                made[name] = shown[name]
                continue
            try:
                made[name] = self._value(member, name, thing, (*path, name))
            except NoSample:
                if name in form.required:
                    raise
        return made

    def _value(self, form: Form, name: str, thing: str, path: tuple[str, ...]) -> Json:
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

    def _object(self, form: Form, name: str, path: tuple[str, ...]) -> Json:
        if len(path) > 8:
            raise NoSample
        made = self._members(form, snake(name), path, _NONE, _NONE, {})
        least, most = form.shape["minProperties"] or 0, form.shape["maxProperties"]
        if not least <= len(made) <= (most or len(made)):
            sampled = sample(form.shape, name)
            return plain(sampled, (*self._about, *path), self._number)
        return made

    def _items(
        self, form: Form, name: str, thing: str, path: tuple[str, ...]
    ) -> Iterator[Json]:
        """One or two items, or as many as there must be."""
        items, least = self._forms.items(form), form.shape["minItems"] or 0
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

    def _plain(self, form: Form, name: str, thing: str, path: tuple[str, ...]) -> Json:
        """A text, a number, true or false."""
        chance = Chance("/".join((*self._about, *path, str(self._number))))
        for value in self._proposed(form, name, thing, chance, own=len(path) == 1):
            if value is not None and (len(form.plain) < 2 or form.allows(value)):
                return value
        if form.plain == _TEXT:
            return text_for(name, chance) or words(chance)
        if form.plain.keys() == _FORMATTED and form.plain["type"] == "string":
            text = of_format(form.plain["format"], Chance(chance.seed))
            if text is not None and form.allows(text):
                return text
        try:
            return form.generator.value(str(chance.seed), dynamic=True, name=name)
        except NotGenerated:
            raise NoSample from None

    def _proposed(
        self, form: Form, name: str, thing: str, chance: Chance, *, own: bool
    ) -> Iterator[Json]:
        """What the member may be, the best first."""
        shape, examples = form.shape, form.examples
        yield self._link(name, shape, self._number, own)
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
        when = _when(name)
        dated = shape["format"] in ("date-time", "date")
        if when is None or not (when.known or dated):
            return None
        # All of a record begin with the same draws: nothing is before its beginning.
        drawn = Chance("/".join((*self._about, str(self._number))))
        moment = _FIRST + timedelta(
            days=31 * (self._number - 1) + drawn.number(0, 20),
            seconds=drawn.number(0, 40_000),
        )
        if when.days:
            moment += timedelta(
                days=chance.number(*when.days), seconds=chance.number(600, 40_000)
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


class _When(NamedTuple):
    """When something happens, by the name of the member that has the time of it."""

    known: bool
    """That it is a time is known from the name."""
    days: tuple[int, ...]
    """So long after the beginning; empty for the beginning itself."""


@lru_cache(4_096)
def _when(name: str) -> _When | None:
    """None for what is long before there is a record of it."""
    called = snake(name)
    if called in CREATED or called == "creation_timestamp":
        return _When(True, ())
    days = next(days for words, days in _AFTER if words.search(called))
    if called in UPDATED:
        return _When(True, days)
    return None if _BEFORE.search(called) else _When(False, days)


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


def _is_sure(form: Form, level: int) -> bool:
    """Whether something that nothing requires is easily made of *form*."""
    if form.kind == "other":
        return False
    return level < _DEEPEST or form.kind not in ("object", "list")


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
