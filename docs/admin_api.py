"""Admin API: the page of its reference, from the table that it is answered by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any

from emulator.admin.admin import Admin
from emulator.admin.table import Operation

Json = Any
Rows = Iterable[tuple[str, ...]]

_USES = {
    "isolate-parallel-tests": "worlds",
    "move-time": "clocks",
    "watch-and-verify-calls": "journals",
    "replay-a-failure": "snapshots and forks",
    "receive-webhooks": "webhooks",
}


def page() -> Iterator[str]:
    admin = Admin(SimpleNamespace(programs={}))
    yield from (
        "# Admin API",
        "",
        "<!-- Made by docs/generate.py: do not edit. -->",
        "",
        "The emulator's own addresses.",
        "`GET /_emulator/openapi.json` describes them for programs.",
        "Errors are problem documents (RFC 9457).",
        "A 422 has `errors`, each with a `pointer` into the body or the `parameter` of the query.",
        "Unknown members and parameters are errors; those in bold are required.",
        "If the server has an admin token, every address except health, readiness and version needs it.",
        "Send it as `Authorization: Bearer <token>`.",
        "",
        "These guides show the API in use:",
        "",
        *(f"- [{title}](../how-to/{name}.md)" for name, title in _USES.items()),
        "",
    )
    yield from _overview(admin.operations)
    tag = ""
    for operation in admin.operations:
        if operation.tag != tag:
            tag = operation.tag
            yield from (f"## Requests: {tag}", "")
        yield from _operation(operation)
    yield from ("## Schemas", "")
    for name, schema in sorted(admin.schemas.items()):
        yield from (f"### {name}", "")
        said = schema.get("description")
        yield from (said, "") if said else ()
        rows = [*_members(schema)]
        yield from (
            _table(("member", "type", "meaning"), rows)
            if rows
            else (
                _type(schema),
                "",
            )
        )


def _overview(operations: Iterable[Operation]) -> Iterator[str]:
    rows = [
        (
            operation.tag,
            f"`{operation.method} {operation.path}`",
            f"[{operation.summary}](#{operation.id.lower()})",
        )
        for operation in operations
    ]
    shown = [
        ("" if at and rows[at - 1][0] == tag else tag, *rest)
        for at, (tag, *rest) in enumerate(rows)
    ]
    yield "All addresses begin with `/_emulator`."
    yield ""
    yield from _table(("about", "request", "what it does"), shown)


def _operation(one: Operation) -> Iterator[str]:
    yield from (f"### {one.id}", "", f"`{one.method} /_emulator{one.path}`", "")
    yield from (
        (f"{one.summary}.", one.description, "")
        if one.description
        else (
            f"{one.summary}.",
            "",
        )
    )
    rows = [
        (
            f"**{each.name}**" if each.required else each.name,
            each.where,
            _type(each.schema),
            each.description,
        )
        for each in one.parameters
    ]
    if rows:
        yield from _table(("parameter", "in", "type", "meaning"), rows)
    if one.body is not None:
        needed = "" if one.body.required else ", which may be left out"
        media = " or ".join(f"`{each}`" for each in one.body.media)
        yield from (f"Body: {_type(one.body.schema)} as {media}{needed}.", "")
    yield from _table(
        ("status", "body", "meaning"),
        [
            (str(status), _type(answer.schema) if answer.schema else "", text)
            for status, answer in sorted(one.replies.items())
            for text in [answer.description]
        ],
    )


def _members(schema: Mapping[str, Json], above: str = "") -> Iterator[tuple[str, ...]]:
    """The members of an object, and those of the objects in it: `clock.set`."""
    required = schema.get("required", ())
    for name, one in schema.get("properties", {}).items():
        path = f"{above}{name}"
        said = one.get("description", "")
        if "default" in one:
            said = f"{said} By default `{_word(one['default'])}`.".lstrip()
        yield (f"**{path}**" if name in required else path), _type(one), said
        yield from _members(*_inside(one, path))


def _inside(schema: Mapping[str, Json], path: str) -> tuple[Mapping[str, Json], str]:
    """The object that a member holds, or that is in its list or under its names."""
    items = schema.get("items", {})
    named = schema.get("additionalProperties")
    if "properties" in items:
        return items, f"{path}[]."
    if isinstance(named, dict) and "properties" in named:
        return named, f"{path}.\\*."
    return schema, f"{path}."


def _type(schema: Mapping[str, Json]) -> str:
    """How a value looks: `[World](#world)`, `text`, `` `a` or `b` ``, `list of text`."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "enum" in schema:
        return " or ".join(f"`{_word(one)}`" for one in schema["enum"])
    if "const" in schema:
        return f"`{_word(schema['const'])}`"
    for key, word in (("oneOf", " or "), ("anyOf", " or "), ("allOf", " and ")):
        if key in schema:
            return word.join(dict.fromkeys(map(_type, schema[key])))
    kinds = schema.get("type", "anything")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return " or ".join(_named(kind, schema) for kind in kinds)


def _named(kind: str, schema: Mapping[str, Json]) -> str:
    if kind == "array" and "items" in schema:
        return f"list of {_type(schema['items'])}"
    named = schema.get("additionalProperties")
    if kind == "object" and isinstance(named, dict) and "properties" not in schema:
        return f"object of {_type(named)} by name"
    return _WORDS.get(kind, kind)


def _word(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


_WORDS = {
    "array": "list",
    "boolean": "`true` or `false`",
    "integer": "whole number",
    "object": "object",
    "string": "text",
}


def _table(head: tuple[str, ...], rows: Rows) -> Iterator[str]:
    for row in (head, tuple("---" for _ in head), *rows):
        yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |"
    yield ""
