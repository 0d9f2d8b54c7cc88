"""Messages: what receivers are told of an event, whatever has brought it about.

A receiver has subscribed under /_emulator, or by an operation of the provider's own, so
that its subscription is a record, or the event itself names it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from emulator.changes import new_key, with_values
from emulator.exchange.exchange import Record
from emulator.json_type import Json
from emulator.language.codecs import query_string
from emulator.language.failures import ExpressionFailed
from emulator.language.scope import EMPTY
from emulator.program.headers import header_lines
from emulator.program.onlooker import Onlooker
from emulator.program.program import Program
from emulator.program.webhooks import EventPolicy, SubscriptionPolicy, WebhookPolicy
from emulator.world.outbox import Delivery, Message, Subscription
from emulator.world.world import World

_MOST = 100
"""Subscriptions of records that one event is sent to."""
_FORM = ("Content-Type", "application/x-www-form-urlencoded")


def emit(x: Any, policy: WebhookPolicy, event: EventPolicy) -> list[Delivery] | None:
    """Put *event* into the outbox of its world, for each of its receivers.

    *x* is what its expressions see: an exchange, or a move that time makes. None: its
    condition does not hold. Raises `ExpressionFailed`.
    """
    world: World = x.world
    provider = x.program.name
    if event.when is not None and not event.when.value(x):
        return None
    x.event = {"name": event.name, "id": None}
    receivers = [
        *world.outbox.subscribers(provider, event.name),
        *_receivers(x, policy, event),
    ]
    if not receivers and not event.store:
        return []
    x.event = {"name": event.name, "id": _id(x, policy, event)}
    body = event.payload.json(x, EMPTY)
    if event.store:
        _store(x, event, body)
    if not receivers:
        return []
    headers = tuple(
        line
        for name, template in policy.headers
        for line in header_lines(name, template, x, EMPTY)
    )
    if policy.encode == "form":
        body = form_of(body, event).encode()
        headers = (_FORM, *headers)
    id = str(x.event["id"])
    message = Message(provider, event.name, id, body, headers, policy.delays)
    return world.outbox.emit(message, x.at, receivers)


def form_of(body: bytes, event: EventPolicy) -> str:
    """The members of the JSON object *body* as a form."""
    members = orjson.loads(body)
    flat = isinstance(members, dict) and not any(
        isinstance(item, (dict, list))
        for value in members.values()
        for item in (value if isinstance(value, list) else [value])
    )
    if not flat:
        why = "a form has members that are texts, numbers or lists of them"
        raise ExpressionFailed(event.payload.at, ValueError(why))
    return query_string(members, space="+")


def _id(x: Any, policy: WebhookPolicy, event: EventPolicy) -> Json:
    if event.store and policy.ids is None:
        return new_key(x, x.program.collections[event.store])
    return x.world.chance.uuid() if policy.ids is None else policy.ids.value(x)


def _store(x: Any, event: EventPolicy, body: bytes) -> None:
    """Keep the event, as it is sent, as a record of the same id."""
    policy = x.program.collections[event.store]
    collection = x.collection(event.store)
    payload, id = orjson.loads(body), x.event["id"]
    if not isinstance(payload, dict) or type(id) not in (str, int):
        why = "an event that is stored has an object for payload, and an id for key"
        raise ExpressionFailed(event.payload.at, ValueError(why))
    if collection.get(id) is not None:
        why = f"another record of {event.store} has the id {id!r}"
        raise ExpressionFailed(event.payload.at, ValueError(why))
    about = x.record or {}
    # It belongs to whom the record belongs to that it is about, or else the caller.
    owned = {
        field: about[field] if field in about else template.value(x)
        for field, template in policy.owned_by.items()
    }
    record = {**payload, **owned, policy.key: id}
    collection.put(with_values(x, record, policy.on_create))


def _receivers(
    x: Any, policy: WebhookPolicy, event: EventPolicy
) -> Iterator[Subscription]:
    """Those that records subscribe, and the one that the event names."""
    if event.to is not None:
        url = event.to.url.value(x)
        if url:
            secret = event.to.secret.value(x) if event.to.secret else None
            yield _receiver(x.program.name, url, secret)
    if policy.subscriptions is not None:
        number = 0
        for receiver in _subscribed(x, policy.subscriptions):
            if receiver.wants(x.program.name, event.name):
                yield receiver
                number += 1
                if number == _MOST:
                    x.world.outbox.dropped += 1
                    return


def subscriptions(world: World, program: Program) -> list[Subscription]:
    """The subscriptions of *program* that are records of *world*."""
    policy = program.webhooks.subscriptions if program.webhooks else None
    if policy is None:
        return []
    x = Onlooker(program, world)
    return [*_subscribed(x, policy, every=True)]


def current(
    world: World, program: Program, subscription: Subscription
) -> Subscription | None:
    """*subscription* as its record says by now; None where it is there no more."""
    policy = program.webhooks.subscriptions if program.webhooks else None
    if subscription.record is None or policy is None:
        return subscription
    x = Onlooker(program, world)
    collection = x.collection(policy.collection)
    record = collection.get(subscription.record)
    if record is None:
        return None
    return next(_read(x, policy, record, collection.key, every=True), None)


def _subscribed(
    x: Any, policy: SubscriptionPolicy, *, every: bool = False
) -> Iterator[Subscription]:
    collection = x.collection(policy.collection)
    for record in collection:
        yield from _read(x, policy, record, collection.key, every=every)


def _read(
    x: Any, policy: SubscriptionPolicy, record: Record, key: str, *, every: bool
) -> Iterator[Subscription]:
    """What *record* subscribes to. Unless *every* one is wanted, only where it is active."""
    if not every and policy.active is not None and not policy.active.value(x, record):
        return
    url = policy.url.value(x, record)
    if not url:
        return
    secret = policy.secret.value(x, record) if policy.secret else None
    events = policy.events.value(x, record) if policy.events else None
    yield _receiver(x.program.name, url, secret, events, policy.collection, record[key])


def _receiver(
    provider: str,
    url: Json,
    secret: Json,
    events: Json = None,
    collection: str = "",
    key: int | str | None = None,
) -> Subscription:
    wanted = [events] if isinstance(events, str) else events
    return Subscription(
        id=f"{collection}/{key}" if collection else "named by the event",
        provider=provider,
        url=str(url),
        secrets=(str(secret),) if secret else (),
        events=None if wanted is None else frozenset(map(str, wanted)),
        record=key,
    )
