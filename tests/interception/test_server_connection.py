"""The server's side of a connection in memory, alone: bytes in, outputs out."""

from __future__ import annotations

import pytest
from library import answer

from emulator.exchange.call import Call, Reply
from emulator.interception.server_connection import Ending, Output, ServerConnection
from emulator.settings import Settings
from emulator.world.faults import Fault

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n"


def hello(call: Call) -> Reply:
    return Reply(headers=[("Content-Type", "text/plain")], body=b"hello")


def outputs(connection: ServerConnection, *sent: bytes) -> list[Output]:
    """What *connection* does about these bytes, sendings that touch as one."""
    for data in sent:
        connection.receive(data)
    joined: list[Output] = []
    for output in connection.outputs:
        last = joined[-1] if joined else None
        if isinstance(output, bytes) and isinstance(last, bytes):
            joined[-1] = last + output
        else:
            joined.append(output)
    connection.outputs.clear()
    return joined


def request(head: str, body: bytes = b"") -> bytes:
    return head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body


GET = request("GET / HTTP/1.1\nHost: a.test")


def test_a_reply_is_what_a_server_sends() -> None:
    """And the connection is ready for the next request."""
    connection = ServerConnection(hello)

    assert outputs(connection, GET) == [OK + b"hello"]
    assert outputs(connection, GET) == [OK + b"hello"]


def test_requests_may_come_in_any_pieces() -> None:
    """Byte by byte, or two in one."""
    connection = ServerConnection(hello)

    assert outputs(connection, *(GET[at : at + 1] for at in range(len(GET)))) == [
        OK + b"hello"
    ]
    assert outputs(connection, GET + GET) == [OK + b"hello" + OK + b"hello"]


@pytest.mark.parametrize(
    "head",
    [
        "GET / HTTP/1.1\nHost: a.test\nConnection: close",
        "GET / HTTP/1.1\nHost: a.test\nConnection: X-Hop, Close",
    ],
)
def test_close_is_obeyed(head: str) -> None:
    """And nothing that follows is answered."""
    connection = ServerConnection(hello)
    told = OK[:-2] + b"Connection: close\r\n\r\nhello"

    assert outputs(connection, request(head) + GET) == [told, Ending.CLOSE]
    assert outputs(connection, GET) == []


def test_a_chunked_body_is_put_together() -> None:
    """Of a request; the call has it in one piece."""
    met: list[Call] = []

    def meet(call: Call) -> Reply:
        met.append(call)
        return hello(call)

    head = "POST /a%2Fb?c=d HTTP/1.1\nHost: a.test\nTransfer-Encoding: chunked"
    connection = ServerConnection(meet)
    connection.secure()

    assert outputs(connection, request(head, b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")) == [
        OK + b"hello"
    ]
    assert [(one.method, one.path, one.query, one.body) for one in met] == [
        ("POST", "/a%2Fb", b"c=d", b"abcde")
    ]
    assert (met[0].base_url, met[0].secure) == ("https://a.test", True)


def test_an_absolute_target_names_the_host() -> None:
    """As it is sent to a proxy (RFC 9112, 3.2.2)."""
    met: list[Call] = []

    def meet(call: Call) -> Reply:
        met.append(call)
        return hello(call)

    outputs(
        ServerConnection(meet),
        request("GET http://b.test/x HTTP/1.1\nHost: proxy.test"),
    )

    assert [(one.path, one.headers["host"]) for one in met] == [("/x", "b.test")]


def test_leave_to_send_is_given_once() -> None:
    """Before the body, and not when it has come already."""
    head = "POST / HTTP/1.1\nHost: a.test\nContent-Length: 2\nExpect: 100-continue"
    connection = ServerConnection(hello)

    assert outputs(connection, request(head)) == [b"HTTP/1.1 100 Continue\r\n\r\n"]
    assert outputs(connection, b"hi") == [OK + b"hello"]


@pytest.mark.parametrize(
    "sent",
    [
        request("POST / HTTP/1.1\nHost: a.test\nContent-Length: 9"),
        request(
            "POST / HTTP/1.1\nHost: a.test\nTransfer-Encoding: chunked",
            b"9\r\n123456789\r\n",
        ),
    ],
    ids=["length", "chunked"],
)
def test_a_body_that_is_too_long_is_not_waited_for(sent: bytes) -> None:
    """The call says so, and the connection ends with the answer."""
    told: list[bool] = []

    def meet(call: Call) -> Reply:
        told.append(call.body_too_large and call.body == b"")
        return hello(call)

    connection = ServerConnection(meet, Settings(max_body=8))

    assert outputs(connection, sent, b"more") == [
        OK[:-2] + b"Connection: close\r\n\r\nhello",
        Ending.CLOSE,
    ]
    assert told == [True]


def test_what_is_no_request_is_a_problem() -> None:
    """With status 400, in our own voice."""
    answered = outputs(ServerConnection(hello), b"HELLO\r\n\r\n")

    assert isinstance(answered[0], bytes)
    assert answered[0].startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"application/problem+json" in answered[0]
    assert answered[1:] == [Ending.CLOSE]


def test_nobody_there_is_a_reset() -> None:
    """So it is when a block ends between a connection and its request."""
    assert outputs(ServerConnection(lambda call: None), GET) == [Ending.RESET]


def test_pauses_are_outputs_in_their_place() -> None:
    """A delay before the head, a dribble between the pieces of the body."""

    def slow(call: Call) -> Reply:
        faults = (Fault("delay", 2.0), Fault("dribble", 0.1))
        return Reply(hello(call).status, hello(call).headers, b"hello", faults)

    done = outputs(ServerConnection(slow), GET)

    assert done[0] == 2.0
    assert sum(one for one in done if isinstance(one, float)) == pytest.approx(2.1)
    assert b"".join(one for one in done if isinstance(one, bytes)) == OK + b"hello"
    assert isinstance(done[1], bytes)
    assert done[1].startswith(OK)
    assert len(done) > 3


@pytest.mark.parametrize(
    ("kind", "ending"), [("reset", Ending.RESET), ("empty", Ending.CLOSE)]
)
def test_an_ending_is_the_last_output(kind: str, ending: Ending) -> None:
    """What comes after it is not even read."""

    def ends(call: Call) -> Reply:
        return Reply(faults=(Fault(kind),))

    assert outputs(ServerConnection(ends), GET + GET, GET) == [ending]


def test_a_reply_that_http_cannot_carry_is_a_bug(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is answered with 500, and the connection goes on."""

    def wrong(call: Call) -> Reply:
        return Reply(headers=[("X-Bad", "a\nb")])

    connection = ServerConnection(wrong)
    first, second = outputs(connection, GET), outputs(connection, GET)

    assert isinstance(first[0], bytes)
    assert b'"title": "emulator bug"' in first[0]
    assert first == second
    assert "UnsendableReply" in caplog.text


def test_head_and_204_have_no_body() -> None:
    """Whatever length the head tells."""
    connection = ServerConnection(answer)

    assert outputs(connection, request("HEAD /book HTTP/1.1\nHost: a.test")) == [
        OK.replace(b"text/plain", b"application/octet-stream").replace(b"5", b"1024000")
    ]
    assert outputs(connection, request("GET /nothing HTTP/1.1\nHost: a.test")) == [
        b"HTTP/1.1 204 No Content\r\nX-Shelf: empty\r\n\r\n"
    ]
