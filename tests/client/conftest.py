"""Fixtures of the Python API: the same world in each of the three ways to have one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import emulator
from emulator import Emulator, World

BEGINS = {"set": "2026-03-02T10:00:00Z", "freeze": True}
PROVIDERS = ["jobriver", "jobspace"]


@pytest.fixture(scope="session")
def started() -> Iterator[Emulator]:
    """A server that this process has started."""
    with emulator.start(PROVIDERS) as server:
        yield server


@pytest.fixture(params=["started", "connected", "in process"])
def sandbox(request: pytest.FixtureRequest, started: Emulator) -> Iterator[World]:
    """A world whose clock stands still at 2026-03-02T10:00:00Z."""
    if request.param == "in process":
        with emulator.intercept(clock=BEGINS) as world:
            yield world
        return
    server = started if request.param == "started" else emulator.connect(started.url)
    with server.world(clock=BEGINS) as world:
        yield world
