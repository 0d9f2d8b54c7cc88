"""Meters: the ways of counting calls against a quota, as pure state machines.

Each meter is asked with the time, the quota and the cost; `read` tells how things
stand and changes nothing, `take` spends and tells how things stand then. Times are whole
microseconds, as those of a `Clock`.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from emulator.times import SECOND

Json = Any


class Reading(NamedTuple):
    """How a meter stands at one time."""

    limit: float
    remaining: float
    reset: int
    """When the quota is whole again."""
    wait: int
    """How long until a call of the given cost fits; 0 when it fits now."""

    @property
    def fits(self) -> bool:
        return self.wait <= 0


class Meter(Protocol):
    """What `rate_limit` counts with."""

    def read(self, now: int, quota: float, cost: float = 1) -> Reading: ...

    def take(self, now: int, quota: float, cost: float = 1) -> Reading: ...

    def drain(self, now: int, quota: float) -> None:
        """Spend all that is left."""

    def spent(self, now: int) -> float:
        """How much of what was taken still counts."""

    def whole_at(self, now: int) -> int | None:
        """When a fixed or sliding window lets go of what is spent; None: of nothing."""


NEVER = 86_400 * 365 * SECOND
"""The wait for what will never fit: a cost above the quota."""


class FixedWindow:
    """So many in each window; windows lie on the clock, or start with the first call."""

    __slots__ = ("_aligned", "_start", "_used", "_window")

    def __init__(self, window: int, aligned: bool) -> None:
        self._window = window
        self._aligned = aligned
        self._start: int | None = None
        self._used = 0.0

    def read(self, now: int, quota: float, cost: float = 1) -> Reading:
        start, used = self._current(now)
        reset = start + self._window
        wait = 0
        if used + cost > quota:
            wait = reset - now if cost <= quota else NEVER
        return Reading(quota, max(0.0, quota - used), reset, wait)

    def take(self, now: int, quota: float, cost: float = 1) -> Reading:
        start, used = self._current(now)
        self._start = start
        self._used = used = used + cost
        return Reading(quota, max(0.0, quota - used), start + self._window, 0)

    def drain(self, now: int, quota: float) -> None:
        self._start, used = self._current(now)
        self._used = max(used, quota)

    def spent(self, now: int) -> float:
        return self._current(now)[1]

    def whole_at(self, now: int) -> int | None:
        start, used = self._current(now)
        return start + self._window if used else None

    def _current(self, now: int) -> tuple[int, float]:
        """The window that *now* is in, and what is used of it."""
        start = self._start
        if start is not None and start <= now < start + self._window:
            return start, self._used
        if self._aligned:
            return now // self._window * self._window, 0.0
        return now, 0.0


class SlidingWindow:
    """So many in any window: every call is remembered until it is a window old."""

    __slots__ = ("_taken", "_used", "_window")

    def __init__(self, window: int) -> None:
        self._window = window
        self._taken: deque[tuple[int, float]] = deque()
        self._used = 0.0

    def read(self, now: int, quota: float, cost: float = 1) -> Reading:
        self._forget(now)
        reset = self._taken[-1][0] + self._window if self._taken else now
        wait = 0
        if self._used + cost > quota:
            wait = NEVER if cost > quota else self._until(now, quota - cost)
        return Reading(quota, max(0.0, quota - self._used), reset, wait)

    def take(self, now: int, quota: float, cost: float = 1) -> Reading:
        self._forget(now)
        self._taken.append((now, cost))
        self._used += cost
        return self.read(now, quota, 0)

    def drain(self, now: int, quota: float) -> None:
        self._forget(now)
        if quota > self._used:
            self.take(now, quota, quota - self._used)

    def spent(self, now: int) -> float:
        self._forget(now)
        return self._used

    def whole_at(self, now: int) -> int | None:
        self._forget(now)
        return self._taken[0][0] + self._window if self._taken else None

    def _until(self, now: int, room: float) -> int:
        used = self._used
        for at, cost in self._taken:
            used -= cost
            if used <= room:
                return at + self._window - now
        return self._window

    def _forget(self, now: int) -> None:
        while self._taken and self._taken[0][0] + self._window <= now:
            self._used -= self._taken.popleft()[1]


class TokenBucket:
    """A bucket of tokens that refills steadily: *quota* in each window, *burst* at most."""

    __slots__ = ("_at", "_burst", "_spent", "_window")

    def __init__(self, window: int, burst: float | None = None) -> None:
        self._window = window
        self._burst = burst
        self._at = 0
        self._spent = 0.0

    def read(self, now: int, quota: float, cost: float = 1) -> Reading:
        room = self._burst or quota
        rate = quota / self._window if quota > 0 else 0.0
        spent = self._refilled(now, rate)
        lack = spent + cost - room
        wait = 0
        # Less than a millionth of a token is the rounding of the division above.
        if lack > 1e-6:
            wait = NEVER if cost > room or not rate else math.ceil(lack / rate)
        reset = now + (math.ceil(spent / rate) if rate else 0)
        return Reading(room, max(0.0, room - spent), reset, wait)

    def take(self, now: int, quota: float, cost: float = 1) -> Reading:
        rate = quota / self._window if quota > 0 else 0.0
        self._spent = self._refilled(now, rate) + cost
        self._at = now
        return self.read(now, quota, 0)

    def drain(self, now: int, quota: float) -> None:
        self._spent = self._burst or quota
        self._at = now

    def spent(self, now: int) -> float:
        # The quota is not known here: what is a window old is taken to be refilled.
        return self._spent if now < self._at + self._window else 0.0

    def whole_at(self, now: int) -> int | None:  # noqa: ARG002 - it refills steadily
        return None

    def _refilled(self, now: int, rate: float) -> float:
        return max(0.0, self._spent - max(0, now - self._at) * rate)


_KINDS: Mapping[str, type[FixedWindow | SlidingWindow | TokenBucket]] = {
    one.__name__: one for one in (FixedWindow, SlidingWindow, TokenBucket)
}


def dump(meter: Meter) -> Json:
    """The whole of *meter* as JSON holds it."""
    kept: dict[str, Json] = {"kind": type(meter).__name__}
    for name in type(meter).__slots__:  # type: ignore[attr-defined]
        value = getattr(meter, name)
        if isinstance(value, deque):
            value = [list(item) for item in value]
        kept[name[1:]] = value
    return kept


def load(kept: Json) -> Meter:
    """The meter that `dump` wrote down. Raises `KeyError` for one that is none."""
    kind = _KINDS[kept["kind"]]
    made = kind.__new__(kind)
    for name in kind.__slots__:
        value = kept[name[1:]]
        if name == "_taken":
            value = deque((at, cost) for at, cost in value)
        setattr(made, name, value)
    return made


def fork(meter: Meter) -> Meter:
    """A meter that stands where *meter* does, and goes its own way from there."""
    return load(dump(meter))
