"""Described events: the webhooks and callbacks of the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from emulator.compile.source import Source
from emulator.generation.failures import NotGenerated
from emulator.json_type import Json
from emulator.language.failures import SpecMistake
from emulator.program.described_events import Address, ByOperation, Payload
from emulator.program.webhooks import EventPolicy, Recipient, WebhookPolicy
from emulator.spec.description import EventDoc

if TYPE_CHECKING:
    from emulator.generation.values import Generator


def with_described(
    source: Source, policy: WebhookPolicy | None
) -> WebhookPolicy | None:
    """*policy* with the events that the document describes, where operations that are not
    listed are answered from it."""
    openapi = source.openapi
    described = openapi.webhooks or openapi.calling
    if source.get("unlisted") != "stateless" or not described:
        return policy
    if not source.trusted:
        _check_methods(source)
    events = {name: _event(name, openapi.webhooks[name]) for name in openapi.webhooks}
    calling = {id: partial(_callbacks, source, id) for id in openapi.calling}
    own = policy or _PLAIN
    return WebhookPolicy(
        **{
            **vars(own),
            "events": {**events, **own.events},
            "by_operation": ByOperation(own.by_operation, calling),
        }
    )


_PLAIN = WebhookPolicy(
    events={},
    by_operation={},
    by_refusal={},
    by_move={},
    ids=None,
    subscriptions=None,
    signature=None,
    headers=(),
    encode="json",
    delays=(),
    success=None,
    timeout=5.0,
)
"""How events are delivered of which nothing but the document tells."""


def _check_methods(source: Source) -> None:
    """Warn of callbacks that are no POST."""
    for id in source.openapi.calling:
        for event in source.openapi.operations[id].callbacks:
            if event.method != "POST":
                source.report.add(
                    event.document.diagnostic(
                        event.pointer,
                        "openapi-ignored",
                        f"the callback {event.name!r} of {id} is not sent as {event.method}",
                        "what is told to others is told by POST",
                        "describe it as `post`",
                        key=True,
                        severity="warning",
                    )
                )


def _callbacks(source: Source, id: str) -> tuple[EventPolicy, ...]:
    """The callbacks that follow a call of the operation *id*."""
    return tuple(
        _event(f"{id}.{event.name}", event, id)
        for event in source.openapi.operations[id].callbacks
        if event.method == "POST"
    )


def _event(name: str, document: EventDoc, id: str = "") -> EventPolicy:
    at = document.document.locate(document.pointer, key=True)
    to = Recipient(url=Address(document.address), secret=None) if id else None  # type: ignore[arg-type]
    return EventPolicy(
        name=name,
        operations=(id,) if id else (),
        refused=(),
        moves=(),
        when=None,
        payload=Payload(_maker(document, at), name, at),  # type: ignore[arg-type]
        to=to,
    )


def _maker(document: EventDoc, at: Any) -> Callable[[str], Json]:
    """What makes payloads: the first example, or what is generated from the schema."""
    content = document.content
    media = next((name for name in content if "json" in name), next(iter(content), ""))
    examples: Mapping[str, Json] = document.examples.get(media, {})
    schema = content.get(media) or {"type": "object"}
    made: list[Generator] = []

    def make(seed: str) -> Json:
        if not made:
            from emulator.generation.values import Generator  # not loaded at a start

            made.append(Generator(schema))
        generator = made[0]
        for example in examples.values():
            if generator.fits((generator.schema,), example):
                return example
        try:
            return generator.value(seed)
        except NotGenerated as error:
            raise SpecMistake(
                at,
                f"no payload was generated for {document.name}: {error}",
                "correct the schema, or give it an example",
            ) from None

    return make
