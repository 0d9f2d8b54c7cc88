"""The limits of a connection, the same for both parsers."""

from __future__ import annotations

import json
import socket
from time import perf_counter

import pytest
from echo_board import Client, Dial, Serve

HOST = b"Host: localhost\r\n"


def refusal(client: Client) -> tuple[int, str]:
    status, headers, body = client.reply()
    assert headers["content-type"] == "application/problem+json"
    assert headers["connection"] == "close"
    assert client.read() == b""
    return status, json.loads(body)["title"]


@pytest.mark.parametrize(
    "part",
    [
        b"G",
        b"GET / HTTP/1.1\r\nHost: local",
        b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\nab",
        b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",
    ],
)
def test_half_a_request_is_not_waited_for_without_end(
    serve: Serve, dial: Dial, parser: str, part: bytes
) -> None:
    """Trap 9: uvicorn would hold the connection for ever."""
    client = dial(serve(http=parser, request_timeout=0.2))
    started = perf_counter()

    client.send(part)

    assert refusal(client) == (408, "request timeout")
    assert 0.15 < perf_counter() - started < 15


def test_a_slow_sender_gets_no_more_time(serve: Serve, dial: Dial, parser: str) -> None:
    """The deadline is the request's, and each byte does not move it."""
    client = dial(serve(http=parser, request_timeout=0.3))
    client.send(b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 1000\r\n\r\n")
    client.socket.settimeout(0.02)
    started, got = perf_counter(), b""

    while not got and perf_counter() - started < 15:
        client.send(b"x")
        try:
            got = client.socket.recv(100)
        except TimeoutError:
            continue

    assert got.startswith(b"HTTP/1.1 408 ")


def test_a_connection_that_says_nothing_is_closed(
    serve: Serve, dial: Dial, parser: str
) -> None:
    """Without an answer, since nothing was asked."""
    client = dial(serve(http=parser, request_timeout=0.2))

    assert client.read() == b""


def test_the_deadline_begins_anew_with_each_request(
    serve: Serve, dial: Dial, parser: str
) -> None:
    """A connection may live longer than a request; the last may be late as well."""
    client = dial(serve(http=parser, request_timeout=0.3))
    started = perf_counter()

    while perf_counter() - started < 0.5:
        client.send(b"GET /?fault=delay:0.05 HTTP/1.1\r\n" + HOST + b"\r\n")
        assert client.reply()[0] == 200
    again = perf_counter()
    client.send(b"GET / HT")

    assert refusal(client) == (408, "request timeout")
    assert perf_counter() - again > 0.2


def test_a_delayed_answer_is_no_late_request(
    serve: Serve, dial: Dial, parser: str
) -> None:
    """The deadline ends with the body of the request."""
    client = dial(serve(http=parser, request_timeout=0.1))

    client.send(
        b"POST /?body=hi&fault=delay:0.4 HTTP/1.1\r\n"
        + HOST
        + b"Content-Length: 1\r\n\r\nx"
    )

    assert client.reply()[2] == b"hi"


@pytest.mark.parametrize(
    "request_head",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.0\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n",
        b"GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /a#b HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /\xc3\xa9 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"G\x00T / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: a\x00b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST / HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_malformed_requests_are_refused(
    serve: Serve, dial: Dial, parser: str, request_head: bytes
) -> None:
    """Trap 10, and smuggling: both parsers say 400."""
    client = dial(serve(http=parser))

    client.send(request_head)

    assert refusal(client) == (400, "malformed request")


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"CONNECT localhost:443 HTTP/1.1\r\nHost: localhost:443\r\n\r\n", 501),
        (b"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", 505),
    ],
)
def test_what_is_not_spoken_here_is_refused(
    serve: Serve, dial: Dial, parser: str, head: bytes, status: int
) -> None:
    """No tunnel, no HTTP/2."""
    assert refusal(dial(serve(http=parser)).send(head))[0] == status


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\n" + HOST + b"X-A: " + b"a" * 100_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"X-A: a\r\n" * 13_000 + b"\r\n",
        b"GET / HTTP/1.1\r\n" + HOST + b"X-A: " + b"a" * 100_000,
        b"GET /" + b"a" * 100_000,
    ],
)
def test_a_head_of_100_kb_is_too_long(
    serve: Serve, dial: Dial, parser: str, head: bytes
) -> None:
    """Trap 10: httptools would take 8 MiB."""
    client = dial(serve(http=parser))

    client.send(head)

    assert refusal(client) == (431, "request head too long")


def test_a_body_is_no_part_of_the_head(serve: Serve, dial: Dial, parser: str) -> None:
    """The limit of one is not the limit of the other."""
    client = dial(serve(http=parser, max_headers=1_000))

    for _ in range(2):
        client.send(
            b"POST /?body=hi HTTP/1.1\r\n" + HOST + b"Content-Length: 50000\r\n\r\n"
        )
        client.send(b"x" * 50_000)
        assert client.reply()[2] == b"hi"


def test_trailers_are_no_headers(serve: Serve, dial: Dial, parser: str) -> None:
    """A trailer cannot add what the head was checked for."""
    client = dial(serve(http=parser))

    client.send(
        b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
        b"2\r\nhi\r\n0\r\nHost: evil.example\r\nX-A: 1\r\n\r\n"
    )
    call = json.loads(client.reply()[2])

    assert call["body"] == "hi"
    assert [name for name, _ in call["headers"]] == ["host", "transfer-encoding"]


def test_endless_chunk_overhead_is_cut_off(
    serve: Serve, dial: Dial, parser: str
) -> None:
    """A body of one-byte chunks with long extensions has its limit too."""
    client = dial(serve(http=parser, max_body=100_000))
    client.send(b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n")

    client.flood(b"1;" + b"a" * 1_000 + b"\r\nx\r\n")

    assert client.reply()[0] == 413


def test_pipelined_requests_are_answered_in_order(
    serve: Serve, dial: Dial, parser: str
) -> None:
    """The first is late, and still the first."""
    client = dial(serve(http=parser))

    client.send(
        b"GET /?body=1&fault=delay:0.1 HTTP/1.1\r\n" + HOST + b"\r\n"
        b"POST /?body=2 HTTP/1.1\r\n" + HOST + b"Content-Length: 2\r\n\r\nhi"
        b"GET /?body=3 HTTP/1.1\r\n" + HOST + b"\r\n"
    )

    assert [client.reply()[2] for _ in range(3)] == [b"1", b"2", b"3"]


def test_a_bad_request_does_not_spoil_the_one_before_it(
    serve: Serve, dial: Dial, parser: str
) -> None:
    """The first is answered; what follows is not taken for its answer."""
    client = dial(serve(http=parser))

    client.send(
        b"GET /?body=1&fault=delay:0.1 HTTP/1.1\r\n"
        + HOST
        + b"\r\n"
        + b"NONSENSE\r\n\r\n"
    )

    assert client.reply()[2] == b"1"
    rest = client.read()
    assert rest == b"" or rest.startswith(b"HTTP/1.1 400 ")


def test_half_a_pipelined_request_times_out(
    serve: Serve, dial: Dial, parser: str
) -> None:
    """The deadline of the second begins when its first byte is seen."""
    client = dial(serve(http=parser, request_timeout=0.3))

    client.send(b"GET /?body=1 HTTP/1.1\r\n" + HOST + b"\r\n" + b"GET /?bo")

    assert client.reply()[2] == b"1"
    assert refusal(client) == (408, "request timeout")


def test_reset_while_another_request_waits(
    serve: Serve, dial: Dial, parser: str
) -> None:
    """A fault ends the connection with everything on it."""
    client = dial(serve(http=parser))
    get = b"GET /?%s HTTP/1.1\r\n" + HOST + b"\r\n"

    client.send(get % b"body=1&fault=delay:0.05&fault=reset" + get % b"body=2")

    with pytest.raises(ConnectionResetError):
        client.read()


def test_http_1_0_closes(serve: Serve, dial: Dial, parser: str) -> None:
    """One request, one reply, the end."""
    client = dial(serve(http=parser))

    client.send(b"GET /?body=hi HTTP/1.0\r\n\r\n")

    assert client.reply()[2] == b"hi"
    assert client.read() == b""


def test_a_client_that_has_said_all_is_still_answered(
    serve: Serve, dial: Dial, parser: str
) -> None:
    """`nc -N` closes its direction and waits."""
    client = dial(serve(http=parser))

    client.send(b"GET /?body=hi HTTP/1.1\r\n" + HOST + b"\r\n")
    client.socket.shutdown(socket.SHUT_WR)

    assert client.reply()[2] == b"hi"
    assert client.read() == b""


def test_an_offer_to_upgrade_is_passed_over(
    serve: Serve, dial: Dial, parser: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Java's client offers h2c with its first request; it gets HTTP/1.1."""
    client = dial(serve(http=parser))

    client.send(
        b"POST /?body=hi HTTP/1.1\r\n"
        + HOST
        + b"Connection: Upgrade, HTTP2-Settings\r\n"
        b"Upgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAA\r\nContent-Length: 2\r\n\r\nhi"
    )

    status, headers, body = client.reply()
    assert (status, body) == (200, b"hi")
    assert "connection" not in headers
    client.send(b"GET /?body=ho HTTP/1.1\r\n" + HOST + b"\r\n")
    assert client.reply()[2] == b"ho"
    assert capfd.readouterr().err == ""


def test_too_many_connections_are_told_so(
    serve: Serve, dial: Dial, parser: str
) -> None:
    """503, and room again once one has gone."""
    server = serve(http=parser, max_connections=2)
    get = b"GET /?body=hi HTTP/1.1\r\n" + HOST + b"\r\n"
    first = dial(server).send(get)
    assert first.reply()[0] == 200
    assert dial(server).send(get).reply()[0] == 200

    refused = dial(server).send(get)
    assert refusal(refused) == (503, "too many connections")
    assert first.send(get).reply()[0] == 200
    for client in (refused, first):
        client.socket.shutdown(socket.SHUT_WR)
    assert first.read() == b""
    statuses = [dial(server).send(get).reply()[0] for _ in range(5)]
    assert 200 in statuses


def test_far_too_many_connections_are_closed(
    serve: Serve, dial: Dial, parser: str
) -> None:
    """Beyond the reserve nobody is heard, and the server lives."""
    server = serve(http=parser, max_connections=1)
    clients = [dial(server) for _ in range(40)]

    ends = 0
    for client in clients[20:]:
        try:
            ends += client.read() == b""
        except ConnectionResetError:
            ends += 1

    assert ends == 20
