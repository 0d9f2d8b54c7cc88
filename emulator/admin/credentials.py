"""Credentials: what leads to a world and its providers, ready to be sent."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.admin.request import (
    AdminRequest,
    json_reply,
    problem_error,
    program_of,
    text_reply,
    world_of,
)
from emulator.admin.schemas import (
    Schema,
    boolean,
    list_of,
    map_of,
    object_schema,
    ref,
    text,
)
from emulator.admin.table import AS_TEXT, JSON, PLAIN, Answer, Rows
from emulator.diagnostics import did_you_mean
from emulator.exchange.call import Reply
from emulator.json_type import Json

row = Rows("worlds")


@row(
    "GET /worlds/{world}/credentials/{provider}",
    {
        200: Answer(
            "one credential for each state, and one that is `unknown`",
            list_of(ref("Credential")),
        )
    },
)
def list_credentials(request: AdminRequest) -> Reply:
    """List the credentials of a provider, ready to send."""
    return json_reply(_credentials(request))


def _credentials(request: AdminRequest) -> list[Json]:
    world, program = world_of(request), program_of(request)
    if world.providers is not None and program.name not in world.providers:
        detail = f"the world {world.id!r} was made without {program.name}"
        raise problem_error(404, "not in this world", detail)
    return request.dispatcher.worlds.credentials(world, program.name)


@row(
    "GET /worlds/{world}/credentials/{provider}/{credential}",
    {200: Answer("the credential", ref("Credential"), (JSON, PLAIN))},
    query=(AS_TEXT,),
)
def get_credential(request: AdminRequest) -> Reply:
    """Show one credential; as text, its value alone."""
    name, held = request.names["credential"], _credentials(request)
    known = {credential["name"]: credential for credential in held}
    if name not in known:
        detail = (
            f"there is no credential {name[:60]!r}: {did_you_mean(name[:60], known)}"
        )
        raise problem_error(404, "no such credential", detail)
    if request.options["format"] == "text":
        return text_reply(known[name]["value"])
    return json_reply(known[name])


SCHEMAS: Mapping[str, Schema] = {
    "Credential": {
        **object_schema(
            "`headers`, `query`, `cookies` and `body` (its members) are ready to send. Other"
            " parts of the credential (a client's id, a refresh token) are further members.",
            required="name state scheme value headers",
            name=text(),
            state=text(),
            scheme=text(),
            value=text(),
            digest=map_of(text(), "User and password for HTTP Digest (RFC 7616)."),
            needs_proof=boolean(
                "Each call must be signed besides, as `proves` of its scheme says."
            ),
            about=text("The purpose of the credential."),
            headers=map_of(text()),
            query=map_of(text()),
            cookies=map_of(text()),
            body=map_of(True),
            client_id=text(),
            client_secret=text(),
            username=text(),
            password=text(),
            refresh_token=text(),
        ),
        "additionalProperties": True,
    }
}
