"""Fixtures of the server's tests: see `echo_board`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest
from echo_board import QUIET, Client, Dial, EchoBoard, Serve

from emulator.server.run import Running, running


@pytest.fixture
def board() -> EchoBoard:
    return EchoBoard(QUIET)


@pytest.fixture
def serve(board: EchoBoard) -> Iterator[Serve]:
    """Start a server in a thread, with the settings that a test names."""
    with ExitStack() as stack:

        def start(**settings: Any) -> Running:
            board.settings = replace(QUIET, **settings)
            return stack.enter_context(running(board, board.settings))

        yield start


@pytest.fixture
def dial() -> Iterator[Dial]:
    """Open a raw connection to a server; closed when the test ends."""
    opened: list[Client] = []

    def open_one(server: Running) -> Client:
        opened.append(Client(server.port))
        return opened[-1]

    yield open_one
    for client in opened:
        client.close()


@pytest.fixture(params=["httptools", "h11"])
def parser(request: pytest.FixtureRequest) -> str:
    return str(request.param)
