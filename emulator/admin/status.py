"""Status: whether the emulator lives, whether it is ready, and what it is."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.admin.request import AdminRequest, json_reply
from emulator.admin.schemas import (
    Schema,
    input_schema,
    integer,
    list_of,
    object_schema,
    ref,
    text,
)
from emulator.admin.table import Answer, Rows, problems
from emulator.exchange.call import Reply
from emulator.exchange.problems import problem
from emulator.version import __version__

PEM = "application/pem-certificate-chain"
"""RFC 8555, 9.1."""


row = Rows("status")


@row("GET /health", {200: Answer("alive", ref("Health"))}, needs_token=False)
def get_health(request: AdminRequest) -> Reply:  # noqa: ARG001
    """Check that the process is alive."""
    return json_reply({"status": "ok"})


@row(
    "GET /ready",
    {200: Answer("ready", ref("Ready")), 503: problems("not ready")},
    needs_token=False,
)
def get_ready(request: AdminRequest) -> Reply:
    """Check that the server answers calls."""
    if request.admin.ready:
        return json_reply({"status": "ready"})
    return problem(503, "not ready", "the server has not finished starting")


@row(
    "GET /version", {200: Answer("name and version", ref("Version"))}, needs_token=False
)
def get_version(request: AdminRequest) -> Reply:  # noqa: ARG001
    """Show name and version."""
    return json_reply({"name": "provider-emulator", "version": __version__})


@row(
    "GET /ca.pem",
    {200: Answer("a certificate in PEM", text(), (PEM,)), 404: problems("no CA")},
    needs_token=False,
)
def get_ca(request: AdminRequest) -> Reply:
    """Show the CA's certificate, for clients to trust.

    Where the server speaks TLS with certificates of its own (`serve --tls`). Needs no
    token: a certificate is no secret.
    """
    pem = request.admin.ca
    if not pem:
        return problem(
            404,
            "no CA",
            "this server has no certificates of a CA of its own",
            fix="start it with --tls, and without --tls-cert",
        )
    return Reply(200, [("Content-Type", PEM)], pem.encode())


@row("GET /openapi.json", {200: Answer("an OpenAPI 3.1 document", ref("OpenAPI"))})
def get_openapi(request: AdminRequest) -> Reply:
    """Show this description."""
    return json_reply(request.admin.document(request.own_url))


SCHEMAS: Mapping[str, Schema] = {
    "Health": input_schema(required="status", status=text(enum=["ok"])),
    "Ready": input_schema(required="status", status=text(enum=["ready"])),
    "Version": input_schema(required="name version", name=text(), version=text()),
    "OpenAPI": {"type": "object", "required": ["openapi", "info", "paths"]},
    "Problem": object_schema(
        "An error (RFC 9457).",
        required="type title status detail",
        type=text(format="uri-reference"),
        title=text(),
        status=integer(minimum=400, maximum=599),
        detail=text(),
        fix=text("How to fix it."),
        where=text("The place in the emulator's code."),
        errors=list_of(ref("Error")),
    ),
    "Error": object_schema(
        "One mistake in a request.",
        required="detail",
        pointer=text("A JSON Pointer into the body (RFC 6901)."),
        parameter=text("A parameter of the query."),
        detail=text(),
    ),
}
