"""uvicorn takes our protocol by its setting `http`, and the application without it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from echo_board import QUIET, Client, EchoBoard

from emulator.server.app import create_app
from emulator.server.protocol import Connections

GET = b"GET /?%s HTTP/1.1\r\nHost: localhost\r\n\r\n"


@contextmanager
def under_uvicorn(board: EchoBoard, *, ours: bool) -> Iterator[int]:
    """uvicorn in a thread, with our protocol or its own; the port."""
    app = create_app(board, QUIET)
    http: Any = Connections(app.service, QUIET, limit=10) if ours else "auto"
    server = uvicorn.Server(uvicorn.Config(app, http=http, log_config=None))
    with socket.create_server(("127.0.0.1", 0)) as opened:
        thread = threading.Thread(target=server.run, args=([opened],))
        thread.start()
        try:
            yield opened.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(5)
            assert not thread.is_alive()


@pytest.mark.parametrize("ours", [True, False])
def test_calls_are_answered_under_uvicorn(board: EchoBoard, ours: bool) -> None:
    with under_uvicorn(board, ours=ours) as port:
        client = Client(port)
        replies = [client.send(GET % b"body=hi").reply() for _ in range(2)]
        admin = client.send(GET.replace(b"/?%s", b"/_emulator/health")).reply()
        client.close()

    assert [(status, body) for status, _, body in replies] == [(200, b"hi")] * 2
    assert admin[0] == 200


def test_our_protocol_performs_faults_under_uvicorn(board: EchoBoard) -> None:
    """What breaks HTTP needs the connection, which ASGI hides."""
    with under_uvicorn(board, ours=True) as port:
        client = Client(port).send(GET % b"fault=reset")
        with pytest.raises(ConnectionResetError):
            client.read()
        client.close()
