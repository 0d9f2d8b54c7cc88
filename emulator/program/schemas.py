"""Schemas: JSON Schema (2020-12) on the hot path, compiled when first needed.

Uses jsonschema-rs, whose import and compilation are put off until a call needs them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from emulator.json_type import Json
from emulator.program.thinning import holds_more, thinned

MOST = 500
"""So much that is wrong is told of one place of a request."""
_OF_CONTENTS = ("contains", "minContains", "minItems", "minProperties")
"""What may be wrong with a part of a value alone."""


@dataclass(eq=False, repr=False)
class Schema:
    """One schema, ready to say what is wrong with a value."""

    schema: Mapping[str, Json]
    formats: bool = True
    """Whether `format` is asserted."""
    shape: Any = field(default=None, init=False)
    """The members that it names, once `known` has been asked for them."""
    fills: Any = field(default=None, init=False)
    """What fills in its defaults, once `defaults` has been asked for it."""
    _validator: Any = field(default=None, init=False)
    _fields: dict[str, Any] = field(default_factory=dict, init=False)
    _named: Mapping[str, None] | None = field(default=None, init=False)

    def is_valid(self, value: Json) -> bool:
        answer: bool = (self._validator or self._compiled()).is_valid(value)
        return answer

    def violations(self, value: Json) -> list[dict[str, Json]]:
        """What is wrong with *value*, in the order of the schema's fields; bounded, and
        empty where it is valid.

        Each has `path` (a list), `rule` (the keyword of JSON Schema), `limit` (what the
        keyword says) and, but for fields that lack or are too many, `value` (what was
        found there). Where there are more than `MOST`, each field is left some of its own.
        """
        needed = self._needed
        lacks = isinstance(value, dict) and not value.keys() >= needed.keys()
        if not lacks and self.is_valid(value):
            return []
        if holds_more(value):
            violations = self._of_large(value)
        else:
            violations = self._all(self._rest, value)
            if lacks:
                violations += [_lacks(name) for name in needed if name not in value]
        order = self._order
        violations.sort(
            key=lambda violation: (
                order.get(violation["path"][0], 999) if violation["path"] else -1
            )
        )
        return _bounded(violations)

    @cached_property
    def _order(self) -> Mapping[str, int]:
        return {name: at for at, name in enumerate(self.schema.get("properties", ()))}

    @cached_property
    def _needed(self) -> Mapping[str, None]:
        """The fields that must be there, of those that it describes.

        They are what lacks most often, and each error that is drawn costs as much as
        the judgement of a whole value.
        """
        required = self.schema.get("required", ())
        return dict.fromkeys(name for name in required if name in self._order)

    @cached_property
    def _rest(self) -> Any:
        """What judges all but whether they are there."""
        if not self._needed:
            return self._validator or self._compiled()
        required = self.schema["required"]
        others = [name for name in required if name not in self._order]
        return self._made({**self.schema, "required": others})

    @cached_property
    def needs(self) -> Needs:
        """What it says must be there, as far as plain members lead."""
        return _needs(self.schema)

    def _of_large(self, value: Json) -> list[dict[str, Json]]:
        """What is wrong with a value that is too large to have all errors drawn.

        Fields whose beginnings have nothing wrong in them are looked at to their end.
        """
        whole = self._validator or self._compiled()
        left = thinned(value, self._names())
        violations = [
            violation
            for violation in self._all(whole, left.value)
            if not (
                violation["rule"] in _OF_CONTENTS
                and tuple(violation["path"]) in left.cut
            )
        ]
        wrong = {violation["path"][0] for violation in violations if violation["path"]}
        for name in left.fields:
            field = None if name in wrong else self._field(name)
            if field is not None:
                violations += _first(field, {name: value[name]})
        return violations or _first(whole, value)

    def _field(self, name: str) -> Any:
        """What judges the field *name* alone; None where the schema names none such."""
        fields = self.schema.get("properties", {})
        if name not in fields:
            return None
        if name not in self._fields:
            around = {key: self.schema[key] for key in ("$defs",) if key in self.schema}
            self._fields[name] = self._made(
                {**around, "properties": {name: fields[name]}}
            )
        return self._fields[name]

    def _names(self) -> Mapping[str, None]:
        """Every member that the schema speaks of, wherever it is."""
        if self._named is None:
            self._named = dict.fromkeys(_named(self.schema))
        return self._named

    @staticmethod
    def _all(validator: Any, value: Json) -> list[dict[str, Json]]:
        violations: list[dict[str, Json]] = []
        for error in validator.iter_errors(value):
            violations += _violations(error)
        return violations

    def at(self, path: list[Json]) -> Mapping[str, Json]:
        """The schema of the field that *path* leads to, as far as it is plain."""
        node: Any = self.schema
        for part in path:
            if isinstance(part, int):
                node = node.get("items", {})
            else:
                node = node.get("properties", {}).get(part, {})
            if not isinstance(node, Mapping):
                return {}
        plain: Mapping[str, Json] = node
        return plain

    def _compiled(self) -> Any:
        self._validator = self._made(self.schema)
        return self._validator

    def _made(self, schema: Mapping[str, Json]) -> Any:
        from jsonschema_rs import Draft202012Validator

        return Draft202012Validator(dict(schema), validate_formats=self.formats)


class Needs(NamedTuple):
    """The members that an object must have."""

    names: Sequence[str]
    inside: Mapping[str, Needs]
    """The same of its members that are objects and must have some."""


def _needs(schema: Mapping[str, Json]) -> Needs:
    inside = {
        name: _needs(member)
        for name, member in properties_of(schema).items()
        if isinstance(member, Mapping)
    }
    required = schema.get("required")
    return Needs(
        required if isinstance(required, list) else (),
        {name: needs for name, needs in inside.items() if any(needs)},
    )


def properties_of(schema: Mapping[str, Json]) -> Mapping[str, Json]:
    """The fields that *schema* names; it may be one that was reported as wrong."""
    properties = schema.get("properties")
    return properties if isinstance(properties, Mapping) else {}


def types_of(schema: Mapping[str, Json]) -> list[Json]:
    """What `type` says: {"type": ["string", "null"]} -> ["string", "null"]."""
    types = schema.get("type", [])
    return types if isinstance(types, list) else [types]


def main_type(schema: Mapping[str, Json]) -> Json:
    """The type of values that are not null: {"type": ["null", "integer"]} -> "integer"."""
    types = types_of(schema)
    plain = [kind for kind in types if kind != "null"]
    return next(iter(plain or types), None)


def _named(schema: Json) -> Iterator[str]:
    """The members that are named in *schema* or inside of it."""
    if isinstance(schema, list):
        for subschema in schema:
            yield from _named(subschema)
    if isinstance(schema, Mapping):
        yield from properties_of(schema)
        required = schema.get("required")
        yield from required if isinstance(required, list) else ()
        for subschema in schema.values():
            yield from _named(subschema)


def _first(validator: Any, value: Json) -> list[dict[str, Json]]:
    """The first thing that is wrong with *value*, if there is one."""
    from jsonschema_rs import ValidationError

    try:
        validator.validate(value)
    except ValidationError as error:
        return _violations(error)
    return []


def _bounded(found: list[dict[str, Json]]) -> list[dict[str, Json]]:
    """At most `MOST` of *found*: as many of each field, and of each the first."""
    if len(found) <= MOST:
        return found
    fields: dict[Json, list[dict[str, Json]]] = {}
    for violation in found:
        fields.setdefault(
            violation["path"][0] if violation["path"] else None, []
        ).append(violation)
    each = max(1, MOST // len(fields))
    return [violation for those in fields.values() for violation in those[:each]][:MOST]


def _violations(error: Any) -> list[dict[str, Json]]:
    kind = error.kind
    path = list(error.instance_path)
    rule = kind.name
    if rule in ("required", "dependentRequired"):
        return [_lacks(*path, kind.property)]
    if rule in ("additionalProperties", "unevaluatedProperties"):
        return [
            {"path": [*path, name], "rule": rule, "limit": None}
            for name in kind.unexpected
        ]
    limit = _plain(kind.value)
    found = {"path": path, "rule": rule, "limit": limit, "value": error.instance}
    if rule in ("anyOf", "oneOf") and any(kind.context or ()):
        found["nearest"] = _nearest(path, kind.context, error.instance)
    return [found]


def _nearest(
    path: list[Json], branches: list[Any], value: Json
) -> list[dict[str, Json]]:
    """What is wrong with a value by the alternative that it comes nearest to.

    Where it is of the type of none, that is what is wrong with it.
    """
    known = [[v for each in branch for v in _violations(each)] for branch in branches]

    def is_other(branch: list[dict[str, Json]]) -> bool:
        return any(v["rule"] == "type" and v["path"] == path for v in branch)

    alike = [branch for branch in known if branch and not is_other(branch)]
    if alike:
        return min(alike, key=len)[:MOST]
    types = {
        kind: None
        for branch in known
        for violation in branch
        if violation["rule"] == "type"
        for kind in types_of({"type": violation["limit"]})
    }
    return [{"path": path, "rule": "type", "limit": [*types], "value": value}]


def _lacks(*path: Json) -> dict[str, Json]:
    """What is said where nothing stands, and must."""
    return {"path": [*path], "rule": "required", "limit": None}


def _plain(value: Json) -> Json:
    """*value* when it is JSON, else nothing: `anyOf` holds errors of its own."""
    if isinstance(value, list):
        return (
            value
            if all(
                item is None or isinstance(item, (str, int, float, bool))
                for item in value
            )
            else None
        )
    return value if isinstance(value, (str, int, float, bool)) else None
