"""Providers: who is imitated, where to send their calls, and what they look like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from emulator.admin.asked import Asked, answered, program_of
from emulator.admin.table import NOT_THERE, PROVIDER, Answer, Operation, ref
from emulator.exchange import Reply

if TYPE_CHECKING:
    from emulator.compile.program import Program

Json = Any


def list_providers(asked: Asked) -> Reply:
    programs = asked.board.programs.values()
    return answered({"providers": [_shown(asked, one) for one in programs]})


def get_provider(asked: Asked) -> Reply:
    program = program_of(asked)
    operations = sorted(program.operations)
    return answered({**_shown(asked, program), "operations": operations})


def get_provider_openapi(asked: Asked) -> Reply:
    program = program_of(asked)
    servers = [{"url": base_url(asked, program)}]
    return answered({**program.openapi, "servers": servers})


def base_url(asked: Asked, program: Program) -> str:
    """Where the calls of a provider go, as who asks knows the address."""
    return f"{asked.base_url}/{program.name}{program.base_path}"


def _shown(asked: Asked, program: Program) -> Mapping[str, Json]:
    return {
        "name": program.name,
        "title": program.title,
        "hosts": list(program.hosts),
        "base_url": base_url(asked, program),
        "openapi_url": f"{asked.own_url}/providers/{program.name}/openapi.json",
    }


_URL: Json = {"type": "string", "format": "uri"}
_MEMBERS: Json = {
    "name": {"type": "string"},
    "title": {"type": "string"},
    "hosts": {
        "description": "the names that lead to it in a Host header",
        "type": "array",
        "items": {"type": "string"},
    },
    "base_url": {**_URL, "description": "where its calls go"},
    "openapi_url": {**_URL, "description": "where its OpenAPI document is"},
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
        "required": ["operations"],
        "properties": {
            "operations": {
                "description": "operationIds of its OpenAPI document",
                "type": "array",
                "items": {"type": "string"},
            }
        },
    },
}

OPERATIONS = (
    Operation(
        method="GET",
        path="/providers",
        id="listProviders",
        summary="All providers",
        tag="providers",
        replies={200: Answer("each, with its addresses", ref("Providers"))},
        handler=list_providers,
    ),
    Operation(
        method="GET",
        path="/providers/{provider}",
        id="getProvider",
        summary="One provider and its operations",
        tag="providers",
        parameters=(PROVIDER,),
        replies={
            200: Answer("the provider", ref("ProviderWithOperations")),
            404: NOT_THERE,
        },
        handler=get_provider,
    ),
    Operation(
        method="GET",
        path="/providers/{provider}/openapi.json",
        id="getProviderOpenapi",
        summary="The OpenAPI document of a provider",
        tag="providers",
        description="As its author wrote it, with this emulator as its server.",
        parameters=(PROVIDER,),
        replies={
            200: Answer("an OpenAPI document", {"type": "object"}),
            404: NOT_THERE,
        },
        handler=get_provider_openapi,
    ),
)
