"""Messages: what subscribers are told of an event, whatever has brought it about."""

from __future__ import annotations

from typing import Any, Protocol

from emulator.exchange.exchange import Record
from emulator.language.scope import EMPTY
from emulator.program.headers import header_lines
from emulator.program.program import Program
from emulator.program.webhooks import EventPolicy, WebhookPolicy
from emulator.world.outbox import Delivery, Message
from emulator.world.world import World


class Teller(Protocol):
    """What an event's expressions see: an exchange, or a move that time makes."""

    program: Program
    world: Any
    at: int
    event: Record | None


def emit(x: Teller, policy: WebhookPolicy, event: EventPolicy) -> list[Delivery] | None:
    """Put *event* into the outbox of its world, for each subscriber.

    None: its condition does not hold. Raises `ExpressionFailed`.
    """
    world: World = x.world
    provider = x.program.name
    if event.when is not None and not event.when.value(x):
        return None
    if not world.outbox.subscribers(provider, event.name):
        return []
    x.event = {"name": event.name, "id": world.chance.uuid()}
    headers = tuple(
        line
        for name, template in policy.headers
        for line in header_lines(name, template, x, EMPTY)
    )
    message = Message(
        provider,
        event.name,
        x.event["id"],
        event.payload.json(x, EMPTY),
        headers,
        policy.delays,
    )
    return world.outbox.emit(message, x.at)
