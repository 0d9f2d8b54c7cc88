"""Fixtures of interception: Jobriver at its own host, with the key of a full account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from library import HOST, answer

from emulator.engine.dispatcher import Dispatcher
from emulator.interception import Interception, intercept
from emulator.program.credentials import credentials
from emulator.program.program import Program
from emulator.server.run import running
from emulator.settings import Settings
from emulator.world.world import World

JOBS = "dev.jobriver.de/api/v1/jobs"


@pytest.fixture
def board(programs: dict[str, Program], world: World) -> Dispatcher:
    settings = Settings(port=0, log_format="none")
    return Dispatcher({"jobriver": programs["jobriver"]}, world, settings)


@pytest.fixture
def full(programs: dict[str, Program]) -> Mapping[str, str]:
    """The headers of a credential that may do everything."""
    found = {
        credential["name"]: credential
        for credential in credentials(programs["jobriver"])
    }
    headers: Mapping[str, str] = found["full"]["headers"]
    return headers


@pytest.fixture
def library() -> Iterator[Interception]:
    """The library, for the whole of a test."""
    with intercept(answer, [HOST], on_other="refuse") as opened:
        yield opened


@pytest.fixture
def served(board: Dispatcher) -> Iterator[str]:
    """The address of the same Jobriver on a real socket."""
    with running(board, board.settings) as server:
        yield server.url
