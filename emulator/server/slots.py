"""Slots: how much is read of a body, and how many long ones at one time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from emulator.exchange.call import Call


class Allowed(NamedTuple):
    """How many bytes are read of a body."""

    most: int
    shared: bool = False
    """They are many: only so many bodies of that kind are read at one time."""


def allowed(call: Call, usual: Allowed, longest_body: Callable[[Call], int]) -> Allowed:
    """How much is read of the body of a provider's *call*: the *usual*, but for one that
    may be longer and whose operation takes more."""
    length = call.headers.get("content-length", "")
    if length.isdecimal() and len(length) <= 15 and int(length) <= usual.most:
        return usual
    most = longest_body(call)
    return Allowed(most, shared=most > usual.most)


class Slots:
    """So many long bodies are in memory at one time; the others wait for a slot."""

    def __init__(self, slots: int) -> None:
        self._free = slots
        self._waiting: deque[Callable[[], None]] = deque()

    def acquire(self, begin: Callable[[], None]) -> bool:
        """Take a slot; False: all are taken, and *begin* is called once one is free, which
        then has been taken."""
        if self._free > 0:
            self._free -= 1
            return True
        self._waiting.append(begin)
        return False

    def cancel(self, begin: Callable[[], None]) -> bool:
        """Wait no more; False: *begin* does not wait."""
        if begin not in self._waiting:
            return False
        self._waiting.remove(begin)
        return True

    def release(self) -> None:
        if self._waiting:
            self._waiting.popleft()()
        else:
            self._free += 1
