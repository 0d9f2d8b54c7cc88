"""Machines: the states of a collection's records, as `states` says them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from emulator.compile.names import without_call
from emulator.compile.source import Source
from emulator.diagnostics import did_you_mean
from emulator.json_type import Json
from emulator.program.machines import Move, StateMachine
from emulator.program.program import Program
from emulator.spec.document import Pointer

_TIME = "time makes the move"


def compile_machine(source: Source, collection: Pointer) -> StateMachine | None:
    """What stands under `states` of a collection."""
    pointer = (*collection, "states")
    written = source.get(*pointer)
    if written is None:
        return None
    machine = StateMachine(
        field=written["field"],
        start=written["start"],
        moves={
            str(at[-1]): _move(source, at, str(collection[-1]))
            for at, _ in source.entries(*pointer, "moves")
        },
        refuse=written.get("refuse", "wrong_state"),
        free=written.get("free", False),
    )
    if not source.trusted:
        _check_set_by_time(source, collection, machine)
        _check_circles(source, pointer, machine)
    return machine


def _move(source: Source, pointer: Pointer, collection: str) -> Move:
    written = source.get(*pointer)
    scope = source.scope.with_fields(source.fields[collection], guarded=True)
    if "after" in written:
        scope = scope.without({**without_call(_TIME), "caller": _NOBODY})
    when, scope = source.when(pointer, scope.with_roots(before=None))
    return Move(
        name=str(pointer[-1]),
        sources=tuple(written["from"]),
        to=written["to"],
        after=source.duration(*pointer, "after") if "after" in written else None,
        when=when,
        values=source.optional((*pointer, "set"), scope),
    )


_NOBODY = f"{_TIME}, and nobody calls then"


def _check_set_by_time(
    source: Source, collection: Pointer, machine: StateMachine
) -> None:
    """Report what an update sets from a call, where time updates records too."""
    if not machine.timed or source.get(*collection, "on_update") is None:
        return
    fields = source.fields[str(collection[-1])]
    scope = source.scope.with_fields(fields, guarded=True)
    reason = "time moves these records as well"
    later = {**without_call(reason), "caller": f"{reason}, and nobody calls then"}
    source.template((*collection, "on_update"), scope.without(later))


def _check_circles(source: Source, pointer: Pointer, machine: StateMachine) -> None:
    """Report moves of time that come round to where they began: they never end."""
    leads = {
        state: {move.to: move.name for move in moves}
        for state, moves in machine.timed.items()
    }
    for start in leads:
        seen, left = {start}, [start]
        while left:
            for state, name in leads.get(left.pop(), {}).items():
                if state == start:
                    source.problem(
                        (*pointer, "moves", name),
                        "endless-moves",
                        f"time moves a record from {start!r} round to {start!r} again",
                        "a clock that is moved by a year would make moves without end",
                        "take `after` out of one of the moves: a call makes it then",
                        key=True,
                    )
                    return
                if state not in seen:
                    seen.add(state)
                    left.append(state)


def moves_of(source: Source, pointer: Pointer, collection: str) -> tuple[str, ...]:
    """The moves that an update at *pointer* names under `move`."""
    written = source.get(*pointer, "move")
    if written is None:
        return ()
    known = source.get("collections", collection, "states", "moves", default=None)
    if known is None:
        source.problem(
            (*pointer, "move"),
            "unknown-move",
            f"the records of {collection!r} have no states",
            "a move leads from one state of a record to another",
            f"add `states:` to collections.{collection}",
            key=True,
        )
        return ()
    names = written if isinstance(written, list) else [written]
    places: Sequence[Pointer] = [
        (*pointer, "move", at) if isinstance(written, list) else (*pointer, "move")
        for at, _ in enumerate(names)
    ]
    return tuple(
        name
        for at, name in zip(places, names, strict=True)
        if source.known(at, name, known, "move")
    )


def check_machines(program: Program, source: Source) -> None:
    """Look for states that there are not or that are never reached, and idle moves."""
    for name, policy in program.collections.items():
        machine = policy.machine
        if machine is None:
            continue
        pointer = ("collections", name, "states")
        for at, state in _states_set(source, name, machine):
            if state not in machine.states:
                source.problem(
                    at,
                    "unknown-state",
                    f"{state!r} is no state of the records of {name!r}",
                    f"their states are {', '.join(machine.states)}",
                    did_you_mean(state, machine.states),
                )
        held = _held(program, source, name, machine, pointer)
        held |= {state for _, state in _states_set(source, name, machine)}
        if not _is_open(source, name, machine):
            _check_reached(source, pointer, machine, held)
            _check_made(source, name, pointer, machine)


def _held(
    program: Program,
    source: Source,
    name: str,
    machine: StateMachine,
    pointer: Pointer,
) -> set[str]:
    """The states of the fixtures' records; one that there is not is reported."""
    held: set[str] = set()
    for key, record in program.bases[name].records.items():
        state = record.get(machine.field)
        if state in machine.states:
            held.add(str(state))
        elif not machine.free and state not in held:
            held.add(str(state))
            source.problem(
                pointer,
                "unknown-state",
                f"the record {key!r} of {name!r} is in the state {str(state)[:60]!r}",
                f"its field {machine.field!r} holds one of {', '.join(machine.states)}",
                did_you_mean(str(state)[:60], machine.states),
                key=True,
            )
    return held


def _check_reached(
    source: Source, pointer: Pointer, machine: StateMachine, held: set[str]
) -> None:
    reached = {machine.start, *held}
    before = 0
    while len(reached) != before:
        before = len(reached)
        for move in machine.moves.values():
            if not reached.isdisjoint(move.sources):
                reached.add(move.to)
    for name, move in machine.moves.items():
        for at, state in enumerate(move.sources):
            if state not in reached:
                source.report.add(
                    source.behavior.diagnostic(
                        (*pointer, "moves", name, "from", at),
                        "unreachable-state",
                        f"no record ever comes into the state {state!r}",
                        f"records begin in {machine.start!r}, and no move leads there",
                        did_you_mean(state, reached),
                        severity="warning",
                    )
                )


def _check_made(
    source: Source, name: str, pointer: Pointer, machine: StateMachine
) -> None:
    made = set(_named(source, name))
    if not made <= machine.moves.keys():
        return  # one of them is misspelt, which is reported
    for move in machine.moves.values():
        if move.after is None and move.name not in made:
            source.report.add(
                source.behavior.diagnostic(
                    (*pointer, "moves", move.name),
                    "idle-key",
                    f"nothing comes of {move.name!r} here",
                    "no operation or effect makes the move, and no body sets the field",
                    f"write `move: {move.name}` in an update, or `after: 5s` here",
                    key=True,
                    severity="warning",
                )
            )


def _updates(source: Source, name: str) -> Iterator[tuple[Pointer, Mapping[str, Json]]]:
    """Everything that updates records of *name*."""
    for at, written in source.entries("operations"):
        update = (written or {}).get("update") or {}
        if update.get("collection") == name:
            yield (*at, "update"), update
        for where, effect in source.entries(*at, "effects"):
            if effect.get("update") == name:
                yield where, effect
    for where, effect in source.entries("effects"):
        if effect.get("update") == name:
            yield where, effect


def _named(source: Source, name: str) -> Iterator[str]:
    for _, update in _updates(source, name):
        names = update.get("move", [])
        yield from names if isinstance(names, list) else [names]


def _is_open(source: Source, name: str, machine: StateMachine) -> bool:
    """Whether records may come into states that nothing written here names."""
    field = machine.field
    if machine.free:
        return True
    for at, update in _updates(source, name):
        if field in (update.get("set") or {}):
            return True
        document = source.openapi.operations.get(str(at[1]))
        if at[-1] == "update" and document is not None and document.body is not None:
            return any(
                "properties" not in schema or field in schema["properties"]
                for schema in document.body.content.values()
                if isinstance(schema, Mapping)
            )
    return any(
        "${" in str(values[field])
        for _, values in _creations(source, name)
        if field in values
    )


def _creations(
    source: Source, name: str
) -> Iterator[tuple[Pointer, Mapping[str, Json]]]:
    """What sets fields of new records of *name*."""
    yield (
        ("collections", name, "on_create"),
        source.get("collections", name, "on_create", default={}),
    )
    for at, written in source.entries("operations"):
        create = (written or {}).get("create") or {}
        if create.get("collection") == name:
            yield (*at, "create", "set"), create.get("set") or {}
        for where, effect in source.entries(*at, "effects"):
            if effect.get("create") == name:
                yield (*where, "set"), effect.get("set") or {}


def _states_set(
    source: Source, name: str, machine: StateMachine
) -> Iterator[tuple[Pointer, str]]:
    """The states that are written out where the field is set."""
    field = machine.field
    places = [*_creations(source, name)]
    places += [
        ((*at, "set"), update.get("set") or {}) for at, update in _updates(source, name)
    ]
    for at, values in places:
        state = values.get(field)
        if isinstance(state, str) and "${" not in state and not machine.free:
            yield (*at, field), state
