"""Webhooks: what a provider tells its subscribers, and how a delivery is signed."""

from __future__ import annotations

from emulator.compile.headers import compile_headers, header_name
from emulator.compile.source import Source
from emulator.language.expressions import Scope
from emulator.language.functions import FUNCTIONS
from emulator.program.webhooks import EventPolicy, SignaturePolicy, WebhookPolicy
from emulator.times import SECOND

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
        EventPolicy(
            name=str(at[-1]),
            operations=tuple(
                id
                for where, id in source.entries(*at, "on")
                if source.known(where, id, source.openapi.operations, "operation")
            ),
            when=source.condition((*at, "when"), told) if "when" in entry else None,
            payload=source.template((*at, "payload"), scope),
        )
        for at, entry in source.entries("webhooks", "events")
    ]
    by_operation: dict[str, tuple[EventPolicy, ...]] = {}
    for event in events:
        for id in event.operations:
            by_operation[id] = (*by_operation.get(id, ()), event)
    success = source.get("webhooks", "retry", "success", default="2xx")
    return WebhookPolicy(
        events={event.name: event for event in events},
        by_operation=by_operation,
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
