"""Shapes: what schemas say of a value, without references and `allOf`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.json_type import Json

Schema = Mapping[str, Json]
_MOST_STEPS = 32
_ABOUT = frozenset(
    {
        "$defs", "title", "description", "default", "examples", "example", "deprecated", "readOnly",
        "writeOnly", "$comment", "externalDocs", "xml", "summary",
    }
)  # fmt: skip
"""What a schema says that no value has to satisfy."""

_NULL = frozenset({"null"})


class Shape:
    """One schema, with the definitions that its references lead to."""

    def __init__(self, schema: Json, definitions: Schema | None = None) -> None:
        known = schema if isinstance(schema, dict) else {}
        self.definitions: Schema = definitions or known.get("$defs") or {}
        self.schema: Schema = _flat(known, self.definitions)
        self._types: frozenset[str] | None = None

    def __getitem__(self, keyword: str) -> Json:
        return self.schema.get(keyword)

    def inside(self, schema: Json) -> Shape:
        """A schema that stands inside of this one."""
        return Shape(schema, self.definitions)

    @property
    def properties(self) -> Mapping[str, Json]:
        found = self.schema.get("properties")
        return found if isinstance(found, dict) else {}

    def member(self, name: str) -> Shape:
        return self.inside(self.properties.get(name))

    def members(self) -> dict[str, Shape]:
        """The members that a value may have, those of its alternatives included."""
        found: dict[str, list[Json]] = {
            name: [part] for name, part in self.properties.items()
        }
        for keyword in ("oneOf", "anyOf"):
            for part in self.schema.get(keyword) or ():
                for name, inner in self.inside(part).members().items():
                    parts = found.setdefault(name, [])
                    if inner.schema not in parts:
                        parts.append(inner.schema)
        return {
            name: self.inside(parts[0] if len(parts) == 1 else {"anyOf": parts})
            for name, parts in found.items()
        }

    @property
    def required(self) -> list[str]:
        """The members that a value must have, in the order of the document."""
        names = self.schema.get("required")
        return (
            [name for name in names if isinstance(name, str)]
            if isinstance(names, list)
            else []
        )

    @property
    def items(self) -> Shape:
        return self.inside(self.schema.get("items"))

    @property
    def types(self) -> frozenset[str]:
        """The types that a value may have; none where nothing is said."""
        if self._types is None:  # which is asked for again and again
            self._types = self._find_types()
        return self._types

    def _find_types(self) -> frozenset[str]:
        written = self.schema.get("type")
        if isinstance(written, str):
            return frozenset({written})
        if isinstance(written, list):
            return frozenset(map(str, written))
        if "properties" in self.schema or "required" in self.schema:
            return frozenset({"object"})
        if "items" in self.schema:
            return frozenset({"array"})
        values = self.schema.get("enum") or (
            [self.schema["const"]] if "const" in self.schema else []
        )
        return frozenset(map(_type_of, values))

    @property
    def type(self) -> str:
        """The one type that a value may have besides null; empty if there are several."""
        types = self.types - _NULL
        return next(iter(types)) if len(types) == 1 else ""

    @property
    def nullable(self) -> bool:
        return "null" in self.types

    @property
    def is_object(self) -> bool:
        return self.type == "object"

    @property
    def is_list(self) -> bool:
        return self.type == "array"

    @property
    def is_closed(self) -> bool:
        """Whether an object may have no other members than these."""
        return (
            self.schema.get("additionalProperties") is False
            or self.schema.get("unevaluatedProperties") is False
        )

    @property
    def varies(self) -> bool:
        """Whether what it may have depends on the value."""
        return any(key in self.schema for key in ("oneOf", "anyOf", "not", "if"))

    def at_most(self) -> Shape:
        """The same without what it must `not` be: what takes all of this takes it as well."""
        if "not" not in self.schema:
            return self
        return self.inside({k: v for k, v in self.schema.items() if k != "not"})

    def alternatives(self) -> list[Shape] | None:
        """What a value may be by `oneOf` or `anyOf`; None where more is said than that."""
        said = [key for key in ("oneOf", "anyOf", "not", "if") if key in self.schema]
        parts = self.schema[said[0]] if len(said) == 1 else None
        if not isinstance(parts, list) or not parts:
            return None
        rest = {key: value for key, value in self.schema.items() if key != said[0]}
        return [
            self.inside({"allOf": [rest, part]} if _bare(rest) else part)
            for part in parts
        ]

    def same(self, other: Shape) -> bool:
        """Whether both are satisfied by the same values, as far as can be seen at once."""
        return self.schema is other.schema or _bare(self.schema) == _bare(other.schema)


def default_fits(shape: Shape) -> bool:
    """Whether the default of a schema is one of its values, which in documents it need not be."""
    default = shape["default"]
    return (
        default is None
        or not shape.types
        or Shape({"enum": [default]}).types
        <= shape.types | ({"integer"} if "number" in shape.types else set())
    )


def _bare(schema: Schema) -> Json:
    return {key: value for key, value in schema.items() if key not in _ABOUT}


def _flat(schema: Schema, definitions: Schema) -> Schema:
    """*schema* with what it refers to, and the members of its `allOf`, in one."""
    for _ in range(_MOST_STEPS):
        reference = schema.get("$ref")
        if isinstance(reference, str):
            named = definitions.get(reference.removeprefix("#/$defs/"))
            beside = {key: value for key, value in schema.items() if key != "$ref"}
            base = named if isinstance(named, dict) else {}
            schema = {**base, **beside} if beside else base
            continue
        single = _single(schema, definitions)
        if single is None:
            break
        schema = single
    parts = schema.get("allOf")
    return _merged(schema, parts, definitions) if isinstance(parts, list) else schema


def _single(schema: Schema, definitions: Schema) -> Schema | None:
    """The only alternative besides null, which may be null too; None if there is none."""
    for keyword in ("oneOf", "anyOf"):
        parts = schema.get(keyword)
        if not isinstance(parts, list) or not parts:
            continue
        left = [part for part in parts if not _is_null(part)]
        if len(left) != 1 or not isinstance(left[0], dict):
            continue
        only = _flat(left[0], definitions)
        rest = {key: value for key, value in schema.items() if key != keyword}
        if len(left) < len(parts) and "type" in only:
            types = only["type"] if isinstance(only["type"], list) else [only["type"]]
            only = {**only, "type": list(dict.fromkeys([*types, "null"]))}
        return {**only, **rest}
    return None


def _is_null(part: Json) -> bool:
    return isinstance(part, dict) and (
        part.get("type") == "null" or part.get("enum") == [None]
    )


def _merged(schema: Schema, parts: list[Json], definitions: Schema) -> Schema:
    whole: dict[str, Json] = {}
    rest = {key: value for key, value in schema.items() if key != "allOf"}
    for part in [*parts, rest]:
        if not isinstance(part, dict):
            continue
        flat = _flat(part, definitions) if part is not rest else part
        for key, value in flat.items():
            if key == "properties" and isinstance(value, dict):
                whole[key] = {**whole.get(key, {}), **value}
            elif key == "required" and isinstance(value, list):
                whole[key] = list(
                    dict.fromkeys([*whole.get(key, []), *map(str, value)])
                )
            else:
                whole[key] = value
    return whole


def _type_of(value: Json) -> str:
    if value is None:
        return "null"
    kinds: tuple[tuple[Any, str], ...] = (
        (bool, "boolean"), (str, "string"), (int, "integer"), (float, "number"), (list, "array"),
    )  # fmt: skip
    return next((name for kind, name in kinds if isinstance(value, kind)), "object")


def fits(sent: Shape, shown: Shape, depth: int = 0) -> bool:
    """Whether each value that *sent* allows is one that *shown* allows, to be certain."""
    if not _bare(shown.schema) or sent.same(shown):
        return True
    if depth > 6:
        return False
    sent = sent.at_most()
    if shown.varies or sent.varies:
        return _alternatives_fit(sent, shown, depth)
    allowed = shown.types | ({"integer"} if "number" in shown.types else set())
    if shown.types and (not sent.types or not sent.types <= allowed):
        return False
    if not _limits_hold(sent, shown):
        return False
    if "array" in sent.types and not fits(sent.items, shown.items, depth + 1):
        return False
    return "object" not in sent.types or _members_fit(sent, shown, depth)


def _alternatives_fit(sent: Shape, shown: Shape, depth: int) -> bool:
    """Whether all that is *sent* fits one of the alternatives that may be *shown*."""
    some = sent.alternatives() if sent.varies else [sent]
    others = shown.alternatives() if shown.varies else [shown]
    if some is None or others is None:
        return False
    # What fits one of a `oneOf` must fit no other one: that is seen where types differ.
    apart = len(others) == 1 or shown["oneOf"] is None
    return all(
        any(
            fits(each, other, depth + 1)
            and (
                apart or not any(each.types & o.types for o in others if o is not other)
            )
            for other in others
        )
        for each in some
    )


def _limits_hold(sent: Shape, shown: Shape) -> bool:
    """Whether what *shown* asks of single values holds of what *sent* allows."""
    for key in ("pattern", "format", "multipleOf", "uniqueItems", "contains"):
        if shown[key] is not None and sent[key] != shown[key]:
            return False
    if shown["const"] is not None and sent["const"] != shown["const"]:
        return False
    if isinstance(shown["enum"], list):
        values = sent["enum"]
        if not isinstance(values, list) or not all(v in shown["enum"] for v in values):
            return False
    for key in (
        "minimum",
        "minLength",
        "minItems",
        "exclusiveMinimum",
        "minProperties",
    ):
        if shown[key] and not (sent[key] is not None and sent[key] >= shown[key]):
            return False
    for key in (
        "maximum",
        "maxLength",
        "maxItems",
        "exclusiveMaximum",
        "maxProperties",
    ):
        if shown[key] is not None and not (
            sent[key] is not None and sent[key] <= shown[key]
        ):
            return False
    return True


def _members_fit(sent: Shape, shown: Shape, depth: int) -> bool:
    if not set(shown.required) <= set(sent.required):
        return False
    if shown.is_closed and not (
        sent.is_closed and sent.properties.keys() <= shown.properties.keys()
    ):
        return False
    if "patternProperties" in shown.schema:
        return False
    others = shown["additionalProperties"]
    if (
        isinstance(others, dict)
        and _bare(others)
        and not fits(
            sent.inside(sent["additionalProperties"]), shown.inside(others), depth + 1
        )
    ):
        return False
    # What is sent is taken to have no member that it does not name and this one does.
    return all(
        not shown.member(name)["writeOnly"]
        and fits(sent.member(name), shown.member(name), depth + 1)
        for name in shown.properties
        if name in sent.properties
    )


def walk(shape: Shape, most: int = 3) -> Iterator[tuple[tuple[str, ...], Shape]]:
    """*shape* and the objects and lists in its members, from the outside in."""
    level: list[tuple[tuple[str, ...], Shape]] = [((), shape)]
    for _ in range(most):
        inner: list[tuple[tuple[str, ...], Shape]] = []
        for path, here in level:
            yield path, here
            if here.is_object:
                inner += [
                    ((*path, name), here.member(name)) for name in here.properties
                ]
        level = [(path, here) for path, here in inner if here.is_object or here.is_list]
