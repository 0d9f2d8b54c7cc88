"""Event streams over a socket: they begin at once, go on, and end with the server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from tiny import START, program

from emulator.engine.dispatcher import Dispatcher
from emulator.server.run import Running, running
from emulator.settings import Settings
from emulator.times import micros
from emulator.world.clock import Clock
from emulator.world.world import World

EVENTS = "/_emulator/worlds/default/journal/events"


def board_of(**settings: Any) -> Dispatcher:
    world = World(clock=Clock(micros(START), frozen=True))
    chosen = Settings(**{"port": 0, "log_format": "none", **settings})
    return Dispatcher({"hooks": program("hooks")}, world, chosen)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as found:
        yield found


class Follower:
    """One who reads a stream of a server, line by line."""

    def __init__(self, stack: ExitStack, server: Running, **headers: str) -> None:
        client = stack.enter_context(httpx.Client(base_url=server.url, timeout=10))
        self.reply = stack.enter_context(client.stream("GET", EVENTS, headers=headers))
        self._lines = self.reply.iter_lines()

    def until(self, start: str) -> str:
        return next(line for line in self._lines if line.startswith(start))

    def rest(self) -> list[str]:
        return [*self._lines]


def call(server: Running, id: int) -> None:
    httpx.get(f"{server.url}/hooks/v1/parcels/{id}")


def test_an_exchange_is_told_when_it_has_happened(stack: ExitStack) -> None:
    board = board_of()
    server = stack.enter_context(running(board, board.settings))
    follower = Follower(stack, server)
    follower.until(":")  # it is being listened to

    call(server, 7)

    assert follower.reply.headers["content-type"] == "text/event-stream"
    assert "content-length" not in follower.reply.headers
    assert '"readParcel"' in follower.until("data: ")


def test_who_comes_back_goes_on_from_where_it_was(stack: ExitStack) -> None:
    board = board_of()
    server = stack.enter_context(running(board, board.settings))
    for id in (1, 2, 3):
        call(server, id)
    first = next(iter(board.world.journal)).id

    follower = Follower(stack, server, **{"Last-Event-ID": str(first)})

    assert "/parcels/2" in follower.until("data: ")
    assert "/parcels/3" in follower.until("data: ")


def test_a_stream_ends_with_the_server(stack: ExitStack) -> None:
    """In its own way: with an end, and without being waited for."""
    board = board_of()
    server = stack.enter_context(running(board, board.settings))
    follower = Follower(stack, server)
    follower.until(":")

    ending = threading.Thread(target=server.stop)
    ending.start()
    rest = follower.rest()
    ending.join(5)

    assert not ending.is_alive()
    assert rest in ([], [""])


def test_a_stream_outlives_a_reset(stack: ExitStack) -> None:
    """A test that follows a world resets it, and goes on following."""
    board = board_of()
    server = stack.enter_context(running(board, board.settings))
    follower = Follower(stack, server)
    follower.until(":")

    httpx.post(f"{server.url}/_emulator/worlds/default/reset")
    call(server, 9)

    assert "/parcels/9" in follower.until("data: ")


def test_a_stream_needs_the_token_like_all_else() -> None:
    board = board_of(admin_token="t0ken")
    with running(board, board.settings) as server:
        assert httpx.get(server.url + EVENTS).status_code == 401
        with httpx.stream(
            "GET",
            server.url + EVENTS,
            headers={"Authorization": "Bearer t0ken"},
        ) as reply:
            assert reply.status_code == 200


def test_a_stream_is_not_read_by_a_head(stack: ExitStack) -> None:
    board = board_of()
    server = stack.enter_context(running(board, board.settings))

    assert httpx.head(server.url + EVENTS).status_code == 200
