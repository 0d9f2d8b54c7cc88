"""Values: what a JSON Schema allows, as a strategy that shrinks to something plain.

The keywords that descriptions of bodies are made of are drawn here directly, so that
nothing is thrown away; a schema with others is left to hypothesis-jsonschema.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from emulator.json_type import Json
from emulator.program.schemas import Schema, properties_of

Strategy = SearchStrategy[Any]

_KNOWN = frozenset(
    re.findall(
        r"\S+",
        """
        title description default example examples deprecated readOnly writeOnly
        nullable xml externalDocs discriminator x-discriminated x-kinds contentEncoding $comment
        type enum const format pattern minLength maxLength minimum maximum
        exclusiveMinimum exclusiveMaximum items minItems maxItems uniqueItems
        properties required additionalProperties allOf anyOf oneOf if then else
        """,
    )
)
_TEXT = st.characters(exclude_categories=("C", "Zl", "Zp"))
_WHOLE = 2**31 - 1
_LONG = 1_000
"""Texts up to this length are drawn at their full length too."""

_NAME = st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12)
_FORMATS: Mapping[str, Callable[[], Strategy]] = {
    "date": lambda: st.dates().map(lambda one: one.isoformat()),
    "date-time": lambda: st.datetimes().map(lambda one: f"{one:%Y-%m-%dT%H:%M:%S}Z"),
    "email": lambda: st.builds("{}@{}.example".format, _NAME, _NAME),
    "uri": lambda: st.builds("https://{}.example/{}".format, _NAME, _NAME),
    "url": lambda: st.builds("https://{}.example/{}".format, _NAME, _NAME),
    "uuid": lambda: st.uuids().map(str),
    "hostname": lambda: st.builds("{}.example".format, _NAME),
    "ipv4": lambda: st.ip_addresses(v=4).map(str),
    "ipv6": lambda: st.ip_addresses(v=6).map(str),
}


def values(schema: Mapping[str, Json] | bool) -> Strategy:
    """Values that fit *schema*. A text is never blank: many call that missing."""
    if isinstance(schema, bool):
        return _anything() if schema else st.nothing()
    if not _KNOWN.issuperset(schema):
        return _foreign(schema)
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        check = Schema(schema)
        fitting = [choice for choice in schema["enum"] if check.is_valid(choice)]
        return st.sampled_from(fitting) if fitting else st.nothing()
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return _either(schema, word)
    kinds = schema.get("type") or _kinds(schema)
    listed = kinds if isinstance(kinds, list) else [kinds]
    return st.one_of([_of_kind(kind, schema) for kind in listed])


def objects(
    schema: Mapping[str, Json], overrides: Mapping[str, Strategy]
) -> SearchStrategy[dict[str, Json]]:
    """Objects of *schema*, whose fields in *overrides* are drawn from there."""
    plain, conditions = _merged(schema)
    drawn = {
        name: overrides[name] if name in overrides else values(member)
        for name, member in properties_of(plain).items()
    }
    needed = [*plain.get("required", ())]
    required = {name: drawn.get(name, _anything()) for name in needed}
    optional = {
        name: value
        for name, value in drawn.items()
        if name not in required and not value.is_empty
    }
    strategy: SearchStrategy[dict[str, Json]] = st.fixed_dictionaries(
        required, optional=optional
    )
    more = plain.get("additionalProperties")
    if not drawn and isinstance(more, Mapping):
        strategy = st.dictionaries(_NAME, values(more), max_size=3)
    if conditions:
        strategy = strategy.flatmap(lambda drawn: _kept(drawn, plain, conditions))
    return strategy


def _kept(
    value: dict[str, Json], schema: Mapping[str, Json], conditions: list[Json]
) -> SearchStrategy[dict[str, Json]]:
    """*value* with what the conditions that it meets ask for."""
    redrawn: dict[str, Strategy] = {}
    for condition in conditions:
        branch = condition.get(
            "then" if Schema(condition["if"]).is_valid(value) else "else", {}
        )
        known = properties_of(schema)
        inner = properties_of(branch)
        for name in {**dict.fromkeys(branch.get("required", ())), **inner}:
            asked = name in branch.get("required", ()) or name in value
            if asked and (name in inner or name not in value):
                both = {**known.get(name, {}), **inner.get(name, {})}
                redrawn[name] = values(both)
    return st.fixed_dictionaries(redrawn).map(lambda more: {**value, **more})


def _merged(schema: Mapping[str, Json]) -> tuple[dict[str, Json], list[Json]]:
    """*schema* with its plain `allOf` in one, and the conditions that it has."""
    plain = {key: subschema for key, subschema in schema.items() if key != "allOf"}
    conditions = [schema] if "if" in schema else []
    for branch in schema.get("allOf", ()):
        part, more = _merged(branch)
        conditions += more
        properties = {**properties_of(plain), **properties_of(part)}
        required = [*plain.get("required", ()), *part.get("required", ())]
        plain = {**part, **plain, "properties": properties}
        plain["required"] = [*dict.fromkeys(required)]
    return plain, conditions


def _of_kind(kind: str, schema: Mapping[str, Json]) -> Strategy:
    if kind == "null":
        return st.none()
    if kind == "boolean":
        return st.booleans()
    if kind == "integer":
        return st.integers(*_bounds(schema, 1))
    if kind == "number":
        low, high = _bounds(schema, 0.5)
        return st.integers(low.__ceil__(), high.__floor__()) | st.floats(low, high)
    if kind == "array":
        return _lists(schema)
    if kind == "object":
        return objects(schema, {})
    return _texts(schema)


def _bounds(schema: Mapping[str, Json], step: float) -> tuple[Any, Any]:
    low, high = schema.get("minimum"), schema.get("maximum")
    if "exclusiveMinimum" in schema:
        low = schema["exclusiveMinimum"] + step
    if "exclusiveMaximum" in schema:
        high = schema["exclusiveMaximum"] - step
    low = min(-_WHOLE, high or 0) if low is None else low
    return low, max(_WHOLE, low) if high is None else high


def _lists(schema: Mapping[str, Json]) -> Strategy:
    least = schema.get("minItems", 0)
    most = min(schema.get("maxItems", least + 4), least + 20)
    unique = repr if schema.get("uniqueItems") else None
    items = values(schema.get("items", {"type": "string"}))
    return st.lists(items, min_size=least, max_size=most, unique_by=unique)


def _texts(schema: Mapping[str, Json]) -> Strategy:
    check = Schema(schema)
    if "pattern" in schema:
        try:
            fitting = st.from_regex(re.compile(schema["pattern"]), fullmatch=True)
        except re.error:
            return _foreign(schema)
        return fitting.filter(check.is_valid)
    if schema.get("format") in _FORMATS:
        bounded = {"minLength", "maxLength"} & schema.keys()
        made = _FORMATS[schema["format"]]()
        return made.filter(check.is_valid) if bounded else made
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    if most == 0:
        return st.just("")
    short = min(most or least + 40, max(least, 1) + 40)
    strategy = st.text(_TEXT, min_size=max(least, 1), max_size=short).filter(_has_words)
    if most is not None and short < most <= _LONG:
        seed = st.text(_TEXT, min_size=1, max_size=10).filter(_has_words)
        strategy |= seed.map(lambda text: (text * most)[:most])
    if "format" in schema:
        return _foreign(schema)
    return strategy


def _has_words(text: str) -> bool:
    return bool(text.strip())


def _either(schema: Mapping[str, Json], word: str) -> Strategy:
    rest = {key: subschema for key, subschema in schema.items() if key != word}
    strategy = st.one_of([values({**rest, **part}) for part in schema[word]])
    return strategy.filter(Schema(schema).is_valid) if word == "oneOf" else strategy


def _kinds(schema: Mapping[str, Json]) -> list[str]:
    if {"properties", "required", "allOf"} & schema.keys():
        return ["object"]
    if "items" in schema:
        return ["array"]
    if {"minimum", "maximum"} & schema.keys():
        return ["number"]
    return ["string"]


def _anything() -> Strategy:
    return st.one_of(_texts({}), st.integers(-_WHOLE, _WHOLE), st.booleans())


def _foreign(schema: Mapping[str, Json]) -> Strategy:
    from hypothesis_jsonschema import from_schema

    made: Strategy = from_schema(dict(schema)).filter(Schema(schema).is_valid)
    return made
