"""Faults, performed on real sockets."""

from __future__ import annotations

from time import perf_counter

import httpx
import pytest
import requests
from echo_board import Dial, EchoBoard, Serve, in_process

from emulator.server.app import create_app
from emulator.world.chance import Chance
from emulator.world.fault import read_fault

GET = b"GET /?%s HTTP/1.1\r\nHost: localhost\r\n\r\n"


def test_delay_comes_before_the_answer(serve: Serve, parser: str) -> None:
    """And does nothing else to it."""
    url = serve(http=parser).url
    started = perf_counter()

    reply = requests.get(f"{url}/?body=hi&fault=delay:0.1&fault=delay:0.1")

    assert perf_counter() - started >= 0.2
    assert (reply.status_code, reply.content) == (200, b"hi")


def test_delay_holds_nobody_else_up(serve: Serve, dial: Dial, parser: str) -> None:
    """Other connections are answered meanwhile."""
    server = serve(http=parser)
    dial(server).send(GET % b"fault=delay:60")

    assert requests.get(f"{server.url}/?body=hi", timeout=5).content == b"hi"


def test_delay_ends_when_the_caller_goes(serve: Serve, dial: Dial, parser: str) -> None:
    """A client with a short timeout leaves nothing behind here."""
    server = serve(http=parser)
    client = dial(server).send(GET % b"fault=delay:60")
    connections = server._server.connections

    def paused() -> bool:
        return any(one.paused for one in [*connections.open])

    assert requests.get(f"{server.url}/?body=hi").content == b"hi"
    assert paused()

    client.close()

    for _ in range(100):
        requests.get(f"{server.url}/?body=hi")
        if not paused():
            break
    assert not paused()


def test_reset_is_an_rst(serve: Serve, dial: Dial, parser: str) -> None:
    """ECONNRESET, without a byte."""
    client = dial(serve(http=parser)).send(GET % b"fault=reset")

    with pytest.raises(ConnectionResetError):
        client.read()


def test_empty_is_an_end_without_a_byte(serve: Serve, dial: Dial, parser: str) -> None:
    """`RemoteDisconnected`, `empty reply from server`."""
    client = dial(serve(http=parser)).send(GET % b"fault=empty")

    assert client.read() == b""


def test_truncate_promises_more_than_it_sends(
    serve: Serve, dial: Dial, parser: str
) -> None:
    """The true length, half the body, the end."""
    client = dial(serve(http=parser)).send(GET % b"body=0123456789&fault=truncate:0.5")

    head, _, body = client.read().partition(b"\r\n\r\n")

    assert b"Content-Length: 10" in head
    assert body == b"01234"


def test_truncate_is_noticed_by_a_client(serve: Serve) -> None:
    """Even with a share of everything, something is missing."""
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{serve().url}/?body=0123456789&fault=truncate:1")


def test_malformed_is_broken_chunking(serve: Serve, dial: Dial, parser: str) -> None:
    """A good head and a good first chunk, and then not a length."""
    client = dial(serve(http=parser)).send(GET % b"body=0123456789&fault=malformed")

    head, _, body = client.read().partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Transfer-Encoding: chunked" in head
    assert b"content-length" not in head.lower()
    assert body == b"5\r\n01234\r\nnot-a-length\r\n56789"


def test_malformed_is_noticed_by_a_client(serve: Serve) -> None:
    """requests and httpx each raise their error of a broken protocol."""
    url = f"{serve().url}/?body=0123456789&fault=malformed"

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(url)
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(url)


def test_garbage_is_no_http(serve: Serve, dial: Dial, parser: str) -> None:
    """Not a byte of a status line, and then the end."""
    client = dial(serve(http=parser)).send(GET % b"body=hi&fault=garbage")

    read = client.read()

    assert read.startswith(b"\xff\xfe\xfd")
    assert b"HTTP/" not in read


def test_what_a_world_draws_is_what_the_wire_performs(serve: Serve) -> None:
    """A delay comes as a plain number: nothing is drawn here."""
    url = serve().url
    drawn = read_fault("delay=10ms-20ms").drawn(Chance("a seed"))

    started = perf_counter()
    requests.get(f"{url}/?body=hi&fault=delay:{drawn.amount}")

    assert 0.01 <= drawn.amount <= 0.02
    assert perf_counter() - started >= drawn.amount


def test_dribble_spreads_the_body(serve: Serve, parser: str) -> None:
    """All of it comes, and the last of it when the time is over."""
    url = serve(http=parser).url
    started = perf_counter()

    with httpx.stream("GET", f"{url}/?body=0123456789&fault=dribble:0.3") as reply:
        pieces = list(reply.iter_raw())

    assert perf_counter() - started >= 0.29
    assert len(pieces) > 1
    assert b"".join(pieces) == b"0123456789"


def test_the_connection_survives_a_gentle_fault(
    serve: Serve, dial: Dial, parser: str
) -> None:
    """Delay and dribble are not errors."""
    client = dial(serve(http=parser))

    for fault in (b"delay:0.01", b"dribble:0.01"):
        client.send(GET % (b"body=hi&fault=" + fault))
        assert client.reply()[2] == b"hi"


@pytest.mark.parametrize("fault", ["delay:60", "dribble:60"])
def test_faults_end_with_the_server(
    serve: Serve, dial: Dial, parser: str, fault: str
) -> None:
    """What is being delayed is answered at once."""
    server = serve(http=parser)
    client = dial(server).send(GET % f"body=hi&fault={fault}".encode())
    assert requests.get(f"{server.url}/?body=hi").content == b"hi"
    started = perf_counter()

    server.stop()

    assert perf_counter() - started < 30
    assert client.reply()[2] == b"hi"


@pytest.mark.parametrize(
    "kind", ["reset", "empty", "malformed", "garbage", "truncate:0.5"]
)
def test_a_fault_that_needs_a_socket_says_so(board: EchoBoard, kind: str) -> None:
    """In process there is no connection to break."""
    reply = in_process(create_app(board), "GET", f"/?fault=delay:60&fault={kind}")

    assert reply.status_code == 501
    assert reply.headers["content-type"] == "application/problem+json"
    assert kind.partition(":")[0] in reply.json()["detail"]


@pytest.mark.parametrize("kind", ["delay:0.01", "dribble:0.01", "status:503"])
def test_other_faults_work_in_process(board: EchoBoard, kind: str) -> None:
    """They are HTTP all the same."""
    reply = in_process(create_app(board), "GET", f"/?body=hello&fault={kind}")

    assert (reply.status_code, reply.content) == (200, b"hello")
