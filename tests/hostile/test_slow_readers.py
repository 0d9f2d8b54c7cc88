"""Clients that send and never read: what waits for them is bounded, and others are served."""

from __future__ import annotations

import gc
import socket
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from door import JOBS, JSON, PATIENCE, Door, OpenDoor, request

MIB = 2**20
EVENTS = b"/_emulator/worlds/default/journal/events"


@contextmanager
def connected(door: Door) -> Iterator[socket.socket]:
    """A connection of a client that takes as little as it can."""
    with socket.socket() as made:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1_024)
        made.settimeout(PATIENCE)
        made.connect(("127.0.0.1", door.server.port))
        yield made


@contextmanager
def memory() -> Iterator[list[int]]:
    """What is held at the end that was not at the beginning, in bytes."""
    held: list[int] = []
    gc.collect()
    tracemalloc.start()
    yield held
    gc.collect()
    held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()


def assert_served(door: Door) -> None:
    """Others are answered, if only that nobody knows them."""
    assert door.say(request(path=JOBS, key=b"none")).status in (403, 429)


def test_a_follower_that_never_reads_costs_no_more_than_the_journal(
    open_door: OpenDoor,
) -> None:
    """However much is written after it has stopped."""
    door = open_door(journal_entries=100)
    with connected(door) as follower:
        follower.sendall(request(path=EVENTS, key=b"x"))
        assert follower.recv(12) == b"HTTP/1.1 200"
        with memory() as held:
            for _ in range(40):
                body = door.job_with(description="x" * 500_000)
                answer = door.say(request(b"POST", JOBS, [JSON], body, key=b"none"))
                assert answer.status == 403

    assert held[0] < 30 * MIB
    assert_served(door)


def test_replies_that_nobody_reads_stop_the_requests(open_door: OpenDoor) -> None:
    """A client that sends ever more is not read any more once its replies wait."""
    door = open_door()
    many = request(path=JOBS + b"?per_page=100", key=door.keys["full"]) * 100
    sent = 0
    with connected(door) as client, memory() as held, suppress(TimeoutError):
        client.settimeout(0.5)
        for _ in range(1_000):
            client.sendall(many)
            sent += 100

    assert sent < 90_000
    assert held[0] < 30 * MIB
    assert_served(door)


def test_a_body_that_never_ends_in_trailers_is_given_up(open_door: OpenDoor) -> None:
    """Trailers count as a head does."""
    door = open_door()
    head = request(
        b"POST", JOBS, [JSON, b"Transfer-Encoding: chunked"], key=door.keys["full"]
    )
    trailers = b"".join(b"X-%d: %s\r\n" % (n, b"a" * 1_000) for n in range(300))

    answer = door.say(head + b"2\r\n{}\r\n0\r\n" + trailers + b"\r\n")

    assert answer.status in (400, 413, 422, 431)
    assert_served(door)
