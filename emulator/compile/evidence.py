"""Evidence: where each fact of a spec comes from, or the word `assumed`."""

from __future__ import annotations

from collections.abc import Mapping

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
        if not source.keywords.schemas_of(tuple(path.split("."))):
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
    for part in path.split("."):
        if isinstance(value, dict) and part in value:
            value, place = value[part], (*place, part)
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value, place = value[int(part)], (*place, int(part))
        elif isinstance(value, list) and part in value:
            value, place = part, (*place, value.index(part))  # one of a list of names
        elif source.keywords.has_default((*place, part)):
            return True  # what is not written can be assumed as well
        else:
            source.problem(
                pointer,
                "evidence-path",
                f"{path!r} leads nowhere",
                f"there is no {part!r} at that place of behavior.yaml",
                "write a dotted path such as errors.table.locked_out.message",
            )
            return False
    return True


def _is_described(source: Source, path: str) -> bool:
    """Whether *path* leads to a parameter or a field of a body in `openapi.yaml`."""
    parts = path.split(".", 3)
    if len(parts) < 3 or parts[0] != "operations":
        return False
    document = source.openapi.operations.get(parts[1])
    if document is None or parts[2] not in ("parameters", "body"):
        return False
    if len(parts) == 3:
        return bool(document.parameters if parts[2] == "parameters" else document.body)
    inside, _, facet = parts[3].rpartition(".")
    names = [parts[3], *([inside] if facet in FACETS else [])]
    if parts[2] == "parameters":
        return any(parameter.name in names for parameter in document.parameters)
    content = document.body.content.values() if document.body else ()
    return any(_has_field(part, name) for part in content for name in names)


def _has_field(schema: Json, path: str) -> bool:
    """Whether `author.name`, or `chapters.title` of a list, is a field of *schema*."""
    for name in path.split("."):
        while isinstance(schema, Mapping) and "items" in schema:
            schema = schema["items"]
        inner = schema.get("properties") if isinstance(schema, Mapping) else None
        if not isinstance(inner, Mapping) or name not in inner:
            return False
        schema = inner[name]
    return True
