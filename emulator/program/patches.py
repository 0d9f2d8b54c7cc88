"""Patches: how the body of an update changes its record."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.program.schemas import Schema
from emulator.values import value

FIELDS, MERGE, JSON = "fields", "merge", "json"
WAYS = (FIELDS, MERGE, JSON)


@value
class PatchPolicy:
    """How the body of an update changes its record."""

    every: str
    """The way of all media types that are not named, one of `WAYS`."""
    by_media: Mapping[str, str]
    """The way of each media type that is named, in lower case."""
    schema: Schema | None
    """What the record must satisfy afterwards; None: nothing is said."""

    def way(self, media: str) -> str:
        """How a body of this media type changes the record."""
        return self.by_media.get(media, self.every)

    @property
    def ways(self) -> frozenset[str]:
        return frozenset({self.every, *self.by_media.values()})
