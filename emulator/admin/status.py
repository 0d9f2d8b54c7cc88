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
from emulator.admin.table import Answer, problems, rows
from emulator.exchange.call import Reply
from emulator.exchange.problems import problem
from emulator.version import __version__

PEM = "application/pem-certificate-chain"
"""RFC 8555, 9.1."""


def get_health(request: AdminRequest) -> Reply:  # noqa: ARG001
    return json_reply({"status": "ok"})


def get_ready(request: AdminRequest) -> Reply:
    if request.admin.ready:
        return json_reply({"status": "ready"})
    return problem(503, "not ready", "the server has not finished starting")


def get_version(request: AdminRequest) -> Reply:  # noqa: ARG001
    return json_reply({"name": "provider-emulator", "version": __version__})


def get_ca(request: AdminRequest) -> Reply:
    """The one thing under /_emulator that a client needs before it can speak TLS."""
    pem = request.admin.ca
    if not pem:
        return problem(
            404,
            "no CA",
            "this server has no certificates of a CA of its own",
            fix="start it with --tls, and without --tls-cert",
        )
    return Reply(200, [("Content-Type", PEM)], pem.encode())


def get_openapi(request: AdminRequest) -> Reply:
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

row = rows("status")

OPERATIONS = (
    row(
        "GET /health",
        get_health,
        "Check that the process is alive",
        {200: Answer("alive", ref("Health"))},
        needs_token=False,
    ),
    row(
        "GET /ready",
        get_ready,
        "Check that the server answers calls",
        {200: Answer("ready", ref("Ready")), 503: problems("not ready")},
        needs_token=False,
    ),
    row(
        "GET /version",
        get_version,
        "Show name and version",
        {200: Answer("name and version", ref("Version"))},
        needs_token=False,
    ),
    row(
        "GET /ca.pem",
        get_ca,
        "Show the CA's certificate, for clients to trust",
        {200: Answer("a certificate in PEM", text(), (PEM,)), 404: problems("no CA")},
        description="Where the server speaks TLS with certificates of its own"
        " (`serve --tls`). Needs no token: a certificate is no secret.",
        needs_token=False,
    ),
    row(
        "GET /openapi.json",
        get_openapi,
        "Show this description",
        {200: Answer("an OpenAPI 3.1 document", ref("OpenAPI"))},
    ),
)
