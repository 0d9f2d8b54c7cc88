"""Tally: what a world counts: meters of rate limits, and failures for lockouts."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field

from emulator.world.meters import FixedWindow, Meter, SlidingWindow, TokenBucket

_KEPT = 100_000
"""Subjects that are counted at one time; the one counted longest ago goes first."""


@dataclass(eq=False, repr=False)
class Failures:
    """The failures of one subject, and the lock that they led to."""

    times: deque[float] = field(default_factory=deque)
    locked_until: float = 0.0
    locks: int = 0
    """How often it has been locked since it last got through."""


class Tally:
    """Counters by whatever a rule counts; bounded."""

    __slots__ = ("_everyone", "_failures", "_meters")

    def __init__(self) -> None:
        self._meters: dict[Hashable, Meter] = {}
        self._failures: dict[Hashable, Failures] = {}
        self._everyone: dict[Hashable, float] = {}

    def meter(
        self,
        key: Hashable,
        algorithm: str,
        window: float,
        aligned: bool = True,
        burst: float | None = None,
    ) -> Meter:
        """The meter of *key*, made when it is first asked for."""
        meter = self._meters.get(key)
        if meter is None:
            if len(self._meters) >= _KEPT:
                del self._meters[next(iter(self._meters))]
            meter = self._meters[key] = _meter(algorithm, window, aligned, burst)
        return meter

    def failures(self, key: Hashable) -> Failures | None:
        return self._failures.get(key)

    @property
    def has_failures(self) -> bool:
        return bool(self._failures)

    def count_failure(self, key: Hashable) -> Failures:
        """The failures of *key*, to add one to."""
        found = self._failures.get(key)
        if found is None:
            if len(self._failures) >= _KEPT:
                del self._failures[next(iter(self._failures))]
            found = self._failures[key] = Failures()
        return found

    def lock(self, key: Hashable, until: float) -> None:
        """Shut *key* out, as failures would have done."""
        failures = self.count_failure(key)
        failures.locked_until = until
        failures.locks += 1

    def lock_everyone(self, kind: tuple[Hashable, ...], until: float) -> None:
        """Shut out every key that is *kind* and one more part."""
        self._everyone[kind] = until

    def locked_until(self, key: tuple[Hashable, ...]) -> float:
        """When the lock of *key* ends; 0 where there never was one."""
        found = self._failures.get(key)
        until = 0.0 if found is None else found.locked_until
        if self._everyone:
            until = max(until, self._everyone.get(key[:-1], 0.0))
        return until

    def forget_failures(self, key: Hashable) -> None:
        self._failures.pop(key, None)


def _meter(algorithm: str, window: float, aligned: bool, burst: float | None) -> Meter:
    if algorithm == "sliding_window":
        return SlidingWindow(window)
    if algorithm == "token_bucket":
        return TokenBucket(window, burst)
    return FixedWindow(window, aligned)
