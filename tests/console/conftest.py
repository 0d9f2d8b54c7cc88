"""A server as the console's browser meets it: the bundled providers, at a free port."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from seen import CHROMIUM, Seen

from emulator.engine.dispatcher import Dispatcher
from emulator.program.program import Program
from emulator.server.run import Running, running
from emulator.settings import Settings

Serve = Callable[..., Running]


@pytest.fixture
def serve(programs: dict[str, Program]) -> Iterator[Serve]:
    """Start a server: `serve(admin_token="t0ken")`."""
    with ExitStack() as stack:

        def start(**settings: Any) -> Running:
            chosen = Settings(**{"log_format": "none", "port": 0, **settings})
            board = Dispatcher(programs, None, chosen)
            return stack.enter_context(running(board, chosen))

        yield start


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"]
        )
        yield started
        started.close()


@pytest.fixture
def seen(browser: Any) -> Iterator[Callable[..., Seen]]:
    """Open the console of a server: `seen(server)`; nothing may go wrong in it."""
    opened: list[Seen] = []

    def open_(server: Running, **more: Any) -> Seen:
        opened.append(Seen(browser, server.admin_url or server.url, **more))
        return opened[-1]

    yield open_
    for one in opened:
        one.context.close()
    assert [error for one in opened for error in one.unexpected()] == []
