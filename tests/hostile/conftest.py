"""Fixtures of hostile input: a Jobriver behind each parser, see `door`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from door import Door, OpenDoor

from emulator.engine.dispatcher import Dispatcher
from emulator.program.program import Program
from emulator.server.run import running
from emulator.settings import Settings
from emulator.times import micros
from emulator.world.clock import Clock
from emulator.world.world import World

START = 1_772_445_600.0
"""2026-03-02T10:00:00Z"""


@pytest.fixture(scope="module", params=["httptools", "h11"])
def parser(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def open_door(programs: dict[str, Program], parser: str) -> Iterator[OpenDoor]:
    """Serve Jobriver with the settings that a test names, in a world of its own."""
    with ExitStack() as stack:

        def opened(**chosen: Any) -> Door:
            settings = Settings(port=0, log_format="none", http=parser, **chosen)
            world = World(clock=Clock(micros(START), frozen=True))
            board = Dispatcher(programs, world, settings)
            server = stack.enter_context(running(board, settings))
            return Door(server, board, programs["jobriver"])

        yield opened


@pytest.fixture(scope="module")
def shared_door(open_door: OpenDoor) -> Door:
    return open_door()


@pytest.fixture
def door(shared_door: Door) -> Door:
    """The door of the module's tests, in a minute that nobody has called in yet."""
    shared_door.clock.advance(61)
    return shared_door
