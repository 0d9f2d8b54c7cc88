"""Webhooks: who has subscribed to what, under /_emulator.

GET     /_emulator/worlds/{world}/webhooks/{provider}    subscriptions and deliveries
POST    the same    {"url": ..., "secret": ..., "events": [...]}: one more subscription
DELETE  the same    all subscriptions of the provider, or ?subscription=<id>
POST    .../{delivery}/redeliver | duplicate
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from emulator.compile.webhooks import WebhookPolicy
from emulator.diagnostics import did_you_mean
from emulator.server.reach import Denied, read_target
from emulator.world.chance import Chance
from emulator.world.outbox import (
    Delivery,
    NoSuchDelivery,
    Subscription,
    TooManySubscriptions,
)
from emulator.world.world import World

_PATH = "/_emulator/worlds/{world}/webhooks/{provider}"
_MOST = 65_536
_KEYS = ("url", "secret", "events")
_ALPHABET = "0123456789abcdef"


def routes() -> list[BaseRoute]:
    return [
        Route(_PATH, _list, methods=["GET"]),
        Route(_PATH, _subscribe, methods=["POST"]),
        Route(_PATH, _unsubscribe, methods=["DELETE"]),
        Route(f"{_PATH}/{{delivery}}/redeliver", _redeliver, methods=["POST"]),
        Route(f"{_PATH}/{{delivery}}/duplicate", _duplicate, methods=["POST"]),
    ]


async def _list(request: Request) -> Response:
    world, name, policy = _found(request)
    outbox = world.outbox
    return _json(
        {
            "events": [*policy.events],
            "subscriptions": [_subscription(one) for one in _of(world, name)],
            "deliveries": [
                _delivery(one) for one in outbox if one.message.provider == name
            ],
        }
    )


async def _subscribe(request: Request) -> Response:
    world, name, policy = _found(request)
    asked = await _read(request)
    problems = [*_wrong(asked, policy)]
    if problems:
        raise HTTPException(422, "; ".join(problems))
    secret = asked.get("secret")
    if secret is None and policy.signature is not None:
        # A chance of its own: what the provider draws stays what it was.
        many = len(world.outbox.subscriptions)
        chance = Chance(f"{world.chance.seed}:webhooks:{name}:{many}")
        secret = chance.token(64, _ALPHABET)
    try:
        made = world.outbox.subscribe(
            name, asked["url"], secret or "", asked.get("events")
        )
    except TooManySubscriptions as error:
        raise HTTPException(429, str(error)) from None
    return _json(_subscription(made), 201)


async def _unsubscribe(request: Request) -> Response:
    world, name, _ = _found(request)
    asked = request.query_params.get("subscription")
    gone = [one for one in _of(world, name) if asked in (None, one.id)]
    if asked is not None and not gone:
        raise HTTPException(404, f"there is no subscription {asked[:40]!r}")
    for one in gone:
        world.outbox.unsubscribe(one)
    return Response(status_code=204, headers={"cache-control": "no-store"})


async def _redeliver(request: Request) -> Response:
    world, name, _ = _found(request)
    return _again(request, world, name, world.outbox.redeliver)


async def _duplicate(request: Request) -> Response:
    world, name, _ = _found(request)
    return _again(request, world, name, world.outbox.duplicate)


def _again(request: Request, world: World, name: str, send: Any) -> Response:
    """Have a delivery of the provider's sent by *send*; 202: it is on its way."""
    id = request.path_params["delivery"]
    try:
        delivery = world.outbox.find(id)
        if delivery.message.provider != name:
            raise NoSuchDelivery(f"{name} has no delivery {id[:40]!r}")
        made = send(id, world.clock.now())
    except NoSuchDelivery as error:
        raise HTTPException(404, str(error)) from None
    request.app.sender.wake()
    return _json(_delivery(made), 202)


def _found(request: Request) -> tuple[World, str, WebhookPolicy]:
    """The world, the provider and its webhooks that an address is about."""
    board = request.app.board
    asked, name = request.path_params["world"], request.path_params["provider"]
    if asked != board.world.id:
        raise HTTPException(404, f"there is no world {asked[:40]!r}")
    if name not in board.programs:
        fix = did_you_mean(name[:40], board.programs)
        raise HTTPException(404, f"there is no provider {name[:40]!r}: {fix}")
    policy = board.programs[name].webhooks
    if policy is None:
        raise HTTPException(404, f"{name} sends no webhooks")
    return board.world, name, policy


def _of(world: World, name: str) -> list[Subscription]:
    return [one for one in world.outbox.subscriptions if one.provider == name]


async def _read(request: Request) -> Mapping[str, Any]:
    """The JSON object of a request's body."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(415, "send application/json, and say so in Content-Type")
    body = b""
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > _MOST:
                raise HTTPException(413, f"a body has up to {_MOST} bytes here")
        asked = json.loads(body)
    except ClientDisconnect:
        raise HTTPException(400, "the body has no end") from None
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, f"the body is not JSON: {error}") from None
    if not isinstance(asked, dict):
        raise HTTPException(422, "the body is not an object")
    return asked


def _wrong(asked: Mapping[str, Any], policy: WebhookPolicy) -> Iterator[str]:
    for key in asked.keys() - set(_KEYS):
        yield f"{key[:40]!r} is no member: {did_you_mean(key[:40], _KEYS)}"
    try:
        read_target(str(asked.get("url")))
    except Denied as error:
        yield f"url: {error}"
    secret = asked.get("secret")
    if secret is not None and not (isinstance(secret, str) and _encodes(secret)):
        yield "secret: not a text"
    events = asked.get("events")
    if events is None:
        return
    if not isinstance(events, list) or not all(isinstance(one, str) for one in events):
        yield "events: not a list of names"
        return
    for one in events:
        if one not in policy.events:
            yield f"events: there is no {one[:40]!r}: {did_you_mean(one, policy.events)}"


def _encodes(text: str) -> bool:
    """Whether *text* has bytes: half of a surrogate pair has none."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _subscription(one: Subscription) -> Mapping[str, Any]:
    return {
        "id": one.id,
        "url": one.url,
        "secret": one.secret or None,
        "events": None if one.events is None else sorted(one.events),
    }


def _delivery(one: Delivery) -> Mapping[str, Any]:
    from emulator.compile.functions import iso

    pending = one.state == "pending"
    return {
        "id": one.id,
        "subscription": one.subscription.id,
        "event": one.message.event,
        "event_id": one.message.id,
        "state": one.state,
        "next_at": iso(one.next_at) if pending else None,
        "body": one.message.body.decode(),
        "headers": dict(one.message.headers),
        "attempts": [
            {"at": iso(each.at), "status": each.status, "error": each.error or None}
            for each in one.attempts
        ],
    }


def _json(value: Any, status: int = 200) -> Response:
    headers = {"cache-control": "no-store"}
    body = json.dumps(value).encode()
    return Response(body, status, headers, "application/json")
