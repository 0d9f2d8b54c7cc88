"""Acts: what was asked of a world besides calls, so that it can be brought about again.

They are written down in the order they came, with the exchange that they came after: a
record that was put, a rule that was added, a scenario that was applied. Where time was
set is not among them: each call and each act has its time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

_MOST = 1_000
_BYTES = 262_144
_ACT = 250
"""About how many bytes an act takes that says nothing."""


class Act(NamedTuple):
    """One request to the admin API that changed a world."""

    after: int
    """The id of the exchange that it came after; 0: before all of them."""
    at: int
    """The world's time, in microseconds since 1970."""
    method: str
    path: str
    """What follows the address of the world: `/scenarios/acme/slow`."""
    body: bytes
    media: str


class Acts:
    """The acts of one world since it began, or that there were too many of them."""

    __slots__ = ("_acts", "_bytes", "lost", "origin", "since")

    def __init__(self, since: int = 0, origin: str = "") -> None:
        self.since = since
        """The id of the last exchange before the world began."""
        self.origin = origin
        """What it began as, if it was not with its fixtures: `a fork of 'ada'`."""
        self.lost = 0
        """How many are not written down, since there are too many."""
        self._acts: list[Act] = []
        self._bytes = 0

    def __iter__(self) -> Iterator[Act]:
        return iter(self._acts)

    def add(self, act: Act) -> None:
        """Write *act* down, unless there is no room for it."""
        self._bytes += _ACT + len(act.path) + len(act.body)
        if self.lost or len(self._acts) >= _MOST or self._bytes > _BYTES:
            self.lost += 1
        else:
            self._acts.append(act)
