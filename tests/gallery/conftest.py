"""Fixtures of the gallery's tests: a server of the provider that a module is named for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import emulator


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest) -> Iterator[emulator.Emulator]:
    """`test_github.py` is about `github`, and about nobody else."""
    name = request.module.__name__.rpartition(".")[2].removeprefix("test_")
    with emulator.start([name]) as started:
        yield started


@pytest.fixture
def world(server: emulator.Emulator) -> Iterator[Any]:
    """A world of the test's own, whose clock stands still."""
    with server.world(clock="frozen") as made:
        yield made
