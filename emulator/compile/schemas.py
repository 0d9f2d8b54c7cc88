"""Schemas: JSON Schema (2020-12) on the hot path, compiled when first needed.

Uses jsonschema-rs, whose import and compilation are put off until a call needs them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Any


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

    def is_valid(self, value: Json) -> bool:
        answer: bool = (self._validator or self._compiled()).is_valid(value)
        return answer

    def violations(self, value: Json) -> list[dict[str, Json]]:
        """Everything that is wrong with *value*, in the order of the schema's fields.

        Each has `path` (a list), `rule` (the keyword of JSON Schema), `limit` (what the
        keyword says) and, but for fields that lack or are too many, `value` (what was
        found there).
        """
        found: list[dict[str, Json]] = []
        for error in (self._validator or self._compiled()).iter_errors(value):
            found.extend(_violations(error))
        order = {name: at for at, name in enumerate(self.schema.get("properties", ()))}
        found.sort(
            key=lambda one: order.get(one["path"][0], 999) if one["path"] else -1
        )
        return found

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
        from jsonschema_rs import Draft202012Validator

        self._validator = Draft202012Validator(
            dict(self.schema), validate_formats=self.formats
        )
        return self._validator


def properties_of(schema: Mapping[str, Json]) -> Mapping[str, Json]:
    """The fields that *schema* names; it may be one that was reported as wrong."""
    found = schema.get("properties")
    return found if isinstance(found, Mapping) else {}


def _violations(error: Any) -> Iterator[dict[str, Json]]:
    kind = error.kind
    path = list(error.instance_path)
    rule = kind.name
    if rule in ("required", "dependentRequired"):
        yield {"path": [*path, kind.property], "rule": "required", "limit": None}
    elif rule in ("additionalProperties", "unevaluatedProperties"):
        for name in kind.unexpected:
            yield {"path": [*path, name], "rule": rule, "limit": None}
    else:
        limit = _plain(kind.value)
        yield {"path": path, "rule": rule, "limit": limit, "value": error.instance}


def _plain(value: Json) -> Json:
    """*value* when it is JSON, else nothing: `anyOf` holds errors of its own."""
    if isinstance(value, list):
        return (
            value
            if all(
                one is None or isinstance(one, (str, int, float, bool)) for one in value
            )
            else None
        )
    return value if isinstance(value, (str, int, float, bool)) else None
