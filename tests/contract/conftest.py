"""Fixtures of the contract: a provider as it is served, in a world of its own."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
from served import Served

from emulator.engine.dispatcher import Dispatcher
from emulator.program.credentials import credentials
from emulator.program.program import Program
from emulator.server.run import running
from emulator.settings import Settings
from emulator.times import SECOND, micros
from emulator.world.clock import Clock
from emulator.world.world import World

START = 1_772_445_600.0
"""2026-03-02T10:00:00Z"""


@pytest.fixture
def served(
    programs: dict[str, Program], request: pytest.FixtureRequest
) -> Iterator[Served]:
    """Jobriver, unless a test asks for another provider."""
    program = programs[getattr(request, "param", "jobriver")]
    settings = Settings(port=0, log_format="none")
    # Two seconds pass from one call to the next, so that the quota is never used up.
    clock = Clock(micros(START), nanoseconds=count(0, 2_000 * SECOND).__next__)
    board = Dispatcher(programs, World(clock=clock), settings)
    keys = {
        credential["name"]: credential["headers"] for credential in credentials(program)
    }
    with running(board, settings) as server:
        yield Served(server.url, program.name, program.base_path, clock, keys["full"])
