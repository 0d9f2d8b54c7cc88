"""A clock that is moved by /_emulator: what falls due on the way is sent on the way."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests
from echo_board import Client
from receiver import OK, Receiver, status
from tiny import START, program

from emulator.engine.dispatcher import Dispatcher
from emulator.server.run import Running, running
from emulator.settings import Settings
from emulator.times import micros
from emulator.world.clock import Clock
from emulator.world.world import World

CLOCK = "/_emulator/worlds/default/clock"
HOOKS = "/_emulator/worlds/default/webhooks/hooks"


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as found:
        yield found


def served(stack: ExitStack) -> Running:
    world = World(clock=Clock(micros(START), frozen=True))
    settings = Settings(port=0, log_format="none")
    board = Dispatcher({"hooks": program("hooks")}, world, settings)
    return stack.enter_context(running(board, settings))


def happening(stack: ExitStack, server: Running, *answers: Any) -> Receiver:
    """A receiver that has been told of a parcel, and has given its first answer."""
    receiver = Receiver(*answers)
    stack.callback(receiver.close)
    requests.post(server.url + HOOKS, json={"url": receiver.url})
    requests.post(f"{server.url}/hooks/v1/parcels", json={"to": "Rom"})
    receiver.wait(1)
    while not attempts(server):
        pass
    return receiver


def attempts(server: Running) -> Any:
    (one,) = requests.get(server.url + HOOKS).json()["deliveries"]
    return [(each["at"], each["status"]) for each in one["attempts"]]


def move(server: Running, **how: Any) -> Any:
    return requests.patch(server.url + CLOCK, json=how).json()


def test_every_retry_is_made_at_its_own_time(stack: ExitStack) -> None:
    """When the move is answered, all of it has happened: nobody has to wait."""
    server = served(stack)
    happening(stack, server, status(500), status(503), OK)

    moved = move(server, advance="10m")

    assert moved["now"] == "2026-03-02T10:10:00Z"
    assert attempts(server) == [
        ("2026-03-02T10:00:00Z", 500),
        ("2026-03-02T10:01:00Z", 503),
        ("2026-03-02T10:06:00Z", 200),
    ]


def test_two_moves_at_once_are_one_after_the_other(stack: ExitStack) -> None:
    """The second begins where the first has ended, deliveries included."""
    go = threading.Event()

    def held(connection: socket.socket) -> None:
        go.wait(10)
        connection.sendall(OK)

    server = served(stack)
    receiver = happening(stack, server, status(500), held)
    clients = [Client(server.port) for _ in range(2)]
    sent = json.dumps({"advance": "61s"}).encode()
    head = (
        f"PATCH {CLOCK} HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(sent)}\r\n\r\n"
    ).encode()

    clients[0].send(head + sent)
    receiver.wait(2)
    clients[1].send(head + sent)
    for _ in range(3):  # others are answered meanwhile
        assert requests.get(server.url + CLOCK).json()["now"] == "2026-03-02T10:01:00Z"
    go.set()

    told = [json.loads(client.reply()[2])["now"] for client in clients]
    for client in clients:
        client.close()
    assert told == ["2026-03-02T10:01:01Z", "2026-03-02T10:02:02Z"]
