"""A service as client code knows it."""

from __future__ import annotations

from dataclasses import dataclass

from emulator.world.clock import Clock


@dataclass(frozen=True)
class Service:
    """Where the API is, and a key to it; and, for the test, the clock it goes by."""

    url: str
    key: str
    clock: Clock
