"""Meters: the ways of counting calls against a quota, as pure state machines.

Each meter is asked with the time, the quota and the cost; `read` tells how things
stand and changes nothing, `take` spends and tells how things stand then. Times are whole
microseconds, as those of a `Clock`.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol

from emulator.json_type import Json
from emulator.times import SECOND
from emulator.values import make
from emulator.world.calendar import bounds, known_zone


class Reading(NamedTuple):
    """How a meter stands at one time."""

    limit: float
    remaining: float
    reset: int
    """When the quota is whole again."""
    wait: int
    """How long until a call of the given cost fits; 0 when it fits now."""
    used: float = 0
    """What is spent of the limit; more than that, where calls cost what they come to."""

    @property
    def fits(self) -> bool:
        return self.wait <= 0


class Meter(Protocol):
    """What `rate_limit` counts with."""

    def read(self, now: int, quota: float, cost: float = 1) -> Reading: ...

    def take(self, now: int, quota: float, cost: float = 1) -> Reading: ...

    def spend(self, now: int, quota: float, cost: float = 1) -> Reading:
        """Take it, if it fits; how things stand then, or why it does not."""

    def correct(self, now: int, amount: float) -> None:
        """Spend *amount* more, or less, on what was taken last, at *now*."""

    def drain(self, now: int, quota: float) -> None:
        """Spend all that is left."""

    def spent(self, now: int) -> float:
        """How much of what was taken still counts."""

    def whole_at(self, now: int) -> int | None:
        """When a fixed or sliding window lets go of what is spent; None: of nothing."""


_MOST = 10_000
"""Calls that a sliding window remembers one by one."""
NEVER = 86_400 * 365 * SECOND
"""The wait for what will never fit: a cost above the quota."""


class _Asking:
    """A meter that takes what it has been asked for before."""

    __slots__ = ()

    def read(self, now: int, quota: float, cost: float = 1) -> Reading:
        raise NotImplementedError

    def take(self, now: int, quota: float, cost: float = 1) -> Reading:
        raise NotImplementedError

    def spend(self, now: int, quota: float, cost: float = 1) -> Reading:
        reading = self.read(now, quota, cost)
        return self.take(now, quota, cost) if reading.wait <= 0 else reading


class _Window(_Asking):
    """A fixed window: a number of calls in each window, one after the other."""

    __slots__ = ("_start", "_used")

    def __init__(self) -> None:
        self._start: int | None = None
        self._used = 0.0

    def read(self, now: int, quota: float, cost: float = 1) -> Reading:
        _, end, used = self._current(now)
        wait = 0
        if used + cost > quota:
            wait = end - now if cost <= quota else NEVER
        return Reading(quota, max(0.0, quota - used), end, wait, used)

    def take(self, now: int, quota: float, cost: float = 1) -> Reading:
        self._start, end, used = self._current(now)
        self._used = used = used + cost
        return Reading(quota, max(0.0, quota - used), end, 0, used)

    def spend(self, now: int, quota: float, cost: float = 1) -> Reading:
        start, end, used = self._current(now)  # once: this is the usual meter
        after = used + cost
        if after > quota:
            return self.read(now, quota, cost)
        self._start, self._used = start, after
        return make(Reading, (quota, quota - after, end, 0, after))

    def correct(self, now: int, amount: float) -> None:
        self._start, _, used = self._current(now)
        self._used = max(0.0, used + amount)
        if not self._used:
            self._start = None  # no call has opened it

    def drain(self, now: int, quota: float) -> None:
        self._start, _, used = self._current(now)
        self._used = max(used, quota)

    def spent(self, now: int) -> float:
        return self._current(now)[2]

    def whole_at(self, now: int) -> int | None:
        _, end, used = self._current(now)
        return end if used else None

    def _current(self, now: int) -> tuple[int, int, float]:
        """The window that *now* is in, from when to when, and what is used of it."""
        raise NotImplementedError


class FixedWindow(_Window):
    """Windows of one length, which lie on the clock, or start with the first call."""

    __slots__ = ("_aligned", "_window")

    def __init__(self, window: int, aligned: bool) -> None:
        super().__init__()
        self._window = window
        self._aligned = aligned

    def _current(self, now: int) -> tuple[int, int, float]:
        start = self._start
        if start is not None and start <= now < start + self._window:
            return start, start + self._window, self._used
        if self._aligned:
            start = now // self._window * self._window
            return start, start + self._window, 0.0
        return now, now + self._window, 0.0


class CalendarWindow(_Window):
    """The hours, days, weeks or months of a place (see `world.calendar`)."""

    __slots__ = ("_unit", "_zone")

    def __init__(self, unit: str, zone: str) -> None:
        super().__init__()
        self._unit = unit
        self._zone = zone

    def _current(self, now: int) -> tuple[int, int, float]:
        start, end = bounds(now, self._unit, self._zone)
        return start, end, self._used if start == self._start else 0.0


class SlidingWindow(_Asking):
    """A sliding window: a number of calls in any window; each is remembered until it is
    a window old."""

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
        return Reading(quota, max(0.0, quota - self._used), reset, wait, self._used)

    def take(self, now: int, quota: float, cost: float = 1) -> Reading:
        self._forget(now)
        taken = self._taken
        if taken and taken[-1][0] == now:
            taken[-1] = (now, taken[-1][1] + cost)
        elif cost:
            taken.append((now, cost))
            if len(taken) > _MOST:
                self._taken = _by_pairs(taken)
        self._used += cost
        return self.read(now, quota, 0)

    def correct(self, now: int, amount: float) -> None:
        self._forget(now)
        is_last = self._taken and self._taken[-1][0] == now
        at, cost = self._taken.pop() if is_last else (now, 0.0)
        corrected = max(0.0, cost + amount)
        self._used += corrected - cost
        if corrected:
            self._taken.append((at, corrected))

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


def _by_pairs(taken: deque[tuple[int, float]]) -> deque[tuple[int, float]]:
    """Half as many: each two that follow each other count until the later one is over."""
    pairs = zip(*[iter(taken)] * 2, strict=False)
    halved = deque((at, first + cost) for (_, first), (at, cost) in pairs)
    if len(taken) % 2:
        halved.append(taken[-1])
    return halved


class TokenBucket(_Asking):
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
        return Reading(room, max(0.0, room - spent), reset, wait, spent)

    def take(self, now: int, quota: float, cost: float = 1) -> Reading:
        rate = quota / self._window if quota > 0 else 0.0
        self._spent = self._refilled(now, rate) + cost
        self._at = now
        return self.read(now, quota, 0)

    def correct(self, now: int, amount: float) -> None:
        # It was refilled up to now when the call was charged.
        self._spent = max(0.0, self._spent + amount)
        self._at = now

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


class InFlight(_Asking):
    """Calls in flight: a number of calls at one time; each counts until it is over."""

    __slots__ = ("_taken", "_takes")

    def __init__(self, takes: int) -> None:
        self._takes = takes
        self._taken: deque[tuple[int, float]] = deque()
        """(when it is over, cost), in the order in which the calls came."""

    def read(self, now: int, quota: float, cost: float = 1) -> Reading:
        used = self.spent(now)
        reset = max((until for until, _ in self._taken), default=now)
        wait = 0
        if used + cost > quota:
            wait = NEVER if cost > quota else self._until(used + cost - quota) - now
        return Reading(quota, max(0.0, quota - used), reset, wait, used)

    def take(self, now: int, quota: float, cost: float = 1) -> Reading:
        if cost:
            self._taken.append((now + self._takes, cost))
        return self.read(now, quota, 0)

    def correct(self, now: int, amount: float) -> None:
        over = now + self._takes
        if self._taken and self._taken[-1][0] >= over:  # it is not over yet
            until, cost = self._taken.pop()
            if cost + amount > 0:
                self._taken.append((until, cost + amount))

    def extend(self, now: int, cost: float, length: int, *, already: int = 0) -> None:
        """Have the call that was charged *cost* at *now* be in flight so much longer.

        It is in flight longer *already* by so much.
        """
        call = (now + self._takes + already, cost)
        if self._taken and self._taken[-1] == call:
            self._taken.pop()
        if cost:
            self._taken.append((call[0] + length, cost))

    def drain(self, now: int, quota: float) -> None:
        lack = quota - self.spent(now)
        if lack > 0:
            self.take(now, quota, lack)

    def spent(self, now: int) -> float:
        if any(until <= now for until, _ in self._taken):
            self._taken = deque(call for call in self._taken if call[0] > now)
        return sum(cost for _, cost in self._taken)

    def whole_at(self, now: int) -> int | None:
        self.spent(now)
        return min((until for until, _ in self._taken), default=None)

    def _until(self, lack: float) -> int:
        """When calls that cost so much together are over."""
        for until, cost in sorted(self._taken):
            lack -= cost
            if lack <= 0:
                return until
        return NEVER


_KINDS: Mapping[str, type[_Window | SlidingWindow | TokenBucket | InFlight]] = {
    kind.__name__: kind
    for kind in (FixedWindow, CalendarWindow, SlidingWindow, TokenBucket, InFlight)
}


def dump(meter: Meter) -> Json:
    """The whole of *meter* as JSON holds it."""
    kept: dict[str, Json] = {"kind": type(meter).__name__}
    for name in _slots(type(meter)):
        value = getattr(meter, name)
        if isinstance(value, deque):
            value = [list(item) for item in value]
        kept[name[1:]] = value
    return kept


def load(kept: Json) -> Meter:
    """The meter that `dump` wrote down. Raises `LookupError` or `ValueError`."""
    kind = _KINDS[kept["kind"]]
    made: Meter = kind.__new__(kind)
    for name in _slots(kind):
        value = kept[name[1:]]
        if name == "_taken":
            value = deque((at, cost) for at, cost in value)
        elif name == "_zone":
            known_zone(value)
        setattr(made, name, value)
    return made


def _slots(kind: type) -> Iterator[str]:
    for base in kind.__mro__:
        yield from getattr(base, "__slots__", ())


def fork(meter: Meter) -> Meter:
    """A meter that stands where *meter* does, and goes its own way from there."""
    return load(dump(meter))
