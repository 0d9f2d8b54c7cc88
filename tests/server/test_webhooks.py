"""Subscriptions by /_emulator, and a running server that sends to them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
import requests
from echo_board import in_process
from receiver import OK, Receiver, never, status
from tiny import START, program

from emulator.engine.dispatcher import Dispatcher
from emulator.server.app import create_app
from emulator.server.run import Running, running
from emulator.settings import Settings
from emulator.times import micros
from emulator.world.clock import Clock
from emulator.world.world import World

ADDRESS = "/_emulator/worlds/default/webhooks/hooks"


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as found:
        yield found


def board_of(**settings: Any) -> Dispatcher:
    programs = {name: program(name) for name in ("hooks", "press")}
    return Dispatcher(
        programs,
        World(clock=Clock(micros(START), frozen=True)),
        Settings(**{"log_format": "none", "port": 0, **settings}),
    )


@pytest.fixture
def board() -> Dispatcher:
    return board_of()


def ask(board: Dispatcher, method: str, path: str = ADDRESS, **more: Any) -> Any:
    return in_process(create_app(board), method, path, **more)


def test_a_subscription_is_made_listed_and_ended(board: Dispatcher) -> None:
    """Its secret is shown to who makes it, and masked from then on."""
    made = ask(
        board,
        "POST",
        json={
            "url": "http://127.0.0.1:9/",
            "secret": "s",
            "events": ["parcel.hurried"],
        },
    )

    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    assert made.json() == {
        "id": "1",
        "url": "http://127.0.0.1:9/",
        "secret": "s",
        "events": ["parcel.hurried"],
    }
    assert ask(board, "GET").json() == {
        "events": ["parcel.created", "parcel.hurried"],
        "subscriptions": [{**made.json(), "secret": "***"}],
        "deliveries": [],
    }

    assert ask(board, "DELETE").status_code == 204
    assert ask(board, "GET").json()["subscriptions"] == []


def test_one_of_several_subscriptions_is_ended(board: Dispatcher) -> None:
    for port in (1, 2):
        ask(board, "POST", json={"url": f"http://127.0.0.1:{port}/"})

    assert ask(board, "DELETE", f"{ADDRESS}?subscription=1").status_code == 204
    assert ask(board, "DELETE", f"{ADDRESS}?subscription=1").status_code == 404

    (left,) = ask(board, "GET").json()["subscriptions"]
    assert left["id"] == "2"


def test_a_secret_is_made_where_the_provider_signs(board: Dispatcher) -> None:
    """The same seed makes the same; an empty one is one's own choice."""
    made = ask(board, "POST", json={"url": "http://127.0.0.1/"}).json()
    other = ask(board_of(), "POST", json={"url": "http://127.0.0.1/"}).json()
    more = ask(board, "POST", json={"url": "http://127.0.0.1/", "events": None}).json()
    none = ask(board, "POST", json={"url": "http://127.0.0.1/", "secret": ""}).json()

    assert len(made["secret"]) == 64
    assert other["secret"] == made["secret"] != more["secret"]
    assert none["secret"] is None
    assert board.world.chance.uuid() == World().chance.uuid()


def test_deliveries_are_shown(board: Dispatcher) -> None:
    ask(board, "POST", json={"url": "http://127.0.0.1:9/", "secret": "s"})
    ask(board, "POST", "/hooks/v1/parcels", json={"to": "Rom"})

    (shown,) = ask(board, "GET").json()["deliveries"]

    (one,) = board.world.outbox
    assert shown == {
        "id": "1",
        "subscription": "1",
        "event": "parcel.created",
        "event_id": one.message.id,
        "state": "pending",
        "next_at": "2026-03-02T10:00:00Z",
        "body": one.message.body.decode(),
        "headers": {"X-Hooks-Event": "parcel.created"},
        "attempts": [],
    }


@pytest.mark.parametrize(
    ("sent", "errors"),
    [
        ({}, {"/url": "it is needed"}),
        (
            {"url": 7, "secret": 7, "events": "parcel.created", "secrets": []},
            {
                "/events": 'it is not of types "null", "array"',
                "/secret": 'it is not of types "null", "string"',
                "/secrets": "there is no such member: did you mean 'secret'?",
                "/url": 'it is not of type "string"',
            },
        ),
        (
            {"url": "file:///etc/passwd", "events": ["parcel.create"]},
            {
                "/events/0": "there is no 'parcel.create':"
                " did you mean 'parcel.created'?",
                "/url": "'file:///etc/passwd' is not an address of http or https",
            },
        ),
        ([], {"": 'it is not of type "object"'}),
    ],
)
def test_what_is_no_subscription(
    board: Dispatcher, sent: Any, errors: dict[str, str]
) -> None:
    """All that is wrong with it is told at once (RFC 9457), and nobody subscribes."""
    reply = ask(board, "POST", json=sent)

    assert reply.status_code == 422
    assert reply.headers["content-type"] == "application/problem+json"
    told = reply.json()["errors"]
    assert {one["pointer"]: one["detail"] for one in told} == errors
    assert board.world.outbox.subscriptions == []


@pytest.mark.parametrize(
    ("content", "kind", "code"),
    [
        (b'{"url": "http://127.0.0.1/"}', "text/plain", 415),
        (b'{"url": "http://127.0.0.1/"}', "", 415),
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b'{"url": "http://a/", "secret": "\\ud800"}', "application/json", 400),
        (b"[" * 60_000, "application/json", 400),
        (b"[" * 100 + b"]" * 100, "application/json", 400),
        (b'"' + b"x" * 70_000 + b'"', "application/json", 413),
    ],
)
def test_bodies_that_are_not_taken(
    board: Dispatcher, content: bytes, kind: str, code: int
) -> None:
    """What a page of another site can send without asking is not taken either."""
    headers = {"Content-Type": kind} if kind else {}
    reply = ask(board, "POST", content=content, headers=headers)

    assert reply.status_code == reply.json()["status"] == code
    assert board.world.outbox.subscriptions == []


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/_emulator/worlds/other/webhooks/hooks", "there is no world 'other'"),
        ("/_emulator/worlds/default/webhooks/hoks", "did you mean 'hooks'"),
        ("/_emulator/worlds/default/webhooks/press", "press sends no webhooks"),
    ],
)
def test_addresses_without_webhooks(board: Dispatcher, path: str, says: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        sent = {"json": {"url": "http://127.0.0.1/"}} if method == "POST" else {}
        reply = ask(board, method, path, **sent)

        assert reply.status_code == 404
        assert says in reply.json()["detail"]


def test_deliveries_are_listed_by_their_state(board: Dispatcher) -> None:
    ask(board, "POST", json={"url": "http://127.0.0.1:9/"})
    ask(board, "POST", "/hooks/v1/parcels", json={"to": "Rom"})

    def ids(state: str) -> list[str]:
        listed = ask(board, "GET", f"{ADDRESS}?state={state}").json()["deliveries"]
        return [one["id"] for one in listed]

    assert (ids("pending"), ids("failed")) == (["1"], [])


@pytest.mark.parametrize("what", ["redeliver", "duplicate"])
def test_what_is_not_there_is_not_sent_again(board: Dispatcher, what: str) -> None:
    """No such delivery, or another provider's, or one whose subscription has ended."""
    ask(board, "POST", json={"url": "http://127.0.0.1:9/"})
    ask(board, "POST", "/hooks/v1/parcels", json={"to": "Rom"})
    ask(board, "DELETE")

    missing = ask(board, "POST", f"{ADDRESS}/9/{what}")
    ended = ask(board, "POST", f"{ADDRESS}/1/{what}")

    assert (missing.status_code, ended.status_code) == (404, 404)
    assert "there is no delivery '9'" in missing.json()["detail"]
    assert "has ended" in ended.json()["detail"]


def test_too_many_subscriptions(board: Dispatcher) -> None:
    for _ in range(100):
        board.world.outbox.subscribe("hooks", "http://127.0.0.1/")

    reply = ask(board, "POST", json={"url": "http://127.0.0.1/"})

    assert reply.status_code == 429


def as_bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_secret_is_rotated(board: Dispatcher) -> None:
    """What signs from then on is shown once; one that is not given is made."""
    made = ask(board, "POST", json={"url": "http://127.0.0.1/", "secret": "s"}).json()
    address = f"{ADDRESS}/subscriptions/{made['id']}/rotate"

    drawn = ask(board, "POST", address).json()
    given = ask(board, "POST", address, json={"secret": "mine"}).json()

    assert given == {**made, "secret": "mine"}
    assert len(drawn["secret"]) == 64
    (one,) = board.world.outbox.subscriptions
    assert one.secrets == ("mine", drawn["secret"], "s")
    missing = ask(board, "POST", f"{ADDRESS}/subscriptions/9/rotate")
    assert missing.status_code == 404


def test_pages_of_other_sites_subscribe_nobody(board: Dispatcher) -> None:
    reply = ask(
        board,
        "POST",
        json={"url": "http://127.0.0.1/"},
        headers={"Origin": "https://evil.example"},
    )

    assert reply.status_code == 403
    assert board.world.outbox.subscriptions == []


# With a server that runs.


def served(stack: ExitStack, board: Dispatcher) -> Running:
    return stack.enter_context(running(board, board.settings))


def received(stack: ExitStack, *answers: Any) -> Receiver:
    made = Receiver(*answers)
    stack.callback(made.close)
    return made


def deliveries(server: Running, state: str) -> Any:
    """The deliveries, once none of them is in another state."""
    for _ in range(2_000):
        found = requests.get(server.url + ADDRESS).json()["deliveries"]
        if found and all(one["state"] == state for one in found):
            return found
    raise AssertionError(found)


def test_a_running_server_sends_at_once(stack: ExitStack, board: Dispatcher) -> None:
    server, receiver = served(stack, board), received(stack)
    requests.post(server.url + ADDRESS, json={"url": receiver.url})

    requests.post(f"{server.url}/hooks/v1/parcels", json={"to": "Rom"})
    receiver.wait(1)

    (one,) = deliveries(server, "delivered")
    assert receiver.received[0].body.decode() == one["body"]
    assert one["attempts"] == [
        {"at": "2026-03-02T10:00:00Z", "status": 200, "error": None}
    ]


def test_a_running_server_notices_that_its_clock_was_moved(
    stack: ExitStack, board: Dispatcher
) -> None:
    """A frozen clock that is advanced brings the retry; nobody is asked to wait."""
    server, receiver = served(stack, board), received(stack, status(500), OK)
    requests.post(server.url + ADDRESS, json={"url": receiver.url})
    requests.post(f"{server.url}/hooks/v1/parcels", json={"to": "Rom"})
    receiver.wait(1)
    assert deliveries(server, "pending")

    board.world.clock.advance(61)
    receiver.wait(2)

    (one,) = deliveries(server, "delivered")
    assert [each["status"] for each in one["attempts"]] == [500, 200]


def test_a_delivery_is_sent_again_when_it_is_asked_for(
    stack: ExitStack, board: Dispatcher
) -> None:
    """The same bytes; a duplicate is a delivery of its own."""
    server, receiver = served(stack, board), received(stack)
    requests.post(server.url + ADDRESS, json={"url": receiver.url})
    requests.post(f"{server.url}/hooks/v1/parcels", json={"to": "Rom"})
    deliveries(server, "delivered")

    again = requests.post(f"{server.url}{ADDRESS}/1/redeliver")
    receiver.wait(2)
    copy = requests.post(f"{server.url}{ADDRESS}/1/duplicate")
    receiver.wait(3)

    assert (again.status_code, again.json()["id"]) == (202, "1")
    assert (copy.status_code, copy.json()["id"]) == (202, "2")
    assert len({one.body for one in receiver.received}) == 1
    first, second = deliveries(server, "delivered")
    assert (len(first["attempts"]), len(second["attempts"])) == (2, 1)


def test_a_running_server_does_not_call_itself(
    stack: ExitStack, board: Dispatcher
) -> None:
    """It knows the port that it was given."""
    server = served(stack, board)
    # As in a snapshot of another server's: none is made of it over the admin API.
    board.world.outbox.subscribe("hooks", f"{server.url}/hooks/v1/parcels", "")

    requests.post(f"{server.url}/hooks/v1/parcels", json={"to": "Rom"})

    for _ in range(2_000):
        (one,) = requests.get(server.url + ADDRESS).json()["deliveries"]
        if one["attempts"]:
            break
    assert one["attempts"][0]["error"].endswith("is the emulator's own")
    assert len(board.world.journal) == 1


def test_a_server_ends_while_a_receiver_does_not_answer(stack: ExitStack) -> None:
    """What was under way is let go; it stays pending."""
    board, receiver = board_of(), received(stack, never)
    with running(board, board.settings) as server:
        requests.post(server.url + ADDRESS, json={"url": receiver.url})
        requests.post(f"{server.url}/hooks/v1/parcels", json={"to": "Rom"})
        receiver.wait(1)

    assert receiver.ended.wait(5)
    assert [one.state for one in board.world.outbox] == ["pending"]


def test_calls_are_answered_while_a_receiver_is_slow(
    stack: ExitStack, board: Dispatcher
) -> None:
    """No call waits for a delivery, which has a minute here."""
    board.programs["hooks"] = program("hooks", {"webhooks.retry.timeout": "60s"})
    server, receiver = served(stack, board), received(stack, never)
    requests.post(server.url + ADDRESS, json={"url": receiver.url})

    answers = [
        requests.post(f"{server.url}/hooks/v1/parcels", json={"to": "Rom"})
        for _ in range(30)
    ]

    assert {answer.status_code for answer in answers} == {201}
    assert max(answer.elapsed.total_seconds() for answer in answers) < 30


def test_an_app_can_live_twice(stack: ExitStack, board: Dispatcher) -> None:
    """Each time in a loop of its own, as test clients do it."""
    app, receiver = create_app(board), received(stack)

    async def live() -> None:
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://localhost") as one,
        ):
            await one.post(ADDRESS, json={"url": receiver.url})
            await one.post("/hooks/v1/parcels", json={"to": "Rom"})
            await asyncio.to_thread(receiver.wait, len(receiver.received) + 1)

    asyncio.run(live())
    asyncio.run(live())

    assert len(receiver.received) >= 2


@pytest.mark.parametrize(
    ("url", "setting"),
    [
        ("http://10.0.0.1/hook", "10.0.0.1"),
        ("http://167772161/hook", "10.0.0.1"),
        ("http://[fd00::1]/hook", "fd00::1"),
        ("https://169.254.169.254/latest", "169.254.169.254"),
        ("https://8.8.8.8/hook", "8.8.8.8"),
    ],
)
def test_a_target_that_nothing_is_sent_to_is_told_at_once(
    board: Dispatcher, url: str, setting: str
) -> None:
    """With the setting that changes it, and not when the first delivery has failed."""
    refused = ask(board, "POST", json={"url": url})
    allowed = ask(board_of(webhook_hosts=(setting,)), "POST", json={"url": url})

    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert error["pointer"] == "/url"
    assert error["detail"].endswith(f"--webhook-hosts {setting} allows it")
    assert ask(board, "GET").json()["subscriptions"] == []
    assert allowed.status_code == 201


@pytest.mark.parametrize("which", ["url", "admin_url"])
def test_the_emulator_s_own_ports_subscribe_to_nothing(which: str) -> None:
    settings: dict[str, Any] = {"admin_port": 0, "webhook_hosts": ("127.0.0.0/8",)}
    board = board_of(**settings)
    with running(board, board.settings) as server:
        target = f"{getattr(server, which)}/_emulator/worlds"

        refused = httpx.post(server.admin_url + ADDRESS, json={"url": target})

    assert refused.status_code == 422
    assert "is the emulator's own" in refused.json()["errors"][0]["detail"]
