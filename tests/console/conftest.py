"""A server as the console's browser meets it: the bundled providers, at a free port."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

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
