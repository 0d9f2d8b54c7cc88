"""Forms: what each value of a schema may be, looked at once for all that have it."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache

from emulator.generation.values import Generator
from emulator.inference.samples import examples_of, plain_schema
from emulator.inference.shapes import Shape
from emulator.json_type import Json
from emulator.program.schemas import Schema

_JUDGED = (
    "not", "if", "oneOf", "anyOf", "patternProperties", "propertyNames", "dependentRequired",
    "dependentSchemas", "contains", "unevaluatedItems", "prefixItems", "unevaluatedProperties",
)  # fmt: skip
"""Keywords that only a whole value can be judged by."""
_DEEPEST = 6


class Form:
    """What a value may be, by its shape."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.required = frozenset(shape.required)
        self.kind = _kind(shape)
        """`object`, `list`, `plain`, `enum`; `other` for what only a whole value is
        judged by."""
        self.plain: dict[str, Json] = {}
        """The schema of one that is `plain`."""
        self.is_hidden = bool(shape["writeOnly"])
        self.examples: tuple[Json, ...] = ()
        if self.kind == "plain":
            self.plain = plain_schema(shape)
            self._text = json.dumps(self.plain)
            self.examples = tuple(
                each for each in examples_of(shape) if _is_of(shape, each)
            )

    def allows(self, value: Json) -> bool:
        """Whether a plain one may be *value*."""
        return _check(self._text)(value)

    @property
    def generator(self) -> Generator:
        """What makes a plain one."""
        return _generator(self._text)


class Forms:
    """The forms of the schemas of one document."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Json, Form]] = {}
        """By the place of the schema in memory, with the schema, so that it stays there."""

    def of(self, shape: Shape) -> Form:
        return self._form(shape.schema, shape)

    def member(self, form: Form, name: str) -> Form:
        """What the member *name* may be."""
        return self._form(form.shape.properties.get(name), form.shape)

    def items(self, form: Form) -> Form:
        return self._form(form.shape["items"], form.shape)

    def holds(self, form: Form, value: Json, depth: int = 0) -> bool:
        """Whether an example is one of what it is an example of, as far as that is plain."""
        shape = form.shape
        if depth > _DEEPEST or form.kind == "other":
            return not shape.schema
        if form.kind == "enum":
            return value == shape["const"] or value in (shape["enum"] or ())
        if form.kind == "plain":
            return value is not None and form.allows(value)
        if form.kind == "list":
            least, most = shape["minItems"] or 0, shape["maxItems"]
            if not isinstance(value, list) or shape["uniqueItems"]:
                return False
            right = least <= len(value) <= (len(value) if most is None else most)
            items = self.items(form)
            return right and all(self.holds(items, item, depth + 1) for item in value)
        if not isinstance(value, dict) or not form.required <= value.keys():
            return False
        others = self._form(shape["additionalProperties"], shape)
        known = shape.properties
        return all(
            self.holds(self.member(form, name), inner, depth + 1)
            if name in known
            else not shape.is_closed and self.holds(others, inner, depth + 1)
            for name, inner in value.items()
        )

    def _form(self, schema: Json, around: Shape) -> Form:
        known = self._known.get(id(schema))
        if known is None:
            known = schema, Form(around.inside(schema))
            self._known[id(schema)] = known
        return known[1]


def _kind(shape: Shape) -> str:
    if "enum" in shape.schema or "const" in shape.schema:
        return "enum"
    if any(word in shape.schema for word in _JUDGED) or not shape.types:
        return "other"
    if shape.is_object or shape.is_list:
        return "object" if shape.is_object else "list"
    return "plain"


def _is_of(shape: Shape, value: Json) -> bool:
    """Whether an example is of the type that it is an example of."""
    return Shape({"const": value}).types <= shape.types


@lru_cache(512)
def _check(schema: str) -> Callable[[Json], bool]:
    # The same few come again and again: {"type": "string", "format": "uri"}.
    return Schema(json.loads(schema)).is_valid


@lru_cache(512)
def _generator(schema: str) -> Generator:
    return Generator(json.loads(schema))
