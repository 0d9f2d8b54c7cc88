"""Sample: a value that a schema describes, to begin from: short, plain, always the same.

What cannot be made from a schema alone (a pattern, two schemas that must both hold) is
left to whoever edits it. Nothing is drawn, and nothing is remembered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.http.pointer import steps

Json = Any

_DEEPEST = 8
_TEXTS = {
    "date": "2026-03-02",
    "date-time": "2026-03-02T10:00:00Z",
    "time": "10:00:00Z",
    "email": "someone@example.com",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000001",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "byte": "dGV4dA==",
}


def sample(schema: Json, root: Json = None, depth: int = 0) -> Json:
    """A value of *schema*, whose references lead into *root*; None where none is known.

    Of an object it has the members that it must have, and those with an example.
    """
    root = schema if root is None else root
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return None
    schema = _whole(schema, root, depth)
    for word in ("example", "default", "const"):
        if word in schema:
            return schema[word]
    for word in ("examples", "enum"):
        if isinstance(schema.get(word), list) and schema[word]:
            return schema[word][0]
    for word in ("oneOf", "anyOf"):
        for choice in schema.get(word, ()):
            if choice.get("type") != "null":
                rest = {key: value for key, value in schema.items() if key != word}
                return sample(
                    _merged([rest, _whole(choice, root, depth)]), root, depth + 1
                )
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "null")
    return _of_kind(kind, schema, root, depth)


def _of_kind(kind: str, schema: Mapping[str, Json], root: Json, depth: int) -> Json:
    if kind == "object":
        members = schema.get("properties", {})
        needed = schema.get("required", ())
        return {
            name: sample(member, root, depth + 1)
            for name, member in members.items()
            if name in needed
        }
    if kind == "array":
        many = schema.get("minItems", 0)
        return [sample(schema.get("items", {}), root, depth + 1)] * min(many, 10)
    if kind in ("integer", "number"):
        return _number(schema, 1 if kind == "integer" else 0.01)
    if kind == "boolean":
        return True
    if kind == "null":
        return None
    return _text(schema)


def _number(schema: Mapping[str, Json], step: float) -> Json:
    step = schema.get("multipleOf", step)
    if "minimum" in schema:
        least = schema["minimum"]
        return least if least % step == 0 else least + step - least % step
    if isinstance(schema.get("exclusiveMinimum"), (int, float)):
        return schema["exclusiveMinimum"] + step
    most = schema.get("maximum", schema.get("exclusiveMaximum", 2))
    return min(1 if step == 0.01 else step, most)


def _text(schema: Mapping[str, Json]) -> str:
    text = _TEXTS.get(schema.get("format", ""), "text")
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    if len(text) < least:
        text = (f"{text} " * (least // len(text) + 1))[: max(least, 1)]
        text = text[:-1] + "." if text.endswith(" ") else text
    return text if most is None else text[:most]


def _whole(schema: Mapping[str, Json], root: Json, depth: int) -> Mapping[str, Json]:
    """*schema* with what it refers to and what it is made of in place."""
    reference = schema.get("$ref", "")
    if isinstance(reference, str) and reference.startswith("#/"):
        found: Json = root
        for step in steps(reference[1:]):
            found = found.get(step, {}) if isinstance(found, Mapping) else {}
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        if depth < _DEEPEST and isinstance(found, Mapping):
            return _merged([_whole(found, root, depth + 1), rest])
        return rest
    if "allOf" in schema:
        rest = {key: value for key, value in schema.items() if key != "allOf"}
        parts = [one for one in schema["allOf"] if isinstance(one, Mapping)]
        return _merged([*(_whole(one, root, depth + 1) for one in parts), rest])
    return schema


def _merged(parts: list[Mapping[str, Json]]) -> dict[str, Json]:
    made: dict[str, Json] = {}
    for part in parts:
        for word, says in part.items():
            if word == "properties":
                made[word] = {**made.get(word, {}), **says}
            elif word == "required":
                made[word] = [*dict.fromkeys([*made.get(word, ()), *says])]
            else:
                made[word] = says
    return made
