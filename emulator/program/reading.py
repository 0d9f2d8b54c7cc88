"""Reading: what the bytes of a request body say.

JSON is read as RFC 8259 has it, and more strictly where it leaves room: names come
once, numbers are finite, text is UTF-8, and nothing is nested a hundred deep.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import chain
from typing import NamedTuple
from urllib.parse import parse_qsl

import orjson

from emulator.http.multipart import MAX_PARTS, BadForm, Part, read_parts
from emulator.http.nesting import nested_deeper
from emulator.json_type import Json
from emulator.program.bodies import BodyPolicy
from emulator.program.brackets import Branch, LeadsNowhere, parts_of, put, shaped
from emulator.program.defaults import with_defaults
from emulator.program.http_policy import HttpPolicy
from emulator.program.parameters import coerced
from emulator.program.schemas import main_type, properties_of

MAX_DEPTH = 100
_NAMES = re.compile(rb'"\s*:')


class MalformedBody(ValueError):
    """Why a body cannot be read."""


class BodyRead(NamedTuple):
    """What a body says: as it is written, as it counts, and with its defaults."""

    written: Json
    given: Json
    value: Json


def read_body(
    policy: BodyPolicy, http: HttpPolicy, text: bytes, media: str, content_type: str
) -> BodyRead:
    """The body *text* of a *media* type, as it was sent. Raises `MalformedBody`."""
    if text:
        written = _read(policy, media, text, content_type)
        judged = isinstance(written, dict) or http.no_body == "missing"
        if not judged and _asks_for_object(policy, media):
            raise MalformedBody("it is not an object")
    elif not policy.required or http.no_body == "missing":
        written = None
    elif http.no_body == "empty":
        written = {}
    else:
        raise MalformedBody("it is missing")
    given, schema = written, policy.schema(media)
    typed = http.json_texts == "typed" and text
    if typed and policy.kind(media) not in ("form", "parts"):
        given = _retyped(written, schema.schema if schema else {})
    if http.blank == "drop":
        given = _without_blanks(given, policy.wrapper)
    if schema is None:
        return BodyRead(written, given, given)
    partial = policy.wrapper if policy.partial else None
    return BodyRead(written, given, with_defaults(schema, given, partial=partial))


def _without_blanks(value: Json, wrapper: tuple[str, ...]) -> Json:
    """*value* without members that hold nothing, also inside of the *wrapper*."""
    if not isinstance(value, dict):
        return value
    left = {name: member for name, member in value.items() if not _is_blank(member)}
    if wrapper and wrapper[0] in left:
        left[wrapper[0]] = _without_blanks(left[wrapper[0]], wrapper[1:])
    return left


def _retyped(value: Json, schema: Json) -> Json:
    """*value* of a JSON body with the types that its texts would have in a form."""
    if not isinstance(schema, Mapping):
        return value
    if isinstance(value, dict):
        inner = properties_of(schema)
        return {
            name: _retyped(member, inner.get(name)) for name, member in value.items()
        }
    if isinstance(value, list):
        return _retyped_items(value, schema.get("items"))
    kinds = schema.get("type", "string")
    if "string" in ([kinds] if isinstance(kinds, str) else kinds):
        return value
    if isinstance(value, str):
        return _typed(value, schema)
    if value in (0, 1) and main_type(schema) == "boolean":
        return bool(value)
    return value


def _retyped_items(values: list[Json], schema: Json) -> list[Json]:
    """The same for a list, which may be very long: equal items are converted once."""
    if not isinstance(schema, Mapping):
        return values
    known: dict[tuple[type, Json], Json] = {}
    items = []
    for item in values:
        if isinstance(item, (dict, list)):
            items.append(_retyped(item, schema) if item else item)
            continue
        key = (type(item), item)
        if key not in known:
            known[key] = _retyped(item, schema)
        items.append(known[key])
    return items


def _is_blank(value: Json) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _read(policy: BodyPolicy, media: str, text: bytes, content_type: str) -> Json:
    kind = policy.kind(media)
    if kind in ("form", "parts"):
        return _form(policy, kind, text, content_type)
    if kind in _BETWEEN:
        return _texts(text, kind)
    if kind == "json":
        return _json(text)
    if kind == "text":
        try:
            return text.decode()
        except UnicodeDecodeError:
            raise MalformedBody("it is not UTF-8") from None
    return {"size": len(text)}


def _asks_for_object(policy: BodyPolicy, media: str) -> bool:
    """Whether a body of a *media* type is one object of JSON."""
    schema = policy.schema(media)
    expected = schema.schema.get("type") if schema else None
    return expected == "object" and policy.kind(media) == "json"


_BETWEEN: Mapping[str, tuple[bytes, str]] = {
    "lines": (b"\n", "line"),
    "sequence": (b"\x1e", "record"),
}
"""What separates the JSON texts of a body, and what each of them is called."""


def _texts(text: bytes, kind: str) -> list[Json]:
    """The values of a body that has several; empty ones are left out."""
    separator, name = _BETWEEN[kind]
    before = text.partition(separator)[0] if kind == "sequence" else b""
    if before.strip():
        raise MalformedBody("a record begins with the byte 0x1e (RFC 7464)")
    values = []
    for at, line in enumerate(text.split(separator), 1 if kind == "lines" else 0):
        if line.strip():
            try:
                values.append(_json(line))
            except MalformedBody as error:
                raise MalformedBody(f"{name} {at}: {error}") from None
    return values


def _json(text: bytes) -> Json:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise MalformedBody(str(error)) from None
    if nested_deeper(text, MAX_DEPTH):
        raise MalformedBody(f"it is nested more than {MAX_DEPTH} deep")
    if _may_repeat_names(value, text):
        json.loads(text, object_pairs_hook=_once)
    return value


def _may_repeat_names(value: Json, text: bytes) -> bool:
    """Whether *text*, which *value* was read from, may have a name twice in an object."""
    if rb"\u00" not in text:
        # Written again, its strings have as many colons inside as before, and each
        # name has one behind it: a member that was dropped took at least one away.
        return orjson.dumps(value).count(b":") != text.count(b":")
    # Text inside a string can only make the second number larger.
    return _count_names(value) != len(_NAMES.findall(text))


def _count_names(value: Json) -> int:
    """How many names the objects in *value* have."""
    names, level = 0, [value]
    while level:
        objects = [node for node in level if type(node) is dict]
        lists = [node for node in level if type(node) is list]
        names += sum(map(len, objects))
        level = [*chain.from_iterable(lists)]
        level += chain.from_iterable(map(dict.values, objects))
    return names


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedBody("a name stands twice in an object")
    return members


def _form(
    policy: BodyPolicy, kind: str, text: bytes, content_type: str
) -> dict[str, Json]:
    if kind == "form":
        try:
            pairs: list[tuple[str, Json]] = list(
                parse_qsl(
                    text.decode(),
                    keep_blank_values=True,
                    errors="strict",
                    max_num_fields=MAX_PARTS,
                )
            )
        except ValueError as error:
            raise MalformedBody(str(error)) from None
    else:
        pairs = _multipart(content_type, text)
    fields: dict[str, Json] = {}
    branches = Branch()
    for name, value in pairs:
        parts = _inside(name, policy.members)
        if parts:
            try:
                put(branches, parts, value)
            except LeadsNowhere as error:
                raise MalformedBody(str(error)) from None
            continue
        plain = name.removesuffix("[]")
        schema = policy.members.get(plain, policy.members.get(name, {}))
        if main_type(schema) == "array":
            items = schema.get("items", {})
            fields.setdefault(plain, []).append(_typed(value, items))
        else:
            fields[plain if plain in policy.members else name] = _typed(value, schema)
    for name, branch in branches.items():
        fields[name] = shaped(branch, policy.members[name], _typed)
    return fields


def _inside(name: str, members: Mapping[str, Mapping[str, Json]]) -> list[str]:
    """The steps of a *name* that leads into a field: `owner[email]`, `pets[0][name]`."""
    parts = [] if name in members else parts_of(name)
    if not parts or parts[1:] == [""]:
        return []
    known = main_type(members.get(parts[0], {})) in ("object", "array")
    return parts if known else []


def _typed(value: Json, schema: Mapping[str, Json]) -> Json:
    if not isinstance(value, str):
        return value
    return coerced(value, str(main_type(schema) or "string"))


def _multipart(content_type: str, text: bytes) -> list[tuple[str, Json]]:
    """The fields of a multipart form; a file is {filename, content_type, size}."""
    try:
        parts = read_parts(content_type, text)
    except BadForm as error:
        raise MalformedBody(str(error)) from None
    return [(part.name, _value(part)) for part in parts]


def _value(part: Part) -> Json:
    if part.filename is None:
        return part.text
    return {
        "filename": part.filename,
        "content_type": part.content_type,
        "size": len(part.content),
    }
