"""Evidence: where each fact of a spec comes from, or the word `assumed`."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.compile.dotted import first_name, pointer_of
from emulator.compile.source import Source
from emulator.json_type import Json
from emulator.program.evidence import ASSUMED, FACETS, Evidence
from emulator.spec.document import Pointer


def compile_evidence(source: Source) -> Evidence:
    """What stands under `evidence`; every path must lead somewhere."""
    sources = source.get("evidence", "sources", default={})
    paths: dict[str, str] = {}
    for pointer, path in source.entries("evidence", ASSUMED):
        if _leads_somewhere(source, pointer, path):
            paths[path] = ASSUMED
    for at, _ in source.entries("evidence", "from"):
        source.known(at, at[-1], sources, "evidence-source")
        for pointer, path in source.entries(*at):
            if _leads_somewhere(source, pointer, path):
                paths[path] = str(at[-1])
    for pointer, _ in source.entries("evidence", "otherwise"):
        path = str(pointer[-1])
        if not source.keywords.schemas_of(pointer_of(source.behavior.data, path)):
            _leads_somewhere(source, pointer, path)
    default = source.get("evidence", "default") or next(iter(sources), ASSUMED)
    return Evidence(
        sources=sources,
        default=default,
        paths=paths,
        otherwise=source.get("evidence", "otherwise", default={}),
    )


def _leads_somewhere(source: Source, pointer: Pointer, path: str) -> bool:
    if _is_described(source, path):
        return True
    value: Json = source.behavior.data
    place: Pointer = ()
    for name in pointer_of(value, path):
        place = (*place, name)
        is_item = isinstance(value, list) and isinstance(name, int)
        if is_item or (isinstance(value, dict) and name in value):
            value = value[name]
        elif source.keywords.has_default(place):
            return True  # what is not written can be assumed as well
        else:
            source.problem(
                pointer,
                "evidence-path",
                f"{path!r} leads nowhere",
                f"there is no {name!r} at that place of behavior.yaml",
                "write a dotted path such as errors.table.locked_out.message",
            )
            return False
    return True


def _is_described(source: Source, path: str) -> bool:
    """Whether *path* leads to a parameter or a field of a body in `openapi.yaml`."""
    if not path.startswith("operations."):
        return False
    operations = source.openapi.operations
    id, rest = first_name(path.removeprefix("operations."), operations)
    part, _, named = rest.partition(".")
    document = operations.get(id)
    if document is None or part not in ("parameters", "body"):
        return False
    if not named:
        return bool(document.parameters if part == "parameters" else document.body)
    inside, _, facet = named.rpartition(".")
    names = [named, *([inside] if facet in FACETS else [])]
    if part == "parameters":
        return any(parameter.name in names for parameter in document.parameters)
    content = document.body.content.values() if document.body else ()
    return any(_has_field(schema, name) for schema in content for name in names)


def _has_field(schema: Json, path: str) -> bool:
    """Whether `author.name`, or `chapters.title` of a list, is a field of *schema*."""
    while path:
        while isinstance(schema, Mapping) and "items" in schema:
            schema = schema["items"]
        inner = schema.get("properties") if isinstance(schema, Mapping) else None
        if not isinstance(inner, Mapping):
            return False
        name, path = first_name(path, inner)
        if name not in inner:
            return False
        schema = inner[name]
    return True
