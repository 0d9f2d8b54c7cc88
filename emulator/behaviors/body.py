"""Body: can the request body be read?

JSON is read as RFC 8259 has it, and more strictly where it leaves room: names come
once, numbers are finite, text is UTF-8, and nothing is nested a hundred deep.

Reads: operation.body, media_type, call.body
Refuses: body_too_large, malformed_body (why)
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson

from emulator.compile.bodies import FORMS, BodyPolicy
from emulator.compile.known import unknown_members
from emulator.compile.parameters import coerced
from emulator.compile.schemas import properties_of
from emulator.exchange import Exchange, Json, Refusal

MAX_DEPTH = 100
MAX_FIELDS = 1_000
_NAMES = re.compile(rb'"\s*:')
_INSIDE = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])+)")


class _Malformed(ValueError):
    """Why a body cannot be read."""


class _Branch(dict[str, Any]):
    """The fields of a form that stand inside another one."""


def body(exchange: Exchange) -> Refusal | None:
    policy, call = exchange.operation.body, exchange.call
    if policy is None:
        return None
    if call.body_too_large or exchange.forces("body_too_large"):
        return Refusal("body_too_large")
    if not call.body and not policy.required and exchange.forced is None:
        return None
    http = exchange.program.http
    try:
        if exchange.forces("malformed_body"):
            raise _Malformed("it is missing")
        if call.body:
            exchange.body = _read(exchange, policy)
        elif http.no_body == "empty":
            exchange.body = {}
        else:
            raise _Malformed("it is missing")
        if isinstance(exchange.body, (dict, list)):
            _look_for_unknown(exchange, policy)
        if http.blank == "drop" and isinstance(exchange.body, dict):
            exchange.body = {
                name: value
                for name, value in exchange.body.items()
                if value is not None
                and not (isinstance(value, str) and not value.strip())
            }
    except _Malformed as error:
        exchange.note("body", "malformed", {"why": str(error)})
        return Refusal("malformed_body", {"why": str(error)})
    return None


def _look_for_unknown(exchange: Exchange, policy: BodyPolicy) -> None:
    """Note the members that nothing is said of; a file that is sent as it is has none."""
    media = exchange.media_type
    schema = policy.schema(media)
    if schema is not None and ("json" in media or media in FORMS):
        found = unknown_members(schema, exchange.body)
        if found:
            exchange.is_unknown("body", found)


def _read(exchange: Exchange, policy: BodyPolicy) -> Json:
    media = exchange.media_type
    if media in FORMS:
        return _form(exchange, policy)
    if media == "application/json" or media.endswith("+json"):
        value = _json(exchange.call.body)
        schema = policy.schema(media)
        expected = schema.schema.get("type") if schema else None
        if expected == "object" and not isinstance(value, dict):
            raise _Malformed("it is not an object")
        return value
    if media.startswith("text/"):
        try:
            return exchange.call.body.decode()
        except UnicodeDecodeError:
            raise _Malformed("it is not UTF-8") from None
    return {"size": len(exchange.call.body)}


def _json(text: bytes) -> Json:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _Malformed(str(error)) from None
    # A body with as many names in its text as in its value has none twice; text
    # inside a string can only make the first number larger.
    names, depth = _measure(value, 1)
    if depth > MAX_DEPTH:
        raise _Malformed(f"it is nested more than {MAX_DEPTH} deep")
    if names != len(_NAMES.findall(text)):
        json.loads(text, object_pairs_hook=_once)
    return value


def _measure(value: Json, depth: int) -> tuple[int, int]:
    """How many names the objects in *value* have, and how deep it is."""
    if isinstance(value, dict):
        names, inner = len(value), value.values()
    elif isinstance(value, list):
        names, inner = 0, value  # type: ignore[assignment]
    else:
        return 0, depth - 1
    deepest = depth
    if depth <= MAX_DEPTH:
        for one in inner:
            if isinstance(one, (dict, list)):
                more, down = _measure(one, depth + 1)
                names += more
                deepest = max(deepest, down)
    return names, deepest


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Malformed("a name stands twice in an object")
    return found


def _form(exchange: Exchange, policy: BodyPolicy) -> dict[str, Json]:
    call = exchange.call
    if exchange.media_type == FORMS[0]:
        try:
            pairs: list[tuple[str, Json]] = list(
                parse_qsl(
                    call.body.decode(),
                    keep_blank_values=True,
                    errors="strict",
                    max_num_fields=MAX_FIELDS,
                )
            )
        except ValueError as error:
            raise _Malformed(str(error)) from None
    else:
        pairs = _multipart(call.headers.get("content-type", ""), call.body)
    found: dict[str, Json] = {}
    branches = _Branch()
    for name, value in pairs:
        if _is_inside(name, policy.properties):
            _graft(branches, name, value)
            continue
        plain = name.removesuffix("[]")
        schema = policy.properties.get(plain, policy.properties.get(name, {}))
        if _kind(schema) == "array":
            items = schema.get("items", {})
            found.setdefault(plain, []).append(_typed(value, items))
        else:
            found[plain if plain in policy.properties else name] = _typed(value, schema)
    for name, branch in branches.items():
        found[name] = _shaped(branch, policy.properties[name])
    return found


def _is_inside(name: str, properties: Mapping[str, Mapping[str, Json]]) -> bool:
    """Whether *name* leads into a field: `owner[email]`, `pets[0][name]`."""
    match = _INSIDE.fullmatch(name)
    if match is None or name in properties or match[2] == "[]":
        return False
    return _kind(properties.get(match[1], {})) in ("object", "array")


def _graft(branches: _Branch, name: str, value: Json) -> None:
    """Put *value* where *name* leads; `[]` is the next place."""
    head, *inner = name.replace("]", "").split("[")
    if len(inner) > MAX_DEPTH:
        raise _Malformed(f"a name leads more than {MAX_DEPTH} deep")
    parts = [head, *inner]
    for part in parts[:-1]:
        branches = branches.setdefault(part or str(len(branches)), _Branch())
        if not isinstance(branches, _Branch):
            raise _Malformed(f"{name!r} leads into a value")
    branches[parts[-1] or str(len(branches))] = value


def _shaped(value: Json, schema: Mapping[str, Json]) -> Json:
    """What stands inside a field, as lists and mappings of typed values."""
    if not isinstance(value, _Branch):
        return _typed(value, schema)
    if _kind(schema) == "array":
        items = schema.get("items", {})
        return [_shaped(one, items) for one in value.values()]
    inner = properties_of(schema)
    return {name: _shaped(one, inner.get(name, {})) for name, one in value.items()}


def _typed(value: Json, schema: Mapping[str, Json]) -> Json:
    return coerced(value, _kind(schema)) if isinstance(value, str) else value


def _kind(schema: Mapping[str, Json]) -> str:
    kind = schema.get("type", "string")
    if isinstance(kind, list):
        return next((str(one) for one in kind if one != "null"), "string")
    return str(kind)


def _multipart(content_type: str, text: bytes) -> list[tuple[str, Json]]:
    """The fields of a multipart form; a file is {filename, content_type, size}."""
    import python_multipart
    from python_multipart.exceptions import FormParserError

    pairs: list[tuple[str, Json]] = []

    def on_field(field: python_multipart.multipart.Field) -> None:
        name = (field.field_name or b"").decode()
        pairs.append((name, (field.value or b"").decode()))

    def on_file(file: python_multipart.multipart.File) -> None:
        name = (file.field_name or b"").decode()
        facts = {
            "filename": (file.file_name or b"").decode(),
            "content_type": getattr(file, "content_type", None),
            "size": file.size,
        }
        pairs.append((name, facts))

    try:
        parser = python_multipart.create_form_parser(
            {"Content-Type": content_type.encode()},
            on_field,
            on_file,
            # Its own way with a large file is to write it to the disk.
            config={"MAX_MEMORY_FILE_SIZE": math.inf},
        )
        parser.write(text)
        parser.finalize()
    except (FormParserError, ValueError) as error:
        raise _Malformed(str(error)) from None
    if len(pairs) > MAX_FIELDS:
        raise _Malformed(f"it has more than {MAX_FIELDS} fields")
    return pairs
