"""Description: what an OpenAPI document says of a provider, as plain values.

`spec.openapi` reads one from a document. What it read can be kept as JSON, so that the
next start reads no document.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from emulator.diagnostics import Diagnostic
from emulator.spec.document import Document, Pointer
from emulator.values import Partly, value


@value
class Parameter:
    """One value that a call carries outside its body."""

    name: str
    where: str
    """`path`, `query`, `header` or `cookie`."""
    required: bool
    schema: dict[str, Any]
    style: str
    explode: bool
    media_type: str | None = None
    """How the value is written where it has a `content` and no style."""
    greedy: bool = False
    """Of the path: it is as many segments as there are."""
    description: str = ""
    pointer: Pointer
    document: Document


@value
class RequestBody:
    required: bool
    content: dict[str, dict[str, Any]]
    """The schema of each media type; empty where none is given."""


@value
class EventDoc:
    """A call that the provider makes: of a webhook, or of a callback of an operation."""

    name: str
    address: str
    """Of a callback: where to, with runtime expressions (OpenAPI 3.1, 4.8.20.4)."""
    method: str
    content: dict[str, dict[str, Any]]
    """The schema of each media type."""
    examples: dict[str, dict[str, Any]]
    """Media type, name of the example, value."""
    pointer: Pointer
    document: Document


@value
class OperationDoc:
    """One method on one path."""

    id: str
    method: str
    path: str
    summary: str
    parameters: tuple[Parameter, ...]
    body: RequestBody | None
    responses: dict[str, dict[str, dict[str, Any]]]
    """Status (`200`, `4XX`, `default`), media type, schema."""
    response_headers: dict[str, dict[str, dict[str, Any]]]
    """Status, name of the header, schema."""
    examples: Mapping[str, dict[str, dict[str, Any]]]
    """Status, media type, name of the example (empty: it has none), value."""
    callbacks: tuple[EventDoc, ...]
    security: tuple[dict[str, tuple[str, ...]], ...]
    """Alternatives, each with the scopes of the schemes that it needs together.

    No alternative: nothing is needed. An empty one: nothing is needed either, but
    what is sent is looked at.
    """
    pointer: Pointer
    document: Document


class OperationRead(Partly, OperationDoc):
    """An operation whose parts are read when they are first used."""


TALKS = frozenset(
    {"negotiate", "mutual", "hoba", "scram-sha-1", "scram-sha-256", "ntlm"}
)
"""Schemes of HTTP that are a conversation, and not a credential in a header."""


@value
class SecurityScheme:
    name: str
    kind: str
    where: str | None = None
    """Of an apiKey: `query`, `header` or `cookie`."""
    parameter: str | None = None
    """Of an apiKey: the name of that header, cookie or parameter."""
    scheme: str | None = None
    """Of http, in lower case: `basic`, `bearer`, ..."""
    pointer: Pointer
    document: Document


@value
class OpenAPI:
    """What a provider's API looks like."""

    document: Document
    title: str
    version: str
    base_path: str
    """The path of the first server, without a final slash."""
    further_paths: tuple[str, ...] = ()
    """Those of the other servers, and of the other values of their variables."""
    server_values: Mapping[str, Mapping[str, str]] = MappingProxyType({})
    """What the variables of servers are, by the path that a server then has."""
    server_defaults: Mapping[str, str] = MappingProxyType({})
    """The defaults of all variables of servers."""
    server_urls: tuple[str, ...]
    operations: Mapping[str, OperationDoc]
    """Each is read when it is asked for: going through all of them takes its time."""
    security_schemes: dict[str, SecurityScheme]
    schemas: Mapping[str, dict[str, Any]]
    """Those of its components, by name; each is read when it is asked for."""
    tags: tuple[str, ...]
    raw: dict[str, Any]
    """The whole document as it was written."""
    webhooks: Mapping[str, EventDoc] = MappingProxyType({})
    """Each is read when it is asked for."""
    calling: tuple[str, ...] = ()
    """The operations that have callbacks."""
    unsound: int = 0
    """How many parts of it are ignored since they are not sound."""
    ignored: Mapping[str, Diagnostic] = MappingProxyType({})
    """Parts of it that nothing comes of, by their key, with a warning for each."""
