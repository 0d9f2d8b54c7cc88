"""Webhooks: who has subscribed to a provider's events, and what was sent to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from emulator.admin.request import (
    AdminRequest,
    json_reply,
    no_content,
    problem_error,
    program_of,
    unprocessable,
    world_of,
)
from emulator.admin.schemas import (
    Schema,
    anything,
    input_schema,
    list_of,
    map_of,
    object_schema,
    of_types,
    ref,
    text,
    text_or_null,
)
from emulator.admin.table import Answer, Body, Rows, Work, problems, query
from emulator.diagnostics import did_you_mean
from emulator.engine.scenarios import Arranging
from emulator.exchange.call import Reply
from emulator.http.url import Denied, read_target
from emulator.json_type import Json
from emulator.messages import emit, subscriptions
from emulator.program.described_events import Payload
from emulator.program.documented import Constant
from emulator.program.webhooks import EventPolicy, WebhookPolicy
from emulator.times import iso
from emulator.world.chance import Chance
from emulator.world.outbox import (
    Delivery,
    NoSuchDelivery,
    Subscription,
    TooManySubscriptions,
)
from emulator.world.world import World

MASK = "***"
"""Shown for a secret that there is."""
_HEX = "0123456789abcdef"


_STATE: Schema = {"enum": ["pending", "delivered", "failed"]}
_PATH = "/worlds/{world}/webhooks/{provider}"

row = Rows("webhooks")


@row(
    f"GET {_PATH}",
    {200: Answer("events, subscriptions and deliveries", ref("Webhooks"))},
    query=(query("state", _STATE, "only deliveries in this state"),),
)
def list_webhooks(request: AdminRequest) -> Reply:
    """List events, subscriptions and deliveries of a provider."""
    world, name, policy = _found(request)
    state = request.options.get("state")
    return json_reply(
        {
            "events": [*policy.events],
            "subscriptions": [
                _subscription(subscription)
                for subscription in (
                    *_of(world, name),
                    *subscriptions(world, program_of(request)),
                )
            ],
            "deliveries": [
                _delivery(delivery)
                for delivery in world.outbox
                if delivery.message.provider == name and state in (None, delivery.state)
            ],
        }
    )


@row(
    f"POST {_PATH}",
    {
        201: Answer("the subscription, with its secret", ref("Subscription")),
        429: problems("the world has the maximum number of subscriptions"),
    },
    body=Body(ref("NewSubscription"), most=65_536),
    sends=True,
)
def subscribe(request: AdminRequest) -> Work:
    """Subscribe to the events of a provider."""
    world, name, policy = _found(request)
    wanted = request.json
    wrong = [*_wrong(wanted, policy)]
    if wrong:
        raise unprocessable(wrong)
    denied = yield read_target(wanted["url"])
    if denied:
        raise unprocessable([{"pointer": "/url", "detail": denied}])
    world, name, policy = _found(request)  # as it is now: to ask has taken time
    secret = wanted.get("secret")
    if secret is None and policy.signature is not None:
        many = len(world.outbox.subscriptions)
        secret = _drawn(world, f"{name}:{many}")
    try:
        made = world.outbox.subscribe(
            name, wanted["url"], secret or "", wanted.get("events")
        )
    except TooManySubscriptions as error:
        raise problem_error(429, "too many subscriptions", str(error)) from None
    return json_reply(_subscription(made, made.secret), 201)


@row(
    f"DELETE {_PATH}",
    {204: Answer("ended")},
    query=(
        query(
            "subscription",
            text(),
            "the id of the subscription to end; by default all end",
        ),
    ),
)
def unsubscribe(request: AdminRequest) -> Reply:
    """End subscriptions."""
    world, name, _ = _found(request)
    id = request.options.get("subscription")
    gone = _of(world, name) if id is None else [_one(world, name, id)]
    for subscription in gone:
        world.outbox.unsubscribe(subscription)
    return no_content()


@row(
    f"POST {_PATH}/subscriptions/{{subscription}}/rotate",
    {200: Answer("the subscription, with its secret", ref("Subscription"))},
    body=Body(ref("NewSecret"), required=False, most=65_536),
)
def rotate_secret(request: AdminRequest) -> Reply:
    """Change the secret of a subscription."""
    world, name, _ = _found(request)
    subscription = _one(world, name, request.names["subscription"])
    secret = request.json.get("secret")
    if secret is None:
        secret = _drawn(world, f"{name}:{subscription.id}:{len(subscription.secrets)}")
    subscription.rotate(secret)
    return json_reply(_subscription(subscription, secret))


@row(f"POST {_PATH}/{{delivery}}/redeliver", {202: Answer("pending", ref("Delivery"))})
def redeliver(request: AdminRequest) -> Reply:
    """Send a delivery again."""
    world, name, _ = _found(request)
    return _again(request, world, name, world.outbox.redeliver)


@row(
    f"POST {_PATH}/{{delivery}}/duplicate",
    {202: Answer("the new delivery", ref("Delivery"))},
)
def duplicate(request: AdminRequest) -> Reply:
    """Send the same message again as a new delivery.

    The same event is delivered twice, as providers do by mistake.
    """
    world, name, _ = _found(request)
    return _again(request, world, name, world.outbox.duplicate)


@row(
    f"POST {_PATH}/events/{{event}}",
    {
        202: Answer("the deliveries to those who have subscribed", ref("Sent")),
        409: problems("its payload is about a call, and none was sent"),
    },
    body=Body(ref("NewEvent"), required=False, most=1_048_576),
    sends=True,
)
def bring_about(request: AdminRequest) -> Reply:
    """Bring about an event.

    The payload of a webhook that the OpenAPI document describes is its example, or
    generated from its schema; one that is sent is delivered as it is.
    """
    world, name, policy = _found(request)
    event = policy.events.get(request.names["event"])
    if event is None:
        fix = did_you_mean(request.names["event"][:60], policy.events)
        raise problem_error(404, "no such event", f"{name} has no such event: {fix}")
    sent = request.json or {}
    payload: Any = event.payload
    if "payload" in sent:
        payload = Constant(sent["payload"], event.payload)
    elif not isinstance(payload, Payload):
        raise problem_error(
            409,
            "about a call",
            f"the payload of {event.name} is about a call, and nobody calls",
            fix='send it: {"payload": {...}}',
        )
    told = EventPolicy(
        **{**vars(event), "payload": payload, "when": None, "to": None, "store": ""}
    )
    x = Arranging(program_of(request), world)
    made = emit(x, policy, told) or []
    return json_reply({"deliveries": [*map(_delivery, made)]}, 202, sends=True)


def _again(
    request: AdminRequest, world: World, name: str, send: Callable[[str, int], Delivery]
) -> Reply:
    """Have a delivery of the provider's sent by *send*; 202: it is on its way."""
    id = request.names["delivery"]
    try:
        if world.outbox.find(id).message.provider != name:
            raise NoSuchDelivery(f"{name} has no delivery {id[:40]!r}")
        made = send(id, world.clock.now())
    except NoSuchDelivery as error:
        raise problem_error(404, "no such delivery", str(error)) from None
    return json_reply(_delivery(made), 202, sends=True)


def _found(request: AdminRequest) -> tuple[World, str, WebhookPolicy]:
    """The world, the provider and its webhooks that an address is about."""
    world, program = world_of(request), program_of(request)
    if program.webhooks is None:
        raise problem_error(404, "no webhooks", f"{program.name} sends no webhooks")
    return world, program.name, program.webhooks


def _of(world: World, name: str) -> list[Subscription]:
    return [
        subscription
        for subscription in world.outbox.subscriptions
        if subscription.provider == name
    ]


def _one(world: World, name: str, id: str) -> Subscription:
    for subscription in _of(world, name):
        if subscription.id == id:
            return subscription
    if "/" in id:
        raise problem_error(
            409,
            "a record",
            f"the subscription {id[:40]!r} is a record of the provider's",
            fix="change or delete it under /_emulator/worlds/{world}/records, or as the"
            " provider's callers do",
        )
    raise problem_error(
        404, "no such subscription", f"there is no subscription {id[:40]!r}"
    )


def _drawn(world: World, what: str) -> str:
    """A secret from a chance of its own: what the provider draws stays what it was."""
    return Chance(f"{world.chance.seed}:webhooks:{what}").token(64, _HEX)


def _wrong(wanted: Mapping[str, Json], policy: WebhookPolicy) -> Iterator[Json]:
    """What no schema can know."""
    try:
        read_target(wanted["url"])
    except Denied as error:
        yield {"pointer": "/url", "detail": str(error)}
    for number, name in enumerate(wanted.get("events") or ()):
        if name not in policy.events:
            fix = did_you_mean(name[:60], policy.events)
            yield {
                "pointer": f"/events/{number}",
                "detail": f"there is no {name[:60]!r}: {fix}",
            }


def _subscription(subscription: Subscription, secret: str = "") -> Mapping[str, Json]:
    """*secret* is shown to who has just set it, and to nobody else."""
    return {
        "id": subscription.id,
        "url": subscription.url,
        "secret": secret or (MASK if subscription.secret else None),
        "events": None if subscription.events is None else sorted(subscription.events),
    }


def _delivery(delivery: Delivery) -> Mapping[str, Json]:
    pending = delivery.state == "pending"
    return {
        "id": delivery.id,
        "subscription": delivery.subscription.id,
        "event": delivery.message.event,
        "event_id": delivery.message.id,
        "state": delivery.state,
        "next_at": iso(delivery.next_at) if pending else None,
        "body": delivery.message.body.decode(),
        "headers": dict(delivery.message.headers),
        "attempts": [
            {"at": iso(each.at), "status": each.status, "error": each.error or None}
            for each in delivery.attempts
        ],
    }


_SECRET: Schema = text_or_null(
    "The secret with which deliveries are signed; by default it is generated, if the"
    " provider signs.",
    maxLength=1_000,
)
_EVENTS: Schema = of_types(
    "array null",
    "The names of the events to send; null: all.",
    items=text(),
    maxItems=1_000,
)


SCHEMAS: Mapping[str, Schema] = {
    "NewSubscription": input_schema(
        required="url",
        url=text(
            "The address to which deliveries are sent; --webhook-hosts allows other"
            " machines than this one.",
            maxLength=2_048,
        ),
        secret=_SECRET,
        events=_EVENTS,
    ),
    "NewEvent": input_schema(payload=anything("What is delivered, any JSON.")),
    "Sent": object_schema(deliveries=list_of(ref("Delivery"))),
    "NewSecret": input_schema(secret={**_SECRET, "minLength": 1}),
    "Subscription": object_schema(
        id=text(),
        url=text(),
        secret=text_or_null(f"Shown when it is set, and {MASK!r} from then on."),
        events=_EVENTS,
    ),
    "Delivery": object_schema(
        id=text(),
        subscription=text(),
        event=text(),
        event_id=text(),
        state=_STATE,
        next_at=text_or_null(),
        body=text(),
        headers=map_of(text()),
        attempts=list_of(
            object_schema(
                at=text(), status=of_types("integer null"), error=text_or_null()
            )
        ),
    ),
    "Webhooks": object_schema(
        events=list_of(text()),
        subscriptions=list_of(ref("Subscription")),
        deliveries=list_of(ref("Delivery")),
    ),
}
