"""A server of every bundled provider, and as many worlds as a test makes."""

from __future__ import annotations

import pytest
from many import Server

from emulator.program.program import Program


@pytest.fixture
def server(programs: dict[str, Program]) -> Server:
    return Server(programs)
