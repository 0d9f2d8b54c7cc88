"""Fixtures of all tests: a provider in a world of its own, reached by the front door.

What is imported and collected lasts as long as the tests, so nothing of it is garbage:
the collector is off until then (`pytest_collection_finish`).
"""

from __future__ import annotations

import gc
import os
import warnings
from collections.abc import Callable, Generator
from typing import Any

import pytest
from front_door import START, Api, lasting
from hypothesis import settings

from emulator.compile.load import load
from emulator.compile.places import bundled, places
from emulator.engine.dispatcher import Dispatcher
from emulator.program.program import Program
from emulator.settings import Settings
from emulator.times import micros
from emulator.world.clock import Clock
from emulator.world.world import World

gc.disable()
settings.register_profile("tests", deadline=None)
# How long an example takes is for the tests that measure it: machines are busy.
settings.load_profile("tests")


class _Descriptors:
    """How many files, sockets and pipes of this process were open when last counted."""

    def __init__(self) -> None:
        self.open = self.count()

    def count(self) -> int:
        try:
            return len(os.listdir("/proc/self/fd"))
        except OSError:  # another system than Linux
            return 0

    def have_grown(self) -> bool:
        before, self.open = self.open, self.count()
        return self.open > before

    def left(self, generation: int) -> list[str]:
        """What nobody holds and nobody has closed, in the interpreter's words."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", ResourceWarning)
            gc.collect(generation)
            if generation == 2:
                gc.freeze()  # held between two files: it lasts, as what is imported does
        self.open = self.count()
        return [str(warning.message) for warning in caught]


_descriptors = _Descriptors()


def pytest_collection_finish() -> None:
    """Have the collector leave alone what lasts as long as the tests: half a million objects.

    What a test makes stays young until its end, so looking at what is young is enough to
    find what it has left open; and the old are looked at between the tests of two files,
    once: programs that tests share are a million objects in the end.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 1_000_000)
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, None, None]:
    """Fail the test that leaves something open.

    Otherwise the collector would meet it during another test, and fail that one.
    """
    yield
    last = nextitem is None or nextitem.path != item.path
    if (last or _descriptors.have_grown()) and (
        left := _descriptors.left(2 if last else 1)
    ):
        pytest.fail(f"left open: {', '.join(left)}", pytrace=False)


def pytest_sessionfinish() -> None:
    lasting.close()


@pytest.fixture(scope="session")
def programs() -> dict[str, Program]:
    """Every bundled provider, loaded and checked once."""
    specs, fixtures = bundled()
    return {place.name: load(place) for place in places(specs, fixtures)}


@pytest.fixture
def clock() -> Clock:
    return Clock(micros(START), frozen=True)


@pytest.fixture
def world(clock: Clock) -> World:
    return World(clock=clock)


@pytest.fixture
def api_of(programs: dict[str, Program], world: World) -> Callable[..., Api]:
    """Make an `Api` of one provider: `api_of("jobriver", strict_https=True)`."""

    def make(name: str, **changed: Any) -> Api:
        chosen = Settings(**{"log_format": "none", **changed})
        board = Dispatcher(programs, world, chosen)
        program = programs[name]
        return Api(program, board, f"/{name}{program.base_path}")

    return make


@pytest.fixture
def jobriver(api_of: Callable[..., Api]) -> Api:
    return api_of("jobriver")
