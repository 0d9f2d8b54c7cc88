"""Worlds: made, listed, forked, reset and let go."""

from __future__ import annotations

from collections.abc import Generator, Mapping

from emulator.admin.clock import CLOCK_START, clock_shown, read_start
from emulator.admin.journal.find import no_exchange
from emulator.admin.request import (
    AdminError,
    AdminRequest,
    invalid,
    json_reply,
    no_content,
    problem_error,
    world_of,
)
from emulator.admin.retrace import Moment, NotExact, retraced
from emulator.admin.schemas import (
    Schema,
    boolean,
    count,
    described,
    input_schema,
    integer,
    list_of,
    map_of,
    object_schema,
    of_types,
    ref,
    text,
)
from emulator.admin.table import (
    Answer,
    Body,
    Rows,
    Work,
    problems,
)
from emulator.diagnostics import did_you_mean
from emulator.engine.registry import BadWorld, NoRoom, WorldExists
from emulator.exchange.call import Reply
from emulator.json_type import Json
from emulator.language.failures import ExpressionFailed
from emulator.program.program import Program
from emulator.world.world import World

_MADE = {
    409: problems("a world with this id exists"),
    507: problems("the maximum number of worlds is reached, and all are pinned"),
}

row = Rows("worlds")


@row(
    "POST /worlds",
    {
        201: Answer("the world, with its addresses and credentials", ref("Born")),
        **_MADE,
    },
    body=Body(ref("NewWorld"), required=False, most=65_536),
)
def create_world(request: AdminRequest) -> Reply:
    """Create a world.

    The world starts with the fixtures and has its own credentials: calls that carry one
    of them belong to it.
    """
    wanted = _placed(request)
    names = wanted.get("providers")
    scenarios = wanted.get("scenario") or []
    at, frozen = read_start(wanted.get("clock"), "/clock")
    programs = request.dispatcher.programs
    for number, name in enumerate(names or ()):
        if name not in programs:
            fix = did_you_mean(name[:60], programs)
            detail = f"there is no provider {name[:60]!r}: {fix}"
            raise invalid(detail, f"/providers/{number}")
    try:
        made = request.dispatcher.worlds.create(
            wanted.get("id"),
            seed=_seed(wanted),
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


def _seed(wanted: Mapping[str, Json]) -> int | str | None:
    """The seed that is asked for, by either name. Raises `AdminError`."""
    if "seed" in wanted and "rng_seed" in wanted:
        raise invalid("it has seed and rng_seed, and one of them is enough", "/seed")
    seed: int | str | None = wanted.get("rng_seed", wanted.get("seed"))
    return seed


def _placed(request: AdminRequest) -> Mapping[str, Json]:
    """What is wanted of a new world, which a proxy may have found its process for.

    It goes by a header, because it reads no bodies.
    """
    wanted: Mapping[str, Json] = request.json
    if not request.dispatcher.settings.spread:
        return wanted
    id, named = wanted.get("id"), request.headers.get("x-emulator-world")
    how = "send its id as the header X-Emulator-World, by which a proxy goes"
    if named is None:
        raise invalid(f"several processes share the worlds: {how}")
    if id not in (None, named):
        raise invalid(f"the header X-Emulator-World says {named[:64]!r}: {how}", "/id")
    return {**wanted, "id": named}


@row("GET /worlds", {200: Answer("the worlds", ref("Worlds"))})
def list_worlds(request: AdminRequest) -> Reply:
    """List the worlds."""
    worlds = request.dispatcher.worlds
    shown = [world_shown(request, world) for world in worlds]
    return json_reply(
        {"worlds": shown, "most": worlds.most, "made_room": worlds.evicted}
    )


@row("GET /worlds/{world}", {200: Answer("the world", ref("World"))})
def get_world(request: AdminRequest) -> Reply:
    """Show a world."""
    return json_reply(world_shown(request, world_of(request)))


@row(
    "DELETE /worlds/{world}",
    {
        204: Answer("deleted"),
        409: problems("the world `default` cannot be deleted"),
    },
)
def delete_world(request: AdminRequest) -> Reply:
    """Delete a world."""
    world = world_of(request)
    try:
        request.dispatcher.worlds.delete(world)
    except BadWorld as error:
        raise problem_error(409, "world stays", str(error)) from None
    return no_content()


@row("POST /worlds/{world}/reset", {200: Answer("the world", ref("World"))})
def reset_world(request: AdminRequest) -> Reply:
    """Reset a world.

    The world returns to the state in which it was created: records, counters, clock,
    scenarios. Later fault rules, subscriptions and the journal are removed. Its
    credentials stay.
    """
    world = world_of(request)
    request.dispatcher.worlds.reset(world)
    return json_reply(world_shown(request, world))


@row(
    "POST /worlds/{world}/fork",
    {
        201: Answer("the world, with its addresses and credentials", ref("Born")),
        **_MADE,
        409: problems(
            "a world with this id exists, or the world cannot be brought about as it"
            " was at that exchange"
        ),
    },
    body=Body(ref("NewFork"), required=False, most=65_536),
)
def fork_world(request: AdminRequest) -> Work:
    """Fork a world.

    The new world starts with a copy of this world's state. It has its own credentials
    and an empty journal. Pending webhooks are delivered by the original world. A fork
    `at` an exchange, or `before` it, is brought about again from the beginning of the
    world: it is made only where each call comes out the same. Its clock begins at the
    time of the exchange.
    """
    world, wanted = world_of(request), request.json
    moment, worlds = _moment(world, wanted), request.dispatcher.worlds
    if moment is not None:
        if wanted.get("id") in worlds:  # which the work would be in vain for
            raise _not_made(WorldExists(f"there is a world {wanted['id']!r}"), wanted)
        world = yield from _as_it_was(request, world, moment)
    try:
        made = worlds.fork(world, wanted.get("id"), pinned=wanted.get("pinned", False))
    except (BadWorld, NoRoom) as error:
        raise _not_made(error, wanted) from None
    return json_reply(created_json(request, made), 201)


def _moment(world: World, wanted: Mapping[str, Json]) -> Moment | None:
    """When a fork begins, if it is not now. Raises `AdminError`."""
    if "at" in wanted and "before" in wanted:
        raise invalid("it has at and before, and one of them is enough", "/before")
    name = next((name for name in ("at", "before") if name in wanted), None)
    if name is None:
        return None
    if world.journal.get(wanted[name]) is None:
        raise no_exchange(world, str(wanted[name]))
    return Moment(wanted[name], before=name == "before")


def _as_it_was(
    request: AdminRequest, world: World, moment: Moment
) -> Generator[None, str | None, World]:
    """*world* as it was then. Raises `AdminError`."""
    frozen = world.clock.frozen
    try:
        then = yield from retraced(request.dispatcher, world, moment)
    except NotExact as error:
        raise problem_error(
            409,
            "no such state",
            f"the world {world.id!r} cannot be brought about as it was then: {error}",
            fix="fork it as it is now, or reset it and do it again",
        ) from None
    if not frozen:
        then.clock.resume()
    return then


def world_url(request: AdminRequest, world: World, program: Program) -> str:
    """The base address of a provider in *world*, whatever credentials a call has."""
    prefix = "" if world is request.dispatcher.worlds.default else f"/@{world.id}"
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
    """What a client needs to call the world that it has just made."""
    worlds, programs = request.dispatcher.worlds, request.dispatcher.programs
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
            for name, program in request.dispatcher.programs.items()
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


_ID: Schema = text(
    "The id of the world; by default it is generated.",
    pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
)
_EXCHANGE: Schema = integer(minimum=1, maximum=10**15)
_PINNED: Schema = boolean("Never evict this world.", default=False)
_URL: Schema = text(
    "The provider's address in this world. Calls with one of the world's credentials"
    " belong to it at any address."
)
_SEED: Schema = of_types(
    "integer string", "The seed of all random choices in the world."
)

SCHEMAS: Mapping[str, Schema] = {
    "NewWorld": input_schema(
        id=_ID,
        providers=list_of(
            text(),
            "The providers in the world; by default all.",
            minItems=1,
            uniqueItems=True,
            maxItems=1_000,
        ),
        rng_seed={
            **_SEED,
            "description": f"{_SEED['description']} By default the server's.",
            "maxLength": 200,
        },
        seed={**_SEED, "description": "The same as `rng_seed`.", "maxLength": 200},
        clock=CLOCK_START,
        scenario=of_types(
            "string array",
            "The scenario to apply at the start: `acme/rate_limited`; or several, in"
            " this order.",
            items=text(),
            maxItems=20,
        ),
        pinned=_PINNED,
    ),
    "NewFork": input_schema(
        id=_ID,
        pinned=_PINNED,
        at=described(
            _EXCHANGE,
            "Fork the world as it was right after this exchange of its journal; by"
            " default as it is now.",
        ),
        before=described(_EXCHANGE, "The same as it was right before this exchange."),
    ),
    "Born": object_schema(
        id=text(),
        providers=map_of(
            object_schema(
                base_url=_URL,
                credentials=map_of(
                    ref("Credential"),
                    "The credentials by name; `unknown` matches no stored credential.",
                ),
            )
        ),
        clock=ref("Clock"),
        rng_seed=_SEED,
        pinned=boolean(),
    ),
    "World": object_schema(
        id=text(),
        providers=map_of(object_schema(base_url=_URL)),
        clock=ref("Clock"),
        rng_seed=_SEED,
        pinned=boolean(),
        scenarios=list_of(text(), "The scenarios that were applied since the start."),
        faults=count(),
        records_changed=count(),
        alarms=list_of(
            object_schema(
                kind={
                    "enum": [
                        "emulator bug",
                        "spec error",
                        "not emulated",
                        "refused call",
                    ]
                },
                call=text(),
                detail=text(),
            ),
            "Calls that could not be answered as the provider would: because of a bug"
            " of the emulator, a mistake in the spec, or, with --strict, because the"
            " spec does not cover them; in process, also calls to hosts that may not"
            " be called. The latest 100; a reset does not clear them.",
        ),
        journal=object_schema(written=count(), kept=count(), dropped=count()),
    ),
    "Worlds": object_schema(
        worlds=list_of(ref("World"), "The least recently used world comes first."),
        most=count("The maximum number of worlds: --worlds."),
        made_room=count("How many worlds were evicted since the server started."),
    ),
}
