"""ASGI scope to call, reply to ASGI messages."""

from __future__ import annotations

import json

import httpx
import pytest
import requests
from echo_board import Dial, EchoBoard, Serve, in_process

from emulator.exchange.call import Reply
from emulator.server.app import create_app
from emulator.server.reply_bytes import UnsendableReply, encode


def test_path_and_query_arrive_as_they_were_sent(
    serve: Serve, dial: Dial, parser: str
) -> None:
    """A provider may tell %2f and / apart."""
    client = dial(serve(http=parser))

    client.send(b"GET /a%2fb//%00/?q=%41&&x HTTP/1.1\r\nHost: localhost\r\n\r\n")
    call = json.loads(client.reply()[2])

    assert (call["path"], call["query"]) == ("/a%2fb//%00/", "q=%41&&x")


def test_absolute_form_is_reduced(serve: Serve, dial: Dial, parser: str) -> None:
    """What a client of a forward proxy sends; its authority wins over Host."""
    client = dial(serve(http=parser))

    client.send(
        b"GET http://api.echo.example/api/v1/jobs?p=2 HTTP/1.1\r\n"
        b"Accept: */*\r\nHost: localhost\r\n\r\n"
    )
    call = json.loads(client.reply()[2])

    assert (call["path"], call["query"]) == ("/api/v1/jobs", "p=2")
    assert call["headers"] == [["host", "api.echo.example"], ["accept", "*/*"]]
    assert call["base_url"] == "http://api.echo.example"


@pytest.mark.parametrize("target", [b"*", b"http://localhost"])
def test_a_target_without_a_path_is_the_root(
    serve: Serve, dial: Dial, parser: str, target: bytes
) -> None:
    """A call's path always begins with a slash."""
    client = dial(serve(http=parser))

    client.send(b"OPTIONS %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % target)

    assert json.loads(client.reply()[2])["path"] == "/"


@pytest.mark.parametrize("chunked", [False, True])
def test_body_arrives_whole(serve: Serve, parser: str, chunked: bool) -> None:
    """With a length, and in chunks."""
    body = b"x" * 300_000
    content = iter([body[:1], body[1:]]) if chunked else body

    reply = httpx.post(f"{serve(http=parser).url}/x", content=content)

    assert reply.json()["body"] == body.decode()


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("size", [100_001, 5_000_000])
def test_a_client_with_too_long_a_body_gets_its_answer(
    serve: Serve, parser: str, chunked: bool, size: int
) -> None:
    """The rest of the body is read, so that no RST overtakes the 413."""
    server = serve(http=parser, max_body=100_000)
    body = b"x" * size
    content = iter([body[:1000], body[1000:]]) if chunked else body

    reply = httpx.post(f"{server.url}/x", content=content)

    assert reply.status_code == 413
    assert reply.headers["connection"] == "close"
    assert reply.json()["body"] == ""
    assert reply.json()["too_large"] is True


def test_an_endless_body_is_cut_off(serve: Serve, dial: Dial, parser: str) -> None:
    """What is read of it is bounded."""
    client = dial(serve(http=parser, max_body=1000))
    client.send(
        b"POST / HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: 99999999999\r\n\r\n"
    )

    with pytest.raises(OSError, match=r"reset|pipe"):
        client.flood(b"x" * 65_536)


def test_a_client_that_waits_for_leave_gets_a_413_at_once(
    serve: Serve, dial: Dial, parser: str
) -> None:
    """RFC 9110, 10.1.1: a final status in place of 100 Continue."""
    client = dial(serve(http=parser, max_body=10))

    client.send(
        b"POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
        b"Content-Length: 11\r\n\r\n"
    )

    assert client.reply()[0] == 413
    assert client.read() == b""


def test_leave_to_continue_is_given(serve: Serve, dial: Dial, parser: str) -> None:
    """curl waits for it with a long body."""
    client = dial(serve(http=parser))
    client.send(
        b"POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
        b"Content-Length: 2\r\n\r\n"
    )

    assert client.reply()[0] == 100
    assert json.loads(client.send(b"hi").reply()[2])["body"] == "hi"


def test_head_has_a_length_and_no_body(serve: Serve, dial: Dial, parser: str) -> None:
    """RFC 9110, 9.3.2."""
    client = dial(serve(http=parser))

    client.send(b"HEAD /?body=hello HTTP/1.1\r\nHost: localhost\r\n\r\n")
    status, headers, _ = client.reply("HEAD")
    client.send(
        b"GET /?body=hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )

    assert (status, headers["content-length"]) == (200, "5")
    assert client.reply() == (
        200,
        {
            "content-type": "application/json",
            "content-length": "5",
            "connection": "close",
        },
        b"hello",
    )


@pytest.mark.parametrize("status", [204, 304])
def test_some_statuses_have_no_body(
    serve: Serve, dial: Dial, parser: str, status: int
) -> None:
    """And no length either (RFC 9110, 8.6); the connection goes on."""
    client = dial(serve(http=parser))

    for _ in range(2):
        client.send(b"GET /?status=%d HTTP/1.1\r\nHost: localhost\r\n\r\n" % status)
        assert client.reply() == (status, {"content-type": "application/json"}, b"")


@pytest.mark.parametrize(
    "header",
    [
        "X-A:1%0d%0aSet-Cookie: evil",
        "X-A:a%00b",
        "X-A:a%7fb",
        "X-A:%e2%82%ac",
        "X A:1",
        "X-%c3%a9:1",
        ":1",
    ],
)
def test_a_header_that_cannot_be_sent_is_a_bug_and_no_silence(
    serve: Serve, parser: str, header: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Both parsers would drop the connection without an answer."""
    server = serve(http=parser)

    reply = requests.get(f"{server.url}/x?header={header}")

    assert reply.status_code == 500
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["title"] == "emulator bug"
    assert "set-cookie" not in reply.headers
    server.stop()
    assert "UnsendableReply" in capfd.readouterr().err


def test_latin_1_and_tabs_may_be_sent(serve: Serve, parser: str) -> None:
    """Obsolete text is text (RFC 9110, 5.5), and outer blanks are none of it."""
    reply = requests.get(f"{serve(http=parser).url}/x?header=X-A:%20a%09%c3%a9%20")

    assert reply.headers["x-a"] == "a\té"


def test_framing_is_the_servers() -> None:
    """A length that a spec names is not believed."""
    reply = Reply(
        headers=[("Content-Length", "9"), ("Transfer-Encoding", "x")], body=b"ab"
    )

    assert encode(reply, "GET") == ([(b"Content-Length", b"2")], b"ab")


@pytest.mark.parametrize("status", [0, 100, 199, 600, 999])
def test_a_status_that_ends_nothing_is_a_bug(status: int) -> None:
    """A client would wait for ever for what follows a 1xx."""
    with pytest.raises(UnsendableReply):
        encode(Reply(status=status), "GET")


def test_a_bug_speaks_for_itself(
    serve: Serve, capfd: pytest.CaptureFixture[str]
) -> None:
    """Never in a provider's clothes; with the traceback in the log."""
    server = serve()

    reply = requests.get(f"{server.url}/jobs?raise=%ed%a0%80boom")
    server.stop()

    assert reply.status_code == 500
    assert reply.json()["detail"].startswith(
        "answering GET /jobs failed with LookupError"
    )
    assert "Traceback" in capfd.readouterr().err


def test_links_begin_with_the_configured_base_url(serve: Serve) -> None:
    """Trap 6: a Host header must not decide it."""
    server = serve(base_url="https://emulator.example/x/")

    call = requests.get(f"{server.url}/x").json()

    assert call["base_url"] == "https://emulator.example/x"


def test_links_without_a_host_name_the_socket(
    serve: Serve, dial: Dial, parser: str
) -> None:
    """HTTP/1.0 has no Host."""
    server = serve(http=parser)

    status, _, body = dial(server).send(b"GET / HTTP/1.0\r\n\r\n").reply()

    assert status == 200
    assert json.loads(body)["base_url"] == server.url


def test_calls_in_process(board: EchoBoard) -> None:
    """Any ASGI server or transport will do."""
    reply = in_process(create_app(board), "POST", "/a%2fb?x=1", content=b"hi")

    call = reply.json()
    assert (call["path"], call["query"], call["body"]) == ("/a%2fb", "x=1", "hi")
    assert call["client"] == "127.0.0.1"
    assert call["base_url"] == "http://localhost"


def test_an_unnamed_client_is_this_machine(board: EchoBoard) -> None:
    """Starlette's test client calls itself `testclient`, which is no address."""
    reply = in_process(create_app(board), "GET", "/", client="testclient")

    assert reply.json()["client"] == "127.0.0.1"


def test_no_server_or_date_header_is_added(serve: Serve, parser: str) -> None:
    """The date is the world's."""
    reply = requests.get(f"{serve(http=parser).url}/x?body=")

    assert dict(reply.headers) == {
        "Content-Type": "application/json",
        "Content-Length": "0",
    }


@pytest.mark.parametrize("faults", ["", "&fault=delay:0", "&fault=dribble:0"])
def test_names_of_headers_are_sent_as_they_are_spelt(
    serve: Serve, dial: Dial, parser: str, faults: str
) -> None:
    """HTTP takes no notice of case; people who compare, and some programs, do."""
    client = dial(serve(http=parser))
    query = b"?body=hi&header=X-RateLimit-Limit:1&header=ETag:e&header=x-low:2"
    query += faults.encode()

    client.send(b"GET /x" + query + b" HTTP/1.1\r\nHost: localhost\r\n")
    client.send(b"Connection: close\r\n\r\n")

    assert client.read().split(b"\r\n") == [
        b"HTTP/1.1 200 OK",
        b"Content-Type: application/json",
        b"X-RateLimit-Limit: 1",
        b"ETag: e",
        b"x-low: 2",
        b"Content-Length: 2",
        b"Connection: close",
        b"",
        b"hi",
    ]


@pytest.mark.parametrize("status", [204, 304])
def test_a_reply_without_a_body_has_its_names_too(
    serve: Serve, dial: Dial, parser: str, status: int
) -> None:
    client = dial(serve(http=parser))
    query = f"?status={status}&header=X-Id:1".encode()

    client.send(b"GET /x" + query + b" HTTP/1.1\r\nHost: localhost\r\n")
    client.send(b"Connection: close\r\n\r\n")

    assert b"\r\nX-Id: 1\r\n" in client.read()


def test_the_emulator_s_own_headers_are_spelt_as_usual(
    serve: Serve, dial: Dial, parser: str
) -> None:
    """Its admin API, and what it says when a request is refused."""
    server = serve(http=parser)
    said = [
        dial(server).send(text).read().partition(b"\r\n\r\n")[0]
        for text in (
            b"GET /_emulator/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            b"GET /_emulator/ready HTTP/1.0\r\n\r\n",
            b"nonsense\r\n\r\n",
        )
    ]

    for head in said:
        names = [line.partition(b":")[0] for line in head.split(b"\r\n")[1:]]
        assert set(names) >= {b"Content-Type", b"Content-Length", b"Connection"}
        assert all(name[:1].isupper() for name in names)
