"""Providers: who is imitated, where to send their calls, and what they look like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from emulator.admin.request import AdminRequest, json_reply, program_of
from emulator.admin.table import TEXT, Answer, object_schema, ref, rows
from emulator.exchange.call import Reply
from emulator.program.served_document import served_document

if TYPE_CHECKING:
    from emulator.program.program import Program

Json = Any


def list_providers(request: AdminRequest) -> Reply:
    programs = request.dispatcher.programs.values()
    return json_reply({"providers": [_shown(request, program) for program in programs]})


def get_provider(request: AdminRequest) -> Reply:
    program = program_of(request)
    operations = sorted(program.operations)
    routes = [
        {
            "operation": operation.id,
            "method": operation.method,
            "path": program.base_path + operation.path,
            "summary": operation.summary,
        }
        for operation in program.operations.values()
    ]
    shown = {**_shown(request, program), "operations": operations, "routes": routes}
    return json_reply(shown)


def get_provider_openapi(request: AdminRequest) -> Reply:
    program = program_of(request)
    return json_reply(served_document(program, request.base_url))


def base_url(request: AdminRequest, program: Program) -> str:
    """Where the calls of a provider go, as who asks knows the address."""
    return f"{request.base_url}/{program.name}{program.base_path}"


def _shown(request: AdminRequest, program: Program) -> Mapping[str, Json]:
    return {
        "name": program.name,
        "title": program.title,
        "hosts": list(program.hosts),
        "base_url": base_url(request, program),
        "openapi_url": f"{request.own_url}/providers/{program.name}/openapi.json",
    }


_URL: Json = {"type": "string", "format": "uri"}
_MEMBERS: Json = {
    "name": {"type": "string"},
    "title": {"type": "string"},
    "hosts": {
        "description": "the host names that lead to the provider",
        "type": "array",
        "items": {"type": "string"},
    },
    "base_url": {**_URL, "description": "the provider's base address"},
    "openapi_url": {**_URL, "description": "the address of its OpenAPI document"},
}

SCHEMAS: Mapping[str, Json] = {
    "Provider": {
        "type": "object",
        "required": [*_MEMBERS],
        "properties": _MEMBERS,
    },
    "Providers": {
        "type": "object",
        "required": ["providers"],
        "properties": {"providers": {"type": "array", "items": ref("Provider")}},
    },
    "ProviderWithOperations": {
        "allOf": [ref("Provider")],
        "required": ["operations", "routes"],
        "properties": {
            "operations": {
                "description": "operationIds of its OpenAPI document",
                "type": "array",
                "items": {"type": "string"},
            },
            "routes": {
                "description": "where each of them is",
                "type": "array",
                "items": object_schema(
                    operation=TEXT, method=TEXT, path=TEXT, summary=TEXT
                ),
            },
        },
    },
}

row = rows("providers")

OPERATIONS = (
    row(
        "GET /providers",
        list_providers,
        "List the providers",
        {200: Answer("the providers with their addresses", ref("Providers"))},
    ),
    row(
        "GET /providers/{provider}",
        get_provider,
        "Show a provider and its operations",
        {200: Answer("the provider", ref("ProviderWithOperations"))},
    ),
    row(
        "GET /providers/{provider}/openapi.json",
        get_provider_openapi,
        "Show the OpenAPI document of a provider",
        {200: Answer("an OpenAPI document", {"type": "object"})},
        description=(
            "The document is as its author wrote it, but with this emulator"
            " under `servers`."
        ),
    ),
)
