"""Formats: other ways to write a body than JSON, and when a call asks for them."""

from __future__ import annotations

from emulator.compile.source import Source
from emulator.program.formats import FormatPolicy


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
