"""A request whose headers have come before is read as if they had not."""

from __future__ import annotations

from random import Random  # noqa: TID251 - the test's own draw, by a seed

import pytest

from emulator.exchange.call import Reply
from emulator.server.connection import Connection
from emulator.server.heads import Room
from emulator.server.parsers import parser_maker
from emulator.server.slots import Allowed, Slots
from emulator.server.wire import Output
from emulator.settings import Settings

_LINES = (
    *(b"GET /a HTTP/1.1", b"HEAD /b?c=%20d HTTP/1.1", b"POST /a HTTP/1.1"),
    *(b"GET /a#b HTTP/1.1", b"GET a HTTP/1.1", b"GET http://b.test/ HTTP/1.1"),
    *(b"GET /a HTTP/1.0", b"get / HTTP/1.1", b"GET  / HTTP/1.1", b"GET / HTTP/1.1 "),
    *(b"\r\nGET /a HTTP/1.1", b"GET /\xe4 HTTP/1.1", b"GET / HTTP/2.0", b"GET /"),
    *(b"CONNECT a.test:80 HTTP/1.1", b"OPTIONS * HTTP/1.1", b"FETCH / HTTP/1.1"),
)
_PLAIN = b"Host: a.test\r\nX-Key: k"
_HEADS = (
    *(_PLAIN, _PLAIN, _PLAIN + b"\r\nContent-Length: 0", _PLAIN + b"\r\nHost: b"),
    *(_PLAIN + b"\r\nConnection: close", _PLAIN + b"\r\nConnection: keep-alive"),
    *(
        _PLAIN + b"\r\nUpgrade: h2c\r\nConnection: Upgrade",
        b"X-Key: k",
        b"Host: b.test",
    ),
)
_BODIES = (
    (_PLAIN + b"\r\nContent-Length: 2", b"hi"),
    (_PLAIN + b"\r\nContent-Length: 2", b"hiGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    (_PLAIN + b"\r\nContent-Length: 99", b"b" * 99),
    (_PLAIN + b"\r\nContent-Length: 2\r\nExpect: 100-continue", b"hi"),
    (_PLAIN + b"\r\nTransfer-Encoding: chunked", b"2\r\nhi\r\n0\r\n\r\n"),
)


def _request(draw: Random) -> bytes:
    line = draw.choice(_LINES[:3] if draw.random() < 0.8 else _LINES)
    if draw.random() < 0.6:
        return line + b"\r\n" + draw.choice(_HEADS) + b"\r\n\r\n"
    head, body = draw.choice(_BODIES)
    return line + b"\r\n" + head + b"\r\n\r\n" + body


def _lived(
    parser: str, requests: list[bytes], *, cut: bool
) -> list[list[tuple[object, ...] | Output]]:
    """The calls and the outputs after each of *requests*, which may be cut in two."""
    connection = Connection(
        parser_maker(parser), Settings(), lambda _: Allowed(50), Slots(1)
    )
    connection.opened(0.0)
    lived = []
    for request in requests:
        seen: list[tuple[object, ...] | Output] = []
        for piece in (request[:1], request[1:]) if cut else (request,):
            connection.receive(piece)
            while (call := connection.next_call()) is not None:
                seen.append((*call, call.headers))
                connection.send(Reply(body=b"ok"))
            seen += connection.outputs
            connection.outputs.clear()
        lived.append(seen)
    return lived


@pytest.mark.parametrize("seed", range(4))
def test_whole_requests_are_read_as_those_that_come_in_pieces(
    parser: str, seed: int
) -> None:
    """No request that comes in two pieces is looked at whole."""
    draw = Random(seed)
    for _ in range(100):
        first = _LINES[0] + b"\r\n" + _PLAIN + b"\r\n\r\n"
        requests = [first, first[:-4], first[-4:]]
        requests += [_request(draw) for _ in range(draw.randint(2, 12))]

        whole = _lived(parser, requests, cut=False)
        assert whole == _lived(parser, requests, cut=True), requests


@pytest.mark.parametrize("room", [0, 100_000])
def test_clients_with_many_heads_share_room_and_give_it_back(
    parser: str, room: int
) -> None:
    """Each is answered as who it says it is, whether or not it was remembered."""
    shared = Room(room)
    connections = [
        Connection(
            parser_maker(parser),
            Settings(),
            lambda _: Allowed(50),
            Slots(1),
            room=shared,
        )
        for _ in range(3)
    ]
    for number in [*range(90), *range(90), *range(90)]:
        for connection in connections:
            head = b"Host: a.test\r\nX-Key: %d\r\n\r\n" % number
            connection.receive(b"GET /a HTTP/1.1\r\n" + head)
            call = connection.next_call()
            assert call is not None
            assert call.headers["x-key"] == str(number)
            connection.send(Reply(body=b"ok"))
            assert shared.left >= 0
    used = room - shared.left
    for connection in connections:
        connection.lost()

    assert shared.left == room
    assert (used > 0) == (room > 0)
