"""A connection that ends early is closed in stages, so that its answer is read."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator

import pytest
from echo_board import Dial, EchoBoard, Serve

from emulator.server.run import Running

MB = 1_048_576


def pieces(size: int) -> Iterator[bytes]:
    for _ in range(size // 65_536):
        yield 65_536 * b"x"


def posted(
    server: Running, path: str, size: int, *, chunked: bool
) -> tuple[int, bytes]:
    """The answer to a client that sends all of its body before it reads."""
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    headers = {"Content-Type": "application/json"}
    body = pieces(size) if chunked else size * b"x"
    line.request("POST", path, body, headers, encode_chunked=chunked)
    answer = line.getresponse()
    found = answer.status, answer.read()
    line.close()
    return found


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunks"])
@pytest.mark.parametrize("size", [2 * MB, 12 * MB, 40 * MB])
@pytest.mark.parametrize("path", ["/x", "/_emulator/worlds"])
def test_a_body_that_is_too_long_is_told_so_to_the_end(
    serve: Serve, parser: str, path: str, size: int, chunked: bool
) -> None:
    """RFC 9112, 9.6: a reset would overtake the 413 while the client still sends."""
    server = serve(http=parser)

    for _ in range(3):
        status, body = posted(server, path, size, chunked=chunked)
        assert status == 413
        assert json.loads(body)


def test_a_body_behind_a_refused_head_is_read_as_well(
    serve: Serve, dial: Dial, parser: str
) -> None:
    """And then the connection is over for the client too."""
    client = dial(serve(http=parser))

    client.send(
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
    )
    client.send(12 * MB * b"x")

    status, _, _ = client.reply()
    client.socket.shutdown(socket.SHUT_WR)
    assert status == 501
    assert client.read() == b""


def test_a_client_that_never_stops_is_cut_off(
    serve: Serve, dial: Dial, parser: str, board: EchoBoard
) -> None:
    """Nobody reads on for ever: there is a bound of bytes, and one of time."""
    server = serve(http=parser, max_body=100)
    client = dial(server)
    client.send(
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999999\r\n\r\n"
    )
    assert client.reply()[0] == 413

    with pytest.raises(ConnectionError):
        client.flood(MB * b"x")

    assert dial(server).send(b"GET /?body=hi HTTP/1.0\r\n\r\n").reply()[2] == b"hi"
    assert len(board.calls) == 2
