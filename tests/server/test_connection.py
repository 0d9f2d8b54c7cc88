"""One connection without a socket and without a clock: bytes in, outputs out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.exchange.call import Call, Reply
from emulator.server.connection import Connection
from emulator.server.parsers import parser_maker
from emulator.server.slots import Allowed, Slots
from emulator.server.wire import Ending, Output
from emulator.settings import Settings
from emulator.world.faults import Fault

HOST = b"Host: a.test\r\n"
GET = b"GET /%d HTTP/1.1\r\n" + HOST + b"\r\n"
CHUNKED = b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
LONG = b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 50\r\n\r\n"
OK = Reply(body=b"hi")
SENT = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"

Open = Callable[..., Connection]


@pytest.fixture
def opened(parser: str) -> Open:
    """Open a connection, with the settings that a test names."""

    def make(
        slots: Slots | None = None,
        wake: Callable[[], None] = lambda: None,
        **settings: Any,
    ) -> Connection:
        connection = Connection(
            parser_maker(parser),
            Settings(**settings),
            lambda _: Allowed(100, shared=slots is not None),
            slots or Slots(1),
            wake=wake,
        )
        connection.opened(0.0)
        return connection

    return make


def taken(connection: Connection) -> list[Output]:
    """The outputs, each of which is done with."""
    outputs = [*connection.outputs]
    connection.outputs.clear()
    return outputs


def called(connection: Connection) -> Call:
    call = connection.next_call()
    assert call is not None
    return call


def test_one_call_is_answered_after_the_other(opened: Open) -> None:
    """However many have come."""
    connection = opened()
    connection.receive(GET % 1 + GET % 2)

    assert called(connection).path == "/1"
    assert connection.next_call() is None
    connection.send(OK)
    assert taken(connection) == [SENT]
    assert called(connection).path == "/2"


def test_a_request_that_is_late_is_refused_by_the_time_that_it_began(
    opened: Open,
) -> None:
    connection = opened(request_timeout=20)
    connection.receive(b"GET / HT", 3.0)

    assert connection.tick(10.0) == 13.0
    connection.receive(b"TP/1.1\r\n", 22.0)
    connection.tick(23.0)

    assert connection.next_call() is None
    reply, ending = taken(connection)
    assert isinstance(reply, bytes)
    assert reply.startswith(b"HTTP/1.1 408 ")
    assert ending is Ending.CLOSE
    assert connection.lingering > 0


def test_a_connection_is_kept_for_a_while_between_requests(opened: Open) -> None:
    connection = opened()
    connection.receive(GET % 1, 100.0)
    called(connection)
    connection.send(OK)
    taken(connection)

    connection.tick(164.0)
    assert taken(connection) == []
    connection.tick(165.0)
    assert taken(connection) == [Ending.CLOSE]


def test_an_answer_that_takes_long_is_no_idle_time(opened: Open) -> None:
    connection = opened()
    connection.receive(GET % 1, 1.0)
    called(connection)

    connection.tick(500.0)

    assert taken(connection) == []


def test_what_came_before_nonsense_is_answered_first(opened: Open) -> None:
    connection = opened()
    connection.receive(GET % 1 + b"NONSENSE\r\n\r\n")

    called(connection)
    connection.send(OK)
    assert connection.next_call() is None

    answer, refusal, ending = taken(connection)
    assert answer == SENT
    assert isinstance(refusal, bytes)
    assert refusal.startswith(b"HTTP/1.1 400 ")
    assert ending is Ending.CLOSE


def test_a_client_that_has_said_all_is_answered_and_left(opened: Open) -> None:
    connection = opened()
    connection.receive(GET % 1 + GET % 2)
    called(connection)

    assert connection.eof()
    connection.send(OK)
    called(connection)
    connection.send(OK)

    closing = SENT.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    assert taken(connection) == [SENT, closing, Ending.CLOSE]


def test_a_client_that_goes_while_a_fault_delays_its_reply_has_gone(
    opened: Open,
) -> None:
    connection = opened()
    connection.receive(GET % 1)
    called(connection)
    connection.send(Reply(body=b"hi", faults=(Fault("delay", 2.0),)))

    assert connection.outputs[0] == 2.0
    assert not connection.eof()


def test_a_reply_may_end_the_connection_by_its_own_header(opened: Open) -> None:
    connection = opened()
    connection.receive(GET % 1 + GET % 2)
    called(connection)

    connection.send(Reply(headers=[("Connection", "close")]))

    reply, ending = taken(connection)
    assert isinstance(reply, bytes)
    assert reply.count(b"Connection: close") == 1
    assert ending is Ending.CLOSE
    assert connection.next_call() is None


def test_a_reply_in_parts_is_chunked_unless_it_has_a_length(opened: Open) -> None:
    connection = opened()
    connection.receive(GET % 1 + GET % 2)

    called(connection)
    connection.start(200, [(b"X-A", b"1")])
    connection.part(b"hello", more=True)
    connection.part(b"", more=False)
    called(connection)
    connection.start(200, [(b"Content-Length", b"2")])
    connection.part(b"hi", more=False)

    assert taken(connection) == [
        b"HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"0\r\n\r\n",
        SENT,
    ]


def test_long_bodies_wait_for_a_slot_unread(opened: Open) -> None:
    slots, woken = Slots(1), []
    first = opened(slots)
    second = opened(slots, lambda: woken.append(True))
    asking = LONG.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n")

    first.receive(LONG)
    second.receive(asking)
    assert second.reading_paused
    assert taken(second) == []
    first.receive(50 * b"x")
    called(first)
    first.send(OK)

    assert woken
    assert not second.reading_paused
    assert taken(second) == [b"HTTP/1.1 100 Continue\r\n\r\n"]


@pytest.mark.parametrize("end", ["lost", "late", "whole"])
def test_a_slot_is_given_back_whatever_becomes_of_its_request(
    opened: Open, end: str
) -> None:
    slots = Slots(1)
    first, waiting, last = opened(slots), opened(slots), opened(slots)
    first.receive(LONG)
    waiting.receive(CHUNKED + (b"1\r\nx\r\n0\r\n\r\n" if end == "whole" else b""))

    if end == "lost":
        waiting.lost()
        first.lost()
    elif end == "late":
        waiting.tick(1_000.0)
        first.tick(1_000.0)
    else:
        called(waiting)
        waiting.send(OK)
        first.lost()
    last.receive(LONG)

    assert not last.reading_paused


def test_what_follows_a_body_that_is_too_long_is_not_read(opened: Open) -> None:
    connection = opened()
    connection.receive(CHUNKED + b"FF\r\nabc")

    call = called(connection)
    connection.send(OK)
    connection.receive(GET % 1)

    assert call.body_too_large
    assert call.body == b""
    assert taken(connection)[1:] == [Ending.CLOSE]
    assert connection.lingering > 0
    assert connection.next_call() is None


def test_the_end_of_the_server_lets_what_is_answered_be_answered(
    opened: Open,
) -> None:
    idle, busy = opened(), opened()
    busy.receive(GET % 1 + GET % 2)
    called(busy)

    for connection in (idle, busy):
        connection.shut_down()
    busy.send(OK)

    assert taken(idle) == [Ending.CLOSE]
    assert taken(busy)[-1] is Ending.CLOSE
    assert busy.next_call() is None


def test_calls_with_the_same_headers_and_with_others_say_what_each_sends(
    opened: Open,
) -> None:
    """What is known of the headers of a call is not said of the next one's."""
    connection = opened()
    key, other = b"X-Key: a\r\n", b"X-Key: b\r\nAccept: text/csv\r\n"
    sent = [
        (b"GET", b"/1?q=1", key, b""),
        (b"GET", b"/1?q=2", key, b""),
        (b"POST", b"/2", key + b"Content-Length: 2\r\n", b"hi"),
        (b"POST", b"/3", key + b"Content-Length: 2\r\n", b"ho"),
        (b"DELETE", b"/2", key, b""),
        (b"GET", b"http://b.test/4", key, b""),
        (b"GET", b"/4", key, b""),
        (b"GET", b"/5", other, b""),
        (b"GET", b"/6", other + b"Upgrade: h2c\r\nConnection: Upgrade\r\n", b""),
        (b"GET", b"/7", other + b"Upgrade: h2c\r\nConnection: Upgrade\r\n", b""),
        (b"GET", b"/8", other, b""),
        (b"GET", b"/9", other + b"Connection: close\r\n", b""),
    ]
    for method, target, headers, body in sent:
        head = b"%b %b HTTP/1.1\r\n" % (method, target) + HOST + headers + b"\r\n"
        connection.receive(head + body)
        call = called(connection)
        path, _, query = target.removeprefix(b"http://b.test").partition(b"?")
        assert (call.method, call.path) == (method.decode(), path.decode())
        assert (call.query, call.body) == (query, body)
        assert call.headers["x-key"] == ("a" if headers.startswith(key) else "b")
        assert call.accept == ("text/csv" if b"csv" in headers else "")
        assert call.headers["host"] == ("b.test" if b"//" in target else "a.test")
        assert call.query_texts == ({"q": [query[2:].decode()]} if query else {})
        connection.send(OK)
    assert taken(connection)[-1] is Ending.CLOSE
    assert connection.ended
