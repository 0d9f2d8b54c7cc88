"""Evidence: where each fact of a spec comes from, or the word `assumed`."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.json_type import Json
from emulator.spec.document import Pointer
from emulator.values import value

ASSUMED = "assumed"
FACETS = ("required", "default", "bounds")
"""What of a parameter or a field can be known less well than that there is one."""


@value
class Evidence:
    """The sources of a spec, and which part rests on which."""

    sources: Mapping[str, Mapping[str, Json]]
    default: str
    """The source of everything that is not named below."""
    paths: Mapping[str, str]
    """Dotted paths of `behavior.yaml`, each with the name of a source or `assumed`.

    What `openapi.yaml` says of an operation stands below the operation as well:
    `operations.addBook.parameters.language`, `operations.addBook.body.author.name`, and
    one of `FACETS` behind those.
    """

    otherwise: Mapping[str, Json] = {}
    """Dotted paths, and what may stand there instead; null: nothing."""

    def of(self, pointer: Pointer) -> str:
        """The source of what stands at *pointer*: that of the longest path above it."""
        for end in range(len(pointer), 0, -1):
            source = self.paths.get(".".join(map(str, pointer[:end])))
            if source is not None:
                return source
        return self.default
