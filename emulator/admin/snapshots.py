"""Snapshots: all that has become of a world, taken, and put back there or elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.admin.request import AdminRequest, json_reply, problem_error, world_of
from emulator.admin.schemas import Schema, any_object, ref
from emulator.admin.table import LARGEST, Answer, Body, Rows, problems
from emulator.admin.worlds import world_shown
from emulator.engine.snapshots import BadSnapshot
from emulator.exchange.call import Reply

SNAPSHOT = "application/vnd.emulator.snapshot+json"


row = Rows("worlds")


@row(
    "GET /worlds/{world}/snapshot",
    {
        200: Answer("the snapshot", ref("Snapshot"), (SNAPSHOT,)),
        507: problems("the snapshot would be longer than one that can be restored"),
    },
)
def get_snapshot(request: AdminRequest) -> Reply:
    """Take a snapshot of a world.

    A snapshot is the whole state of a world, without its journal. It contains the
    tokens that were issued and the secrets of webhooks, but not the world's own
    credentials.
    """
    headers = [("Content-Type", SNAPSHOT), ("Cache-Control", "no-store")]
    body = request.dispatcher.worlds.snapshot(world_of(request))
    if len(body) > LARGEST:
        raise problem_error(
            507,
            "too large",
            f"the snapshot has {len(body)} bytes, and one that is put back has up to"
            f" {LARGEST}",
            fix="delete records that are not needed, or fork the world",
        )
    return Reply(status=200, headers=headers, body=body)


@row(
    "PUT /worlds/{world}/snapshot",
    {
        200: Answer("the world", ref("World")),
        409: problems(
            "the snapshot does not fit this server's providers, or was changed"
        ),
    },
    body=Body(
        ref("Snapshot"),
        most=LARGEST,
        media=(SNAPSHOT,),
        description="The snapshot, unchanged.",
    ),
)
def put_snapshot(request: AdminRequest) -> Reply:
    """Restore a snapshot of this world or of another."""
    world = world_of(request)
    try:
        request.dispatcher.worlds.restore(world, request.body)
    except BadSnapshot as error:
        raise problem_error(
            409,
            "not restored",
            f"the snapshot is not taken up: {error}",
            fix="send the bytes that GET gave, to a server with the same providers and"
            " fixtures",
        ) from None
    return json_reply(world_shown(request, world))


SCHEMAS: Mapping[str, Schema] = {
    "Snapshot": any_object("Opaque: send it back unchanged.")
}
