"""Evidence: where each fact of a spec comes from, or the word `assumed`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.compile.source import Pointer, Source
from emulator.values import value

Json = Any
ASSUMED = "assumed"


@value
class Evidence:
    """The sources of a spec, and which part rests on which."""

    sources: Mapping[str, Mapping[str, Json]]
    default: str
    """The source of everything that is not named below."""
    paths: Mapping[str, str]
    """Dotted paths of `behavior.yaml`, each with the name of a source or `assumed`."""

    def of(self, pointer: Pointer) -> str:
        """The source of what stands at *pointer*: that of the longest path above it."""
        for end in range(len(pointer), 0, -1):
            found = self.paths.get(".".join(map(str, pointer[:end])))
            if found is not None:
                return found
        return self.default


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
    default = source.get("evidence", "default") or next(iter(sources), ASSUMED)
    return Evidence(sources=sources, default=default, paths=paths)


def _leads_somewhere(source: Source, pointer: Pointer, path: str) -> bool:
    value: Json = source.behavior.data
    for part in path.split("."):
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
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
