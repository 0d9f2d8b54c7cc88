"""Webhooks: what a provider tells its subscribers, and how a delivery is signed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from emulator.compile.headers import compile_headers, header_name
from emulator.compile.source import Source
from emulator.language.expressions import Scope
from emulator.language.functions import FUNCTIONS
from emulator.language.templates import Template
from emulator.values import value
from emulator.world.clock import SECOND

Json = Any
Headers = tuple[tuple[str, str], ...]

EVENT = frozenset({"name", "id"})


@value
class EventPolicy:
    """Something that subscribers are told of."""

    name: str
    operations: tuple[str, ...]
    when: Template | None
    payload: Template


class _Signed(NamedTuple):
    """What the templates of a signature see."""

    body: str
    timestamp: int
    event: Mapping[str, Json]


@value
class SignaturePolicy:
    """How a delivery proves where it comes from."""

    header: str
    algorithm: str
    encoding: str
    signs: Template
    prefix: Template
    timestamp_header: str

    def headers(
        self, body: bytes, event: Mapping[str, Json], secret: str, at: int
    ) -> Iterator[tuple[str, str]]:
        """What an attempt that is made *at* this time carries besides."""
        import base64
        import hashlib
        import hmac

        x = _Signed(body.decode(), at // SECOND, event)
        signed = hmac.new(
            secret.encode(),
            str(self.signs.value(x)).encode(),
            getattr(hashlib, self.algorithm),
        )
        text = signed.hexdigest()
        if self.encoding == "base64":
            text = base64.b64encode(signed.digest()).decode()
        if self.timestamp_header:
            yield self.timestamp_header, str(x.timestamp)
        yield self.header, f"{self.prefix.value(x)}{text}"


@value
class WebhookPolicy:
    """The events of a provider, and how they are delivered."""

    events: Mapping[str, EventPolicy]
    by_operation: Mapping[str, tuple[EventPolicy, ...]]
    """The events that each operation can bring about."""
    signature: SignaturePolicy | None
    headers: tuple[tuple[str, Template], ...]
    delays: tuple[int, ...]
    success: frozenset[int] | None
    """The statuses that a receiver may answer; None: all from 200 to 299."""
    timeout: float
    """Seconds of real time that a receiver has for its answer."""

    def accepts(self, status: int) -> bool:
        """Whether a receiver that answers so has received it."""
        if self.success is None:
            return 200 <= status < 300
        return status in self.success


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
            when=source.condition((*at, "when"), told) if "when" in one else None,
            payload=source.template((*at, "payload"), scope),
        )
        for at, one in source.entries("webhooks", "events")
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
