"""Ledger: the waits that have passed, and how far they have moved the clock.

Deadlines are counted on the ledger and not on the clock, so that anything that can
`advance` will do for a clock. It is moved by whole microseconds: what a deadline has
beyond those is not lost, but part of the next move.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple, Protocol

from emulator.concurrency.fork_locks import Lock
from emulator.times import SECOND, micros
from emulator.virtual_time import doubles


class Advancing(Protocol):
    """A clock that can be moved on: a world's, or one of your own."""

    def advance(self, seconds: float, /) -> object: ...


class Wait(NamedTuple):
    """One wait that returned at once."""

    seconds: float
    """As the code asked for it."""
    kind: str
    """`time.sleep`, `asyncio.sleep`, `anyio.sleep` or `Event.wait`."""
    where: str
    """`file:line` of the code that waited, or that called the library which did."""


class Ledger:
    """What the waits of one block add up to."""

    def __init__(
        self, clock: Advancing, lock: AbstractContextManager[object] | None
    ) -> None:
        self.waits: list[Wait] = []
        self.moved = 0.0
        """Seconds that the clock has been moved on by waits."""
        self._clock = clock
        self._lock = lock or nullcontext()
        self._one = Lock()

    def reach(self, moment: float) -> None:
        """Move the clock on to *moment* of the ledger, unless that has passed."""
        with self._one, self._lock:
            if moment > self.moved:
                step = micros(moment) - micros(self.moved)
                if step:
                    self._clock.advance(step / SECOND)
                    doubles.move(step / SECOND)
                self.moved = moment
