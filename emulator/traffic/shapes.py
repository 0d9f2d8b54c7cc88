"""Shapes: what a value was in all replies, and the JSON Schema that says so."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from emulator.json_type import Json

_MOST_VALUES = 200
_FORMATS = (
    ("date-time", re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})")),
    ("date", re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")),
    ("uuid", re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")),
    ("uri", re.compile(r"https?://[^\s\"<>\\^`{|}]+")),
    ("email", re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")),
)  # fmt: skip
_CHOICE = re.compile(r"[A-Za-z][A-Za-z0-9_ -]{0,30}")
_CHOSEN = re.compile(
    r"(^|_)(status|state|type|kind|level|category|role|mode|currency|unit|severity"
    r"|priority|visibility|scope|plan|tier|gender|language|order|sort|direction)$"
)


@dataclass
class Shape:
    """What has been seen of a value at one place."""

    times: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    members: dict[str, Shape] = field(default_factory=dict)
    items: Shape | None = None
    texts: Counter[str] = field(default_factory=Counter)
    formats: set[str] | None = None
    example: Json = None

    def add(self, value: Json) -> None:
        """Take note of one more value."""
        self.times += 1
        kind = kind_of(value)
        if not self.kinds[kind] and kind != "null":
            self.example = value
        self.kinds[kind] += 1
        if isinstance(value, dict):
            for name, member in value.items():
                self.members.setdefault(name, Shape()).add(member)
        elif isinstance(value, list):
            self.items = self.items or Shape()
            for item in value:
                self.items.add(item)
        elif isinstance(value, str):
            if len(self.texts) < _MOST_VALUES or value in self.texts:
                self.texts[value] += 1
            fits = {name for name, pattern in _FORMATS if pattern.fullmatch(value)}
            self.formats = fits if self.formats is None else self.formats & fits

    def schema(self, name: str = "", *, required: bool = True) -> dict[str, Json]:
        """The schema of what was seen; *required*: members that were always there are.

        Without that it is the schema of what is sent. What is sent as a mail address need
        not be one: a format is asked for only where something else was refused.
        """
        kinds = sorted(self.kinds)
        if {"integer", "number"} <= {*kinds}:
            kinds.remove("integer")
        if kinds in ([], ["null"]):
            return {}
        made: dict[str, Json] = {"type": kinds[0] if len(kinds) == 1 else kinds}
        if self.kinds["object"]:
            made |= self._of_objects(required=required)
        if self.kinds["array"]:
            made["items"] = (
                self.items.schema(name, required=required) if self.items else {}
            )
        if self.kinds["string"]:
            made |= self._of_texts(name, formats=required)
        return made

    def _of_objects(self, *, required: bool) -> dict[str, Json]:
        if self.is_map():
            shape = merged(self.members.values())
            return {"additionalProperties": shape.schema(required=required)}
        objects = self.kinds["object"]
        made: dict[str, Json] = {
            "properties": {
                name: member.schema(name, required=required)
                for name, member in self.members.items()
            }
        }
        always = [
            name for name, member in self.members.items() if member.times == objects
        ]
        if required and always:
            made["required"] = always
        return made

    def is_map(self) -> bool:
        """Whether the names of members are values: ids, dates, words of a language."""
        objects, names = self.kinds["object"], len(self.members)
        if names < 12 or not objects:
            return False
        total = sum(member.times for member in self.members.values())
        sparse = objects > 3 and total < objects * names * 0.25
        ids = sum(bool(re.search(r"\d{2,}", name)) for name in self.members)
        return sparse or ids * 2 > names

    def _of_texts(self, name: str, *, formats: bool) -> dict[str, Json]:
        if self.formats and not formats:
            return {}
        if self.formats:
            return {"format": sorted(self.formats)[0]}
        choices = self.choices(name)
        if not choices or self.kinds["null"]:
            return {}
        return {"enum": sorted(choices)} if len(self.kinds) == 1 else {}

    def choices(self, name: str) -> list[str]:
        """The few texts that come again and again; none where more may come."""
        seen, many = self.kinds["string"], len(self.texts)
        hinted = bool(_CHOSEN.search(re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()))
        if not hinted or many < 2 or many > 12 or seen < many * 4:
            return []
        if min(self.texts.values()) < 2:
            return []
        return [text for text in self.texts if _CHOICE.fullmatch(text)] * (
            all(_CHOICE.fullmatch(text) for text in self.texts)
        )


def kind_of(value: Json) -> str:
    """The type of *value*, as JSON Schema calls it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def alike(one: Json, other: Json) -> bool:
    """Whether two values have the same members and types; null is like anything."""
    if one is None or other is None:
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(
            alike(member, other[name]) for name, member in one.items()
        )
    if isinstance(one, list) and isinstance(other, list):
        return not one or not other or alike(one[0], other[0])
    kinds = {kind_of(one), kind_of(other)}
    return len(kinds) == 1 or kinds == {"integer", "number"}


def shape_of(values: Iterable[Json]) -> Shape:
    shape = Shape()
    for value in values:
        shape.add(value)
    return shape


def merged(shapes: Iterable[Shape]) -> Shape:
    """One shape of whatever *shapes* have seen."""
    whole = Shape()
    for shape in shapes:
        whole.times += shape.times
        whole.kinds += shape.kinds
        whole.texts += shape.texts
        if shape.formats is not None:
            whole.formats = (
                shape.formats
                if whole.formats is None
                else whole.formats & shape.formats
            )
        if whole.example is None:
            whole.example = shape.example
        if shape.items:
            whole.items = merged([whole.items or Shape(), shape.items])
        for name, member in shape.members.items():
            known = whole.members.get(name)
            whole.members[name] = merged([known, member]) if known else member
    return whole


def read_text(texts: Iterable[str]) -> dict[str, Json]:
    """The schema of a parameter by its texts: numbers, truths, times, or texts."""
    seen = [text for text in texts if text != ""]
    if not seen:
        return {"type": "string"}
    if all(re.fullmatch(r"-?(0|[1-9]\d{0,17})", text) for text in seen):
        return {"type": "integer"}
    if all(re.fullmatch(r"-?(0|[1-9]\d{0,17})(\.\d+)?", text) for text in seen):
        return {"type": "number"}
    if all(text in ("true", "false") for text in seen):
        return {"type": "boolean"}
    for name, pattern in _FORMATS[:3]:
        if all(pattern.fullmatch(text) for text in seen):
            return {"type": "string", "format": name}
    return {"type": "string"}


def scalars(value: Json, depth: int = 3) -> Iterator[tuple[str, Json]]:
    """Members with their values, at most *depth* objects deep; of lists, none."""
    if isinstance(value, dict) and depth:
        for name, member in value.items():
            if isinstance(member, dict):
                yield from scalars(member, depth - 1)
            elif isinstance(member, (str, int)) and not isinstance(member, bool):
                yield name, member
