"""The front door: one provider as a client sees it, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from typing import Any

from anyio.from_thread import BlockingPortal, start_blocking_portal
from starlette.testclient import TestClient

from emulator.engine.dispatcher import Dispatcher
from emulator.program.credentials import credentials
from emulator.program.program import Program
from emulator.server.app import Application, create_app

START = 1_772_445_600.0
"""2026-03-02T10:00:00Z, when the clock of every test's world stands still."""

JOB = {
    "title": "Backend Developer",
    "description": "Wir suchen jemanden, der mit uns Schnittstellen baut und betreibt.",
    "location": "Berlin, Germany",
}
"""The smallest body that Jobriver takes for a job."""


def served(board: Dispatcher) -> Application:
    """The application of *board*, which goes by the test client's name as well."""
    named = (*board.settings.allowed_hosts, "testserver")
    return create_app(board, replace(board.settings, allowed_hosts=named))


lasting = ExitStack()
"""What is closed when all tests are over."""


@cache
def _loop() -> BlockingPortal:
    """One event loop for all test clients: starting one took half of each request."""
    return lasting.enter_context(start_blocking_portal())


def client_of(app: Application, **options: Any) -> TestClient:
    client = TestClient(app, **options)
    client.portal = _loop()
    return client


class Api:
    """One provider as a client sees it: `api.get("/jobs", key="full")`."""

    def __init__(self, program: Program, board: Dispatcher, root: str) -> None:
        self.program = program
        self.board = board
        self.world = board.world
        self.clock = board.world.clock
        self.root = root
        self.credentials = {
            credential["name"]: credential for credential in credentials(program)
        }
        self.client = client_of(served(board))

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
