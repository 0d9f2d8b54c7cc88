"""Moves: how the state of a record may change.

An update makes one of the moves that it names, or, where it changes the state itself,
the move that leads there; anything else is refused.
"""

from __future__ import annotations

from collections.abc import Sequence

from emulator.changes import with_values
from emulator.exchange.exchange import Exchange, Record, Refusal
from emulator.json_type import Json
from emulator.program.collections import CollectionPolicy
from emulator.program.machines import Move, StateMachine


def move(
    exchange: Exchange,
    policy: CollectionPolicy,
    before: Record,
    record: Record,
    names: Sequence[str],
) -> Refusal | None:
    """Put *record*, which is to replace *before*, into the state that it comes to."""
    machine = policy.machine
    if machine is None:
        return None
    state = before.get(machine.field)
    wanted = record.get(machine.field)
    if not names and wanted == state and exchange.forced != machine.refuse:
        return None
    if not names and machine.free:
        return None
    candidates = (
        [machine.moves[name] for name in names]
        if names
        else [move for move in machine.leaving(state) if move.to == wanted]
    )
    chosen = None
    if exchange.forced != machine.refuse:
        chosen = _possible(exchange, candidates, before, record, state)
    if chosen is None:
        return Refusal(
            machine.refuse, _facts(machine, state, names[0] if names else wanted)
        )
    record[machine.field] = chosen.to
    if chosen.values is not None:
        with_values(exchange, record, chosen.values)
    exchange.moves = [*exchange.moves, (policy.name, chosen.name, before, record)]
    if chosen.to == state:  # it has come there anew
        exchange.world.timers.drop(
            (exchange.program.name, policy.name, record[policy.key])
        )
    return None


def _possible(
    exchange: Exchange,
    candidates: Sequence[Move],
    before: Record,
    record: Record,
    state: Json,
) -> Move | None:
    """The first of *candidates* that *record* can make."""
    outer, exchange.before = exchange.before, before
    try:
        for candidate in candidates:
            if state not in candidate.sources:
                continue
            if candidate.when is None or candidate.when.value(exchange, record):
                return candidate
    finally:
        exchange.before = outer
    return None


def _facts(machine: StateMachine, state: Json, wanted: Json) -> dict[str, Json]:
    allowed = [move.name for move in machine.leaving(state)]
    return {"state": state, "move": wanted, "allowed": allowed}
