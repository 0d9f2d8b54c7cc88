"""Fixtures of client code: Jobriver as client code finds it, by its address and a key."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from service import Service

from emulator.engine.dispatcher import Dispatcher
from emulator.program.credentials import credentials
from emulator.program.program import Program
from emulator.server.run import running
from emulator.settings import Settings
from emulator.times import micros
from emulator.world.clock import Clock
from emulator.world.world import World

LAST_SECOND = 1_772_445_659.0
"""2026-03-02T10:00:59Z"""


@pytest.fixture(scope="module")
def keys(programs: dict[str, Program]) -> dict[str, str]:
    return {
        credential["name"]: credential["value"]
        for credential in credentials(programs["jobriver"])
    }


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    """Where Jobriver is, once the installed command has said that it serves."""
    command = Path(sys.executable).with_name("emulator")
    if not command.exists():
        pytest.skip("the command is not installed beside this Python")
    with subprocess.Popen(
        [command, "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "EMULATOR_CACHE": "0"},
    ) as process:
        assert process.stdout is not None
        try:
            yield _announced(process.stdout) + "/jobriver/api/v1"
        finally:
            process.terminate()
            process.communicate(timeout=10)


def _announced(lines: Iterator[str] | None) -> str:
    """The address in what the command says first."""
    said = []
    for line in lines or ():
        said.append(line)
        found = re.search(r"http://127\.0\.0\.1:[0-9]+", line)
        if found:
            return found[0]
    raise AssertionError("the command ended without an address: " + "".join(said))


@pytest.fixture
def small_quota(
    programs: dict[str, Program], keys: dict[str, str]
) -> Iterator[Service]:
    """A key for three calls a minute, in a world where the minute is almost over."""
    settings = Settings(port=0, log_format="none")
    clock = Clock(micros(LAST_SECOND), frozen=True)
    board = Dispatcher(programs, World(clock=clock), settings)
    with running(board, settings) as server:
        yield Service(f"{server.url}/jobriver/api/v1", keys["tiny"], clock)
