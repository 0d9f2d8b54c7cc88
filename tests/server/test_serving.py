"""The server's life: the port, the file that tells it, the end."""

from __future__ import annotations

import gc
import os
import signal
import socket
import subprocess
import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time

import pytest
import requests
from echo_board import QUIET, Client, Dial, EchoBoard, Serve

from emulator.server.run import CannotListen, PortTaken, running
from emulator.server.run import serve as serve_until

GET = b"GET /?%s HTTP/1.1\r\nHost: localhost\r\n\r\n"

PROGRAM = """
import sys
import weakref
from dataclasses import replace
from echo_board import QUIET, EchoBoard
from emulator.server.run import serve
settings = replace(QUIET, http=sys.argv[1])
sys.exit(serve(EchoBoard(settings), settings, lambda url, _: print(url, flush=True)))
"""


@contextmanager
def process(
    parser: str, before: str = ""
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A server in a process of its own, and its port."""
    command = [sys.executable, "-c", PROGRAM, parser]
    if before:
        command = ["sh", "-c", f'{before}; exec "$@"', "sh", *command]
    child = subprocess.Popen(
        command,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(
                (str(Path(__file__).parent), os.environ.get("PYTHONPATH", ""))
            ),
        },
    )
    with child:
        assert child.stdout is not None
        try:
            yield child, int(child.stdout.readline().rpartition(":")[2])
        finally:
            child.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_soon_and_with_0(parser: str, number: signal.Signals) -> None:
    """J19: 100 connections: idle, kept alive, half a request, a reply a minute late."""
    with process(parser) as (child, port):
        clients = [Client(port) for _ in range(100)]
        for client in clients[:20]:
            client.send(GET % b"body=hi").reply()
        for client in clients[20:40]:
            client.send(b"GET / HT")
        for client in clients[40:50]:
            client.send(
                b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx"
            )
        for client in clients[50:60]:
            client.send(GET % b"body=hi&fault=delay:60")
        requests.get(f"http://127.0.0.1:{port}/")
        started = perf_counter()

        child.send_signal(number)
        code = child.wait(30)

        assert perf_counter() - started < 10
        assert code == 0
        assert clients[55].reply()[2] == b"hi"
        assert child.stderr is not None
        assert child.stderr.read() == ""
        for client in clients:
            client.close()


def test_a_client_that_reads_nothing_does_not_hold_the_end_up(parser: str) -> None:
    """Its reply is cut off."""
    with process(parser) as (child, port):
        client = Client(port)
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.send(b"GET /?" + b"a" * 60_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
        for _ in range(20):
            client.send(GET % (b"a" * 60_000))
        child.send_signal(signal.SIGTERM)

        assert child.wait(2) == 0
        client.close()


def test_few_files_are_enough_for_many_connections(parser: str) -> None:
    """J22: `ulimit -n 64` with 100 connections recovers by itself."""
    with process(parser, "ulimit -n 64") as (child, port):
        clients = [Client(port) for _ in range(100)]
        for client in clients:
            client.close()

        until, statuses = perf_counter() + 10, set()
        while 200 not in statuses and perf_counter() < until:
            client = Client(port)
            with suppress(OSError, IndexError):  # not yet
                statuses.add(client.send(GET % b"body=hi").reply()[0])
            client.close()

        assert 200 in statuses
        assert child.poll() is None


def test_a_taken_port_is_said_in_one_line(serve: Serve, board: EchoBoard) -> None:
    """J21."""
    port = serve().port

    with pytest.raises(PortTaken) as caught:
        serve_until(board, replace(QUIET, port=port), print)

    assert str(caught.value) == (
        f"port {port} of 127.0.0.1 is in use: stop what listens there, or choose"
        " another with --port (0 picks a free one)"
    )


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host", "nowhere.invalid"])
def test_a_host_that_is_not_ours_is_said_so(board: EchoBoard, host: str) -> None:
    """An address that cannot be bound, and a name that does not exist."""
    with pytest.raises(CannotListen, match=f"cannot listen on {host}"):
        serve_until(board, replace(QUIET, host=host), print)


def test_port_file_tells_the_port(serve: Serve, tmp_path: Path) -> None:
    """Written in one piece, and nothing left beside it."""
    file = tmp_path / "port"

    server = serve(port_file=str(file))

    assert file.read_text() == f"{server.port}\n"
    assert list(tmp_path.iterdir()) == [file]


def test_a_port_file_that_cannot_be_written_ends_the_start(
    board: EchoBoard, tmp_path: Path
) -> None:
    """Whoever waits for the file would wait for ever."""
    settings = replace(QUIET, port_file=str(tmp_path / "missing" / "port"))

    with (
        pytest.raises(CannotListen, match="cannot write the port file"),
        running(board, settings),
    ):
        pass


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
@pytest.mark.parametrize("host", ["::1", "[::1]"])
def test_ipv6(serve: Serve, host: str) -> None:
    """The address of an IPv6 host has brackets."""
    try:
        server = serve(host=host)
    except CannotListen:
        pytest.skip("no IPv6 here")

    assert server.url == f"http://[::1]:{server.port}"
    assert requests.get(f"{server.url}/x").json()["client"] == "::1"


def test_localhost(serve: Serve) -> None:
    """A name that may mean two addresses."""
    assert requests.get(f"{serve(host='localhost').url}/x").status_code == 200


def test_an_open_host_is_warned_of(
    serve: Serve, capfd: pytest.CaptureFixture[str], board: EchoBoard
) -> None:
    """Loud, once, on the log; and it is announced where one can reach it."""
    announced: list[str] = []

    class Enough(Exception):
        pass

    def announce(url: str, admin_url: str) -> None:
        announced.append(url)
        raise Enough

    with pytest.raises(Enough):
        serve_until(board, replace(QUIET, host="0.0.0.0"), announce)

    assert announced[0].startswith("http://127.0.0.1:")
    assert "warning: listening on 0.0.0.0" in capfd.readouterr().err


def test_start_and_stop_are_quick(board: EchoBoard) -> None:
    """A server for each test costs little."""
    started, cpu = perf_counter(), process_time()
    with running(board, QUIET) as server:
        requests.get(f"{server.url}/x")

    assert process_time() - cpu < 1
    assert perf_counter() - started < 10


def test_two_servers_live_side_by_side(serve: Serve) -> None:
    """Nothing is global."""
    first, second = serve(), serve()

    first.stop()

    assert requests.get(f"{second.url}/x").status_code == 200


def test_stopping_twice_is_stopping(serve: Serve, dial: Dial) -> None:
    """And every connection is closed after it."""
    server = serve()
    client = dial(server)

    server.stop()
    server.stop()

    assert client.read() == b""


def test_a_connection_that_is_closed_leaves_nothing_to_collect(
    serve: Serve, dial: Dial, parser: str
) -> None:
    """The collector comes seldom in a server: what refers to itself would pile up."""
    server = serve(http=parser)
    gc.collect()
    gc.disable()
    try:
        client = dial(server)
        client.send(GET % b"body=hi").reply()
        closed = [
            weakref.ref(one.connection) for one in server._server.connections.open
        ]
        client.close()

        for _ in range(100):
            requests.get(f"{server.url}/?body=hi")
            if closed[0]() is None:
                break

        assert [one() for one in closed] == [None]
    finally:
        gc.enable()
