"""Notify: who is to be told of what the call has done?

What is to be sent goes into the world's outbox, as values.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from emulator.exchange.exchange import Exchange
from emulator.exchange.notes import Notes, Words
from emulator.messages import emit
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.step import Finish

if TYPE_CHECKING:
    from emulator.program.webhooks import EventPolicy, WebhookPolicy


def notify(exchange: Exchange) -> None:
    policy = exchange.program.webhooks
    if policy is None:
        return
    refusal = exchange.refusal
    if refusal is not None:
        for event in policy.by_refusal.get(refusal.code, ()):
            if not event.operations or exchange.operation_id in event.operations:
                _tell(exchange, policy, event)
        return
    for event in policy.by_operation.get(exchange.operation.id, ()):
        _tell(exchange, policy, event)
    if exchange.moves and policy.by_move:
        _tell_of_moves(exchange, policy)


def _tell_of_moves(exchange: Exchange, policy: WebhookPolicy) -> None:
    """Tell of each move of a record: that record is the one that the event is about."""
    about = exchange.before, exchange.record
    for collection, name, before, record in exchange.moves:
        exchange.before, exchange.record = before, record
        for event in policy.by_move.get((collection, name), ()):
            _tell(exchange, policy, event)
    exchange.before, exchange.record = about


def _tell(exchange: Exchange, policy: WebhookPolicy, event: EventPolicy) -> None:
    sent = emit(exchange, policy, event)
    if sent is None:
        return
    if not sent:
        exchange.note("notify", "nobody has subscribed", {"event": event.name})
        return
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


def acts(program: Program, operation: Operation) -> bool:
    return program.webhooks is not None


STEP = Finish(
    name="notify",
    question="who is to be told of what the call has done?",
    finish=notify,
    acts=acts,
    of_repeats=False,
    tell=tell,
    keys=(
        "webhooks.events.{event}",
        "webhooks.ids",
        "webhooks.subscriptions",
        "webhooks.encode",
        "webhooks.signature",
        "webhooks.headers",
        "webhooks.retry",
    ),
)
