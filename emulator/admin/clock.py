"""Clock: a world's time, frozen, set and moved, with all that falls due on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from emulator.admin.request import (
    AdminRequest,
    invalid,
    json_reply,
    problem_error,
    world_of,
)
from emulator.admin.schemas import (
    Schema,
    boolean,
    count,
    input_schema,
    list_of,
    number,
    object_schema,
    of_types,
    ref,
    text,
)
from emulator.admin.table import Answer, Body, Rows, Work, problems
from emulator.durations import duration
from emulator.engine.events import KINDS, Event, pending
from emulator.engine.moves import begin_moves
from emulator.exchange.call import Reply
from emulator.json_type import Json
from emulator.times import LATEST, SECOND, iso, micros, time_of
from emulator.world.outbox import Outbox
from emulator.world.world import World

_SHOWN = 1_000
"""Pending events that are listed: the next ones."""
_FAR = 365 * 86_400_000_000
"""So far ahead, in microseconds, a clock is not moved for whatever may come there."""
_MOVES = 100_000
"""Stops on the way of one move; a rule of retries that needs more has no end."""


row = Rows("clock")


@row("GET /worlds/{world}/clock", {200: Answer("the clock", ref("ClockAndEvents"))})
def get_clock(request: AdminRequest) -> Reply:
    """Show a world's time and its pending events."""
    world = world_of(request)
    events = pending(world, request.dispatcher.programs)
    return json_reply(
        {
            **clock_shown(world),
            "events": [_event(event) for event in events[:_SHOWN]],
            "more_events": max(0, len(events) - _SHOWN),
        }
    )


@row(
    "PATCH /worlds/{world}/clock",
    {
        200: Answer("the clock", ref("ClockMoved")),
        409: problems("the clock would go back, or no such event is pending"),
    },
    body=Body(ref("ClockChange"), most=65_536),
)
def change_clock(request: AdminRequest) -> Work:
    """Freeze, move, set or resume a world's clock.

    Windows, locks, tokens, faults and webhooks all follow the clock. Webhooks that fall
    due on the way are sent in order before the reply, which waits for receivers for at
    most ten seconds in total.
    """
    world, wanted = world_of(request), request.json
    target, happened = _target(request, world, wanted)
    if wanted.get("freeze"):
        world.clock.freeze()
    begun = world.outbox
    if target is not None:
        _begin_moves(request, world, wanted)
        on_the_way = False
        for at in _stops(world, target):
            world.clock.set(at)
            on_the_way = True  # and real time may pass there
            request.dispatcher.make_moves(world)
            yield world
            _insist_on(world, begun)
        if on_the_way:
            target = max(target, world.clock.now())
        # A world that nothing has happened in is set to begin then.
        (world.set_clock if "set" in wanted else world.clock.set)(target)
        request.dispatcher.make_moves(world)
        yield world
        _insist_on(world, begun)
    if wanted.get("resume") or wanted.get("freeze") is False:
        world.clock.resume()
    reply = clock_shown(world)
    return json_reply({**reply, "event": happened and _event(happened)})


def _begin_moves(request: AdminRequest, world: World, wanted: Json) -> None:
    """Have time begin its work on the records of fixtures, unless nothing has begun."""
    if "set" in wanted and not world.is_used:
        return
    for program in request.dispatcher.programs.values():
        inside = world.providers is None or program.name in world.providers
        if inside and program.moves_fixtures:
            begin_moves(world, program)


def clock_shown(world: World) -> Json:
    clock = world.clock
    now = clock.now()
    return {
        "now": iso(now),
        "at": now / SECOND,
        "frozen": clock.frozen,
        "real": iso(clock.real()),
    }


def read_start(wanted: Json, pointer: str) -> tuple[int | None, bool]:
    """How the clock of a new world begins: its time, None for real time; is it frozen?

    Raises `AdminError`.
    """
    if wanted is None:
        return None, False
    if isinstance(wanted, str):
        word, _, time = wanted.partition(" ")
        if word != "frozen":
            return _instant(wanted, pointer), False
        return (_instant(time, pointer) if time else None), True
    for request, shown in (("set", "now"), ("freeze", "frozen")):
        if request in wanted and shown in wanted:
            raise invalid(f"it has {request} and {shown}", f"{pointer}/{shown}")
    name = "now" if "now" in wanted else "set"
    at = wanted.get(name)
    frozen = bool(wanted.get("freeze", wanted.get("frozen", False)))
    return (None if at is None else _instant(at, f"{pointer}/{name}")), frozen


def _target(
    request: AdminRequest, world: World, wanted: Mapping[str, Json]
) -> tuple[int | None, Event | None]:
    """Where the clock is to be moved, and the event that is to be reached, if one is.

    Raises `AdminError`; nothing has moved then.
    """
    ways = [name for name in ("advance", "set", "next") if name in wanted]
    if len(ways) > 1:
        raise invalid(f"it has {' and '.join(ways)}, and one of them is enough")
    if wanted.get("freeze") and wanted.get("resume"):
        raise invalid("it is to be frozen and to be resumed", "/resume")
    if not wanted:
        raise invalid("it says nothing: send freeze, advance, set, next or resume")
    now = world.clock.now()
    if "advance" in wanted:
        return _advanced(now, wanted["advance"]), None
    if "set" in wanted:
        at = _instant(wanted["set"], "/set")
        if at < now and world.is_used:
            raise problem_error(
                409,
                "clocks go forward",
                f"it is {iso(now)} in the world {world.id!r}, where things have"
                " happened already",
                fix="make a world with that clock, or reset this one and set its clock"
                " before the first call",
            )
        return at, None
    if "next" in wanted:
        return _next(request, world, wanted["next"])
    return None, None


def _next(request: AdminRequest, world: World, kind: Json) -> tuple[int, Event]:
    events = [
        event
        for event in pending(world, request.dispatcher.programs)
        if kind is True or event.kind == kind
    ]
    if not events:
        of_kind = "" if kind is True else f" of the kind {kind}"
        detail = f"nothing{of_kind} is pending in the world {world.id!r}"
        raise problem_error(409, "nothing pending", detail)
    first, now = events[0], world.clock.now()
    if kind is True and first.at - now > _FAR:
        raise problem_error(
            409,
            "nothing near",
            f"within a year nothing is pending in the world {world.id!r}: the next is"
            f" {first.kind} of {first.provider}, {first.what}, at {iso(first.at)}",
            fix=f"ask for {first.kind} by its name, to leap that far",
        )
    return max(first.at, now), first


def _insist_on(world: World, begun: Outbox) -> None:
    """Raise `AdminError` where *world* is another one than when its clock was *begun*."""
    if world.outbox is not begun:
        raise problem_error(
            409,
            "clock not moved",
            f"the world {world.id!r} was reset or restored while its clock moved: it"
            f" shows {iso(world.clock.now())}",
            fix="wait for the reply before the world is reset or restored",
        )


def _advanced(now: int, wanted: Json) -> int:
    try:
        length = duration(wanted) if isinstance(wanted, str) else micros(wanted)
    except OverflowError:
        length = LATEST + 1
    except ValueError as error:
        raise invalid(str(error), "/advance") from None
    if not 0 <= length <= LATEST - now:
        raise invalid("a clock moves forward, up to the year 9998", "/advance")
    return now + length


def _instant(text: str, pointer: str) -> int:
    try:
        at = time_of(text)
    except (ValueError, OverflowError):
        raise invalid(
            f"{text[:60]!r} is no time: write 2026-03-02T10:00:00Z", pointer
        ) from None
    if not 0 <= at <= LATEST:
        raise invalid("a clock stays between the years 1970 and 9998", pointer)
    return at


def _stops(world: World, target: int) -> Iterator[int]:
    """When webhooks are due on the way to *target*, and moves: the next one, each time.

    Each is tried at its own time, so that its retry is counted from there.
    """
    for _ in range(_MOVES):
        times = [world.outbox.next_at, world.timers.next_at]
        due = min((at for at in times if at is not None), default=None)
        if due is None or due > target:
            return
        before = world.outbox.settled, world.timers.next_at
        yield max(due, world.clock.now())
        if (world.outbox.settled, world.timers.next_at) == before:
            return  # nobody delivers here, or nobody answers in time


def _event(event: Event) -> Json:
    return {
        "at": iso(event.at),
        "kind": event.kind,
        "provider": event.provider,
        "what": event.what,
    }


_TIME: Schema = text(
    "A time in ISO 8601; a time without an offset is UTC.", maxLength=60
)
CLOCK_START: Schema = {
    **input_schema(
        "The clock at the start (by default real time): a time, the word `frozen`, or"
        " both: `frozen 2026-03-02T10:00:00Z`, or the same as an object. A clock as this"
        " API returns it is accepted too; its `now` and `frozen` count.",
        set=_TIME,
        freeze=boolean(),
        now=_TIME,
        frozen=boolean(),
        at=number(),
        real=text(),
    ),
    "type": ["string", "object"],
    "maxLength": 60,
}
_KIND: Schema = {"enum": [*KINDS]}


_CLOCK: Mapping[str, Json] = {
    "now": text("The world's time."),
    "at": number("The same time in seconds since 1970."),
    "frozen": boolean(),
    "real": text("Real time."),
}

SCHEMAS: Mapping[str, Schema] = {
    "Clock": object_schema(**_CLOCK),
    "Event": {
        **object_schema(at=text(), kind=_KIND, provider=text(), what=text()),
        "type": ["object", "null"],
    },
    "ClockAndEvents": object_schema(
        **_CLOCK,
        events=list_of(ref("Event"), "The pending events, in order."),
        more_events=count(),
    ),
    "ClockMoved": object_schema(**_CLOCK, event=ref("Event")),
    "ClockChange": input_schema(
        "The clock is first frozen, then moved, then resumed.",
        freeze=boolean(),
        advance=of_types(
            "string number",
            "How far the clock advances: 61s, 5m, 24h, 7d; or seconds.",
            maxLength=40,
        ),
        set=_TIME,
        next={
            "description": (
                "Move to the next event of this kind, or (true) to the next event of"
                " any kind within a year."
            ),
            "enum": [True, *KINDS],
        },
        resume=boolean("Run with real time again, from where the clock is."),
    ),
}
