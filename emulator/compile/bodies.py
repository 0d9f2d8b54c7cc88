"""Bodies: the request bodies of an operation: media types, schemas and defaults."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from emulator.compile.source import Source
from emulator.http.media_types import LINES, is_xml, media_type
from emulator.json_type import Json
from emulator.program.bodies import (
    FILE,
    FORMS,
    BodyPolicy,
    inner_schema,
    kind_of,
    plain,
)
from emulator.program.defaults import may_be_filled
from emulator.program.schemas import Schema, properties_of
from emulator.world.files import MOST as MOST_OF_FILES

_NEED_A_BODY = {
    "input": "there is nothing that an input could stand in",
    "max_body": "what nobody reads has no longest form",
    "read_as": "there is nothing to read",
}
"""Keys of an operation that say something of its body, and why they need one."""


def _with_files(schema: Mapping[str, Json]) -> Mapping[str, Json]:
    """*schema* with bytes as `program.reading` reads them: facts about them.

    OpenAPI 3.0 calls them a text of the format `binary`; 3.1 leaves the type out.
    """
    if schema.get("format") == "binary":
        return {"type": "object", FILE: True}
    changed = dict(schema)
    if "items" in schema and isinstance(schema["items"], Mapping):
        changed["items"] = _with_files(schema["items"])
    if isinstance(schema.get("properties"), Mapping):
        changed["properties"] = {
            name: _with_files(member) if isinstance(member, Mapping) else member
            for name, member in schema["properties"].items()
        }
    return changed


def compile_body(source: Source, id: str, most: int | None) -> BodyPolicy | None:
    """The request body of the operation *id*, or None when it takes none.

    *most* is the longest one of operations that do not say.
    """
    document = source.openapi.operations[id].body
    if document is None:
        for key, why in _NEED_A_BODY.items():
            if source.get("operations", id, key) is not None:
                source.problem(
                    ("operations", id, key),
                    "unread-body",
                    f"the operation {id!r} takes no body",
                    why,
                    "remove it, or give the operation a requestBody in openapi.yaml",
                    key=True,
                )
        return None
    own = source.size("operations", id, "max_body")
    update = source.get("operations", id, "update")
    wrapper = wrapper_of(source, id)
    _check_read_as(source, id, document.content)
    members: dict[str, Mapping[str, Json]] = {}
    for schema in document.content.values():
        members.update(properties_of(inner_schema(schema, ()) or {}))
    properties = members
    if wrapper:
        _check_wrapper(source, id, wrapper, document.content)
        properties = dict(fields_of_inputs(source, id))
    return BodyPolicy(
        required=document.required,
        schemas={
            media: Schema(_of_patch(update, media, _as_read(source, id, media, schema)))
            for media, schema in _by_type(document.content)
        },
        read_as=_read_as(source, id),
        members=members,
        properties=properties,
        wrapper=wrapper,
        defaults=dict(_defaults(properties, document.content.values())),
        partial=update is not None and not update.get("whole"),
        most=_most(source, id, most if own is None else own),
        says_too_large="413" in source.openapi.operations[id].responses,
    )


def _defaults(
    properties: Mapping[str, Json], contents: Iterable[Json]
) -> Iterator[tuple[str, Json]]:
    """The defaults of members."""
    named = [each.get("$defs", {}) for each in contents if each] or [{}]
    for name, schema in properties.items():
        if isinstance(schema, Mapping) and all(
            may_be_filled(schema, each) for each in named
        ):
            yield name, schema["default"]


def _most(source: Source, id: str, written: int | None) -> int | None:
    """The longest body that is taken; of a file, no more than a world can keep."""
    keeps_files = any(
        source.get("collections", source.get(*action, "collection"), "files")
        for kind in ("create", "update")
        if source.get(*(action := ("operations", id, kind))) is not None
    )
    if not keeps_files or written is None or written <= MOST_OF_FILES:
        return written
    own = ("operations", id, "max_body")
    if source.get(*own) is not None:
        source.problem(
            own,
            "wrong-form",
            f"{source.get(*own)!r} is more than a world keeps of files",
            f"a world keeps {MOST_OF_FILES // 2**20} MiB of them, so no file of that"
            " size could ever be uploaded",
            f"write {MOST_OF_FILES // 2**20}MiB, or less",
        )
    return MOST_OF_FILES


def _by_type(
    content: Mapping[str, Mapping[str, Json]],
) -> Iterator[tuple[str, Mapping[str, Json]]]:
    """The schemas by media type: that of any type is also that of JSON, which is read."""
    named = {media_type(media): schema for media, schema in content.items()}
    wide = named.get("application/*", named.get("*/*"))
    if wide is not None and _JSON not in named:
        yield _JSON, wide
    yield from named.items()


_JSON = "application/json"


def _of_patch(update: Json, media: str, schema: Json) -> Mapping[str, Json]:
    """*schema*, unless it is that of an object where the body is a JSON Patch: a list."""
    patch = update.get("patch") if isinstance(update, Mapping) else None
    way = patch.get(media) if isinstance(patch, Mapping) else patch
    known: Mapping[str, Json] = schema
    if way != "json":
        return known
    kinds = (plain(known, known.get("$defs", {})) or {}).get("type", "array")
    return known if "array" in ([kinds] if isinstance(kinds, str) else kinds) else {}


def fields_of_inputs(source: Source, id: str) -> Iterator[tuple[str, Json]]:
    """The fields that the input of the operation *id* may have, and their schemas."""
    document = source.openapi.operations.get(id)
    if document is None or document.body is None:
        return
    wrapper = wrapper_of(source, id, quietly=True)
    for schema in document.body.content.values():
        yield from properties_of(inner_schema(schema, wrapper) or {}).items()


def fields_of_each_input(source: Source, id: str) -> Iterator[str]:
    """Those of them that no input can lack, or that may depend on what else it has."""
    document = source.openapi.operations[id]
    content = document.body.content if document.body else {}
    wrapper = wrapper_of(source, id, quietly=True)
    schemas = [inner_schema(schema, wrapper) or {} for schema in content.values()]
    for name, described in fields_of_inputs(source, id):
        has_default = isinstance(described, Mapping) and "default" in described
        if has_default or all(
            name in (schema.get("required") or ())
            or name not in properties_of(schema)
            or not _DEPENDING.isdisjoint(schema)
            for schema in schemas
        ):
            yield name


_DEPENDING = {"allOf", "anyOf", "oneOf", "if", "not", "dependentRequired"}
"""Keywords by which a field may be required though `required` does not name it."""


def wrapper_of(source: Source, id: str, *, quietly: bool = False) -> tuple[str, ...]:
    """The members of the body that lead to the input: `body.product` -> ("product",)."""
    written = source.get("operations", id, "input")
    if written is None:
        return ()
    names = _member_names(str(written))
    if not names and not quietly:
        source.problem(
            ("operations", id, "input"),
            "wrong-form",
            f"`input` is {written!r}",
            "it names the member of the body that the input stands in",
            "write `body.` and the name of that member, such as `body.product`",
        )
    return names


def _member_names(text: str) -> tuple[str, ...]:
    """`body.data.attributes` -> ("data", "attributes"); nothing for what is no member."""
    try:
        node = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return ()
    names: list[str] = []
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute):
            names.append(node.attr)
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            if not isinstance(node.slice.value, str):
                return ()
            names.append(node.slice.value)
        else:
            return ()
        node = node.value
    return tuple(reversed(names)) if node.id == "body" else ()


def _check_wrapper(
    source: Source,
    id: str,
    wrapper: tuple[str, ...],
    content: Mapping[str, Mapping[str, Json]],
) -> None:
    """Report a wrapper that a body of one of the media types never has."""
    for media, schema in content.items():
        for deep, name in enumerate(wrapper):
            around = inner_schema(schema, wrapper[:deep]) or {}
            if name in properties_of(around):
                continue
            known = ", ".join(properties_of(around)) or "none"
            source.problem(
                ("operations", id, "input"),
                "unknown-field",
                f"a body of the type {media} has no member {'.'.join(wrapper[: deep + 1])!r}",
                f"its schema in openapi.yaml names these: {known}",
                f"name one of them, or add {name!r} to the schema",
            )
            return


def _as_read(
    source: Source, id: str, media: str, schema: Mapping[str, Json]
) -> Mapping[str, Json]:
    """*schema* as it judges what is read of a body: lines are a list of what it says."""
    kind = _read_as(source, id).get(media) or kind_of(media)
    if kind in ("lines", "sequence") and schema.get("type") != "array":
        named = {"$defs": schema["$defs"]} if "$defs" in schema else {}
        return {"type": "array", "items": schema, **named}
    if "json" in media or kind == "json":
        return schema
    schema = _with_files(schema)
    return {} if _is_unread(media, kind, schema) else schema


def _is_unread(media: str, kind: str, schema: Mapping[str, Json]) -> bool:
    """Whether *schema* is about a structure that is not read: of XML, and of what only the
    size is known of. It would refuse every body."""
    if kind == "text":
        return is_xml(media) or "string" not in schema.get("type", "string")
    return not kind and FILE not in schema


def _read_as(source: Source, id: str) -> dict[str, str]:
    """How bodies of media types are read in the operation *id*, by lower-case type."""
    read_as: dict[str, str] = {}
    for pointer in (("http",), ("operations", id)):
        written = source.get(*pointer, "read_as", default={})
        if isinstance(written, str):
            written = {"*/*": written}
        read_as |= {media_type(media): kind for media, kind in written.items()}
    return read_as


def _check_read_as(
    source: Source, id: str, content: Mapping[str, Mapping[str, Json]]
) -> None:
    """Report a way of reading that no body of the operation is read in."""
    written = source.get("operations", id, "read_as")
    if written is None:
        return
    taken = {media_type(media) for media in content}
    ways = {"*/*": written} if isinstance(written, str) else written
    for media, kind in ways.items():
        wide = {"*/*", media_type(media).partition("/")[0] + "/*"}
        if media_type(media) in taken or taken & wide or kind in map(kind_of, taken):
            continue
        whole = isinstance(written, str)
        source.problem(
            ("operations", id, "read_as")
            if whole
            else ("operations", id, "read_as", media),
            "unread-body",
            f"no body of the operation {id!r} is {kind}",
            f"the requestBody in openapi.yaml takes {', '.join(sorted(taken)) or 'nothing'}",
            f"add a content of that kind there, such as {_EXAMPLES[kind]}, or name a type that is taken",
            key=not whole,
        )


_EXAMPLES = {
    "json": "application/json",
    "form": FORMS[0],
    "text": "text/plain",
    "lines": LINES[0],
    "sequence": "application/json-seq",
}
"""A media type of each kind."""
