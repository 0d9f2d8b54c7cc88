"""Documented: the replies that the OpenAPI document describes for an operation."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import orjson

from emulator.diagnostics import Location
from emulator.json_type import Json
from emulator.language.failures import ExpressionFailed
from emulator.program.media import MediaPolicy, of_status
from emulator.program.replies import ReplyPolicy
from emulator.spec.document import Document, Pointer
from emulator.values import value

PREFERENCES = ("__code", "__example", "__dynamic")
"""Parameters of a query that say which documented reply a call would like."""


class Preferences(NamedTuple):
    """What a call would like the documented reply to be."""

    code: int | None = None
    example: str | None = None
    dynamic: bool | None = None
    """It is generated whatever examples there are."""


class Described(Protocol):
    """Something that stands in a file."""

    @property
    def at(self) -> Location: ...


class Derived:
    """What is worked out of a media type when it is first needed, and then kept."""

    generator: Any = None
    """What generates values of the schema."""
    fitting: Mapping[str, Json] | None = None
    """The examples that fit the schema."""

    def __init__(self) -> None:
        self.bodies: dict[str, Constant] = {}
        """The last ones that were generated, by their seeds."""


@value
class ContentPolicy:
    """One media type of a response."""

    media: MediaPolicy
    described: str
    """The type as the document names it."""
    schema: Json
    """None: the document has none."""
    examples: Mapping[str, Json]
    """By name; the one without a name has an empty one."""

    @cached_property
    def derived(self) -> Derived:
        """What the first calls have worked out of it."""
        return Derived()


@value
class ResponsePolicy:
    """What the document says of one status, or of several."""

    name: str
    """`200`, `4XX` or `default`."""
    contents: tuple[ContentPolicy, ...]
    headers: Mapping[str, Json]
    """The schemas of its headers, by name."""
    document: Document
    pointer: Pointer

    @property
    def at(self) -> Location:
        """Where it is described: in a large document, that takes a while to find."""
        return self.document.locate(self.pointer, key=True)


@value
class DocumentedPolicy:
    """All that the document says of the replies to an operation."""

    responses: Mapping[str, ResponsePolicy]
    success: ResponsePolicy | None
    """The response to a call that nothing is wrong with; None: none is described."""
    status: int
    """The status of that response."""
    deprecated: bool = False

    def of(self, status: int) -> ResponsePolicy | None:
        """What is said of replies with this *status*."""
        return of_status(self.responses, status)


class Constant:
    """A body, or the value of a header, that is known already."""

    address = False
    tree: Json = None

    def __init__(self, made: Json, described: Described) -> None:
        self._made = made
        self._described = described
        self._bytes: bytes | None = None

    def value(self, x: Any = None, facts: Any = None) -> Json:  # noqa: ARG002
        return self._made

    def json(self, x: Any = None, facts: Any = None) -> bytes:  # noqa: ARG002
        if self._bytes is None:
            self._bytes = _dumped(self._made)
        return self._bytes

    def unusable(self, why: str, x: Any, facts: Any) -> ExpressionFailed:  # noqa: ARG002
        """What is raised where it cannot be written."""
        return ExpressionFailed(self._described.at, why)


def _dumped(made: Json) -> bytes:
    try:
        return orjson.dumps(made)
    except orjson.JSONEncodeError:  # a number of more than 64 bits
        from json import dumps

        return dumps(made, separators=(",", ":"), ensure_ascii=False).encode()


class _Chosen:
    """The condition of a reply that the document describes: it is chosen in time."""

    def value(self, x: Any) -> bool:  # noqa: ARG002
        return True


REPLIES: tuple[ReplyPolicy, ...] = (
    ReplyPolicy(status=200, headers=(), body=None, when=_Chosen()),  # type: ignore[arg-type]
)
"""The replies of an operation whose reply the document describes."""
