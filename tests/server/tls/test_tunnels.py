"""CONNECT: a tunnel in which the emulator itself answers (RFC 9110, 9.3.6)."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable
from time import monotonic

import pytest
from echo_board import Client, Dial, EchoBoard, Serve
from shaking import Secure, Shake

from emulator.server.run import Running

HOST = "api.echo.example"
CONNECT = b"CONNECT api.echo.example:443 HTTP/1.1\r\nHost: api.echo.example:443\r\n\r\n"
OPEN = b"HTTP/1.1 200 Connection established\r\n\r\n"
GET = b"GET /x?%b HTTP/1.1\r\nHost: api.echo.example\r\n\r\n"


def to(target: str) -> bytes:
    return f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode()


def opened(client: Client) -> socket.socket:
    """The tunnel that *client* has asked for."""
    assert client.socket.recv(len(OPEN), socket.MSG_WAITALL) == OPEN
    return client.socket


def test_calls_in_a_tunnel_are_answered_here(
    secure: Secure, dial: Dial, shake: Shake, parser: str
) -> None:
    server = secure(http=parser)

    client = shake(server, HOST, over=opened(dial(server).send(CONNECT)))
    seen = [json.loads(client.send(GET % b"").reply()[2]) for _ in range(2)]

    assert [(call["scheme"], call["secure"], call["base_url"]) for call in seen] == [
        ("https", True, "https://api.echo.example")
    ] * 2


def test_a_tunnel_carries_plain_http_too(
    secure: Secure, dial: Dial, parser: str
) -> None:
    server = secure(http=parser)
    client = dial(server).send(CONNECT.replace(b":443", b":80"))

    opened(client)

    assert json.loads(client.send(GET % b"").reply()[2])["scheme"] == "http"


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_clients_that_do_not_wait_lose_nothing(
    secure: Secure, dial: Dial, parser: str, size: int
) -> None:
    """What comes behind CONNECT is the tunnel's, wherever the pieces end."""
    server = secure(http=parser)
    sent = CONNECT + GET % b"body=one" + GET % b"body=two"
    client = dial(server)
    client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    for at in range(0, len(sent), size):
        client.send(sent[at : at + size])

    opened(client)
    assert [client.reply()[2] for _ in range(2)] == [b"one", b"two"]


def test_a_tunnel_begins_once_everything_before_it_is_answered(
    secure: Secure, dial: Dial, parser: str
) -> None:
    server = secure(http=parser)
    client = dial(server).send(
        GET % b"body=late&fault=delay:0.2"
        + GET % b"body=next"
        + CONNECT
        + GET % b"body=in"
    )

    assert [client.reply()[2] for _ in range(2)] == [b"late", b"next"]
    assert client._file.readline() + client._file.readline() == OPEN
    assert client.reply()[2] == b"in"


@pytest.mark.parametrize(
    "target",
    ["api.other.example:443", "127.0.0.2:9", "localhost:1", "192.0.2.1:443", "[::1]:1"],
)
def test_nothing_is_forwarded(
    secure: Secure, dial: Dial, parser: str, target: str
) -> None:
    """The status line names the host: it is all that most clients show."""
    client = dial(secure(http=parser)).send(to(target))

    line = client._file.readline().decode()
    lines = client.read()

    assert line.startswith(f"HTTP/1.1 403 {target} is not ")
    problem = json.loads(lines.partition(b"\r\n\r\n")[2])
    assert problem["detail"].startswith((f"no provider has the host {target}", target))
    if "known" in problem["detail"]:
        assert problem["detail"].endswith("those that are known: api.echo.example")
    assert problem["fix"]


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"CONNECT api.echo.example HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"CONNECT /x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"CONNECT http://api.echo.example:443/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"CONNECT user@api.echo.example:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"CONNECT api.echo.example:443 HTTP/1.1\r\n\r\n", 400),
        (CONNECT.replace(b"\r\n\r\n", b"\r\nContent-Length: 2\r\n\r\nhi"), 400),
        (CONNECT.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n"), 400),
        (to("a" * 70_000 + ":443"), 431),
    ],
)
def test_what_is_no_tunnel(
    secure: Secure, dial: Dial, parser: str, request_: bytes, status: int
) -> None:
    assert dial(secure(http=parser)).send(request_).reply()[0] == status


def test_http_1_0_clients_tunnel(secure: Secure, dial: Dial, parser: str) -> None:
    client = dial(secure(http=parser)).send(
        b"CONNECT api.echo.example:80 HTTP/1.0\r\n\r\n"
    )

    opened(client)

    assert client.send(GET % b"body=hi").reply()[2] == b"hi"


def test_there_is_no_tunnel_in_a_tunnel(
    secure: Secure, dial: Dial, parser: str
) -> None:
    """Else one connection could be layers without end."""
    client = dial(secure(http=parser)).send(CONNECT)
    opened(client)

    status, _, body = client.send(CONNECT).reply()

    assert (status, json.loads(body)["title"]) == (501, "no tunnels")


def test_a_proxy_over_tls(secure: Secure, shake: Shake) -> None:
    """A client that calls the proxy itself by https speaks TLS inside of TLS."""
    server = secure()
    outer = shake(server, "localhost").send(CONNECT)
    assert outer.socket.recv(100) == OPEN

    into, out = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    inner = context.wrap_bio(into, out, server_hostname=HOST)

    def exchanged(action: Callable[[], bytes | None]) -> bytes | None:
        while True:
            try:
                done = action()
            except ssl.SSLWantReadError:
                outer.send(out.read())
                into.write(outer.socket.recv(65_536))
                continue
            outer.send(out.read())
            return done

    exchanged(inner.do_handshake)
    exchanged(lambda: inner.write(GET % b"body=hi") and None)

    assert (exchanged(lambda: inner.read(65_536)) or b"").endswith(b"\r\n\r\nhi")


def test_tunnels_in_which_nothing_happens_are_given_up(
    secure: Secure, dial: Dial
) -> None:
    server = secure(request_timeout=0.3)
    silent, slow = (dial(server).send(CONNECT) for _ in range(2))

    opened(silent)
    opened(slow).sendall(b"\x16\x03\x01\x02\x00\x01")

    started = monotonic()
    assert (silent.read(), slow.read()) == (b"", b"")
    assert monotonic() - started < 15


def test_tunnels_count_as_connections(secure: Secure, dial: Dial) -> None:
    server = secure(max_connections=20)
    clients = [dial(server).send(CONNECT) for _ in range(20)]
    for client in clients:
        opened(client)

    assert dial(server).send(GET % b"").reply()[0] == 503
    assert clients[0].send(GET % b"body=hi").reply()[2] == b"hi"


def test_a_server_with_a_thousand_tunnels_answers_in_each(
    secure: Secure, board: EchoBoard
) -> None:
    server = secure()
    clients = _many(server, 1_000)
    try:
        for client in clients:
            client.sendall(CONNECT)
        for client in clients:
            assert client.recv(len(OPEN), socket.MSG_WAITALL) == OPEN
        for client in clients:
            client.sendall(GET % b"body=hi")
        assert all(client.recv(1_000).endswith(b"hi") for client in clients)
    finally:
        for client in clients:
            client.close()
    assert len(board.calls) == len(clients)


def _many(server: Running, number: int) -> list[socket.socket]:
    """So many connections, or as many as this process may have files for."""
    resource = pytest.importorskip("resource")
    files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(2 * number + 200, most if most > 0 else 2 * number + 200)
    if files < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
    number = min(number, (max(files, wanted) - 200) // 2)
    return [
        socket.create_connection(("127.0.0.1", server.port), 10) for _ in range(number)
    ]


def test_the_end_of_the_server_ends_tunnels(
    secure: Secure, dial: Dial, shake: Shake
) -> None:
    server = secure()
    waiting = dial(server).send(CONNECT)
    opened(waiting)
    used = shake(server, HOST, over=opened(dial(server).send(CONNECT)))
    used.send(GET % b"body=hi").reply()

    server.stop()

    assert (waiting.read(), used.read()) == (b"", b"")


def test_without_tls_there_are_no_tunnels(
    serve: Serve, dial: Dial, parser: str
) -> None:
    status, _, body = dial(serve(http=parser)).send(CONNECT).reply()

    assert (status, json.loads(body)["fix"]) == (
        501,
        "start the server with --tls, and it answers inside of tunnels",
    )


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (b"http://api.echo.example/x?body=hi", 200),
        (b"http://api.echo.example:81/x?body=hi", 200),
        (b"http://api.other.example/x", 403),
        (b"http://localhost:1/x", 403),
        (b"http://api.other.example:/x", 400),
    ],
)
def test_plain_requests_are_proxied_to_known_hosts_alone(
    secure: Secure, dial: Dial, parser: str, target: bytes, status: int
) -> None:
    """RFC 9112, 3.2.2: what a proxy is asked for names its host."""
    server = secure(http=parser)
    own = f"http://localhost:{server.port}/x?body=hi".encode()

    request_ = b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n"

    assert dial(server).send(request_ % target).reply()[0] == status
    assert dial(server).send(request_ % own).reply()[2] == b"hi"


def test_the_port_of_the_admin_api_is_not_behind_the_providers(
    secure: Secure, dial: Dial
) -> None:
    """Where it has one of its own, the socket decides who may use it."""
    server = secure(admin_port=0)
    admin = server.admin_url.rpartition(":")[2]

    refused = dial(server).send(to(f"localhost:{admin}"))

    assert refused.reply()[0] == 403
