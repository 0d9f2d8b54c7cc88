"""Moves: what time does to the records of a world, up to its clock.

A move that time makes happens at its own time, however late anybody asks: what it sets,
and what subscribers are told, is of that moment.
"""

from __future__ import annotations

from collections.abc import Mapping

from emulator.changes import with_values
from emulator.engine.scenarios import Arranging
from emulator.exchange.exchange import Record
from emulator.language.failures import ExpressionFailed
from emulator.language.grammar import BadExpression
from emulator.messages import emit
from emulator.program.collections import CollectionPolicy
from emulator.program.machines import Move
from emulator.program.program import Program
from emulator.times import iso
from emulator.world.timers import Place, Timer
from emulator.world.world import Alarm, World


def begin_moves(world: World, program: Program) -> None:
    """Set the timers of the fixtures' records, where *program* has such."""
    collections = world.collections(program)
    for name in program.timed:
        if name not in collections:
            collections[name]  # which sets them


def make_moves(world: World, programs: Mapping[str, Program]) -> None:
    """Make all moves of *world* whose time has come, in order."""
    now = world.clock.now()
    while (due := world.timers.pop(now)) is not None:
        place, timer = due
        program = programs.get(place[0])
        if program is not None and place[1] in program.timed:
            _move(world, program, place, timer)


def _move(world: World, program: Program, place: Place, timer: Timer) -> None:
    """Make the move that *timer* stands for, or wait for the next one from its state."""
    _, name, key = place
    policy = program.collections[name]
    record, machine = world.collections(program)[name].get(key), policy.machine
    if record is None or machine is None or record.get(machine.field) != timer.state:
        world.timers.drop(place)
        return
    at = timer.at or 0
    moves = machine.timed.get(timer.state, ())
    try:
        for move in moves:
            if timer.since + (move.after or 0) == at and _made(
                world, program, policy, move, record, at
            ):
                return
    except (ExpressionFailed, BadExpression) as error:
        about = f"a move of {name} {key}"[:200]
        world.alarms.append(Alarm("spec error", about, str(error)))
    later = [timer.since + (move.after or 0) for move in moves]
    world.timers.set(
        place,
        timer._replace(at=min((when for when in later if when > at), default=None)),
    )


def _made(
    world: World,
    program: Program,
    policy: CollectionPolicy,
    move: Move,
    before: Record,
    at: int,
) -> bool:
    """Whether *move* was made of the record *before*, *at* that time."""
    machine = policy.machine
    assert machine is not None  # noqa: S101 - it has timed moves
    x = Moving(program, world, at)
    x.record = x.before = before
    if move.when is not None and not move.when.value(x, before):
        return False
    record = with_values(x, {**before, machine.field: move.to}, policy.on_update)
    record[machine.field] = move.to
    if move.values is not None:
        record = with_values(x, record, move.values)
    collection = x.collection(policy.name)
    world.timers.drop((program.name, policy.name, record[policy.key]))
    world.timers.moment = at
    try:
        collection.put(record)
    finally:
        world.timers.moment = None
    world.timers.moves += 1
    x.record = record
    if program.webhooks is not None:
        for event in program.webhooks.by_move.get((policy.name, move.name), ()):
            emit(x, program.webhooks, event)
    return True


class Moving(Arranging):
    """What expressions see of a move that time makes: nobody calls."""

    def __init__(self, program: Program, world: World, at: int) -> None:
        super().__init__(program, world)
        self.at = at
        self.now = iso(at)
        self.base_url = program.home
        self.host = program.host_defaults
        self.server = program.server(program.base_path)
