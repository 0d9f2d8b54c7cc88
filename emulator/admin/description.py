"""Description: the table as an OpenAPI 3.1 document."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from emulator.admin.schemas import Schema, text
from emulator.admin.table import PLAIN, Answer, Operation, Parameter, problems
from emulator.json_type import Json
from emulator.version import __version__

_ALWAYS: Mapping[int, tuple[str, str]] = {
    400: ("Malformed", "the request cannot be read"),
    401: ("TokenNeeded", "the admin token is missing or wrong"),
    403: ("ForeignOrigin", "the request comes from another site's page"),
    413: ("TooLarge", "the body is too long"),
    415: ("UnsupportedMediaType", "the type of the body is not accepted"),
    421: ("UnknownHost", "the server does not answer to this host name"),
    422: ("Invalid", "the query or the body does not match this description"),
    500: ("Bug", "a bug of the emulator"),
}
"""What the table does not say, by status: its name in the components, and when."""


def described(
    operations: Sequence[Operation], schemas: Mapping[str, Schema], url: str
) -> Json:
    """The document of all operations, which stand at *url*."""
    paths: dict[str, Json] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(
            operation
        )
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "The emulator's own addresses",
            "version": __version__,
            "description": "Worlds, their clocks, records, faults and journals.",
        },
        "servers": [{"url": url}],
        "tags": [{"name": tag} for tag in _tags(operations)],
        "paths": paths,
        "components": {
            "schemas": {
                name: _for_generators(schema) for name, schema in schemas.items()
            },
            "responses": {
                name: _reply(problems(says), _headers(status))
                for status, (name, says) in _ALWAYS.items()
            },
            "securitySchemes": {
                "AdminToken": {
                    "description": "Needed where --admin-token was given, and where"
                    " others than this machine can reach the server.",
                    "type": "http",
                    "scheme": "bearer",
                }
            },
        },
    }


def _for_generators(schema: Json) -> Json:
    """*schema* as generators of typed clients take it for what it says.

    openapi-typescript has an object of no stated members be empty, and asks for every
    member that has a default.
    """
    if isinstance(schema, list):
        return [_for_generators(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: _for_generators(subschema) for name, subschema in schema.items()}
    if made.get("type") == "object" and "properties" not in made:
        made.setdefault("additionalProperties", True)
    if "default" in made and "type" in made:
        usual = json.dumps(made.pop("default"))
        made["description"] = f"{made.get('description', '')} `{usual}` by default."
    return made


def _tags(operations: Iterable[Operation]) -> list[str]:
    return [*dict.fromkeys(operation.tag for operation in operations)]


def _operation(operation: Operation) -> Json:
    made: dict[str, Json] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [operation.tag],
        "security": [{}, {"AdminToken": []}] if operation.needs_token else [],
    }
    if operation.description:
        made["description"] = operation.description
    if operation.parameters:
        made["parameters"] = [_parameter(each) for each in operation.parameters]
    if operation.body is not None:
        made["requestBody"] = {
            "required": operation.body.required,
            "content": {
                media: {"schema": operation.body.schema}
                for media in operation.body.media
            },
        }
        if operation.body.description:
            made["requestBody"]["description"] = operation.body.description
    replies = {status: _reply(answer) for status, answer in operation.replies.items()}
    for status in _besides(operation):
        name, _ = _ALWAYS[status]
        replies.setdefault(status, {"$ref": f"#/components/responses/{name}"})
    made["responses"] = {str(status): replies[status] for status in sorted(replies)}
    return made


def _besides(operation: Operation) -> Iterable[int]:
    """The statuses that an operation can have without saying so."""
    yield from (400, 403, 421, 422, 500)
    if operation.needs_token:
        yield 401
    if operation.body is not None:
        yield from (413, 415)


def _parameter(parameter: Parameter) -> Json:
    return {
        "name": parameter.name,
        "in": parameter.where,
        "required": parameter.required,
        "schema": parameter.schema,
        **({"description": parameter.description} if parameter.description else {}),
    }


def _reply(answer: Answer, headers: Mapping[str, str] | None = None) -> Json:
    made: dict[str, Json] = {"description": answer.description}
    if answer.schema is not None:
        made["content"] = {
            media: {"schema": text() if media == PLAIN else answer.schema}
            for media in answer.media
        }
    if headers:
        made["headers"] = {
            name: {"description": says, "schema": {"type": "string"}}
            for name, says in headers.items()
        }
    return made


def _headers(status: int) -> Mapping[str, str] | None:
    return {
        401: {"WWW-Authenticate": "how to prove who asks (RFC 6750)"},
        415: {"Accept": "the types that are taken"},
    }.get(status)
