"""Fixtures of all tests: a provider in a world of its own, reached by the front door."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from starlette.testclient import TestClient

from emulator.compile.credentials import credentials
from emulator.compile.load import bundled, load, places
from emulator.compile.program import Program
from emulator.server.app import create_app
from emulator.settings import Settings
from emulator.switchboard import Switchboard
from emulator.world.clock import Clock
from emulator.world.world import World

START = 1_772_445_600.0
"""2026-03-02T10:00:00Z, when the clock of every test's world stands still."""

JOB = {
    "title": "Backend Developer",
    "description": "Wir suchen jemanden, der mit uns Schnittstellen baut und betreibt.",
    "location": "Berlin, Germany",
}
"""The smallest body that Jobriver takes for a job."""


class Api:
    """One provider as a client sees it: `api.get("/jobs", key="full")`."""

    def __init__(self, program: Program, board: Switchboard, root: str) -> None:
        self.program = program
        self.board = board
        self.world = board.world
        self.clock = board.world.clock
        self.root = root
        self.credentials = {one["name"]: one for one in credentials(program)}
        self.client = TestClient(create_app(board), raise_server_exceptions=True)

    def call(
        self,
        method: str,
        path: str,
        key: str | None = "full",
        *,
        headers: Mapping[str, str] | None = None,
        **rest: Any,
    ) -> Any:
        """Send one request; *key* is the name of a credential, or None for none.

        The answer has `status_code`, `headers`, `json()` and `content`.
        """
        sent = dict(self.credentials[key]["headers"]) if key else {}
        sent.update(headers or {})
        return self.client.request(method, self.root + path, headers=sent, **rest)

    def get(self, path: str, key: str | None = "full", **rest: Any) -> Any:
        return self.call("GET", path, key, **rest)

    def post(self, path: str, key: str | None = "full", **rest: Any) -> Any:
        return self.call("POST", path, key, **rest)


@pytest.fixture(scope="session")
def programs() -> dict[str, Program]:
    """Every bundled provider, loaded and checked once."""
    specs, fixtures = bundled()
    return {place.name: load(place) for place in places(specs, fixtures)}


@pytest.fixture
def clock() -> Clock:
    return Clock(START, frozen=True)


@pytest.fixture
def world(clock: Clock) -> World:
    return World(clock=clock)


@pytest.fixture
def api_of(
    programs: dict[str, Program], world: World
) -> Iterator[Callable[..., Api]]:
    """Make an `Api` of one provider: `api_of("jobriver", strict_https=True)`."""

    def make(name: str, **settings: Any) -> Api:
        chosen = Settings(**{"log_format": "none", **settings})
        board = Switchboard(programs, world, chosen)
        program = programs[name]
        return Api(program, board, f"/{name}{program.base_path}")

    yield make


@pytest.fixture
def jobriver(api_of: Callable[..., Api]) -> Api:
    return api_of("jobriver")
