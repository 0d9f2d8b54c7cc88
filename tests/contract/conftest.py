"""Fixtures of the contract: Jobriver as it is served, and the document it comes with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from schemathesis import BaseSchema
from served import Served

from emulator.compile.credentials import credentials
from emulator.compile.program import Program
from emulator.server.run import running
from emulator.settings import Settings
from emulator.switchboard import Switchboard
from emulator.world.clock import Clock
from emulator.world.world import World

START = 1_772_445_600.0
"""2026-03-02T10:00:00Z"""


@pytest.fixture
def served(programs: dict[str, Program]) -> Iterator[Served]:
    """Jobriver behind a socket, in a world of its own whose clock stands still."""
    settings = Settings(port=0, log_format="none")
    clock = Clock(START, frozen=True)
    board = Switchboard(programs, World(clock=clock), settings)
    keys = {one["name"]: one for one in credentials(programs["jobriver"])}
    with running(board, settings) as server:
        yield Served(server.url, clock, keys["full"]["headers"])


@pytest.fixture
def document(served: Served) -> BaseSchema:
    """The OpenAPI document that the emulator serves, as Schemathesis reads it."""
    path = "/_emulator/providers/jobriver/openapi.json"
    return schemathesis.openapi.from_url(served.url + path)
