"""Notify: who is to be told of what the call has done?

What is to be sent goes into the world's outbox, as values.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from emulator.exchange.exchange import Exchange
from emulator.exchange.notes import Notes, Words
from emulator.language.scope import EMPTY
from emulator.program.headers import header_lines
from emulator.step import Finish
from emulator.world.outbox import Message

if TYPE_CHECKING:
    from emulator.program.webhooks import EventPolicy, WebhookPolicy


def notify(exchange: Exchange) -> None:
    policy = exchange.program.webhooks
    if policy is None or exchange.refusal is not None:
        return
    for event in policy.by_operation.get(exchange.operation.id, ()):
        _tell(exchange, policy, event)


def _tell(exchange: Exchange, policy: WebhookPolicy, event: EventPolicy) -> None:
    world, provider = exchange.world, exchange.program.name
    if event.when is not None and not event.when.value(exchange):
        return
    if not world.outbox.subscribers(provider, event.name):
        exchange.note("notify", "nobody has subscribed", {"event": event.name})
        return
    exchange.event = {"name": event.name, "id": world.chance.uuid()}
    headers = tuple(
        line
        for name, template in policy.headers
        for line in header_lines(name, template, exchange, EMPTY)
    )
    message = Message(
        provider,
        event.name,
        exchange.event["id"],
        event.payload.json(exchange, EMPTY),
        headers,
        policy.delays,
    )
    sent = world.outbox.emit(message, exchange.at)
    exchange.reply.sends = True
    exchange.note(
        "notify",
        "told of",
        {"event": event.name, "deliveries": [delivery.id for delivery in sent]},
    )


def tell(notes: Notes) -> Iterator[Words]:
    events, notes.left = notes.left, []
    for decision, facts in events:
        event, deliveries = facts.get("event"), facts.get("deliveries", ())
        if deliveries:
            yield f"told {len(deliveries)} of {event}", dict(facts)
        else:
            yield f"{decision} to {event}", dict(facts)


STEP = Finish(
    name="notify",
    question="who is to be told of what the call has done?",
    finish=notify,
    tell=tell,
    keys=(
        "webhooks.events.{event}",
        "webhooks.signature",
        "webhooks.headers",
        "webhooks.retry",
    ),
)
