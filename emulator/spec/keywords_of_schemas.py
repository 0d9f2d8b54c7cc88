"""Keywords of schemas: what they are in OpenAPI 3.0, and what is likely no keyword.

{type: integer, default: ten}     a call that sends nothing would have what nobody can send
{type: string, maxlength: 9}       says nothing of how long it may be
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from emulator.diagnostics import Diagnostic, nearest
from emulator.spec.references import Node

_PLAIN = (
    "type", "nullable", "enum", "const", "minimum", "maximum", "exclusiveMinimum",
    "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "minItems", "maxItems",
)  # fmt: skip
"""Keywords that judge a value by themselves."""
_KNOWN = frozenset({
    *_PLAIN, "$anchor", "$comment", "$defs", "$dynamicAnchor", "$dynamicRef", "$id",
    "$ref", "$schema", "$vocabulary", "additionalItems", "additionalProperties", "allOf",
    "anyOf", "contains", "contentEncoding", "contentMediaType", "contentSchema",
    "default", "definitions", "dependencies", "dependentRequired", "dependentSchemas",
    "deprecated", "description", "discriminator", "else", "example", "examples",
    "externalDocs", "format", "if", "items", "maxContains", "maxProperties",
    "minContains", "minProperties", "not", "oneOf", "pattern", "patternProperties",
    "prefixItems", "properties", "propertyNames", "readOnly", "required", "summary",
    "then", "title", "unevaluatedItems", "unevaluatedProperties", "uniqueItems",
    "writeOnly", "xml",
})  # fmt: skip
"""Those of JSON Schema, of its drafts before, and of OpenAPI."""


def doubtful(schema: Node) -> Iterator[Diagnostic]:
    """Warnings of what the schema at *schema* says in vain, or against itself."""
    said = schema.value
    if not isinstance(said, dict):
        return
    yield from _no_keywords(schema)
    if said.get("default") is not None:
        judge = {name: said[name] for name in _PLAIN if name in said}
        why = "it is what a call has that leaves the value out"
        yield from _unfit([schema.child("default")], judge, "default", why)
    if isinstance(said.get("enum"), list):
        values = schema.child("enum")
        nodes = [values.child(at) for at in range(len(said["enum"]))]
        judge = {name: said[name] for name in ("type", "nullable") if name in said}
        yield from _unfit(nodes, judge, "value", "it is one that nobody can send")


def _no_keywords(schema: Node) -> Iterator[Diagnostic]:
    """What is no keyword, where it is nearly one, or where nothing else is said."""
    names = [name for name in schema.value if not str(name).startswith("x-")]
    unknown = [name for name in names if name not in _KNOWN]
    for name in unknown:
        near = nearest(str(name), _KNOWN)
        if near is None and len(unknown) < len(names):
            continue
        yield schema.child(name).diagnostic(
            "openapi-schema",
            f"{name!r} is no keyword of a schema",
            "what is no keyword says nothing"
            + ("" if near else ", and so does the whole schema: any value fits it"),
            f"did you mean {near}?" if near else "write what a value is to be",
            key=True,
            severity="warning",
        )


def _unfit(
    nodes: list[Node], judge: dict[str, Any], called: str, why: str
) -> Iterator[Diagnostic]:
    """Those of *nodes*, values that stand in a schema, which its keywords refuse."""
    import jsonschema_rs

    try:
        validator = jsonschema_rs.Draft202012Validator(modernised(judge))
    except ValueError:
        return  # it is no schema, which is reported
    for node in nodes:
        for error in validator.iter_errors(node.value):
            yield node.diagnostic(
                "openapi-schema",
                f"the {called} does not fit its own schema: {error.message}",
                why,
                f"mend the {called}, or the schema",
                severity="warning",
            )


def modernised(schema: dict[str, Any]) -> dict[str, Any]:
    """The same in the words of 2020-12.

    {type: string, nullable: true}       ->  {type: [string, "null"]}
    {minimum: 1, exclusiveMinimum: true} ->  {exclusiveMinimum: 1}
    """
    for limit, exclusive in (
        ("minimum", "exclusiveMinimum"),
        ("maximum", "exclusiveMaximum"),
    ):
        if isinstance(schema.get(exclusive), bool):
            excluded = schema.pop(exclusive)
            if excluded and limit in schema:
                schema[exclusive] = schema.pop(limit)
    if schema.pop("nullable", False) is not True:
        return schema
    if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
    if isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
    elif any(keyword in schema for keyword in ("allOf", "anyOf", "oneOf")):
        # 3.0 leaves this open; authors who write it mean "or null".
        return {"anyOf": [schema, {"type": "null"}]}
    return schema
