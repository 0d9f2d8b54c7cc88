"""Formats: other ways to write a body than JSON."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.json_type import Json
from emulator.language.templates import Template
from emulator.values import value


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
