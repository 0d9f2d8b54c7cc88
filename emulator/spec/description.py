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
from emulator.values import value


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
    pointer: Pointer
    document: Document


@value
class RequestBody:
    required: bool
    content: dict[str, dict[str, Any]]
    """The schema of each media type; empty where none is given."""


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
    security: tuple[dict[str, tuple[str, ...]], ...]
    """Alternatives, each with the scopes of the schemes that it needs together.

    No alternative: nothing is needed. An empty one: nothing is needed either, but
    what is sent is looked at.
    """
    pointer: Pointer
    document: Document


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
    operations: dict[str, OperationDoc]
    security_schemes: dict[str, SecurityScheme]
    schemas: dict[str, dict[str, Any]]
    """Those of its components, by name."""
    tags: tuple[str, ...]
    raw: dict[str, Any]
    """The whole document as it was written."""
    ignored: Mapping[str, Diagnostic] = MappingProxyType({})
    """Parts of it that nothing comes of, by their key, with a warning for each."""

    def to_json(self) -> dict[str, Any]:
        """Everything that a checked description is used for: no places."""
        return {
            "file": self.document.file,
            "title": self.title,
            "version": self.version,
            "base_path": self.base_path,
            "further_paths": self.further_paths,
            "server_values": dict(self.server_values),
            "server_defaults": dict(self.server_defaults),
            "server_urls": self.server_urls,
            "operations": [
                _operation(operation) for operation in self.operations.values()
            ],
            "security_schemes": [
                _fields(scheme, ("name", "kind", "where", "parameter", "scheme"))
                for scheme in self.security_schemes.values()
            ],
            "tags": self.tags,
            "raw": self.raw,
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> OpenAPI:
        document = Document(kept["file"], {})
        here: dict[str, Any] = {"document": document, "pointer": ()}
        operations = {}
        for operation in kept["operations"]:
            body = operation["body"]
            operation |= here
            operation["parameters"] = tuple(
                Parameter(**p, **here) for p in operation["parameters"]
            )
            operation["body"] = body and RequestBody(**body)
            operation["security"] = tuple(
                {name: tuple(scopes) for name, scopes in alternative.items()}
                for alternative in operation["security"]
            )
            operations[operation["id"]] = OperationDoc(**operation, response_headers={})
        return cls(
            document=document,
            title=kept["title"],
            version=kept["version"],
            base_path=kept["base_path"],
            further_paths=tuple(kept["further_paths"]),
            server_values=kept["server_values"],
            server_defaults=kept["server_defaults"],
            server_urls=tuple(kept["server_urls"]),
            operations=operations,
            security_schemes={
                scheme["name"]: SecurityScheme(**scheme, **here)
                for scheme in kept["security_schemes"]
            },
            schemas={},
            tags=tuple(kept["tags"]),
            raw=kept["raw"],
        )


def _operation(operation: OperationDoc) -> dict[str, Any]:
    names = ("id", "method", "path", "summary", "security")
    fields = (
        "name",
        "where",
        "required",
        "schema",
        "style",
        "explode",
        "media_type",
        "greedy",
    )
    return {
        **_fields(operation, names),
        "parameters": [
            _fields(parameter, fields) for parameter in operation.parameters
        ],
        "body": operation.body and _fields(operation.body, ("required", "content")),
        # Of a reply, only its media types are looked at again.
        "responses": {
            status: {media: {} for media in content}
            for status, content in operation.responses.items()
        },
    }


def _fields(held: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(held, name) for name in names}
