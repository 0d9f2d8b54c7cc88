"""Providers: who is imitated, where to send their calls, and what they look like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from emulator.admin.request import AdminRequest, json_reply, problem_error, program_of
from emulator.admin.schemas import (
    Schema,
    any_object,
    boolean,
    described,
    list_of,
    object_schema,
    ref,
    text,
    text_or_null,
)
from emulator.admin.table import Answer, Rows, problems
from emulator.diagnostics import SpecError, did_you_mean
from emulator.exchange.call import Reply
from emulator.json_type import Json
from emulator.pipeline import REFUSALS
from emulator.program.example import example
from emulator.program.served_document import served_document

if TYPE_CHECKING:
    from emulator.program.operation import Operation
    from emulator.program.program import Program


row = Rows("providers")


@row(
    "GET /providers",
    {200: Answer("the providers with their addresses", ref("Providers"))},
)
def list_providers(request: AdminRequest) -> Reply:
    """List the providers."""
    programs = request.dispatcher.programs.values()
    return json_reply({"providers": [_shown(request, program) for program in programs]})


@row(
    "GET /providers/{provider}",
    {200: Answer("the provider", ref("ProviderWithOperations"))},
)
def get_provider(request: AdminRequest) -> Reply:
    """Show a provider and its operations."""
    program = program_of(request)
    return json_reply(
        {
            **_shown(request, program),
            "base_path": program.base_path,
            "operations": sorted(program.operations),
            "routes": [
                {
                    "operation": operation.id,
                    "method": operation.method,
                    "path": program.base_path + operation.path,
                    "summary": operation.summary,
                    "refusals": sorted(REFUSALS.of(program, operation)),
                }
                for operation in program.operations.values()
            ],
            "start": _start(program),
            "collections": [
                {"name": name, "key": base.key} for name, base in program.bases.items()
            ],
            "webhooks": program.webhooks is not None,
        }
    )


@row(
    "GET /providers/{provider}/openapi.json",
    {200: Answer("an OpenAPI document", any_object())},
)
def get_provider_openapi(request: AdminRequest) -> Reply:
    """Show the OpenAPI document of a provider.

    The document is as its author wrote it, but with this emulator under `servers`.
    """
    program = program_of(request)
    return json_reply(served_document(program, request.base_url))


def base_url(request: AdminRequest, program: Program) -> str:
    """The base address of a provider, as the client that asks knows it."""
    return f"{request.base_url}/{program.name}{program.base_path}"


def _start(program: Program) -> str | None:
    """The operation whose call is shown to somebody who has never made one."""
    shown = example(program)
    if shown is None or not shown.path:
        return next(iter(program.operations), None)
    return next(
        operation.id
        for operation in program.operations.values()
        if (operation.method, operation.path) == (shown.method, shown.path)
    )


def _shown(request: AdminRequest, program: Program) -> Mapping[str, Json]:
    return {
        "name": program.name,
        "title": program.title,
        "hosts": list(program.hosts),
        "base_url": base_url(request, program),
        "openapi_url": f"{request.own_url}/providers/{program.name}/openapi.json",
    }


_URL = text(format="uri")
_MEMBERS: Mapping[str, Json] = {
    "name": text(),
    "title": text(),
    "hosts": list_of(text(), "the host names that lead to the provider"),
    "base_url": described(_URL, "the provider's base address"),
    "openapi_url": described(_URL, "the address of its OpenAPI document"),
}

SCHEMAS: Mapping[str, Schema] = {
    "Provider": object_schema(**_MEMBERS),
    "Providers": object_schema(providers=list_of(ref("Provider"))),
    "ProviderWithOperations": {
        "allOf": [ref("Provider")],
        "required": [
            *("base_path", "operations", "routes", "start", "collections", "webhooks")
        ],
        "properties": {
            "base_path": text("what the paths of all its operations begin with"),
            "start": text_or_null("an operation to begin with; null: there is none"),
            "collections": list_of(
                object_schema(name=text(), key=text()),
                "its collections, each with the field that is its key",
            ),
            "webhooks": boolean("whether it sends webhooks"),
            "operations": list_of(text(), "operationIds of its OpenAPI document"),
            "routes": list_of(
                object_schema(
                    operation=text(),
                    method=text(),
                    path=text(),
                    summary=text(),
                    refusals=list_of(text()),
                ),
                "where each of them is, and what it can be refused with",
            ),
        },
    },
}


@row(
    "GET /providers/{provider}/operations/{operation}",
    {
        200: Answer("what is written, by step", any_object()),
        409: problems("the provider's files are not in order any more"),
    },
)
def get_operation(request: AdminRequest) -> Reply:
    """Explain an operation: what the provider's files say of it.

    The same as `emulator explain NAME --json`.
    """
    from emulator.explanation.explain import explain

    program = program_of(request)
    operation = operation_of(program, request.names["operation"])
    try:
        return json_reply(explain(program, operation))
    except SpecError as error:
        raise problem_error(
            409,
            "files changed",
            f"the files of {program.name} cannot be read as they are now: {error}",
            fix="mend them: `emulator check` says how",
        ) from None


def operation_of(program: Program, id: str) -> Operation:
    """The operation of that id. Raises `AdminError` where there is none."""
    operation = program.operations.get(id)
    if operation is None:
        fix = did_you_mean(id[:60], program.operations)
        detail = f"{program.name} has no operation {id[:60]!r}: {fix}"
        raise problem_error(404, "no such operation", detail)
    return operation
