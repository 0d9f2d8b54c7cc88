"""Worlds: made, listed, forked, reset and let go; and their credentials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.admin.clock import CLOCK_START, clock_shown, read_start
from emulator.admin.request import (
    AdminError,
    AdminRequest,
    invalid,
    json_reply,
    no_content,
    problem_error,
    program_of,
    world_of,
)
from emulator.admin.table import (
    COUNT,
    TEXT,
    Answer,
    Body,
    Schema,
    object_schema,
    problems,
    ref,
    rows,
)
from emulator.call import Reply
from emulator.diagnostics import did_you_mean
from emulator.engine.registry import BadWorld, NoRoom, WorldExists
from emulator.language.failures import ExpressionFailed
from emulator.program.program import Program
from emulator.world.world import World

Json = Any


def create_world(request: AdminRequest) -> Reply:
    wanted = request.json
    names = wanted.get("providers")
    scenarios = wanted.get("scenario") or []
    at, frozen = read_start(wanted.get("clock"), "/clock")
    programs = request.board.programs
    for number, name in enumerate(names or ()):
        if name not in programs:
            fix = did_you_mean(name[:60], programs)
            detail = f"there is no provider {name[:60]!r}: {fix}"
            raise invalid(detail, f"/providers/{number}")
    try:
        made = request.board.worlds.create(
            wanted.get("id"),
            seed=wanted.get("rng_seed"),
            at=at,
            frozen=frozen,
            providers=None if names is None else frozenset(names),
            scenarios=(
                (scenarios,) if isinstance(scenarios, str) else tuple(scenarios)
            ),
            pinned=wanted.get("pinned", False),
        )
    except (BadWorld, NoRoom) as error:
        raise _not_made(error, wanted) from None
    except (ExpressionFailed, ValueError) as error:
        raise invalid(str(error), "/scenario") from None
    return json_reply(created_json(request, made), 201)


def fork_world(request: AdminRequest) -> Reply:
    world, wanted = world_of(request), request.json
    try:
        made = request.board.worlds.fork(
            world, wanted.get("id"), pinned=wanted.get("pinned", False)
        )
    except (BadWorld, NoRoom) as error:
        raise _not_made(error, wanted) from None
    return json_reply(created_json(request, made), 201)


def list_worlds(request: AdminRequest) -> Reply:
    worlds = request.board.worlds
    shown = [world_shown(request, world) for world in worlds]
    return json_reply(
        {"worlds": shown, "most": worlds.most, "made_room": worlds.evicted},
    )


def get_world(request: AdminRequest) -> Reply:
    return json_reply(world_shown(request, world_of(request)))


def delete_world(request: AdminRequest) -> Reply:
    world = world_of(request)
    try:
        request.board.worlds.delete(world)
    except BadWorld as error:
        raise problem_error(409, "world stays", str(error)) from None
    return no_content()


def reset_world(request: AdminRequest) -> Reply:
    world = world_of(request)
    request.board.worlds.reset(world)
    return json_reply(world_shown(request, world))


def list_credentials(request: AdminRequest) -> Reply:
    world, program = world_of(request), program_of(request)
    if not _is_in(world, program):
        detail = f"the world {world.id!r} was made without {program.name}"
        raise problem_error(404, "not in this world", detail)
    return json_reply(request.board.worlds.credentials(world, program.name))


def world_url(request: AdminRequest, world: World, program: Program) -> str:
    """Where the calls of a provider go that are for *world*, whoever they say they are."""
    prefix = "" if world is request.board.worlds.default else f"/@{world.id}"
    return f"{request.base_url}{prefix}/{program.name}{program.base_path}"


def _not_made(error: Exception, wanted: Mapping[str, Json]) -> AdminError:
    if isinstance(error, WorldExists):
        return problem_error(
            409,
            "world exists",
            str(error),
            fix="choose another id, leave it out to be given one, or delete that world",
        )
    if isinstance(error, NoRoom):
        return problem_error(507, "no room", str(error))
    pointer = "/scenario" if "scenario" in str(error) else "/id"
    return invalid(str(error), pointer if pointer[1:] in wanted else "")


def created_json(request: AdminRequest, world: World) -> Json:
    """What whoever makes a world needs to call it."""
    worlds, programs = request.board.worlds, request.board.programs
    return {
        "id": world.id,
        "providers": {
            name: {
                "base_url": world_url(request, world, program),
                "credentials": {
                    credential["name"]: credential
                    for credential in worlds.credentials(world, name)
                },
            }
            for name, program in programs.items()
            if _is_in(world, program)
        },
        "clock": clock_shown(world),
        "rng_seed": world.seed,
        "pinned": world.pinned,
    }


def world_shown(request: AdminRequest, world: World) -> Json:
    journal = world.journal
    return {
        "id": world.id,
        "providers": {
            name: {"base_url": world_url(request, world, program)}
            for name, program in request.board.programs.items()
            if _is_in(world, program)
        },
        "clock": clock_shown(world),
        "rng_seed": world.seed,
        "pinned": world.pinned,
        "scenarios": [*world.scenarios],
        "faults": len(world.faults),
        "records_changed": world.room.taken,
        "alarms": [alarm._asdict() for alarm in world.alarms],
        "journal": {
            "written": journal.written,
            "kept": len(journal),
            "dropped": journal.dropped,
        },
    }


def _is_in(world: World, program: Program) -> bool:
    return world.providers is None or program.name in world.providers


_ID: Schema = {
    "description": "What it is called; one is given where this is left out.",
    "type": "string",
    "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
}
_PINNED: Schema = {
    "description": "It never makes room for another world.",
    "type": "boolean",
    "default": False,
}
_CREDENTIAL: Schema = {
    "description": "`headers`, `query` and `cookies` are ready to send; what belongs to"
    " it besides (a client's id, a refresh token) stands beside them.",
    "type": "object",
    "required": ["name", "state", "scheme", "value", "headers"],
    "properties": {
        "name": TEXT,
        "state": TEXT,
        "scheme": TEXT,
        "value": TEXT,
        "about": {**TEXT, "description": "What it is for."},
        "headers": {"type": "object", "additionalProperties": TEXT},
        "query": {"type": "object", "additionalProperties": TEXT},
        "cookies": {"type": "object", "additionalProperties": TEXT},
        **dict.fromkeys(
            ("client_id", "client_secret", "username", "password", "refresh_token"),
            TEXT,
        ),
    },
    "additionalProperties": True,
}


_URL: Schema = {
    "description": "Where its calls go; those that carry one of the world's credentials"
    " find it at any address.",
    "type": "string",
}
_SEED: Schema = {
    "description": "The seed of everything that looks random in it.",
    "type": ["integer", "string"],
}

SCHEMAS: Mapping[str, Schema] = {
    "NewWorld": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "id": _ID,
            "providers": {
                "description": "Those that are in it; all of them where this is left"
                " out.",
                "type": "array",
                "items": TEXT,
                "minItems": 1,
                "uniqueItems": True,
                "maxItems": 1_000,
            },
            "rng_seed": {
                **_SEED,
                "description": f"{_SEED['description']} The server's own by default.",
                "maxLength": 200,
            },
            "clock": CLOCK_START,
            "scenario": {
                "description": "The situation that it begins in: `acme/rate_limited`;"
                " or several, in that order.",
                "type": ["string", "array"],
                "items": TEXT,
                "maxItems": 20,
            },
            "pinned": _PINNED,
        },
    },
    "NewFork": {
        "type": "object",
        "additionalProperties": False,
        "properties": {"id": _ID, "pinned": _PINNED},
    },
    "Credential": _CREDENTIAL,
    "Born": object_schema(
        id=TEXT,
        providers={
            "type": "object",
            "additionalProperties": object_schema(
                base_url=_URL,
                credentials={
                    "description": "By name; `unknown` is one that nothing proves.",
                    "type": "object",
                    "additionalProperties": ref("Credential"),
                },
            ),
        },
        clock=ref("Clock"),
        rng_seed=_SEED,
        pinned={"type": "boolean"},
    ),
    "World": object_schema(
        id=TEXT,
        providers={
            "type": "object",
            "additionalProperties": object_schema(base_url=_URL),
        },
        clock=ref("Clock"),
        rng_seed=_SEED,
        pinned={"type": "boolean"},
        scenarios={
            "description": "Those that were applied since it began.",
            "type": "array",
            "items": TEXT,
        },
        faults=COUNT,
        records_changed=COUNT,
        alarms={
            "description": "Calls that could not be answered as the provider would: by a"
            " bug of the emulator, by a mistake of the spec, or, with --strict, because"
            " the spec does not say how; in process, also those to hosts that may not be"
            " called. The latest 100; a reset keeps them.",
            "type": "array",
            "items": object_schema(
                kind={
                    "enum": [
                        "emulator bug",
                        "spec error",
                        "not emulated",
                        "refused call",
                    ]
                },
                call=TEXT,
                detail=TEXT,
            ),
        },
        journal=object_schema(written=COUNT, kept=COUNT, dropped=COUNT),
    ),
    "Worlds": object_schema(
        worlds={
            "description": "The one that was used longest ago stands first.",
            "type": "array",
            "items": ref("World"),
        },
        most={**COUNT, "description": "So many there may be: --worlds."},
        made_room={
            **COUNT,
            "description": "So many have made room for others since the server began.",
        },
    ),
}

_MADE = {
    409: problems("there is a world of that id"),
    507: problems("there is no room: all worlds that there may be are pinned"),
}

row = rows("worlds")

OPERATIONS = (
    row(
        "POST /worlds",
        create_world,
        "Make a world",
        {201: Answer("how to call it", ref("Born")), **_MADE},
        description="It begins with the fixtures, and has credentials of its own: calls"
        " that carry one of them are answered there.",
        body=Body(ref("NewWorld"), required=False, most=65_536),
    ),
    row(
        "GET /worlds",
        list_worlds,
        "All worlds",
        {200: Answer("those that there are", ref("Worlds"))},
    ),
    row(
        "GET /worlds/{world}",
        get_world,
        "One world",
        {200: Answer("how it stands", ref("World"))},
    ),
    row(
        "DELETE /worlds/{world}",
        delete_world,
        "Let a world go",
        {204: Answer("it is gone"), 409: problems("the world `default` stays")},
    ),
    row(
        "POST /worlds/{world}/reset",
        reset_world,
        "Have a world begin again",
        {200: Answer("how it stands", ref("World"))},
        description="As it was made: records, counters, clock, scenarios; faults,"
        " subscriptions and the journal are gone. Its credentials stay.",
    ),
    row(
        "POST /worlds/{world}/fork",
        fork_world,
        "Make a world that goes on from where this one stands",
        {201: Answer("how to call it", ref("Born")), **_MADE},
        description="With credentials of its own, and an empty journal. Webhooks that"
        " are on their way are delivered by the world that they come from.",
        body=Body(ref("NewFork"), required=False, most=65_536),
    ),
    row(
        "GET /worlds/{world}/credentials/{provider}",
        list_credentials,
        "The credentials of a provider, ready to send",
        {
            200: Answer(
                "one for each state that it can be in, and one that is `unknown`",
                {"type": "array", "items": ref("Credential")},
            )
        },
    ),
)
