"""Bodies: what an operation takes as a request body."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from emulator.http.media_types import media_type
from emulator.program.http_policy import HttpPolicy
from emulator.program.schemas import Schema
from emulator.values import value

Json = Any
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@value
class BodyPolicy:
    """What an operation takes as a request body."""

    required: bool
    schemas: Mapping[str, Schema]
    """By media type, in lower case; `*/*` and `application/*` match as HTTP says."""
    properties: Mapping[str, Mapping[str, Json]]
    """The fields of the input, over all media types."""
    defaults: Mapping[str, Json]
    partial: bool = False
    """It changes a record: what it does not have stays as it is."""
    most: int | None = None
    """The longest body that the provider takes, in bytes; None: nobody says."""
    says_too_large: bool = False
    """The OpenAPI document gives the operation a 413."""

    @cached_property
    def order(self) -> Mapping[str, int]:
        """The place of each field among the others."""
        return {name: at for at, name in enumerate(self.properties)}

    @cached_property
    def unsent(self) -> Mapping[str, Json]:
        """What a whole record has of each field that is not sent: its default, or null."""
        return {**dict.fromkeys(self.properties), **self.defaults}

    def schema(self, media: str) -> Schema | None:
        """The schema for a media type, or None when it is not taken."""
        schema = self.schemas.get(media)
        if schema is not None:
            return schema
        family = media.partition("/")[0] + "/*"
        return self.schemas.get(family) or self.schemas.get("*/*")

    def media_type(
        self, content_type: str, *, empty: bool, http: HttpPolicy
    ) -> tuple[str, bool]:
        """The media type of a body, in lower case, and whether it is taken.

        A body that may be missing, and is, needs no type.
        """
        media = media_type(content_type)
        if empty and not content_type and not self.required:
            return media, True
        if empty and not content_type and http.no_body == "empty":
            return next(iter(self.schemas), ""), True  # an empty one of those
        return media, self.schema(media) is not None


FILE = "x-file"
"""The keyword of a schema that stands for an uploaded file; nothing is checked by it."""
