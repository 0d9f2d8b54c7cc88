"""Formats: other ways to write a body than JSON, and when a call asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.compile.source import Source
from emulator.language.templates import Template
from emulator.values import value

Json = Any


@value
class FormatPolicy:
    """One way to write every body of a provider, refusals included."""

    when: Template
    root: str
    items: Mapping[str, str]
    """Names of lists, and what their items are called."""
    content_type: str

    def written(self, tree: Json) -> bytes:
        # Few calls ask for another format, and none does at a start.
        from emulator.program.markup import xml

        return xml(tree, self.root, self.items)


def compile_formats(source: Source) -> tuple[FormatPolicy, ...]:
    """The list under `formats`, which may name what only some operations declare."""
    scope = source.scope.with_roots(query=None, body=None)
    return tuple(
        FormatPolicy(
            when=source.condition((*at, "when"), scope),
            root=written["xml"].get("root", "response"),
            items=written["xml"].get("items", {}),
            content_type=written["xml"].get(
                "content_type", "application/xml; charset=utf-8"
            ),
        )
        for at, written in source.entries("formats")
    )
