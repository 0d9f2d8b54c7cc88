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
    """What follows the address of the world, with the query: `/scenarios/acme/slow`."""
    body: bytes
    media: str


class Gap(NamedTuple):
    """Something that changed a world, or may have, and is not written down."""

    after: int
    """The id of the exchange that it came after."""
    why: str


class Acts:
    """The acts of one world since it began, and the first thing that is missing."""

    __slots__ = ("_acts", "_bytes", "gap", "origin", "since")

    def __init__(self, since: int = 0, origin: str = "") -> None:
        self.since = since
        """The id of the last exchange before the world began."""
        self.origin = origin
        """How it began, if it was not with its fixtures: `as a fork of 'ada'`."""
        self.gap: Gap | None = None
        self._acts: list[Act] = []
        self._bytes = 0

    def __iter__(self) -> Iterator[Act]:
        return iter(self._acts)

    def add(self, act: Act) -> None:
        """Write *act* down, unless there is no room for it."""
        self._bytes += _ACT + len(act.path) + len(act.body) + len(act.media)
        if len(self._acts) >= _MOST or self._bytes > _BYTES:
            self.miss(
                act.after,
                "more was asked of the admin API than the world writes down",
            )
        elif self.gap is None:
            self._acts.append(act)

    def miss(self, after: int, why: str) -> None:
        """Note that something is not written down, which came after an exchange."""
        if self.gap is None:
            self.gap = Gap(after, why)
