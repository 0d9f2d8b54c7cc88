"""Webhooks: what a provider tells its subscribers, and how a delivery is signed."""

from __future__ import annotations

from collections.abc import Iterator

from emulator.compile.headers import compile_headers, header_name
from emulator.compile.names import without_call
from emulator.compile.operations import PAGE
from emulator.compile.source import Source
from emulator.diagnostics import did_you_mean
from emulator.json_type import Json
from emulator.language.functions import FUNCTIONS
from emulator.language.static_scope import Scope
from emulator.pipeline import REFUSALS
from emulator.program.program import Program
from emulator.program.webhooks import (
    EventPolicy,
    Recipient,
    SignaturePolicy,
    SubscriptionPolicy,
    WebhookPolicy,
)
from emulator.spec.document import Pointer, kind_of
from emulator.times import SECOND

EVENT = frozenset({"name", "id"})


def compile_webhooks(source: Source) -> WebhookPolicy | None:
    """What stands under `webhooks`."""
    written = source.get("webhooks")
    if written is None:
        return None
    events = [
        _event(source, at, entry) for at, entry in source.entries("webhooks", "events")
    ]
    by_operation: dict[str, tuple[EventPolicy, ...]] = {}
    by_refusal: dict[str, tuple[EventPolicy, ...]] = {}
    by_move: dict[tuple[str, str], tuple[EventPolicy, ...]] = {}
    for event in events:
        for code in event.refused:
            by_refusal[code] = (*by_refusal.get(code, ()), event)
        for id in () if event.refused else event.operations:
            by_operation[id] = (*by_operation.get(id, ()), event)
        for move in event.moves:
            by_move[move] = (*by_move.get(move, ()), event)
    scope = source.scope.with_roots(
        record=None, before=None, item=None, event=EVENT, **_OF_REPLIES
    )
    success = source.get("webhooks", "retry", "success", default="2xx")
    return WebhookPolicy(
        events={event.name: event for event in events},
        by_operation=by_operation,
        by_refusal=by_refusal,
        by_move=by_move,
        ids=source.optional(("webhooks", "ids"), source.scope),
        subscriptions=_subscriptions(source),
        encode=source.get("webhooks", "encode", default="json"),
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


_OF_REPLIES: dict[str, frozenset[str] | None] = {
    "page": PAGE,
    "items": None,
    "results": None,
    "matched": None,
}
"""What a reply knows besides the record: so does an event."""
_NAMED_SO = frozenset({"url", "timestamp"})
"""Functions whose names stand for something else where a delivery is signed."""
_TIME = "a move that time makes brings it about"
_SUCCEEDS = "the event comes about when nothing has refused the call: see `refused`"
_REFUSED = "the event comes about when the call is refused"


def _event(source: Source, at: Pointer, entry: Json) -> EventPolicy:
    moves = tuple(_moves(source, (*at, "moves")))
    scope = _scope_of(source, entry, moves)
    if not moves and "operations" not in entry and "refused" not in entry:
        source.problem(
            at,
            "missing-key",
            f"nothing brings the event {at[-1]!r} about",
            "operations do, refusals, or moves of a state machine",
            "add `operations: [<operationId>]`, `refused:` or `moves:`",
            key=True,
        )
    if moves and "refused" in entry:
        source.problem(
            (*at, "refused"),
            "wrong-form",
            "an event of refusals is none of moves",
            "a call that is refused moves nothing",
            "make two events of it",
            key=True,
        )
    if source.get("webhooks", "encode") == "form":
        _check_flat(source, (*at, "payload"))
    when, scope = source.when(at, scope)
    return EventPolicy(
        name=str(at[-1]),
        operations=tuple(
            id
            for where, id in source.entries(*at, "operations")
            if source.known(where, id, source.openapi.operations, "operation")
        ),
        refused=tuple(entry.get("refused", ())),
        moves=moves,
        when=when,
        payload=source.template((*at, "payload"), scope.with_roots(event=EVENT)),
        to=Recipient(
            url=source.condition((*at, "to", "url"), scope),
            secret=source.optional((*at, "to", "secret"), scope),
        )
        if "to" in entry
        else None,
        store=_store(source, at, entry),
    )


def _check_flat(source: Source, pointer: Pointer) -> None:
    """Report a payload that no form can have."""
    written = source.get(*pointer)
    if not isinstance(written, (dict, str)):
        members = [(pointer, written)]
    else:
        members = [
            (at, member)
            for at, member in source.entries(*pointer)
            if isinstance(member, dict)
        ]
    for at, member in members:
        source.problem(
            at,
            "wrong-form",
            f"a form has no place for {kind_of(member)} here",
            "its members are texts, numbers and lists of them",
            "write its parts as members of their own",
        )


def _scope_of(source: Source, entry: Json, moves: tuple[tuple[str, str], ...]) -> Scope:
    """The names that stand for something when the event comes about."""
    scope = source.scope
    if "refused" in entry:
        nothing = dict.fromkeys(("item", *_OF_REPLIES), _REFUSED)
        return scope.without(nothing).with_roots(record=None, before=None, refused=None)
    scope = scope.without({"refused": _SUCCEEDS}).with_roots(record=None, before=None)
    if moves:
        about = dict.fromkeys(
            ("item", "quota", "quotas", *_OF_REPLIES),
            "an event of moves is about `record`",
        )
        scope = scope.without(about)
    else:
        scope = scope.with_roots(item=None, **_OF_REPLIES)
    if any(_is_timed(source, *move) for move in moves):
        nobody = f"{_TIME}, and nobody calls then"
        scope = scope.without({**without_call(_TIME), "caller": nobody})
        scope = scope.with_roots(record=None, before=None)
    return scope


def _store(source: Source, at: Pointer, entry: Json) -> str:
    name: str = entry.get("store", "")
    if name and not source.known((*at, "store"), name, source.fields, "collection"):
        return ""
    payload = source.get(*at, "payload")
    if name and not isinstance(payload, dict) and not str(payload).startswith("${"):
        source.problem(
            (*at, "payload"),
            "wrong-type",
            f"the payload of an event that is stored is {kind_of(payload)}",
            "it is kept as a record, which has fields",
            "write a mapping, or take `store` away",
        )
    return name


def _subscriptions(source: Source) -> SubscriptionPolicy | None:
    pointer = ("webhooks", "subscriptions")
    written = source.get(*pointer)
    if written is None:
        return None
    name = written["collection"]
    if not source.known((*pointer, "collection"), name, source.fields, "collection"):
        return None
    later = without_call("deliveries are sent when nobody calls, too")
    nobody = "deliveries are sent when nobody calls, too"
    scope = source.scope.without({**later, "caller": nobody})
    scope = scope.with_fields(source.fields[name], guarded=True)
    about = scope.with_roots(event=frozenset({"name"}), record=None, before=None)
    return SubscriptionPolicy(
        collection=name,
        url=source.condition((*pointer, "url"), scope),
        events=source.optional((*pointer, "events"), scope),
        secret=source.optional((*pointer, "secret"), scope),
        active=source.optional((*pointer, "active"), about),
    )


def check_events(program: Program, source: Source) -> None:
    """Look for refusals that bring events about and that nothing can meet."""
    if program.webhooks is None:
        return
    for name, event in program.webhooks.events.items():
        operations = [
            operation
            for operation in program.operations.values()
            if not event.operations or operation.id in event.operations
        ]
        possible = {
            code for operation in operations for code in REFUSALS.of(program, operation)
        }
        for at, code in enumerate(event.refused):
            if code not in possible:
                whose = " or ".join(event.operations) or "nothing"
                source.problem(
                    ("webhooks", "events", name, "refused", at),
                    "impossible-refusal",
                    f"{whose} cannot refuse with {code!r}"
                    if event.operations
                    else f"nothing refuses with {code!r}",
                    f"it can with {', '.join(sorted(possible))}",
                    did_you_mean(code, possible),
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
        roots={
            "body": None,
            "timestamp": None,
            "event": EVENT,
            "url": None,
            "fields": None,
        },
        functions={
            name: function
            for name, function in FUNCTIONS.items()
            if not function.world and name not in _NAMED_SO
        },
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
