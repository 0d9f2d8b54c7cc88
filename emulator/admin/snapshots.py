"""Snapshots: all that has become of a world, taken, and put back there or elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.admin.asked import Asked, answered, refused, world_of
from emulator.admin.table import (
    LARGEST,
    NOT_THERE,
    WORLD,
    Answer,
    Body,
    Operation,
    Schema,
    problems,
    ref,
)
from emulator.admin.worlds import world_shown
from emulator.engine.registry import BadSnapshot
from emulator.exchange import Reply

SNAPSHOT = "application/vnd.emulator.snapshot+json"


def get_snapshot(asked: Asked) -> Reply:
    headers = [("Content-Type", SNAPSHOT), ("Cache-Control", "no-store")]
    body = asked.board.worlds.snapshot(world_of(asked))
    if len(body) > LARGEST:
        raise refused(
            507,
            "too large",
            f"the snapshot has {len(body)} bytes, and one that is put back has up to"
            f" {LARGEST}",
            fix="delete records that are not needed, or fork the world",
        )
    return Reply(status=200, headers=headers, body=body)


def put_snapshot(asked: Asked) -> Reply:
    world = world_of(asked)
    try:
        asked.board.worlds.restore(world, asked.body)
    except BadSnapshot as error:
        raise refused(
            409,
            "not restored",
            f"the snapshot is not taken up: {error}",
            fix="send the bytes that GET gave, to a server with the same providers and"
            " fixtures",
        ) from None
    return answered(world_shown(asked, world))


SCHEMAS: Mapping[str, Schema] = {
    "Snapshot": {"description": "Opaque: it goes back as it came.", "type": "object"},
}

OPERATIONS = (
    Operation(
        method="GET",
        path="/worlds/{world}/snapshot",
        id="getSnapshot",
        summary="All that has become of a world, to be put back later",
        description="Without its journal. It holds the tokens that were given out, and"
        " the secrets of webhooks; a world's own credentials it does not hold.",
        tag="worlds",
        parameters=(WORLD,),
        replies={
            200: Answer("the snapshot", ref("Snapshot"), (SNAPSHOT,)),
            404: NOT_THERE,
            507: problems("it is longer than one that can be put back"),
        },
        handler=get_snapshot,
    ),
    Operation(
        method="PUT",
        path="/worlds/{world}/snapshot",
        id="putSnapshot",
        summary="Put a world where a snapshot was taken, of this world or of another",
        tag="worlds",
        parameters=(WORLD,),
        body=Body(
            ref("Snapshot"),
            most=LARGEST,
            media=(SNAPSHOT,),
            description="What GET gave, as it was.",
        ),
        replies={
            200: Answer("how it stands", ref("World")),
            404: NOT_THERE,
            409: problems("it does not fit, or is not as it was written"),
        },
        handler=put_snapshot,
    ),
)
