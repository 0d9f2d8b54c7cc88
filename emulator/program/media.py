"""Media: the type that a reply has, and how its body is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

import orjson

from emulator.http.encoding import (
    Unwritable,
    bytes_body,
    event_stream,
    form_body,
    json_lines,
    json_sequence,
    text_body,
)
from emulator.json_type import Json
from emulator.language.operators import OMIT
from emulator.language.templates import Template
from emulator.values import value

_WHOLE: Mapping[str, Callable[[Json], bytes]] = {
    "text": text_body,
    "bytes": bytes_body,
    "form": form_body,
}
_STREAMS: Mapping[str, Callable[[Json], list[bytes]]] = {
    "lines": json_lines,
    "sequence": json_sequence,
    "events": event_stream,
}
ENCODINGS = ("json", "xml", *_WHOLE, *_STREAMS)
"""The ways to write a body."""
STREAMS = tuple(_STREAMS)
"""Those that write one piece for each item of a list."""


_T = TypeVar("_T")


def of_status(responses: Mapping[str, _T], status: int) -> _T | None:
    """What is said of the response with this *status* (OpenAPI 3.1, 4.8.16), or None."""
    for name in (str(status), f"{status // 100}XX", "default"):
        if name in responses:
            return responses[name]
    return None


class Written(NamedTuple):
    """A body as bytes, and of a stream how many of them each piece has."""

    body: bytes
    parts: tuple[int, ...] | None = None


@value
class MediaPolicy:
    """One media type of a reply."""

    name: str
    """What Content-Type says; empty: what the provider's other replies say."""
    encoding: str = "json"
    root: str = "response"
    """Of XML: the name of the root element."""
    items: Mapping[str, str] = {}
    """Of XML: names of lists, and what their items are called."""

    def written(self, template: Template, x: Any, facts: Mapping[str, Json]) -> Written:
        """The body that *template* gives. Raises `ExpressionFailed`."""
        if self.encoding == "json":
            return Written(template.json(x, facts))
        tree = template.value(x, facts)
        if tree is OMIT:
            return Written(b"")
        try:
            if self.encoding in _STREAMS:
                pieces = _STREAMS[self.encoding](tree)
                return Written(b"".join(pieces), tuple(map(len, pieces)))
            if self.encoding == "xml":
                # Few replies are XML, and none is at a start.
                from emulator.program.markup import xml

                return Written(xml(tree, self.root, self.items))
            return Written(_WHOLE[self.encoding](tree))
        except (Unwritable, UnicodeEncodeError, orjson.JSONEncodeError) as error:
            raise template.unusable(str(error), x, facts) from None
