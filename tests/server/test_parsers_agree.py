"""What comes is the same to both parsers, and to the application without either."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from echo_board import Client, Dial, EchoBoard, Serve, in_process

from emulator.server.app import create_app
from emulator.settings import Settings

HOST = b"Host: localhost\r\n"
OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
GET = b"GET /x HTTP/1.1\r\n" + HOST + b"\r\n"


def post(headers: bytes, body: bytes, version: bytes = b"1.1") -> bytes:
    return b"POST /x HTTP/" + version + b"\r\n" + HOST + headers + b"\r\n" + body


def seen(client: Client) -> dict[str, Any]:
    status, _, body = client.reply()
    assert status == 200
    whole: dict[str, Any] = json.loads(body)
    return whole


OFFERS = {
    "length": post(OFFER + b"Content-Length: 2\r\n", b"hi"),
    "chunks": post(OFFER + CHUNKED, b"1\r\nh\r\n1;x=y\r\ni\r\n0\r\nA: b\r\n\r\n"),
    "websocket": post(
        b"Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: aGk=\r\n"
        b"Sec-WebSocket-Version: 13\r\nContent-Length: 2\r\n",
        b"hi",
    ),
    "padded": post(
        b"Connection: Upgrade \r\nUpgrade: \tTLS/1.0 \r\nContent-Length: 2\r\n", b"hi"
    ),
}


@pytest.mark.parametrize("offer", OFFERS.values(), ids=OFFERS)
def test_a_request_with_an_offer_to_upgrade_keeps_its_body(
    serve: Serve, dial: Dial, parser: str, offer: bytes
) -> None:
    """RFC 9110, 7.8: an offer that is not taken is nothing, and the connection goes on."""
    client = dial(serve(http=parser))

    client.send(offer + GET + offer)

    bodies = [seen(client)["body"] for _ in range(3)]
    assert bodies == ["hi", "", "hi"]
    assert seen(client.send(offer))["body"] == "hi"


def test_an_offer_in_pieces_is_read_like_any_request(
    serve: Serve, dial: Dial, parser: str
) -> None:
    client = dial(serve(http=parser))

    for at in range(0, len(OFFERS["chunks"]), 7):
        client.send(OFFERS["chunks"][at : at + 7])

    assert seen(client)["body"] == "hi"


def test_an_offer_is_seen_as_it_was_made(serve: Serve, dial: Dial, parser: str) -> None:
    """The journal has it: declining is no reason to hide it."""
    client = dial(serve(http=parser))

    sent = seen(client.send(OFFERS["length"]))["headers"]

    assert sent == [
        ["host", "localhost"],
        ["connection", "Upgrade, HTTP2-Settings"],
        ["upgrade", "h2c"],
        ["http2-settings", "AA"],
        ["content-length", "2"],
    ]


def test_a_body_with_an_offer_is_asked_for(
    serve: Serve, dial: Dial, parser: str
) -> None:
    """Expect: 100-continue is no less meant beside an offer."""
    client = dial(serve(http=parser))

    client.send(post(OFFER + b"Expect: 100-continue\r\nContent-Length: 2\r\n", b""))
    line = client.socket.recv(100)
    client.send(b"hi")

    assert line == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert seen(client)["body"] == "hi"


def test_hundreds_of_offers_in_one_packet_are_answered(
    serve: Serve, dial: Dial, parser: str
) -> None:
    client = dial(serve(http=parser))
    offer = b"GET /?body=hi HTTP/1.1\r\n" + HOST + OFFER + b"\r\n"

    client.send(offer * 500)

    assert {client.reply()[0] for _ in range(500)} == {200}


PADDED = b"X-A:  a\t \r\nX-B: \t\r\nX-C:\tb \tc\r\nX-D:\xa0d\xa0 \r\n"
PLAIN = [["x-a", "a"], ["x-b", ""], ["x-c", "b \tc"], ["x-d", "\xa0d\xa0"]]


def test_padding_is_no_part_of_a_header(serve: Serve, dial: Dial, parser: str) -> None:
    """RFC 9110, 5.5: spaces and tabs around a value, and nothing else that looks so."""
    client = dial(serve(http=parser))

    client.send(b"GET /x HTTP/1.1\r\n" + HOST + PADDED + b"\r\n")

    assert seen(client)["headers"][1:] == PLAIN


def test_padding_is_no_part_of_a_header_in_process(board: EchoBoard) -> None:
    """Where somebody else's server has read the request, too."""
    app = create_app(board, Settings(log_format="none"))

    headers = [(b"X-A", b"  a\t "), (b"X-B", b" \t")]
    reply: httpx.Response = in_process(app, "GET", "/x", headers=headers)

    assert reply.json()["headers"][-2:] == PLAIN[:2]


@pytest.mark.parametrize("length", [b"1", b"3"])
def test_a_body_that_is_not_what_was_announced_is_told_so(
    board: EchoBoard, length: bytes
) -> None:
    """Something in between has lost or added bytes: no call is made of the rest."""
    app = create_app(board, Settings(log_format="none"))
    headers = [(b"Content-Length", length), (b"Content-Type", b"application/json")]

    replies = [
        in_process(app, "POST", path, headers=headers, content=b"{}")
        for path in ("/x", "/_emulator/worlds")
    ]

    assert [(reply.status_code, reply.json()["title"]) for reply in replies] == [
        (400, "body cut short")
    ] * 2
    assert board.calls == []


@pytest.mark.parametrize(
    "data",
    [
        b"\r\n" + GET,
        b"\n" + GET,
        b"\r\n\r\n\r\n" + post(b"Content-Length: 2\r\n", b"hi"),
    ],
    ids=range(3),
)
def test_empty_lines_before_a_request_are_passed_over(
    serve: Serve, dial: Dial, parser: str, data: bytes
) -> None:
    """RFC 9112, 2.2: old clients send them behind a body."""
    client = dial(serve(http=parser))

    assert seen(client.send(data))["path"] == "/x"


def refused(client: Client, data: bytes) -> tuple[int, str]:
    status, headers, body = client.send(data).reply()
    assert headers["connection"] == "close"
    assert client.read() == b""
    return status, json.loads(body)["title"]


@pytest.mark.parametrize("target", [b"a/b", b"?a", b"localhost:80"])
def test_a_target_that_is_no_address_is_malformed(
    serve: Serve, dial: Dial, parser: str, target: bytes
) -> None:
    client = dial(serve(http=parser))

    data = b"GET " + target + b" HTTP/1.1\r\n" + HOST + b"\r\n"

    assert refused(client, data) == (400, "malformed request")


def test_a_control_character_in_a_header_is_malformed(
    serve: Serve, dial: Dial, parser: str
) -> None:
    client = dial(serve(http=parser))

    data = b"GET / HTTP/1.1\r\n" + HOST + b"X: a\x7f\r\n\r\n"

    assert refused(client, data) == (400, "malformed request")


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        (b"Transfer-Encoding: gzip, chunked", (501, "transfer coding")),
        (b"Transfer-Encoding: identity, chunked", (501, "transfer coding")),
        (
            b"Transfer-Encoding: gzip\r\nTransfer-Encoding: Chunked",
            (501, "transfer coding"),
        ),
        (b"Transfer-Encoding: gzip", (400, "malformed request")),
        (b"Transfer-Encoding: chunked, gzip", (400, "malformed request")),
        (b"Transfer-Encoding: chunked, chunked", (400, "malformed request")),
        (b"Transfer-Encoding: chunked;q=1", (400, "malformed request")),
    ],
    ids=range(7),
)
def test_a_transfer_coding_that_is_not_spoken_is_refused(
    serve: Serve, dial: Dial, parser: str, header: bytes, wanted: tuple[int, str]
) -> None:
    """RFC 9112, 6.1 and 6.3: 501 where the end of the body is known, and 400 elsewhere."""
    client = dial(serve(http=parser))

    assert refused(client, post(header + b"\r\n", b"2\r\nhi\r\n0\r\n\r\n")) == wanted


@pytest.mark.parametrize(
    "packets",
    [
        [post(CHUNKED, b"FFFFFFFFFF\r\nhi")],
        [post(CHUNKED, b""), b"FFFFFFFFFF\r\n"],
        [post(CHUNKED, b"FF"), b"FFF", b"FFFFF\r\n"],
        [post(CHUNKED, b"2\r\nhi\r\n"), b"0000FFFFFF;a=b\r", b"\n"],
        [post(CHUNKED, b"60\r\n" + 96 * b"x" + b"\r\n5\r\nhi")],
    ],
    ids=range(5),
)
def test_a_chunk_that_announces_too_much_is_not_waited_for(
    serve: Serve, dial: Dial, parser: str, packets: list[bytes]
) -> None:
    """The answer comes with the line that says so, and the rest never has to."""
    client = dial(serve(http=parser, max_body=100, request_timeout=60))

    for packet in packets:
        client.send(packet)

    status, _, body = client.reply()
    assert (status, json.loads(body)["too_large"]) == (413, True)


def test_a_chunk_of_just_the_limit_is_taken(
    serve: Serve, dial: Dial, parser: str
) -> None:
    client = dial(serve(http=parser, max_body=100))

    client.send(post(CHUNKED, b"64\r\n" + 50 * b"x"))
    client.send(50 * b"y" + b"\r\n0\r\n\r\n")

    assert seen(client)["body"] == 50 * "x" + 50 * "y"
