"""Webhooks: what a provider tells its subscribers, and how a delivery is signed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from emulator.compile.headers import compile_headers, header_name
from emulator.compile.names import without_call
from emulator.compile.source import Source
from emulator.language.expressions import Scope
from emulator.language.functions import FUNCTIONS
from emulator.program.webhooks import EventPolicy, SignaturePolicy, WebhookPolicy
from emulator.spec.document import Pointer
from emulator.times import SECOND

Json = Any
EVENT = frozenset({"name", "id"})


def compile_webhooks(source: Source) -> WebhookPolicy | None:
    """What stands under `webhooks`."""
    written = source.get("webhooks")
    if written is None:
        return None
    never = {"refused": "events come about when nothing has refused the call"}
    told = source.scope.without(never).with_roots(record=None, before=None, item=None)
    scope = told.with_roots(event=EVENT)
    events = [
        _event(source, at, entry, told)
        for at, entry in source.entries("webhooks", "events")
    ]
    by_operation: dict[str, tuple[EventPolicy, ...]] = {}
    by_move: dict[tuple[str, str], tuple[EventPolicy, ...]] = {}
    for event in events:
        for id in event.operations:
            by_operation[id] = (*by_operation.get(id, ()), event)
        for move in event.moves:
            by_move[move] = (*by_move.get(move, ()), event)
    success = source.get("webhooks", "retry", "success", default="2xx")
    return WebhookPolicy(
        events={event.name: event for event in events},
        by_operation=by_operation,
        by_move=by_move,
        signature=_signature(source),
        headers=compile_headers(source, ("webhooks", "headers"), scope),
        delays=tuple(
            source.duration(*at)
            for at, _ in source.entries("webhooks", "retry", "delays")
        ),
        success=None if success == "2xx" else frozenset(success),
        timeout=source.duration("webhooks", "retry", "timeout", default=5 * SECOND)
        / SECOND,
    )


_TIME = "a move that time makes brings it about"


def _event(source: Source, at: Pointer, entry: Json, scope: Scope) -> EventPolicy:
    moves = tuple(_moves(source, (*at, "moves")))
    if moves:
        scope = scope.without({"item": "an event of moves is about `record`"})
    if any(_is_timed(source, *move) for move in moves):
        nobody = f"{_TIME}, and nobody calls then"
        scope = scope.without({**without_call(_TIME), "caller": nobody})
        scope = scope.with_roots(record=None, before=None)
    if not moves and "operations" not in entry:
        source.problem(
            at,
            "missing-key",
            f"nothing brings the event {at[-1]!r} about",
            "operations do, or moves of a state machine",
            "add `operations: [<operationId>]` or `moves: {<collection>: [<move>]}`",
            key=True,
        )
    return EventPolicy(
        name=str(at[-1]),
        operations=tuple(
            id
            for where, id in source.entries(*at, "operations")
            if source.known(where, id, source.openapi.operations, "operation")
        ),
        moves=moves,
        when=source.condition((*at, "when"), scope) if "when" in entry else None,
        payload=source.template((*at, "payload"), scope.with_roots(event=EVENT)),
    )


def _moves(source: Source, pointer: Pointer) -> Iterator[tuple[str, str]]:
    """`{orders: [pay, ship]}` as pairs of collection and move."""
    for at, _ in source.entries(*pointer):
        collection = str(at[-1])
        if not source.known(at, collection, source.fields, "collection"):
            continue
        known = source.get("collections", collection, "states", "moves", default={})
        for where, name in source.entries(*at):
            if source.known(where, name, known, "move"):
                yield collection, name


def _is_timed(source: Source, collection: str, move: str) -> bool:
    at = ("collections", collection, "states", "moves", move, "after")
    return source.get(*at) is not None


def _signature(source: Source) -> SignaturePolicy | None:
    pointer = ("webhooks", "signature")
    written = source.get(*pointer)
    if written is None or "header" not in written:
        return None
    for key in ("header", "timestamp_header"):
        if key in written:
            header_name(source, (*pointer, key), written[key])
    scope = Scope(
        roots={"body": None, "timestamp": None, "event": EVENT},
        functions={"text": FUNCTIONS["text"]},
    )
    return SignaturePolicy(
        header=written["header"],
        algorithm=written.get("algorithm", "sha256"),
        encoding=written.get("encoding", "hex"),
        signs=source.template(
            (*pointer, "signs"), scope, tree=written.get("signs", "${body}")
        ),
        prefix=source.template(
            (*pointer, "prefix"), scope, tree=written.get("prefix", "")
        ),
        timestamp_header=written.get("timestamp_header", ""),
    )
