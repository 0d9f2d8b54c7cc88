"""Events: what will happen in a world when its time comes, and what moves its clock there.

A window ends, a token or key expires, a lock ends, a rule of faults begins or is over,
work that is under way completes, a record comes into another state, a webhook is tried
again. All of it follows from what
the world holds, so it is known beforehand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from emulator.language.failures import ExpressionFailed
from emulator.program.onlooker import Onlooker
from emulator.program.program import Program
from emulator.times import LATEST, time_of
from emulator.world.collection import Collection
from emulator.world.rules import ENDLESS
from emulator.world.world import World


class Event(NamedTuple):
    """Something that is going to happen in a world."""

    at: int
    """When, in microseconds since 1970 on the world's clock."""
    kind: str
    """`window_reset`, `lock_end`, `expiry`, `fault_start`, `fault_end`, `completion`,
    `move` or `webhook`."""
    provider: str
    what: str
    """Whose window, which credential, which delivery; without any secret."""


KINDS = (
    "window_reset",
    "lock_end",
    "expiry",
    "fault_start",
    "fault_end",
    "completion",
    "move",
    "webhook",
)


def pending(world: World, programs: Mapping[str, Program]) -> list[Event]:
    """All that is going to happen in *world*, in order."""
    now = world.clock.now()
    if world.providers is not None:
        programs = {name: programs[name] for name in world.providers}
    events = [
        event
        for event in _all(world, programs, now)
        if now < event.at <= LATEST or (event.kind == "webhook" and event.at <= now)
    ]
    return sorted(events)


def _all(world: World, programs: Mapping[str, Program], now: int) -> Iterator[Event]:
    names = {
        secret: name
        for program in programs.values()
        for secret, name in _names(world, program)
    }
    for at, kind, key in world.tally.pending(now):
        provider, *rest = map(str, key)
        whose = " ".join(_told(part, names) for part in rest)
        yield Event(at, kind, provider, whose)
    for rule in world.faults:
        if now < rule.starts:
            yield Event(rule.starts, "fault_start", rule.provider, f"rule {rule.id}")
        if rule.ends < ENDLESS:
            yield Event(rule.ends, "fault_end", rule.provider, f"rule {rule.id}")
    for delivery in world.outbox.pending():
        message = delivery.message
        what = f"delivery {delivery.id} of {message.event}"
        yield Event(delivery.next_at, "webhook", message.provider, what)
    yield from _moves(world)
    for program in programs.values():
        touched = world.touched(program)
        if program.timed and program.moves_fixtures:
            yield from _moves_of_fixtures(world, program, touched)
        yield from _expiries(world, program, touched)
        for name, collection in touched.items():
            policy = program.collections.get(name)
            if policy is not None and policy.completes is not None:
                yield from _completions(world, program, name, collection)


def _moves(world: World) -> Iterator[Event]:
    for (provider, collection, key), timer in world.timers:
        if timer.at is not None:
            what = f"{collection} {key} leaves {timer.state}"
            yield Event(timer.at, "move", provider, what)


def _moves_of_fixtures(
    world: World, program: Program, touched: Mapping[str, Collection]
) -> Iterator[Event]:
    """The moves of records that nobody has asked for yet."""
    for name, timed in program.timed.items():
        if name in touched:
            continue
        for key, record in program.bases[name].records.items():
            delay = timed.delays.get(str(record.get(timed.field)))
            if delay is not None:
                what = f"{name} {key} leaves {record[timed.field]}"
                yield Event(world.began + delay, "move", program.name, what)


def _expiries(
    world: World, program: Program, touched: Mapping[str, Collection]
) -> Iterator[Event]:
    seen: set[Event] = set()
    x = Onlooker(program, world)
    for scheme in program.schemes.values():
        if scheme.expires is None:
            continue
        records = touched.get(scheme.collection) or Collection(
            program.bases[scheme.collection], began=world.began
        )
        for record in records:
            x.caller = record
            try:
                at = scheme.ends_at(x, record)
            except ExpressionFailed:
                continue  # the call that asks for it is told; here is nothing to come
            if at is None:
                continue
            name = record.get("name", record[records.key])
            event = Event(at, "expiry", program.name, f"{scheme.collection} {name}")
            if event not in seen:  # it may be sent by more schemes than one
                seen.add(event)
                yield event


def _completions(
    world: World, program: Program, name: str, collection: Collection
) -> Iterator[Event]:
    template = program.collections[name].completes
    x = Onlooker(program, world)
    for record in collection.changed():
        try:
            at = time_of(template.value(x, record)) if template else None
        except (ExpressionFailed, TypeError, ValueError, OverflowError):
            continue  # null, or no time: nothing is under way
        if at is not None:
            what = f"{name} {record[collection.key]}"
            yield Event(at, "completion", program.name, what)


def _names(world: World, program: Program) -> Iterator[tuple[str, str]]:
    """The secrets of a world's credentials, and what those are called."""
    minted = world.minted.get(program.name)
    for collection, fields in program.minted.items():
        for key, record in program.bases[collection].records.items():
            for field in fields:
                text = record.get(field)
                if isinstance(text, str):
                    own = minted.values.get(text, text) if minted else text
                    yield own, str(record.get("name", key))


def _told(part: str, names: Mapping[str, str]) -> str:
    """One part of what a counter counts by, with credentials called by their names."""
    pieces = part.split("\x1f")
    if len(pieces) > 1 or part in names:
        return "+".join(dict.fromkeys(names.get(piece, "***") for piece in pieces))
    looks_secret = len(part) >= 20 and not part.isalpha()
    return "***" if looks_secret else part
